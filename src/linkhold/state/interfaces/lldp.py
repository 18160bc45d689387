"""LLDP (IEEE 802.1AB): what the neighbours on a link say of themselves."""

import typing

from linkhold.foundation.diagnostics import Diagnostics, Path
from linkhold.foundation.record import UNSET, Record, Unset
from linkhold.state.fields import Default, ReadOnly
from linkhold.state.forms import Form, Plain


class AsGiven(Form):
    """Plain data that is shown and never read back: taken and written as it is."""

    expected = "anything"

    def read(self, raw: Plain, at: Path, found: Diagnostics) -> typing.Any:
        """The data itself."""
        return raw


class Lldp(Record):
    """Whether we listen; then, for each neighbour, the list of what it announced (TLVs, as maps)."""

    enabled: typing.Annotated[bool | Unset, Default(False)] = UNSET
    neighbors: typing.Annotated[tuple[tuple[dict[str, typing.Any], ...], ...] | Unset, AsGiven(), ReadOnly()] = UNSET
