"""What is the kernel's part of the changes that others carry out, and of those it takes over from them.

Of an interface that another provider owns, the kernel does what that one has no word for: alternative names, forwarding,
forward error correction. Whoever owns it, a route or rule that goes is deleted here too, so that it is gone.
"""

from __future__ import annotations

from linkhold.foundation.record import UNSET, Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from linkhold.planning.change import Change, Stage

NAME = "kernel"
COMPLETES = frozenset({"alt-names", "ethtool.fec", "ipv4.forwarding", "ipv6.forwarding"})
_FIELDS: dict[str, tuple[str, ...]] = {
    "alt_names": (),
    "ethtool": ("fec",),
    "ipv4": ("forwarding",),
    "ipv6": ("forwarding",),
}
"""The same as values have them: a field, and the fields of its section (none: the field itself)."""

_BY_CHANCE: dict[str, tuple[str, ...]] = {"mac_address": (), "mtu": ()}
"""What an interface that its owner has made again may have got anew, since its profile says nothing of it."""

_MADE_ELSEWHERE = frozenset({"ovs-interface"})
"""Kinds that another provider makes, of which all that is the kernel's stays with it: addresses, MTU, up and down."""


def shared(stage: Stage, changes: Sequence[Change], *, returning: bool = False) -> list[Change]:
    """The changes of a stage as they concern the kernel; `returning` as the contract says."""
    return list(_shared(stage, changes, _FIELDS | _BY_CHANCE if returning else _FIELDS))


def _shared(stage: Stage, changes: Sequence[Change], fields: dict[str, tuple[str, ...]]) -> Iterable[Change]:
    for change in changes:
        if change.provider in ("", NAME) or change.subject != "interface":
            yield change
        elif _kind(change) in _MADE_ELSEWHERE:
            if stage in ("configure", "activate", "address") and _has_link(change):
                yield change
        elif stage == "configure" and change.after is not UNSET:
            narrow = _narrowed(change, fields)
            if narrow is not None:
                yield narrow


def _kind(change: Change) -> str:
    return str((change.before if change.after is UNSET else change.after).kind)


def _has_link(change: Change) -> bool:
    """Whether it will be a link of the kernel: of what is in a bridge of Open vSwitch, patches and DPDK cards are none."""
    after = change.after
    return after is not UNSET and all(after.get(section) is UNSET for section in ("patch", "dpdk"))


def _narrowed(change: Change, fields: dict[str, tuple[str, ...]]) -> Change | None:
    """The change of nothing but what only the kernel carries out; None when that does not differ."""
    after = _narrow(change.after, fields)
    before = type(after)(name=after.name) if change.before is UNSET else _narrow(change.before, fields)
    if not after.said().keys() - {"name"} or after == before:
        return None
    return change.replace(action="~", before=before, after=after)


def _narrow(interface: Any, fields: dict[str, tuple[str, ...]]) -> Any:
    said: dict[str, Any] = {"name": interface.name}
    for field, inside in fields.items():
        value = interface.get(field)
        if isinstance(value, Record) and inside:
            kept = {name: value.get(name) for name in inside if value.get(name) is not UNSET}
            if kept:
                said[field] = type(value)(**kept)
        elif value is not UNSET and not inside:
            said[field] = value
    return type(interface)(**said)
