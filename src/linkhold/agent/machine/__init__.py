"""What a centre wants to know of a host beside its network, read without privilege: a little, and true."""
