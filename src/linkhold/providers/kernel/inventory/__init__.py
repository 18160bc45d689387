"""What a host has, told for reports: runtime and options of bonds and bridges in sysfs' words, cards, speeds.

By netlink wherever it says the same as sysfs: one dump for a thousand bridges instead of forty files for each, and right
in every network namespace (``/sys/class/net`` shows that of whoever mounted it).
"""
