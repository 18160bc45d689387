"""The setting ``sriov``: virtual functions of a card."""

import typing

from linkhold.foundation.record import UNSET, Unset
from linkhold.providers.networkmanager.profiles.draft import Column, Draft, Settings, decoded
from linkhold.state.interfaces.ethernet import SrIov, VirtualFunction
from linkhold.state.spellings import mac

SETTING: typing.Final = "sriov"

_COLUMNS: typing.Final = (
    Column("id", "index"),
    Column("mac_address", "mac", back=mac),
    Column("spoof_check", "spoof-check"),
    Column("trust", "trust"),
    Column("min_tx_rate", "min-tx-rate"),
    Column("max_tx_rate", "max-tx-rate"),
)
_NO_MAC: typing.Final = "00:00:00:00:00:00"
_PROTOCOLS: typing.Final = {"802.1q": 0, "802.1ad": 1}
"""NMSriovVFVlanProtocol."""
_PROTOCOL_WORDS: typing.Final = {number: word for word, number in _PROTOCOLS.items()}


def encode(said: SrIov | Unset, whole: SrIov | Unset, current: Settings, draft: Draft) -> None:
    """Say what changed; virtual functions come as a whole. Where the setting stands NetworkManager sees to their number,
    also when it is 0."""
    if isinstance(said, Unset) or isinstance(whole, Unset) or not said.said():
        return
    draft.put(SETTING, "total-vfs", whole.total_vfs)
    if said.drivers_autoprobe is not UNSET:
        draft.put(SETTING, "autoprobe-drivers", int(said.drivers_autoprobe is True))
    if isinstance(said.vfs, tuple):
        held = {one["index"]: one for one in current.get(SETTING, {}).get("vfs", ())}
        draft.put(SETTING, "vfs", [_function(one, held.get(one.id, {})) for one in said.vfs] or None)
    elif whole.total_vfs == 0:
        draft.put(SETTING, "vfs", None)


def _function(one: VirtualFunction, held: dict[str, typing.Any]) -> dict[str, typing.Any]:
    entry = dict(held)
    for column in _COLUMNS:
        value = one.get(column.field)
        if value == _NO_MAC:
            entry.pop(column.key, None)
        elif value is not UNSET:
            entry[column.key] = column.to(value)
    tag, qos = one.get("vlan_id"), one.get("qos")
    if tag in (UNSET, 0) and qos in (UNSET, 0):
        if tag == 0:
            entry.pop("vlans", None)
        return entry
    vlan: dict[str, typing.Any] = {"id": 0 if tag is UNSET else tag}
    if qos not in (UNSET, 0):
        vlan["qos"] = qos
    if one.vlan_proto == "802.1ad":
        vlan["protocol"] = _PROTOCOLS["802.1ad"]
    entry["vlans"] = [vlan]
    return entry


def decode(settings: Settings) -> SrIov | None:
    """What a profile says of virtual functions; None where it says nothing."""
    section = settings.get(SETTING)
    if section is None:
        return None
    said: dict[str, typing.Any] = {"total_vfs": section.get("total-vfs", 0)}
    if section.get("autoprobe-drivers", -1) >= 0:
        said["drivers_autoprobe"] = section["autoprobe-drivers"] > 0
    if "vfs" in section:
        said["vfs"] = tuple(_read(one) for one in section["vfs"])
    return SrIov(**said)


def _read(entry: dict[str, typing.Any]) -> VirtualFunction:
    said = decoded(entry, _COLUMNS)
    for vlan in entry.get("vlans", ())[:1]:
        said |= {"vlan_id": vlan.get("id", 0), "qos": vlan.get("qos", 0)}
        said["vlan_proto"] = _PROTOCOL_WORDS[vlan.get("protocol", 0)]
    return VirtualFunction(**said)
