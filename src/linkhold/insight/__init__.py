"""What can be told about a document or a host beyond what it says: what it makes use of, what a switch offers. Pure values."""
