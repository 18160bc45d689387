"""Settings of network devices: family `ethtool` of `include/uapi/linux/ethtool_netlink.h`.

Groups of plain numbers (rings, coalescing, pause, …) are dictionaries by ETHTOOL_A_*; what the driver does not report
is not in them. A reader returns None for a device whose driver does not know the group at all (EOPNOTSUPP).
"""

from __future__ import annotations

import errno

from linkhold.providers.kernel.netlink.bitset import decode_bitset, encode_bitset
from linkhold.providers.kernel.netlink.generic import Generic, build
from linkhold.providers.kernel.netlink.message import (
    attributes,
    nested,
    to_number,
    to_u8,
    to_u32,
    u8,
    u32,
)
from linkhold.providers.kernel.netlink.socket import Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from linkhold.providers.kernel.netlink.message import Request

ETHTOOL_GENL_NAME = "ethtool"

ETHTOOL_MSG_LINKINFO_GET = 2
ETHTOOL_MSG_LINKMODES_GET = 4
ETHTOOL_MSG_LINKMODES_SET = 5
ETHTOOL_MSG_LINKSTATE_GET = 6
ETHTOOL_MSG_FEATURES_GET = 11
ETHTOOL_MSG_FEATURES_SET = 12
ETHTOOL_MSG_RINGS_GET = 15
ETHTOOL_MSG_RINGS_SET = 16
ETHTOOL_MSG_CHANNELS_GET = 17
ETHTOOL_MSG_CHANNELS_SET = 18
ETHTOOL_MSG_COALESCE_GET = 19
ETHTOOL_MSG_COALESCE_SET = 20
ETHTOOL_MSG_PAUSE_GET = 21
ETHTOOL_MSG_PAUSE_SET = 22
ETHTOOL_MSG_FEC_GET = 29
ETHTOOL_MSG_FEC_SET = 30

ETHTOOL_A_HEADER_DEV_INDEX = 1
ETHTOOL_A_HEADER_DEV_NAME = 2
ETHTOOL_A_HEADER_FLAGS = 3
_HEADER = 1  # the header is attribute 1 of every message

ETHTOOL_A_LINKINFO_PORT = 2
ETHTOOL_A_LINKINFO_PHYADDR = 3
ETHTOOL_A_LINKINFO_TP_MDIX = 4
ETHTOOL_A_LINKINFO_TP_MDIX_CTRL = 5
ETHTOOL_A_LINKINFO_TRANSCEIVER = 6

ETHTOOL_A_LINKMODES_AUTONEG = 2
ETHTOOL_A_LINKMODES_OURS = 3
ETHTOOL_A_LINKMODES_PEER = 4
ETHTOOL_A_LINKMODES_SPEED = 5
ETHTOOL_A_LINKMODES_DUPLEX = 6
ETHTOOL_A_LINKMODES_LANES = 9

ETHTOOL_A_LINKSTATE_LINK = 2
ETHTOOL_A_LINKSTATE_SQI = 3
ETHTOOL_A_LINKSTATE_SQI_MAX = 4
ETHTOOL_A_LINKSTATE_EXT_STATE = 5
ETHTOOL_A_LINKSTATE_EXT_SUBSTATE = 6

ETHTOOL_A_FEATURES_HW = 2
ETHTOOL_A_FEATURES_WANTED = 3
ETHTOOL_A_FEATURES_ACTIVE = 4
ETHTOOL_A_FEATURES_NOCHANGE = 5

ETHTOOL_A_RINGS_RX_MAX = 2
ETHTOOL_A_RINGS_RX_MINI_MAX = 3
ETHTOOL_A_RINGS_RX_JUMBO_MAX = 4
ETHTOOL_A_RINGS_TX_MAX = 5
ETHTOOL_A_RINGS_RX = 6
ETHTOOL_A_RINGS_RX_MINI = 7
ETHTOOL_A_RINGS_RX_JUMBO = 8
ETHTOOL_A_RINGS_TX = 9

