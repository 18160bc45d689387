"""One file that is generated."""

import typing


class File(typing.NamedTuple):
    """Its name without a folder, and its text."""

    name: str
    text: str
