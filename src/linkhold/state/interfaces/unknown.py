"""Interfaces of the kernel whose kind this version does not know."""

import typing

from linkhold.state.interfaces.common import Interface


class Unknown(Interface):
    """An interface of a kind that is not known here: its common properties are, and can be set."""

    kind: typing.ClassVar[str] = "unknown"
    virtual: typing.ClassVar[bool] = False
