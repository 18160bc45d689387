"""Rules about the size of frames."""

import typing

from linkhold.foundation.record import UNSET
from linkhold.planning.checks.context import Context, field
from linkhold.planning.references import references
from linkhold.state.interfaces.common import Interface
from linkhold.state.spellings import is_ipv6

_INSIDE_PARENT: typing.Final = frozenset({"vlan", "mac-vlan", "mac-vtap", "ipvlan"})
"""Kinds whose frames are frames of the parent: the kernel refuses a larger MTU."""


_VXLAN_HEADERS: typing.Final = {False: 50, True: 70}
"""What a VXLAN adds to a frame, over IPv4 and over IPv6 (VXLAN_HEADROOM, VXLAN6_HEADROOM of `include/net/vxlan.h`)."""


def mtu_is_in_range(context: Context) -> None:
    """The driver takes the MTU."""
    for said in context.wanted():
        now = context.current.get(said.key)
        if now is None or not isinstance(said.mtu, int) or said.mtu in (0, now.mtu):
            continue
        least, most = now.min_mtu, now.max_mtu
        if (isinstance(least, int) and said.mtu < least) or (isinstance(most, int) and most and said.mtu > most):
            limits = f"{least} to {most}"
            context.error(
                "mtu", said.name, "mtu", f"the driver of {said.name} does not take {said.mtu}", expected=limits
            )


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


def vxlans_fit_parents(context: Context) -> None:
    """A VXLAN's frames are carried in packets of its parent, if it has one (`vxlan_change_mtu`)."""
    for said in context.wanted():
        interface = context.expected.get(said.key)
        if said.kind != "vxlan" or not isinstance(said.mtu, int):
            continue
        name, *ends = (field(interface, "vxlan", one) for one in ("parent", "local", "remote"))
        parent = context.kernel(name) if isinstance(name, str) else None
        if parent is None or not isinstance(parent.mtu, int):
            continue
        most = parent.mtu - _VXLAN_HEADERS[any(isinstance(one, str) and is_ipv6(one) for one in ends)]
        if said.mtu > most:
            message = f"{said.mtu} does not fit into the packets of {parent.name}, whose MTU is {parent.mtu}"
            hint = f"raise the mtu of {parent.name} too"
            context.error("mtu", said.name, "mtu", message, expected=f"at most {most}", hint=hint)


def _too_large(context: Context, interface: Interface, parent: Interface) -> None:
    said = context.desired.get(interface.key)
    if said is not None and said.mtu is not UNSET:
        message = f"{interface.mtu} is more than the MTU of {parent.name}, {parent.mtu}"
        context.error(
            "mtu",
            interface.name,
            "mtu",
            message,
            expected=f"at most {parent.mtu}",
            hint=f"raise the mtu of {parent.name} too",
        )
    else:
        message = (
            f"the kernel lowers the MTU of {interface.name}, which rides on it, from {interface.mtu} to {parent.mtu}"
        )
        context.warning("mtu", parent.name, "mtu", message, hint=f"say the mtu of {interface.name} too")
