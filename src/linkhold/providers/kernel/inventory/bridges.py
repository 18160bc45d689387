"""Options of bridges as the files of ``/sys/class/net/NAME/bridge`` spell them, from the attributes of one dump.

`net/bridge/br_sysfs_br.c` against `br_fill_info` of `net/bridge/br_netlink.c`: the same values, times in hundredths of
seconds in both. ``flush`` can't be read.
"""

from __future__ import annotations

from linkhold.providers.kernel.netlink.message import to_mac, to_number, to_u32

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

KERNEL_KIND = "bridge"
IFLA_BR_MULTI_BOOLOPT = 46
_NO_LINK_LOCAL_LEARNING = 1 << 0  # BR_BOOLOPT_NO_LL_LEARN of include/uapi/linux/if_bridge.h


def _number(payload: bytes) -> str:
    return str(to_number(payload))


def _mask(payload: bytes) -> str:
    """``%#x``, by which the kernel writes ``0x0`` where C libraries write ``0``."""
    return f"{to_number(payload):#x}"


def _protocol(payload: bytes) -> str:
    return f"{int.from_bytes(payload, 'big'):#06x}"


def _identifier(payload: bytes) -> str:
    """``PPPP.AABBCCDDEEFF`` (`br_show_bridge_id`)."""
    text = payload.hex()
    return f"{text[:4]}.{text[4:]}"


def _learning(payload: bytes) -> str:
    """`struct br_boolopt_multi`: the values, then which of them are meant."""
    return "1" if to_u32(payload[:4]) & _NO_LINK_LOCAL_LEARNING else "0"


_FILES: tuple[tuple[str, int, Callable[[bytes], str]], ...] = (
    ("ageing_time", 4, _number),
    ("bridge_id", 11, _identifier),
    ("default_pvid", 39, _number),
    ("forward_delay", 1, _number),
    ("gc_timer", 19, _number),
    ("group_addr", 20, to_mac),
    ("group_fwd_mask", 9, _mask),
    ("hash_elasticity", 26, _number),
    ("hash_max", 27, _number),
    ("hello_time", 2, _number),
    ("hello_timer", 16, _number),
    ("max_age", 3, _number),
    ("multicast_igmp_version", 43, _number),
    ("multicast_last_member_count", 28, _number),
    ("multicast_last_member_interval", 30, _number),
    ("multicast_membership_interval", 31, _number),
    ("multicast_mld_version", 44, _number),
    ("multicast_querier", 25, _number),
    ("multicast_querier_interval", 32, _number),
    ("multicast_query_interval", 33, _number),
    ("multicast_query_response_interval", 34, _number),
    ("multicast_query_use_ifaddr", 24, _number),
    ("multicast_router", 22, _number),
    ("multicast_snooping", 23, _number),
    ("multicast_startup_query_count", 29, _number),
    ("multicast_startup_query_interval", 35, _number),
    ("multicast_stats_enabled", 42, _number),
    ("nf_call_arptables", 38, _number),
    ("nf_call_ip6tables", 37, _number),
    ("nf_call_iptables", 36, _number),
    ("no_linklocal_learn", IFLA_BR_MULTI_BOOLOPT, _learning),
    ("priority", 6, _number),
    ("root_id", 10, _identifier),
    ("root_path_cost", 13, _number),
    ("root_port", 12, _number),
    ("stp_state", 5, _number),
    ("tcn_timer", 17, _number),
    ("topology_change", 14, _number),
    ("topology_change_detected", 15, _number),
    ("topology_change_timer", 18, _number),
    ("vlan_filtering", 7, _number),
    ("vlan_protocol", 8, _protocol),
    ("vlan_stats_enabled", 41, _number),
    ("vlan_stats_per_port", 45, _number),
)
"""File, IFLA_BR_*, how it is written. A kernel built without a part of it has neither the file nor the attribute."""


_FILTERING_PARTS = {7: 8}
"""What every kernel tells, and has a file for only where it has what another attribute is about (VLAN filtering)."""


def options(data: Mapping[int, bytes]) -> dict[str, str]:
    """All of them by file name, from the data attributes of one bridge."""
    return {
        file: write(data[number])
        for file, number, write in _FILES
        if number in data and _FILTERING_PARTS.get(number, number) in data
    }
