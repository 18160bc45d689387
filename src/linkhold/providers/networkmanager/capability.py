"""What this release of NetworkManager can do."""

import typing

from linkhold.providers.contract import Capabilities, Inability
from linkhold.providers.networkmanager.profiles.versions import KINDS, OLDEST, kind_limit, limits, spelled

NAME: typing.Final = "networkmanager"
SUBJECTS: typing.Final = frozenset({"interface", "route", "rule", "dns", "hostname"})
ELSEWHERE: typing.Final = frozenset({"ovs-bridge", "ovs-interface", "ipsec", "tun", "unknown"})
"""Kinds with profiles that other providers, or other programs, set up."""

_NO_MAPS: typing.Final = "these maps are kept by Open vSwitch, which does not run here"
_BOTH: typing.Final = "NetworkManager listens to routers only together with DHCPv6, as they say: say dhcp: true as well"
_AGREED: typing.Final = (
    "NetworkManager sets up MACsec with key agreement only: give mka-cak and mka-ckn, or leave it to the kernel "
    "(--provider kernel)"
)
_RENEWED: typing.Final = frozenset(
    {
        "bridge.options.vlan-default-pvid",
        "link-aggregation.options.ad_select",
        "link-aggregation.options.ad_user_port_key",
        "link-aggregation.options.fail_over_mac",
        "link-aggregation.options.lacp_rate",
        "link-aggregation.options.tlb_dynamic_lb",
    }
)
"""What the kernel takes only of a bond that is down, or has no ports: whether NetworkManager (1.42) sets it when it activates
the bond again depends on what was set before. And the default VLAN of a bridge, which comes over those of ports that are
in it by then."""


def sets_up(kind: str, version: tuple[int, int]) -> bool:
    """Whether this release sets up interfaces of a kind; what it says of others (that they are unmanaged) says nothing."""
    return kind not in ELSEWHERE and not kind_limit(kind, version)


def capabilities(version: tuple[int, int]) -> Capabilities:
    """By the release, as in (1, 42)."""
    if version < OLDEST:
        old = f"NetworkManager {spelled(version)} is too old: {spelled(OLDEST)} is needed"
        return Capabilities(provider=NAME, kinds=dict.fromkeys(KINDS, old), subjects=frozenset())
    return Capabilities(
        provider=NAME,
        kinds={kind: kind_limit(kind, version) for kind in KINDS if kind not in ELSEWHERE},
        subjects=SUBJECTS,
        inabilities=(
            Inability(path="ovs-db", reason=_NO_MAPS),
            Inability(path="ipv6.autoconf", reason=_BOTH, unless="ipv6.dhcp"),
            Inability(kind="macsec", path="macsec", reason=_AGREED, unless="macsec.mka-cak=*"),
            *(
                Inability(kind=one.kind, path=one.path, reason=one.reason, severity=one.severity)
                for one in limits(version)
            ),
        ),
        features=frozenset({f"networkmanager-{spelled(version)}"}),
        renews=_RENEWED,
    )
