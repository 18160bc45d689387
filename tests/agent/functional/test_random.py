"""Requests by chance, one upon the other: each is refused with a number, or all agrees afterwards."""

import random
import typing

import pytest

from linkhold.wire.call import RpcError
from tests.agent.functional.shared import CARDS
from tests.agent.functional.stranger import REMOVE, UNCHECKED, Stranger

pytestmark = pytest.mark.needs("namespace")

Plain = dict[str, typing.Any]

NAMES = ("red", "blue", "green", "pink")
REFUSED = frozenset({21, 22, 23, 24, 25, 26, 27, 31})
OPTIONS = ("mode=1 miimon=100", "mode=4", "mode=0")


def network(chance: random.Random, number: int, *, richly: bool) -> Plain:
    """One by chance; `richly`: over bonds, with VLANs."""
    said: Plain = {"bridged": chance.random() < 0.6, "mtu": chance.choice([1500, 1500, 2000, 1400])}
    if richly and chance.random() < 0.4:
        said["bonding"] = chance.choice(["bond0", "bond1"])
    elif chance.random() < 0.95:
        said["nic"] = chance.choice(CARDS)
    if richly and chance.random() < 0.5:
        said["vlan"] = chance.choice([101, 102])
    if chance.random() < 0.7:
        said |= {"ipaddr": f"192.0.{number}.{chance.choice([7, 8])}", "netmask": "255.255.255.0"}
        said |= {"gateway": f"192.0.{number}.{chance.choice([1, 2])}"} if chance.random() < 0.5 else {}
    if chance.random() < 0.4:
        said |= {"ipv6addr": f"2001:db8:{number}::{chance.choice([7, 8])}/64"}
        said |= {"ipv6gateway": chance.choice(["::", f"2001:db8:{number}::1"])}
    return said


def request(chance: random.Random, stranger: Stranger, *, richly: bool) -> tuple[Plain, Plain]:
    """Networks and bonds."""
    networks = {
        name: REMOVE
        if name in stranger.networks and chance.random() < 0.25
        else network(chance, NAMES.index(name) + 1, richly=richly)
        for name in chance.sample(NAMES, chance.choice([1, 1, 2, 3]))
    }
    bonds: Plain = {}
    for name in ("bond0", "bond1") if richly and chance.random() < 0.4 else ():
        gone = name in stranger.bonds and chance.random() < 0.3
        ports = chance.sample(CARDS, chance.choice([1, 2, 3]))
        bonds[name] = REMOVE if gone else {"nics": ports, "options": chance.choice(OPTIONS)}
    return networks, bonds


def walk(stranger: Stranger, seed: int, steps: int, *, richly: bool) -> int:
    """So many requests; how many were carried out."""
    chance, done = random.Random(seed), 0
    for _ in range(steps):
        networks, bonds = request(chance, stranger, richly=richly)
        known = f"{networks} {bonds} upon {stranger.networks} {stranger.bonds}"
        try:
            stranger.call("Host.setupNetworks", {"networks": networks, "bondings": bonds, "options": UNCHECKED})
        except RpcError as error:
            if error.code not in REFUSED:
                raise AssertionError(f"{error.code} {error.message}: {known}") from error
            continue
        stranger.remember(networks, bonds)
        stranger.agree()
        done += 1
    return done


@pytest.mark.parametrize("seed", range(3))
def test_over_cards(stranger: Stranger, seed: int) -> None:
    assert walk(stranger, seed, 20, richly=False) > 5


@pytest.mark.needs("bond", "vlan")
def test_over_bonds_with_vlans(stranger: Stranger) -> None:
    stranger.setup({}, {"bond0": {"nics": ["eth1", "eth2"]}, "bond1": {"nics": ["eth3"]}})
    assert walk(stranger, 7, 20, richly=True) > 3
