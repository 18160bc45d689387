"""Functions of network cards on the PCI bus (`Documentation/ABI/testing/sysfs-bus-pci`), with their names by pci.ids.

sysfs alone tells of them; `root` is put before its paths, for tests. Reading needs no privileges.
"""

from __future__ import annotations

import os

from linkhold.networks.facts import Card
from linkhold.providers.kernel.inventory.product_names import names_of

DEVICES = "/sys/bus/pci/devices"
_NETWORK_CLASS = "0x02"  # PCI_BASE_CLASS_NETWORK


def read(root: str = "") -> dict[str, Card]:
    """All of them by PCI address, sorted; none where there is no PCI bus."""
    folder = root + DEVICES
    try:
        addresses = sorted(os.listdir(folder))
    except FileNotFoundError:
        return {}
    return {
        address: _card(f"{folder}/{address}", root)
        for address in addresses
        if _text(f"{folder}/{address}/class").startswith(_NETWORK_CLASS)
    }


def _card(folder: str, root: str) -> Card:
    vendor, product = _text(f"{folder}/vendor"), _text(f"{folder}/device")
    called = names_of(vendor, product, root)
    most = _text(f"{folder}/sriov_totalvfs")
    above = os.path.basename(os.path.dirname(os.path.realpath(folder)))
    node = _text(f"{folder}/numa_node")
    return Card(
        vendor=called[0],
        vendor_number=vendor,
        product=called[1],
        product_number=product,
        driver=_link(f"{folder}/driver"),
        interface=interface_of(folder),
        parent=above if above.count(":") == 2 else "",
        physical_function=_link(f"{folder}/physfn"),
        virtual_functions_most=int(most) if most.isdigit() else None,
        numa_node="" if node.startswith("-") else node,
        iommu_group=_link(f"{folder}/iommu_group"),
    )


def interface_of(folder: str) -> str:
    """The first interface of a device, '' while no driver of this host holds it."""
    try:
        return min(os.listdir(f"{folder}/net"), default="")
    except OSError:  # no driver, or one that makes no interfaces
        return ""


def virtual_functions(address: str, root: str = "") -> tuple[str, ...]:
    """The addresses of a card's virtual functions, in their order."""
    folder = f"{root}{DEVICES}/{address}"
    try:
        found = [name for name in os.listdir(folder) if name.startswith("virtfn")]
    except OSError:  # it was unplugged meanwhile
        return ()
    return tuple(_link(f"{folder}/{name}") for name in sorted(found, key=lambda name: int(name[len("virtfn") :])))


def _text(path: str) -> str:
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return file.read().strip()
    except OSError:  # a card without that part has no such file
        return ""


def _link(path: str) -> str:
    """The last part of where a link leads, '' without one."""
    try:
        return os.path.basename(os.readlink(path))
    except OSError:
        return ""
