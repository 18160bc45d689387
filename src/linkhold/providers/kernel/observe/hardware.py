"""What ethtool shows of a device."""

from __future__ import annotations

from linkhold.foundation.record import UNSET
from linkhold.providers.kernel.ethtool_names import ADAPTIVE, COALESCE, DUPLEX, FEC, PAUSE, RING, RING_LIMITS
from linkhold.providers.kernel.netlink import ethtool
from linkhold.state.interfaces.ethernet import Ethernet, EthernetConfig
from linkhold.state.interfaces.ethtool import Coalesce, Ethtool, Fec, Pause, Ring

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from linkhold.foundation.record import Unset
    from linkhold.providers.kernel.netlink.generic import Generic
    from linkhold.state.interfaces.common import Interface


class Hardware:
    """The settings of all devices, one dump for each group. Raises Unsupported without ethtool netlink, Refusal."""

    def __init__(self, generic: Generic) -> None:
        tool = ethtool.Ethtool(generic)
        self._modes = tool.read_all(ethtool.ETHTOOL_MSG_LINKMODES_GET)
        self._features = tool.read_all(ethtool.ETHTOOL_MSG_FEATURES_GET)
        self._rings = tool.read_all(ethtool.ETHTOOL_MSG_RINGS_GET)
        self._coalesce = tool.read_all(ethtool.ETHTOOL_MSG_COALESCE_GET)
        self._pause = tool.read_all(ethtool.ETHTOOL_MSG_PAUSE_GET)
        self._fec = tool.read_all(ethtool.ETHTOOL_MSG_FEC_GET)

    def fields(self, interface: Interface, index: int) -> dict[str, Any]:
        """The fields to add to an interface."""
        found: dict[str, Any] = {"ethtool": self._ethtool(index)}
        if isinstance(interface, Ethernet) and index in self._modes:
            found["ethernet"] = _ethernet(ethtool.LinkModes(self._modes[index]))
        return found

    def _ethtool(self, index: int) -> Ethtool | Unset:
        sections: dict[str, Any] = {}
        if index in self._features:
            sections["feature"] = _features(ethtool.Features(self._features[index]))
        if index in self._rings:
            sections["ring"] = Ring(**_numbers(self._rings[index], RING | RING_LIMITS))
        if index in self._coalesce:
            sections["coalesce"] = _coalesce(self._coalesce[index])
        if index in self._pause:
            sections["pause"] = _pause(self._pause[index])
        if index in self._fec:
            sections["fec"] = _fec(ethtool.ForwardErrorCorrection(self._fec[index]))
        return Ethtool(**sections) if sections else UNSET


def _features(features: ethtool.Features) -> dict[str, bool]:
    """All that the device knows, also what is fixed: a document may say that it is to be as it is."""
    return {name: name in features.active for name in sorted(features.known) if name}


def _numbers(found: Mapping[int, bytes], names: Mapping[str, int]) -> dict[str, Any]:
    numbers = ethtool.decode_numbers(found)
    return {name: numbers[number] for name, number in names.items() if number in numbers}


def _coalesce(found: Mapping[int, bytes]) -> Coalesce:
    numbers = _numbers(found, COALESCE)
    return Coalesce(**numbers | {name: bool(numbers[name]) for name in ADAPTIVE if name in numbers})


def _pause(found: Mapping[int, bytes]) -> Pause:
    return Pause(**{name: bool(value) for name, value in _numbers(found, PAUSE).items()})


def _fec(fec: ethtool.ForwardErrorCorrection) -> Fec:
    modes = [word for word, bit in FEC.items() if bit in fec.modes]
    return Fec(auto=fec.automatic, mode=modes[0] if len(modes) == 1 else UNSET)  # type: ignore[arg-type]


def _ethernet(modes: ethtool.LinkModes) -> EthernetConfig:
    words = {number: word for word, number in DUPLEX.items()}
    return EthernetConfig(
        auto_negotiation=modes.autonegotiation,
        speed=UNSET if modes.speed is None else modes.speed,
        duplex=UNSET if modes.duplex is None else words.get(modes.duplex, UNSET),  # type: ignore[arg-type]
    )
