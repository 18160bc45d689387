"""What ``ethtool`` sets: offload features, pause frames, interrupt coalescing, ring sizes, forward error correction.

Source: `include/uapi/linux/ethtool_netlink.h`.
"""

import typing

from linkhold.foundation.diagnostics import Diagnostics, Path
from linkhold.foundation.record import UNSET, Record, Unset
from linkhold.state.fields import Described, Flaps, ReadOnly
from linkhold.state.forms import Flag, MapOf, Plain

FEATURE_ALIASES: typing.Final[dict[str, str]] = {
    "rx": "rx-checksum",
    "rx-checksumming": "rx-checksum",
    "ufo": "tx-udp-fragmentation",
    "gso": "tx-generic-segmentation",
    "generic-segmentation-offload": "tx-generic-segmentation",
    "gro": "rx-gro",
    "generic-receive-offload": "rx-gro",
    "lro": "rx-lro",
    "large-receive-offload": "rx-lro",
    "rxvlan": "rx-vlan-hw-parse",
    "rx-vlan-offload": "rx-vlan-hw-parse",
    "txvlan": "tx-vlan-hw-insert",
    "tx-vlan-offload": "tx-vlan-hw-insert",
    "ntuple": "rx-ntuple-filter",
    "ntuple-filters": "rx-ntuple-filter",
    "rxhash": "rx-hashing",
    "receive-hashing": "rx-hashing",
}
"""The names that the ``ethtool`` command uses, to those of the kernel, which are printed."""


class Features(MapOf):
    """A map from the kernel's feature names (or their aliases) to on or off."""

    def read(self, raw: Plain, at: Path, found: Diagnostics) -> typing.Any:
        """As `MapOf`, with aliases replaced; two names of one feature may not contradict each other."""
        values = super().read(raw, at, found)
        if values is UNSET:
            return UNSET
        canonical: dict[str, bool] = {}
        for name, value in values.items():
            kernel = FEATURE_ALIASES.get(name, name)
            if canonical.setdefault(kernel, value) != value:
                found.error("contradiction", (*at, name), f"'{name}' contradicts another name of '{kernel}'")
        return dict(sorted(canonical.items()))


_NEGOTIATED = Flaps("the link is negotiated anew")
_RESTARTED = Flaps("most drivers restart their queues")


class Pause(Record):
    """Pause frames (IEEE 802.3x flow control)."""

    rx: bool | Unset = UNSET
    tx: bool | Unset = UNSET
    autoneg: typing.Annotated[bool | Unset, _NEGOTIATED] = UNSET


class Coalesce(Record):
    """When the hardware interrupts: after so many frames, or microseconds."""

    adaptive_rx: bool | Unset = UNSET
    adaptive_tx: bool | Unset = UNSET
    pkt_rate_high: int | Unset = UNSET
    pkt_rate_low: int | Unset = UNSET
    rx_frames: int | Unset = UNSET
    rx_frames_high: int | Unset = UNSET
    rx_frames_irq: int | Unset = UNSET
    rx_frames_low: int | Unset = UNSET
    rx_usecs: int | Unset = UNSET
    rx_usecs_high: int | Unset = UNSET
    rx_usecs_irq: int | Unset = UNSET
    rx_usecs_low: int | Unset = UNSET
    sample_interval: int | Unset = UNSET
    stats_block_usecs: int | Unset = UNSET
    tx_frames: int | Unset = UNSET
    tx_frames_high: int | Unset = UNSET
    tx_frames_irq: int | Unset = UNSET
    tx_frames_low: int | Unset = UNSET
    tx_usecs: int | Unset = UNSET
    tx_usecs_high: int | Unset = UNSET
    tx_usecs_irq: int | Unset = UNSET
    tx_usecs_low: int | Unset = UNSET


class Ring(Record):
    """Sizes of the queues of descriptors, in descriptors; ``…-max`` is what the hardware allows."""

    rx: typing.Annotated[int | Unset, _RESTARTED] = UNSET
    rx_max: typing.Annotated[int | Unset, ReadOnly()] = UNSET
    rx_jumbo: typing.Annotated[int | Unset, _RESTARTED] = UNSET
    rx_jumbo_max: typing.Annotated[int | Unset, ReadOnly()] = UNSET
    rx_mini: typing.Annotated[int | Unset, _RESTARTED] = UNSET
    rx_mini_max: typing.Annotated[int | Unset, ReadOnly()] = UNSET
    tx: typing.Annotated[int | Unset, _RESTARTED] = UNSET
    tx_max: typing.Annotated[int | Unset, ReadOnly()] = UNSET


class Fec(Record):
    """Forward error correction (ETHTOOL_MSG_FEC_SET, Linux 5.13)."""

    auto: typing.Annotated[bool | Unset, _NEGOTIATED] = UNSET
    mode: typing.Annotated[typing.Literal["off", "rs", "baser", "llrs"] | Unset, _NEGOTIATED] = UNSET


class Ethtool(Record):
    """Settings of the hardware or driver that ``ethtool`` shows."""

    pause: Pause | Unset = UNSET
    feature: typing.Annotated[
        dict[str, bool] | Unset,
        Features(Flag()),
        Described("Offload features by their kernel names, or the names of the ethtool command."),
    ] = UNSET
    coalesce: Coalesce | Unset = UNSET
    ring: Ring | Unset = UNSET
    fec: Fec | Unset = UNSET
