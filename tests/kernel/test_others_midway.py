"""Others at work while we are: what was there in the way goes, comes or changes in the middle of an application.

Either it comes to a good end, or the host comes back as far as possible and what is missing is named.
"""

import asyncio
import pathlib
import subprocess
import typing

import pytest

from linkhold.executor import verbs
from linkhold.foundation.driving import drive
from linkhold.foundation.record import UNSET
from linkhold.planning import planner
from linkhold.providers.contract import Scope
from linkhold.providers.kernel.provider import Kernel
from linkhold.state.document import parse, to_yaml
from linkhold.transaction.folder import Folder
from linkhold.transaction.ground import Ground
from linkhold.transaction.options import Options
from tests.kernel.example_host import furnish
from tests.kernel.other_eyes import picture, unlike
from tests.kernel.test_random import Clock


class Busy(Kernel):
    """A kernel at which somebody else is busy: `meddling` maps (stage, before or after) to what they do then, once."""

    def __init__(self, root: str) -> None:
        super().__init__(root)
        self.meddling: dict[tuple[str, str], typing.Any] = {}

    async def apply(self, stage: typing.Any, changes: typing.Any) -> None:
        """Carry out a stage, with them."""
        self._meddle(stage, "before")
        await super().apply(stage, changes)
        self._meddle(stage, "after")

    def _meddle(self, stage: str, when: str) -> None:
        words = self.meddling.pop((stage, when), "")
        for line in words.split(";") if words else ():
            subprocess.run(["ip", *line.split()], check=True)


class Rig:
    """A host with whole transactions, but no waiting."""

    def __init__(self, netns: typing.Any, path: pathlib.Path) -> None:
        (path / "etc").mkdir()
        self.netns = netns
        self.kernel = Busy(str(path))
        clock = typing.cast("typing.Any", Clock())
        self.ground = Ground(self.kernel, Folder(str(path / "state")), clock, None, lambda _: None)

    def apply(self, text: str, **meddling: str) -> typing.Any:
        self.kernel.meddling = {tuple(key.split("_")): words for key, words in meddling.items()}  # type: ignore[misc]
        result = asyncio.run(verbs.apply(parse(text), Options(quiet=0.3), ground=self.ground))
        assert not self.kernel.meddling, "nobody meddled"
        return result

    def reach(self, text: str) -> None:
        result = self.apply(text)
        assert result.outcome in ("committed", "unchanged"), (result.reason, result.mismatches)
        again = planner.plan(parse(text), self.observe(), capabilities=[drive(self.kernel.capabilities())])
        assert again.plan.changes == (), again.plan.changes

    def back(self, text: str) -> None:
        """Apply a document, confirm it not, and see that nothing is left of it."""
        before = picture(self.netns)
        result = asyncio.run(verbs.apply(parse(text), Options(confirming="later", quiet=0.3), ground=self.ground))
        assert result.outcome == "unconfirmed", (result.reason, result.mismatches)
        ended = asyncio.run(verbs.rollback(ground=self.ground))
        assert ended.missing == ()
        found = unlike(before, picture(self.netns))
        assert not found, "\n".join(found)

    def observe(self) -> typing.Any:
        return drive(self.kernel.observe(Scope()))

    def names(self) -> set[str]:
        return {one["ifname"] for one in self.netns.ip_json("link", "show")}


@pytest.fixture
def rig(netns, tmp_path):
    furnish(netns)
    made = Rig(netns, tmp_path)
    yield made
    made.kernel.close()


BRIDGE = """
interfaces:
- name: br0
  type: linux-bridge
  bridge: {port: [{name: eth1}, {name: eth2}]}
  ipv4: {enabled: true, address: [{ip: 192.0.2.1, prefix-length: 24}]}
- {name: va0, type: veth, veth: {peer: vb0}}
"""


@pytest.mark.needs("bridge")
@pytest.mark.parametrize(
    "when", ["create_after", "attach_after", "configure_after", "activate_after", "address_before"]
)
def test_what_we_made_is_deleted_by_somebody_else(rig, when):
    before = picture(rig.netns)
    result = rig.apply(BRIDGE, **{when: "link delete br0"})
    assert result.outcome == "rolled-back"
    assert "br0" in f"{result.reason} {result.failed}"
    assert unlike(before, picture(rig.netns)) == []


