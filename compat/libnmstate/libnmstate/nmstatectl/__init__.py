"""The command ``nmstatectl``."""
