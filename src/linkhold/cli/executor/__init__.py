"""The command that is the root service."""
