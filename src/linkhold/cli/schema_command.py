"""``linkhold schema``: what an editor needs to complete and check a document."""

import argparse
import json
import typing

EXAMPLES: typing.Final = """\
  linkhold schema > linkhold.schema.json
  # yaml-language-server: $schema=linkhold.schema.json      first line of a document, for editors"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """No arguments of its own."""


def run(options: argparse.Namespace) -> int:
    """Print the JSON Schema (draft 2020-12)."""
    from linkhold.state.schema import schema

    print(json.dumps(schema(), indent=2, ensure_ascii=False))
    return 0
