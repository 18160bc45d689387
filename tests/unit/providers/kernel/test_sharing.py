"""What the kernel does of changes that others carry out."""

from linkhold.planning.change import Change
from linkhold.providers.kernel.sharing import shared
from linkhold.state.interfaces.common import AltName
from linkhold.state.interfaces.ethernet import Ethernet
from linkhold.state.interfaces.linux_bridge import LinuxBridge
from linkhold.state.interfaces.ovs_interface import OvsInterface

BEFORE = Ethernet(name="eth1", provider="networkmanager", mac_address="02:00:00:00:00:01", mtu=1500)
AFTER = BEFORE.replace(mac_address="02:00:00:00:00:02", mtu=1400, alt_names=(AltName(name="uplink"),))
CHANGE = Change(action="~", subject="interface", name="eth1", before=BEFORE, after=AFTER, provider="networkmanager")


def test_its_own_changes_are_whole() -> None:
    own = CHANGE.replace(provider="kernel")
    assert shared("address", [own]) == [own]


def test_of_an_interface_of_another_only_what_that_one_has_no_word_for() -> None:
    (narrow,) = shared("configure", [CHANGE])
    assert narrow.after == Ethernet(name="eth1", alt_names=(AltName(name="uplink"),))
    assert shared("address", [CHANGE]) == []


def test_on_the_way_back_also_what_came_by_chance() -> None:
    (narrow,) = shared("configure", [CHANGE], returning=True)
    assert (narrow.after.mac_address, narrow.after.mtu) == ("02:00:00:00:00:02", 1400)
    assert (narrow.before.mac_address, narrow.before.mtu) == ("02:00:00:00:00:01", 1500)


BRIDGE = LinuxBridge(name="red", state="up")
SWITCHED = OvsInterface(name="red", state="up", provider="openvswitch", controller="br0")


def test_it_makes_room_where_another_provider_makes_a_link_of_the_same_name() -> None:
    change = Change(action="±", subject="interface", name="red", before=BRIDGE, after=SWITCHED, provider="openvswitch")
    assert [shared(stage, [change]) for stage in ("release", "remove")] == [[change], [change]]
    assert shared("create", [change]) == []
    assert shared("address", [change]) == [change]


def test_a_link_that_another_makes_again_is_not_its_own_to_remove() -> None:
    change = Change(
        action="±", subject="interface", name="red", before=SWITCHED, after=SWITCHED, provider="openvswitch"
    )
    assert shared("remove", [change]) == []
