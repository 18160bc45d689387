"""A state as configuration files, with no daemon at hand."""

import typing

from libnmstate.causes import translated
from libnmstate.documents import plain


def generate_configurations(desired_state: dict[str, typing.Any]) -> dict[str, list[list[str]]]:
    """``{"NetworkManager": [[file name, content], …]}``: keyfiles that NetworkManager loads.

    Raises:
        NmstateValueError: the document can't be followed.
        NmstateError: a keyfile can't hold what it asks for.
    """
    from linkhold import library

    document = plain(desired_state)
    with translated():
        generated = library.generate_configurations(document)
        return {kind: [[name, text] for name, text in files] for kind, files in generated.items()}
