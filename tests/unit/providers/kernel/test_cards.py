"""Network cards on a PCI bus that is made of files."""

import pathlib

import pytest

from linkhold.networks.facts import Card
from linkhold.providers.kernel.inventory import cards

IDS = """\
# a comment
8086  Intel Corporation
\t10c9  82576 Gigabit Network Connection
\t\t8086 a01c  Gigabit ET Dual Port Server Adapter
\t10ca  82576 Virtual Function
1af4  Red Hat, Inc.
\t1041  Virtio 1.0 network device
C 02  Network controller
\t10c9  no product at all
"""


class Bus:
    """Devices as sysfs shows them."""

    def __init__(self, root: pathlib.Path) -> None:
        self.root = root
        self.links = root / "sys/bus/pci/devices"
        self.links.mkdir(parents=True)

    def plug(self, path: str, **files: str) -> pathlib.Path:
        folder = self.root / "sys/devices/pci0000:00" / path
        folder.mkdir(parents=True)
        said = {"class": "0x020000", "vendor": "0x8086", "device": "0x10c9", "numa_node": "-1"} | files
        for name, text in said.items():
            (folder / name).write_text(f"{text}\n")
        (self.links / folder.name).symlink_to(folder)
        return folder


@pytest.fixture
def bus(tmp_path: pathlib.Path) -> Bus:
    return Bus(tmp_path)


def names(root: pathlib.Path) -> None:
    (root / "usr/share/misc").mkdir(parents=True)
    (root / "usr/share/misc/pci.ids").write_text(IDS)


def test_a_card_with_virtual_functions(bus: Bus) -> None:
    names(bus.root)
    folder = bus.plug("0000:00:01.1/0000:05:00.0", sriov_totalvfs="7", numa_node="1")
    (folder / "net/ens5").mkdir(parents=True)
    (folder / "driver").symlink_to("../../../bus/pci/drivers/igb")
    (folder / "iommu_group").symlink_to("../../../kernel/iommu_groups/20")
    for number in (0, 1, 10, 2):
        (folder / f"virtfn{number}").symlink_to(f"../0000:05:1{number % 10}.{number // 10}")
    function = bus.plug("0000:00:01.1/0000:05:10.0", device="0x10ca")
    (function / "physfn").symlink_to("../0000:05:00.0")
    found = cards.read(str(bus.root))
    assert found["0000:05:00.0"] == Card(
        vendor="Intel Corporation",
        vendor_number="0x8086",
        product="82576 Gigabit Network Connection",
        product_number="0x10c9",
        driver="igb",
        interface="ens5",
        parent="0000:00:01.1",
        physical_function="",
        virtual_functions_most=7,
        numa_node="1",
        iommu_group="20",
    )
    assert (found["0000:05:10.0"].product, found["0000:05:10.0"].physical_function) == (
        "82576 Virtual Function",
        "0000:05:00.0",
    )
    addresses = cards.virtual_functions("0000:05:00.0", str(bus.root))
    assert addresses == ("0000:05:10.0", "0000:05:11.0", "0000:05:12.0", "0000:05:10.1")


def test_what_is_no_network_card_is_left_out(bus: Bus) -> None:
    bus.plug("0000:00:02.0", **{"class": "0x030000"})
    assert cards.read(str(bus.root)) == {}


def test_a_card_on_the_root_bus_without_names_or_a_driver(bus: Bus) -> None:
    bus.plug("0000:00:03.0", vendor="0x1af4", device="0x1041")
    (card,) = cards.read(str(bus.root)).values()
    assert (card.parent, card.driver, card.interface, card.virtual_functions_most) == ("", "", "", None)
    assert (card.vendor, card.vendor_number, card.product, card.numa_node) == ("", "0x1af4", "", "")


def test_a_product_that_is_not_known_has_its_vendor(bus: Bus) -> None:
    names(bus.root)
    bus.plug("0000:00:03.0", vendor="0x1af4", device="0x10c9")
    (card,) = cards.read(str(bus.root)).values()
    assert (card.vendor, card.product) == ("Red Hat, Inc.", "")


def test_a_host_without_pci_has_no_cards(tmp_path: pathlib.Path) -> None:
    assert cards.read(str(tmp_path)) == {}
    assert cards.virtual_functions("0000:05:00.0", str(tmp_path)) == ()
