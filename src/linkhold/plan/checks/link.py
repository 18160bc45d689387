"""Rules about what interfaces are, and what they ride on."""

import typing

from linkhold.foundation.record import UNSET
from linkhold.plan.checks.context import Context, field
from linkhold.plan.levels import stuck
from linkhold.plan.pairs import peer_of
from linkhold.plan.references import references
from linkhold.plan.traits import traits_of
from linkhold.state.interfaces.common import Interface

_REQUIRED: typing.Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "vlan": (("vlan", "parent"), ("vlan", "tag")),
    "vxlan": (("vxlan", "id"),),
    "bond": (("bond", "mode"),),
    "vrf": (("vrf", "table"),),
    "veth": (("veth", "peer"),),
    "mac-vlan": (("mac_vlan", "parent"),),
    "mac-vtap": (("mac_vtap", "parent"),),
    "ipvlan": (("ipvlan", "parent"),),
    "macsec": (("macsec", "parent"),),
    "hsr": (("hsr", "port1"), ("hsr", "port2")),
    "ip-tunnel": (("ip_tunnel", "mode"),),
}
"""What an interface of each kind can't be made without."""

_INSIDE_PARENT: typing.Final = frozenset({"vlan", "mac-vlan", "mac-vtap", "ipvlan"})
"""Kinds whose frames are frames of the parent: the kernel refuses a larger MTU."""

_MAC_TAKERS: typing.Final = frozenset({"bond", "linux-bridge", "ovs-interface"})


def kinds_stay(context: Context) -> None:
    """Hardware has the kind it has; a made interface may be replaced by one of another kind that can be made."""
    for said in context.wanted():
        now = context.current.get(said.key)
        if now is None or isinstance(now, type(said)) or (now.virtual and said.virtual):
            continue
        message = f"{said.name} is of kind {now.kind} on this host, not {said.kind}"
        context.error("kind", said.name, "type", message, expected=now.kind, hint=f"say type: {now.kind}, or choose another name")


def hardware_exists(context: Context) -> None:
    """Hardware can't be made."""
    for said in context.wanted():
        if not said.virtual and said.key not in context.current and said.wanted:
            if context.expected.get(said.key) is not None and context.expected[said.key].virtual:
                continue  # the other end of a new pair
            message, hint = context.missing(said.name) if said.key not in context.expected else (f"there is no interface {said.name}", "")
            text = f"{message}, and a {said.kind} interface can't be made"
            context.error("no-such-interface", said.name, "", text, expected="an interface of this host", hint=hint or "say its type if it is to be made")


def new_ones_are_complete(context: Context) -> None:
    """What is made needs the settings that make it what it is."""
    for said in context.wanted():
        now = context.current.get(said.key)
        interface = context.expected.get(said.key)
        if interface is None or (now is not None and type(now) is type(interface)):
            continue
        for section, name in _REQUIRED.get(interface.kind, ()):
            value = field(interface, section, name)
            if value is UNSET or value == "" or (interface.kind == "vrf" and value == 0):
                path = _spelled(interface, section, name)
                context.error("missing-key", said.name, path, f"a new {interface.kind} needs '{path}'", expected=path, hint=f"add {path}")


def _spelled(interface: Interface, section: str, name: str) -> str:
    trait = traits_of(type(interface))[section]
    return f"{trait.key}.{traits_of(trait.section)[name].key}" if trait.section else trait.key


def parents_exist(context: Context) -> None:
    """A parent is there, and stays."""
    for said in context.wanted():
        interface = context.expected.get(said.key)
        if interface is None:
            continue
        for one in references(interface):
            if one.role == "parent" and context.kernel(one.name) is None and not _userspace(context, one.name):
                message, hint = context.missing(one.name)
                text = f"{said.name} can't ride on {one.name}: {message}"
                context.error("missing-parent", said.name, one.path, text, expected="the name of an interface that will exist", hint=hint)


def _userspace(context: Context, name: str) -> bool:
    return any((name, kind) in context.expected for kind in ("ovs-bridge", "other", "ipsec"))


def sources_exist(context: Context) -> None:
    """Where a MAC is copied from is there, and only some kinds copy one."""
    for said in context.wanted():
        if not isinstance(said.copy_mac_from, str):
            continue
        if said.kind not in _MAC_TAKERS:
            message = f"a {said.kind} interface does not copy a MAC address"
            context.error("copy-mac", said.name, "copy-mac-from", message, expected="bond, linux-bridge or ovs-interface", hint="say mac-address")
        elif context.kernel(said.copy_mac_from) is None:
            message, hint = context.missing(said.copy_mac_from)
            context.error("copy-mac", said.name, "copy-mac-from", message, expected="an interface with a MAC address", hint=hint)