ETHTOOL_A_CHANNELS_RX_MAX = 2
ETHTOOL_A_CHANNELS_TX_MAX = 3
ETHTOOL_A_CHANNELS_OTHER_MAX = 4
ETHTOOL_A_CHANNELS_COMBINED_MAX = 5
ETHTOOL_A_CHANNELS_RX_COUNT = 6
ETHTOOL_A_CHANNELS_TX_COUNT = 7
ETHTOOL_A_CHANNELS_OTHER_COUNT = 8
ETHTOOL_A_CHANNELS_COMBINED_COUNT = 9

ETHTOOL_A_COALESCE_RX_USECS = 2
ETHTOOL_A_COALESCE_RX_MAX_FRAMES = 3
ETHTOOL_A_COALESCE_RX_USECS_IRQ = 4
ETHTOOL_A_COALESCE_RX_MAX_FRAMES_IRQ = 5
ETHTOOL_A_COALESCE_TX_USECS = 6
ETHTOOL_A_COALESCE_TX_MAX_FRAMES = 7
ETHTOOL_A_COALESCE_TX_USECS_IRQ = 8
ETHTOOL_A_COALESCE_TX_MAX_FRAMES_IRQ = 9
ETHTOOL_A_COALESCE_STATS_BLOCK_USECS = 10
ETHTOOL_A_COALESCE_USE_ADAPTIVE_RX = 11
ETHTOOL_A_COALESCE_USE_ADAPTIVE_TX = 12
ETHTOOL_A_COALESCE_PKT_RATE_LOW = 13
ETHTOOL_A_COALESCE_RX_USECS_LOW = 14
ETHTOOL_A_COALESCE_RX_MAX_FRAMES_LOW = 15
ETHTOOL_A_COALESCE_TX_USECS_LOW = 16
ETHTOOL_A_COALESCE_TX_MAX_FRAMES_LOW = 17
ETHTOOL_A_COALESCE_PKT_RATE_HIGH = 18
ETHTOOL_A_COALESCE_RX_USECS_HIGH = 19
ETHTOOL_A_COALESCE_RX_MAX_FRAMES_HIGH = 20
ETHTOOL_A_COALESCE_TX_USECS_HIGH = 21
ETHTOOL_A_COALESCE_TX_MAX_FRAMES_HIGH = 22
ETHTOOL_A_COALESCE_RATE_SAMPLE_INTERVAL = 23

ETHTOOL_A_PAUSE_AUTONEG = 2
ETHTOOL_A_PAUSE_RX = 3
ETHTOOL_A_PAUSE_TX = 4

ETHTOOL_A_FEC_MODES = 2
ETHTOOL_A_FEC_AUTO = 3
ETHTOOL_A_FEC_ACTIVE = 4

DUPLEX_HALF = 0
DUPLEX_FULL = 1
DUPLEX_UNKNOWN = 0xFF
SPEED_UNKNOWN = 0xFFFFFFFF

_OCTETS = {  # by SET message: those of its numbers that have 8 bits, the others have 32
    ETHTOOL_MSG_COALESCE_SET: {ETHTOOL_A_COALESCE_USE_ADAPTIVE_RX, ETHTOOL_A_COALESCE_USE_ADAPTIVE_TX},
    ETHTOOL_MSG_PAUSE_SET: {ETHTOOL_A_PAUSE_AUTONEG, ETHTOOL_A_PAUSE_RX, ETHTOOL_A_PAUSE_TX},
}


class LinkModes:
    """Speed in Mbit/s and duplex as they are now, None when unknown; mode names as the kernel spells them."""

    __slots__ = ("advertised", "autonegotiation", "duplex", "lanes", "peer", "speed", "supported")

    def __init__(self, found: Mapping[int, bytes]) -> None:
        self.autonegotiation = bool(to_u8(found.get(ETHTOOL_A_LINKMODES_AUTONEG, b"\0")))
        speed = to_u32(found.get(ETHTOOL_A_LINKMODES_SPEED, b"\xff\xff\xff\xff"))
        self.speed = None if speed in (0, SPEED_UNKNOWN) else speed
        duplex = to_u8(found.get(ETHTOOL_A_LINKMODES_DUPLEX, b"\xff"))
        self.duplex = None if duplex == DUPLEX_UNKNOWN else duplex
        lanes = found.get(ETHTOOL_A_LINKMODES_LANES)
        self.lanes = None if lanes is None else to_u32(lanes)
        ours = decode_bitset(found.get(ETHTOOL_A_LINKMODES_OURS, b""))
        self.supported = frozenset(ours)
        self.advertised = frozenset(name for name, on in ours.items() if on)
        self.peer = frozenset(
            name for name, on in decode_bitset(found.get(ETHTOOL_A_LINKMODES_PEER, b"")).items() if on
        )


