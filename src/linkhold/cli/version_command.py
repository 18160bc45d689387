"""``linkhold version``."""

import argparse

import linkhold


def arguments(parser: argparse.ArgumentParser) -> None:
    """No arguments of its own."""


def run(options: argparse.Namespace) -> int:
    """Print it."""
    print(f"linkhold {linkhold.__version__}")
    return 0
