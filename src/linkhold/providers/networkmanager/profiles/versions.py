"""What a release of NetworkManager can hold, and how it calls it: the one place that knows releases.

Sources: NetworkManager's NEWS file, and the ``Since:`` lines of its settings.
"""

import typing

from linkhold.providers.networkmanager.profiles.draft import Settings, Version
from linkhold.providers.networkmanager.profiles.resolving import legacy, texts

OLDEST: typing.Final[Version] = (1, 30)
NEWEST: typing.Final[Version] = (1, 99)
"""Newer than any: for files whose reader is not known, ask for what Debian, RHEL and Fedora have in common instead."""

CONTROLLER_WORDS: typing.Final[Version] = (1, 46)
"""Since then ``connection.controller``, ``port-type`` and ``autoconnect-ports`` have these names; the old ones still work."""

DNS_DATA: typing.Final[Version] = (1, 42)
"""Since then name servers are texts (``dns-data``), before that numbers (``dns``)."""

KINDS: typing.Final[dict[str, Version]] = {
    "bond": (1, 0),
    "dummy": (1, 8),
    "ethernet": (1, 0),
    "hsr": (1, 46),
    "infiniband": (1, 0),
    "ip-tunnel": (1, 2),
    "ipsec": (1, 0),
    "ipvlan": (1, 52),
    "linux-bridge": (1, 0),
    "loopback": (1, 42),
    "mac-vlan": (1, 2),
    "mac-vtap": (1, 2),
    "macsec": (1, 6),
    "ovs-bridge": (1, 10),
    "ovs-interface": (1, 10),
    "tun": (1, 2),
    "veth": (1, 30),
    "vlan": (1, 0),
    "vrf": (1, 24),
    "vxlan": (1, 2),
    "wireguard": (1, 16),
}
"""The kinds that a profile can describe, and the release that began with it."""


class Limit(typing.NamedTuple):
    """Something a document can say that profiles hold only since some release (`since` None: never).

    `kind` '' is every kind; `path` is relative to the interface, as in `contract.Inability`; `reason` says why.
    """

    path: str
    since: Version | None
    reason: str
    kind: str = ""
    severity: typing.Literal["error", "warning"] = "error"


_NO_PROPERTY: typing.Final = "NetworkManager's profiles have no such setting"

_OPTIONS_OF_THE_KERNEL: typing.Final = (
    "multicast-igmp-version",
    "multicast-mld-version",
    "multicast-stats-enabled",
    "nf-call-arptables",
    "nf-call-ip6tables",
    "nf-call-iptables",
    "no-linklocal-learn",
    "vlan-stats-enabled",
    "vlan-stats-per-port",
)

LIMITS: typing.Final[tuple[Limit, ...]] = (
    Limit("accept-all-mac-addresses", (1, 32), "promiscuous mode is held by profiles since 1.32"),
    Limit("mptcp", (1, 40), "MPTCP is held by profiles since 1.40"),
    Limit("alt-names", None, _NO_PROPERTY),
    Limit("ipv4.forwarding", (1, 54), "forwarding for one interface is held by profiles since 1.54"),
    Limit("ipv6.forwarding", None, _NO_PROPERTY),
    Limit("ipv4.prefix-route-metric", None, "a profile has one metric for all routes of a family"),
    Limit("ipv6.prefix-route-metric", None, "a profile has one metric for all routes of a family"),
    Limit("ethtool.pause", (1, 32), "pause frames are held by profiles since 1.32"),
    Limit("ethtool.fec", (1, 52), "forward error correction is held by profiles since 1.52"),
    Limit("ethtool.fec.auto", None, "a profile names one mode of forward error correction"),
    Limit("link-aggregation.ports-config.priority", (1, 44), "priorities of ports are held since 1.44", "bond"),
    Limit("link-aggregation.ports-config.queue-id", (1, 34), "queues of ports are held since 1.34", "bond"),
    Limit("link-aggregation.options.balance_slb", (1, 42), "balance_slb is held since 1.42", "bond"),
    Limit("link-aggregation.options.arp_missed_max", (1, 44), "arp_missed_max is held since 1.44", "bond"),
    Limit("qos", None, _NO_PROPERTY),
    Limit("bridge.options.hash-elasticity", None, _NO_PROPERTY, "linux-bridge"),
    *(Limit(f"bridge.options.{name}", None, _NO_PROPERTY, "linux-bridge") for name in _OPTIONS_OF_THE_KERNEL),
    Limit("vlan.protocol", (1, 42), "802.1ad is held by profiles since 1.42", "vlan"),
    Limit("macsec.offload", (1, 46), "offload is held by profiles since 1.46", "macsec"),
    Limit("ovs-db.other_config", (1, 42), "other_config is held by profiles since 1.42", "ovs-interface"),
    Limit("ovs-db.other_config", (1, 42), "other_config is held by profiles since 1.42", "ovs-bridge"),
    Limit("dpdk.n_rxq_desc", (1, 42), "descriptor counts are held since 1.42", "ovs-interface"),
    Limit("dpdk.n_txq_desc", (1, 42), "descriptor counts are held since 1.42", "ovs-interface"),
    Limit("mac-address", None, "the address of an InfiniBand port can't be set", "infiniband"),
    Limit("mac-address", None, _NO_PROPERTY, "loopback"),
    Limit("tun.mode", None, "a program sets it up", "tun", "warning"),
)


