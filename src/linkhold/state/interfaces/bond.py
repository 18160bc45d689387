"""Bonds: several links used as one (kernel documentation: networking/bonding).

Which option works in which mode, and what each is without being set, follow `drivers/net/bonding/bond_options.c`.
"""

import typing

from linkhold.foundation.diagnostics import Diagnostics, Key, Path
from linkhold.foundation.record import UNSET, Record, Unset
from linkhold.state.fields import (
    Advisory,
    Default,
    Described,
    Flaps,
    KeyedBy,
    Names,
    Numbered,
    Range,
    Resets,
    Spelled,
    Unordered,
    fields_of,
)
from linkhold.state.forms import Parsed
from linkhold.state.interfaces.common import Interface
from linkhold.state.spellings import MAC, ip_address, is_ipv6

Mode = typing.Literal[
    "balance-rr", "active-backup", "balance-xor", "broadcast", "802.3ad", "balance-tlb", "balance-alb"
]
_DOWN = Flaps("the kernel sets this only while the bond is down")
_EMPTY = Flaps("the kernel sets this only while the bond has no ports")

_ACTIVE = frozenset({"active-backup", "balance-tlb", "balance-alb"})
_ARP = frozenset({"balance-rr", "active-backup", "balance-xor", "broadcast"})
_LACP = frozenset({"802.3ad"})
OPTION_MODES: typing.Final[dict[str, frozenset[str]]] = {
    "ad_actor_sys_prio": _LACP,
    "ad_actor_system": _LACP,
    "ad_user_port_key": _LACP,
    "lacp_rate": _LACP,
    "arp_interval": _ARP,
    "arp_validate": _ARP,
    "packets_per_slave": frozenset({"balance-rr"}),
    "primary": _ACTIVE,
    "tlb_dynamic_lb": frozenset({"balance-tlb", "balance-alb"}),
    "balance_slb": frozenset({"balance-xor"}),
}
"""The options that the kernel takes in some modes only."""


def _targets(text: str) -> str:
    targets = [ip_address(part.strip()) for part in text.split(",")] if text else []
    if len(targets) > 16 or any(is_ipv6(target) for target in targets):
        raise ValueError("at most 16 IPv4 addresses")
    return ",".join(targets)


CARRIER_MODES: typing.Final = frozenset({"802.3ad", "balance-tlb", "balance-alb"})
CARRIER_INTERVAL: typing.Final = 100
"""Milliseconds of `miimon` in modes that can't do without, where nothing is said (BOND_DEFAULT_MIIMON)."""


