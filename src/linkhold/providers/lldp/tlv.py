"""One LLDP frame as plain data (IEEE 802.1AB-2016, clauses 8 and 9; organisations' TLVs by IEEE 802.1Q annex D and 802.3
clause 79). Bytes to values: nothing is received here.

The maps have the keys of nmstate's ``lldp.neighbors``: each holds ``type`` and what that TLV says; those of organisations
``oui`` and ``subtype`` too.
"""

import struct
import typing

Told = dict[str, typing.Any]

IEEE_802_1: typing.Final = b"\x00\x80\xc2"
IEEE_802_3: typing.Final = b"\x00\x12\x0f"

END, CHASSIS, PORT, LIFETIME, PORT_TEXT, SYSTEM_NAME, SYSTEM_TEXT, CAPABILITIES, MANAGEMENT = range(9)
ORGANISATION: typing.Final = 127
_AGGREGATION: typing.Final = ((IEEE_802_1, 7), (IEEE_802_3, 3))
_MANDATORY: typing.Final = (CHASSIS, PORT, LIFETIME)

_CHASSIS_IDS: typing.Final = (
    "Reserved", "Chassis component", "Interface alias", "Port component", "MAC address", "Network address",
    "Interface name", "Locally assigned",
)  # fmt: skip
_PORT_IDS: typing.Final = (
    "Reserved", "Interface alias", "Port component", "MAC address", "Network address", "Interface name",
    "Agent circuit ID", "Locally assigned",
)  # fmt: skip
_CAPABILITIES: typing.Final = (
    "Other", "Repeater", "MAC Bridge component", "802.11 Access Point (AP)", "Router", "Telephone",
    "DOCSIS cable device", "Station Only", "C-VLAN component of a VLAN Bridge", "S-VLAN component of a VLAN Bridge",
    "Two-port MAC Relay (TPMR)",
)  # fmt: skip
_CHASSIS_FORMS: typing.Final = {4: "mac", 5: "network"}
_PORT_FORMS: typing.Final = {3: "mac", 4: "network"}

_IPV4, _IPV6, _MAC = 1, 2, 6  # IANA address family numbers
_FAMILIES: typing.Final = {_IPV4: ("IPv4", 4), _IPV6: ("IPv6", 16), _MAC: ("MAC", 6)}


class Announcement(typing.NamedTuple):
    """What a neighbour says of itself: who it is (chassis and port, as bytes), for how many seconds that holds (0: it
    leaves), and its TLVs as maps; `further` are those that documents do not show."""

    identity: bytes
    seconds: int
    told: tuple[Told, ...]
    further: tuple[Told, ...] = ()


def parse(payload: bytes) -> Announcement:
    """The announcement in the payload of an Ethernet frame of type 0x88cc.

    A TLV that makes no sense is left out, as 9.2.7.7.2 wants it.

    Raises:
        ValueError: the frame as a whole makes none (9.2.7.7.1).
    """
    parts = list(_parts(payload))
    if tuple(kind for kind, _ in parts[:3]) != _MANDATORY or any(kind in _MANDATORY for kind, _ in parts[3:]):
        raise ValueError("an LLDP frame begins with chassis, port and lifetime, each once")
    (_, chassis), (_, port), (_, lifetime) = parts[:3]
    if not 2 <= len(chassis) <= 256 or not 2 <= len(port) <= 256 or len(lifetime) < 2:
        raise ValueError("the mandatory parts of an LLDP frame have other lengths")
    told = [_chassis(chassis), _port(port)]
    for kind, value in parts[3:]:
        one = _read(kind, value)
        if one is not None:
            told.append(one)
    (seconds,) = struct.unpack_from("!H", lifetime)
    further = [{"type": LIFETIME, "seconds": seconds}, *(one for part in parts[3:] for one in _further(*part))]
    identity = bytes([len(chassis) - 1]) + chassis + port
    return Announcement(identity, seconds, tuple(sorted(_joined(told), key=_place)), tuple(further))


