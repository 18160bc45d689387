"""Linux bridges (`include/uapi/linux/if_link.h`: IFLA_BR_*, IFLA_BRPORT_*)."""

import typing

from linkhold.foundation.diagnostics import Diagnostics, Path
from linkhold.foundation.record import UNSET, Record, Unset
from linkhold.state.fields import (
    ApplyOnly,
    Default,
    Described,
    KeyedBy,
    Names,
    Numbered,
    Range,
    ReadOnly,
    Resets,
    Spelled,
    Strict,
    Unverified,
    Whole,
)
from linkhold.state.interfaces.bridge_vlan import PortVlan
from linkhold.state.interfaces.common import Interface
from linkhold.state.spellings import MAC

_LONG = Range(0, 2**64 - 1)
ROUNDED: typing.Final = frozenset(
    {
        "multicast_last_member_interval",
        "multicast_membership_interval",
        "multicast_querier_interval",
        "multicast_query_response_interval",
        "multicast_startup_query_interval",
    }
)
"""Intervals that a kernel with a 250 Hz clock may give back one less than they were set."""


LEAST_FORWARD_DELAY: typing.Final = 2
"""In seconds, where the spanning tree protocol is on (BR_MIN_FORWARD_DELAY)."""


class Stp(Record):
    """The spanning tree protocol (IEEE 802.1D). Times are in seconds.

    As long as it is off, ports need not wait: `forward_delay` may be 0 then.
    """

    enabled: typing.Annotated[bool | Unset, Default(False)] = UNSET
    forward_delay: typing.Annotated[int | Unset, Range(0, 30), Default(15)] = UNSET
    hello_time: typing.Annotated[int | Unset, Range(1, 10), Default(2)] = UNSET
    max_age: typing.Annotated[int | Unset, Range(6, 40), Default(20)] = UNSET
    priority: typing.Annotated[int | Unset, Range(0, 65535), Default(32768)] = UNSET

    def check(self, at: Path, found: Diagnostics) -> None:
        """With the protocol on, ports have to listen before they forward (`br_set_forward_delay`)."""
        if self.enabled is True and isinstance(self.forward_delay, int) and self.forward_delay < LEAST_FORWARD_DELAY:
            message = f"{self.forward_delay} is too short for a spanning tree"
            expected = f"{LEAST_FORWARD_DELAY} to 30 seconds"
            found.error("forward-delay", (*at, "forward-delay"), message, expected=expected)


class LinuxBridgeOptions(Record):
    """Options of a Linux bridge. Ages and intervals: `mac_ageing_time` in seconds, multicast ones in 1/100 s.

    The three `nf_call_…` exist where the kernel has br_netfilter.
    """

    gc_timer: typing.Annotated[int | Unset, _LONG, ReadOnly()] = UNSET
    group_addr: typing.Annotated[str | Unset, MAC, Default("01:80:C2:00:00:00")] = UNSET
    group_forward_mask: typing.Annotated[
        int | Unset, Spelled("group-forward-mask", "group-fwd-mask"), Range(0, 65535), Default(0)
    ] = UNSET
    hash_elasticity: typing.Annotated[int | Unset, ReadOnly(), Described("Ignored by kernels since Linux 5.0.")] = UNSET
    hash_max: typing.Annotated[int | Unset, Default(4096)] = UNSET
    hello_timer: typing.Annotated[int | Unset, _LONG, ReadOnly()] = UNSET
    mac_ageing_time: typing.Annotated[int | Unset, Range(0, 42_949_672), Default(300)] = UNSET
    multicast_igmp_version: typing.Annotated[int | Unset, Range(2, 3), Default(2)] = UNSET
    multicast_last_member_count: typing.Annotated[int | Unset, Default(2)] = UNSET
    multicast_last_member_interval: typing.Annotated[int | Unset, _LONG, Default(100)] = UNSET
    multicast_membership_interval: typing.Annotated[int | Unset, _LONG, Default(26000)] = UNSET
    multicast_mld_version: typing.Annotated[int | Unset, Range(1, 2), Default(1)] = UNSET
    multicast_querier: typing.Annotated[bool | Unset, Default(False)] = UNSET
    multicast_querier_interval: typing.Annotated[int | Unset, _LONG, Default(25500)] = UNSET
    multicast_query_interval: typing.Annotated[int | Unset, _LONG, Default(12500)] = UNSET
    multicast_query_response_interval: typing.Annotated[int | Unset, _LONG, Default(1000)] = UNSET
    multicast_query_use_ifaddr: typing.Annotated[bool | Unset, Default(False)] = UNSET
    multicast_router: typing.Annotated[
        typing.Literal["disabled", "auto", "enabled"] | Unset, Numbered(), Default("auto")
    ] = UNSET
    multicast_snooping: typing.Annotated[bool | Unset, Default(True)] = UNSET
    multicast_startup_query_count: typing.Annotated[int | Unset, Default(2)] = UNSET
    multicast_startup_query_interval: typing.Annotated[int | Unset, _LONG, Default(3125)] = UNSET
    multicast_stats_enabled: typing.Annotated[bool | Unset, Default(False)] = UNSET
    nf_call_arptables: typing.Annotated[bool | Unset, Default(False)] = UNSET
    nf_call_ip6tables: typing.Annotated[bool | Unset, Default(False)] = UNSET
    nf_call_iptables: typing.Annotated[bool | Unset, Default(False)] = UNSET
    no_linklocal_learn: typing.Annotated[bool | Unset, Default(False)] = UNSET
    stp: Stp | Unset = UNSET
    vlan_filtering: typing.Annotated[
        bool | Unset,
        Default(False),
        Described("Whether VLANs are told apart; not said: as soon as a port has some, and no longer when none has."),
    ] = UNSET
    vlan_protocol: typing.Annotated[typing.Literal["802.1q", "802.1ad"] | Unset, Default("802.1q")] = UNSET
    vlan_default_pvid: typing.Annotated[
        int | Unset,
        Strict(),
        Range(0, 4094),
        Default(1),
        Unverified(
            "no profile of NetworkManager's holds it without filtering", lambda options: options.vlan_filtering is False
        ),
    ] = UNSET
    vlan_stats_enabled: typing.Annotated[bool | Unset, Default(False)] = UNSET
    vlan_stats_per_port: typing.Annotated[bool | Unset, Default(False)] = UNSET