class BondOptions(Record):
    """Options of a bond, under the names the kernel gives them. Times are in milliseconds."""

    underscored: typing.ClassVar[bool] = True

    ad_actor_sys_prio: typing.Annotated[int | Unset, Range(1, 65535), Default(65535)] = UNSET
    ad_actor_system: typing.Annotated[str | Unset, MAC, Default("00:00:00:00:00:00")] = UNSET
    ad_select: typing.Annotated[
        typing.Literal["stable", "bandwidth", "count"] | Unset, Numbered(), Default("stable"), _DOWN
    ] = UNSET
    ad_user_port_key: typing.Annotated[int | Unset, Range(0, 1023), Default(0), _DOWN] = UNSET
    all_slaves_active: typing.Annotated[
        typing.Literal["dropped", "delivered"] | Unset, Numbered(), Default("dropped")
    ] = UNSET
    arp_all_targets: typing.Annotated[typing.Literal["any", "all"] | Unset, Numbered(), Default("any")] = UNSET
    arp_interval: typing.Annotated[int | Unset, Range(0, 2**31 - 1), Default(0)] = UNSET
    arp_ip_target: typing.Annotated[
        str | Unset, Parsed("IPv4 addresses with commas between", _targets), Default("")
    ] = UNSET
    arp_missed_max: typing.Annotated[int | Unset, Range(1, 255), Default(2)] = UNSET
    arp_validate: typing.Annotated[
        typing.Literal["none", "active", "backup", "all", "filter", "filter_active", "filter_backup"] | Unset,
        Numbered(),
        Default("none"),
    ] = UNSET
    balance_slb: typing.Annotated[bool | Unset, Spelled("balance_slb", "balance-slb"), Default(False)] = UNSET
    downdelay: typing.Annotated[int | Unset, Range(0, 2**31 - 1), Default(0)] = UNSET
    fail_over_mac: typing.Annotated[
        typing.Literal["none", "active", "follow"] | Unset, Numbered(), Default("none"), _EMPTY
    ] = UNSET
    lacp_rate: typing.Annotated[typing.Literal["slow", "fast"] | Unset, Numbered(), Default("slow"), _DOWN] = UNSET
    lp_interval: typing.Annotated[int | Unset, Range(1, 2**31 - 1), Default(1)] = UNSET
    miimon: typing.Annotated[int | Unset, Range(0, 2**31 - 1), Default(0)] = UNSET
    min_links: typing.Annotated[int | Unset, Range(0, 2**31 - 1), Default(0)] = UNSET
    num_grat_arp: typing.Annotated[
        int | Unset, Spelled("num_grat_arp", "num_unsol_na"), Range(0, 255), Default(1)  # one number in the kernel
    ] = UNSET
    packets_per_slave: typing.Annotated[int | Unset, Range(0, 65535), Default(1)] = UNSET
    primary: typing.Annotated[str | Unset, Names("source"), Default("")] = UNSET
    primary_reselect: typing.Annotated[
        typing.Literal["always", "better", "failure"] | Unset, Numbered(), Default("always")
    ] = UNSET
    resend_igmp: typing.Annotated[int | Unset, Range(0, 255), Default(1)] = UNSET
    tlb_dynamic_lb: typing.Annotated[bool | Unset, Default(True), _DOWN] = UNSET
    updelay: typing.Annotated[int | Unset, Range(0, 2**31 - 1), Default(0)] = UNSET
    use_carrier: typing.Annotated[bool | Unset, Default(True)] = UNSET
    xmit_hash_policy: typing.Annotated[
        typing.Literal["layer2", "layer3+4", "layer2+3", "encap2+3", "encap3+4", "vlan+srcmac"] | Unset,
        Numbered(),
        Default("layer2"),
    ] = UNSET

    def check(self, at: Path, found: Diagnostics) -> None:
        """What no mode allows."""
        _check_monitors(self, at, found)
        if isinstance(self.ad_actor_system, str) and self.ad_actor_system.startswith("01:00:5E:"):
            where = (*at, "ad_actor_system")
            message = f"{self.ad_actor_system} is a multicast address"
            found.error("bond-mac", where, message, expected="a unicast MAC address")

    def fitting(self, mode: str) -> "BondOptions":
        """Those that the kernel knows in this mode; the others mean nothing there."""
        fits = {name: value for name, value in self.said().items() if mode in OPTION_MODES.get(name, frozenset({mode}))}
        return BondOptions(**fits)


def _check_monitors(options: BondOptions, at: Path, found: Diagnostics) -> None:
    miimon = options.miimon
    if isinstance(miimon, int) and miimon > 0 and isinstance(options.arp_interval, int) and options.arp_interval > 0:
        message = "'miimon' and 'arp_interval' exclude each other"
        found.error("bond-monitor", (*at, "arp_interval"), message, hint="set the other one to 0")
    for key, delay in (("updelay", options.updelay), ("downdelay", options.downdelay)):
        if isinstance(delay, int) and isinstance(miimon, int) and delay > 0 and (miimon == 0 or delay % miimon):
            message = f"{delay} is not a multiple of miimon, {miimon}"
            found.error("bond-delay", (*at, key), message, expected="a multiple of miimon")


class BondPortConfig(Record):
    """Settings of one port of a bond."""

    name: typing.Annotated[str, Spelled("name", "profile-name"), Names("port")]
    priority: typing.Annotated[int | Unset, Range(-(2**31), 2**31 - 1), Default(0)] = UNSET
    queue_id: typing.Annotated[int | Unset, Range(0, 65535), Default(0)] = UNSET


