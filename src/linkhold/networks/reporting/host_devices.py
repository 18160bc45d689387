"""``Host.hostdevListByCaps``: network cards and their virtual functions, as libvirt names and vdsm describes them.

Sources: vdsm's ``common/hostdev.py``; libvirt's ``node_device_udev.c`` for names.
"""

import typing

from linkhold.networks.facts import Card, Facts
from linkhold.networks.reporting.addresses import Entry
from linkhold.networks.reporting.cards import hardware_address
from linkhold.state.interfaces.common import Interface
from linkhold.state.network import NetworkState

_ROOT: typing.Final = "computer"
"""What libvirt calls the parent of what is on no other device."""

_HARDWARE: typing.Final = frozenset({"ethernet", "infiniband"})
_PARTS: typing.Final = ("domain", "bus", "slot", "function")


def host_devices(state: NetworkState, facts: Facts, capabilities: typing.Collection[str] = ()) -> dict[str, Entry]:
    """``{name: {"params": {…}}}`` of devices with one of these capabilities (``net``, ``pci``); of all if none is named."""
    found: dict[str, Entry] = {}
    if not capabilities or "pci" in capabilities:
        found |= {pci_name(address): {"params": _function(address, card)} for address, card in facts.cards.items()}
    if not capabilities or "net" in capabilities:
        listed = state.interfaces if isinstance(state.interfaces, tuple) else ()
        found |= {net_name(one): {"params": _net(one, facts)} for one in listed if one.kind in _HARDWARE}
    return found


def pci_name(address: str) -> str:
    """``0000:05:00.0`` → ``pci_0000_05_00_0``."""
    return "pci_" + address.replace(":", "_").replace(".", "_")


def net_name(one: Interface) -> str:
    """``net_eth0_52_54_00_12_34_56``: whatever can't stand in such a name becomes an underscore."""
    text = f"net_{one.name}_{hardware_address(one)}"
    return "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in text)


def _function(address: str, card: Card) -> Entry:
    said: Entry = {
        "vendor": card.vendor,
        "vendor_id": card.vendor_number,
        "product": card.product,
        "product_id": card.product_number,
        "driver": card.driver,
        "iommu_group": card.iommu_group,
        "numa_node": card.numa_node,
        "physfn": pci_name(card.physical_function) if card.physical_function else "",
    }
    entry: Entry = {key: value for key, value in said.items() if value}
    if card.virtual_functions_most is not None:
        entry["totalvfs"] = card.virtual_functions_most
    return {
        **entry,
        "capability": "pci",
        "is_assignable": "true",
        "parent": pci_name(card.parent) if card.parent else _ROOT,
        "address": _address(address),
    }


def _address(address: str) -> dict[str, str]:
    """The numbers of a PCI address in decimal, as libvirt writes them."""
    numbers = address.replace(".", ":").split(":")
    return {part: str(int(number, 16)) for part, number in zip(_PARTS, numbers, strict=True)}


def _net(one: Interface, facts: Facts) -> Entry:
    """The interface's name under both keys by which it has been told over the years."""
    place = facts.about(one.name).pci
    return {
        "capability": "net",
        "is_assignable": "true",
        "interface": one.name,
        "net_iface_name": one.name,
        "parent": pci_name(place) if place else _ROOT,
    }
