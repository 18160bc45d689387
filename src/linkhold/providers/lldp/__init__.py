"""LLDP (IEEE 802.1AB) without a daemon of somebody else: a small listener, and what it heard as a part of the state."""
