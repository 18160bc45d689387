"""One file that is generated."""

import typing

OWNER_ONLY: typing.Final = 0o600
"""NetworkManager ignores profiles that others can read."""
EVERYBODY: typing.Final = 0o644
"""systemd-networkd reads its files as a user of its own."""


class File(typing.NamedTuple):
    """Its name without a folder, its text, and who may read it: its mode, and the group where that matters."""

    name: str
    text: str
    mode: int = OWNER_ONLY
    group: str = ""
