"""Bonds: IFLA_BOND_*, IFLA_BOND_SLAVE_* of `include/uapi/linux/if_link.h`.

Whatever the order of the attributes, the kernel takes them in an order of its own (`bond_changelink` of
`drivers/net/bonding/bond_netlink.c`): mode first, then monitors, then the rest. What it refuses in a mode
(`bond_options.c`) is not written: `BondOptions.fitting`.
"""

from __future__ import annotations

import socket

from linkhold.foundation.record import UNSET
from linkhold.providers.kernel.links.rows import (
    BOOL,
    I32,
    MAC,
    U8,
    U16,
    U32,
    Codec,
    Row,
    choice,
    decode_rows,
    encode_rows,
    section,
    wanted,
)
from linkhold.providers.kernel.netlink.message import attribute, pairs, u32
from linkhold.state.interfaces.bond import OPTION_MODES, BondOptions, BondPortConfig, LinkAggregation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from linkhold.foundation.record import Record
    from linkhold.providers.kernel.netlink.link import LinkMessage
    from linkhold.providers.kernel.observe.table import Links
    from linkhold.state.interfaces.common import Interface

KERNEL_KIND = "bond"
SECTION = "bond"

IFLA_BOND_MODE = 1
IFLA_BOND_MIIMON = 3
IFLA_BOND_UPDELAY = 4
IFLA_BOND_DOWNDELAY = 5
IFLA_BOND_USE_CARRIER = 6
IFLA_BOND_ARP_INTERVAL = 7
IFLA_BOND_ARP_IP_TARGET = 8
IFLA_BOND_ARP_VALIDATE = 9
IFLA_BOND_ARP_ALL_TARGETS = 10
IFLA_BOND_PRIMARY = 11
IFLA_BOND_PRIMARY_RESELECT = 12
IFLA_BOND_FAIL_OVER_MAC = 13
IFLA_BOND_XMIT_HASH_POLICY = 14
IFLA_BOND_RESEND_IGMP = 15
IFLA_BOND_NUM_PEER_NOTIF = 16
IFLA_BOND_ALL_SLAVES_ACTIVE = 17
IFLA_BOND_MIN_LINKS = 18
IFLA_BOND_LP_INTERVAL = 19
IFLA_BOND_PACKETS_PER_SLAVE = 20
IFLA_BOND_AD_LACP_RATE = 21
IFLA_BOND_AD_SELECT = 22
IFLA_BOND_AD_ACTOR_SYS_PRIO = 24
IFLA_BOND_AD_USER_PORT_KEY = 25
IFLA_BOND_AD_ACTOR_SYSTEM = 26
IFLA_BOND_TLB_DYNAMIC_LB = 27
IFLA_BOND_MISSED_MAX = 30

IFLA_BOND_SLAVE_QUEUE_ID = 5
IFLA_BOND_SLAVE_PRIO = 9

MODES = ("balance-rr", "active-backup", "balance-xor", "broadcast", "802.3ad", "balance-tlb", "balance-alb")
_NO_SYSTEM = "00:00:00:00:00:00"


def _words(*words: str, size: int = 1) -> Codec:
    """Words whose numbers are their positions."""
    return choice({word: number for number, word in enumerate(words)}, size)


def _decode_targets(payload: bytes) -> str:
    return ",".join(socket.inet_ntop(socket.AF_INET, one) for _, one in pairs(payload) if len(one) == 4)


def _encode_targets(text: str) -> bytes:
    targets = [one.strip() for one in text.split(",") if one.strip()]
    return b"".join(attribute(number, socket.inet_pton(socket.AF_INET, one)) for number, one in enumerate(targets))


_MODE = Row("mode", IFLA_BOND_MODE, _words(*MODES))
_OPTIONS = (
    Row("miimon", IFLA_BOND_MIIMON, U32),
    Row("updelay", IFLA_BOND_UPDELAY, U32),
    Row("downdelay", IFLA_BOND_DOWNDELAY, U32),
    Row("use_carrier", IFLA_BOND_USE_CARRIER, BOOL),
    Row("arp_interval", IFLA_BOND_ARP_INTERVAL, U32),
    Row("arp_ip_target", IFLA_BOND_ARP_IP_TARGET, Codec(_decode_targets, _encode_targets)),
    Row(
        "arp_validate",
        IFLA_BOND_ARP_VALIDATE,
        _words("none", "active", "backup", "all", "filter", "filter_active", "filter_backup", size=4),
    ),
    Row("arp_all_targets", IFLA_BOND_ARP_ALL_TARGETS, _words("any", "all", size=4)),
    Row("primary_reselect", IFLA_BOND_PRIMARY_RESELECT, _words("always", "better", "failure")),
    Row("fail_over_mac", IFLA_BOND_FAIL_OVER_MAC, _words("none", "active", "follow")),
    Row(
        "xmit_hash_policy",
        IFLA_BOND_XMIT_HASH_POLICY,
        _words("layer2", "layer3+4", "layer2+3", "encap2+3", "encap3+4", "vlan+srcmac"),
    ),
    Row("resend_igmp", IFLA_BOND_RESEND_IGMP, U32),
    Row("num_grat_arp", IFLA_BOND_NUM_PEER_NOTIF, U8),
    Row("all_slaves_active", IFLA_BOND_ALL_SLAVES_ACTIVE, _words("dropped", "delivered")),
    Row("min_links", IFLA_BOND_MIN_LINKS, U32),
    Row("lp_interval", IFLA_BOND_LP_INTERVAL, U32),
    Row("packets_per_slave", IFLA_BOND_PACKETS_PER_SLAVE, U32),
    Row("lacp_rate", IFLA_BOND_AD_LACP_RATE, _words("slow", "fast")),
    Row("ad_select", IFLA_BOND_AD_SELECT, _words("stable", "bandwidth", "count")),
    Row("ad_actor_sys_prio", IFLA_BOND_AD_ACTOR_SYS_PRIO, U16),
    Row("ad_user_port_key", IFLA_BOND_AD_USER_PORT_KEY, U16),
    Row("ad_actor_system", IFLA_BOND_AD_ACTOR_SYSTEM, MAC),
    Row("tlb_dynamic_lb", IFLA_BOND_TLB_DYNAMIC_LB, BOOL),
    Row("arp_missed_max", IFLA_BOND_MISSED_MAX, U8),
)
_PORT = (Row("priority", IFLA_BOND_SLAVE_PRIO, I32), Row("queue_id", IFLA_BOND_SLAVE_QUEUE_ID, U16))


