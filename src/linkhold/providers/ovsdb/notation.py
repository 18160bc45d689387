"""How values are spelled in OVSDB's JSON: RFC 7047, section 5.1.

An atom stands for itself; a set of one element is spelled like that element. Rows are known by UUIDs, in one transaction
also by names that it gives to rows it inserts.
"""

import typing

from linkhold.foundation.record import UNSET, Unset

Value = typing.Any
Row = dict[str, Value]
"""A row as the server tells it: values by column, spelled in JSON."""

Uuid = str
"""A row's UUID, or the name (`NEW`) of one that this transaction inserts."""

NEW: typing.Final = "row"
"""How the names of new rows begin: no UUID does (`r` is no hexadecimal digit)."""


def elements(value: Value) -> tuple[Value, ...]:
    """The elements of a set."""
    if isinstance(value, list) and value[0] == "set":
        return tuple(value[1])
    return (value,)


def mapping(value: Value) -> dict[str, str]:
    """A map of texts, sorted by key."""
    return dict(sorted((key, text) for key, text in value[1]))


def optional(value: Value) -> Value | Unset:
    """The element of a set of at most one, `UNSET` where it is empty."""
    found = elements(value)
    return found[0] if found else UNSET


def uuids(value: Value) -> tuple[Uuid, ...]:
    """The rows that a column refers to."""
    return tuple(one[1] for one in elements(value))


def as_set(values: typing.Iterable[Value]) -> Value:
    """A set."""
    return ["set", list(values)]


def as_map(values: typing.Mapping[str, str]) -> Value:
    """A map."""
    return ["map", [[key, value] for key, value in sorted(values.items())]]


def reference(row: Uuid) -> Value:
    """A row, as a value."""
    return ["named-uuid" if row.startswith(NEW) else "uuid", row]


def references(rows: typing.Iterable[Uuid]) -> Value:
    """A set of rows."""
    return as_set(reference(row) for row in rows)


def is_row(row: Uuid) -> Value:
    """The condition that picks one row."""
    return [["_uuid", "==", reference(row)]]
