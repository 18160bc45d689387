"""Configurations as vdsm's files hold them: what it wrote is read, what is written it can read, and both ways agree."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkhold.foundation.diagnostics import Invalid, spell
from linkhold.networks import bond_options, forms
from linkhold.networks.configuration import Bonding, Configuration, Curve, HostQos, Network
from linkhold.state.interfaces.bond import BondOptions
from tests.strategies import records


def test_a_network_of_vdsm() -> None:
    raw = {
        "nic": "ens3",
        "vlan": 101,
        "bridged": True,
        "stp": False,
        "mtu": 1500,
        "bootproto": "none",
        "dhcpv6": False,
        "ipv6autoconf": False,
        "ipaddr": "192.0.2.7",
        "netmask": "255.255.255.0",
        "gateway": "192.0.2.1",
        "defaultRoute": False,
        "nameservers": [],
        "switch": "legacy",
    }
    read = forms.read({"networks": {"red": raw}})
    assert read.networks == {
        "red": Network(interface="ens3", vlan=101, ipaddr="192.0.2.7", prefix=24, gateway="192.0.2.1", nameservers=())
    }
    assert forms.write_network(read.networks["red"]) == raw


def test_texts_of_old_versions() -> None:
    raw = {
        "bonding": "bond0",
        "vlan": "7",
        "bridged": "false",
        "mtu": "9000",
        "STP": "no",
        "defaultRoute": "true",
        "delay": "0",
    }
    assert forms.read({"networks": {"red": raw}}).networks == {
        "red": Network(bonding="bond0", vlan=7, bridged=False, mtu=9000, default_route=True)
    }


def test_a_bond_of_vdsm() -> None:
    raw = {"nics": ["ens4", "ens3"], "options": "mode=4 miimon=100", "switch": "legacy", "hwaddr": "02:00:00:00:00:0a"}
    read = forms.read({"bonds": {"bond0": raw}}).bondings["bond0"]
    assert read == Bonding(
        ports=("ens3", "ens4"), options={"mode": "802.3ad", "miimon": "100"}, hwaddr="02:00:00:00:00:0A"
    )
    assert forms.write_bonding(read) == {
        "nics": ["ens3", "ens4"],
        "switch": "legacy",
        "options": "mode=802.3ad miimon=100",
        "hwaddr": "02:00:00:00:00:0A",
    }


def test_devices() -> None:
    raw = {"devices": {"0000:05:00.0": {"sriov": {"numvfs": 4}}, "ens5": {"sriov": {"numvfs": "0"}}}}
    read = forms.read(raw)
    assert read == Configuration(devices={"0000:05:00.0": 4, "ens5": 0})
    assert forms.write(read)["devices"] == {"0000:05:00.0": {"sriov": {"numvfs": 4}}, "ens5": {"sriov": {"numvfs": 0}}}


def test_nothing() -> None:
    assert forms.read({}) == Configuration()
    assert forms.write(Configuration()) == {"networks": {}, "bonds": {}, "devices": {}}


def test_every_mistake_has_its_place() -> None:
    raw = {
        "networks": {"red": {"vlan": "x", "mtu": "big"}, "blue": []},
        "bonds": {"bond0": {"nics": "ens1", "options": "mode=9"}},
        "devices": {"ens5": {"sriov": {"numvfs": -1}}},
    }
    with pytest.raises(Invalid) as caught:
        forms.read(raw)
    assert sorted(spell(one.path) for one in caught.value.diagnostics.errors()) == [
        "bonds[bond0].nics",
        "bonds[bond0].options",
        "devices[ens5].sriov.numvfs",
        "networks[blue]",
        "networks[red].mtu",
        "networks[red].vlan",
    ]


@pytest.mark.parametrize("raw", [None, [], "networks", {"networks": []}, {"networks": {"": {}}}, {"devices": {"x": 7}}])
def test_what_is_no_configuration(raw: object) -> None:
    with pytest.raises(Invalid):
        forms.read(raw)


NAMES = st.from_regex(r"\A[a-z][a-z0-9]{0,11}\Z")
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1, max_size=12)
HOSTS4 = st.ip_addresses(v=4, network="198.18.0.0/15").map(str)
HOSTS6 = st.ip_addresses(v=6, network="2001:db8::/32").map(str)
CURVES = st.builds(
    lambda m1, d, m2: Curve(m1=m1, d=d, m2=m2),
    st.integers(0, 2**32 - 1),
    st.integers(1, 2**32 - 1),
    st.integers(1, 2**32 - 1),
)
CUSTOM = st.dictionaries(TEXTS.filter(lambda name: name not in ("ovs", "default_route")), TEXTS, max_size=3)


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """A canonical network."""
    fields: dict[str, object] = {
        draw(st.sampled_from(["interface", "bonding"])): draw(NAMES),
        "vlan": draw(st.none() | st.integers(0, 4094)),
        "bridged": (bridged := draw(st.booleans())),
        "stp": bridged and draw(st.booleans()),
        "mtu": draw(st.integers(68, 65535)),
        "switch": draw(st.sampled_from(["legacy", "ovs"])),
        "default_route": draw(st.booleans()),
        "nameservers": draw(st.none() | st.lists(HOSTS4, unique=True, max_size=3).map(tuple)),
        "host_qos": draw(st.none() | st.builds(lambda ls, ul: HostQos(ls=ls, ul=ul), CURVES, st.none() | CURVES)),
        "custom": draw(CUSTOM),
    }
    if draw(st.booleans()):
        fields |= {"ipaddr": draw(HOSTS4), "prefix": draw(st.integers(1, 32)), "gateway": draw(st.just("") | HOSTS4)}
    else:
        fields["bootproto"] = draw(st.sampled_from(["none", "dhcp"]))
    if draw(st.booleans()):
        fields |= {"ipv6addr": f"{draw(HOSTS6)}/{draw(st.integers(1, 128))}", "ipv6gateway": draw(st.just("") | HOSTS6)}
    else:
        fields |= {"dhcpv6": draw(st.booleans()), "ipv6autoconf": draw(st.booleans())}
    return Network(**fields)


MODES = st.sampled_from(
    ["balance-rr", "active-backup", "balance-xor", "broadcast", "802.3ad", "balance-tlb", "balance-alb"]
)


@st.composite
def bonds(draw: st.DrawFn) -> Bonding:
    """A canonical bond."""
    mode = draw(MODES)
    options = draw(records(BondOptions)).fitting(mode)
    spoken = options.replace(balance_slb=False) if options.balance_slb is True else options
    macs = st.binary(min_size=6, max_size=6).map(lambda raw: ":".join(f"{byte:02X}" for byte in raw))
    return Bonding(
        ports=tuple(sorted(draw(st.sets(NAMES, max_size=3)))),
        options={name: value for name, value in bond_options.as_text(mode, spoken).items() if " " not in value},
        hwaddr=draw(st.just("") | macs),
        switch=draw(st.sampled_from(["legacy", "ovs"])),
    )


CONFIGURATIONS = st.builds(
    lambda nets, bonded, devices: Configuration(networks=nets, bondings=bonded, devices=devices),
    st.dictionaries(NAMES, networks(), max_size=3),
    st.dictionaries(NAMES, bonds(), max_size=2),
    st.dictionaries(NAMES, st.integers(0, 65535), max_size=2),
)


@settings(deadline=None)
@given(CONFIGURATIONS)
def test_written_and_read_again(configuration: Configuration) -> None:
    plain = forms.write(configuration)
    assert forms.read(plain) == configuration
    assert forms.write(forms.read(plain)) == plain
