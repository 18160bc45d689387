"""``linkhold rollback``."""

import argparse


def arguments(parser: argparse.ArgumentParser) -> None:
    """No arguments of its own."""


def run(options: argparse.Namespace) -> int:
    """Take back the change that waits."""
    import linkhold

    name = linkhold.rollback(state_dir=options.state_dir)
    print(f"Transaction {name} is taken back: the host is as it was before.")
    return 0
