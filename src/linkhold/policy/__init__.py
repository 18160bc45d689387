"""Policies: captures of what a host has, and a document with templates that says what it should have then."""
