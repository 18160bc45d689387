"""Files of systemd-networkd and udev: ``.netdev``, ``.network`` and ``.link`` (systemd.netdev(5) and its neighbours, 252)."""
