"""Ethernet: network cards, and their virtual functions (SR-IOV)."""

import typing

from linkhold.foundation.diagnostics import Diagnostics, Path
from linkhold.foundation.record import UNSET, Record, Unset
from linkhold.state.fields import Default, Flaps, KernelDetail, KeyedBy, Range, ReadOnly, Unverified
from linkhold.state.interfaces.common import Interface
from linkhold.state.spellings import MAC


class VirtualFunction(Record):
    """What a card allows one of its virtual functions (IFLA_VFINFO_LIST). Rates are in Mb/s, 0 is no limit."""

    id: typing.Annotated[int, Range(0, 65535)]
    iface_name: typing.Annotated[str | Unset, ReadOnly()] = UNSET
    mac_address: typing.Annotated[str | Unset, MAC, Default("00:00:00:00:00:00")] = UNSET
    spoof_check: typing.Annotated[bool | Unset, Default(True)] = UNSET
    trust: typing.Annotated[bool | Unset, Default(False)] = UNSET
    min_tx_rate: typing.Annotated[int | Unset, Default(0)] = UNSET
    max_tx_rate: typing.Annotated[int | Unset, Default(0)] = UNSET
    vlan_id: typing.Annotated[int | Unset, Range(0, 4095), Default(0)] = UNSET
    qos: typing.Annotated[int | Unset, Range(0, 7), Default(0)] = UNSET
    vlan_proto: typing.Annotated[typing.Literal["802.1q", "802.1ad"] | Unset, Default("802.1q")] = UNSET

    def check(self, at: Path, found: Diagnostics) -> None:
        """802.1ad needs a tag or a priority to put into it; the least rate is not above the greatest."""
        if self.vlan_proto == "802.1ad" and self.vlan_id in (UNSET, 0) and self.qos in (UNSET, 0):
            where = (*at, "vlan-proto")
            found.error("vf-vlan", where, "802.1ad without a tag", expected="vlan-id or qos other than 0")
        least, most = self.min_tx_rate, self.max_tx_rate
        if isinstance(least, int) and isinstance(most, int) and 0 < most < least:
            message = f"{least} is above max-tx-rate, {most}"
            found.error("vf-rate", (*at, "min-tx-rate"), message, expected="at most max-tx-rate")


class SrIov(Record):
    """Virtual functions of a card; those that `vfs` does not list keep their settings, an empty list takes all back."""

    drivers_autoprobe: typing.Annotated[bool | Unset, Default(True)] = UNSET
    total_vfs: typing.Annotated[
        int | Unset, Range(0, 65535), Default(0), Flaps("the card makes its virtual functions anew")
    ] = UNSET
    vfs: typing.Annotated[tuple[VirtualFunction, ...] | Unset, KeyedBy("id", grows=True), Default(())] = UNSET

    def check(self, at: Path, found: Diagnostics) -> None:
        """Each virtual function that is set up is among those that are there."""
        if not isinstance(self.vfs, tuple) or not isinstance(self.total_vfs, int):
            return
        for index, one in enumerate(self.vfs):
            if one.id >= self.total_vfs:
                message = f"{one.id} is not below total-vfs, {self.total_vfs}"
                found.error("vf-id", (*at, "vfs", index, "id"), message, hint="raise total-vfs, or leave the entry out")


_NEGOTIATED = Flaps("the link is negotiated anew")
_FOUND = Unverified(
    "both sides agree on it while auto-negotiation is on", lambda config: config.get("auto_negotiation") is not False
)


class EthernetConfig(Record):
    """The link settings of a card. `speed` is in Mb/s."""

    auto_negotiation: typing.Annotated[bool | Unset, _NEGOTIATED, KernelDetail("ethtool")] = UNSET
    speed: typing.Annotated[int | Unset, _NEGOTIATED, _FOUND, KernelDetail("ethtool")] = UNSET
    duplex: typing.Annotated[typing.Literal["full", "half"] | Unset, _NEGOTIATED, _FOUND, KernelDetail("ethtool")] = (
        UNSET
    )
    sr_iov: typing.Annotated[SrIov | Unset, KernelDetail("sr-iov")] = UNSET


class Ethernet(Interface):
    """A network card, or whatever the kernel presents as one."""

    kind: typing.ClassVar[str] = "ethernet"
    virtual: typing.ClassVar[bool] = False

    ethernet: EthernetConfig | Unset = UNSET
