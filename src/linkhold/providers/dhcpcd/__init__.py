"""Dynamic addresses where no NetworkManager runs: DHCP and router advertisements by dhcpcd(8), one supervised process for each interface."""
