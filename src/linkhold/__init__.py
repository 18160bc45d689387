"""Linkhold: a host's network as one document, applied as a transaction."""
