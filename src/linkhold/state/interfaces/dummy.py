"""Dummies: interfaces that swallow what is sent to them."""

import typing

from linkhold.state.interfaces.common import Interface


class Dummy(Interface):
    """An interface without a wire, for addresses that are to be there always."""

    kind: typing.ClassVar[str] = "dummy"