@pytest.mark.needs("bridge", "macvlan")
def test_a_port_vanishes_on_the_way(rig):
    """It can be made again, since it is virtual: coming back brings it back too, as far as it was named."""
    rig.reach("interfaces: [{name: va0, type: veth, veth: {peer: vb0}}]")
    result = rig.apply(
        "interfaces: [{name: br0, type: linux-bridge, bridge: {port: [{name: va0}, {name: eth1}]}}]",
        create_after="link delete va0",
    )
    assert result.outcome == "rolled-back"
    assert "va0" in f"{result.reason} {result.failed}"
    assert rig.names() >= {"va0", "vb0"}
    assert "br0" not in rig.names()


WITH_GUEST = """
interfaces:
- {name: br0, type: linux-bridge, bridge: {port: [{name: eth1}, {name: va0}], options: {hash-max: 1024}}}
"""


@pytest.fixture
def guest(rig):
    """A bridge of ours with a port of somebody else's."""
    rig.reach("interfaces: [{name: br0, type: linux-bridge, bridge: {port: [{name: eth1}]}}]")
    rig.netns.ip("link", "add", "va0", "type", "veth", "peer", "name", "vb0")
    rig.netns.ip("link", "set", "va0", "master", "br0", "up")
    return rig


def ports(rig, bridge="br0"):
    return {one["ifname"] for one in rig.netns.ip_json("link", "show", "master", bridge)}


@pytest.mark.needs("bridge")
@pytest.mark.parametrize("when", ["configure_before", "configure_after"])
def test_a_port_of_others_that_was_to_stay_goes(guest, when):
    """Nothing was asked of it: so nothing is missing."""
    result = guest.apply(WITH_GUEST, **{when: "link delete va0"})
    assert result.outcome == "committed", (result.reason, result.mismatches)
    assert ports(guest) == {"eth1"}


@pytest.mark.needs("bridge")
@pytest.mark.parametrize("when", ["configure_before", "configure_after"])
def test_a_port_of_others_comes(guest, when):
    """The document could not know of it: so it is left alone."""
    result = guest.apply(WITH_GUEST, **{when: "link add vc0 type veth peer vd0;link set vc0 master br0"})
    assert result.outcome == "committed", (result.reason, result.mismatches)
    assert ports(guest) == {"eth1", "va0", "vc0"}


@pytest.mark.needs("bridge")
def test_ports_of_others_that_come_and_go_are_no_matter_on_the_way_back(guest):
    meddling = "link delete va0;link add vc0 type veth peer vd0;link set vc0 master br0"
    result = guest.apply(
        WITH_GUEST + "- {name: eth2, mtu: 1400}\n", configure_after=f"{meddling};link set eth2 mtu 1300"
    )
    assert result.outcome == "rolled-back", (result.reason, result.missing)
    assert ports(guest) == {"eth1", "vc0"}
    links = {one["ifname"]: one for one in guest.netns.ip_json("-d", "link", "show")}
    assert links["br0"]["linkinfo"]["info_data"]["mcast_hash_max"] == 4096
    assert links["eth2"]["mtu"] == 1500


@pytest.mark.needs("bridge")
def test_a_port_that_was_to_join_is_missed(guest):
    """Here something was asked."""
    guest.netns.ip("link", "set", "va0", "nomaster")
    result = guest.apply(WITH_GUEST, configure_after="link delete va0")
    assert result.outcome in ("rolled-back", "stranded")
    assert "va0" in f"{result.reason} {result.mismatches}"


@pytest.mark.needs("bridge")
def test_extra_ports_stay_where_that_is_said(guest):
    said = "interfaces: [{name: br0, type: linux-bridge, bridge: {port: [{name: eth2}], allow-extra-ports: %s}}]"
    guest.reach(said % "true")
    assert ports(guest) == {"eth1", "eth2", "va0"}
    guest.back(said % "false")
    guest.reach(said % "false")
    assert ports(guest) == {"eth2"}


