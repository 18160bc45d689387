"""Commands about the networks of a fleet that this host was given, one file for each."""
