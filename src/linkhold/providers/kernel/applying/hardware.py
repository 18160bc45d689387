"""Settings of network cards: ethtool's, and those of SR-IOV virtual functions."""

from __future__ import annotations

import functools
import typing

from linkhold.foundation.failures import Refused
from linkhold.foundation.record import UNSET, Record
from linkhold.providers.kernel.applying.batch import Question, complain
from linkhold.providers.kernel.applying.host import before_of
from linkhold.providers.kernel.ethtool_names import COALESCE, DUPLEX, FEC, PAUSE, RING
from linkhold.providers.kernel.netlink.ethtool import Ethtool
from linkhold.providers.kernel.netlink.generic import Unsupported
from linkhold.providers.kernel.netlink.socket import Refusal
from linkhold.state.interfaces.ethernet import Ethernet, EthernetConfig, SrIov
from linkhold.state.interfaces.ethtool import Ethtool as EthtoolConfig

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from linkhold.planning.change import Change
    from linkhold.providers.kernel.applying.host import Host
    from linkhold.state.interfaces.common import Interface

_T = typing.TypeVar("_T")
if TYPE_CHECKING:
    _Read = Callable[[int], dict[int, int] | None]
    _Write = Callable[[int, dict[int, int]], None]


def configure_hardware(host: Host, change: Change, before: Interface | None, after: Interface) -> None:
    """Set what differs.

    Raises:
        Refused: the driver said no, or took less than was asked.
        NotPermitted: for lack of privilege.
    """
    index = host.indexes[change.name]
    old, new = _section(before, "ethtool"), _section(after, "ethtool")
    ethernet = _section(after, "ethernet")
    settings = _differing(_section(before, "ethernet"), ethernet, ("auto_negotiation", "speed", "duplex"))
    if new is not None or settings:
        _with_ethtool(host, change, index, old, new, settings)
    if isinstance(after, Ethernet) and isinstance(ethernet, EthernetConfig) and isinstance(ethernet.sr_iov, SrIov):
        from linkhold.providers.kernel.applying import virtual_functions

        virtual_functions.configure_functions(
            host, change, _section(_section(before, "ethernet"), "sr_iov"), ethernet.sr_iov
        )


def _section(value: Record | None, field: str) -> Record | None:
    found = UNSET if value is None else value.get(field)
    return found if isinstance(found, Record) else None


def _differing(before: Record | None, after: Record | None, names: tuple[str, ...]) -> dict[str, object]:
    """The fields that are said and differ."""
    if after is None:
        return {}
    found = {name: after.get(name) for name in names if after.get(name) is not UNSET}
    return {name: value for name, value in found.items() if before is None or before.get(name) != value}


def _with_ethtool(
    host: Host, change: Change, index: int, old: Record | None, new: Record | None, settings: Mapping[str, object]
) -> None:
    try:
        tool = Ethtool(host.generic)
    except Unsupported as missing:
        raise Refused(f"{change.name}: {missing}", change=change, answer=str(missing)) from None
    if settings and not _has_modes(change, tool, index, settings):
        _try(change, "link settings", lambda: _set_modes(tool, index, settings))
    groups = (
        ("pause", PAUSE, tool.pause, tool.set_pause),
        ("ring", RING, tool.rings, tool.set_rings),
        ("coalesce", COALESCE, tool.coalesce, tool.set_coalesce),
    )
    for field, names, read, write in groups:
        values = _differing(_section(old, field), _section(new, field), tuple(names))
        if values:
            numbers = {names[name]: int(value) for name, value in values.items()}  # type: ignore[call-overload]
            _try(change, f"ethtool {field}", functools.partial(_set_numbers, index, numbers, read, write))
    if isinstance(new, EthtoolConfig):
        _set_features(change, tool, index, new)
        values = _differing(_section(old, "fec"), _section(new, "fec"), ("auto", "mode"))
        if values:
            _try(change, "forward error correction", lambda: _set_fec(tool, index, new))


def _set_numbers(index: int, numbers: dict[int, int], read: _Read, write: _Write) -> None:
    """Those that the device doesn't have already."""
    present = read(index) or {}
    missing = {kind: value for kind, value in numbers.items() if present.get(kind) != value}
    if missing:
        write(index, missing)


def _has_modes(change: Change, tool: Ethtool, index: int, settings: Mapping[str, object]) -> bool:
    """Whether the device has these settings already: drivers that can't change any refuse to be told even those."""
    present = _try(change, "link settings", lambda: tool.link_modes(index))
    if present is None:
        return False
    word = next((word for word, number in DUPLEX.items() if number == present.duplex), None)
    now = {"auto_negotiation": present.autonegotiation, "speed": present.speed, "duplex": word}
    return all(now[name] == value for name, value in settings.items())


def _set_modes(tool: Ethtool, index: int, settings: Mapping[str, object]) -> None:
    negotiate, speed, duplex = settings.get("auto_negotiation"), settings.get("speed"), settings.get("duplex")
    tool.set_link_modes(
        index,
        autonegotiation=negotiate if isinstance(negotiate, bool) else None,
        speed=speed if isinstance(speed, int) else None,
        duplex=DUPLEX[duplex] if isinstance(duplex, str) else None,
    )


def _set_fec(tool: Ethtool, index: int, new: EthtoolConfig) -> None:
    said: dict[str, object] = {} if new.fec is UNSET else new.fec.said()  # type: ignore[union-attr]
    mode = said.get("mode")
    tool.set_forward_error_correction(
        index, automatic=said.get("auto") is True, modes=[FEC[mode]] if isinstance(mode, str) else []
    )


def _set_features(change: Change, tool: Ethtool, index: int, new: EthtoolConfig) -> None:
    """Features are compared with those of the device: what already is so isn't asked for, even if it is fixed."""
    if not isinstance(new.feature, dict) or not new.feature:
        return
    present = _try(change, "features", lambda: tool.features(index))
    active = present.active if present is not None else frozenset()
    wanted = {name: on for name, on in new.feature.items() if (name in active) is not on}
    if not wanted:
        return
    missed = _try(change, "features", lambda: tool.set_features(index, wanted))
    if missed and before_of(change) is not None:  # of a new link verification says what it lacks
        names = ", ".join(sorted(missed))
        text = f"{change.name}: the driver did not change these features: {names}"
        raise Refused(text, change=change, answer=f"not changed: {names}")


def _try(change: Change, what: str, work: Callable[[], _T]) -> _T:
    """Do it; a refusal is told as that of the change."""
    try:
        return work()
    except Refusal as refusal:
        complain([(Question(change, f"set {what} of {change.name}", (0, 0, b"")), refusal)])
        raise
