"""``linkhold confirm``."""

import argparse


def arguments(parser: argparse.ArgumentParser) -> None:
    """No arguments of its own."""


def run(options: argparse.Namespace) -> int:
    """Keep the change that waits."""
    import linkhold

    print(f"Transaction {linkhold.confirm(state_dir=options.state_dir)} is kept and stored.")
    return 0
