"""An interface to its profile, and back: the leaves of this package, put together.

A profile that is there is modified in place. Of the interface only what *changed* is written, and what the profile holds
of it already is brought up to date: settings that somebody else made (nmcli, an installer, Cockpit) stay.
"""

import typing

from linkhold.foundation.record import UNSET, Record
from linkhold.planning.placing import Placing, placing
from linkhold.providers.networkmanager.profiles import bond, common, ethernet, ethtool, ieee8021x, ip, linux_bridge, ovs
from linkhold.providers.networkmanager.profiles.draft import Draft, Settings, Version, overlay, trimmed
from linkhold.providers.networkmanager.profiles.identity import kind_of
from linkhold.providers.networkmanager.profiles.versions import NEWEST, modern, worded
from linkhold.state.fields import Default, fields_of
from linkhold.state.interfaces import kind_class
from linkhold.state.interfaces.common import Interface
from linkhold.state.network import NetworkState

LEAVES: typing.Final[dict[str, str]] = {
    "bond": "bond",
    "hsr": "hsr",
    "infiniband": "infiniband",
    "ip-tunnel": "ip_tunnel",
    "ipsec": "ipsec",
    "ipvlan": "ipvlan",
    "linux-bridge": "linux_bridge",
    "mac-vlan": "mac_vlan",
    "mac-vtap": "mac_vlan",
    "macsec": "macsec",
    "ovs-bridge": "ovs",
    "ovs-interface": "ovs",
    "tun": "tun",
    "veth": "veth",
    "vlan": "vlan",
    "vrf": "vrf",
    "vxlan": "vxlan",
    "wireguard": "wireguard",
}
"""The module here with the settings of a kind; kinds that have none of their own are not listed."""

_USUAL_MTU: typing.Final = 1500


def encode(
    interface: Interface,
    *,
    host: NetworkState,
    was: NetworkState | None = None,
    stored: Interface | None = None,
    current: Settings | None = None,
    version: Version = NEWEST,
    uuid: str = "",
    dns: bool = False,
) -> Settings:
    """The profile of an interface as it is to be.

    `host` is the whole host as it will be (a profile holds the routes, rules and, with `dns`, name servers of its
    interface; a port's holds what its controller says of it), `was` as it is now (None: unknown, all is written).
    `stored` is the interface as its profile would make it, where that is not how it is now; its routes and rules are written
    anew then. `current` is the profile that is there, in the words of any release; the result is in those of `version`. A new
    profile gets `uuid`, else one made from kind and name.
    """
    held = modern(current) if current else {}
    before = was.by_key.get(interface.key) if was is not None else None
    place, place_before = placing(host), placing(was) if was is not None else None
    if stored is not None:
        before, place_before = stored, None
    if place.is_switched(interface):  # plugged in by Open vSwitch itself, which also keeps what is said of that
        interface = interface.replace(controller="", ovs_db=UNSET)
    said = trimmed(interface, before) if held or before is None else _notable(interface, before)
    draft, known = Draft(), Draft()
    _kind(said, interface, held, draft)
    _kind(interface, interface, held, known)
    common.identify(interface, held, uuid, draft)
    common.encode(said, interface, held, place, draft)
    _port(interface, place, place_before if held else None, draft)
    if interface.kind in _IP_LESS:
        draft.drop("ipv4", "ipv6")
    elif not common.is_ip_less(interface, place):
        _families(interface, before, place, place_before, held, version, dns, draft)
    kept = {setting: section for setting, section in held.items() if setting not in draft.dropped - draft.values.keys()}
    result = overlay(kept, _without_dropped(draft), known.values)
    return worded(
        {setting: section for setting, section in result.items() if section or _matters(setting, result)}, version
    )


def _without_dropped(draft: Draft) -> Settings:
    return {
        setting: section for setting, section in draft.values.items() if setting not in draft.dropped & {"ipv4", "ipv6"}
    }


def _matters(setting: str, settings: Settings) -> bool:
    """Whether a setting without properties says something: that of its type does, and those that make a port."""
    return setting == settings["connection"]["type"] or setting.endswith("-port")


