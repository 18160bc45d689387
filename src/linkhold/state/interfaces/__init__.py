"""The kinds of interfaces: one file for each, one line here.

A kind's class is imported on first use, so that a host with three kinds of interfaces pays for three.
"""

import typing

from linkhold.foundation.diagnostics import Diagnostics, Key, Path, did_you_mean
from linkhold.foundation.record import UNSET
from linkhold.state.fields import HIDDEN, fields_of
from linkhold.state.forms import Form, Plain, read_record, shown, write_record
from linkhold.state.interfaces.common import Interface, Untyped

KINDS: typing.Final[dict[str, str]] = {
    "bond": "bond:Bond",
    "dummy": "dummy:Dummy",
    "ethernet": "ethernet:Ethernet",
    "hsr": "hsr:Hsr",
    "infiniband": "infiniband:Infiniband",
    "ip-tunnel": "ip_tunnel:IpTunnel",
    "ipsec": "ipsec:Ipsec",
    "ipvlan": "ipvlan:IpVlan",
    "linux-bridge": "linux_bridge:LinuxBridge",
    "loopback": "loopback:Loopback",
    "mac-vlan": "mac_vlan:MacVlan",
    "mac-vtap": "mac_vtap:MacVtap",
    "macsec": "macsec:MacSec",
    "other": "other:Other",
    "ovs-bridge": "ovs_bridge:OvsBridge",
    "ovs-interface": "ovs_interface:OvsInterface",
    "tun": "tun:Tun",
    "unknown": "unknown:Unknown",
    "veth": "veth:Veth",
    "vlan": "vlan:Vlan",
    "vrf": "vrf:Vrf",
    "vxlan": "vxlan:Vxlan",
    "wireguard": "wireguard:Wireguard",
    "xfrm": "xfrm:Xfrm",
}
"""The word in ``type`` to ``module:Class`` in this package."""

_classes: dict[str, type[Interface]] = {}
_KEPT_WHEN_ABSENT = ("name", "type", "state")


def kind_class(kind: str) -> type[Interface]:
    """The class of a kind.

    Raises:
        KeyError: no such kind.
    """
    cls = _classes.get(kind)
    if cls is None:
        import importlib

        module, name = KINDS[kind].split(":")
        cls = _classes[kind] = getattr(importlib.import_module(f"{__name__}.{module}"), name)
    return cls


def all_kinds() -> dict[str, type[Interface]]:
    """Every kind with its class (imports all of them: for schemas and tests)."""
    return {kind: kind_class(kind) for kind in KINDS}


class AnyInterface(Form):
    """One interface of any kind: its ``type`` says which class reads the rest."""

    expected = "a map that describes an interface"

    def read(self, raw: Plain, at: Path, found: Diagnostics) -> typing.Any:
        """An instance of the kind's class; an `Untyped` where ``type`` is missing.

        ``type: unknown`` (which `show` prints for kinds unknown here) gives an `Unknown` when it has only what every
        interface has, else an `Untyped` too: ask `needs_kind` to know whether the host has to tell the kind.
        """
        if not isinstance(raw, dict):
            return self.wrong(raw, at, found)
        kind = raw.get("type")
        if raw.get("state") == "absent":
            raw = {key: raw[key] for key in _KEPT_WHEN_ABSENT if key in raw}
        if kind is None or (kind == "unknown" and not _is_plain(raw)):
            return _read_untyped(raw, at, found)
        if not isinstance(kind, str) or kind not in KINDS:
            message = f"{shown(kind)} is no kind of interface"
            hint = did_you_mean(kind, KINDS) if isinstance(kind, str) else ""
            found.error("kind", (*at, "type"), message, expected="a kind of interface", hint=hint)
            return UNSET
        return _read_as(kind, raw, at, found)

    def write(self, value: typing.Any, secrets: bool) -> Plain:
        """A map with ``type`` after the names; an `Untyped` as it was written."""
        if isinstance(value, Untyped):
            return dict(value.raw) if secrets else _hidden(value.raw)
        plain = write_record(value, secrets=secrets)
        front = {key: plain.pop(key) for key in ("name", "profile-name") if key in plain}
        return {**front, "type": value.kind, **plain}

    def schema(self) -> dict[str, Plain]:
        """A reference: the schema of all kinds together is put there by `state.schema`."""
        return {"$ref": "#/$defs/Interface"}


