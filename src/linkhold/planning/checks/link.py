"""Rules about what interfaces ride on."""

import typing

from linkhold.foundation.record import UNSET
from linkhold.planning.checks.context import Context, field
from linkhold.planning.levels import stuck
from linkhold.planning.references import references
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.ip import Ipv6
from linkhold.state.spellings import is_ipv6

_MAC_TAKERS: typing.Final = frozenset({"bond", "linux-bridge", "ovs-interface"})


def parents_exist(context: Context) -> None:
    """A parent is there, and stays."""
    for said in context.judged():
        interface = context.expected.get(said.key)
        if interface is None:
            continue
        for one in references(interface):
            if one.role == "parent" and context.goes(one.name) and not _userspace(context, one.name):
                message, hint = context.missing(one.name)
                text = f"{said.name} can't ride on {one.name}: {message}"
                context.error(
                    "missing-parent",
                    said.name,
                    one.path,
                    text,
                    expected="the name of an interface that will exist",
                    hint=hint,
                )


def _userspace(context: Context, name: str) -> bool:
    return any((name, kind) in context.expected for kind in ("ovs-bridge", "other", "ipsec"))


def sources_exist(context: Context) -> None:
    """Where a MAC is copied from is there, and only some kinds copy one."""
    for said in context.wanted():
        if not isinstance(said.copy_mac_from, str):
            continue
        if said.kind not in _MAC_TAKERS:
            message = f"a {said.kind} interface does not copy a MAC address"
            context.error(
                "copy-mac",
                said.name,
                "copy-mac-from",
                message,
                expected="bond, linux-bridge or ovs-interface",
                hint="say mac-address",
            )
        elif context.kernel(said.copy_mac_from) is None:
            message, hint = context.missing(said.copy_mac_from)
            context.error(
                "copy-mac", said.name, "copy-mac-from", message, expected="an interface with a MAC address", hint=hint
            )


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
            context.error(
                "circle",
                key[0],
                "",
                f"{key[0]} would ride on itself (around: {names})",
                expected="no circle of parents and ports",
            )


def vlans_are_unique(context: Context) -> None:
    """One tag on one parent is one interface, and so is one VXLAN network on one port."""
    if not any(one.kind in ("vlan", "vxlan") for one in context.changed):
        return
    seen: dict[typing.Any, str] = {}
    for interface in (
        *(one for one in context.expected.values() if one.key not in context.desired),
        *context.expected.values(),
    ):
        identity = _tag(interface)
        if identity is None:
            continue
        other = seen.setdefault(identity, interface.name)
        if other != interface.name and context.current.get(interface.key) is not interface:
            path = "vlan.id" if interface.kind == "vlan" else "vxlan.id"
            message = f"{other} has this {path} already"
            context.error(
                "duplicate",
                interface.name,
                path,
                message,
                expected="an id of its own",
                hint=f"change it, or remove {other}",
            )


def tunnels_have_their_family(context: Context) -> None:
    """A VXLAN between IPv6 addresses needs IPv6 on its parent (`vxlan_config_validate`)."""
    for interface in context.expected.values() if context.changed else ():
        if interface.kind != "vxlan":
            continue
        name, *ends = (field(interface, "vxlan", one) for one in ("parent", "local", "remote"))
        parent = context.kernel(name) if isinstance(name, str) else None
        off = parent is not None and isinstance(parent.ipv6, Ipv6) and parent.ipv6.enabled is False
        if parent is None or not off or not any(isinstance(one, str) and is_ipv6(one) for one in ends):
            continue
        if any(context.current.get(one.key) is not one for one in (interface, parent)):
            at, path = (interface, "vxlan.base-iface") if interface.key in context.desired else (parent, "ipv6.enabled")
            message = f"{interface.name} is a tunnel over IPv6, which is disabled on {parent.name}"
            context.error("tunnel-family", at.name, path, message, hint=f"enable IPv6 on {parent.name}")


def _tag(interface: Interface) -> tuple[typing.Any, ...] | None:
    if interface.kind == "vlan":
        parent, tag, protocol = (field(interface, "vlan", name) for name in ("parent", "tag", "protocol"))
        return None if UNSET in (parent, tag) else ("vlan", parent, tag, "802.1q" if protocol is UNSET else protocol)
    if interface.kind == "vxlan":
        network, port = field(interface, "vxlan", "id"), field(interface, "vxlan", "destination_port")
        parent, local = field(interface, "vxlan", "parent"), field(interface, "vxlan", "local")
        known = [network, port, parent, local]
        defaults = (None, 8472, "", "")
        if network is UNSET:
            return None
        return (
            "vxlan",
            *(default if value is UNSET else value for value, default in zip(known, defaults, strict=True)),
        )
    return None