class LinkAggregation(Record):
    """How a bond spreads traffic, and over which ports."""

    mode: typing.Annotated[Mode | Unset, Numbered(), _EMPTY, Described("Required for a new bond.")] = UNSET
    options: typing.Annotated[
        BondOptions | Unset, Resets(), Advisory(), Described("Those not said stay; {} puts all back to their defaults.")
    ] = UNSET
    port: typing.Annotated[
        tuple[str, ...] | Unset,
        Spelled("port", "ports"),
        Names("port"),
        Unordered(),
        Default(()),
        Described("All ports; [] detaches them all."),
    ] = UNSET
    ports_config: typing.Annotated[tuple[BondPortConfig, ...] | Unset, KeyedBy("name")] = UNSET

    def check(self, at: Path, found: Diagnostics) -> None:
        """The options suit the mode; `port` and `ports-config` speak of the same ports; queues are not shared."""
        if isinstance(self.options, BondOptions) and isinstance(self.mode, str):
            _check_mode(self.mode, self.options, (*at, "options"), found)
        configured = self.ports_config if isinstance(self.ports_config, tuple) else ()
        queues: dict[object, str] = {}
        for one in configured:
            if one.queue_id not in (UNSET, 0) and queues.setdefault(one.queue_id, one.name) != one.name:
                where = (*at, "ports-config", Key(one.name), "queue-id")
                message = f"{one.queue_id} is taken by {queues[one.queue_id]}"
                found.error("bond-queue", where, message, expected="a number of its own, or 0")
        if isinstance(self.port, tuple) and configured and {one.name for one in configured} != set(self.port):
            message = "names other ports than 'port' does"
            found.error("contradiction", (*at, "ports-config"), message, expected=", ".join(self.port) or "nothing")


def _check_mode(mode: str, options: BondOptions, at: Path, found: Diagnostics) -> None:
    known = fields_of(BondOptions)
    for name, value in options.said().items():
        modes = OPTION_MODES.get(name)
        default = known[name].marker(Default)
        if modes and mode not in modes and not (default and default.value == value):
            message = f"'{name}' has no meaning in mode {mode}"
            expected = "mode " + " or ".join(sorted(modes))
            found.error("bond-option", (*at, name), message, expected=expected, hint="leave it out")
    if options.balance_slb is True and options.xmit_hash_policy != "vlan+srcmac":
        message = "'balance_slb' needs xmit_hash_policy vlan+srcmac"
        found.error("bond-option", (*at, "balance_slb"), message, expected="xmit_hash_policy: vlan+srcmac")


class Bond(Interface):
    """Several links used as one."""

    kind: typing.ClassVar[str] = "bond"
    can_copy_mac: typing.ClassVar[bool] = True
    is_controller: typing.ClassVar[bool] = True

    bond: typing.Annotated[LinkAggregation | Unset, Spelled("link-aggregation")] = UNSET

    @property
    def ports(self) -> tuple[str, ...] | Unset:
        """The names of its ports, where it says any list of them."""
        section = self.bond
        if not isinstance(section, LinkAggregation):
            return UNSET
        if isinstance(section.port, tuple):
            return section.port
        if isinstance(section.ports_config, tuple):
            return tuple(sorted(one.name for one in section.ports_config))
        return UNSET

    def check(self, at: Path, found: Diagnostics) -> None:
        """In active-backup with fail_over_mac active the bond takes the MAC of its active port: none can be given."""
        super().check(at, found)
        section = self.bond
        if not isinstance(section, LinkAggregation) or not isinstance(section.options, BondOptions):
            return
        follows = section.mode == "active-backup" and section.options.fail_over_mac == "active"
        if follows and self.mac_address is not UNSET:
            message = "the bond takes the MAC of its active port (fail_over_mac: active)"
            found.error("bond-mac", (*at, "mac-address"), message, hint="leave it out, or choose another fail_over_mac")
