"""Options of Linux bridges by the names and in the numbers of sysfs, as options of a document.

``/sys/class/net/BRIDGE/bridge`` has one file for each option (`net/bridge/br_sysfs_br.c`). Numbers are written as
`kstrtoul` with base 0 reads them (so ``0x8`` as well); times are in 1/100 s there, whatever the kernel's clock, and most of
them in whole seconds in a document.
"""

import typing

from linkhold.foundation.diagnostics import Diagnostics
from linkhold.foundation.record import Record
from linkhold.state.forms import read_record
from linkhold.state.interfaces.linux_bridge import LinuxBridgeOptions

_PER_SECOND: typing.Final = 100
_PROTOCOLS: typing.Final = {0x8100: "802.1q", 0x88A8: "802.1ad"}
_ROUTERS: typing.Final = {0: "disabled", 1: "auto", 2: "enabled"}

READ_ONLY: typing.Final = frozenset(
    {
        "bridge_id",
        "gc_timer",
        "hello_timer",
        "root_id",
        "root_path_cost",
        "root_port",
        "tcn_timer",
        "topology_change",
        "topology_change_detected",
        "topology_change_timer",
    }
)
"""Files that can be read only."""

ACTIONS: typing.Final = frozenset({"flush"})
"""Files that do something when they are written, and hold nothing."""


class Option(Record):
    """One option: `path` below ``bridge.options`` of a document, and the way there and back.

    `to_value` takes the text of the file and raises ValueError, with what would be right, for one that can't be said.
    """

    path: tuple[str, ...]
    to_value: typing.Callable[[str], typing.Any]
    from_value: typing.Callable[[typing.Any], str]


class Mistake(typing.NamedTuple):
    """An option that can't be said, and why."""

    name: str
    message: str
    hint: str


def _number(text: str) -> int:
    """As `kstrtoul` with base 0 reads it."""
    digits = text.strip().lower()
    base = 16 if digits.startswith("0x") else 8 if digits.startswith("0") else 10
    try:
        value = int(digits.removeprefix("0x"), base)
    except ValueError:
        raise ValueError("a whole number, 0 or more") from None
    if not digits.removeprefix("0x").isalnum() or value < 0:
        raise ValueError("a whole number, 0 or more")
    return value


def _flag(text: str) -> bool:
    return _number(text) != 0


def _seconds(text: str) -> int:
    seconds, rest = divmod(_number(text), _PER_SECOND)
    if rest:
        raise ValueError("whole seconds (a multiple of 100, as it counts 1/100 s)")
    return seconds


def _word(words: dict[int, str]) -> typing.Callable[[str], str]:
    def read(text: str) -> str:
        value = words.get(_number(text))
        if value is None:
            raise ValueError("one of " + ", ".join(str(number) for number in words))
        return value

    return read


def _mac(text: str) -> str:
    digits = text.strip().replace("-", ":").upper()
    parts = digits.split(":")
    if len(parts) != 6 or any(len(one) not in (1, 2) or not set(one) <= set("0123456789ABCDEF") for one in parts):
        raise ValueError("a MAC address")
    return ":".join(one.zfill(2) for one in parts)


def _as_flag(value: typing.Any) -> str:
    return "1" if value else "0"


def _as_hundredths(value: typing.Any) -> str:
    return str(value * _PER_SECOND)


def _as_hexadecimal(value: typing.Any) -> str:
    return hex(value)


def _as_protocol(value: typing.Any) -> str:
    return next(hex(number) for number, word in _PROTOCOLS.items() if word == value)


def _as_router(value: typing.Any) -> str:
    return next(str(number) for number, word in _ROUTERS.items() if word == value)


def _flags(*names: str) -> dict[str, Option]:
    return {name: Option(path=(name.replace("_", "-"),), to_value=_flag, from_value=_as_flag) for name in names}


def _numbers(*names: str) -> dict[str, Option]:
    return {name: Option(path=(name.replace("_", "-"),), to_value=_number, from_value=str) for name in names}


def _times(**paths: tuple[str, ...]) -> dict[str, Option]:
    return {name: Option(path=path, to_value=_seconds, from_value=_as_hundredths) for name, path in paths.items()}


