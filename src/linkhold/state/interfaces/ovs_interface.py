"""Interfaces of Open vSwitch: internal ones, patches between bridges, DPDK ports."""

import typing

from linkhold.foundation.diagnostics import Diagnostics, Path
from linkhold.foundation.record import UNSET, Record, Unset
from linkhold.state.fields import CreateOnly, Default, Described, Names, Range, Spelled, Strict
from linkhold.state.interfaces.common import Interface


class Patch(Record):
    """The other end of a patch between two bridges."""

    peer: typing.Annotated[str, Names("peer")]


class Dpdk(Record):
    """A card driven by DPDK. Descriptor counts are powers of two up to 4096; 0 takes the setting away."""

    devargs: str | Unset = UNSET
    rx_queue: typing.Annotated[int | Unset, Strict()] = UNSET
    n_rxq_desc: typing.Annotated[int | Unset, Spelled("n_rxq_desc"), Strict(), Range(0, 4096), Default(0)] = UNSET
    n_txq_desc: typing.Annotated[int | Unset, Spelled("n_txq_desc"), Strict(), Range(0, 4096), Default(0)] = UNSET

    def check(self, at: Path, found: Diagnostics) -> None:
        """Descriptor counts are powers of two."""
        for key, count in (("n_rxq_desc", self.n_rxq_desc), ("n_txq_desc", self.n_txq_desc)):
            if isinstance(count, int) and count & (count - 1):
                expected = "a power of two up to 4096, or 0"
                found.error("dpdk-descriptors", (*at, key), f"{count} is not a power of two", expected=expected)


class OvsInterface(Interface):
    """An interface that lives in an OVS bridge."""

    kind: typing.ClassVar[str] = "ovs-interface"
    can_copy_mac: typing.ClassVar[bool] = True

    controller: typing.Annotated[
        str | Unset,
        Names("controller"),
        Default(""),
        CreateOnly(),
        Described("The bridge it lives in; moving it to another one makes it anew, and '' removes it."),
    ] = UNSET
    patch: Patch | Unset = UNSET
    dpdk: Dpdk | Unset = UNSET

    def check(self, at: Path, found: Diagnostics) -> None:
        """A patch carries frames only: no MTU, no addresses."""
        super().check(at, found)
        if self.patch is UNSET:
            return
        if self.mtu is not UNSET:
            found.error("ovs-patch", (*at, "mtu"), "a patch has no MTU", hint="leave it out")
        for key, section in (("ipv4", self.ipv4), ("ipv6", self.ipv6)):
            if not isinstance(section, Unset) and section.enabled is True:
                found.error("ovs-patch", (*at, key), "a patch has no addresses", hint="leave it out")
