"""LLDP (IEEE 802.1AB): what the neighbours on a link say of themselves."""

import typing

from linkhold.foundation.diagnostics import Diagnostics, Path
from linkhold.foundation.record import UNSET, Record, Unset
from linkhold.state.fields import Default, ReadOnly
from linkhold.state.forms import Form, Plain


class Told(Form):
    """For each neighbour a list of maps, each with its ``type``: taken and written as it is."""

    expected = "a list of lists of maps"

    def read(self, raw: Plain, at: Path, found: Diagnostics) -> typing.Any:
        """A tuple of tuples of maps."""
        lists = raw if isinstance(raw, list | tuple) else None
        if lists is None or not all(isinstance(one, list | tuple) for one in lists):
            return self.wrong(raw, at, found)
        if not all(isinstance(told, dict) for one in lists for told in one):
            return self.wrong(raw, at, found)
        return tuple(tuple(one) for one in lists)

    def write(self, value: typing.Any, secrets: bool) -> Plain:
        """Lists."""
        return [list(one) for one in value]


class Lldp(Record):
    """Whether we listen; then, for each neighbour, the list of what it announced (TLVs, as maps)."""

    enabled: typing.Annotated[bool | Unset, Default(False)] = UNSET
    neighbors: typing.Annotated[tuple[tuple[dict[str, typing.Any], ...], ...] | Unset, Told(), ReadOnly()] = UNSET
