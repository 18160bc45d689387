"""The settings ``bridge`` and ``bridge-port``."""

import typing

from linkhold.foundation.record import UNSET, Unset
from linkhold.providers.networkmanager.profiles import mac
from linkhold.providers.networkmanager.profiles.draft import Column, Draft, Settings, decoded
from linkhold.providers.networkmanager.profiles.port_vlans import entries, read
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.linux_bridge import (
    USUAL_VLAN,
    LinuxBridge,
    LinuxBridgeConfig,
    LinuxBridgeOptions,
    LinuxBridgePort,
    Stp,
)

SETTING: typing.Final = "bridge"
PORT: typing.Final = "bridge-port"

_OPTIONS: typing.Final = (
    Column("group_addr", "group-address", mac.to_bytes, mac.to_text),
    Column("group_forward_mask", "group-forward-mask"),
    Column("hash_max", "multicast-hash-max"),
    Column("mac_ageing_time", "ageing-time"),
    *(
        Column(field, field.replace("_", "-"))
        for field in (
            "multicast_last_member_count",
            "multicast_last_member_interval",
            "multicast_membership_interval",
            "multicast_querier",
            "multicast_querier_interval",
            "multicast_query_interval",
            "multicast_query_response_interval",
            "multicast_query_use_ifaddr",
            "multicast_router",
            "multicast_snooping",
            "multicast_startup_query_count",
            "multicast_startup_query_interval",
            "vlan_default_pvid",
        )
    ),
    Column("vlan_protocol", "vlan-protocol", lambda said: said.replace("q", "Q"), str.lower),
)
_STP: typing.Final = (
    Column("enabled", "stp"),
    Column("forward_delay", "forward-delay"),
    Column("hello_time", "hello-time"),
    Column("max_age", "max-age"),
    Column("priority", "priority"),
)
_PORT: typing.Final = (
    Column("stp_hairpin_mode", "hairpin-mode"),
    Column("stp_path_cost", "path-cost"),
    Column("stp_priority", "priority"),
)


def encode(said: Interface, whole: Interface, current: Settings, draft: Draft) -> None:
    """Options, and whether VLANs are told apart."""
    section, known = said.get("bridge"), whole.get("bridge")
    if section is UNSET:
        return
    if section.options is not UNSET:
        draft.table(SETTING, section.options, _OPTIONS)
        draft.table(SETTING, section.options.stp, _STP)
    if section.port is not UNSET or (section.options is not UNSET and section.options.vlan_filtering is not UNSET):
        draft.put(SETTING, "vlan-filtering", known.filters_vlans)
        _default_vlan(section, known, current, draft)
    if not current and (
        section.options is UNSET or section.options.stp is UNSET or section.options.stp.enabled is UNSET
    ):
        draft.put(SETTING, "stp", False)  # NetworkManager's default is the other one


def _default_vlan(section: LinuxBridgeConfig, known: LinuxBridgeConfig, current: Settings, draft: Draft) -> None:
    """The kernel puts each new port into the default VLAN, and NetworkManager leaves it there beside those it gives: a trunk
    would carry one VLAN too many. So there is none by default, and ports that have no others get it by name."""
    options = section.options
    said = not isinstance(options, Unset) and options.vlan_default_pvid is not UNSET
    if known.filters_vlans and known.default_vlan == USUAL_VLAN and not said:
        draft.put(SETTING, "vlan-default-pvid", 0)
    elif not known.filters_vlans and current.get(SETTING, {}).get("vlan-default-pvid") == 0:
        draft.put(SETTING, "vlan-default-pvid", None)


def decode(settings: Settings) -> dict[str, typing.Any]:
    """The field ``bridge``, without its ports."""
    section = settings.get(SETTING, {})
    stp = Stp(**{"enabled": True, **decoded(section, _STP)})
    return {"bridge": LinuxBridgeConfig(options=LinuxBridgeOptions(**decoded(section, _OPTIONS), stp=stp))}


def encode_port(name: str, controller: Interface, was: Interface | None, draft: Draft) -> None:
    """What a bridge says of one of its ports."""
    bridge, old = _section(controller), _section(was)
    port, before = _port(name, bridge), _port(name, old)
    if port is None:
        return
    if port != before:
        draft.table(PORT, port, _PORT)
    vlan = bridge.vlan_of(port)
    if before is None or vlan != old.vlan_of(before):
        draft.put(PORT, "vlans", entries(vlan) or None)


def _section(controller: Interface | None) -> LinuxBridgeConfig:
    section = controller.bridge if isinstance(controller, LinuxBridge) else UNSET
    return section if isinstance(section, LinuxBridgeConfig) else LinuxBridgeConfig()


def _port(name: str, bridge: LinuxBridgeConfig) -> LinuxBridgePort | None:
    return next((one for one in bridge.port if one.name == name), None) if isinstance(bridge.port, tuple) else None


def decode_port(settings: Settings, name: str) -> LinuxBridgePort | None:
    """What a port's profile says for its bridge."""
    section = settings.get(PORT)
    if section is None:
        return None
    vlan = read(section["vlans"]) if "vlans" in section else UNSET
    return LinuxBridgePort(name=name, **decoded(section, _PORT), vlan=vlan)
