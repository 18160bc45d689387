"""Parts of a document: each concern says its own of an interface, and here they become one entry for each."""

import typing

Plain = typing.Any
Fields = typing.Mapping[str, Plain]

OVS_BRIDGE: typing.Final = "ovs-bridge"
_FIRST: typing.Final = ("name", "type", "state")


class Part(typing.NamedTuple):
    """What one concern says of one interface. A bridge of Open vSwitch may have the name of an interface of the kernel."""

    name: str
    fields: Fields

    @property
    def key(self) -> tuple[str, bool]:
        """What the entry is known by in which it ends up."""
        return self.name, self.fields.get("type") == OVS_BRIDGE


def composed(parts: typing.Iterable[Part]) -> list[Plain]:
    """The entries of a document's ``interfaces``, by name. Of two parts that say the same field the later one counts, but an
    interface that goes says nothing else."""
    entries: dict[tuple[str, bool], dict[str, Plain]] = {}
    for part in parts:
        entries[part.key] = merged(entries.get(part.key, {}), part.fields)
    return [_entry(key[0], entries[key]) for key in sorted(entries)]


def merged(one: Fields, other: Fields) -> dict[str, Plain]:
    """Both maps, merged key by key; lists and plain values of the other one replace."""
    both = dict(one)
    for key, value in other.items():
        held = both.get(key)
        both[key] = merged(held, value) if isinstance(held, dict) and isinstance(value, dict) else value
    return both


def _entry(name: str, fields: dict[str, Plain]) -> dict[str, Plain]:
    known = {"name": name, **fields}
    if fields.get("state") == "absent":
        return {key: known[key] for key in _FIRST if key in known}
    rest = sorted(key for key in known if key not in _FIRST)
    return {key: known[key] for key in (*_FIRST, *rest) if key in known}
