"""Dynamic addresses where no NetworkManager runs: DHCP and router advertisements by dhcpcd(8).

One supervised process for each family of an interface; it tells us what it hears, and we lay that on the interface.
"""
