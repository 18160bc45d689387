"""What must precede what: stages for each change, and levels within each stage.

The stages are those of `change.STAGES`. Within one, order follows from the names that values give in the roles of
parent, port and controller, never from kinds; what is independent shares a level.
"""

import typing

from linkhold.foundation.record import UNSET
from linkhold.planning.change import STAGES, Change, Level, Plan, Stage
from linkhold.planning.draft import Draft
from linkhold.planning.levels import levelled
from linkhold.planning.references import controller_of
from linkhold.state.interfaces.ip import Ip
from linkhold.state.interfaces.qos import Qos

_SLOW_TO_DELETE: typing.Final = frozenset({"linux-bridge"})
_SINGLE: typing.Final[dict[str, Stage]] = {
    "dns": "resolve",
    "hostname": "resolve",
    "ovs-db": "configure",
    "ovn": "configure",
}


def arrange(drafts: list[Draft], provider: typing.Callable[[Draft], str] = lambda draft: "") -> Plan:
    """The plan: changes in the order in which they are first worked on, and their levels."""
    for draft in drafts:
        draft.stages = stages(draft)
    in_stage: dict[Stage, list[Draft]] = {stage: [] for stage in STAGES}
    for draft in drafts:
        for stage in draft.stages:
            in_stage[stage].append(draft)
    _grow_first(in_stage["create"], drafts)
    steps = [(stage, level) for stage in STAGES for level in _levels(stage, in_stage[stage])]
    number: dict[int, int] = {}
    changes: list[Change] = []
    for _, level in steps:
        for draft in level:
            if id(draft) not in number:
                number[id(draft)] = len(changes)
                changes.append(draft.value(provider(draft)))
    return Plan(
        changes=tuple(changes),
        levels=tuple(Level(stage=stage, changes=tuple([number[id(one)] for one in level])) for stage, level in steps),
    )


def stages(draft: Draft) -> tuple[Stage, ...]:
    """The stages in which something is to be done for a change."""
    if draft.subject == "interface":
        return tuple(_interface_stages(draft))
    if draft.subject == "route":
        return ("release",) if draft.action == "-" else ("route",)
    if draft.subject == "rule":
        return ("release",) if draft.action == "-" else ("rule",)
    return (_SINGLE[draft.subject],)


def _interface_stages(draft: Draft) -> typing.Iterator[Stage]:
    if draft.gone:
        yield "release"
    if draft.action == "-":
        yield "discard" if draft.before.kind in _SLOW_TO_DELETE else "remove"
        return
    after = draft.after
    if draft.made:
        if draft.action == "±":
            yield "remove"
        yield "create"
        if after.controller not in (UNSET, ""):
            yield "attach"
        yield "configure"
        yield "activate"
        if any(isinstance(section, Ip) and section.enabled is True for section in (after.ipv4, after.ipv6)):
            yield "address"
        return
    yield from _change_stages(draft)


def _change_stages(draft: Draft) -> typing.Iterator[Stage]:
    """In place: only what differs; a change without differences is put back wherever it may have been lost."""
    before, after = controller_of(draft.before), controller_of(draft.after)
    fields = {_field(one.difference.path) for one in draft.found}
    put_back = not draft.found
    handed_over = "provider" in fields
    if (before and before != after) or handed_over:
        yield "release"
    joins = bool(after) and (before != after or put_back)
    if joins:
        yield "attach"
    if (
        handed_over
        or fields - {"controller", "state", "ipv4.address", "ipv6.address"}
        or (put_back and draft.after.is_controller)
        or (joins and _has_classes(draft.after))
    ):
        yield "configure"
    if "state" in fields or draft.why_flaps or put_back:
        yield "activate"
    goes_down = "state" in fields and draft.after.state == "down"
    loses_ipv6 = (draft.why_flaps or put_back or goes_down) and _has_ipv6(draft.after)
    if loses_ipv6 or handed_over or any(field.startswith(("ipv4", "ipv6")) for field in fields):
        yield "address"


def _field(path: str) -> str:
    """``ipv4.address`` of ``interfaces[eth1].ipv4.address[192.0.2.1/24]``: two steps for IP, else one."""
    inside = path[path.index("]") + 2 :]
    first, _, rest = inside.partition(".")
    if first in ("ipv4", "ipv6") and rest.startswith("address"):
        return f"{first}.address"
    return first.partition("[")[0]


