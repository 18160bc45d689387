"""Interfaces in user space whose kind this version does not know."""

import typing

from linkhold.state.interfaces.common import Interface


class Other(Interface):
    """An interface that exists for another program only."""

    kind: typing.ClassVar[str] = "other"
    userspace: typing.ClassVar[bool] = True
