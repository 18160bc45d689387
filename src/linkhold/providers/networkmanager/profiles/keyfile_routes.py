"""Addresses, routes and rules as lines of key files (`nm_keyfile_write` of libnm-core, nm-settings-keyfile(5))."""

import typing

from linkhold.providers.networkmanager.profiles.rules import AF_INET, AF_INET6, TO_TABLE

Entry = dict[str, typing.Any]

_ROUTE: typing.Final = ("dest", "prefix", "next-hop", "metric")
_FLAGS: typing.Final = frozenset(
    {"lock-advmss", "lock-cwnd", "lock-initcwnd", "lock-initrwnd", "lock-mtu", "lock-window", "onlink", "quickack"}
)
_TEXTS: typing.Final = frozenset({"from", "src", "scope", "type"})
_ACTIONS: typing.Final = {6: "blackhole", 7: "unreachable", 8: "prohibit"}
_NUMBERS: typing.Final = {word: number for number, word in _ACTIONS.items()}


def address_text(entry: Entry) -> str:
    """``192.0.2.1/24``."""
    return f"{entry['address']}/{entry['prefix']}"


def read_address(text: str) -> tuple[Entry, str]:
    """An address, and the gateway that older releases wrote behind it; '' for none."""
    network, _, gateway = text.partition(",")
    address, _, prefix = network.partition("/")
    plain = gateway.strip()
    return {"address": address.strip(), "prefix": int(prefix)}, "" if plain in ("0.0.0.0", "::") else plain


def route_texts(entry: Entry) -> tuple[str, str]:
    """``destination/prefix,next hop,metric`` and the options; the next hop is never left out before a metric."""
    network = f"{entry['dest']}/{entry['prefix']}"
    hop = entry.get("next-hop") or ("::" if ":" in entry["dest"] else "0.0.0.0")
    if "metric" in entry:
        line = f"{network},{hop},{entry['metric']}"
    else:
        line = f"{network},{hop}" if entry.get("next-hop") else network
    options = {key: value for key, value in entry.items() if key not in _ROUTE}
    return line, ",".join(f"{key}={_option(value)}" for key, value in sorted(options.items()))


def _option(value: typing.Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def read_route(line: str, options: str) -> Entry:
    """The other way."""
    parts = [part.strip() for part in line.split(",")]
    destination, _, prefix = parts[0].partition("/")
    entry: Entry = {"dest": destination, "prefix": int(prefix or (128 if ":" in destination else 32))}
    if len(parts) > 1 and parts[1] not in ("", "0.0.0.0", "::"):
        entry["next-hop"] = parts[1]
    if len(parts) > 2 and parts[2]:
        entry["metric"] = int(parts[2])
    for option in options.split(",") if options else ():
        key, _, value = option.partition("=")
        entry[key.strip()] = value == "true" if key in _FLAGS else value if key in _TEXTS else int(value, 0)
    return entry


_RULE_NUMBERS: typing.Final = {
    "tos": "tos",
    "ipproto": "ipproto",
    "suppress_prefixlength": "suppress-prefixlength",
    "table": "table",
}
_RULE_RANGES: typing.Final = {"sport": ("sport-start", "sport-end"), "dport": ("dport-start", "dport-end"),
                              "uidrange": ("uid-range-start", "uid-range-end")}  # fmt: skip
_RULE_WORDS: typing.Final = {"iif": "iifname", "oif": "oifname"}


def rule_text(entry: Entry) -> str:
    """``priority 5 from 192.0.2.0/24 table 100`` (nm_ip_routing_rule_to_string)."""
    words = [f"priority {entry['priority']}"] if "priority" in entry else []
    if entry.get("invert"):
        words.append("not")
    for key in ("from", "to"):
        if entry.get(f"{key}-len"):
            words.append(f"{key} {entry[key]}/{entry[f'{key}-len']}")
    if not any(entry.get(f"{key}-len") for key in ("from", "to")):
        words.append("from ::/0" if entry.get("family") == AF_INET6 else "from 0.0.0.0/0")  # tells the family
    for word, (first, last) in _RULE_RANGES.items():
        if first in entry:
            words.append(f"{word} {entry[first]}-{entry[last]}")
    if "fwmark" in entry:
        words.append(f"fwmark {entry['fwmark']:#x}/{entry.get('fwmask', 2**32 - 1):#x}")
    words += [f"{word} {entry[key]}" for word, key in _RULE_WORDS.items() if key in entry]
    words += [f"{word} {entry[key]}" for word, key in _RULE_NUMBERS.items() if key in entry]
    if entry.get("action", TO_TABLE) in _ACTIONS:
        words.append(f"type {_ACTIONS[entry['action']]}")
    return " ".join(words)


def read_rule(text: str, ipv6: bool) -> Entry:
    """The other way.

    Raises:
        ValueError: a word that is not known.
    """
    entry: Entry = {"family": AF_INET6 if ipv6 else AF_INET}
    words = iter(text.split())
    for word in words:
        if word == "not":
            entry["invert"] = True
            continue
        _read_word(word, next(words, ""), entry)
    return entry


def _read_word(word: str, value: str, entry: Entry) -> None:
    if word in ("priority", "order", "pref", "preference"):
        entry["priority"] = int(value, 0)
    elif word in ("from", "to"):
        address, _, length = value.partition("/")
        bits = int(length) if length else 128 if ":" in address else 32
        if bits:
            entry[word], entry[f"{word}-len"] = address, bits
    elif word == "fwmark":
        mark, _, mask = value.partition("/")
        entry["fwmark"], entry["fwmask"] = int(mark, 0), int(mask, 0) if mask else 2**32 - 1
    elif word in _RULE_RANGES:
        first, _, last = value.partition("-")
        entry[_RULE_RANGES[word][0]], entry[_RULE_RANGES[word][1]] = int(first), int(last or first)
    elif word in _RULE_WORDS or word == "dev":
        entry[_RULE_WORDS.get(word, "iifname")] = value
    elif word in _RULE_NUMBERS or word == "lookup":
        entry[_RULE_NUMBERS.get(word, "table")] = int(value, 0)
    elif word == "type":
        entry["action"] = _NUMBERS[value]
    else:
        raise ValueError(f"'{word}' is no word of a routing rule")
