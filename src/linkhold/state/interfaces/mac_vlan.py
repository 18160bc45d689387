"""MACVLAN: more MAC addresses on one card (IFLA_MACVLAN_* of `include/uapi/linux/if_link.h`)."""

import typing

from linkhold.foundation.diagnostics import Diagnostics, Path
from linkhold.foundation.record import UNSET, Record, Unset
from linkhold.state.fields import CreateOnly, Default, Names, Spelled
from linkhold.state.interfaces.common import Interface


def _passthru(before: object, after: object) -> bool:
    return (before == "passthru") is not (after == "passthru")


class MacVlanConfig(Record):
    """On which parent, and how the siblings on it see each other.

    The kernel changes the mode in place, except from and to passthru (`drivers/net/macvlan.c`).
    """

    parent: typing.Annotated[str | Unset, Spelled("base-iface"), Names("parent"), CreateOnly()] = UNSET
    mode: typing.Annotated[
        typing.Literal["vepa", "bridge", "private", "passthru", "source", "unknown"] | Unset, CreateOnly(_passthru)
    ] = UNSET
    promiscuous: typing.Annotated[bool | Unset, Spelled("promiscuous", "accept-all-mac"), Default(True)] = UNSET

    def check(self, at: Path, found: Diagnostics) -> None:
        """Only passthru leaves the parent's filter alone."""
        if self.promiscuous is False and self.mode not in (UNSET, "passthru"):
            message = f"'promiscuous: false' works in mode passthru only, not in {self.mode}"
            hint = "or say mode: passthru"
            found.error("macvlan-promiscuous", (*at, "promiscuous"), message, expected="true", hint=hint)


class MacVlan(Interface):
    """An interface with a MAC of its own on another interface."""

    kind: typing.ClassVar[str] = "mac-vlan"

    mac_vlan: MacVlanConfig | Unset = UNSET