def _parts(payload: bytes) -> typing.Iterator[tuple[int, bytes]]:
    """Type and value of each TLV up to the end: 7 bits of type, 9 of length (8.4)."""
    at = 0
    while at + 2 <= len(payload):
        (head,) = struct.unpack_from("!H", payload, at)
        kind, length = head >> 9, head & 0x1FF
        if kind == END:
            return
        value = payload[at + 2 : at + 2 + length]
        if len(value) < length:
            raise ValueError("an LLDP frame ends in the middle of a TLV")
        yield kind, value
        at += 2 + length


def _read(kind: int, value: bytes) -> Told | None:
    reader = _READERS.get(kind)
    try:
        return reader(value) if reader is not None else None
    except (ValueError, struct.error, IndexError):
        return None


def _further(kind: int, value: bytes) -> list[Told]:
    """What a TLV says that documents do not show: which capabilities are on; link aggregation (802.1AX, annex C), once
    802.3's, now 802.1's: bit 0 of the status says that it is possible, bit 1 that it is on."""
    try:
        if kind == CAPABILITIES:
            return [{"type": kind, "enabled-capabilities": _capability_names(struct.unpack_from("!HH", value)[1])}]
        if kind == ORGANISATION and (value[:3], value[3]) in _AGGREGATION:
            status, port = struct.unpack_from("!BI", value, 4)
            owner = {"oui": value[:3].hex(":"), "subtype": value[3]}
            return [{"type": kind, **owner, "aggregation-status": status, "aggregated-port-id": port}]
    except (struct.error, IndexError):  # it makes no sense: left out (9.2.7.7.2)
        return []
    return []


def _text(value: bytes) -> str:
    """UTF-8 (8.5); what can't be shown is marked, and the zero that some put at the end is none."""
    text = value.rstrip(b"\0").decode("utf-8", "replace")
    return "".join(one if one.isprintable() or one in "\n\t" else "\ufffd" for one in text.replace("\r\n", "\n"))


def _mac(value: bytes) -> str:
    return value.hex(":").upper()


def _network(value: bytes) -> str:
    """An address with its family before it."""
    family, address = value[0], value[1:]
    known = _FAMILIES.get(family)
    if known is None or len(address) != known[1]:
        return value.hex(":")
    return _address(family, address)


def _address(family: int, address: bytes) -> str:
    if family == _MAC:
        return _mac(address)
    import ipaddress

    return str(ipaddress.IPv4Address(address) if family == _IPV4 else ipaddress.IPv6Address(address))


def _identifier(value: bytes, forms: typing.Mapping[int, str]) -> str:
    form = forms.get(value[0])
    if form == "mac" and len(value) == 7:
        return _mac(value[1:])
    return _network(value[1:]) if form == "network" else _text(value[1:])


def _named(names: typing.Sequence[str], number: int) -> str:
    return names[number] if number < len(names) else names[0]


def _chassis(value: bytes) -> Told:
    return {
        "type": CHASSIS,
        "_description": _named(_CHASSIS_IDS, value[0]),
        "chassis-id": _identifier(value, _CHASSIS_FORMS),
        "chassis-id-type": value[0],
    }


def _port(value: bytes) -> Told:
    return {
        "type": PORT,
        "_description": _named(_PORT_IDS, value[0]),
        "port-id": _identifier(value, _PORT_FORMS),
        "port-id-type": value[0],
    }


def _capabilities(value: bytes) -> Told:
    """Those that the system has (the second half says which of them are on)."""
    has, _ = struct.unpack("!HH", value[:4])
    return {"type": CAPABILITIES, "system-capabilities": _capability_names(has)}


def _capability_names(bits: int) -> list[str]:
    return [name for bit, name in enumerate(_CAPABILITIES) if bits >> bit & 1]


