"""Capabilities: the network part of ``Host.getCapabilities`` (vdsm's ``network/netinfo/cache.py``)."""

import typing

from linkhold.foundation.record import Unset
from linkhold.networks.configuration import Configuration
from linkhold.networks.facts import Facts
from linkhold.networks.reporting.addresses import Entry
from linkhold.networks.reporting.attached import attached
from linkhold.networks.reporting.bonds import bonds
from linkhold.networks.reporting.bridges import bridges
from linkhold.networks.reporting.cards import cards
from linkhold.networks.reporting.gateways import Gateways
from linkhold.networks.reporting.openvswitch import OvsHost, StandIns, stand_ins
from linkhold.networks.reporting.report import Report
from linkhold.networks.reporting.visible import USUAL, Patterns, visible
from linkhold.networks.reporting.vlans import vlans
from linkhold.state.network import NetworkState

_LAID_OVER: typing.Final = ("nics", "bondings", "vlans")


def capabilities(
    state: NetworkState, facts: Facts, running: Configuration, dirty: bool, patterns: Patterns = USUAL
) -> Report:
    """``networks``, ``bridges``, ``bondings``, ``vlans``, ``nics``, ``nameservers``, ``supportsIPv6``, ``netConfigDirty``.

    `state` is a snapshot with running routes and the detail ``qos``, `facts` are of the same moment, `dirty` says whether
    *running* differs from *safe*. A speed that is not known yet is 0: nothing is waited for.
    """
    gateways, shown = Gateways(state, running), visible(state, facts, patterns)
    networks, warnings = attached(state, shown, running, gateways, OvsHost(state))
    maps = {
        "nics": cards(shown, facts, gateways),
        "bondings": bonds(shown, facts, running, gateways),
        "vlans": vlans(shown, gateways),
        "bridges": bridges(shown, facts, gateways),
    }
    told = _with_stand_ins(maps, _stand_ins(state, running, networks))
    return Report(
        {
            "networks": networks,
            **told,
            "nameservers": _name_servers(state),
            "supportsIPv6": facts.ipv6,
            "netConfigDirty": str(dirty),
        },
        tuple(warnings),
    )


def _stand_ins(state: NetworkState, running: Configuration, networks: dict[str, Entry]) -> StandIns:
    bases = {name: running.networks[name].base for name in networks}
    ports = {name: state.by_key.get((name, "")) for name in networks}
    mtus = {name: one.mtu for name, one in ports.items() if one is not None and isinstance(one.mtu, int)}
    return stand_ins(networks, bases, mtus)


def _with_stand_ins(maps: dict[str, dict[str, Entry]], stands: StandIns) -> dict[str, dict[str, Entry]]:
    added = {**maps, "bridges": {**maps["bridges"], **stands.bridges}, "vlans": {**maps["vlans"], **stands.vlans}}
    if not stands.addressing:
        return added
    laid = {key: _laid_over(added[key], stands.addressing) for key in _LAID_OVER}
    return {**added, **laid}


def _laid_over(entries: dict[str, Entry], addressing: dict[str, Entry]) -> dict[str, Entry]:
    return {name: {**entry, **addressing.get(name, {})} for name, entry in entries.items()}


def _name_servers(state: NetworkState) -> list[str]:
    dns = state.dns
    running = None if isinstance(dns, Unset) else dns.running
    servers = None if running is None or isinstance(running, Unset) else running.server
    return list(servers) if isinstance(servers, tuple) else []
