"""``.link`` files: what udev sets before networkd sees the interface (systemd.link(5))."""

import typing

from linkhold.foundation.record import UNSET
from linkhold.generating.networkd import tables
from linkhold.generating.networkd.ini import Lines, Unit, text
from linkhold.generating.networkd.network import found_by
from linkhold.generating.networkd.tables import Key
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.ethernet import EthernetConfig, SrIov
from linkhold.state.interfaces.ethtool import Ethtool

USUAL_NAMES: typing.Final = "keep kernel database onboard slot path"
"""NamePolicy of 99-default.link, which such a file takes the place of."""

_CONFIG: typing.Final = (
    Key("auto_negotiation", "AutoNegotiation"),
    Key("speed", "BitsPerSecond", lambda value: f"{value}M"),
    Key("duplex", "Duplex"),
)
_PAUSE: typing.Final = (
    Key("rx", "RxFlowControl"),
    Key("tx", "TxFlowControl"),
    Key("autoneg", "AutoNegotiationFlowControl"),
)
_RING: typing.Final = (
    Key("rx", "RxBufferSize"),
    Key("rx_mini", "RxMiniBufferSize"),
    Key("rx_jumbo", "RxJumboBufferSize"),
    Key("tx", "TxBufferSize"),
)


def _microseconds(value: int) -> str:
    return f"{value}us"


_COALESCE: typing.Final = (
    Key("adaptive_rx", "UseAdaptiveRxCoalesce"),
    Key("adaptive_tx", "UseAdaptiveTxCoalesce"),
    Key("pkt_rate_high", "CoalescePacketRateHigh"),
    Key("pkt_rate_low", "CoalescePacketRateLow"),
    Key("rx_frames", "RxMaxCoalescedFrames"),
    Key("rx_frames_high", "RxMaxCoalescedHighFrames"),
    Key("rx_frames_irq", "RxMaxCoalescedIrqFrames"),
    Key("rx_frames_low", "RxMaxCoalescedLowFrames"),
    Key("rx_usecs", "RxCoalesceSec", _microseconds),
    Key("rx_usecs_high", "RxCoalesceHighSec", _microseconds),
    Key("rx_usecs_irq", "RxCoalesceIrqSec", _microseconds),
    Key("rx_usecs_low", "RxCoalesceLowSec", _microseconds),
    Key("sample_interval", "CoalescePacketRateSampleIntervalSec", lambda value: f"{value}s"),
    Key("stats_block_usecs", "StatisticsBlockCoalesceSec", _microseconds),
    Key("tx_frames", "TxMaxCoalescedFrames"),
    Key("tx_frames_high", "TxMaxCoalescedHighFrames"),
    Key("tx_frames_irq", "TxMaxCoalescedIrqFrames"),
    Key("tx_frames_low", "TxMaxCoalescedLowFrames"),
    Key("tx_usecs", "TxCoalesceSec", _microseconds),
    Key("tx_usecs_high", "TxCoalesceHighSec", _microseconds),
    Key("tx_usecs_irq", "TxCoalesceIrqSec", _microseconds),
    Key("tx_usecs_low", "TxCoalesceLowSec", _microseconds),
)
FEATURES: typing.Final[dict[str, str]] = {
    "rx-checksum": "ReceiveChecksumOffload",
    "rx-gro": "GenericReceiveOffload",
    "rx-gro-hw": "GenericReceiveOffloadHardware",
    "rx-lro": "LargeReceiveOffload",
    "rx-ntuple-filter": "NTupleFilter",
    "rx-vlan-filter": "ReceiveVLANCTAGFilter",
    "rx-vlan-hw-parse": "ReceiveVLANCTAGHardwareAcceleration",
    "tx-checksum-ip-generic": "TransmitChecksumOffload",
    "tx-generic-segmentation": "GenericSegmentationOffload",
    "tx-tcp-segmentation": "TCPSegmentationOffload",
    "tx-tcp6-segmentation": "TCP6SegmentationOffload",
    "tx-vlan-hw-insert": "TransmitVLANCTAGHardwareAcceleration",
    "tx-vlan-stag-hw-insert": "TransmitVLANSTAGHardwareAcceleration",
}
"""The kernel's features to the keys that set exactly them."""


def link(interface: Interface) -> str:
    """The file's text; '' where udev has nothing to do."""
    unit = Unit()
    _match(interface, unit)
    lines = unit.begin("Link")
    if not interface.virtual:
        lines.append(("NamePolicy", USUAL_NAMES))
    usual = len(lines)
    _ethernet(interface, lines)
    if isinstance(interface.ethtool, Ethtool):
        features = interface.ethtool.feature if isinstance(interface.ethtool.feature, dict) else {}
        lines += [(FEATURES[name], text(on)) for name, on in features.items() if name in FEATURES]
        for section, keys in (("pause", _PAUSE), ("ring", _RING), ("coalesce", _COALESCE)):
            tables.write(interface.ethtool.get(section), keys, lines)
    for other in interface.alt_names if isinstance(interface.alt_names, tuple) else ():
        lines.append(("AlternativeName", other.name))
    return unit.render() if len(lines) > usual else ""


def _match(interface: Interface, unit: Unit) -> None:
    unit.begin("Match").append(found_by(interface, "OriginalName"))


def _ethernet(interface: Interface, lines: Lines) -> None:
    config = interface.get("ethernet")
    if not isinstance(config, EthernetConfig):
        return
    tables.write(config, _CONFIG, lines)
    if isinstance(config.sr_iov, SrIov) and config.sr_iov.total_vfs is not UNSET:
        lines.append(("SR-IOVVirtualFunctions", str(config.sr_iov.total_vfs)))
