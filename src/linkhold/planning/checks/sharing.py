"""Rules about who may use an interface at the same time: what the kernel refuses only when it is too late."""

import typing

from linkhold.foundation.record import UNSET
from linkhold.planning.checks.context import Context
from linkhold.planning.references import references
from linkhold.state.interfaces.common import Interface

_TAKES_FRAMES: typing.Final[dict[str, str]] = {
    "bond": "a port of a bond",
    "linux-bridge": "a port of a bridge",
    "ovs-bridge": "a port of a bridge",
    "mac-vlan": "the parent of MACVLANs",
    "mac-vtap": "the parent of MACVLANs",
    "ipvlan": "the parent of IPVLANs",
    "macsec": "the parent of MACsec interfaces",
    "hsr": "a port of an HSR interface",
}
"""Kinds that take the frames an interface receives (`netdev_rx_handler_register`), and what the interface is to them.
There is room for one of these uses only."""

_ON_CARDS: typing.Final = frozenset({"mac-vlan", "mac-vtap"})
_PASSTHRU: typing.Final = "passthru"


class _Use(typing.NamedTuple):
    """One interface (`user`) takes the frames of another; `path`, relative to it, says so. A MACVTAP takes its own."""

    user: Interface
    path: str
    role: str


def frames_are_taken_once(context: Context) -> None:
    """An interface is a port of a bridge or bond, or carries MACVLANs, IPVLANs or MACsec: never two of these."""
    if not any(one.kind in _TAKES_FRAMES for one in context.changed):
        return
    for name, uses in _uses(context).items():
        roles = list(dict.fromkeys(one.role for one in uses))
        culprit = next((one for one in reversed(uses) if one.user.key in context.desired), None)
        if len(roles) < 2 or culprit is None or not any(_changed(context, one.user) for one in uses):
            continue
        other = next(one for one in uses if one.role != culprit.role)
        context.error(
            "taken",
            culprit.user.name,
            culprit.path,
            f"{name} can't be {culprit.role} too: it is {other.role} ({other.user.name})",
            expected="an interface whose frames nobody else takes",
            hint=f"use another interface, or remove {other.user.name}",
        )


def passthru_is_alone(context: Context) -> None:
    """A MACVLAN in mode passthru has its parent for itself, and its parent's MAC."""
    if not any(one.kind in _ON_CARDS for one in context.changed):
        return
    for name, uses in _uses(context).items():
        riders = [one for one in uses if one.user.kind in _ON_CARDS and one.user.name != name]
        through = [one for one in riders if _section(one.user).mode == _PASSTHRU]
        if not through or not any(_changed(context, one.user) for one in riders):
            continue
        if len(riders) > 1:
            culprit = next((one for one in reversed(riders) if one.user.key in context.desired), riders[-1])
            others = ", ".join(one.user.name for one in riders if one is not culprit)
            message = f"{name} carries {others} too, and in mode passthru there can be one only"
            context.error("passthru", culprit.user.name, culprit.path, message, hint="choose mode bridge or private")
        for one in through:
            _judge_mac(context, one.user, name)


def _judge_mac(context: Context, user: Interface, parent: str) -> None:
    said, below = context.desired.get(user.key), context.kernel(parent)
    if said is None or said.mac_address is UNSET or below is None or below.mac_address == said.mac_address:
        return
    message = f"in mode passthru {user.name} has the MAC of {parent}, {below.mac_address}"
    context.error("passthru", user.name, "mac-address", message, hint=f"say mac-address of {parent} instead")


def macvlans_ride_on_cards(context: Context) -> None:
    """A MACVLAN on a MACVLAN is made on what carries that one (`macvlan_common_newlink`): better said so."""
    for said in context.wanted():
        if said.kind not in _ON_CARDS:
            continue
        section = _section(context.expected.get(said.key, said))
        below = context.kernel(section.parent) if section is not UNSET and isinstance(section.parent, str) else None
        if below is not None and below.kind in _ON_CARDS:
            key = "mac-vlan" if said.kind == "mac-vlan" else "mac-vtap"
            carrier = _section(below).parent
            message = f"{below.name} is a MACVLAN itself: the kernel would put {said.name} on {carrier}"
            context.error("macvlan", said.name, f"{key}.base-iface", message, expected=str(carrier))


def ports_can_be_ports(context: Context) -> None:
    """A bridge is no port of a bridge, and the loopback interface none of anything (`br_add_if`, `bond_enslave`)."""
    for interface in context.changed:
        owner = context.controller(interface.controller) if isinstance(interface.controller, str) else None
        if owner is None or owner.controller == interface.name or owner is interface:  # circles are judged elsewhere
            continue
        bridged = interface.kind == owner.kind == "linux-bridge"
        if not bridged and interface.kind != "loopback" and not (owner.kind == "vrf" and interface.kind == "vrf"):
            continue
        at = interface if interface.key in context.desired else owner
        message = f"{interface.name}, of kind {interface.kind}, can't be a port of {owner.name}, of kind {owner.kind}"
        context.error("port-kind", at.name, "controller" if at is interface else "", message)


def _uses(context: Context) -> dict[str, list[_Use]]:
    """Who takes the frames of each interface."""
    found: dict[str, list[_Use]] = {}
    for interface in context.expected.values():
        role = _TAKES_FRAMES.get(interface.kind)
        if interface.kind == "mac-vtap":
            found.setdefault(interface.name, []).append(_Use(interface, "", "read by a program"))
        if role is not None:
            wanted = "port" if interface.is_controller else "parent"
            for one in references(interface):
                if one.role == wanted and not _is_inside(context, interface, one.name):
                    found.setdefault(one.name, []).append(_Use(interface, one.path, role))
    return found


def _is_inside(context: Context, interface: Interface, name: str) -> bool:
    """Whether an interface lives in a switch of Open vSwitch: what the switch gives it, others may take."""
    other = context.kernel(name) if interface.kind == "ovs-bridge" else None
    return other is not None and other.kind == "ovs-interface"


def _changed(context: Context, interface: Interface) -> bool:
    return context.current.get(interface.key) is not interface


def _section(interface: Interface) -> typing.Any:
    return interface.get("mac_vlan" if interface.kind == "mac-vlan" else "mac_vtap")
