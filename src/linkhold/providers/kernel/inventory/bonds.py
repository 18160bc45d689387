"""Bonds as ``/sys/class/net/NAME/bonding`` tells of them, and what a bond of each mode has without being told anything.

`drivers/net/bonding/bond_sysfs.c` against `bond_fill_info` of `bond_netlink.c`; defaults by `bond_options.c`. Nobody has
to make a bond for a moment to find these out: a test does, for each mode.
"""

from __future__ import annotations

import socket

from linkhold.providers.kernel.links.bond import MODES
from linkhold.providers.kernel.netlink.message import attributes, pairs, to_mac, to_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from linkhold.providers.kernel.netlink.link import LinkMessage

    Named = Callable[[int], str | None]
    """The name of the interface with an index."""

KERNEL_KIND = "bond"

IFLA_BOND_ACTIVE_SLAVE = 2
IFLA_BOND_ARP_IP_TARGET = 8
IFLA_BOND_PRIMARY = 11
IFLA_BOND_AD_INFO = 23
IFLA_BOND_AD_ACTOR_SYSTEM = 26
IFLA_BOND_AD_INFO_AGGREGATOR = 1
IFLA_BOND_AD_INFO_PARTNER_MAC = 5
IFLA_BOND_SLAVE_PERM_HWADDR = 4
IFLA_BOND_SLAVE_AD_AGGREGATOR_ID = 6

_VALIDATE = ("none", "active", "backup", "all", "filter", "filter_active", "filter_backup")
_HASHES = ("layer2", "layer3+4", "layer2+3", "encap2+3", "encap3+4", "vlan+srcmac")
_WORDS: dict[str, tuple[int, tuple[str, ...]]] = {
    "ad_select": (22, ("stable", "bandwidth", "count")),
    "arp_all_targets": (10, ("any", "all")),
    "arp_validate": (9, _VALIDATE),
    "fail_over_mac": (13, ("none", "active", "follow")),
    "lacp_active": (29, ("off", "on")),
    "lacp_rate": (21, ("slow", "fast")),
    "mode": (1, MODES),
    "primary_reselect": (12, ("always", "better", "failure")),
    "xmit_hash_policy": (14, _HASHES),
}
_NUMBERS: dict[str, tuple[int, int]] = {
    "ad_actor_sys_prio": (24, 65535),
    "ad_user_port_key": (25, 0),
    "all_slaves_active": (17, 0),
    "arp_interval": (7, 0),
    "arp_missed_max": (30, 2),
    "downdelay": (5, 0),
    "lp_interval": (19, 1),
    "miimon": (3, 0),
    "min_links": (18, 0),
    "num_grat_arp": (16, 1),
    "num_unsol_na": (16, 1),
    "packets_per_slave": (20, 1),
    "peer_notif_delay": (28, 0),
    "resend_igmp": (15, 1),
    "tlb_dynamic_lb": (27, 1),
    "updelay": (4, 0),
    "use_carrier": (6, 1),
}
"""Option to IFLA_BOND_* and default."""
_LACP_ONLY = frozenset({"ad_actor_sys_prio", "ad_actor_system", "ad_user_port_key"})
_MONITORED = frozenset({"802.3ad", "balance-tlb", "balance-alb"})
_MONITOR = "100"  # BOND_DEFAULT_MIIMON, in modes that can't do without
_NO_SYSTEM = "00:00:00:00:00:00"


def options(data: Mapping[int, bytes], name: Named) -> dict[str, tuple[str, str]]:
    """The settings of one bond: ``(word, number)``, or ``(text, '')`` where there is no word for it.

    What it is doing (its active port, its partner) is not among them.
    """
    found = {option: _word(data[number], words) for option, (number, words) in _WORDS.items() if number in data}
    for option, (number, _) in _NUMBERS.items():
        if number in data:
            found[option] = (str(to_number(data[number])), "")
    if IFLA_BOND_AD_ACTOR_SYSTEM in data:
        found["ad_actor_system"] = (to_mac(data[IFLA_BOND_AD_ACTOR_SYSTEM]), "")
    found["arp_ip_target"] = (_targets(data.get(IFLA_BOND_ARP_IP_TARGET, b"")), "")
    found["primary"] = (_named(data.get(IFLA_BOND_PRIMARY), name), "")
    return found


def runtime(data: Mapping[int, bytes], name: Named) -> dict[str, str]:
    """What it is doing, as fields of `InterfaceFacts`: the port in use; aggregator and partner where it speaks LACP."""
    lacp = attributes(data[IFLA_BOND_AD_INFO]) if IFLA_BOND_AD_INFO in data else {}
    found = {"active_port": _named(data.get(IFLA_BOND_ACTIVE_SLAVE), name)}
    if IFLA_BOND_AD_INFO_AGGREGATOR in lacp:
        found["aggregator"] = str(to_number(lacp[IFLA_BOND_AD_INFO_AGGREGATOR]))
    if IFLA_BOND_AD_INFO_PARTNER_MAC in lacp:
        found["partner_mac"] = to_mac(lacp[IFLA_BOND_AD_INFO_PARTNER_MAC])
    return found


def of_port(port: LinkMessage) -> dict[str, str]:
    """What a bond knows of one of its ports, as fields of `InterfaceFacts`: its own MAC; its aggregator with LACP."""
    data = port.port_data
    found = {"permanent_mac": to_mac(data.get(IFLA_BOND_SLAVE_PERM_HWADDR, b""))}
    if IFLA_BOND_SLAVE_AD_AGGREGATOR_ID in data:
        found["aggregator"] = str(to_number(data[IFLA_BOND_SLAVE_AD_AGGREGATOR_ID]))
    return found


def defaults() -> dict[str, dict[str, str]]:
    """By mode, each option that its bonds have with the kernel's number or text for it, if nobody says anything."""
    return {mode: _defaults_of(mode) for mode in MODES}


def _defaults_of(mode: str) -> dict[str, str]:
    found = dict.fromkeys(_WORDS, "0") | {option: str(least) for option, (_, least) in _NUMBERS.items()}
    found |= {
        "ad_actor_system": _NO_SYSTEM,
        "lacp_active": "1",
        "arp_ip_target": "",
        "primary": "",
        "mode": str(MODES.index(mode)),
    }
    if mode in _MONITORED:
        found["miimon"] = _MONITOR
    if mode != "802.3ad":
        found = {option: value for option, value in found.items() if option not in _LACP_ONLY}
    return found


def _word(payload: bytes, words: tuple[str, ...]) -> tuple[str, str]:
    number = to_number(payload)
    return (words[number], str(number)) if number < len(words) else (str(number), "")


def _targets(payload: bytes) -> str:
    return ",".join(socket.inet_ntop(socket.AF_INET, one) for _, one in pairs(payload) if len(one) == 4)


def _named(payload: bytes | None, name: Named) -> str:
    return "" if payload is None else name(to_number(payload)) or ""