class LinuxBridgePort(Record):
    """Settings of one port of a Linux bridge; without `vlan` its VLANs stay."""

    name: typing.Annotated[str, Names("port")]
    stp_hairpin_mode: typing.Annotated[bool | Unset, Default(False)] = UNSET
    stp_path_cost: typing.Annotated[int | Unset, Range(1, 65535)] = UNSET
    stp_priority: typing.Annotated[int | Unset, Range(0, 63), Default(32)] = UNSET
    vlan: typing.Annotated[
        PortVlan | Unset,
        Resets(),
        Whole(),
        Default(PortVlan()),
        Described("VLANs of the port; {} takes them away. The bridge filters as soon as one port has some."),
    ] = UNSET


USUAL_VLAN: typing.Final = 1
"""The VLAN of ports that say none, where the bridge says none either (BR_DEFAULT_PVID)."""


class LinuxBridgeConfig(Record):
    """Options and ports; the list of ports is whole (``[]`` takes all away), unless extra ones are allowed."""

    options: LinuxBridgeOptions | Unset = UNSET
    port: typing.Annotated[
        tuple[LinuxBridgePort, ...] | Unset,
        Spelled("port", "ports"),
        KeyedBy("name"),
        Default(()),
        Described("All ports; [] detaches them all."),
    ] = UNSET
    allow_extra_ports: typing.Annotated[
        bool | Unset,
        ApplyOnly(),
        Described("Whether ports that are not listed stay: those of virtual machines, say. No, if not said."),
    ] = UNSET

    @property
    def filters_vlans(self) -> bool:
        """Whether the bridge tells VLANs apart: as it says, else as soon as one port has some."""
        said = UNSET if isinstance(self.options, Unset) else self.options.vlan_filtering
        return said if isinstance(said, bool) else self.has_vlans

    @property
    def has_vlans(self) -> bool:
        """Whether any port has VLANs."""
        return any(_has_vlans(one) for one in self.port) if isinstance(self.port, tuple) else False

    @property
    def default_vlan(self) -> int:
        """The VLAN of ports that say none, on a bridge that filters."""
        said = UNSET if isinstance(self.options, Unset) else self.options.vlan_default_pvid
        return said if isinstance(said, int) and said else USUAL_VLAN

    def vlan_of(self, port: LinuxBridgePort) -> PortVlan:
        """The VLANs of a port by name, also where it is in the default one."""
        if _has_vlans(port) or not self.filters_vlans:
            return port.vlan if isinstance(port.vlan, PortVlan) else PortVlan()
        return PortVlan(mode="access", tag=self.default_vlan)

    def check(self, at: Path, found: Diagnostics) -> None:
        """VLANs need filtering. Whether a default VLAN has a meaning, who knows the host can tell (`planning.checks`)."""
        options, ports = self.options, self.port
        if isinstance(options, Unset) or isinstance(ports, Unset):
            return
        if options.vlan_filtering is False and self.has_vlans:
            message = "a port has VLANs, which are told apart only by filtering"
            hint = "leave it out, or take the VLANs of all ports away"
            found.error("vlan-filtering", (*at, "options", "vlan-filtering"), message, hint=hint)


