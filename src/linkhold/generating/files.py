"""What is generated: files with their contents, and what there is to say about them."""

import typing

from linkhold.foundation.diagnostics import Diagnostic, Diagnostics
from linkhold.foundation.record import Record
from linkhold.generating.file import File
from linkhold.state.network import NetworkState

Format = typing.Literal["networkmanager", "networkd"]
FORMATS: typing.Final[tuple[Format, ...]] = ("networkmanager", "networkd")


class Generated(Record):
    """The files of a document, sorted by name; `section` is what this format is called in a map of files."""

    section: str
    files: tuple[File, ...]
    diagnostics: tuple[Diagnostic, ...] = ()

    def plain(self) -> dict[str, list[tuple[str, str]]]:
        """``{section: [(name, text), …]}``."""
        return {self.section: [(file.name, file.text) for file in self.files]}


def generate(document: NetworkState, kind: Format = "networkmanager") -> Generated:
    """The files that make a host without anything as a document says.

    Raises:
        Invalid: the document can't be followed, or says what such files can't hold.
    """
    found = Diagnostics()
    if kind == "networkd":
        from linkhold.generating.networkd.files import files as networkd_files

        made, section = networkd_files(document, found), "networkd"
    else:
        from linkhold.generating.networkmanager import files as profile_files

        made, section = profile_files(document, found), "NetworkManager"
    return Generated(section=section, files=tuple(sorted(made)), diagnostics=tuple(found.in_order()))


__all__ = ["FORMATS", "File", "Format", "Generated", "generate"]
