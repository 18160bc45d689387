"""Cards and virtual functions under libvirt's names."""

import pytest

from linkhold.networks.facts import Card, Facts, InterfaceFacts
from linkhold.networks.reporting.host_devices import host_devices
from linkhold.state.document import read

PHYSICAL = Card(
    vendor="Intel Corporation",
    vendor_number="0x8086",
    product="82576 Gigabit Network Connection",
    product_number="0x10c9",
    driver="igb",
    interface="ens5",
    parent="0000:00:01.1",
    virtual_functions_most=7,
    numa_node="0",
    iommu_group="20",
)
VIRTUAL = Card(vendor_number="0x8086", product_number="0x10ca", driver="vfio-pci", physical_function="0000:05:00.0")
FACTS = Facts(
    cards={"0000:05:00.0": PHYSICAL, "0000:05:10.2": VIRTUAL, "0001:0a:1f.7": Card(vendor_number="0x1af4")},
    interfaces={"ens5": InterfaceFacts(pci="0000:05:00.0")},
)
HOST = read(
    {
        "interfaces": [
            {"name": "ens5", "type": "ethernet", "mac-address": "52:54:00:12:34:56"},
            {"name": "eth0.5", "type": "vlan", "vlan": {"base-iface": "eth0", "id": 5}},
            {"name": "eth0", "type": "ethernet", "mac-address": "52:54:00:12:34:57"},
        ]
    }
)


def test_a_card_is_told_in_full():
    assert host_devices(HOST, FACTS, ["pci"])["pci_0000_05_00_0"]["params"] == {
        "capability": "pci",
        "vendor": "Intel Corporation",
        "vendor_id": "0x8086",
        "product": "82576 Gigabit Network Connection",
        "product_id": "0x10c9",
        "driver": "igb",
        "parent": "pci_0000_00_01_1",
        "totalvfs": 7,
        "numa_node": "0",
        "iommu_group": "20",
        "is_assignable": "true",
        "address": {"domain": "0", "bus": "5", "slot": "0", "function": "0"},
    }


def test_a_virtual_function_names_its_card_and_leaves_out_what_nobody_knows():
    assert host_devices(HOST, FACTS)["pci_0000_05_10_2"]["params"] == {
        "capability": "pci",
        "vendor_id": "0x8086",
        "product_id": "0x10ca",
        "driver": "vfio-pci",
        "physfn": "pci_0000_05_00_0",
        "parent": "computer",
        "is_assignable": "true",
        "address": {"domain": "0", "bus": "5", "slot": "16", "function": "2"},
    }


def test_addresses_are_hexadecimal_in_names_and_decimal_in_numbers():
    address = host_devices(HOST, FACTS)["pci_0001_0a_1f_7"]["params"]["address"]
    assert address == {"domain": "1", "bus": "10", "slot": "31", "function": "7"}


def test_an_interface_names_itself_and_its_card():
    told = host_devices(HOST, FACTS, ["net"])
    assert told["net_ens5_52_54_00_12_34_56"]["params"] == {
        "capability": "net",
        "interface": "ens5",
        "net_iface_name": "ens5",
        "is_assignable": "true",
        "parent": "pci_0000_05_00_0",
    }
    assert told["net_eth0_52_54_00_12_34_57"]["params"]["parent"] == "computer"


@pytest.mark.parametrize(
    ("wanted", "count"), [((), 5), (("pci",), 3), (("net",), 2), (("net", "pci"), 5), (("usb_device",), 0)]
)
def test_the_list_is_of_the_capabilities_asked_for(wanted, count):
    assert len(host_devices(HOST, FACTS, wanted)) == count
