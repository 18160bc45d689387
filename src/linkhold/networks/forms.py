"""What a host was given, as vdsm's files have it: one map for each network, bond and card, under the names vdsm uses.

The whole is ``{"networks": {…}, "bonds": {…}, "devices": {"0000:05:00.0": {"sriov": {"numvfs": 4}}}}``; each inner map is
what one file below ``nets/``, ``bonds/`` and ``devices/`` holds. Reading takes what any version of vdsm wrote (flags and
numbers as text, ``STP``, prefix for netmask); writing says everything, the defaults too, as vdsm does.
"""

import ipaddress
import typing

from linkhold.foundation.diagnostics import Invalid, Key, Path
from linkhold.networks import bond_options
from linkhold.networks.bond_attributes import read_bond
from linkhold.networks.configuration import Bonding, Configuration, Network
from linkhold.networks.curves import write_host_qos
from linkhold.networks.mistakes import Mistakes, Stage
from linkhold.networks.network_attributes import read_network
from linkhold.networks.said import Said, is_writable
from linkhold.state.scalars import Plain, shown

_SECTIONS: typing.Final = ("networks", "bonds", "devices")


def read(raw: Plain) -> Configuration:
    """The configuration that a map describes; what nobody knows is left out.

    Raises:
        Invalid: something in it can't be read; carries every mistake.
    """
    found = Mistakes()
    if not isinstance(raw, dict):
        found.error(Stage.SHAPE, "bad-params", (), f"{shown(raw)} is not a map", expected="a map")
        raise Invalid(found.in_order())
    said = Said(raw, (), found)
    said.warn_of_unknown(frozenset(_SECTIONS))
    networks = {name: read_network(inner, at, found).network for name, at, inner in _maps(said, "networks")}
    bonds = {name: read_bond(inner, at, found).bonding for name, at, inner in _maps(said, "bonds")}
    devices = {name: _read_device(Said(inner, at, found)) for name, at, inner in _maps(said, "devices")}
    if found.in_order().errors():
        raise Invalid(found.in_order())
    return Configuration(networks=networks, bondings=bonds, devices=devices)


def _maps(said: Said, section: str) -> typing.Iterator[tuple[str, Path, dict[str, Plain]]]:
    """The maps of a section by name, each with its place."""
    for name, inner in said.section(section).items():
        at: Path = (section, Key(name))
        if not name or not is_writable(name) or not isinstance(inner, dict):
            message = f"{shown(inner)} is not a map" if name and is_writable(name) else "a name that can't be written"
            said.found.error(Stage.SHAPE, "bad-params", at, message, expected="a map under a name")
            continue
        yield name, at, inner


def _read_device(said: Said) -> int:
    inner = Said(said.section("sriov"), (*said.at, "sriov"), said.found)
    expected = "a whole number from 0 to 65535"
    number = inner.whole("numvfs", code="bad-params", expected=expected)
    if number is not None and not 0 <= number <= 65535:
        inner.wrong("numvfs", f"{number} is out of range", code="bad-params", stage=Stage.SHAPE, expected=expected)
    return number or 0


def write(configuration: Configuration) -> dict[str, Plain]:
    """The whole, ready for JSON."""
    return {
        "networks": {name: write_network(one) for name, one in configuration.networks.items()},
        "bonds": {name: write_bonding(one) for name, one in configuration.bondings.items()},
        "devices": {name: {"sriov": {"numvfs": count}} for name, count in configuration.devices.items()},
    }


def write_network(network: Network) -> dict[str, Plain]:
    """What the file of one network holds."""
    plain: dict[str, Plain] = {
        "nic": network.interface,
        "bonding": network.bonding,
        "vlan": network.vlan,
        "bridged": network.bridged,
        "stp": network.stp if network.bridged else None,
        "mtu": network.mtu,
        "bootproto": network.bootproto,
        "ipaddr": network.ipaddr,
        "netmask": _netmask(network.prefix),
        "gateway": network.gateway,
        "ipv6addr": network.ipv6addr,
        "ipv6gateway": network.ipv6gateway,
        "dhcpv6": network.dhcpv6,
        "ipv6autoconf": network.ipv6autoconf,
        "defaultRoute": network.default_route,
        "nameservers": None if network.nameservers is None else list(network.nameservers),
        "switch": network.switch,
        "hostQos": None if network.host_qos is None else write_host_qos(network.host_qos),
        "custom": dict(network.custom) or None,
    }
    return {name: value for name, value in plain.items() if value is not None and value != ""}


def _netmask(prefix: int) -> str:
    return str(ipaddress.IPv4Network(f"0.0.0.0/{prefix}").netmask) if prefix else ""


def write_bonding(bonding: Bonding) -> dict[str, Plain]:
    """What the file of one bond holds."""
    plain: dict[str, Plain] = {"nics": list(bonding.ports), "switch": bonding.switch}
    if bonding.options:
        plain["options"] = bond_options.join(bonding.options)
    if bonding.hwaddr:
        plain["hwaddr"] = bonding.hwaddr
    return plain
