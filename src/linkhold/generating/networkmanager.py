"""NetworkManager's key files from a document, with no daemon at hand."""

import typing

from linkhold.foundation.diagnostics import Diagnostics, Invalid, Key, Path
from linkhold.foundation.record import UNSET
from linkhold.generating.assumed import LOOPBACK, Assumed, assume
from linkhold.generating.file import File
from linkhold.planning.feasible import UNSUPPORTED
from linkhold.planning.placing import placing
from linkhold.providers.contract import Capabilities, Inability
from linkhold.providers.networkmanager.profiles import Settings, encode, keyfile, kind_of
from linkhold.providers.networkmanager.profiles.ethtool import FEATURES
from linkhold.providers.networkmanager.profiles.ovs_ports import encode_ports
from linkhold.providers.networkmanager.profiles.versions import (
    KINDS,
    NEWEST,
    PROPERTIES,
    kind_limit,
    limits,
    spelled,
    with_words,
)
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.ethernet import EthernetConfig
from linkhold.state.interfaces.ethtool import Ethtool, Pause
from linkhold.state.interfaces.ip import Ipv6
from linkhold.state.interfaces.macsec import MacSecConfig
from linkhold.state.network import NetworkState

COMMON: typing.Final = (1, 42)
"""The release whose words are used, which later ones still read; what only those know is told."""

_ALSO: typing.Final = (
    Inability(path="dispatch", reason="scripts of the dispatcher are no part of profiles", severity="warning"),
)


def _capabilities() -> Capabilities:
    """What profiles can hold, whichever release reads them. Nothing that they can't makes an interface another one."""
    held = tuple(
        Inability(kind=one.kind, path=one.path, reason=one.reason, severity="warning") for one in limits(NEWEST)
    )
    return Capabilities(
        provider="NetworkManager",
        kinds={kind: kind_limit(kind, NEWEST) for kind in KINDS},
        subjects=frozenset({"interface", "route", "rule", "dns"}),
        inabilities=(*held, *_ALSO),
    )


def files(document: NetworkState, found: Diagnostics) -> list[File]:
    """One file for each profile.

    Raises:
        Invalid: profiles can't hold it.
    """
    host = assume(document, _capabilities(), frozenset(), found)
    place = placing(host.expected)
    for server in place.unplaced_servers:
        message = f"no interface has the family of {server}, so no profile holds it; left out"
        found.warning("dns", ("dns-resolver", "config", "server"), message, hint="enable it on an interface")
    if place.unplaced_dns:
        found.error("dns", ("dns-resolver", "config", "server"), place.unplaced_dns, hint="reorder the servers")
        raise Invalid(found)
    for interface in host.written:
        _tell(interface, found)
    if found.errors():
        raise Invalid(found)
    profiles = list(_profiles(host))
    _tell_releases(profiles, found)
    return [File(_file_name(one), keyfile.write(with_words(one, COMMON))) for one in profiles]


def _tell(interface: Interface, found: Diagnostics) -> None:
    """What needs a look at values."""
    at: Path = ("interfaces", Key(interface.name))
    config = interface.get("macsec")
    if isinstance(config, MacSecConfig) and config.mka_cak is UNSET:
        message = "a profile of NetworkManager's needs the keys of MACsec"
        found.error(UNSUPPORTED, (*at, "macsec"), message, expected="mka-cak and mka-ckn")
    if isinstance(interface.ethtool, Ethtool) and isinstance(interface.ethtool.feature, dict):
        for name in sorted(interface.ethtool.feature.keys() - FEATURES.keys()):
            found.warning(UNSUPPORTED, (*at, "ethtool", "feature", name), "NetworkManager has no name for it; left out")
    if isinstance(interface.ethtool, Ethtool) and isinstance(interface.ethtool.pause, Pause):
        pause = interface.ethtool.pause
        if pause.autoneg is True and (pause.rx is not UNSET or pause.tx is not UNSET):
            message = "NetworkManager negotiates pause frames, or sets them; rx and tx are left out"
            found.warning(UNSUPPORTED, (*at, "ethtool", "pause"), message, hint="say autoneg: false")
    link = interface.get("ethernet")
    if isinstance(link, EthernetConfig) and link.auto_negotiation is not True:
        given = [field for field in ("auto_negotiation", "speed", "duplex") if link.get(field) is not UNSET]
        if given and UNSET in (link.speed, link.duplex):
            message = "NetworkManager fixes speed and duplex together, or neither; left out"
            found.warning(UNSUPPORTED, (*at, "ethernet", given[0].replace("_", "-")), message, hint="give both")
    ipv6 = interface.ipv6
    if isinstance(ipv6, Ipv6) and ipv6.autoconf is True and ipv6.dhcp is not True:
        message = "NetworkManager asks a DHCP server too where a router says so"
        found.warning(UNSUPPORTED, (*at, "ipv6", "dhcp"), message, hint="say dhcp: true")


def _profiles(host: Assumed) -> typing.Iterator[Settings]:
    place = placing(host.expected)
    carriers = {name for name, _ in (*place.routes, *place.rules, *place.servers)}
    written = list(host.written)
    if LOOPBACK in carriers and all(one.name != LOOPBACK for one in written):
        written.append(host.expected.by_key[LOOPBACK, ""])
    for interface in written:
        yield encode(interface, host=host.expected, dns=True)
        if interface.kind == "ovs-bridge":
            yield from encode_ports(interface)


def _tell_releases(profiles: typing.Iterable[Settings], found: Diagnostics) -> None:
    """Which of the profiles old releases don't read, or not all of."""
    for one in profiles:
        at: Path = ("interfaces", Key(str(one["connection"].get("interface-name", one["connection"]["id"]))))
        since = KINDS.get(kind_of(one), COMMON)
        if since > COMMON:
            found.warning("release", at, f"NetworkManager reads this profile since {spelled(since)}")
        for (setting, key), needed in PROPERTIES.items():
            if needed > COMMON and one.get(setting, {}).get(key):
                found.warning(
                    "release", at, f"NetworkManager reads {setting}.{key} since {spelled(needed)}, else ignores it"
                )


def _file_name(settings: Settings) -> str:
    """By the name of the profile; what can't stand in a file's name is replaced, as NetworkManager does."""
    return str(settings["connection"]["id"]).replace("/", "*") + keyfile.SUFFIX
