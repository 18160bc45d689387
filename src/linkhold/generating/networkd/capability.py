"""What unit files of systemd-networkd (252) can't hold, as planning wants to know it."""

import typing

from linkhold.providers.contract import Capabilities, Inability

_NO_KEY: typing.Final = "systemd-networkd has no key for it"
_KEYS: typing.Final = "keys agreed upon by MKA (wpa_supplicant) can't be said to systemd-networkd"


def _left_out(kind: str, *paths: str, reason: str = _NO_KEY) -> tuple[Inability, ...]:
    """What may be missing without making the interface another one."""
    return tuple(Inability(kind=kind, path=path, reason=reason, severity="warning") for path in paths)


def _refused(kind: str, *paths: str, reason: str = _NO_KEY) -> tuple[Inability, ...]:
    """What makes it what it is: without that, no files."""
    return tuple(Inability(kind=kind, path=path, reason=reason) for path in paths)


def _options(*names: str) -> tuple[str, ...]:
    return tuple(f"bridge.options.{name}" for name in names)


KINDS: typing.Final = (
    "bond",
    "dummy",
    "ethernet",
    "infiniband",
    "ip-tunnel",
    "ipvlan",
    "linux-bridge",
    "loopback",
    "mac-vlan",
    "mac-vtap",
    "macsec",
    "tun",
    "unknown",
    "veth",
    "vlan",
    "vrf",
    "vxlan",
    "wireguard",
)

_INABILITIES: typing.Final = (
    *_refused("", "802.1x", reason="port authentication is wpa_supplicant's, not systemd-networkd's"),
    *_left_out("", "dispatch", reason="scripts are networkd-dispatcher's, not systemd-networkd's"),
    *_left_out("", "profile-name", reason="systemd-networkd has no profiles"),
    *_left_out("", "mptcp", "ovs-db", "qos", "ethtool.fec", "ipv4.forwarding", "ipv6.forwarding"),
    *_left_out("", "ipv6.dhcp-custom-hostname"),
    *_refused("bond", "link-aggregation.options.balance_slb"),
    *_left_out(
        "bond",
        "link-aggregation.options.use_carrier",
        "link-aggregation.options.arp_missed_max",
        "link-aggregation.ports-config.priority",
        "link-aggregation.ports-config.queue-id",
    ),
    *_left_out(
        "linux-bridge",
        *_options(
            "group-addr",
            "hash-max",
            "multicast-igmp-version",
            "multicast-last-member-count",
            "multicast-last-member-interval",
            "multicast-membership-interval",
            "multicast-mld-version",
            "multicast-querier-interval",
            "multicast-query-interval",
            "multicast-query-response-interval",
            "multicast-query-use-ifaddr",
            "multicast-router",
            "multicast-startup-query-count",
            "multicast-startup-query-interval",
            "multicast-stats-enabled",
            "nf-call-arptables",
            "nf-call-ip6tables",
            "nf-call-iptables",
            "no-linklocal-learn",
            "vlan-stats-enabled",
            "vlan-stats-per-port",
        ),
    ),
    *_left_out("mac-vlan", "mac-vlan.promiscuous"),
    *_left_out("mac-vtap", "mac-vtap.promiscuous"),
    *_refused("macsec", "macsec.mka-cak", "macsec.mka-ckn", reason=_KEYS),
    *_left_out("macsec", "macsec.validation", "macsec.send-sci", "macsec.offload"),
    *_left_out("ethernet", "ethernet.sr-iov.drivers-autoprobe", "ethernet.sr-iov.vfs.min-tx-rate"),
    *_left_out("ethernet", "ethernet.sr-iov.vfs.max-tx-rate"),
)


def capabilities() -> Capabilities:
    """For planning what becomes files."""
    return Capabilities(
        provider="systemd-networkd",
        kinds=dict.fromkeys(KINDS, ""),
        subjects=frozenset({"interface", "route", "rule", "dns"}),
        inabilities=_INABILITIES,
    )