def kind_limit(kind: str, version: Version) -> str:
    """'' where profiles can describe this kind, else why not."""
    since = KINDS.get(kind)
    if since is None:
        return f"NetworkManager has no profiles for interfaces of kind {kind}"
    return (
        "" if version >= since else f"NetworkManager {spelled(version)} has no {kind} (it came with {spelled(since)})"
    )


def limits(version: Version) -> tuple[Limit, ...]:
    """What this release can't hold, of the kinds that it has."""
    return tuple(one for one in LIMITS if one.since is None or version < one.since)


def spelled(version: Version) -> str:
    """As in ``1.42``."""
    return f"{version[0]}.{version[1]}"


PROPERTIES: typing.Final[dict[tuple[str, str], Version]] = {
    ("802-3-ethernet", "accept-all-mac-addresses"): (1, 32),
    ("bond-port", "prio"): (1, 44),
    ("bond-port", "queue-id"): (1, 34),
    ("connection", "mptcp-flags"): (1, 40),
    ("ethtool", "fec-mode"): (1, 52),
    ("ethtool", "pause-autoneg"): (1, 32),
    ("ethtool", "pause-rx"): (1, 32),
    ("ethtool", "pause-tx"): (1, 32),
    ("ipv4", "forwarding"): (1, 54),
    ("macsec", "offload"): (1, 46),
    ("ovs-dpdk", "n-rxq-desc"): (1, 42),
    ("ovs-dpdk", "n-txq-desc"): (1, 42),
    ("ovs-other-config", "data"): (1, 42),
    ("vlan", "protocol"): (1, 42),
}
"""Properties that an older release refuses as unknown; what is at its default, or done by the kernel, can do without."""

BOND_OPTIONS: typing.Final[dict[str, Version]] = {"arp_missed_max": (1, 44), "balance-slb": (1, 42)}
"""Options of bonds that an older release refuses."""

_NEW_WORDS: typing.Final = {
    "master": "controller",
    "slave-type": "port-type",
    "autoconnect-slaves": "autoconnect-ports",
}


def worded(settings: Settings, version: Version) -> Settings:
    """A profile in the words that this release knows, from those of any other, without what it does not know."""
    result = with_words(settings, version)
    for (setting, key), since in PROPERTIES.items():
        if version < since and key in result.get(setting, {}):
            result[setting] = {name: value for name, value in result[setting].items() if name != key}
    if "options" in result.get("bond", {}):
        known = {
            name: text for name, text in result["bond"]["options"].items() if version >= BOND_OPTIONS.get(name, OLDEST)
        }
        result["bond"] = {**result["bond"], "options": known}
    return {setting: section for setting, section in result.items() if section or settings.get(setting) == section}


def with_words(settings: Settings, version: Version) -> Settings:
    """A profile in the words of a release; what it has no words for stays."""
    result = dict(settings)
    connection = dict(settings.get("connection", {}))
    for old, new in _NEW_WORDS.items():
        said = connection.pop(old, None)
        said = connection.pop(new, said)
        if said is not None:
            connection[new if version >= CONTROLLER_WORDS else old] = said
    if connection:
        result["connection"] = connection
    for family in ("ipv4", "ipv6"):
        if result.get(family, {}).keys() & {"dns", "dns-data"}:
            result[family] = _servers(family, result[family], version)
    return result


def _servers(family: str, section: dict[str, typing.Any], version: Version) -> dict[str, typing.Any]:
    result = {key: value for key, value in section.items() if key not in ("dns", "dns-data")}
    servers = section.get("dns-data")
    if servers is None:
        servers = texts(family, section["dns"])
    if version >= DNS_DATA:
        result["dns-data"] = servers
    else:
        result["dns"] = legacy(family, servers)
    return result


def modern(settings: Settings) -> Settings:
    """A profile in the words of the newest release, whichever it came from."""
    return worded(settings, NEWEST)
