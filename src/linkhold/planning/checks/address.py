"""Rules about IP on interfaces."""

import typing

from linkhold.foundation.record import UNSET
from linkhold.planning.checks.context import Context
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.ip import Ip

LEAST_IPV6_MTU: typing.Final = 1280
"""RFC 8200, section 5."""


def ports_have_no_ip(context: Context) -> None:
    """A port hands its frames to its controller: addresses belong there. (Ports of a VRF keep theirs.)

    A port that has IP already, as the kernel gives its ports link-local addresses, may be told as it is.
    """
    for said in context.wanted():
        interface = context.expected.get(said.key)
        name = interface.controller if interface is not None else UNSET
        if not isinstance(name, str) or not name or said.kind == "ovs-interface":
            continue
        controller = context.controller(name)
        if controller is None or controller.kind == "vrf":
            continue
        for family, section in (("ipv4", said.ipv4), ("ipv6", said.ipv6)):
            if isinstance(section, Ip) and section.enabled is True and not _is_so(context, interface, family):
                message = f"{said.name} is a port of {name} and can't have IP of its own"
                context.error(
                    "ip-on-port",
                    said.name,
                    f"{family}.enabled",
                    message,
                    expected="false",
                    hint=f"give the addresses to {name}",
                )


def _is_so(context: Context, interface: Interface | None, family: str) -> bool:
    """Whether this family of a port will be as it is now."""
    now = None if interface is None else context.current.get(interface.key)
    if interface is None or now is None or now.controller != interface.controller:
        return False
    return bool(now.get(family) == interface.get(family))


def ipv6_needs_its_mtu(context: Context) -> None:
    """IPv6 works with packets of 1280 bytes or more."""
    for interface in context.changed:
        enabled = isinstance(interface.ipv6, Ip) and interface.ipv6.enabled is True
        if (
            enabled
            and isinstance(interface.mtu, int)
            and 0 < interface.mtu < LEAST_IPV6_MTU
            and interface.key in context.desired
        ):
            message = f"{interface.mtu} is too little for IPv6, which is enabled on {interface.name}"
            context.error(
                "mtu",
                interface.name,
                "mtu",
                message,
                expected=f"at least {LEAST_IPV6_MTU}",
                hint="or say ipv6: {enabled: false}",
            )


def addresses_are_unique(context: Context) -> None:
    """The same address on two interfaces is seldom meant."""
    new = {one.name: set(_addresses(one)) for one in context.changed}
    if not any(new.values()):
        return
    holders: dict[str, list[Interface]] = {}
    for interface in context.expected.values():
        for address in _addresses(interface):
            holders.setdefault(address, []).append(interface)
    for address, interfaces in holders.items():
        domains: dict[typing.Any, str] = {}
        for interface in interfaces:
            domain = interface.controller if isinstance(interface.controller, str) else ""
            other = domains.setdefault(domain, interface.name)
            if other != interface.name and (address in new.get(interface.name, ()) or address in new.get(other, ())):
                family = "ipv6" if ":" in address else "ipv4"
                context.warning(
                    "duplicate-address",
                    interface.name,
                    f"{family}.address",
                    f"{address} is on {other} too",
                    hint="keep it on one of them",
                )


def _addresses(interface: Interface) -> typing.Iterator[str]:
    for section in (interface.ipv4, interface.ipv6):
        if isinstance(section, Ip) and section.enabled is not False:
            yield from (one.ip for one in section.static)
