"""IP of networks: on the interface that holds their addresses, static or from servers and routers (vdsm's `nmstate/ip.py`)."""

import typing

from linkhold.networks.configuration import Network
from linkhold.networks.options import further_addresses
from linkhold.networks.translating.parts import Part, Plain
from linkhold.networks.translating.situation import Situation
from linkhold.networks.translating.tables import table_of
from linkhold.state.routes import MAIN_TABLE


def parts(situation: Situation) -> list[Part]:
    """The sections ``ipv4`` and ``ipv6`` of all named networks."""
    return [
        Part(one.new.next_hop(one.name), {"ipv4": ipv4(one.name, one.new), "ipv6": ipv6(one.name, one.new)})
        for one in situation.steps
        if one.new is not None
    ]


def ipv4(name: str, network: Network) -> dict[str, Plain]:
    """The section of a network of this name. A second address is no way to reach the first one's network: it comes after."""
    own = [_address(network.ipaddr, network.prefix)] if network.ipaddr else []
    more = (one.partition("/") for one in further_addresses(network.custom.get("ipv4_addrs", "")))
    addresses = [*own, *(_address(ip, int(length)) for ip, _, length in more if ip != network.ipaddr)]
    if network.bootproto == "dhcp":
        return {"enabled": True, "dhcp": True, "address": addresses, **_automatic(name, network)}
    if not addresses:
        return {"enabled": False}
    return {"enabled": True, "dhcp": False, "address": addresses}


def ipv6(name: str, network: Network) -> dict[str, Plain]:
    """The section of a network of this name."""
    ip, _, length = network.ipv6addr.partition("/")
    addresses = [_address(ip, int(length or 128))] if ip else []
    flags = {"dhcp": network.dhcpv6, "autoconf": network.ipv6autoconf}
    if network.dhcpv6 or network.ipv6autoconf:
        return {"enabled": True, **flags, "address": addresses, **_automatic(name, network)}
    if not addresses:
        return {"enabled": False}
    return {"enabled": True, **flags, "address": addresses}


def _address(ip: str, length: int) -> dict[str, Plain]:
    return {"ip": ip, "prefix-length": length}


def _automatic(name: str, network: Network) -> dict[str, typing.Any]:
    """Servers may give name servers to the network with the default route alone; the routes of the others have a table of
    their own."""
    return {
        "auto-dns": network.default_route and not network.nameservers,
        "auto-gateway": True,
        "auto-routes": True,
        "auto-route-table-id": MAIN_TABLE if network.default_route else table_of(network.next_hop(name)),
    }
