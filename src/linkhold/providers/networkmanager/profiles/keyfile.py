"""Profiles as NetworkManager's key files, and back (nm-settings-keyfile(5), `src/libnm-core-impl/nm-keyfile.c`)."""

import typing

from linkhold.providers.networkmanager.profiles.draft import Settings
from linkhold.providers.networkmanager.profiles.keyfile_routes import (
    address_text,
    read_address,
    read_route,
    read_rule,
    route_texts,
    rule_text,
)
from linkhold.providers.networkmanager.profiles.keyfile_special import (
    SPELLINGS,
    peer_lines,
    read_peer,
    read_vf,
    vf_text,
)
from linkhold.providers.networkmanager.profiles.keyfile_text import (
    Groups,
    escaped,
    joined,
    parse,
    render,
    split,
    unescaped,
)
from linkhold.providers.networkmanager.profiles.resolving import texts
from linkhold.providers.networkmanager.profiles.signatures import signature_of

SUFFIX: typing.Final = ".nmconnection"

_ALIASES: typing.Final = {
    "802-3-ethernet": "ethernet",
    "802-11-wireless": "wifi",
    "802-11-wireless-security": "wifi-security",
}
"""Settings with a shorter name in files; also as the type of a profile."""
_SETTINGS: typing.Final = {alias: setting for setting, alias in _ALIASES.items()}

_SPREAD: typing.Final[dict[tuple[str, str], str]] = {
    ("bond", "options"): "",
    ("user", "data"): "",
    ("vpn", "data"): "",
    ("ovs-external-ids", "data"): "data.",
    ("ovs-other-config", "data"): "data.",
}
"""Maps whose keys stand in the group of the setting, after this."""

_FIRST: typing.Final = ("connection",)
_FAMILIES: typing.Final = ("ipv4", "ipv6")
_PEER: typing.Final = "wireguard-peer."
_SECRETS: typing.Final = "vpn-secrets"
_TYPES: typing.Final = ("type", "port-type", "slave-type")


def write(settings: Settings) -> str:
    """The text of a profile. Empty values are left out; the rest is sorted, ``connection`` first."""
    groups: Groups = {}
    for setting in sorted(settings, key=lambda name: (name not in _FIRST, name)):
        lines = groups.setdefault(_ALIASES.get(setting, setting), {})
        for key in sorted(settings[setting]):
            _write(setting, key, settings[setting][key], lines, groups)
    return render(groups)


def _write(setting: str, key: str, value: typing.Any, lines: dict[str, str], groups: Groups) -> None:
    if (setting, key) in _SPREAD:
        prefix = _SPREAD[setting, key]
        lines |= {prefix + _key(name): escaped(inner) for name, inner in sorted(value.items())}
    elif (setting, key) == ("vpn", "secrets"):
        groups[_SECRETS] = {_key(name): escaped(inner) for name, inner in sorted(value.items())}
    elif (setting, key) == ("wireguard", "peers"):
        groups |= {_PEER + one["public-key"]: peer_lines(one) for one in value}
    elif (setting, key) == ("sriov", "vfs"):
        lines |= {f"vf.{one['index']}": vf_text(one) for one in value}
    elif setting in _FAMILIES and key in _LISTED:
        _LISTED[key](value, lines)
    elif setting in _FAMILIES and key in ("addresses", "routes"):
        return  # said by address-data and route-data
    elif value not in ([], {}, "", None):
        lines[_name(setting, key)] = _text(setting, key, value)


def _name(setting: str, key: str) -> str:
    """What a property is called in files."""
    if key == "assigned-mac-address":
        return "cloned-mac-address"
    return "dns" if setting in _FAMILIES and key == "dns-data" else key


def _key(name: str) -> str:
    """A key that is somebody's text: what would end it is written as the code of its bytes (nm_keyfile_key_encode)."""
    plain = name.encode()
    special = b"=[]\\\n\r\t"
    encoded = "".join(f"\\{byte:02X}" if byte in special or byte > 0x7E else chr(byte) for byte in plain)
    if encoded.startswith(" "):
        encoded = "\\20" + encoded[1:]
    return encoded[:-1] + "\\20" if encoded.endswith(" ") else encoded


def _read_key(raw: str) -> str:
    plain, index = bytearray(), 0
    while index < len(raw):
        code = raw[index + 1 : index + 3]
        if raw[index] == "\\" and len(code) == 2 and all(digit in "0123456789abcdefABCDEF" for digit in code):
            plain.append(int(code, 16))
            index += 3
        else:
            plain += raw[index].encode()
            index += 1
    return plain.decode(errors="replace")


