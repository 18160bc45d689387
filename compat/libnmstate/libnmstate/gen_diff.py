"""What differs between two states."""

import typing

from libnmstate.causes import translated
from libnmstate.documents import plain


def generate_differences(new_state: dict[str, typing.Any], old_state: dict[str, typing.Any]) -> dict[str, typing.Any]:
    """The smallest document that makes a host like `new_state` from one like `old_state`.

    Raises:
        NmstateValueError: one of them can't be followed.
    """
    from linkhold.planning import differences
    from linkhold.state.document import read, to_plain

    new, old = plain(new_state), plain(old_state)
    with translated():
        return to_plain(differences.generate_differences(read(new), read(old)), secrets=True)
