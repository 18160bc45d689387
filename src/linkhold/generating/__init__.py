"""Configuration files for other network managers, from a document alone: no host is looked at, nothing is written."""
