"""Open vSwitch as a provider, by its database (OVSDB, RFC 7047)."""
