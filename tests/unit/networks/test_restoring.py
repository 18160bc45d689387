"""A configuration put back in one document, as far as a host has the interfaces for it."""

import pytest

from linkhold.foundation.record import UNSET
from linkhold.networks.configuration import Bonding, Configuration, HostQos, Network
from linkhold.networks.configuration import Curve as Share
from linkhold.networks.facts import Facts, InterfaceFacts, Virtual
from linkhold.networks.request import Rejected
from linkhold.networks.restoring import Missing, restoration
from linkhold.networks.setup import prepare
from linkhold.planning import planner
from linkhold.state.document import read
from tests.cases.hosts import carry_out, host, look, observed

CARDS = [{"name": f"eth{number}", "type": "ethernet", "mtu": 1500} for number in range(4)]
SAFE = Configuration(
    networks={
        "red": Network(
            interface="eth0",
            vlan=101,
            ipaddr="192.0.2.7",
            prefix=24,
            gateway="192.0.2.1",
            default_route=True,
            nameservers=("192.0.2.53",),
        ),
        "blue": Network(bonding="bond0", vlan=102, mtu=9000, host_qos=HostQos(ls=Share(m2=50))),
        "green": Network(bonding="bond0", bridged=False, bootproto="dhcp"),
        "alone": Network(),
    },
    bondings={"bond0": Bonding(ports=("eth1", "eth2"), options={"mode": "802.3ad", "miimon": "100"})},
)


def bare(*without):
    return observed({"interfaces": [one for one in CARDS if one["name"] not in without]})


def applied(restored, current):
    outcome = planner.plan(restored.setup.desired, current)
    assert outcome.errors == ()
    memory = host(current)
    carry_out(memory, outcome.plan)
    return look(memory)


def test_a_bare_host_gets_everything_in_one_document():
    restored = restoration(SAFE, Configuration(), bare(), Facts())
    assert restored.missing == ()
    assert restored.setup.after == SAFE
    there = applied(restored, bare())
    assert {"red", "eth0.101", "blue", "bond0.102", "bond0", "alone"} <= {one.name for one in there.interfaces}
    assert there.by_key["eth1", ""].controller == "bond0"
    assert there.by_key["blue", ""].mtu == there.by_key["bond0", ""].mtu == 9000


def test_a_second_time_there_is_nothing_to_do():
    there = applied(restoration(SAFE, Configuration(), bare(), Facts()), bare())
    again = restoration(SAFE, SAFE, there, Facts())
    assert planner.plan(again.setup.desired, there).plan.changes == ()
    assert again.setup.after == SAFE


def test_networks_without_their_card_are_left_out_and_named():
    restored = restoration(SAFE, Configuration(), bare("eth0"), Facts())
    assert restored.missing == (Missing("network", "red", "eth0"),)
    assert str(restored.missing[0]) == 'Nic "eth0" required by network red is missing.'
    assert set(restored.setup.after.networks) == {"blue", "green", "alone"}
    assert "blue" in {one.name for one in applied(restored, bare("eth0")).interfaces}


def test_a_bond_goes_on_with_the_ports_that_are_there():
    restored = restoration(SAFE, Configuration(), bare("eth2"), Facts())
    assert restored.missing == (Missing("port", "bond0", "eth2"),)
    assert restored.setup.after.bondings["bond0"].ports == ("eth1",)
    assert restored.setup.after.networks == SAFE.networks
    assert applied(restored, bare("eth2")).by_key["eth1", ""].controller == "bond0"


def test_a_bond_without_any_port_is_left_out_with_its_networks():
    restored = restoration(SAFE, Configuration(), bare("eth1", "eth2"), Facts())
    assert set(restored.missing) == {
        Missing("bond", "bond0", "eth1"),
        Missing("bond", "bond0", "eth2"),
        Missing("network", "blue", "bond0"),
        Missing("network", "green", "bond0"),
    }
    assert restored.setup.after == Configuration(networks={name: SAFE.networks[name] for name in ("alone", "red")})


def test_what_was_never_saved_goes():
    running = prepare(
        {"networks": {"extra": {"nic": "eth3"}}, "bondings": {"bond9": {"nics": ["eth2"]}}},
        Configuration(),
        bare(),
        Facts(),
    )
    memory = host(bare())
    carry_out(memory, planner.plan(running.desired, bare()).plan)
    there = look(memory)
    restored = restoration(SAFE, running.after, there, Facts())
    assert restored.setup.after == SAFE
    after = applied(restored, there)
    assert not {"extra", "bond9"} & {one.name for one in after.interfaces}
    assert after.by_key["eth2", ""].controller == "bond0"


def test_what_others_made_stays():
    there = observed(
        {"interfaces": [*CARDS, {"name": "virbr0", "type": "linux-bridge", "bridge": {"port": [{"name": "eth3"}]}}]}
    )
    after = applied(restoration(SAFE, Configuration(), there, Facts()), there)
    assert after.by_key["virbr0", ""].ports == ("eth3",)