def _text(setting: str, key: str, value: typing.Any) -> str:
    spelling = SPELLINGS.get((setting, key))
    if spelling is not None:
        return escaped(spelling.to(value))
    if setting in _FAMILIES and key == "dns":
        return joined(texts(setting, value))
    if setting == "connection" and key in _TYPES:
        return _ALIASES.get(value, str(value))
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, bytes):
        return joined(str(byte) for byte in value)
    if isinstance(value, list):
        return joined(map(str, value))
    return escaped(str(value))


def _write_addresses(value: list[typing.Any], lines: dict[str, str]) -> None:
    lines |= {f"address{number}": address_text(one) for number, one in enumerate(value, 1)}


def _write_routes(value: list[typing.Any], lines: dict[str, str]) -> None:
    for number, one in enumerate(value, 1):
        lines[f"route{number}"], options = route_texts(one)
        if options:
            lines[f"route{number}_options"] = options


def _write_rules(value: list[typing.Any], lines: dict[str, str]) -> None:
    lines |= {f"routing-rule{number}": rule_text(one) for number, one in enumerate(value, 1)}


_LISTED: typing.Final[dict[str, typing.Callable[[list[typing.Any], dict[str, str]], None]]] = {
    "address-data": _write_addresses,
    "route-data": _write_routes,
    "routing-rules": _write_rules,
}


def read(text: str) -> Settings:
    """The profile in a text. Properties whose type is not known come as the texts that stand there.

    Raises:
        ValueError: it is not the text of a key file, or a value does not suit its property.
    """
    settings: Settings = {}
    for group, lines in parse(text).items():
        if group.startswith(_PEER):
            peers = settings.setdefault("wireguard", {}).setdefault("peers", [])
            peers.append(read_peer(group.removeprefix(_PEER), lines))
        elif group == _SECRETS:
            settings.setdefault("vpn", {})["secrets"] = {_read_key(key): unescaped(raw) for key, raw in lines.items()}
        else:
            setting = _SETTINGS.get(group, group)
            settings.setdefault(setting, {}).update(_read_setting(setting, lines))
    return settings


def _read_setting(setting: str, lines: dict[str, str]) -> dict[str, typing.Any]:
    spread = next(((key, prefix) for (name, key), prefix in _SPREAD.items() if name == setting), None)
    if setting in _FAMILIES:
        return _read_family(setting, lines)
    section: dict[str, typing.Any] = {}
    for key, raw in lines.items():
        known = signature_of(setting, key) and key != "options"
        if setting == "sriov" and key.startswith("vf."):
            section.setdefault("vfs", []).append(read_vf(int(key[3:]), unescaped(raw)))
        elif spread is not None and key.startswith(spread[1]) and not known:
            section.setdefault(spread[0], {})[_read_key(key.removeprefix(spread[1]))] = unescaped(raw)
        else:
            name = "assigned-mac-address" if key == "cloned-mac-address" else key
            section[name] = _value(setting, name, raw)
    return section


def _read_family(setting: str, lines: dict[str, str]) -> dict[str, typing.Any]:
    section: dict[str, typing.Any] = {}
    numbered: dict[str, list[tuple[int, str]]] = {"address": [], "route": [], "routing-rule": []}
    for key, raw in lines.items():
        word = key.rstrip("0123456789")
        if word in numbered and word != key:
            numbered[word].append((int(key[len(word) :]), unescaped(raw)))
        elif word.endswith("_options") or key.endswith("_options"):
            continue
        elif key == "dns":
            section["dns-data"] = split(raw)
        else:
            section[key] = _value(setting, key, raw)
    _read_listed(setting, section, {word: sorted(found) for word, found in numbered.items()}, lines)
    return section


def _read_listed(
    setting: str, section: dict[str, typing.Any], numbered: dict[str, list[tuple[int, str]]], lines: dict[str, str]
) -> None:
    for _, text in numbered["address"]:
        entry, gateway = read_address(text)
        section.setdefault("address-data", []).append(entry)
        if gateway:
            section.setdefault("gateway", gateway)
    for number, text in numbered["route"]:
        entry = read_route(text, unescaped(lines.get(f"route{number}_options", "")))
        section.setdefault("route-data", []).append(entry)
    for _, text in numbered["routing-rule"]:
        section.setdefault("routing-rules", []).append(read_rule(text, setting == "ipv6"))


def _value(setting: str, key: str, raw: str) -> typing.Any:
    spelling = SPELLINGS.get((setting, key))
    if spelling is not None:
        return spelling.back(unescaped(raw))
    if setting == "connection" and key in _TYPES:
        return _SETTINGS.get(raw, raw)
    signature = signature_of(setting, key)
    if signature == "b":
        return raw.lower() in ("true", "1", "yes", "on")
    if signature in ("i", "u", "x", "t", "y", "q", "n"):
        return int(raw, 0)
    if signature == "as":
        return split(raw)
    if signature == "ay":
        return bytes(int(byte) for byte in split(raw))
    return unescaped(raw)
