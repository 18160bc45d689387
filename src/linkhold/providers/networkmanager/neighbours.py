"""LLDP neighbours as NetworkManager tells them (``LldpNeighbors`` of a device), in the shape of documents: for each
neighbour the list of its TLVs (IEEE 802.1AB, annexes D and F of 802.1Q and 802.3)."""

import typing

Tlv = dict[str, typing.Any]

_CAPABILITIES: typing.Final = (
    "Other",
    "Repeater",
    "MAC Bridge component",
    "802.11 Access Point (AP)",
    "Router",
    "Telephone",
    "DOCSIS cable device",
    "Station Only",
    "C-VLAN component",
    "S-VLAN component",
    "Two-port MAC Relay component",
)
_CHASSIS: typing.Final = {
    1: "Chassis component",
    2: "Interface alias",
    3: "Port component",
    4: "MAC address",
    5: "Network address",
    6: "Interface name",
    7: "Locally assigned",
}
_PORT: typing.Final = {
    1: "Interface alias",
    2: "Port component",
    3: "MAC address",
    4: "Network address",
    5: "Interface name",
    6: "Agent circuit ID",
    7: "Locally assigned",
}
_FAMILIES: typing.Final = {1: "IPv4", 2: "IPv6", 6: "MAC"}
"""IANA address family numbers."""
_IEEE_802_1: typing.Final = "00:80:c2"
_IEEE_802_3: typing.Final = "00:12:0f"


def neighbours(told: typing.Iterable[dict[str, typing.Any]]) -> tuple[tuple[Tlv, ...], ...]:
    """One tuple of TLVs for each neighbour, sorted by what names it so that two looks compare equal."""
    listed = [tuple(_tlvs(one)) for one in told]
    return tuple(sorted(listed, key=repr))


def _tlvs(one: dict[str, typing.Any]) -> typing.Iterator[Tlv]:
    if "system-name" in one:
        yield {"type": 5, "system-name": one["system-name"]}
    if "system-description" in one:
        yield {"type": 6, "system-description": one["system-description"]}
    if "system-capabilities" in one:
        yield {"type": 7, "system-capabilities": _capabilities(one["system-capabilities"])}
    if "chassis-id" in one:
        yield _identity(1, "chassis-id", one, _CHASSIS)
    if "port-id" in one:
        yield _identity(2, "port-id", one, _PORT)
    if one.get("ieee-802-1-vlans"):
        vlans = [{"name": vlan.get("name", ""), "vid": vlan.get("vid", 0)} for vlan in one["ieee-802-1-vlans"]]
        yield {"type": 127, "ieee-802-1-vlans": vlans, "oui": _IEEE_802_1, "subtype": 3}
    if one.get("ieee-802-3-mac-phy-conf"):
        yield {"type": 127, "ieee-802-3-mac-phy-conf": _physical(one), "oui": _IEEE_802_3, "subtype": 1}
    if one.get("ieee-802-1-ppvids"):
        ppvids = [each.get("ppvid", 0) for each in one["ieee-802-1-ppvids"]]
        yield {"type": 127, "ieee-802-1-ppvids": ppvids, "oui": _IEEE_802_1, "subtype": 2}
    if one.get("management-addresses"):
        yield {"type": 8, "management-addresses": [_management(each) for each in one["management-addresses"]]}
    if "ieee-802-3-max-frame-size" in one:
        size = one["ieee-802-3-max-frame-size"]
        yield {"type": 127, "ieee-802-3-max-frame-size": size, "oui": _IEEE_802_3, "subtype": 4}


def _identity(kind: int, key: str, one: dict[str, typing.Any], names: dict[int, str]) -> Tlv:
    number = one.get(f"{key}-type", 0)
    return {"type": kind, "_description": names.get(number, "Reserved"), key: one[key], f"{key}-type": number}


def _capabilities(bits: int) -> list[str]:
    return [name for bit, name in enumerate(_CAPABILITIES) if bits & 1 << bit]


def _physical(one: dict[str, typing.Any]) -> dict[str, typing.Any]:
    said = one["ieee-802-3-mac-phy-conf"]
    return {
        "autoneg": bool(said.get("autoneg", 0) & 0x2),  # bit 0: can it; bit 1: does it
        "operational-mau-type": said.get("operational-mau-type", 0),
        "pmd-autoneg-cap": said.get("pmd-autoneg-cap", 0),
    }


def _management(said: dict[str, typing.Any]) -> dict[str, typing.Any]:
    number = said.get("address-subtype", 0)
    return {
        "address": _address(number, bytes(said.get("address", b""))),
        "address-subtype": _FAMILIES.get(number, str(number)),
        "interface-number": said.get("interface-number", 0),
        "interface-number-subtype": said.get("interface-number-subtype", 0),
    }


def _address(number: int, raw: bytes) -> str:
    import socket

    if number == 1 and len(raw) == 4:
        return socket.inet_ntop(socket.AF_INET, raw)
    if number == 2 and len(raw) == 16:
        return socket.inet_ntop(socket.AF_INET6, raw)
    return ":".join(f"{byte:02X}" for byte in raw)
