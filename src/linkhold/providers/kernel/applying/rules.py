"""Stages `release` and `rule`: policy routing rules."""

from __future__ import annotations

import errno

from linkhold.foundation.record import UNSET
from linkhold.providers.kernel.applying.batch import GONE, Batch
from linkhold.providers.kernel.netlink import rule
from linkhold.providers.kernel.netlink.rule import (
    FR_ACT_BLACKHOLE,
    FR_ACT_PROHIBIT,
    FR_ACT_TO_TBL,
    FR_ACT_UNREACHABLE,
    FRA_PROTOCOL,
    RuleMessage,
)
from linkhold.state.routes import MAIN_TABLE
from linkhold.state.rules import RouteRule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from linkhold.planning.change import Change
    from linkhold.providers.kernel.applying.host import Host

ACTIONS = {"blackhole": FR_ACT_BLACKHOLE, "unreachable": FR_ACT_UNREACHABLE, "prohibit": FR_ACT_PROHIBIT}


def release_rules(host: Host, changes: Sequence[Change]) -> None:
    """Remove those that go: exactly those of the kernel's that say the same, and nothing more."""
    _remove_all(host, [one for one in changes if one.action in ("-", "±")])


def _remove_all(host: Host, going: list[Change]) -> None:
    if not going:
        return
    present = rule.dump(host.netlink)
    by_essence: dict[bytes, list[RuleMessage]] = {}
    for message in present:
        by_essence.setdefault(_essence(rule.same(message)), []).append(message)
    batch = Batch(host.netlink)
    for change in going:
        found = by_essence.get(_essence(payload(change.before)))
        if found:
            _remove(batch, change, found[0], present)
            present.remove(found.pop(0))
    batch.run()


def _remove(batch: Batch, change: Change, found: RuleMessage, present: list[RuleMessage]) -> None:
    """Ask for the removal of this rule and no other.

    The kernel removes the first rule that agrees with what the request says, and a request can't say "and nothing more".
    So rules that say more and come before it are taken away first and put back, behind it, afterwards.
    """
    before = [one for one in present[: present.index(found)] if _covers(one, found)]
    for one in reversed(before):
        batch.ask(change, f"set a rule aside for {change.name}", rule.remove(rule.same(one)), GONE)
    batch.ask(change, f"remove the rule {change.name}", rule.remove(rule.same(found)), GONE)
    for one in before:
        batch.ask(change, f"put a rule back after {change.name}", rule.add(rule.same(one)), (errno.EEXIST,))


def _covers(one: RuleMessage, other: RuleMessage) -> bool:
    """Whether it says all that the other says, and more."""
    heads = [(each.family, each.action, each.table, each.tos) for each in (one, other)]
    return heads[0] == heads[1] and other.attributes.items() <= one.attributes.items()


def set_rules(host: Host, changes: Sequence[Change]) -> None:
    """Add the new ones, then remove those whose place they took. One just like it that is there already does."""
    batch = Batch(host.netlink)
    for change in changes:
        if change.action != "-":
            batch.ask(change, f"add the rule {change.name}", rule.add(payload(change.after)), (errno.EEXIST,))
    batch.run()
    _remove_all(host, [one for one in changes if one.action == "~" and payload(one.before) != payload(one.after)])


def payload(one: RouteRule) -> bytes:
    """The message for a rule; without an action and a table it leads to the main table."""
    action = ACTIONS[one.action] if isinstance(one.action, str) else FR_ACT_TO_TBL
    table = one.route_table if isinstance(one.route_table, int) and one.route_table else MAIN_TABLE
    source, source_length = _network(one.ip_from)
    destination, destination_length = _network(one.ip_to)
    return rule.build(
        rule.AF_INET6 if _is_ipv6(one) else rule.AF_INET,
        priority=one.priority if isinstance(one.priority, int) and one.priority >= 0 else None,
        table=table if action == FR_ACT_TO_TBL else 0,
        action=action,
        source=source,
        source_length=source_length,
        destination=destination,
        destination_length=destination_length,
        iif=one.iif if isinstance(one.iif, str) else None,
        mark=one.fwmark if isinstance(one.fwmark, int) else None,
        mask=one.fwmask if isinstance(one.fwmask, int) else None,
        suppress_prefix_length=one.suppress_prefix_length if isinstance(one.suppress_prefix_length, int) else None,
    )


def _essence(message: bytes) -> bytes:
    """What makes a rule this one and no other, whoever made it: its header and attributes, in one order."""
    read = RuleMessage(message)
    said = dict(read.attributes)
    said.pop(FRA_PROTOCOL, None)
    said[rule.FRA_TABLE] = read.table.to_bytes(4, "little")
    if read.mark is not None and read.mask is None:  # the kernel fills it in
        said[rule.FRA_FWMASK] = b"\xff\xff\xff\xff"
    said.setdefault(rule.FRA_PRIORITY, bytes(4))
    head = (read.family, read.destination_length, read.source_length, read.tos, read.action, read.flags)
    return repr((head, sorted(said.items()))).encode()


def _network(text: object) -> tuple[str | None, int]:
    if not isinstance(text, str) or not text:
        return None, 0
    network, _, length = text.partition("/")
    return network, int(length)


def _is_ipv6(one: RouteRule) -> bool:
    if one.family is not UNSET:
        return one.family == "ipv6"
    return any(isinstance(text, str) and ":" in text for text in (one.ip_from, one.ip_to))