def test_a_card_is_renamed_on_the_way(rig):
    """Hardware can't be made: what is missing is named, everything else is back."""
    result = rig.apply(
        "interfaces: [{name: eth1, mtu: 1400}, {name: eth2, mtu: 1400, description: two}]",
        configure_before="link set eth1 down;link set eth1 name other1",
    )
    assert result.outcome in ("stranded", "rolled-back")
    assert "eth1" in f"{result.reason} {result.failed}"
    links = {one["ifname"]: one for one in rig.netns.ip_json("link", "show")}
    assert links["eth2"]["mtu"] == 1500
    assert "ifalias" not in links["eth2"]


def test_a_card_is_renamed_between_stages(rig):
    result = rig.apply(
        "interfaces: [{name: eth1, mtu: 1400, ipv4: {enabled: true, address: [{ip: 192.0.2.1, prefix-length: 24}]}}]",
        configure_after="link set eth1 down;link set eth1 name other1",
    )
    assert result.outcome == "stranded"
    assert any("eth1" in str(one) for one in result.mismatches)
    assert any("eth1" in str(one) for one in result.missing)


@pytest.mark.needs("bridge")
def test_somebody_takes_the_name(rig):
    """An interface of another kind than planned is not ours: neither used nor deleted."""
    rig.kernel.meddling = {}
    result = rig.apply(BRIDGE, create_before="link add br0 type ifb")
    assert result.outcome in ("rolled-back", "stranded")
    assert "br0" in result.reason
    kinds = {one["ifname"]: one.get("linkinfo", {}).get("info_kind") for one in rig.netns.ip_json("link", "show")}
    assert kinds.get("br0") == "ifb"


def test_an_address_is_taken_away_while_we_verify(rig):
    result = rig.apply(
        "interfaces: [{name: eth1, ipv4: {enabled: true, address: [{ip: 192.0.2.1, prefix-length: 24}]}}]",
        address_after="address del 192.0.2.1/24 dev eth1",
    )
    assert result.outcome == "rolled-back"
    assert any("192.0.2.1" in str(one) for one in result.mismatches)


@pytest.mark.needs("bridge")
def test_a_port_is_stolen_while_we_verify(rig):
    rig.netns.ip("link", "add", "obr0", "type", "bridge")
    result = rig.apply(BRIDGE, address_after="link set eth2 master obr0")
    assert result.outcome in ("rolled-back", "stranded")
    assert any("eth2" in str(one) for one in result.mismatches)


def test_a_far_end_in_another_namespace_is_shown_kept_and_removed(rig):
    far = rig.netns.another()
    rig.netns.ip("link", "add", "near0", "type", "veth", "peer", "name", "far0")
    rig.netns.ip("link", "set", "far0", "netns", far.path)
    (near,) = [one for one in rig.observe().interfaces if one.name == "near0"]
    assert "peer" not in (near.veth.said() if near.veth else {})
    rig.reach(
        "interfaces: [{name: near0, mtu: 1400, ipv4: {enabled: true, address: [{ip: 192.0.2.9, prefix-length: 24}]}}]"
    )
    assert {one["ifname"] for one in far.ip_json("link", "show")} == {"lo", "far0"}
    rig.back("interfaces: [{name: near0, mtu: 1300}, {name: eth1, mtu: 1300}]")
    rig.reach("interfaces: [{name: near0, type: veth, state: absent}]")
    assert "near0" not in rig.names()


def test_a_far_end_in_another_namespace_cannot_be_brought_back(rig):
    """Deleting it is allowed, getting it back is not possible: that is said before, or the rollback names it."""
    far = rig.netns.another()
    rig.netns.ip("link", "add", "near0", "type", "veth", "peer", "name", "far0")
    rig.netns.ip("link", "set", "far0", "netns", far.path)
    text = "interfaces: [{name: near0, type: veth, state: absent}, {name: eth1, mtu: 1400}]"
    asyncio.run(verbs.apply(parse(text), Options(confirming="later", quiet=0.3), ground=rig.ground))
    ended = asyncio.run(verbs.rollback(ground=rig.ground))
    assert any("near0" in str(one) for one in ended.missing)
    links = {one["ifname"]: one for one in rig.netns.ip_json("link", "show")}
    assert links["eth1"]["mtu"] == 1500


# Names