def pairs_agree(context: Context) -> None:
    """Both ends of a pair name each other, and go together."""
    for said in context.wanted():
        peer = peer_of(said)
        if not peer:
            continue
        other, told = context.kernel(peer), context.desired.get((peer, ""))
        if told is not None and told.state == "absent":
            message, hint = context.missing(peer)
            context.error("veth-peer", said.name, "veth.peer", f"{said.name} goes with its peer: {message}", hint=hint)
        elif other is not None and other.kind != "veth":
            message = f"{peer} is of kind {other.kind}, not the other end of a pair"
            context.error("veth-peer", said.name, "veth.peer", message, expected="the name of a veth", hint="choose another name")
        elif other is not None and peer_of(other) != said.name:
            message = f"{peer} is paired with {peer_of(other) or 'nothing'}"
            context.error("veth-peer", said.name, "veth.peer", message, expected=f"veth.peer: {said.name} on {peer}", hint="let both name each other")


def no_circles(context: Context) -> None:
    """Nothing rides on itself or contains itself, however far around."""
    table = context.expected
    nodes: dict[tuple[str, str], None] = {one.key: None for one in context.changed}
    needs: dict[tuple[str, str], list[tuple[str, str]]] = {}
    waiting = list(nodes)
    while waiting:
        key = waiting.pop()
        needs[key] = []
        for one in references(table[key]):
            if one.role in ("parent", "port"):
                other = (one.name, "")
                if other in table:
                    needs[key].append(other)
                    if other not in nodes:
                        nodes[other] = None
                        waiting.append(other)
    circle = stuck(list(nodes), lambda key: needs[key])
    circle += [key for key in nodes if key in needs[key]]
    for key in dict.fromkeys(circle):
        if key in context.desired:
            names = ", ".join(sorted(other[0] for other in dict.fromkeys(circle)))
            context.error("circle", key[0], "", f"{key[0]} would ride on itself (around: {names})", expected="no circle of parents and ports")


def vlans_are_unique(context: Context) -> None:
    """One tag on one parent is one interface, and so is one VXLAN network on one port."""
    if not any(one.kind in ("vlan", "vxlan") for one in context.changed):
        return
    seen: dict[typing.Any, str] = {}
    for interface in (*(one for one in context.expected.values() if one.key not in context.desired), *context.expected.values()):
        identity = _tag(interface)
        if identity is None:
            continue
        other = seen.setdefault(identity, interface.name)
        if other != interface.name and context.current.get(interface.key) is not interface:
            path = "vlan.id" if interface.kind == "vlan" else "vxlan.id"
            message = f"{other} has this {path} already"
            context.error("duplicate", interface.name, path, message, expected="an id of its own", hint=f"change it, or remove {other}")


def _tag(interface: Interface) -> tuple[typing.Any, ...] | None:
    if interface.kind == "vlan":
        parent, tag, protocol = (field(interface, "vlan", name) for name in ("parent", "tag", "protocol"))
        return None if UNSET in (parent, tag) else ("vlan", parent, tag, "802.1q" if protocol is UNSET else protocol)
    if interface.kind == "vxlan":
        network, port = field(interface, "vxlan", "id"), field(interface, "vxlan", "destination_port")
        parent, local = field(interface, "vxlan", "parent"), field(interface, "vxlan", "local")
        return None if network is UNSET else ("vxlan", network, 8472 if port is UNSET else port, parent or "", local or "") if UNSET not in (parent, local) else ("vxlan", network, 8472 if port is UNSET else port, "" if parent is UNSET else parent, "" if local is UNSET else local)
    return None


def mtu_is_in_range(context: Context) -> None:
    """The driver takes the MTU."""
    for said in context.wanted():
        now = context.current.get(said.key)
        if now is None or not isinstance(said.mtu, int) or said.mtu in (0, now.mtu):
            continue
        least, most = now.min_mtu, now.max_mtu
        if (isinstance(least, int) and said.mtu < least) or (isinstance(most, int) and most and said.mtu > most):
            limits = f"{least} to {most}"
            context.error("mtu", said.name, "mtu", f"the driver of {said.name} does not take {said.mtu}", expected=limits)


def children_fit_parents(context: Context) -> None:
    """A child's frames are carried by its parent: its MTU is at most the parent's."""
    changed = {one.name for one in context.changed}
    if not any(isinstance(one.mtu, int) for one in context.changed):
        return
    for interface in context.expected.values():
        if interface.kind not in _INSIDE_PARENT or not isinstance(interface.mtu, int):
            continue
        for one in references(interface):
            parent = context.kernel(one.name) if one.role == "parent" else None
            if parent is None or not (parent.name in changed or interface.name in changed):
                continue
            if isinstance(parent.mtu, int) and interface.mtu > parent.mtu:
                _too_large(context, interface, parent)


def _too_large(context: Context, interface: Interface, parent: Interface) -> None:
    said = context.desired.get(interface.key)
    if said is not None and said.mtu is not UNSET:
        message = f"{interface.mtu} is more than the MTU of {parent.name}, {parent.mtu}"
        context.error("mtu", interface.name, "mtu", message, expected=f"at most {parent.mtu}", hint=f"raise the mtu of {parent.name} too")
    else:
        message = f"{interface.name} rides on {parent.name} with an MTU of {interface.mtu}: the kernel lowers it to {parent.mtu}"
        context.warning("mtu", parent.name, "mtu", message, hint=f"say the mtu of {interface.name} too")