def _without_vlans(asked: LinuxBridgeOptions, options: LinuxBridgeOptions) -> dict[str, typing.Any]:
    """What is said of the default VLAN goes with the last VLAN."""
    spoken = asked.vlan_default_pvid is not UNSET or options.vlan_default_pvid is UNSET
    return {} if spoken else {"vlan_default_pvid": USUAL_VLAN}


def _options_of(bridge: Interface | None) -> LinuxBridgeOptions:
    section = bridge.bridge if isinstance(bridge, LinuxBridge) else UNSET
    options = section.options if isinstance(section, LinuxBridgeConfig) else UNSET
    return options if isinstance(options, LinuxBridgeOptions) else LinuxBridgeOptions()


def _has_vlans_now(bridge: Interface | None) -> bool:
    section = bridge.bridge if isinstance(bridge, LinuxBridge) else UNSET
    return isinstance(section, LinuxBridgeConfig) and section.has_vlans


def _has_vlans(port: LinuxBridgePort) -> bool:
    return isinstance(port.vlan, PortVlan) and not port.vlan.empty


class LinuxBridge(Interface):
    """A switch made of software in the kernel."""

    kind: typing.ClassVar[str] = "linux-bridge"
    can_copy_mac: typing.ClassVar[bool] = True
    is_controller: typing.ClassVar[bool] = True

    bridge: LinuxBridgeConfig | Unset = UNSET

    @property
    def ports(self) -> tuple[str, ...] | Unset:
        """The names of its ports, where it lists them."""
        if isinstance(self.bridge, LinuxBridgeConfig) and isinstance(self.bridge.port, tuple):
            return tuple(sorted(one.name for one in self.bridge.port))
        return UNSET

    @property
    def allows_extra_ports(self) -> bool:
        """As it says."""
        return isinstance(self.bridge, LinuxBridgeConfig) and self.bridge.allow_extra_ports is True

    def settled(self, said: Interface | None, now: Interface | None) -> typing.Self:
        """VLANs are told apart as soon as a port has some, and no longer when none has, unless somebody wanted it otherwise;
        and the kernel lengthens a delay that is too short for a spanning tree when that begins (`br_stp_start`)."""
        section = self.bridge
        if not isinstance(section, LinuxBridgeConfig):
            return self
        asked, before = _options_of(said), _options_of(now)
        changes: dict[str, typing.Any] = {}
        options = LinuxBridgeOptions() if isinstance(section.options, Unset) else section.options
        if asked.vlan_filtering is UNSET and isinstance(options.vlan_filtering, bool):
            kept = before.vlan_filtering is True and not _has_vlans_now(now)
            changes["vlan_filtering"] = kept or section.has_vlans
            if before.vlan_filtering is True and not changes["vlan_filtering"]:
                changes |= _without_vlans(asked, options)
        if isinstance(options.stp, Stp) and (isinstance(asked.stp, Unset) or asked.stp.forward_delay is UNSET):
            delay = options.stp.forward_delay
            if options.stp.enabled is True and isinstance(delay, int) and delay < LEAST_FORWARD_DELAY:
                changes["stp"] = options.stp.replace(forward_delay=LEAST_FORWARD_DELAY)
        if all(options.get(name) == value for name, value in changes.items()):
            return self
        return self.replace(bridge=section.replace(options=options.replace(**changes)))

    def canonical(self) -> typing.Self:
        """With the VLAN tags of its ports in order, and those that follow each other as a range."""
        if not isinstance(self.bridge, LinuxBridgeConfig) or not isinstance(self.bridge.port, tuple):
            return self
        ports = tuple(
            one.replace(vlan=one.vlan.canonical()) if isinstance(one.vlan, PortVlan) else one
            for one in self.bridge.port
        )
        return self if ports == self.bridge.port else self.replace(bridge=self.bridge.replace(port=ports))