class Features:
    """Offloads by name: `known` to the device, of which `hardware` can be changed unless in `fixed`."""

    __slots__ = ("active", "fixed", "hardware", "known", "wanted")

    def __init__(self, found: Mapping[int, bytes]) -> None:
        hardware = decode_bitset(found.get(ETHTOOL_A_FEATURES_HW, b""))
        self.known = frozenset(hardware)
        self.hardware = frozenset(name for name, on in hardware.items() if on)
        self.wanted = frozenset(decode_bitset(found.get(ETHTOOL_A_FEATURES_WANTED, b"")))
        self.active = frozenset(decode_bitset(found.get(ETHTOOL_A_FEATURES_ACTIVE, b"")))
        self.fixed = frozenset(decode_bitset(found.get(ETHTOOL_A_FEATURES_NOCHANGE, b"")))

    @property
    def changeable(self) -> frozenset[str]:
        return self.hardware - self.fixed


class ForwardErrorCorrection:
    """Whether the driver chooses by itself, and the names of the modes configured."""

    __slots__ = ("automatic", "modes")

    def __init__(self, found: Mapping[int, bytes]) -> None:
        self.automatic = bool(to_u8(found.get(ETHTOOL_A_FEC_AUTO, b"\0")))
        self.modes = frozenset(name for name, on in decode_bitset(found.get(ETHTOOL_A_FEC_MODES, b"")).items() if on)


