"""Ethernet: network cards, and their virtual functions (SR-IOV)."""

import typing

from linkhold.foundation.diagnostics import Diagnostics, Path
from linkhold.foundation.record import UNSET, Record, Unset
from linkhold.state.fields import Default, Flaps, KernelDetail, KeyedBy, Range, ReadOnly
from linkhold.state.interfaces.common import Interface
from linkhold.state.spellings import MAC


class VirtualFunction(Record):
    """What a card allows one of its virtual functions (IFLA_VFINFO_LIST). Rates are in Mb/s, 0 is no limit."""

    id: typing.Annotated[int, Range(0, 65535)]
    iface_name: typing.Annotated[str | Unset, ReadOnly()] = UNSET
    mac_address: typing.Annotated[str | Unset, MAC] = UNSET
    spoof_check: bool | Unset = UNSET
    trust: bool | Unset = UNSET
    min_tx_rate: typing.Annotated[int | Unset, Default(0)] = UNSET
    max_tx_rate: typing.Annotated[int | Unset, Default(0)] = UNSET
    vlan_id: typing.Annotated[int | Unset, Range(0, 4095), Default(0)] = UNSET
    qos: typing.Annotated[int | Unset, Range(0, 7), Default(0)] = UNSET
    vlan_proto: typing.Annotated[typing.Literal["802.1q", "802.1ad"] | Unset, Default("802.1q")] = UNSET

    def check(self, at: Path, found: Diagnostics) -> None:
        """802.1ad needs a tag or a priority to put into it; the least rate is not above the greatest."""
        if self.vlan_proto == "802.1ad" and self.vlan_id in (UNSET, 0) and self.qos in (UNSET, 0):
            where = (*at, "vlan-proto")
            found.error("vf-vlan", where, "802.1ad without a tag", expected="vlan-id or qos other than 0", hint="add vlan-id")
        if isinstance(self.min_tx_rate, int) and isinstance(self.max_tx_rate, int) and 0 < self.max_tx_rate < self.min_tx_rate:
            where = (*at, "min-tx-rate")
            found.error("vf-rate", where, f"{self.min_tx_rate} is above max-tx-rate {self.max_tx_rate}", expected="at most max-tx-rate")


class SrIov(Record):
    """Virtual functions of a card; those that `vfs` does not list keep their settings, an empty list takes all back."""

    drivers_autoprobe: typing.Annotated[bool | Unset, Default(True)] = UNSET
    total_vfs: typing.Annotated[int | Unset, Range(0, 65535), Default(0)] = UNSET
    vfs: typing.Annotated[tuple[VirtualFunction, ...] | Unset, KeyedBy("id", grows=True)] = UNSET

    def check(self, at: Path, found: Diagnostics) -> None:
        """Each virtual function that is set up is among those that are there."""
        for one in self.vfs if isinstance(self.vfs, tuple) and isinstance(self.total_vfs, int) else ():
            if one.id >= self.total_vfs:  # type: ignore[operator]
                where = (*at, "vfs", one.id, "id")
                found.error("vf-id", where, f"{one.id} is not below total-vfs", expected=f"0 to {self.total_vfs} - 1")


class EthernetConfig(Record):
    """The link settings of a card. `speed` is in Mb/s."""

    auto_negotiation: typing.Annotated[bool | Unset, Flaps("the link is negotiated anew"), KernelDetail("ethtool")] = UNSET
    speed: typing.Annotated[int | Unset, Flaps("the link is negotiated anew"), KernelDetail("ethtool")] = UNSET
    duplex: typing.Annotated[
        typing.Literal["full", "half"] | Unset, Flaps("the link is negotiated anew"), KernelDetail("ethtool")
    ] = UNSET
    sr_iov: typing.Annotated[SrIov | Unset, KernelDetail("sr-iov")] = UNSET


class Ethernet(Interface):
    """A network card, or whatever the kernel presents as one."""

    kind: typing.ClassVar[str] = "ethernet"
    virtual: typing.ClassVar[bool] = False

    ethernet: EthernetConfig | Unset = UNSET
