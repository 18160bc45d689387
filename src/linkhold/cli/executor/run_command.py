"""``linkhold executor run``: the root service, as its unit starts it."""

import argparse
import typing

EXAMPLES: typing.Final = """\
  linkhold executor run     answer on /run/linkhold/executor.sock, or systemd's socket, until told to end"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """None of its own: what it needs, its unit says by the environment."""


def run(options: argparse.Namespace) -> int:
    """Answer requests until SIGTERM."""
    from linkhold.executor.service.daemon import main

    return main(options.state_dir)
