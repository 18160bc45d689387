"""Linux bridges: IFLA_BR_*, IFLA_BRPORT_* of `include/uapi/linux/if_link.h`, `net/bridge/br_netlink.c`.

The two running timers of a bridge (gc, hello) are not shown: they differ whenever one looks.
"""

from __future__ import annotations

import sys

from linkhold.foundation.record import UNSET
from linkhold.providers.kernel.links.rows import (
    BOOL,
    MAC,
    SECONDS,
    U8,
    U16,
    U32,
    U64,
    Codec,
    Row,
    choice,
    decode_rows,
    encode_rows,
    section,
)
from linkhold.providers.kernel.netlink.bridge_vlan import VlanRange
from linkhold.providers.kernel.netlink.message import u8
from linkhold.state.interfaces.bridge_vlan import PortVlan, TagRange, TrunkTag
from linkhold.state.interfaces.linux_bridge import (
    LEAST_FORWARD_DELAY,
    LinuxBridgeConfig,
    LinuxBridgeOptions,
    LinuxBridgePort,
    Stp,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from linkhold.foundation.record import Record
    from linkhold.providers.kernel.netlink.link import LinkMessage
    from linkhold.providers.kernel.observe.table import Links
    from linkhold.state.interfaces.common import Interface

KERNEL_KIND = "bridge"
SECTION = "bridge"

IFLA_BR_FORWARD_DELAY = 1
IFLA_BR_HELLO_TIME = 2
IFLA_BR_MAX_AGE = 3
IFLA_BR_AGEING_TIME = 4
IFLA_BR_STP_STATE = 5
IFLA_BR_PRIORITY = 6
IFLA_BR_VLAN_FILTERING = 7
IFLA_BR_VLAN_PROTOCOL = 8
IFLA_BR_GROUP_FWD_MASK = 9
IFLA_BR_GROUP_ADDR = 20
IFLA_BR_MCAST_ROUTER = 22
IFLA_BR_MCAST_SNOOPING = 23
IFLA_BR_MCAST_QUERY_USE_IFADDR = 24
IFLA_BR_MCAST_QUERIER = 25
IFLA_BR_MCAST_HASH_MAX = 27
IFLA_BR_MCAST_LAST_MEMBER_CNT = 28
IFLA_BR_MCAST_STARTUP_QUERY_CNT = 29
IFLA_BR_MCAST_LAST_MEMBER_INTVL = 30
IFLA_BR_MCAST_MEMBERSHIP_INTVL = 31
IFLA_BR_MCAST_QUERIER_INTVL = 32
IFLA_BR_MCAST_QUERY_INTVL = 33
IFLA_BR_MCAST_QUERY_RESPONSE_INTVL = 34
IFLA_BR_MCAST_STARTUP_QUERY_INTVL = 35
IFLA_BR_NF_CALL_IPTABLES = 36
IFLA_BR_NF_CALL_IP6TABLES = 37
IFLA_BR_NF_CALL_ARPTABLES = 38
IFLA_BR_VLAN_DEFAULT_PVID = 39
IFLA_BR_VLAN_STATS_ENABLED = 41
IFLA_BR_MCAST_STATS_ENABLED = 42
IFLA_BR_MCAST_IGMP_VERSION = 43
IFLA_BR_MCAST_MLD_VERSION = 44
IFLA_BR_VLAN_STATS_PER_PORT = 45
IFLA_BR_MULTI_BOOLOPT = 46
BR_BOOLOPT_NO_LL_LEARN = 0

IFLA_BRPORT_PRIORITY = 2
IFLA_BRPORT_COST = 3
IFLA_BRPORT_MODE = 4

DEFAULT_PVID = 1

_FLAG32 = Codec(any, lambda value: U32.encode(1 if value else 0))
_NO_LL_LEARN = Codec(  # struct br_boolopt_multi: values, and which of them are meant
    lambda payload: bool(int.from_bytes(payload[:4], sys.byteorder) >> BR_BOOLOPT_NO_LL_LEARN & 1),
    lambda value: U32.encode(value << BR_BOOLOPT_NO_LL_LEARN) + U32.encode(1 << BR_BOOLOPT_NO_LL_LEARN),
)
_OPTIONS = (
    Row("group_addr", IFLA_BR_GROUP_ADDR, MAC),
    Row("group_forward_mask", IFLA_BR_GROUP_FWD_MASK, U16),
    Row("hash_max", IFLA_BR_MCAST_HASH_MAX, U32),
    Row("mac_ageing_time", IFLA_BR_AGEING_TIME, SECONDS),
    Row("multicast_igmp_version", IFLA_BR_MCAST_IGMP_VERSION, U8),
    Row("multicast_last_member_count", IFLA_BR_MCAST_LAST_MEMBER_CNT, U32),
    Row("multicast_last_member_interval", IFLA_BR_MCAST_LAST_MEMBER_INTVL, U64),
    Row("multicast_membership_interval", IFLA_BR_MCAST_MEMBERSHIP_INTVL, U64),
    Row("multicast_mld_version", IFLA_BR_MCAST_MLD_VERSION, U8),
    Row("multicast_querier", IFLA_BR_MCAST_QUERIER, BOOL),
    Row("multicast_querier_interval", IFLA_BR_MCAST_QUERIER_INTVL, U64),
    Row("multicast_query_interval", IFLA_BR_MCAST_QUERY_INTVL, U64),
    Row("multicast_query_response_interval", IFLA_BR_MCAST_QUERY_RESPONSE_INTVL, U64),
    Row("multicast_query_use_ifaddr", IFLA_BR_MCAST_QUERY_USE_IFADDR, BOOL),
    Row("multicast_router", IFLA_BR_MCAST_ROUTER, choice({"disabled": 0, "auto": 1, "enabled": 2}, 1)),
    Row("multicast_snooping", IFLA_BR_MCAST_SNOOPING, BOOL),
    Row("multicast_startup_query_count", IFLA_BR_MCAST_STARTUP_QUERY_CNT, U32),
    Row("multicast_startup_query_interval", IFLA_BR_MCAST_STARTUP_QUERY_INTVL, U64),
    Row("multicast_stats_enabled", IFLA_BR_MCAST_STATS_ENABLED, BOOL),
    Row("nf_call_arptables", IFLA_BR_NF_CALL_ARPTABLES, BOOL),
    Row("nf_call_ip6tables", IFLA_BR_NF_CALL_IP6TABLES, BOOL),
    Row("nf_call_iptables", IFLA_BR_NF_CALL_IPTABLES, BOOL),
    Row("no_linklocal_learn", IFLA_BR_MULTI_BOOLOPT, _NO_LL_LEARN),
    Row("vlan_protocol", IFLA_BR_VLAN_PROTOCOL, choice({"802.1q": 0x8100, "802.1ad": 0x88A8}, 2, big=True)),
    Row("vlan_default_pvid", IFLA_BR_VLAN_DEFAULT_PVID, U16),
    Row("vlan_stats_enabled", IFLA_BR_VLAN_STATS_ENABLED, BOOL),
    Row("vlan_stats_per_port", IFLA_BR_VLAN_STATS_PER_PORT, BOOL),
)
_STP = (
    Row("enabled", IFLA_BR_STP_STATE, _FLAG32),
    Row("forward_delay", IFLA_BR_FORWARD_DELAY, SECONDS),
    Row("hello_time", IFLA_BR_HELLO_TIME, SECONDS),
    Row("max_age", IFLA_BR_MAX_AGE, SECONDS),
    Row("priority", IFLA_BR_PRIORITY, U16),
)
_STP_LATE = tuple(row for row in _STP if row.field == "forward_delay")
_STP_AT_ONCE = tuple(row for row in _STP if row.field != "forward_delay")
_PORT = (
    Row("stp_hairpin_mode", IFLA_BRPORT_MODE, BOOL),
    Row("stp_path_cost", IFLA_BRPORT_COST, U32),
    Row("stp_priority", IFLA_BRPORT_PRIORITY, U16),
)


# Reading


def decode(link: LinkMessage, links: Links) -> LinuxBridgeConfig:
    """The section of one bridge."""
    data = link.data
    filters = is_filtering(data)
    options = LinuxBridgeOptions(
        **decode_rows(_OPTIONS, data),
        vlan_filtering=filters if IFLA_BR_VLAN_FILTERING in data else UNSET,
        stp=Stp(**decode_rows(_STP, data)),
    )
    pvid = U16.decode(data.get(IFLA_BR_VLAN_DEFAULT_PVID, b""))
    ports = tuple(
        LinuxBridgePort(
            name=port.name,
            **decode_rows(_PORT, port.port_data),
            vlan=decode_vlans(links.vlans.get(port.index, ()), pvid) if filters else PortVlan(),
        )
        for port in links.ports(link.index)
    )
    return LinuxBridgeConfig(options=options, port=ports)


def is_filtering(data: Mapping[int, bytes]) -> bool:
    """Whether a bridge with these IFLA_BR_* tells VLANs apart."""
    return any(data.get(IFLA_BR_VLAN_FILTERING, b""))


def decode_vlans(ranges: Sequence[VlanRange], default_pvid: int) -> PortVlan:
    """VLANs of one port; one that is in the default VLAN only, as every new port is, has none of its own."""
    native = next((one.first for one in ranges if one.pvid and one.untagged), None)
    tagged = tuple(_tag(one) for one in ranges if not one.pvid)
    if tagged:
        if native is None:
            return PortVlan(mode="trunk", enable_native=False, trunk_tags=tagged)
        return PortVlan(mode="trunk", tag=native, enable_native=True, trunk_tags=tagged)
    if native is None or native == default_pvid:
        return PortVlan()
    return PortVlan(mode="access", tag=native)


def _tag(one: VlanRange) -> TrunkTag:
    if one.first == one.last:
        return TrunkTag(id=one.first)
    return TrunkTag(id_range=TagRange(min=one.first, max=one.last))


# Writing


def encode(before: Interface | None, after: Interface, indexes: Mapping[str, int]) -> bytes:
    """IFLA_INFO_DATA, without a delay that the spanning tree forbids as long as it is on (`encode_late`)."""
    old, new = section(before, SECTION), section(after, SECTION)
    old_options, new_options = section(old, "options"), section(new, "options")
    written = encode_rows(_OPTIONS, old_options, new_options)
    old_stp, new_stp = section(old_options, "stp"), section(new_options, "stp")
    written += encode_rows(_STP_AT_ONCE if _waits(old_stp, new_stp) else _STP, old_stp, new_stp)
    was, will = (isinstance(one, LinuxBridgeConfig) and one.filters_vlans for one in (old, new))
    if was != will:
        written += u8(IFLA_BR_VLAN_FILTERING, 1 if will else 0)
    return written


def encode_late(before: Interface | None, after: Interface, indexes: Mapping[str, int]) -> bytes:
    """A delay that is too short for a spanning tree, after that was switched off: the kernel reads the delay first."""
    old, new = (section(section(section(one, SECTION), "options"), "stp") for one in (before, after))
    return encode_rows(_STP_LATE, old, new) if _waits(old, new) else b""


def _waits(old: Record | None, new: Record | None) -> bool:
    delay = UNSET if new is None else new.get("forward_delay")
    on = old is not None and old.get("enabled") is True
    return on and isinstance(delay, int) and delay < LEAST_FORWARD_DELAY


def encode_port(before: Interface | None, after: Interface, name: str) -> bytes:
    """IFLA_INFO_SLAVE_DATA of the port of this name; `before` and `after` are those of the bridge."""
    return encode_rows(_PORT, port_of(before, name), port_of(after, name))


def port_of(bridge: Interface | None, name: str) -> LinuxBridgePort | None:
    """What a bridge says of one of its ports."""
    found = section(bridge, SECTION)
    ports = found.get("port") if found is not None else UNSET
    return next((one for one in ports if one.name == name), None) if isinstance(ports, tuple) else None


def port_vlans(port: LinuxBridgePort | None, default_pvid: int = DEFAULT_PVID) -> list[VlanRange]:
    """The VLANs that a port is to carry; one without any of its own is in the default VLAN (0: in none)."""
    vlan = port.vlan if port is not None else UNSET
    if not isinstance(vlan, PortVlan) or vlan.empty:
        return [VlanRange(default_pvid, pvid=True, untagged=True)] if default_pvid else []
    tag = vlan.tag if isinstance(vlan.tag, int) and vlan.tag else default_pvid
    native = [VlanRange(tag, pvid=True, untagged=True)] if tag else []
    if vlan.mode == "access":
        return native
    tags = vlan.trunk_tags if isinstance(vlan.trunk_tags, tuple) else ()
    return (native if vlan.enable_native is True else []) + [VlanRange(*one.span) for one in tags]


def default_pvid(bridge: Interface | None) -> int:
    """The VLAN that new ports of a bridge are put into."""
    said = section(section(bridge, SECTION), "options")
    value = said.get("vlan_default_pvid") if said is not None else UNSET
    return value if isinstance(value, int) else DEFAULT_PVID


def vlan_changes(current: Sequence[VlanRange], wanted: Sequence[VlanRange]) -> tuple[list[VlanRange], list[VlanRange]]:
    """The VLANs to remove from a port, and those to add (or to add again: their flags differ)."""
    kept = {vid for one in wanted for vid in range(one.first, one.last + 1)}
    gone = sorted({vid for one in current for vid in range(one.first, one.last + 1)} - kept)
    return _spans(gone), [one for one in wanted if one not in current]


def _spans(numbers: Sequence[int]) -> list[VlanRange]:
    """Sorted numbers as ranges."""
    spans: list[VlanRange] = []
    for number in numbers:
        if spans and spans[-1].last + 1 == number:
            spans[-1] = VlanRange(spans[-1].first, number)
        else:
            spans.append(VlanRange(number))
    return spans
