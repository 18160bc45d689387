"""All files of a document for systemd-networkd."""

import typing

from linkhold.foundation.diagnostics import Diagnostics, Invalid, Key, Path
from linkhold.foundation.record import UNSET
from linkhold.generating.assumed import LOOPBACK, Assumed, assume
from linkhold.generating.file import EVERYBODY, File
from linkhold.generating.networkd.capability import capabilities
from linkhold.generating.networkd.link import FEATURES, link
from linkhold.generating.networkd.netdev import kind_of, netdev
from linkhold.generating.networkd.network import Subject, controller_of, network, riders
from linkhold.generating.networkd.routing import resolving
from linkhold.generating.networkd.tables import UNHASHED
from linkhold.planning.feasible import UNSUPPORTED
from linkhold.planning.placing import placing
from linkhold.state.dns import DnsConfig
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.ethtool import Ethtool
from linkhold.state.network import NetworkState

_IDENTIFIERS: typing.Final = frozenset({UNSET, "ll", "llt", "iaid+duid", "en", "uuid"})

_SECRETS: typing.Final = ("PrivateKey", "PresharedKey")
READER: typing.Final = "systemd-network"
READER_ONLY: typing.Final = 0o640
"""systemd.netdev(5) asks for this where there are keys."""

PREFIX: typing.Final = "10-"
"""Before the files of distributions and images, of which the first that matches an interface wins."""


def files(document: NetworkState, found: Diagnostics) -> list[File]:
    """One or more for each interface.

    Raises:
        Invalid: they can't hold it.
    """
    host = assume(document, capabilities(), frozenset(), found)
    _tell_routing(host, found)
    made: list[File] = []
    on = riders(host.expected)
    for interface in _written(host, on, found):
        _tell(interface, found)
        subject = Subject(interface, host.expected, controller_of(interface, host.expected), on.get(interface.name, ()))
        texts = {"netdev": netdev(interface, host.expected), "network": network(subject), "link": link(interface)}
        made += [_file(f"{PREFIX}{interface.name}.{suffix}", text) for suffix, text in texts.items() if text]
    return made


def _file(name: str, text: str) -> File:
    if any(f"\n{key}=" in text for key in _SECRETS):
        return File(name, text, READER_ONLY, READER)
    return File(name, text, EVERYBODY)


def _written(host: Assumed, on: typing.Mapping[str, tuple[Interface, ...]], found: Diagnostics) -> list[Interface]:
    """Those that the document is about, and those that have to carry something of it: parents, the loopback interface."""
    place = placing(host.expected)
    carriers = {name for name, _ in (*place.routes, *place.rules, *place.servers)} | on.keys()
    there = {one.name for one in host.written}
    listed = host.expected.interfaces if isinstance(host.expected.interfaces, tuple) else ()
    undescribed = [one for one in listed if one.name in carriers - there]
    for one in undescribed:
        if one.name != LOOPBACK:
            message = (
                f"{one.name} gets a file for what rides on it, and no addresses: the document does not describe it"
            )
            found.warning("undescribed", ("interfaces",), message, hint=f"add an entry for {one.name}")
    return [*host.written, *undescribed]


def _tell_routing(host: Assumed, found: Diagnostics) -> None:
    """What such files can't hold of routes and the resolver."""
    routes: typing.Any = host.expected.routes
    for route in routes.config if routes is not UNSET else ():
        where = ("routes", "config", Key(str(route.destination)))
        if route.cwnd is not UNSET:
            found.warning(UNSUPPORTED, (*where, "cwnd"), "systemd-networkd has no key for it; left out")
        if route.weight is not UNSET and route.next_hop_address is UNSET:
            found.error(
                UNSUPPORTED, (*where, "weight"), "a hop of systemd-networkd's multipath routes needs an address"
            )
    place = placing(host.expected)
    if isinstance(place.resolver, DnsConfig) and place.resolver.options not in (UNSET, ()):
        at: Path = ("dns-resolver", "config", "options")
        found.warning(UNSUPPORTED, at, "the resolver's options are not systemd-networkd's; left out")
    if isinstance(place.resolver, DnsConfig) and place.resolver.said() and not resolving(place):
        message = place.unplaced_dns or "no interface has an address, so no file holds the name servers"
        found.error("dns", ("dns-resolver", "config"), message)
    if found.errors():
        raise Invalid(found)


def _tell(interface: Interface, found: Diagnostics) -> None:
    """What needs a look at values."""
    at: Path = ("interfaces", Key(interface.name))
    if link(interface) and not interface.virtual and interface.identifier in (UNSET, "name"):
        message = f"udev matches {interface.name} by the name that the kernel gave the card, before it was renamed"
        found.warning("link-match", at, message, hint="say identifier: mac-address, or pci-address")
    if isinstance(interface.ethtool, Ethtool) and isinstance(interface.ethtool.feature, dict):
        for name in sorted(interface.ethtool.feature.keys() - FEATURES.keys()):
            found.warning(UNSUPPORTED, (*at, "ethtool", "feature", name), "udev has no key for it; left out")
    bond: typing.Any = interface.get("bond")
    if bond is not UNSET and bond.options is not UNSET and bond.options.xmit_hash_policy == UNHASHED:
        path: Path = (*at, "link-aggregation", "options", "xmit_hash_policy")
        found.warning(UNSUPPORTED, path, f"systemd-networkd does not know {UNHASHED}; left out")
    card = interface.get("infiniband")
    if card is not UNSET and card.mode is not UNSET and not kind_of(interface):
        message = "systemd-networkd sets the transport of partitions only; left out"
        found.warning(UNSUPPORTED, (*at, "infiniband", "mode"), message)
    sections: tuple[tuple[typing.Any, str, str], ...] = (
        (interface.ipv4, "ipv4", "dhcp_client_id"),
        (interface.ipv6, "ipv6", "dhcp_duid"),
    )
    for section, family, field in sections:
        if section is not UNSET and section.dhcp is True and section.get(field) not in _IDENTIFIERS:
            path = (*at, family, field.replace("_", "-"))
            found.warning(UNSUPPORTED, path, "systemd-networkd makes up identifiers by rules only; left out")