def _kind(said: Interface, whole: Interface, current: Settings, draft: Draft) -> None:
    """What concerns the link: all but names, IP and membership."""
    ethernet.encode(said, whole, current, draft)
    ethtool.encode(said.ethtool, whole.ethtool, draft)
    ieee8021x.encode(said.ieee8021x, draft)
    ovs.encode_maps(said.ovs_db, draft)
    leaf = _leaf(whole.kind)
    if leaf is not None:
        leaf.encode(said, whole, current, draft)


def _leaf(kind: str) -> typing.Any:
    if kind not in LEAVES:
        return None
    import importlib

    return importlib.import_module(f"{__package__}.{LEAVES[kind]}")


def _port(interface: Interface, place: Placing, before: Placing | None, draft: Draft) -> None:
    controller = place.controllers.get(interface.controller) if isinstance(interface.controller, str) else None
    if controller is None:
        return
    was = before.controllers.get(controller.name) if before is not None else None
    if controller.kind == "bond":
        bond.encode_port(interface.name, controller, was, draft)
    elif controller.kind == "linux-bridge":
        draft.section(linux_bridge.PORT)
        linux_bridge.encode_port(interface.name, controller, was, draft)


def _families(
    interface: Interface,
    before: Interface | None,
    place: Placing,
    place_before: Placing | None,
    held: Settings,
    version: Version,
    dns: bool,
    draft: Draft,
) -> None:
    for ipv6, setting in ((False, "ipv4"), (True, "ipv6")):
        section = held.get(setting, {})
        ip.encode(ip.Family(ipv6, interface, before, place, place_before, section, version, dns), draft)


def _notable(interface: Interface, before: Interface) -> Interface:
    """What a new profile for an interface that others set up has to say: what is not as it would be anyhow."""
    kept = _beyond_defaults(interface)
    usual = {"mac_address": before.mac_address, "mtu": _USUAL_MTU}
    return typing.cast("Interface", type(kept).of({k: v for k, v in kept.__dict__.items() if usual.get(k, UNSET) != v}))


def _beyond_defaults(record: Record) -> Record:
    known = fields_of(type(record))
    values: dict[str, typing.Any] = {}
    for name, value in record.__dict__.items():
        default = known[name].marker(Default)
        if isinstance(value, Record):
            values[name] = _beyond_defaults(value)
        elif default is None or default.value != value:
            values[name] = value
    return type(record).of(values)


_IP_LESS: typing.Final = frozenset({"ovs-bridge"})
"""Kinds whose IP settings mean nothing, though NetworkManager adds some."""

_PRIVATE: typing.Final = frozenset(
    {"name", "profile_name", "identifier", "description", "wait_ip", "ipv4", "ipv6", "lldp", "ieee8021x", "mptcp"}
)
"""What only profiles know; the kernel shows the rest as it is."""


def decode(settings: Settings, name: str = "") -> Interface:
    """What only a profile knows of its interface: DHCP and router advertisements, static addresses, names, notes, …

    The kind is that of the profile (a veth may have one for Ethernet). `name` is that of the device it is active on, for
    profiles that do not name one.
    """
    whole = decode_all(settings, name)
    return type(whole).of({key: value for key, value in whole.__dict__.items() if key in _PRIVATE})


def decode_all(settings: Settings, name: str = "") -> Interface:
    """All that a profile says of its interface, also what the kernel will show."""
    held = modern(settings)
    kind = kind_of(held)
    said: dict[str, typing.Any] = {
        **common.decode(held),
        **ethernet.decode(held, kind),
        **ethtool.decode(held),
        **ieee8021x.decode(held),
        **ovs.decode_maps(held),
    }
    if kind not in _IP_LESS:
        said |= ip.decode(held)
    else:
        said.pop("wait_ip", None)
    leaf = _leaf(kind)
    if leaf is not None:
        said |= leaf.decode(held)
    said = {key: value for key, value in said.items() if value is not UNSET}
    connection = held.get("connection", {})
    return kind_class(kind)(name=connection.get("interface-name") or name or connection.get("id", ""), **said)
