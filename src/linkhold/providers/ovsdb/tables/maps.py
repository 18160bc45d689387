"""The two free maps that rows of every table have."""

import typing

from linkhold.foundation.record import UNSET
from linkhold.providers.ovsdb.notation import Row, Value, as_map, as_set, mapping
from linkhold.state.ovs import OvsDatabase

COLUMNS: typing.Final = ("external_ids", "other_config")


def decode(row: Row) -> typing.Any:
    """The maps that are not empty; `UNSET` where both are."""
    said: typing.Any = {name: found for name in COLUMNS if (found := mapping(row[name]))}
    return OvsDatabase(**said) if said else UNSET


def encode(section: typing.Any) -> Row:
    """The columns of a new row."""
    return {name: as_map(_kept(section, name)) for name in COLUMNS if _kept(section, name)}


def changes(before: typing.Any, after: typing.Any, row: Row) -> list[Value]:
    """Mutations (RFC 7047, 5.1) of the keys in which two sections differ, as far as a row is not so yet.

    Key by key, since other programs (OVN, a hypervisor) write keys of their own into the same maps.
    """
    found: list[Value] = []
    for name in COLUMNS:
        if after is UNSET or after.get(name) is UNSET:
            continue
        wanted, there = _kept(after, name), mapping(row[name])
        gone = {key for key in _kept(before, name) if key not in wanted and key in there}
        new = {key: text for key, text in wanted.items() if there.get(key) != text}
        found += mutations(name, gone | (new.keys() & there.keys()), new)
    return found


def mutations(column: str, gone: typing.Collection[str], new: typing.Mapping[str, str]) -> list[Value]:
    """Mutations of one map: an insertion leaves a key that is there as it is, so that one is taken away first."""
    found: list[Value] = []
    if gone:
        found.append([column, "delete", as_set(sorted(gone))])
    if new:
        found.append([column, "insert", as_map(new)])
    return found


def _kept(section: typing.Any, name: str) -> dict[str, str]:
    held: typing.Any = UNSET if section is UNSET else section.get(name)
    return {} if held is UNSET else {key: text for key, text in held.items() if text is not None}
