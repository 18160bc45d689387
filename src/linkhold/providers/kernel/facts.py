"""What reports tell of a host beside its network state, read without privileges and without waiting.

Two dumps (links, with all that bonds and bridges say of themselves, and ethtool), and a look at the PCI bus. A link that
is down has no speed yet, and is told so at once: nobody is made to wait until it might have come up, since whoever reads
reports hears of that by an event.
"""

from __future__ import annotations

import os

from linkhold.foundation.garbage import uncollected
from linkhold.networks.facts import Facts, InterfaceFacts, Virtual
from linkhold.providers.kernel.inventory import bonds, bridges, cards, speeds
from linkhold.providers.kernel.netlink import link
from linkhold.providers.kernel.netlink.socket import Netlink
from linkhold.providers.kernel.unreadable import reading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from linkhold.networks.facts import Card
    from linkhold.providers.kernel.netlink.link import LinkMessage

    Fields = dict[str, Any]

IPV6_FILE = "/proc/net/if_inet6"
_ATTRIBUTES = frozenset({link.IFLA_IFNAME, link.IFLA_LINKINFO})


@uncollected
def read(netlink: Netlink | None = None, *, root: str = "") -> Facts:
    """The facts of this network namespace, now. `root` is put before the paths of files.

    Raises:
        Temporary, NotPermitted, Refused: the kernel did not answer a dump.
    """
    with reading(netlink) as opened:
        return _read(opened, root)


def _read(netlink: Netlink, root: str) -> Facts:
    links = link.dump(netlink, only=_ATTRIBUTES)
    found = cards.read(root)
    return Facts(
        interfaces=_interfaces(links, found, root),
        cards=found,
        ipv6=os.path.exists(root + IPV6_FILE),
        bond_defaults=bonds.defaults(),
    )


def _interfaces(links: list[LinkMessage], found: dict[str, Card], root: str) -> dict[str, InterfaceFacts]:
    names = {message.index: message.name for message in links}
    carrying = {message.index: message.name for message in links if message.has_carrier}
    quick = speeds.read(carrying, root)
    places = {card.interface: address for address, card in found.items() if card.interface}
    told: dict[str, InterfaceFacts] = {}
    for message in links:
        fields = _of_kind(message, names.get)
        if message.index in quick:
            fields["speed"], fields["duplex"] = quick[message.index]
        if message.kind is None and message.name in places:  # sysfs may be that of another namespace
            fields |= _of_card(places[message.name], found, root)
        told[message.name] = InterfaceFacts.of(fields)
    return told


def _of_kind(message: LinkMessage, name: bonds.Named) -> Fields:
    if message.kind == bridges.KERNEL_KIND:
        return {"bridge_options": bridges.options(message.data)}
    if message.kind == bonds.KERNEL_KIND:
        data = message.data
        return {"bond_options": bonds.options(data, name), **bonds.runtime(data, name)}
    if message.port_kind == bonds.KERNEL_KIND:
        return {**bonds.of_port(message)}
    return {}


def _of_card(address: str, found: dict[str, Card], root: str) -> Fields:
    card = found[address]
    functions = cards.virtual_functions(address, root) if card.virtual_functions_most is not None else ()
    return {
        "pci": address,
        "vendor": card.vendor or card.vendor_number,
        "product": card.product or card.product_number,
        "driver": card.driver,
        "virtual_functions_most": card.virtual_functions_most,
        "virtual_functions": tuple(Virtual(one, found[one].interface if one in found else "") for one in functions),
        "physical_function": card.physical_function,
    }
