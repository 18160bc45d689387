"""The setting ``vlan``."""

import typing

from linkhold.foundation.record import UNSET
from linkhold.providers.networkmanager.profiles.draft import Column, Draft, Settings, decoded
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.vlan import VlanConfig

SETTING: typing.Final = "vlan"

_REORDER, _GVRP, _LOOSE, _MVRP = 0x1, 0x2, 0x4, 0x8
"""NMVlanFlags."""
_FLAGS: typing.Final = ("registration_protocol", "reorder_headers", "loose_binding")
_COLUMNS: typing.Final = (Column("parent", "parent"), Column("tag", "id"))
_PROTOCOL: typing.Final = Column("protocol", "protocol", lambda said: said.replace("q", "Q"), str.lower)


def encode(said: Interface, whole: Interface, current: Settings, draft: Draft) -> None:
    """The plain protocol is not said unless it was: releases before 1.42 know no other."""
    section, known = said.get("vlan"), whole.get("vlan")
    if section is UNSET:
        return
    draft.table(SETTING, section, _COLUMNS)
    held = current.get(SETTING, {})
    if section.protocol == "802.1ad" or (section.protocol is not UNSET and "protocol" in held):
        draft.table(SETTING, section, (_PROTOCOL,))
    if not current or any(section.get(field) is not UNSET for field in _FLAGS):
        draft.put(SETTING, "flags", _flags(known))


def _flags(config: VlanConfig) -> int:
    protocol = {"gvrp": _GVRP, "mvrp": _MVRP}.get(str(config.get("registration_protocol")), 0)
    reorder = 0 if config.get("reorder_headers") is False else _REORDER
    return protocol | reorder | (_LOOSE if config.get("loose_binding") is True else 0)


def decode(settings: Settings) -> dict[str, typing.Any]:
    """The field ``vlan``."""
    section = settings.get(SETTING, {})
    flags = section.get("flags", _REORDER)
    said = decoded(section, (*_COLUMNS, _PROTOCOL))
    return {
        "vlan": VlanConfig(
            **said,
            registration_protocol="gvrp" if flags & _GVRP else "mvrp" if flags & _MVRP else "none",
            reorder_headers=bool(flags & _REORDER),
            loose_binding=bool(flags & _LOOSE),
        )
    }
