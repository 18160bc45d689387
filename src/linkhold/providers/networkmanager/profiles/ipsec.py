"""The setting ``vpn``, as the plugin of NetworkManager for Libreswan reads it."""

import typing

from linkhold.foundation.record import UNSET
from linkhold.providers.networkmanager.profiles.draft import Draft, Settings
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.ipsec import Libreswan

SETTING: typing.Final = "vpn"
SERVICE: typing.Final = "org.freedesktop.NetworkManager.libreswan"

_NAMES: typing.Final = {"ipsec_interface": "ipsec-interface", "require_id_on_certificate": "require-id-on-certificate"}
_FIELDS: typing.Final = {key: field for field, key in _NAMES.items()}
_FLAGS: typing.Final = frozenset({"leftmodecfgclient", "require_id_on_certificate"})
_KEY: typing.Final = "pskvalue"


def encode(said: Interface, whole: Interface, current: Settings, draft: Draft) -> None:
    """Say what changed, word for word; the key among the secrets."""
    section = said.get("libreswan")
    draft.put(SETTING, "service-type", SERVICE)
    if section is UNSET:
        return
    data = {
        _NAMES.get(field, field): ("yes" if value else "no") if isinstance(value, bool) else str(value)
        for field, value in section.said().items()
        if field != "psk"
    }
    if isinstance(section.get("psk"), str):
        data["pskvalue-flags"] = "0"  # kept by the system
        draft.put(SETTING, "secrets", {_KEY: section.psk})
    draft.put(SETTING, "data", data)


def decode(settings: Settings) -> dict[str, typing.Any]:
    """The field ``libreswan``."""
    section = settings.get(SETTING, {})
    data = {_FIELDS.get(key, key): value for key, value in section.get("data", {}).items()}
    said = {field: data[field] for field in Libreswan.field_names() if field in data}
    said |= {field: said[field] == "yes" for field in _FLAGS & said.keys()}
    if _KEY in section.get("secrets", {}):
        said["psk"] = section["secrets"][_KEY]
    return {"libreswan": Libreswan(**said)} if "right" in said else {}
