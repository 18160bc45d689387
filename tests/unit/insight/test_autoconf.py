"""VLANs that switches announce become interfaces."""

import pytest

from linkhold.insight.autoconf import autoconf
from linkhold.planning.planner import plan
from linkhold.state.document import read, to_plain
from linkhold.state.interfaces.lldp import Lldp
from linkhold.state.network import NetworkState


def card(name: str, *vlans: tuple[int, str], **more: object) -> dict[str, object]:
    told = [{"type": 5, "system-name": "switch"}]
    if vlans:
        told.append({"type": 127, "ieee-802-1-vlans": [{"vid": tag, "name": text} for tag, text in vlans]})
    return {"name": name, "type": "ethernet", "state": "up", "lldp": {"enabled": True, "neighbors": [told]}, **more}


def host(cards: tuple[dict[str, object], ...]) -> NetworkState:
    """A host with these cards; what neighbours say is never read from a document."""
    told = {card["name"]: card.get("lldp", {}).get("neighbors", []) for card in cards}
    state = read({"interfaces": list(cards)})
    return state.replace(
        interfaces=tuple(
            one.replace(lldp=Lldp(enabled=True, neighbors=tuple(tuple(tlvs) for tlvs in told[one.name])))
            for one in state.interfaces
        )
    )


def made(*cards: dict[str, object], names: tuple[str, ...] = (), mode: str = "balance-rr") -> list[dict[str, object]]:
    current = host(cards)
    document = autoconf(current, names, mode=mode)
    if document.interfaces:
        assert plan(document, current).errors == ()
    return to_plain(document)["interfaces"]


def vlan(name: str, parent: str, tag: int) -> dict[str, object]:
    return {"name": name, "type": "vlan", "state": "up", "vlan": {"base-iface": parent, "id": tag}}


def test_vlans_of_one_card_ride_on_it() -> None:
    found = made(card("eth1", (50, "prod-net"), (20, "mgmt-net")), card("eth2"))
    assert found == [vlan("mgmt-net", "eth1", 20), vlan("prod-net", "eth1", 50)]


def test_the_same_vlans_on_two_cards_make_a_bond() -> None:
    found = made(card("eth1", (50, "prod-net")), card("eth2", (50, "prod-net")), card("eth3", (7, "seven")))
    assert found == [
        {
            "name": "bond50",
            "type": "bond",
            "state": "up",
            "link-aggregation": {"mode": "balance-rr", "port": ["eth1", "eth2"]},
        },
        vlan("prod-net", "bond50", 50),
        vlan("seven", "eth3", 7),
    ]


def test_cards_are_together_through_a_third_one() -> None:
    found = made(card("eth1", (5, "a")), card("eth2", (5, "a"), (6, "b")), card("eth3", (6, "b")), mode="802.3ad")
    assert [one["name"] for one in found] == ["a", "b", "bond5"]
    assert found[2]["link-aggregation"] == {"mode": "802.3ad", "port": ["eth1", "eth2", "eth3"]}


@pytest.mark.parametrize("name", ["", "a name with spaces", "a/b", "much-too-long-for-it", "all", "\x07"])
def test_a_name_that_the_kernel_does_not_take_is_replaced(name: str) -> None:
    assert made(card("eth1", (50, name))) == [vlan("vlan50", "eth1", 50)]


def test_names_that_are_taken_are_left_alone() -> None:
    found = made(card("eth1", (50, "prod")), card("eth2", (60, "prod")), {"name": "vlan60", "type": "dummy"})
    assert found == [vlan("eth2.60", "eth2", 60), vlan("prod", "eth1", 50)]


def test_what_is_there_already_is_not_made_again() -> None:
    there = {"name": "old", "type": "vlan", "state": "up", "vlan": {"base-iface": "eth1", "id": 50}}
    assert made(card("eth1", (50, "prod")), there) == []


def test_only_free_cards_that_are_up_and_asked_for() -> None:
    cards = (
        card("eth1", (50, "a")),
        card("eth2", (60, "b"), state="down"),
        card("eth3", (70, "c"), controller="br0"),
        card("eth4", (80, "d")),
        {"name": "br0", "type": "linux-bridge", "state": "up", "bridge": {"port": [{"name": "eth3"}]}},
    )
    assert [one["name"] for one in made(*cards)] == ["a", "d"]
    assert [one["name"] for one in made(*cards, names=("eth4",))] == ["d"]


@pytest.mark.parametrize("tag", [0, 4095, 9999])
def test_numbers_that_are_no_vlans_are_passed_over(tag: int) -> None:
    assert made(card("eth1", (tag, "x"))) == []