def _management(value: bytes) -> Told:
    length = value[0]
    family, address, rest = value[1], value[2 : 1 + length], value[1 + length :]
    numbering, number = struct.unpack_from("!BI", rest)
    known = _FAMILIES.get(family)
    right = known is not None and len(address) == known[1]
    if length < 2 or len(address) != length - 1:
        raise ValueError("a management address of another length")
    one = {
        "address": _address(family, address) if right else address.hex(":"),
        "address-subtype": known[0] if known is not None and right else "Unknown",
        "interface-number": number,
        "interface-number-subtype": numbering,
    }
    return {"type": MANAGEMENT, "management-addresses": [one]}


def _organisation(value: bytes) -> Told | None:
    owner, subtype, content = value[:3], value[3], value[4:]
    reader = _OWN_READERS.get((owner, subtype))
    if reader is None:
        return None
    return {"type": ORGANISATION, **reader(content), "oui": owner.hex(":"), "subtype": subtype}


def _vlan_of_port(content: bytes) -> Told:
    return {"ieee-802-1-pvid": struct.unpack("!H", content)[0]}


def _protocol_vlan(content: bytes) -> Told:
    return {"ieee-802-1-ppvids": [struct.unpack("!BH", content)[1]]}


def _vlan_name(content: bytes) -> Told:
    number, length = struct.unpack_from("!HB", content)
    name = content[3:]
    if len(name) != length:
        raise ValueError("a name of another length")
    return {"ieee-802-1-vlans": [{"name": _text(name), "vid": number}]}


def _physics(content: bytes) -> Told:
    """Bit 0 says that auto-negotiation is supported, bit 1 that it is on."""
    status, able, kind = struct.unpack("!BHH", content)
    said = {"autoneg": bool(status & 2), "operational-mau-type": kind, "pmd-autoneg-cap": able}
    return {"ieee-802-3-mac-phy-conf": said}


def _largest_frame(content: bytes) -> Told:
    return {"ieee-802-3-max-frame-size": struct.unpack("!H", content)[0]}


_READERS: typing.Final[dict[int, typing.Callable[[bytes], Told | None]]] = {
    PORT_TEXT: lambda value: {"type": PORT_TEXT, "port-description": _text(value)},
    SYSTEM_NAME: lambda value: {"type": SYSTEM_NAME, "system-name": _text(value)},
    SYSTEM_TEXT: lambda value: {"type": SYSTEM_TEXT, "system-description": _text(value)},
    CAPABILITIES: _capabilities,
    MANAGEMENT: _management,
    ORGANISATION: _organisation,
}
_OWN_READERS: typing.Final[dict[tuple[bytes, int], typing.Callable[[bytes], Told]]] = {
    (IEEE_802_1, 1): _vlan_of_port,
    (IEEE_802_1, 2): _protocol_vlan,
    (IEEE_802_1, 3): _vlan_name,
    (IEEE_802_3, 1): _physics,
    (IEEE_802_3, 4): _largest_frame,
}

_LISTS: typing.Final = ("ieee-802-1-vlans", "ieee-802-1-ppvids", "management-addresses")
_ORDER: typing.Final = (
    "system-name", "system-description", "port-description", "system-capabilities", "chassis-id", "port-id",
    "ieee-802-1-pvid", "ieee-802-1-vlans", "ieee-802-3-mac-phy-conf", "ieee-802-1-ppvids", "management-addresses",
    "ieee-802-3-max-frame-size",
)  # fmt: skip


def _joined(told: typing.Iterable[Told]) -> list[Told]:
    """The TLVs that may come several times, as one with a list; of all others the first."""
    found: dict[str, Told] = {}
    for one in told:
        key = _key(one)
        if key not in found:
            found[key] = one
        elif key in _LISTS:
            found[key] = {**found[key], key: [*found[key][key], *one[key]]}
    return list(found.values())


def _key(one: Told) -> str:
    return next(key for key in _ORDER if key in one)


def _place(one: Told) -> int:
    return _ORDER.index(_key(one))
