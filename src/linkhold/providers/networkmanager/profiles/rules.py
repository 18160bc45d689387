"""Policy routing rules: ``routing-rules`` of both families (`nm_ip_routing_rule_to_dbus` of libnm-core)."""

import typing

from linkhold.foundation.record import UNSET
from linkhold.state.rules import RouteRule
from linkhold.state.spellings import ip_network, is_ipv6

Entry = dict[str, typing.Any]

AF_INET: typing.Final = 2
AF_INET6: typing.Final = 10
TO_TABLE: typing.Final = 1
_ACTIONS: typing.Final = {"blackhole": 6, "unreachable": 7, "prohibit": 8}
"""FR_ACT_* of `include/uapi/linux/fib_rules.h`."""
_WORDS: typing.Final = {number: word for word, number in _ACTIONS.items()}

_NUMBERS: typing.Final = (
    ("priority", "priority"),
    ("route_table", "table"),
    ("fwmark", "fwmark"),
    ("fwmask", "fwmask"),
    ("suppress_prefix_length", "suppress-prefixlength"),
    ("iif", "iifname"),
)
_OURS: typing.Final = frozenset({"family", "action", "from", "from-len", "to", "to-len", *(key for _, key in _NUMBERS)})


def read(section: typing.Mapping[str, typing.Any]) -> tuple[RouteRule, ...]:
    """The rules of a profile that a document has words for; see `foreign`."""
    return tuple(_rule(one) for one in section.get("routing-rules", ()) if not foreign(one))


def foreign(entry: Entry) -> bool:
    """Whether a rule says more than a document can (ports, TOS, inversion): it is left alone."""
    return bool(entry.keys() - _OURS) or entry.get("action", TO_TABLE) not in {TO_TABLE, *_WORDS}


def _rule(entry: Entry) -> RouteRule:
    said: dict[str, typing.Any] = {field: entry[key] for field, key in _NUMBERS if key in entry}
    for field, key in (("ip_from", "from"), ("ip_to", "to")):
        if entry.get(f"{key}-len"):
            said[field] = ip_network(f"{entry[key]}/{entry[f'{key}-len']}")
    if "fwmark" in said and said.get("fwmask") == 2**32 - 1:
        del said["fwmask"]
    if entry.get("action", TO_TABLE) in _WORDS:
        said["action"] = _WORDS[entry["action"]]
    return RouteRule(family="ipv6" if entry.get("family") == AF_INET6 else "ipv4", **said)


def written(
    after: tuple[RouteRule, ...], before: tuple[RouteRule, ...] | None, section: typing.Mapping[str, typing.Any]
) -> list[Entry]:
    """The rules as they are to stand; those that a document has no words for stay."""
    held = section.get("routing-rules", ())
    there = {_rule(one): one for one in held if not foreign(one)}
    known = set(before) if before is not None else set()
    kept = [one for one in held if foreign(one)]
    return kept + [there.get(rule) or _entry(rule) for rule in after if rule in there or rule not in known]


def _entry(rule: RouteRule) -> Entry:
    networks = [network for network in (rule.ip_from, rule.ip_to) if isinstance(network, str) and network]
    ipv6 = rule.family == "ipv6" or (rule.family is UNSET and any(is_ipv6(one) for one in networks))
    entry: Entry = {"family": AF_INET6 if ipv6 else AF_INET}
    entry |= {key: rule.get(field) for field, key in _NUMBERS if rule.get(field) is not UNSET}
    for field, key in (("ip_from", "from"), ("ip_to", "to")):
        network = rule.get(field)
        if network is not UNSET and network:
            address, _, length = network.partition("/")
            if length != "0":
                entry |= {key: address, f"{key}-len": int(length)}
    if isinstance(rule.action, str):
        entry["action"] = _ACTIONS[rule.action]
    if "fwmark" in entry:
        entry.setdefault("fwmask", 2**32 - 1)
    return entry