def test_what_has_drifted_is_put_right():
    there = applied(restoration(SAFE, Configuration(), bare(), Facts()), bare())
    by_hand = [{"name": "eth0.101", "type": "vlan", "state": "absent"}, {"name": "blue", "mtu": 1500}]
    drifted = planner.plan(read({"interfaces": by_hand}), there)
    memory = host(there)
    carry_out(memory, drifted.plan)
    again = look(memory)
    repaired = restoration(SAFE, SAFE, again, Facts())
    assert applied(repaired, again).by_key["red", ""].ports == ("eth0.101",)


def card(most=7, now=0):
    functions = tuple(Virtual(f"0000:05:00.{one}", f"eth0v{one}") for one in range(now))
    return Facts(
        interfaces={
            "eth0": InterfaceFacts(pci="0000:05:00.0", virtual_functions_most=most, virtual_functions=functions)
        }
    )


def functions_of(restored):
    entry = next(one for one in restored.setup.document["interfaces"] if one["name"] == "eth0")
    return entry.get("ethernet", {}).get("sr-iov", {}).get("total-vfs")


def test_cards_get_their_virtual_functions_in_the_same_document():
    safe = SAFE.replace(devices={"0000:05:00.0": 4})
    restored = restoration(safe, Configuration(), bare(), card())
    assert functions_of(restored) == 4
    assert restored.setup.after == safe
    assert restored.again is False  # nothing waits for them


def test_networks_on_virtual_functions_are_for_a_second_look():
    safe = Configuration(networks={"red": Network(interface="eth0v1")}, devices={"0000:05:00.0": 4})
    first = restoration(safe, Configuration(), bare(), card())
    assert (first.missing, first.again) == ((Missing("network", "red", "eth0v1"),), True)
    there = observed({"interfaces": [*CARDS, {"name": "eth0v1", "type": "ethernet", "mtu": 1500}]})
    second = restoration(safe, first.setup.after, there, card(now=4))
    assert (second.missing, second.again, second.setup.after) == ((), False, safe)


def test_a_card_that_can_not_have_so_many_is_named():
    safe = SAFE.replace(devices={"0000:05:00.0": 64, "0000:99:00.0": 1})
    restored = restoration(safe, Configuration(), bare(), card())
    assert restored.missing == (
        Missing("functions", "0000:05:00.0", "64"),
        Missing("functions", "0000:99:00.0", "1"),
    )
    assert functions_of(restored) is None
    assert restored.setup.after == SAFE


def test_virtual_functions_that_were_never_saved_go():
    restored = restoration(SAFE, SAFE.replace(devices={"0000:05:00.0": 4}), bare(), card(now=4))
    assert functions_of(restored) == 0
    assert restored.setup.after == SAFE


def test_one_wrong_network_does_not_keep_the_others_down():
    wrong = Network(interface="eth3", custom={"bridge_opts": "no_such_option=1"})
    wronger = Network(interface="eth3", vlan=7, custom={"bridge_opts": "???"})
    impossible = Network(interface="eth3", vlan=8, host_qos=HostQos(ul=Share(m2=100)))
    stored = SAFE.replace(networks={**SAFE.networks, "wrong": wrong, "wronger": wronger})
    restored = restoration(stored, Configuration(), bare(), Facts())
    assert [(one.kind, one.name) for one in restored.missing] == [("mistake", "wrong"), ("mistake", "wronger")]
    assert "no_such_option=1" in str(restored.missing[0])
    assert restored.setup.after == SAFE
    late = restoration(
        SAFE.replace(networks={**SAFE.networks, "impossible": impossible}), Configuration(), bare(), Facts()
    )
    assert [(one.kind, one.name) for one in late.missing] == [("mistake", "impossible")]
    assert late.setup.after == SAFE


def test_mistakes_that_are_of_no_network_are_told():
    stored = Configuration(bondings={"bond0": Bonding(ports=("eth1",), options={"mode": "no-such-mode"})})
    with pytest.raises(Rejected) as rejected:
        restoration(stored, Configuration(), bare(), Facts())
    assert rejected.value.number == 25


def test_the_document_says_nothing_of_others():
    document = restoration(Configuration(), Configuration(), bare(), Facts()).setup.document
    assert document == {}
    assert restoration(Configuration(), Configuration(), bare(), Facts()).setup.desired.interfaces is UNSET


def test_a_port_that_comes_after_the_look_stays():
    tap = {"name": "vnet0", "type": "tun", "tun": {"mode": "tap"}}
    first = observed({"interfaces": [*CARDS, tap]})
    there = applied(restoration(SAFE, Configuration(), first, Facts()), first)
    told = restoration(SAFE.replace(networks={**SAFE.networks, "alone": Network(mtu=1400)}), SAFE, there, Facts())
    late = look_after(there, {"interfaces": [{"name": "vnet0", "controller": "alone"}]})
    assert late.by_key["vnet0", ""].controller == "alone"
    after = look_after(late, told.setup.document)
    assert after.by_key["alone", ""].mtu == 1400
    assert after.by_key["vnet0", ""].controller == "alone"


def look_after(current, document):
    memory = host(current)
    carry_out(memory, planner.plan(read(document), current).plan)
    return look(memory)
