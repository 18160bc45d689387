"""``Host.getLldp``: what the neighbours on cables say, in the words of ``lldptool get-tlv -n`` as vdsm tells them on.

From the neighbours in the state (`providers/lldp/tlv.py` says what is in their maps), best of one that was asked for in
full: what documents do not show (lifetime, link aggregation, which capabilities are on) is told where it is there.
"""

import typing

from linkhold.networks.facts import Facts
from linkhold.networks.reporting.addresses import Entry
from linkhold.networks.reporting.visible import USUAL, Patterns, visible
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.lldp import Lldp
from linkhold.state.network import NetworkState

Told = typing.Mapping[str, typing.Any]

_IEEE_802_1: typing.Final = 0x0080C2
_IEEE_802_3: typing.Final = 0x00120F
_ENABLED: typing.Final = "enabled-capabilities"
_ORGANISATION: typing.Final = 127

_CHASSIS: typing.Final = (
    "",
    "Chassis Component",
    "IfAlias",
    "Port Component",
    "MAC",
    "Network Address",
    "Ifname",
    "Local",
)
_PORTS: typing.Final = (
    "",
    "Ifalias",
    "Port Component",
    "MAC",
    "Network Address",
    "Ifname",
    "Agent Circuit ID",
    "Local",
)
_NUMBERINGS: typing.Final = ("", "Unknown interface subtype", "Ifindex", "System port number")
_SHORT: typing.Final = {
    "MAC Bridge component": "Bridge",
    "802.11 Access Point (AP)": "WLAN Access Point",
    "DOCSIS cable device": "DOCSIS Cable Device",
    "C-VLAN component of a VLAN Bridge": "C-VLAN Bridge",
    "S-VLAN component of a VLAN Bridge": "S-VLAN Bridge",
    "Two-port MAC Relay (TPMR)": "TPMR",
}


def neighbours(
    state: NetworkState, facts: Facts, names: typing.Collection[str] = (), patterns: Patterns = USUAL
) -> dict[str, Entry]:
    """``{card: {"enabled": bool, "tlvs": […]}}`` of these cards, or of all; those that do not exist are left out."""
    shown = visible(state, facts, patterns).cards
    return {name: _card(one) for name, one in shown.items() if not names or name in names}


def _card(one: Interface) -> Entry:
    section = one.lldp
    if not isinstance(section, Lldp) or section.enabled is not True:
        return {"enabled": False, "tlvs": []}
    heard = section.neighbors if isinstance(section.neighbors, tuple) else ()
    return {"enabled": True, "tlvs": [tlv for told in heard for tlv in _neighbour(told)]}


def _neighbour(told: typing.Sequence[Told]) -> list[Entry]:
    """All TLVs of one neighbour in the order of the wire's types."""
    enabled = next((one[_ENABLED] for one in told if _ENABLED in one), None)
    found = [tlv for one in told for tlv in _tlvs(one if enabled is None else {**one, _ENABLED: enabled})]
    return sorted(found, key=lambda tlv: (tlv["type"], tlv.get("oui", 0), tlv.get("subtype", 0)))


def _tlvs(told: Told) -> list[Entry]:
    """One TLV of the wire for each thing that a map tells; none for what has no words here."""
    return [tlv for key, write in _WRITERS.items() if key in told for tlv in write(told)]


def _plain(number: int, name: str, **properties: object) -> list[Entry]:
    said = {key.replace("_", " "): str(value) for key, value in properties.items()}
    return [{"type": number, "name": name, "properties": said}]


def _of(owner: int, subtype: int, name: str, **properties: object) -> list[Entry]:
    (one,) = _plain(_ORGANISATION, name, **properties)
    return [{**one, "oui": owner, "subtype": subtype}]


def _chassis(told: Told) -> list[Entry]:
    form = _word(_CHASSIS, told.get("chassis-id-type", 0))
    return _plain(1, "Chassis ID", **{"chassis ID": told["chassis-id"], "chassis ID subtype": form})


def _port(told: Told) -> list[Entry]:
    form = _word(_PORTS, told.get("port-id-type", 0))
    return _plain(2, "Port ID", **{"port ID": told["port-id"], "port ID subtype": form})


def _capabilities(told: Told) -> list[Entry]:
    said = {"system capabilities": _short(told["system-capabilities"])}
    if _ENABLED in told:
        said["enabled capabilities"] = _short(told[_ENABLED])
    return _plain(7, "System Capabilities", **said)


def _short(names: typing.Iterable[str]) -> str:
    return ", ".join(_SHORT.get(name, name) for name in names)


def _aggregation(told: Told) -> list[Entry]:
    status = told["aggregation-status"]
    words = [word for bit, word in enumerate(("Aggregation capable", "Currently aggregated")) if status >> bit & 1]
    said = {"aggregation status": ", ".join(words), "aggregated port id": told["aggregated-port-id"]}
    return _of(int(told["oui"].replace(":", ""), 16), told["subtype"], "Link Aggregation", **said)


def _addresses(told: Told) -> list[Entry]:
    return [tlv for one in told["management-addresses"] for tlv in _address(one)]


def _address(one: Told) -> list[Entry]:
    return _plain(
        8,
        "Management Address",
        management_address=one["address"],
        management_address_subtype=one["address-subtype"],
        interface_numbering=one["interface-number"],
        interface_numbering_subtype=_word(_NUMBERINGS, one["interface-number-subtype"]),
    )


def _vlans(told: Told) -> list[Entry]:
    return [
        tlv
        for one in told["ieee-802-1-vlans"]
        for tlv in _of(_IEEE_802_1, 3, "VLAN Name", vlan_id=one["vid"], vlan_name=one["name"])
    ]


def _word(words: tuple[str, ...], number: int) -> str:
    return words[number] if 0 <= number < len(words) else ""


_WRITERS: typing.Final[dict[str, typing.Callable[[Told], list[Entry]]]] = {
    "chassis-id": _chassis,
    "port-id": _port,
    "port-description": lambda told: _plain(4, "Port Description", port_description=told["port-description"]),
    "system-name": lambda told: _plain(5, "System Name", system_name=told["system-name"]),
    "system-description": lambda told: _plain(6, "System Description", system_description=told["system-description"]),
    "system-capabilities": _capabilities,
    "management-addresses": _addresses,
    "ieee-802-1-pvid": lambda told: _of(_IEEE_802_1, 1, "Port VLAN Id", port_vlan_id=told["ieee-802-1-pvid"]),
    "ieee-802-1-vlans": _vlans,
    "seconds": lambda told: _plain(3, "Time to Live", time_to_live=told["seconds"]),
    "aggregation-status": _aggregation,
    "ieee-802-3-max-frame-size": lambda told: _of(_IEEE_802_3, 4, "MTU", mtu=told["ieee-802-3-max-frame-size"]),
}
