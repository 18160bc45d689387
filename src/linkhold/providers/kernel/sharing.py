"""What is the kernel's part of the changes that others carry out, and of those it takes over from them.

Of an interface that another provider owns, the kernel does what that one has no word for: alternative names, forwarding,
forward error correction, classes of what is sent, some options of bridges. Whoever owns it, a route or rule that goes is
deleted here too, so that it is gone.
"""

from __future__ import annotations

from linkhold.foundation.record import UNSET, Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from linkhold.planning.change import Change, Stage

    _Fields = dict[str, "_Fields"]

NAME = "kernel"
BRIDGE_OPTIONS = (
    "multicast_igmp_version",
    "multicast_mld_version",
    "multicast_stats_enabled",
    "nf_call_arptables",
    "nf_call_ip6tables",
    "nf_call_iptables",
    "no_linklocal_learn",
    "vlan_stats_enabled",
    "vlan_stats_per_port",
)
"""Options of bridges that no other provider has."""
_SPANNING = ("enabled", "forward_delay", "hello_time", "max_age", "priority")
"""NetworkManager holds these in profiles, and sets them only while the spanning tree is on."""

COMPLETES = frozenset(
    {
        "alt-names",
        "ethtool.fec",
        "ipv4.forwarding",
        "ipv6.forwarding",
        "qos",
        *(f"bridge.options.{name.replace('_', '-')}" for name in BRIDGE_OPTIONS),
    }
)
_FIELDS: _Fields = {
    "alt_names": {},
    "bridge": {"options": {**{name: {} for name in BRIDGE_OPTIONS}, "stp": {name: {} for name in _SPANNING}}},
    "ethtool": {"fec": {}},
    "ipv4": {"forwarding": {}},
    "ipv6": {"forwarding": {}},
    "qos": {},
}
"""The same as values have them: a field, and the fields of its section (none: the field itself)."""

_BY_CHANCE: _Fields = {"mac_address": {}, "mtu": {}}
"""What an interface that its owner has made again may have got anew, since its profile says nothing of it."""

_MADE_ELSEWHERE = frozenset({"ovs-interface"})
"""Kinds that another provider makes, of which all that is the kernel's stays with it: addresses, MTU, up and down."""


def shared(stage: Stage, changes: Sequence[Change], *, returning: bool = False) -> list[Change]:
    """The changes of a stage as they concern the kernel; `returning` as the contract says."""
    return list(_shared(stage, changes, _FIELDS | _BY_CHANCE if returning else _FIELDS))


def _shared(stage: Stage, changes: Sequence[Change], fields: _Fields) -> Iterable[Change]:
    for change in changes:
        if change.provider in ("", NAME) or change.subject != "interface":
            yield change
        elif _kind(change) in _MADE_ELSEWHERE:
            if _is_ours(stage, change):
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


def _is_ours(stage: Stage, change: Change) -> bool:
    """What the kernel does of a link that another provider makes: all that follows, and before that it makes room where a
    link of its own has the name."""
    if stage in ("release", "remove"):
        return change.action == "±" and str(change.before.kind) not in _MADE_ELSEWHERE
    return stage in ("configure", "activate", "address") and _has_link(change)


def _narrowed(change: Change, fields: _Fields) -> Change | None:
    """The change of nothing but what only the kernel carries out; None when that does not differ."""
    after = _narrow(change.after, {"name": {}, **fields})
    before = type(after)(name=after.name) if change.before is UNSET else _narrow(change.before, {"name": {}, **fields})
    if change.before is not UNSET and change.before.controller != change.after.controller:
        before = before.replace(qos=UNSET)  # Open vSwitch takes the classes of what becomes its port away
    before, after = _with_bond_options(change, before, after)
    if not after.said().keys() - {"name"} or after == before:
        return None
    return change.replace(action="~", before=before, after=after)


def _with_bond_options(change: Change, before: Any, after: Any) -> tuple[Any, Any]:
    """With the options of a bond that stays as it is: NetworkManager (1.42) sets some of them only in a bond that it makes, or
    only to something else than nothing (a primary port). Those that no bond in use takes are its owner's to renew."""
    was, will = (_section(one, "bond") for one in (change.before, change.after))
    if change.action != "~" or was is None or will is None or was.get("mode") != will.get("mode"):
        return before, after
    if was.get("options") == will.get("options"):
        return before, after
    only: _Fields = {"mode": {}, "options": {}}
    return before.replace(bond=_narrow(was, only)), after.replace(bond=_narrow(will, only))


def _section(record: Any, field: str) -> Any:
    found = UNSET if record is UNSET else record.get(field)
    return found if isinstance(found, Record) else None


def _narrow(record: Any, fields: _Fields) -> Any:
    said: dict[str, Any] = {}
    for field, inside in fields.items():
        value = record.get(field)
        if isinstance(value, Record) and inside:
            kept = _narrow(value, inside)
            if kept.said():
                said[field] = kept
        elif value is not UNSET and not inside:
            said[field] = value
    return type(record).of(said)