OPTIONS: typing.Final[dict[str, Option]] = {
    **_times(
        ageing_time=("mac-ageing-time",),
        forward_delay=("stp", "forward-delay"),
        hello_time=("stp", "hello-time"),
        max_age=("stp", "max-age"),
    ),
    **_flags(
        "multicast_querier",
        "multicast_query_use_ifaddr",
        "multicast_snooping",
        "multicast_stats_enabled",
        "nf_call_arptables",
        "nf_call_ip6tables",
        "nf_call_iptables",
        "no_linklocal_learn",
        "vlan_filtering",
        "vlan_stats_enabled",
        "vlan_stats_per_port",
    ),
    **_numbers(
        "hash_elasticity",
        "hash_max",
        "multicast_igmp_version",
        "multicast_last_member_count",
        "multicast_last_member_interval",
        "multicast_membership_interval",
        "multicast_mld_version",
        "multicast_querier_interval",
        "multicast_query_interval",
        "multicast_query_response_interval",
        "multicast_startup_query_count",
        "multicast_startup_query_interval",
    ),
    "default_pvid": Option(path=("vlan-default-pvid",), to_value=_number, from_value=str),
    "group_addr": Option(path=("group-addr",), to_value=_mac, from_value=str.lower),
    "group_fwd_mask": Option(path=("group-forward-mask",), to_value=_number, from_value=_as_hexadecimal),
    "multicast_router": Option(path=("multicast-router",), to_value=_word(_ROUTERS), from_value=_as_router),
    "priority": Option(path=("stp", "priority"), to_value=_number, from_value=str),
    "stp_state": Option(path=("stp", "enabled"), to_value=_flag, from_value=_as_flag),
    "vlan_protocol": Option(path=("vlan-protocol",), to_value=_word(_PROTOCOLS), from_value=_as_protocol),
}
"""By the name of the file: every one that can be written."""


def to_document(options: typing.Mapping[str, str]) -> tuple[dict[str, typing.Any], list[Mistake]]:
    """The map to put at ``bridge.options`` of a document, and what of `options` has no place there.

    Limits of numbers are not looked at here: reading the document tells them, as it does for everybody.
    """
    document: dict[str, typing.Any] = {}
    mistakes: list[Mistake] = []
    for name, text in options.items():
        option = OPTIONS.get(name)
        if option is None:
            mistakes.append(_unknown(name))
            continue
        try:
            value = option.to_value(text)
        except ValueError as expected:
            mistakes.append(Mistake(name, f"'{text}' is not right for the bridge option {name}", f"write {expected}"))
            continue
        _put(document, option.path, value)
    return document, mistakes


def judged(options: typing.Mapping[str, str], bridge: str) -> tuple[dict[str, typing.Any], list[Mistake]]:
    """The same, with limits looked at, and each mistake in vdsm's words for an option that a bridge does not take; the hint
    says why it does not."""
    mistakes: list[Mistake] = []
    for name, text in options.items():
        said, wrong = to_document({name: text})
        found = Diagnostics()
        read_record(LinuxBridgeOptions, said, (), found)
        reasons = [f"{one.message}; {one.hint}" for one in wrong]
        reasons += [f"{one.message}; expected {one.expected}" if one.expected else one.message for one in found]
        told = f"Trying to write custom bridge option {name}={text} that does not exists for bridge {bridge}"
        mistakes += [Mistake(name, told, reason) for reason in reasons]
    return to_document(options)[0], mistakes


def from_document(options: typing.Mapping[str, typing.Any]) -> dict[str, str]:
    """The texts of sysfs for a map as `to_document` makes it; what sysfs has no file for is left out."""
    found: dict[str, str] = {}
    for name, option in OPTIONS.items():
        value: typing.Any = options
        for key in option.path:
            value = value.get(key) if isinstance(value, dict) else None
        if value is not None:
            found[name] = option.from_value(value)
    return found


def _put(document: dict[str, typing.Any], path: tuple[str, ...], value: typing.Any) -> None:
    for key in path[:-1]:
        document = document.setdefault(key, {})
    document[path[-1]] = value


def _unknown(name: str) -> Mistake:
    if name in READ_ONLY:
        return Mistake(name, f"the bridge option {name} can't be written", "leave it out")
    if name in ACTIONS:
        return Mistake(name, f"{name} is done once and holds nothing, so it is no option", "leave it out")
    return Mistake(name, f"there is no bridge option {name}", "the options are the files of /sys/class/net/…/bridge")
