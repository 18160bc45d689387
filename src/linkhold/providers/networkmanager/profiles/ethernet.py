"""The settings ``802-3-ethernet`` (which virtual kinds have as well) and ``sriov``."""

import typing

from linkhold.foundation.record import UNSET
from linkhold.providers.networkmanager.profiles import mac, sriov
from linkhold.providers.networkmanager.profiles.draft import Column, Draft, Settings, decoded
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.ethernet import EthernetConfig
from linkhold.state.spellings import mac as canonical

SETTING: typing.Final = "802-3-ethernet"

MTU_HOMES: typing.Final = {
    "infiniband": "infiniband",
    "ip-tunnel": "ip-tunnel",
    "loopback": "loopback",
    "wireguard": "wireguard",
}
"""The setting with the MTU, for the kinds that have it in their own."""

_WITHOUT: typing.Final = frozenset({"ipsec", "ovs-bridge"})
_RULES: typing.Final = frozenset({"preserve", "permanent", "random", "stable", "stable-ssid"})
"""Words in place of a MAC, which say how one is chosen."""


def encode(said: Interface, whole: Interface, current: Settings, draft: Draft) -> None:
    """MTU, MAC, promiscuous mode; link settings of cards."""
    if whole.kind in _WITHOUT:
        return
    draft.put(MTU_HOMES.get(whole.kind, SETTING), "mtu", said.mtu)
    if whole.identifier == "mac-address" and isinstance(whole.mac_address, str):
        draft.put(SETTING, "mac-address", mac.to_bytes(whole.mac_address))
    elif isinstance(said.mac_address, str) and whole.has_own_mac and whole.kind not in MTU_HOMES:
        draft.put(SETTING, "assigned-mac-address", said.mac_address)
        draft.put(SETTING, "cloned-mac-address", None)  # the same in older words
    if said.accept_all_mac_addresses is not UNSET:
        draft.put(SETTING, "accept-all-mac-addresses", int(said.accept_all_mac_addresses is True))
    config = said.get("ethernet")
    if isinstance(config, EthernetConfig):
        _link(config, typing.cast("EthernetConfig", whole.get("ethernet")), draft)
        sriov.encode(config.sr_iov, whole.get("ethernet").sr_iov, current, draft)


def _link(said: EthernetConfig, whole: EthernetConfig, draft: Draft) -> None:
    """Speed and duplex are given together, or found by negotiation; NetworkManager takes neither alone."""
    if said.auto_negotiation is UNSET and said.speed is UNSET and said.duplex is UNSET:
        return
    if whole.auto_negotiation is not UNSET:
        draft.put(SETTING, "auto-negotiate", whole.auto_negotiation)
    fixed = whole.auto_negotiation is not True and UNSET not in (whole.speed, whole.duplex)
    draft.put(SETTING, "speed", whole.speed if fixed else None)
    draft.put(SETTING, "duplex", whole.duplex if fixed else None)


_COLUMNS: typing.Final = (
    Column("auto_negotiation", "auto-negotiate"),
    Column("speed", "speed"),
    Column("duplex", "duplex"),
)


def decode(settings: Settings, kind: str) -> dict[str, typing.Any]:
    """The fields that these settings say."""
    section = settings.get(SETTING, {})
    said: dict[str, typing.Any] = {}
    mtu = settings.get(MTU_HOMES.get(kind, SETTING), {}).get("mtu", 0)
    if mtu:
        said["mtu"] = mtu
    chosen = section.get("assigned-mac-address")
    if "mac-address" in section and not settings.get("connection", {}).get("interface-name"):
        said["mac_address"] = mac.to_text(section["mac-address"])
    elif chosen and chosen not in _RULES:
        said["mac_address"] = canonical(chosen)
    elif not chosen and section.get("cloned-mac-address"):
        said["mac_address"] = mac.to_text(section["cloned-mac-address"])
    if section.get("accept-all-mac-addresses", -1) >= 0:
        said["accept_all_mac_addresses"] = section["accept-all-mac-addresses"] > 0
    if kind in ("ethernet", "veth"):
        link = decoded(section, _COLUMNS)
        if {"speed", "duplex"} & link.keys():
            link.setdefault("auto_negotiation", False)
        elif link.get("auto_negotiation") is False:
            del link["auto_negotiation"]  # then NetworkManager leaves the link as it is
        functions = sriov.decode(settings)
        if functions is not None:
            link["sr_iov"] = functions
        if link:
            said["ethernet"] = EthernetConfig(**link)
    return said