def _has_ipv6(interface: typing.Any) -> bool:
    return isinstance(interface.ipv6, Ip) and bool(interface.ipv6.static)


def _has_classes(interface: typing.Any) -> bool:
    """Open vSwitch takes the classes of what becomes its port away (`netdev_linux_set_qos` of lib/netdev-linux.c)."""
    return isinstance(interface.qos, Qos) and interface.qos.classes not in (UNSET, ())


def _grow_first(creating: list[Draft], drafts: list[Draft]) -> None:
    """A parent that is there and gets a larger MTU must have it before something larger than it carried is made on it."""
    made = {parent for draft in creating for parent in draft.needs("parent")}
    if made:
        creating += [
            draft
            for draft in drafts
            if draft.subject == "interface" and draft.action == "~" and draft.key[0] in made and _grows(draft)
        ]


def _grows(draft: Draft) -> bool:
    before, after = draft.before.get("mtu"), draft.after.get("mtu")
    return isinstance(before, int) and isinstance(after, int) and after > before


def _levels(stage: Stage, drafts: list[Draft]) -> list[list[Draft]]:
    if not drafts:
        return []
    split = _SPLITS.get(stage)
    return split(drafts) if split else [drafts]


def _release(drafts: list[Draft]) -> list[list[Draft]]:
    """Routes and rules first, then interfaces."""
    return _parts(drafts, lambda draft: draft.subject == "interface")


def _remove(drafts: list[Draft]) -> list[list[Draft]]:
    """Children before parents."""
    riders: dict[str, list[Draft]] = {}
    for draft in drafts:
        for parent in draft.needed("parent"):
            riders.setdefault(parent, []).append(draft)
    return levelled(drafts, lambda draft: riders.get(draft.key[0], ()))


def _create(drafts: list[Draft]) -> list[list[Draft]]:
    """Parents before children."""
    return _after(drafts, "parent")


def _attach(drafts: list[Draft]) -> list[list[Draft]]:
    """Innermost first: what joins a controller does so before that joins another."""
    members: dict[str, list[Draft]] = {}
    for draft in drafts:
        for controller in draft.needs("controller"):
            members.setdefault(controller, []).append(draft)
    return levelled(drafts, lambda draft: members.get(draft.key[0], ()))


def _configure(drafts: list[Draft]) -> list[list[Draft]]:
    """Parents before children, ports before controllers."""
    return _after(drafts, "parent", "port")


def _activate(drafts: list[Draft]) -> list[list[Draft]]:
    """What goes down first; then up, parents before children and ports before controllers."""
    down = [draft for draft in drafts if draft.after.state == "down"]
    up = [draft for draft in drafts if draft.after.state != "down"]
    return [*([down] if down else []), *(_after(up, "parent", "port") if up else [])]


def _route(drafts: list[Draft]) -> list[list[Draft]]:
    """Routes on the link before those through gateways that they lead to."""
    return _parts(drafts, lambda draft: draft.after.get("next_hop_address") not in (UNSET, "", "0.0.0.0", "::"))


def _after(drafts: list[Draft], *roles: str) -> list[list[Draft]]:
    """After everything they name in some roles."""
    named: dict[str, list[Draft]] = {}
    for draft in drafts:
        if draft.subject == "interface":
            named.setdefault(draft.key[0], []).append(draft)
    return levelled(drafts, lambda draft: [other for name in draft.needs(*roles) for other in named.get(name, ())])


def _parts(drafts: list[Draft], late: typing.Callable[[Draft], bool]) -> list[list[Draft]]:
    sides: tuple[list[Draft], list[Draft]] = ([], [])
    for draft in drafts:
        sides[late(draft)].append(draft)
    return [side for side in sides if side]


_SPLITS: typing.Final[dict[Stage, typing.Callable[[list[Draft]], list[list[Draft]]]]] = {
    "release": _release,
    "remove": _remove,
    "create": _create,
    "attach": _attach,
    "configure": _configure,
    "activate": _activate,
    "route": _route,
}
