"""How profiles are called: the words for kinds, deterministic UUIDs, names."""

import typing

TYPES: typing.Final[dict[str, str]] = {
    "bond": "bond",
    "dummy": "dummy",
    "ethernet": "802-3-ethernet",
    "hsr": "hsr",
    "infiniband": "infiniband",
    "ip-tunnel": "ip-tunnel",
    "ipsec": "vpn",
    "ipvlan": "ipvlan",
    "linux-bridge": "bridge",
    "loopback": "loopback",
    "mac-vlan": "macvlan",
    "mac-vtap": "macvlan",
    "macsec": "macsec",
    "ovs-bridge": "ovs-bridge",
    "ovs-interface": "ovs-interface",
    "tun": "tun",
    "unknown": "generic",
    "veth": "veth",
    "vlan": "vlan",
    "vrf": "vrf",
    "vxlan": "vxlan",
    "wireguard": "wireguard",
}
"""The ``connection.type`` of each kind."""

PORT_TYPES: typing.Final[dict[str, str]] = {
    "bond": "bond",
    "linux-bridge": "bridge",
    "ovs-bridge": "ovs-port",
    "vrf": "vrf",
}
"""The ``connection.port-type`` of the ports of each kind of controller; those of an OVS bridge sit in a profile between."""

_SUFFIXES: typing.Final = {"ovs-bridge": "-br", "ovs-interface": "-if", "ovs-port": "-port"}
"""An OVS bridge and its interface may share a name; their profiles should not."""

_URL_NAMESPACE: typing.Final = bytes.fromhex("6ba7b8119dad11d180b400c04fd430c8")
"""RFC 4122, appendix C."""


def uuid_of(kind: str, name: str) -> str:
    """A name-based UUID (RFC 4122, version 5) of ``kind://name``: the same on every host and every time."""
    import hashlib

    raw = bytearray(hashlib.sha1(_URL_NAMESPACE + f"{kind}://{name}".encode(), usedforsecurity=False).digest()[:16])
    raw[6] = raw[6] & 0x0F | 0x50
    raw[8] = raw[8] & 0x3F | 0x80
    digits = raw.hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def name_of(kind: str, name: str) -> str:
    """What a new profile is called."""
    return name + _SUFFIXES.get(kind, "")


def kind_of(settings: dict[str, dict[str, typing.Any]]) -> str:
    """The kind of interface that a profile describes; 'unknown' for what none of ours is."""
    said = settings.get("connection", {}).get("type", "")
    if said == "macvlan":
        return "mac-vtap" if settings.get("macvlan", {}).get("tap") else "mac-vlan"
    if said == "vpn" and "libreswan" not in settings.get("vpn", {}).get("service-type", ""):
        return "unknown"
    return next((kind for kind, word in TYPES.items() if word == said), "unknown")
