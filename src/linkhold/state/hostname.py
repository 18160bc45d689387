"""The name of the host."""

import typing

from linkhold.foundation.record import UNSET, Record, Unset
from linkhold.state.fields import Default, Length


class Hostname(Record):
    """`running` is what the kernel says now (sethostname(2), at most 63 bytes here); `config` is stored, '' removes it."""

    running: typing.Annotated[str | Unset, Length(0, 63)] = UNSET
    config: typing.Annotated[str | Unset, Length(0, 253), Default("")] = UNSET
