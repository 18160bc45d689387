"""Open vSwitch as a service beside the kernel: its database (RFC 7047)."""
