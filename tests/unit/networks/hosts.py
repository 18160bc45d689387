"""Hosts, and requests to them, for tests of setup-networks."""

import typing

from linkhold.networks import forms, reading
from linkhold.networks.configuration import Configuration
from linkhold.networks.facts import Facts
from linkhold.networks.request import Rejected, SetupRequest
from linkhold.state import document
from linkhold.state.network import NetworkState

Plain = typing.Any


def card(name: str, **said: Plain) -> dict[str, Plain]:
    """A network card."""
    return {"name": name, "type": "ethernet", "state": "up", **said}


def vlan(name: str, base: str, tag: int) -> dict[str, Plain]:
    """A VLAN."""
    return {"name": name, "type": "vlan", "state": "up", "vlan": {"base-iface": base, "id": tag}}


def bond(name: str, *ports: str, mode: str = "active-backup", **said: Plain) -> dict[str, Plain]:
    """A bond; `said` may hold ``options``."""
    section = {"mode": mode, "port": list(ports), "options": said.pop("options", {})}
    return {"name": name, "type": "bond", "state": "up", "link-aggregation": section, **said}


def host(*interfaces: dict[str, Plain], dns: tuple[str, ...] = ()) -> NetworkState:
    """A host with four cards ``ens1`` … ``ens4`` and these interfaces beside, or instead, of them."""
    given = {one["name"] for one in interfaces}
    cards = [card(name) for name in ("ens1", "ens2", "ens3", "ens4") if name not in given]
    plain: dict[str, Plain] = {"interfaces": [*cards, *interfaces]}
    state = document.read(plain)
    if dns:
        from linkhold.state.dns import DnsConfig, DnsResolver

        state = state.replace(dns=DnsResolver(running=DnsConfig(server=dns)))
    return state


def ran(networks: dict[str, Plain] | None = None, bonds: dict[str, Plain] | None = None) -> Configuration:
    """What runs, from vdsm's words."""
    return forms.read({"networks": networks or {}, "bonds": bonds or {}})


def setup(
    networks: Plain = None,
    bondings: Plain = None,
    options: Plain = None,
    *,
    running: Configuration | None = None,
    on: NetworkState | None = None,
    facts: Facts | None = None,
) -> SetupRequest:
    """The request that these maps are, on a host of four cards where nothing runs yet."""
    raw = {"networks": networks or {}, "bondings": bondings or {}, "options": options or {}}
    return reading.read(raw, running or Configuration(), on or host(), facts or Facts())


def mistakes(*given: Plain, **named: typing.Any) -> list[tuple[str, str, str]]:
    """(path, code, message) of all that is wrong with a request, in vdsm's order; the arguments are those of `setup`."""
    try:
        setup(*given, **named)
    except Rejected as rejected:
        return told(rejected)
    return []


def told(rejected: Rejected) -> list[tuple[str, str, str]]:
    """(path, code, message) of each error, in vdsm's order."""
    from linkhold.foundation.diagnostics import spell

    return [(spell(one.path), one.code, one.message) for one in rejected.in_order]