class Ethtool:
    """Device settings by link index. Raises Unsupported when the kernel has no `ethtool` family; then Refusal."""

    def __init__(self, generic: Generic) -> None:
        self._generic = generic
        self._family = generic.family(ETHTOOL_GENL_NAME)

    def read(self, command: int, index: int) -> dict[int, bytes] | None:
        """One ETHTOOL_MSG_*_GET, undecoded; None when the driver does not know it."""
        try:
            answers = self._generic.request(self._family, command, _header(index))
        except Refusal as refusal:
            if refusal.errno == errno.EOPNOTSUPP:
                return None
            raise
        return answers[0][1] if answers else None

    def read_all(self, command: int) -> dict[int, dict[int, bytes]]:
        """One ETHTOOL_MSG_*_GET of every device that knows it, by link index, in one dump."""
        found: dict[int, dict[int, bytes]] = {}
        for _, attrs in self._generic.dump(self._family, command, nested(_HEADER)):
            index = attributes(attrs.get(_HEADER, b"")).get(ETHTOOL_A_HEADER_DEV_INDEX)
            if index is not None:
                found[to_u32(index)] = attrs
        return found

    def link_modes(self, index: int) -> LinkModes | None:
        found = self.read(ETHTOOL_MSG_LINKMODES_GET, index)
        return None if found is None else LinkModes(found)

    def features(self, index: int) -> Features | None:
        found = self.read(ETHTOOL_MSG_FEATURES_GET, index)
        return None if found is None else Features(found)

    def forward_error_correction(self, index: int) -> ForwardErrorCorrection | None:
        found = self.read(ETHTOOL_MSG_FEC_GET, index)
        return None if found is None else ForwardErrorCorrection(found)

    def link_info(self, index: int) -> dict[int, int] | None:
        return self._numbers(ETHTOOL_MSG_LINKINFO_GET, index)

    def link_state(self, index: int) -> dict[int, int] | None:
        return self._numbers(ETHTOOL_MSG_LINKSTATE_GET, index)

    def rings(self, index: int) -> dict[int, int] | None:
        return self._numbers(ETHTOOL_MSG_RINGS_GET, index)

    def channels(self, index: int) -> dict[int, int] | None:
        return self._numbers(ETHTOOL_MSG_CHANNELS_GET, index)

    def coalesce(self, index: int) -> dict[int, int] | None:
        return self._numbers(ETHTOOL_MSG_COALESCE_GET, index)

    def pause(self, index: int) -> dict[int, int] | None:
        return self._numbers(ETHTOOL_MSG_PAUSE_GET, index)

    def set_link_modes(
        self,
        index: int,
        *,
        autonegotiation: bool | None = None,
        speed: int | None = None,
        duplex: int | None = None,
        advertised: Mapping[str, bool] | None = None,
    ) -> None:
        """Change what is given. With autonegotiation and a speed or duplex, the kernel advertises only modes of it."""
        parts: list[bytes] = []
        if autonegotiation is not None:
            parts.append(u8(ETHTOOL_A_LINKMODES_AUTONEG, autonegotiation))
        if advertised is not None:
            parts.append(encode_bitset(ETHTOOL_A_LINKMODES_OURS, advertised))
        if speed is not None:
            parts.append(u32(ETHTOOL_A_LINKMODES_SPEED, speed))
        if duplex is not None:
            parts.append(u8(ETHTOOL_A_LINKMODES_DUPLEX, duplex))
        self._set(ETHTOOL_MSG_LINKMODES_SET, index, parts)

    def set_features(self, index: int, wanted: Mapping[str, bool]) -> frozenset[str]:
        """Ask for features on and off; the names of those that did not become what was asked.

        Raises Refusal for a name the kernel does not know.
        """
        parts = [_header(index), encode_bitset(ETHTOOL_A_FEATURES_WANTED, wanted)]
        for _, found in self._generic.request(self._family, ETHTOOL_MSG_FEATURES_SET, *parts):
            return frozenset(decode_bitset(found.get(ETHTOOL_A_FEATURES_WANTED, b"")))
        return frozenset()

    def set_forward_error_correction(self, index: int, *, automatic: bool, modes: Iterable[str] = ()) -> None:
        bits = encode_bitset(ETHTOOL_A_FEC_MODES, dict.fromkeys(modes, True), whole=True)
        self._set(ETHTOOL_MSG_FEC_SET, index, [bits, u8(ETHTOOL_A_FEC_AUTO, automatic)])

    def set_rings(self, index: int, numbers: Mapping[int, int]) -> None:
        self._set(ETHTOOL_MSG_RINGS_SET, index, _encode(ETHTOOL_MSG_RINGS_SET, numbers))

    def set_channels(self, index: int, numbers: Mapping[int, int]) -> None:
        self._set(ETHTOOL_MSG_CHANNELS_SET, index, _encode(ETHTOOL_MSG_CHANNELS_SET, numbers))

    def set_coalesce(self, index: int, numbers: Mapping[int, int]) -> None:
        self._set(ETHTOOL_MSG_COALESCE_SET, index, _encode(ETHTOOL_MSG_COALESCE_SET, numbers))

    def set_pause(self, index: int, numbers: Mapping[int, int]) -> None:
        self._set(ETHTOOL_MSG_PAUSE_SET, index, _encode(ETHTOOL_MSG_PAUSE_SET, numbers))

    def build(self, command: int, index: int, parts: Iterable[bytes] = ()) -> Request:
        """Any command for one link, for Generic.batch."""
        return build(self._family, command, _header(index), *parts)

    def _set(self, command: int, index: int, parts: Iterable[bytes]) -> None:
        self._generic.netlink.request(*self.build(command, index, parts))

    def _numbers(self, command: int, index: int) -> dict[int, int] | None:
        found = self.read(command, index)
        return None if found is None else decode_numbers(found)


def decode_numbers(found: Mapping[int, bytes]) -> dict[int, int]:
    """The plain numbers of an answer, by attribute."""
    return {kind: to_number(payload) for kind, payload in found.items() if kind != _HEADER and len(payload) in (1, 4)}


def _encode(command: int, numbers: Mapping[int, int]) -> list[bytes]:
    octets = _OCTETS.get(command, ())
    return [u8(kind, value) if kind in octets else u32(kind, value) for kind, value in numbers.items()]


def _header(index: int) -> bytes:
    return nested(_HEADER, u32(ETHTOOL_A_HEADER_DEV_INDEX, index))
