"""The Linux kernel, spoken to by netlink."""