NAMES = ["abcdefghijklmno", "a:b", "a%d", "ünïcode", "-dash", "a@b", "a'b", 'q"q', "all", "default", "{x}", "#hash"]


@pytest.mark.needs("bridge")
@pytest.mark.parametrize("name", NAMES)
def test_odd_names(rig, name):
    """Of 15 bytes, or with characters that mean something elsewhere: made, found again and removed, or refused."""
    import json

    document = {
        "interfaces": [
            {"name": name, "type": "linux-bridge", "mtu": 1400, "bridge": {"port": [{"name": "eth1"}]},
             "ipv4": {"enabled": True, "address": [{"ip": "192.0.2.1", "prefix-length": 24}]},
             "ipv6": {"enabled": True, "address": [{"ip": "2001:db8::1", "prefix-length": 64}]}}
        ],
        "routes": {"config": [{"destination": "203.0.113.0/24", "next-hop-interface": name, "next-hop-address": "192.0.2.9"}]},
    }  # fmt: skip
    from linkhold.foundation.diagnostics import Invalid

    before = picture(rig.netns)
    try:
        rig.back(json.dumps(document))
    except Invalid:
        assert unlike(before, picture(rig.netns)) == []
        return
    rig.reach(json.dumps(document))
    assert name in rig.names()
    rig.reach(json.dumps({"interfaces": [{"name": name, "type": "linux-bridge", "state": "absent"}]}))


def test_an_alternative_name_that_is_taken(rig):
    from linkhold.foundation.diagnostics import Invalid

    rig.reach("interfaces: [{name: eth1, alt-names: [{name: uplink}]}]")
    before = picture(rig.netns)
    for text in (
        "interfaces: [{name: eth2, alt-names: [{name: uplink}], mtu: 1400}]",
        "interfaces: [{name: eth2, alt-names: [{name: eth3}], mtu: 1400}]",
        "interfaces: [{name: eth2, alt-names: [{name: x}]}, {name: eth3, alt-names: [{name: x}]}]",
    ):
        try:
            result = rig.apply(text)
            assert result.outcome == "rolled-back"
        except Invalid:
            pass
        assert unlike(before, picture(rig.netns)) == []


# What the kernel drops on the way


FLAP = "interfaces: [{name: eth1, state: down}]"


@pytest.mark.needs("veth")
@pytest.mark.parametrize(
    "route",
    [
        "203.0.113.0/24 via 192.0.2.254 dev eth1 mtu 1300",
        "203.0.113.0/24 via 192.0.2.254 dev eth1 mtu lock 1300 advmss 1200",
        "203.0.113.0/24 via 192.0.2.254 dev eth1 proto boot",
        "203.0.113.0/24 via 10.11.12.13 dev eth1 onlink",
        "203.0.113.0/24 dev eth1 scope link initcwnd 20 quickack 1",
        "203.0.113.0/24 nexthop via 192.0.2.254 dev eth1 weight 3 nexthop via 10.11.12.13 dev eth1 weight 1 onlink",
        "2001:db8:f::/48 via 2001:db8:1::fe dev eth1 mtu 1300",
        "2001:db8:f::/48 via 2001:db8:1::fe dev eth1 pref high hoplimit 7",
        "2001:db8:f::/48 via 2001:db8:bbbb::fe dev eth1 onlink",
    ],
)
def test_routes_come_back_as_they_were(rig, route):
    """Also with what a document has no words for."""
    rig.reach(
        """interfaces:
- name: eth1
  ipv4: {enabled: true, address: [{ip: 192.0.2.1, prefix-length: 24}]}
  ipv6: {enabled: true, address: [{ip: "2001:db8:1::1", prefix-length: 64}]}
"""
    )
    rig.netns.ip(*(("-6",) if route.startswith("2001") else ()), "route", "add", *route.split())
    rig.back(FLAP)
    rig.back("routes: {config: [{state: absent, next-hop-interface: eth1}]}")


