"""Addresses: complete, not given in two ways, gateways that can be reached, each at one network only."""

import ipaddress
import typing

from linkhold.foundation.diagnostics import Path
from linkhold.networks.checks.context import Context
from linkhold.networks.configuration import Network
from linkhold.networks.drafts import NetworkDraft
from linkhold.networks.mistakes import Mistakes, Stage
from linkhold.networks.options import further_addresses
from linkhold.state.interfaces.common import IPV6_LEAST_MTU


def check(context: Context) -> None:
    """Look at all addresses, gateways and name servers, and who has the default route."""
    _check_default_route(context)
    for draft in context.asked.networks.values():
        if draft.implied:
            continue
        _check_ipv4(draft, context.found)
        _check_ipv6(draft, context.found)
        _check_nameservers(draft, context.found)
        if _uses_ipv6(draft.network) and not context.host.facts.ipv6:
            _bad(context.found, (*draft.at, "ipv6addr"), "this host has no IPv6", hint="leave it out")
    _check_duplicates(context)


def _check_default_route(context: Context) -> None:
    several = [name for name, draft in context.asked.networks.items() if draft.network.default_route]
    if len(several) > 1:
        message = "Only a single default route network is allowed."
        for name in several:
            where = (*context.asked.networks[name].at, "defaultRoute")
            hint = "true for one of " + ", ".join(several)
            context.found.error(Stage.CANONICAL, "bad-params", where, message, hint=hint)


def _check_ipv4(draft: NetworkDraft, found: Mistakes) -> None:
    network, said = draft.network, draft.said
    if "ipaddr" not in said:
        for name in ("netmask", "prefix", "gateway"):
            if name in said:
                message = "Specified netmask or gateway but not ip"
                _bad(found, (*draft.at, name), message, hint="give ipaddr as well, or leave it out")
        return
    if network.bootproto == "dhcp":
        message, hint = "Mixing static and dynamic IPv4 is not supported", "give ipaddr, or bootproto dhcp"
        _bad(found, (*draft.at, "ipaddr"), message, hint=hint)
    if not {"netmask", "prefix"} & said:
        message = "Must specify netmask to configure ip for network"
        _bad(found, (*draft.at, "netmask"), message, hint="give netmask or prefix")
    if network.ipaddr and network.prefix and network.gateway:
        _check_gateway(draft, "gateway", f"{network.ipaddr}/{network.prefix}", network.gateway, found)


def _check_ipv6(draft: NetworkDraft, found: Mistakes) -> None:
    network = draft.network
    if network.ipv6gateway:
        if network.ipv6addr:
            _check_gateway(draft, "ipv6gateway", network.ipv6addr, network.ipv6gateway, found)
        elif not (network.dhcpv6 or network.ipv6autoconf or "ipv6addr" in draft.unread):
            message, hint = "an IPv6 gateway, but no IPv6 address", "give ipv6addr, dhcpv6 or ipv6autoconf as well"
            _bad(found, (*draft.at, "ipv6gateway"), message, hint=hint)
    if _uses_ipv6(network) and network.mtu < IPV6_LEAST_MTU:
        message = f"{network.mtu} is too small for IPv6"
        where = (*draft.at, "mtu")
        found.error(Stage.ADDRESSES, "bad-params", where, message, expected=f"at least {IPV6_LEAST_MTU}")


def _uses_ipv6(network: Network) -> bool:
    return bool(network.ipv6addr) or network.dhcpv6 or network.ipv6autoconf


def _check_gateway(draft: NetworkDraft, name: str, address: str, gateway: str, found: Mistakes) -> None:
    """A router is a neighbour with another address; in IPv6 it may be called by its link-local one."""
    interface, router = ipaddress.ip_interface(address), ipaddress.ip_address(gateway)
    where = (*draft.at, name)
    if router == interface.ip:
        _bad(found, where, f"{gateway} is the address of the network itself", hint="give that of the router")
    elif router not in interface.network and not (router.version == 6 and router.is_link_local):
        message = f"{gateway} is outside of {interface.network}: it can't be reached directly"
        _bad(found, where, message, hint="check the address, the prefix and the gateway")


def _check_nameservers(draft: NetworkDraft, found: Mistakes) -> None:
    if draft.network.nameservers and not draft.network.default_route:
        message = "Name servers may only be defined on the default host network"
        hint = "give them to the network with defaultRoute"
        found.error(Stage.ADDRESSES, "bad-params", (*draft.at, "nameservers"), message, hint=hint)


def _check_duplicates(context: Context) -> None:
    """An address belongs to one network, of those that there will be."""
    holders: dict[str, list[tuple[str, str]]] = {}
    for name, network in context.networks.items():
        for attribute, address in _addresses(network):
            holders.setdefault(address, []).append((name, attribute))
    for address, held in holders.items():
        for name, attribute in held if len(held) > 1 else ():
            draft = context.asked.networks.get(name)
            if draft is not None and not draft.implied:
                other = next((one for one, _ in held if one != name), name)
                where = (*draft.at, *attribute.split("."))
                _bad(context.found, where, f"{address} is an address of {other} already", hint="give another one")


def _addresses(network: Network) -> typing.Iterator[tuple[str, str]]:
    """Each address that a network gives by hand, with the attribute that does."""
    if network.ipaddr:
        yield "ipaddr", network.ipaddr
    if network.ipv6addr:
        yield "ipv6addr", network.ipv6addr.partition("/")[0]
    try:
        further = further_addresses(network.custom.get("ipv4_addrs", ""))
    except ValueError:
        return  # told where custom properties are looked at
    for one in further:
        if one.partition("/")[0] != network.ipaddr:
            yield "custom.ipv4_addrs", one.partition("/")[0]


def _bad(found: Mistakes, where: Path, message: str, *, hint: str) -> None:
    found.error(Stage.ADDRESSES, "bad-address", where, message, hint=hint)
