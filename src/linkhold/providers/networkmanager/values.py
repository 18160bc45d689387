"""Settings as plain values, and as D-Bus wants them: every value in a variant of the right type."""

import typing

from dbus_fast import Variant
from dbus_fast.unpack import unpack_variants

from linkhold.providers.networkmanager.profiles.signatures import signature_of

Settings = dict[str, dict[str, typing.Any]]
"""``{setting: {property: plain value}}``, in the shapes of the D-Bus API (nm-settings-dbus(5))."""

_INNER: typing.Final[dict[str, str]] = {
    # addresses and routes: nm-settings-dbus(5), ipv4.address-data and ipv4.route-data
    "from": "s",
    "mtu": "u",
    "onlink": "b",
    "scope": "y",
    "tos": "y",
    # routing rules: nm_ip_routing_rule_to_dbus of libnm-core
    "action": "y",
    "dport-end": "q",
    "dport-start": "q",
    "family": "i",
    "from-len": "y",
    "ipproto": "y",
    "sport-end": "q",
    "sport-start": "q",
    "suppress-prefixlength": "i",
    "to-len": "y",
    # VLANs of bridges and their ports
    "vid-end": "q",
    "vid-start": "q",
    # ovs-port.trunks: ranges (nm_range_list_to_dbus)
    "end": "t",
    "start": "t",
}
"""Types of what stands in lists of maps, where it isn't text, a boolean or a 32-bit number."""


def plain(settings: dict[str, dict[str, Variant]]) -> Settings:
    """Without the variants."""
    return typing.cast("Settings", unpack_variants(settings))


def signatures_of(settings: dict[str, dict[str, Variant]]) -> dict[str, dict[str, str]]:
    """The types of all properties as the service gave them: for those that nobody here knows of."""
    return {name: {key: value.signature for key, value in section.items()} for name, section in settings.items()}


_OLD_WORDS: typing.Final = {"addresses": "address-data", "routes": "route-data"}
"""NetworkManager tells both, and believes the old ones where it is given both (`_nm_setting_use_legacy_property` in
libnm-core), which know nothing of a route's table, kind or source."""


def packed(settings: Settings, seen: typing.Mapping[str, typing.Mapping[str, str]]) -> dict[str, dict[str, Variant]]:
    """In variants, of the types that the table or (for what is only kept) the service itself said; without the old words of
    what is said in new ones as well."""
    return {
        name: {
            key: _packed(value, _signature(name, key, value, seen))
            for key, value in section.items()
            if _OLD_WORDS.get(key) not in section
        }
        for name, section in settings.items()
    }


def _packed(value: typing.Any, signature: str) -> Variant:
    return Variant(signature, _wrapped(value, signature))


def _signature(name: str, key: str, value: object, seen: typing.Mapping[str, typing.Mapping[str, str]]) -> str:
    return signature_of(name, key) or seen.get(name, {}).get(key) or _guess(value)


def _wrapped(value: typing.Any, signature: str) -> typing.Any:
    if signature == "aa{sv}":
        return [_map(one) for one in value]
    if signature == "a{sv}":
        return _map(value)
    if signature == "ay" and not isinstance(value, bytes):
        return bytes(value)
    return value


def _map(values: dict[str, typing.Any]) -> dict[str, Variant]:
    return {key: _packed(value, _inner(key, value)) for key, value in values.items()}


def _inner(key: str, value: object) -> str:
    guessed = _guess(value)
    return _INNER.get(key, guessed) if guessed == "u" else guessed


def _guess(value: object) -> str:
    if isinstance(value, bool):
        return "b"
    if isinstance(value, int):
        return "i" if value < 0 else "u" if value < 2**32 else "t"
    if isinstance(value, bytes):
        return "ay"
    if isinstance(value, dict):
        return "a{ss}"
    if isinstance(value, list):
        return "aa{sv}" if value and isinstance(value[0], dict) else "as"
    return "s"
