#!/usr/bin/env python3
"""Write the generated pages of docs/reference anew: `make docs`, or `docs/generate.py --check` to only compare.

Each page is a pure function of the code; tests/docs asserts that what is committed is what the code gives.
"""

import pathlib
import sys
import typing

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(REPOSITORY / "src")]

from generator import agent, commands, document, examples, library, manual, policies, transaction  # noqa: E402 - the path is set above

PAGES: typing.Final[dict[str, typing.Callable[[], str]]] = {
    "document.md": document.page,
    "command-line.md": commands.page,
    "examples.md": examples.page,
    "library.md": library.page,
    "policies.md": policies.page,
    "transaction.md": transaction.page,
    "agent.md": agent.page,
    "agent.openrpc.json": agent.description,
    "linkhold.8": manual.page,
    "document.schema.json": document.json_schema,
}
"""File in docs/reference → what writes it."""

REFERENCE = REPOSITORY / "docs/reference"


def stale() -> list[str]:
    """The pages that are not what the code gives."""
    return [name for name, text in _texts() if not _holds(REFERENCE / name, text)]


def _texts() -> typing.Iterator[tuple[str, str]]:
    for name, write in PAGES.items():
        yield name, write().rstrip("\n") + "\n"


def _holds(path: pathlib.Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


def main(words: list[str]) -> int:
    """Write, or check; 1 when a page is stale."""
    if words == ["--check"]:
        names = stale()
        for name in names:
            print(f"docs/reference/{name} is not what the code gives: run `make docs`", file=sys.stderr)
        return min(len(names), 1)
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for name, text in _texts():
        if not _holds(REFERENCE / name, text):
            (REFERENCE / name).write_text(text, encoding="utf-8")
            print(f"docs/reference/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
