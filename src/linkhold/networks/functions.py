"""Virtual functions of cards (SR-IOV): how many, as a part of the state like any other (vdsm's ``hostdevChangeNumvfs``)."""

import typing

from linkhold.foundation.diagnostics import Diagnostics, did_you_mean
from linkhold.networks.configuration import Configuration
from linkhold.networks.facts import Facts
from linkhold.networks.request import Rejected, SetupRequest
from linkhold.networks.setup import Setup
from linkhold.networks.translating.parts import Part, composed
from linkhold.state.document import read

_PREFIX: typing.Final = "pci_"


def change_functions(device: str, count: int, running: Configuration, facts: Facts) -> Setup:
    """The setup that gives a card so many virtual functions. `device` is the card in libvirt's words, ``pci_0000_05_00_0``.

    Raises:
        Rejected: there is no such card, it has no such functions, or not so many; or networks or bonds ride on those that it
            has, all of which would go (the kernel makes another number only from none: `sriov_numvfs_store`).
    """
    found = Diagnostics()
    name = card_of(device, facts)
    most = facts.about(name).virtual_functions_most if name else None
    if not name:
        known = [libvirt_name(one.pci) for one in facts.interfaces.values() if one.virtual_functions_most is not None]
        found.error(
            "bad-nic", ("deviceName",), f"there is no card {device} with an interface", hint=did_you_mean(device, known)
        )
    elif most is None:
        found.error("bad-params", ("deviceName",), f"{device} ({name}) has no virtual functions")
    elif not 0 <= count <= most:
        message = f"{device} ({name}) can't have {count} virtual functions"
        found.error("bad-params", ("numvfs",), message, expected=f"0 to {most}")
    elif (used := _used(name, running, facts)) and count != len(facts.about(name).virtual_functions):
        message = f"virtual functions of {device} ({name}) are in use: {', '.join(used)}"
        found.error("used-nic", ("numvfs",), message, hint="remove or move what rides on them first")
    if found:
        raise Rejected(found)
    address = facts.about(name).pci
    document = {"interfaces": composed([part(name, count)])}
    after = running.replace(devices=dict(sorted({**running.devices, address: count}.items())))
    return Setup(SetupRequest(), document, read(document), after)


def _used(name: str, running: Configuration, facts: Facts) -> list[str]:
    """The interfaces of a card's virtual functions on which networks or bonds ride, each with these."""
    users: dict[str, list[str]] = {}
    for network, one in running.networks.items():
        users.setdefault(one.base, []).append(f"network {network}")
    for bond, bonding in running.bondings.items():
        for port in bonding.ports:
            users.setdefault(port, []).append(f"bond {bond}")
    own = sorted(one.interface for one in facts.about(name).virtual_functions if one.interface in users)
    return [f"{interface} ({', '.join(sorted(users[interface]))})" for interface in own if interface]


def part(name: str, count: int) -> Part:
    """What a document says of a card with so many virtual functions."""
    return Part(name, {"type": "ethernet", "ethernet": {"sr-iov": {"total-vfs": count}}})


def card_of(device: str, facts: Facts) -> str:
    """The interface of a card by its PCI address, spelled as libvirt or as the kernel does, or by its own name; '' for none."""
    if device in facts.interfaces:
        return device
    address = pci_address(device)
    return next((name for name, one in sorted(facts.interfaces.items()) if address and one.pci == address), "")


def pci_address(device: str) -> str:
    """``pci_0000_05_00_0`` as the kernel spells it, ``0000:05:00.0``; what is spelled so already stays."""
    if not device.startswith(_PREFIX):
        return device
    domain, _, rest = device.removeprefix(_PREFIX).partition("_")
    bus, _, rest = rest.partition("_")
    slot, _, function = rest.partition("_")
    return f"{domain}:{bus}:{slot}.{function}"


def libvirt_name(address: str) -> str:
    """``0000:05:00.0`` as libvirt spells it, ``pci_0000_05_00_0``."""
    return _PREFIX + address.replace(":", "_").replace(".", "_")