SECRET_KEYS: typing.Final = frozenset(
    {"mka-cak", "password", "preshared-key", "private-key", "private-key-password", "psk"}
)
"""Keys of all kinds under which a secret may stand, for entries whose kind is not known yet."""


def _hidden(raw: Plain) -> Plain:
    if isinstance(raw, dict):
        return {key: HIDDEN if key in SECRET_KEYS and inner else _hidden(inner) for key, inner in raw.items()}
    return [_hidden(inner) for inner in raw] if isinstance(raw, list) else raw


def _is_plain(raw: dict[str, Plain]) -> bool:
    keys = {"type"}.union(*((field.key, *field.aliases) for field in fields_of(Interface).values()))
    return keys.issuperset(raw)


def needs_kind(interface: Interface) -> bool:
    """Whether its document does not say the kind: that of the host's interface of this name is meant (`retype`)."""
    return isinstance(interface, Untyped) or interface.kind == "unknown"


_KNOWN_ALWAYS: typing.Final = ("name", "state", "identifier", "mac-address", "pci-address", "profile-name")
"""By these keys an interface of unknown kind is found."""


def _read_untyped(raw: dict[str, Plain], at: Path, found: Diagnostics) -> typing.Any:
    base = {key: raw[key] for key in _KNOWN_ALWAYS if key in raw}
    known = read_record(Interface, base, at, found)
    return UNSET if known is UNSET else Untyped(**known.said(), raw=raw)


def _read_as(kind: str, raw: dict[str, Plain], at: Path, found: Diagnostics) -> typing.Any:
    if kind == "ethernet" and isinstance(raw.get("veth"), dict):
        kind = "veth"
    rest = dict(raw)
    rest.pop("type", None)
    return read_record(kind_class(kind), rest, at, found)


def retype(untyped: Interface, kind: str, at: Path, found: Diagnostics) -> typing.Any:
    """The interface that an entry without a kind (`needs_kind`) describes, now that the kind is known.

    `at` is the entry's path, as it was when the document was read: diagnostics lead to the same places. `UNSET` when
    something required is missing or wrong.
    """
    if not isinstance(untyped, Untyped):
        return kind_class(kind)(**untyped.said())
    return _read_as(kind, untyped.raw, at, found)


class Interfaces(Form):
    """The list of all interfaces; each (name, kind where it exists in user space only) stands there once."""

    expected = "a list of interfaces"

    def __init__(self) -> None:
        self.inner = AnyInterface()

    def read(self, raw: Plain, at: Path, found: Diagnostics) -> typing.Any:
        """A tuple of interfaces in the order of the document."""
        if not isinstance(raw, list):
            return self.wrong(raw, at, found, hint="write it as a list: each interface begins with `- name:`")
        values: list[Interface] = []
        seen: set[tuple[str, str]] = set()
        for index, element in enumerate(raw):
            interface = self.inner.read(element, (*at, step(element, index)), found)
            if interface is UNSET:
                continue
            if interface.key in seen:
                message = f"interface {interface.name} stands twice in this document"
                found.error("duplicate", (*at, index), message, hint="put all that is said of it into one entry")
            seen.add(interface.key)
            values.append(interface)
        return tuple(values)

    def write(self, value: typing.Any, secrets: bool) -> Plain:
        """A list of maps."""
        return [self.inner.write(one, secrets) for one in value]

    def schema(self) -> dict[str, Plain]:
        """A list of references."""
        return {"type": "array", "items": self.inner.schema()}


def step(raw: Plain, index: int) -> str | int:
    """The step of a path into the list of interfaces: the name where there is one, else the position."""
    name = raw.get("name") if isinstance(raw, dict) else None
    return Key(name, index) if isinstance(name, str) and name else index


INTERFACE: typing.Final = Interfaces()
"""Put beside the type of a tuple of interfaces."""