def decode(link: LinkMessage, links: Links) -> LinkAggregation:
    """The section of one bond: the options that mean something in its mode, and its ports."""
    data = link.data
    mode = _MODE.codec.decode(data.get(IFLA_BOND_MODE, b""))
    said = decode_rows(_OPTIONS, data)
    said["primary"] = links.name(U32.decode(data.get(IFLA_BOND_PRIMARY, b""))) or UNSET
    options = BondOptions(**said)
    ports = links.ports(link.index)
    return LinkAggregation(
        mode=mode,
        options=options if mode is UNSET else options.fitting(mode),
        port=tuple(port.name for port in ports),
        ports_config=tuple(decode_port(port) for port in ports),
    )


def decode_port(port: LinkMessage) -> BondPortConfig:
    """What a bond knows of one of its ports."""
    return BondPortConfig(name=port.name, **decode_rows(_PORT, port.port_data))


def encode(before: Interface | None, after: Interface, indexes: Mapping[str, int]) -> bytes:
    """IFLA_INFO_DATA, without what has to wait for the ports (`encode_late`)."""
    old, new = section(before, SECTION), section(after, SECTION)
    written = encode_rows((_MODE,), old, new)
    mode = UNSET if new is None else new.get("mode")
    return written + _encode_options(section(old, "options"), section(new, "options"), mode)


def _encode_options(old: Record | None, new: Record | None, mode: Any) -> bytes:
    if isinstance(new, BondOptions) and mode is not UNSET:
        new = new.fitting(mode)
    if isinstance(old, BondOptions) and mode is not UNSET:
        old = old.fitting(mode)
    monitored = _will_be("miimon", old, new) not in (UNSET, 0)
    if isinstance(old, BondOptions) and wanted("miimon", old, new) is not UNSET:
        old = old.replace(updelay=UNSET, downdelay=UNSET)  # the kernel counts delays in intervals of the monitor
    rows = [row for row in _OPTIONS if _writable(row.field, wanted(row.field, old, new), monitored)]
    return encode_rows(rows, old, new)


def _writable(field: str, value: object, monitored: bool) -> bool:
    """The kernel refuses delays without a monitor, and a system address of zeros; both mean: nothing said."""
    if field in ("updelay", "downdelay"):
        return monitored
    return not (field == "ad_actor_system" and value == _NO_SYSTEM)


def _will_be(field: str, old: Record | None, new: Record | None) -> Any:
    """The value a field will have."""
    value = wanted(field, old, new)
    if value is not UNSET or new is None:
        return value
    return new.get(field)


def encode_late(before: Interface | None, after: Interface, indexes: Mapping[str, int]) -> bytes:
    """The primary port: it has to be attached first. Raises KeyError when it does not exist."""
    old, new = section(section(before, SECTION), "options"), section(section(after, SECTION), "options")
    primary = wanted("primary", old, new)
    if primary is UNSET or (not primary and old is None) or not _uses_primary(after):
        return b""
    return u32(IFLA_BOND_PRIMARY, indexes[primary] if primary else 0)


def encode_port(before: Interface | None, after: Interface, name: str) -> bytes:
    """IFLA_INFO_SLAVE_DATA of the port of this name; `before` and `after` are those of the bond."""
    rows = _PORT if _uses_primary(after) else _PORT[1:]
    return encode_rows(rows, _port(before, name), _port(after, name))


def _uses_primary(bond: Interface) -> bool:
    """Whether its mode chooses one active port: only then the kernel takes a primary one, and priorities of ports."""
    new = section(bond, SECTION)
    mode = UNSET if new is None else new.get("mode")
    return mode is UNSET or mode in OPTION_MODES["primary"]


def _port(bond: Interface | None, name: str) -> Record | None:
    found = section(bond, SECTION)
    ports = found.get("ports_config") if found is not None else UNSET
    return next((one for one in ports if one.name == name), None) if isinstance(ports, tuple) else None
