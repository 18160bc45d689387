"""Route rules that a document can declare."""

from __future__ import annotations

from linkhold.foundation.record import UNSET, Unset
from linkhold.providers.kernel.netlink import rule
from linkhold.providers.kernel.netlink.rule import (
    AF_INET6,
    FRA_DPORT_RANGE,
    FRA_GOTO,
    FRA_IP_PROTO,
    FRA_OIFNAME,
    FRA_SPORT_RANGE,
    FRA_TUN_ID,
    FRA_UID_RANGE,
    RuleMessage,
)
from linkhold.state.rules import RouteRule, RouteRules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Literal

    from linkhold.providers.kernel.netlink.socket import Netlink

RTPROT_BOOT = 3
OURS = (rule.RTPROT_UNSPEC, RTPROT_BOOT, rule.RTPROT_STATIC)
"""Who writes rules by hand. The kernel's own three, that of VRFs, and those of daemons are left alone and not shown."""

ACTIONS: dict[int, Literal["blackhole", "unreachable", "prohibit"]] = {
    rule.FR_ACT_BLACKHOLE: "blackhole",
    rule.FR_ACT_UNREACHABLE: "unreachable",
    rule.FR_ACT_PROHIBIT: "prohibit",
}
_UNSAYABLE = (FRA_OIFNAME, FRA_IP_PROTO, FRA_SPORT_RANGE, FRA_DPORT_RANGE, FRA_UID_RANGE, FRA_GOTO, FRA_TUN_ID)
_ALL_ONES = 0xFFFFFFFF


def read(netlink: Netlink) -> list[RuleMessage]:
    """All rules of both families. Raises Refusal."""
    return rule.dump(netlink)


def declared(messages: Iterable[RuleMessage]) -> RouteRules:
    """Those that a document can declare, by priority."""
    found = [message for message in messages if sayable(message)]
    return RouteRules(config=tuple(decode(message) for message in sorted(found, key=_place)))


def tables(messages: Iterable[RuleMessage]) -> set[int]:
    """The routing tables that any rule looks into; that of VRFs names none (0), they do."""
    return {message.table for message in messages if message.action == rule.FR_ACT_TO_TBL} - {0}


def _place(message: RuleMessage) -> tuple[int, int]:
    return message.family, message.priority


def sayable(message: RuleMessage) -> bool:
    """Whether a document has words for all of it: a rule told in part would be put back wrongly."""
    return (
        message.protocol in OURS
        and (message.action == rule.FR_ACT_TO_TBL or message.action in ACTIONS)
        and not message.tos
        and not message.is_inverted
        and not message.is_l3mdev
        and message.suppress_group is None
        and not any(any(message.attributes.get(kind, b"")) for kind in _UNSAYABLE)
    )


def decode(message: RuleMessage) -> RouteRule:
    """One rule. A mask that covers the whole mark is what the kernel takes when none is given."""
    mask = message.mask
    return RouteRule(
        family="ipv6" if message.family == AF_INET6 else "ipv4",
        ip_from=_network(message.source, message.source_length),
        ip_to=_network(message.destination, message.destination_length),
        priority=message.priority,
        route_table=message.table if message.action == rule.FR_ACT_TO_TBL else UNSET,
        fwmark=UNSET if not message.mark and not mask else message.mark or 0,
        fwmask=UNSET if mask is None or mask == _ALL_ONES or (not message.mark and not mask) else mask,
        action=ACTIONS.get(message.action, UNSET),
        iif=message.iif or UNSET,
        suppress_prefix_length=UNSET if message.suppress_prefix_length is None else message.suppress_prefix_length,
    )


def _network(address: str | None, length: int) -> str | Unset:
    return UNSET if address is None else f"{address}/{length}"
