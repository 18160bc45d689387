"""The number of virtual functions of a card, as a part of the state."""

import pytest

from linkhold.networks.configuration import Bonding, Configuration, Network
from linkhold.networks.facts import Facts, InterfaceFacts, Virtual
from linkhold.networks.functions import change_functions
from linkhold.networks.request import Rejected
from linkhold.planning import planner
from linkhold.state.document import read
from tests.cases.hosts import observed

FACTS = Facts(
    interfaces={
        "eth0": InterfaceFacts(pci="0000:05:00.0", virtual_functions_most=7),
        "eth1": InterfaceFacts(pci="0000:06:00.0"),
    }
)


def test_a_card_gets_virtual_functions():
    setup = change_functions("pci_0000_05_00_0", 4, Configuration(devices={"0000:07:00.0": 2}), FACTS)
    assert setup.document == {
        "interfaces": [{"name": "eth0", "type": "ethernet", "ethernet": {"sr-iov": {"total-vfs": 4}}}]
    }
    assert setup.desired == read(setup.document)
    assert setup.after == Configuration(devices={"0000:05:00.0": 4, "0000:07:00.0": 2})


@pytest.mark.parametrize("device", ["pci_0000_05_00_0", "0000:05:00.0", "eth0"])
def test_a_card_goes_by_several_names(device):
    assert change_functions(device, 1, Configuration(), FACTS).after.devices == {"0000:05:00.0": 1}


def test_no_functions_are_a_number_too():
    setup = change_functions("pci_0000_05_00_0", 0, Configuration(devices={"0000:05:00.0": 4}), FACTS)
    assert setup.document["interfaces"][0]["ethernet"] == {"sr-iov": {"total-vfs": 0}}
    assert setup.after.devices == {"0000:05:00.0": 0}


@pytest.mark.parametrize(
    ("device", "count", "number", "words"),
    [
        ("pci_0000_09_00_0", 1, 23, "there is no card pci_0000_09_00_0"),
        ("nonsense", 1, 23, "there is no card nonsense"),
        ("", 1, 23, "there is no card"),
        ("pci_0000_06_00_0", 1, 21, "has no virtual functions"),
        ("pci_0000_05_00_0", 8, 21, "can't have 8 virtual functions"),
        ("pci_0000_05_00_0", -1, 21, "can't have -1 virtual functions"),
    ],
)
def test_what_can_not_be_is_refused(device, count, number, words):
    with pytest.raises(Rejected) as rejected:
        change_functions(device, count, Configuration(), FACTS)
    assert rejected.value.number == number
    assert words in rejected.value.first.message


def test_the_same_number_again_is_nothing_to_do():
    current = observed({"interfaces": [{"name": "eth0", "type": "ethernet", "ethernet": {"sr-iov": {"total-vfs": 4}}}]})
    setup = change_functions("pci_0000_05_00_0", 4, Configuration(), FACTS)
    assert planner.plan(setup.desired, current).plan.changes == ()


FUNCTIONS = (Virtual("0000:05:02.0", "eth0v0"), Virtual("0000:05:02.1", ""))
WITH_FUNCTIONS = Facts(
    interfaces={"eth0": InterfaceFacts(pci="0000:05:00.0", virtual_functions_most=7, virtual_functions=FUNCTIONS)}
)
ON_ONE = {
    "network red": Configuration(networks={"red": Network(interface="eth0v0", bridged=False)}),
    "bond bond0": Configuration(bondings={"bond0": Bonding(ports=("eth0v0", "eth1"))}),
}


@pytest.mark.parametrize("count", [0, 1, 4])
@pytest.mark.parametrize(("user", "running"), ON_ONE.items())
def test_functions_that_something_rides_on_are_not_taken_away(count, user, running):
    with pytest.raises(Rejected) as rejected:
        change_functions("pci_0000_05_00_0", count, running, WITH_FUNCTIONS)
    assert rejected.value.number == 24
    assert rejected.value.first.message == (f"virtual functions of pci_0000_05_00_0 (eth0) are in use: eth0v0 ({user})")


@pytest.mark.parametrize(("count", "running"), [(4, Configuration()), (2, ON_ONE["network red"])])
def test_idle_functions_are_made_anew_and_those_in_use_may_stay_as_many(count, running):
    assert change_functions("eth0", count, running, WITH_FUNCTIONS).after.devices == {"0000:05:00.0": count}
