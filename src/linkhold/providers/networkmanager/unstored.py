"""Where what is in force on a device is not what its profile says: somebody saved that (``nmcli connection modify``) and has
not brought it up, or changed the device alone (``nmcli device modify``). A reboot would bring another network.

Compared is what documents have words for; the rest of a profile is nobody's business but its owner's.
"""

import typing

from linkhold.foundation.record import UNSET
from linkhold.planning.diff import differences
from linkhold.providers.networkmanager.profiles import decode_all
from linkhold.providers.networkmanager.reading import SECRET_SETTINGS
from linkhold.providers.networkmanager.values import Settings
from linkhold.state.fields import fields_of
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.ip import Ip

ROUTES: typing.Final = {"route-data": "routes", "routing-rules": "route-rules"}
"""Properties of an IP section that hold what stands elsewhere in a document, and where."""
_FAMILIES: typing.Final = ("ipv4", "ipv6")
_NAMES: typing.Final = ("profile-name", "name")
"""A profile may be called otherwise by now: that is no other network."""


def unstored(in_force: Settings, stored: Settings, name: str) -> tuple[str, ...]:
    """The paths, relative to the interface, in which a profile says otherwise than what is in force; none: it says the same."""
    applied, kept = _compared(in_force), _compared(stored)
    if applied == kept:
        return ()
    paths = [one.path for one in _both_ways(decode_all(applied, name), decode_all(kept, name))]
    for key, path in ROUTES.items():
        if any((applied.get(one, {}).get(key) or []) != (kept.get(one, {}).get(key) or []) for one in _FAMILIES):
            paths.append(path)
    return tuple(one for one in dict.fromkeys(paths) if one not in _NAMES)


def _both_ways(one: Interface, other: Interface) -> typing.Iterator[typing.Any]:
    """Differences tell of what the first value says: of two profiles either may say more."""
    if type(one) is not type(other):
        other = type(one)(name=other.name)
    yield from differences(one, other)
    yield from differences(other, one)


def _compared(settings: Settings) -> Settings:
    """Without secrets, which are read of one of both only, and without what every activation changes."""
    kept = {name: section for name, section in settings.items() if name not in SECRET_SETTINGS}
    connection = {key: value for key, value in settings.get("connection", {}).items() if key not in ("timestamp", "id")}
    return {**kept, "connection": connection}


def as_stored(before: Interface, stored: Settings, in_force: Settings) -> Interface:
    """An interface as its profile would make it, where that says otherwise than what is in force; else as it is.

    Addresses that somebody else gave it are in neither, and stay.
    """
    kept = decode_all(_compared(stored), before.name)  # of a veth, the profile may be that of a card
    first = {path.partition(".")[0].partition("[")[0] for path in unstored(in_force, stored, before.name)}
    changes: dict[str, typing.Any] = {}
    known = fields_of(type(kept))
    for name, field in fields_of(type(before)).items():
        if field.key in first and name in known:
            changes[name] = kept.get(name)
    for family in _FAMILIES:
        if family in changes:
            changes[family] = _with_others(changes[family], before.get(family), in_force, before.name, family)
    return before.replace(**changes)


def _with_others(kept: typing.Any, shown: typing.Any, in_force: Settings, name: str, family: str) -> typing.Any:
    section: typing.Any = decode_all(_compared(in_force), name).get(family)
    if not isinstance(kept, Ip) or not isinstance(shown, Ip) or kept.enabled is False:
        return kept
    ours = {(one.ip, one.prefix_length) for one in section.static} if isinstance(section, Ip) else set()
    others = tuple(one for one in shown.static if (one.ip, one.prefix_length) not in ours)
    return kept.replace(address=(*(kept.static if kept.address is not UNSET else ()), *others))
