"""What reports for the centre tell of a host beside its network state: facts that no document speaks of.

A provider reads them (`providers/kernel/facts.py`) in the same moment as the state.
"""

import typing

from linkhold.foundation.record import Record


class Virtual(typing.NamedTuple):
    """One virtual function of a card: its PCI address and, while a driver of this host holds it, its interface."""

    pci: str
    interface: str


class InterfaceFacts(Record):
    """Facts about one interface; a field that says nothing here is at its default.

    `speed` in Mbit/s (0: down, or not known), `duplex` as the kernel says it. `active_port` is that of an active-backup
    bond. `aggregator` and `partner_mac` are of LACP (a bond's, or a port's); `permanent_mac` is what a port of a bond had
    before it became one. `bridge_options` are all files of
    ``/sys/class/net/NAME/bridge`` that can be read, as text. `bond_options` are the settings in
    ``/sys/class/net/NAME/bonding``, each as ``(name or number, number or '')`` in the kernel's words (several targets
    with commas between). `virtual_functions_most` is None for a card without SR-IOV.
    """

    speed: int = 0
    duplex: str = ""
    active_port: str = ""
    aggregator: str = ""
    partner_mac: str = ""
    permanent_mac: str = ""
    bridge_options: dict[str, str] = {}  # noqa: RUF012 - records are immutable
    bond_options: dict[str, tuple[str, str]] = {}  # noqa: RUF012 - records are immutable
    pci: str = ""
    vendor: str = ""
    product: str = ""
    driver: str = ""
    virtual_functions_most: int | None = None
    virtual_functions: tuple[Virtual, ...] = ()
    physical_function: str = ""


class Card(Record):
    """One function of a network card on the PCI bus, whether or not a driver of this host holds it.

    `vendor` and `product` are by name where the host knows the names, the numbers are ``0x8086`` and the like. `parent`
    is the address of the bridge above ('' for none), `interface` its first interface, `physical_function` the address of
    the card whose virtual function it is. `numa_node` and `iommu_group` are '' where the host has none.
    """

    vendor: str = ""
    vendor_number: str = ""
    product: str = ""
    product_number: str = ""
    driver: str = ""
    interface: str = ""
    parent: str = ""
    physical_function: str = ""
    virtual_functions_most: int | None = None
    numa_node: str = ""
    iommu_group: str = ""


class Facts(Record):
    """Facts about a host, by interface.

    `cards` are the functions of network cards by PCI address (``0000:05:00.0``). `bond_defaults` maps each mode
    (``balance-rr``, …) to the options of a bond of that mode, each with its default as the kernel's number or text.
    """

    interfaces: dict[str, InterfaceFacts] = {}  # noqa: RUF012 - records are immutable
    cards: dict[str, Card] = {}  # noqa: RUF012 - records are immutable
    ipv6: bool = True
    bond_defaults: dict[str, dict[str, str]] = {}  # noqa: RUF012 - records are immutable

    def about(self, name: str) -> InterfaceFacts:
        """Those about one interface."""
        return self.interfaces.get(name, _NONE)


_NONE: typing.Final = InterfaceFacts()
