"""The database laid over what the kernel shows."""

from linkhold.foundation.record import UNSET
from linkhold.providers.ovsdb.observe import amended
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.ethernet import Ethernet
from linkhold.state.interfaces.ip import Ipv4
from linkhold.state.interfaces.linux_bridge import LinuxBridge
from linkhold.state.interfaces.ovs_bridge import OvsBridge
from linkhold.state.interfaces.ovs_interface import OvsInterface, Patch
from linkhold.state.interfaces.tun import Tun, TunConfig
from linkhold.state.network import NetworkState
from linkhold.state.ovs import OvsDatabase
from tests.unit.providers.ovsdb import rows


def _amended(
    *links: Interface, names: frozenset[str] = frozenset(), **bridges: object
) -> dict[tuple[str, str], Interface]:
    snapshot = rows.snapshot(*bridges.values())  # type: ignore[arg-type]
    return dict(amended(NetworkState(interfaces=links), snapshot, names).by_key)


def test_a_link_that_was_plugged_in_stays_what_it_is() -> None:
    row = rows.interface("eth1", external_ids=["map", [["iface-id", "x"]]])
    found = _amended(Ethernet(name="eth1", controller="ovs-system"), br0=rows.bridge("br0", rows.port("eth1", row)))
    eth1 = found["eth1", ""]
    assert (eth1.kind, eth1.controller, eth1.provider) == ("ethernet", "br0", UNSET)
    assert eth1.ovs_db == OvsDatabase(external_ids={"iface-id": "x"})
    bridge = found["br0", "ovs-bridge"]
    assert (bridge.provider, bridge.ports) == ("ovsdb", ("eth1",))


def test_a_tap_of_the_daemon_is_an_interface_for_the_host() -> None:
    tap = Tun(name="host0", state="up", mtu=1400, ipv4=Ipv4(enabled=False), tun=TunConfig(mode="tap"))
    found = _amended(tap, br0=rows.bridge("br0", rows.port("host0", rows.interface("host0", "internal"))))
    expected = OvsInterface(
        name="host0", state="up", mtu=1400, ipv4=Ipv4(enabled=False), controller="br0", provider="ovsdb"
    )
    assert found["host0", ""] == expected


def test_a_bridge_and_an_interface_of_one_name_are_two() -> None:
    own = rows.port("br0", rows.interface("br0", "internal"))
    found = _amended(OvsInterface(name="br0", state="up"), br0=rows.bridge("br0", own))
    assert found["br0", ""].controller == "br0"
    assert isinstance(found["br0", "ovs-bridge"], OvsBridge)


def test_what_has_no_link_is_shown_all_the_same() -> None:
    patch = rows.port("p0", rows.interface("p0", "patch", options=["map", [["peer", "p1"]]]))
    failed = rows.port("host0", rows.interface("host0", "internal", error="no memory"))
    found = _amended(br0=rows.bridge("br0", patch, failed))
    assert found["p0", ""] == OvsInterface(
        name="p0", state="up", controller="br0", patch=Patch(peer="p1"), provider="ovsdb"
    )
    assert found["host0", ""].state == "down"


def test_tunnels_of_others_are_not_shown() -> None:
    tunnel = rows.port("ovn-1", rows.interface("ovn-1", "geneve"))
    found = _amended(br0=rows.bridge("br-int", tunnel, rows.port("eth1")))
    assert found.keys() == {("br-int", "ovs-bridge")}
    assert found["br-int", "ovs-bridge"].ports == ("eth1",)


def test_only_what_was_asked_for_is_shown() -> None:
    bridge = rows.bridge("br0", rows.port("eth1"), rows.port("p0", rows.interface("p0", "patch")))
    assert _amended(Ethernet(name="eth1"), names=frozenset({"eth1"}), br0=bridge).keys() == {("eth1", "")}
    assert _amended(names=frozenset({"br0"}), br0=bridge).keys() == {("br0", "ovs-bridge")}


def test_a_port_that_the_database_forgot_has_no_controller() -> None:
    assert _amended(Ethernet(name="eth1", controller="ovs-system"))["eth1", ""].controller is UNSET


def test_a_link_that_is_in_the_way_of_an_internal_interface_is_no_such() -> None:
    """ovs-vswitchd could not make its own: what is there is what the kernel says."""
    own = rows.port("red", rows.interface("red", "internal"))
    found = _amended(LinuxBridge(name="red", state="up"), br0=rows.bridge("br0", own))
    assert found["red", ""] == LinuxBridge(name="red", state="up", controller="br0")
