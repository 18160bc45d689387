"""What a change may cost: judged from the changes themselves, and from what the host's traffic runs through."""

import typing

from linkhold.foundation.record import UNSET, Record
from linkhold.planning.change import Risk, RiskKind
from linkhold.planning.draft import Draft
from linkhold.planning.going_back import can_be_made
from linkhold.planning.references import references
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.ip import Ip
from linkhold.state.interfaces.qos import Qos
from linkhold.state.network import NetworkState
from linkhold.state.routes import MAIN_TABLE, Route

_DEFAULTS: typing.Final = ("0.0.0.0/0", "::/0")


class Connection(Record):
    """The session that a command came over: the host's own address, the peer's, and the interface if that is known."""

    local_address: str
    peer_address: str
    interface: str = ""


def assess(drafts: list[Draft], before: NetworkState, connection: Connection | None = None) -> None:
    """Give every draft its risks."""
    for draft in drafts:
        if draft.subject == "interface":
            _interface(draft)
        elif draft.subject == "route" and draft.before is not UNSET and draft.before != draft.after:
            _route(draft, connection)
    disruptive = [draft for draft in drafts if draft.subject == "interface" and draft.risks]
    if not disruptive:
        return
    there = before.by_key
    stacks = _Stacks(there)
    defaults = stacks.below(_default_interfaces(before))
    sessions = stacks.below([_session_interface(connection, there)]) if connection else {}
    for draft in disruptive:
        _carries(draft, defaults, "default-route", "the default route")
        _carries(draft, sessions, "peer", f"your connection from {connection.peer_address}" if connection else "")
        if connection and connection.local_address in _dropped(draft):
            draft.risks.append(
                _risk(
                    "peer", f"{connection.local_address}, the address you are connected to, goes away from {draft.name}"
                )
            )


def _risk(kind: RiskKind, message: str) -> Risk:
    return Risk(kind=kind, message=message)


def _interface(draft: Draft) -> None:
    before, after = draft.before, draft.after
    if before is UNSET:
        return
    if draft.action == "-":
        forever = before.virtual and not can_be_made(before)
        why = "; no rollback brings it back, as its other end is in another namespace" if forever else ""
        draft.risks.append(_risk("flap", f"{draft.name} goes for good{why}"))
    elif draft.action == "±":
        draft.risks.append(_risk("replace", f"{draft.name} is deleted and made again"))
        foreign = before.qos.foreign if isinstance(before.qos, Qos) else UNSET
        if foreign is not UNSET:
            message = f"{draft.name} loses the scheduler ({foreign}) that somebody else gave it: it is not made again"
            draft.risks.append(_risk("replace", message))
    elif after.state == "down" and before.state != "down":
        draft.risks.append(_risk("flap", f"{draft.name} goes down"))
    elif draft.why_flaps:
        draft.risks.append(_risk("flap", f"{draft.name} goes down for a moment: {draft.why_flaps}"))
    left = before.get("controller")
    if left not in (UNSET, "") and after is not UNSET and after.get("controller") != left:
        draft.risks.append(_risk("controller", f"{draft.name} leaves {left}"))
    lost = _dropped(draft)
    if lost:
        draft.risks.append(_risk("address", f"{draft.name} loses {', '.join(lost)}"))


def _dropped(draft: Draft) -> list[str]:
    """The addresses that it has now and will not have."""
    if draft.before is UNSET:
        return []
    kept = set(_addresses(draft.after))
    return [one for one in _addresses(draft.before) if one not in kept]


def _addresses(interface: typing.Any) -> list[str]:
    if interface is UNSET:
        return []
    sections = [one for one in (interface.ipv4, interface.ipv6) if isinstance(one, Ip) and one.enabled is not False]
    return [
        address.ip
        for section in sections
        if isinstance(section.address, tuple)
        for address in section.address
        if address.ip[:4] != "fe80"
    ]


def _route(draft: Draft, connection: Connection | None) -> None:
    route: Route = draft.before
    if draft.after is UNSET:
        draft.risks.append(_risk("route", f"the route {draft.name} is dropped"))
    if route.destination in _DEFAULTS and route.get("table_id") in (UNSET, 0, MAIN_TABLE):
        draft.risks.append(
            _risk(
                "default-route",
                "the default route changes" if draft.after is not UNSET else "the default route is dropped",
            )
        )
    if connection and _leads_to(route, connection.peer_address):
        draft.risks.append(
            _risk("peer", f"answers to {connection.peer_address}, where you are connected from, may go this way")
        )


def _leads_to(route: Route, address: str) -> bool:
    import ipaddress

    if not isinstance(route.destination, str) or not route.destination:
        return False
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(route.destination)
    except ValueError:
        return False


def _carries(draft: Draft, carriers: dict[str, str], kind: RiskKind, what: str) -> None:
    name = draft.key[0]
    if name in carriers:
        way = "" if carriers[name] == name else f" ({carriers[name]} runs over it)"
        draft.risks.append(_risk(kind, f"{draft.name} carries {what}{way}"))


def _default_interfaces(state: NetworkState) -> list[str]:
    routes = [state.routes.get("config"), state.routes.get("running")] if isinstance(state.routes, Record) else []
    listed = (route for part in routes if isinstance(part, tuple) for route in part)
    names = [
        one.next_hop_interface
        for one in listed
        if one.destination in _DEFAULTS and one.get("table_id") in (UNSET, 0, MAIN_TABLE)
    ]
    return [name for name in dict.fromkeys(names) if isinstance(name, str) and name]


def _session_interface(connection: Connection, there: typing.Mapping[tuple[str, str], Interface]) -> str:
    if connection.interface:
        return connection.interface
    return next((one.name for one in there.values() if connection.local_address in _addresses(one)), "")


class _Stacks:
    """What an interface runs over: its parents and its ports, and so on down."""

    def __init__(self, there: typing.Mapping[tuple[str, str], Interface]) -> None:
        self.by_name: dict[str, list[Interface]] = {}
        for one in there.values():
            self.by_name.setdefault(one.name, []).append(one)

    def below(self, tops: list[str]) -> dict[str, str]:
        """Each name in the stacks of some interfaces, with the top that it carries."""
        carriers: dict[str, str] = {}
        for top in tops:
            waiting = [top]
            while waiting:
                name = waiting.pop()
                if name in carriers or not name:
                    continue
                carriers[name] = top
                for interface in self.by_name.get(name, ()):
                    waiting += [one.name for one in references(interface) if one.role in ("parent", "port")]
        return carriers