@pytest.mark.needs("vxlan")
def test_routes_over_what_is_replaced_stay_as_they_were(rig):
    rig.reach(
        """interfaces:
- name: vx0
  type: vxlan
  vxlan: {id: 7, remote: 192.0.2.77, destination-port: 4789}
  ipv4: {enabled: true, address: [{ip: 192.0.2.1, prefix-length: 24}]}
"""
    )
    rig.netns.ip(*"route add 203.0.113.0/24 via 192.0.2.254 dev vx0 mtu 1300".split())  # noqa: SIM905
    rig.netns.ip(*"route add 198.51.100.0/24 via 10.11.12.13 dev vx0 onlink".split())  # noqa: SIM905
    before = picture(rig.netns)["routes"]
    rig.reach("interfaces: [{name: vx0, type: vxlan, vxlan: {id: 8}}]")
    assert picture(rig.netns)["routes"] == before


# VRFs and bonds


VRF = "interfaces: [{name: red, type: vrf, vrf: {route-table-id: 100, port: [%s]}}]"
ADDRESSED = """interfaces:
- name: eth1
  ipv4: {enabled: true, address: [{ip: 192.0.2.1, prefix-length: 24}, {ip: 192.0.2.2, prefix-length: 24}]}
  ipv6: {enabled: true, address: [{ip: "2001:db8:1::1", prefix-length: 64}]}
routes:
  config:
  - {destination: 203.0.113.0/24, next-hop-address: 192.0.2.254, next-hop-interface: eth1, table-id: %d}
  - {destination: "2001:db8:f::/48", next-hop-address: "2001:db8:1::fe", next-hop-interface: eth1, table-id: %d}
"""


@pytest.mark.needs("vrf")
def test_a_port_with_addresses_and_routes_joins_and_leaves_a_vrf(rig):
    rig.reach(ADDRESSED % (254, 254))
    rig.back(VRF % "eth1")
    rig.reach(VRF % "")
    rig.back(VRF % "eth1")
    rig.reach(VRF % "eth1")
    rig.reach(ADDRESSED % (100, 100))
    rig.back(VRF % "")
    rig.back("interfaces: [{name: red, type: vrf, state: absent}]")
    rig.back("interfaces: [{name: red, type: vrf, vrf: {route-table-id: 101}}]")
    rig.reach("interfaces: [{name: eth1, controller: ''}]")


@pytest.mark.needs("bond")
def test_cards_with_addresses_and_routes_join_a_bond(rig):
    rig.reach(ADDRESSED % (254, 254))
    moved = "interfaces: [{name: bond0, type: bond, link-aggregation: {mode: active-backup, port: [eth1, eth2]}}]"
    rig.back(moved)
    rig.reach(moved)
    rig.back("interfaces: [{name: bond0, type: bond, link-aggregation: {mode: balance-rr}}]")
    rig.back("interfaces: [{name: bond0, type: bond, link-aggregation: {mode: active-backup, port: [eth2]}}]")
    rig.back("interfaces: [{name: bond0, type: bond, state: absent}]")


@pytest.mark.needs("vxlan")
def test_a_vxlan_gives_up_its_parent(rig):
    """The kernel knows no way to take it away: the tunnel is made anew."""
    rig.reach("interfaces: [{name: vx0, type: vxlan, vxlan: {id: 7, base-iface: eth1, remote: 192.0.2.77}}]")
    rig.back("interfaces: [{name: vx0, type: vxlan, vxlan: {base-iface: ''}}]")
    rig.reach("interfaces: [{name: vx0, type: vxlan, vxlan: {base-iface: ''}}]")


def test_ipv6_routes_with_weights_can_be_told_as_they_are(rig):
    rig.reach(
        """interfaces: [{name: eth1, ipv6: {enabled: true, address: [{ip: "2001:db8:1::1", prefix-length: 64}]}},
  {name: eth2, ipv6: {enabled: true, address: [{ip: "2001:db8:2::1", prefix-length: 64}]}}]"""
    )
    ways = "nexthop via 2001:db8:1::fe dev eth1 weight 2 nexthop via 2001:db8:2::fe dev eth2 weight 3"
    rig.netns.ip("-6", "route", "add", "2001:db8:f::/48", *ways.split())
    assert rig.apply(to_yaml(rig.observe().replace(dns=UNSET, hostname=UNSET))).outcome in ("committed", "unchanged")
    assert len([one for one in rig.observe().routes.config if one.destination == "2001:db8:f::/48"]) == 2
