"""Rules about what interfaces are, and what they are made of."""

import typing

from linkhold.foundation.diagnostics import did_you_mean
from linkhold.foundation.record import UNSET
from linkhold.planning.checks.context import Context, field
from linkhold.planning.pairs import peer_of
from linkhold.planning.traits import traits_of
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


def kinds_stay(context: Context) -> None:
    """Hardware has the kind it has; a made interface may be replaced by one of another kind that can be made."""
    for said in context.judged():
        now = context.current.get(said.key)
        if now is None or isinstance(now, type(said)) or (now.virtual and said.virtual):
            continue
        message = f"{said.name} is of kind {now.kind} on this host, not {said.kind}"
        context.error(
            "kind", said.name, "type", message, expected=now.kind, hint=f"say type: {now.kind}, or choose another name"
        )


def hardware_exists(context: Context) -> None:
    """Hardware can't be made."""
    for said in context.judged():
        if not said.virtual and said.key not in context.current and said.wanted:
            if context.expected.get(said.key) is not None and context.expected[said.key].virtual:
                continue  # the other end of a new pair
            message, hint = (
                context.missing(said.name)
                if said.key not in context.expected
                else (
                    f"there is no interface {said.name}",
                    did_you_mean(said.name, [key[0] for key in context.current]),
                )
            )
            text = f"{message}, and interfaces of kind {said.kind} can't be made"
            context.error(
                "no-such-interface",
                said.name,
                "",
                text,
                expected="an interface of this host",
                hint=hint or "look up its name on the host: linkhold show",
            )


def new_ones_are_complete(context: Context) -> None:
    """What is made needs the settings that make it what it is."""
    for said in context.judged():
        now = context.current.get(said.key)
        interface = context.expected.get(said.key)
        if interface is None or (now is not None and type(now) is type(interface)):
            continue
        for section, name in _REQUIRED.get(interface.kind, ()):
            value = field(interface, section, name)
            if value is UNSET or value == "" or (interface.kind == "vrf" and value == 0):
                path = _spelled(interface, section, name)
                context.error(
                    "missing-key",
                    said.name,
                    path,
                    f"a new {interface.kind} needs '{path}'",
                    expected=path,
                    hint=f"add {path}",
                )


def _spelled(interface: Interface, section: str, name: str) -> str:
    trait = traits_of(type(interface))[section]
    return f"{trait.key}.{traits_of(trait.section)[name].key}" if trait.section else trait.key


def pairs_agree(context: Context) -> None:
    """Both ends of a pair name each other, and go together."""
    for said in context.judged():
        peer = peer_of(said)
        if not peer:
            continue
        other, told = context.kernel(peer), context.desired.get((peer, ""))
        if told is not None and told.state == "absent":
            message, hint = context.missing(peer)
            context.error("veth-peer", said.name, "veth.peer", f"{said.name} goes with its peer: {message}", hint=hint)
        elif other is not None and other.kind != "veth":
            message = f"{peer} is of kind {other.kind}, not the other end of a pair"
            context.error(
                "veth-peer", said.name, "veth.peer", message, expected="the name of a veth", hint="choose another name"
            )
        elif other is not None and peer_of(other) != said.name:
            message = f"{peer} is paired with {peer_of(other) or 'nothing'}"
            context.error(
                "veth-peer",
                said.name,
                "veth.peer",
                message,
                expected=f"veth.peer: {said.name} on {peer}",
                hint="let both name each other",
            )
