"""Markers: what a field of the state *is*, said once, beside its type.

A kind's file says ``tag: Annotated[int | Unset, Spelled("id"), Range(0, 4095), CreateOnly()] = UNSET`` and every stage
(reading, printing, JSON Schema, merging, differences, order, verification, risk) is derived from that. `fields_of` reads
the annotations of a class once, on first use.
"""

import functools
import types
import typing

from linkhold.foundation.record import Record, Unset
from linkhold.foundation.remembered import remembered

_M = typing.TypeVar("_M")
Role = typing.Literal["parent", "port", "controller", "peer", "source"]


class Marker:
    """Base of all markers; compares by content."""

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.__dict__ == self.__dict__

    def __hash__(self) -> int:
        return hash((type(self), tuple(sorted(self.__dict__.items()))))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{key}={value!r}' for key, value in self.__dict__.items())})"


class Spelled(Marker):
    """The key in the document where it differs from the name with dashes; then other keys accepted for it."""

    def __init__(self, key: str, *aliases: str) -> None:
        self.key, self.aliases = key, aliases


class Range(Marker):
    """Least and greatest number accepted, both included."""

    def __init__(self, least: int, most: int) -> None:
        self.least, self.most = least, most


class Length(Marker):
    """Least and greatest length of a text, in bytes of UTF-8, or of a list, in elements."""

    def __init__(self, least: int, most: int) -> None:
        self.least, self.most = least, most


class Strict(Marker):
    """No coercion: ``"1"`` is not a number and ``"yes"`` is not a boolean here (as in nmstate, 1.1)."""


class Numbered(Marker):
    """A choice that may also be given as the kernel's number.

    Without arguments the numbers are the positions in the `Literal`; else one number for each, in the same order.
    """

    def __init__(self, *numbers: int) -> None:
        self.numbers = numbers


class Names(Marker):
    """The text is the name of another interface: order and existence follow from it."""

    def __init__(self, role: Role) -> None:
        self.role = role


class CreateOnly(Marker):
    """Can be set only while the interface is made: a difference means replacing it.

    With `when`, only some differences do: it is given both values (`UNSET` for none). Whoever does not ask it may
    take the field as create-only always; that replaces more than needed, and is never wrong.
    """

    def __init__(self, when: typing.Callable[[typing.Any, typing.Any], bool] | None = None) -> None:
        self.when = when

    def replaces(self, before: object, after: object) -> bool:
        """Whether this difference needs the interface to be made anew."""
        return self.when is None or self.when(before, after)


class Flaps(Marker):
    """Changing it in place takes the link down for a moment."""

    def __init__(self, why: str = "") -> None:
        self.why = why


class ReadOnly(Marker):
    """Shown by the host; accepted and ignored in a document that is applied."""


class ApplyOnly(Marker):
    """Says something about the applying; never shown by the host and not part of what is stored or verified."""


class Secret(Marker):
    """Never printed unless asked for; see `HIDDEN`."""


class Default(Marker):
    """What the absence of the field on a host means, for comparing: absent and this value are equal."""

    def __init__(self, value: object) -> None:
        self.value = value


class Unordered(Marker):
    """The order of this list says nothing: it is sorted when read, and compared so."""


class KeyedBy(Marker):
    """Elements of this list are known by these fields: merged and compared element by element.

    With `grows`, elements that the user does not mention stay (else the list is replaced as a whole); an empty list then
    means: take all settings back.
    """

    def __init__(self, *names: str, grows: bool = False) -> None:
        self.names, self.grows = names, grows


class Whole(Marker):
    """This map (or section) replaces the one there is as a whole, else maps are merged key by key; in a free map a null
    takes a key away."""


class Resets(Marker):
    """An empty map for this section puts all in it back to defaults (instead of saying nothing)."""


class Advisory(Marker):
    """A difference after applying is a warning, never a failed verification; on a section it holds for all in it."""


class Unverified(Marker):
    """Not compared after applying, for the reason given; with `when`, only where it holds for the record around it."""

    def __init__(self, why: str, when: typing.Callable[[typing.Any], bool] | None = None) -> None:
        self.why, self.when = why, when

    def holds(self, record: Record) -> bool:
        """Whether the field is left out of comparing in this record."""
        return self.when is None or self.when(record)


class KernelDetail(Marker):
    """Read from the host only where the document or the user asks for this group, as it costs extra calls."""

    def __init__(self, group: str) -> None:
        self.group = group


class Described(Marker):
    """A sentence for the JSON Schema and the reference pages."""

    def __init__(self, text: str) -> None:
        self.text = text


HIDDEN: typing.Final = "<_password_hid_by_nmstate>"
"""Stands for a secret on output; on input it means: keep the one stored (nmstate's spelling, 1.1)."""


class Field:
    """One field of a class, its annotation taken apart.

    `base` is the type without `Unset` and without ``Annotated``; `markers` are the `Marker` and `Form` objects beside it.
    """

    __slots__ = ("aliases", "base", "key", "markers", "name", "required")

    def __init__(self, name: str, hint: object, *, required: bool, underscored: bool) -> None:
        self.name = name
        self.base, self.markers = _take_apart(hint)
        self.required = required
        spelled = self.marker(Spelled)
        self.key: str = spelled.key if spelled else name if underscored else name.replace("_", "-")
        self.aliases: tuple[str, ...] = spelled.aliases if spelled else ()

    def marker(self, kind: type[_M]) -> _M | None:
        """The marker of this type, if the field has one."""
        for one in self.markers:
            if isinstance(one, kind):
                return one
        return None

    def has(self, kind: type[Marker]) -> bool:
        """Whether the field has a marker of this type."""
        return self.marker(kind) is not None

    def __repr__(self) -> str:
        return f"Field({self.name!r}, {self.base!r}, {self.markers!r})"


def _take_apart(hint: object) -> tuple[typing.Any, tuple[object, ...]]:
    markers: list[object] = []
    while True:
        if typing.get_origin(hint) is typing.Annotated:
            markers += typing.get_args(hint)[1:]
            hint = typing.get_args(hint)[0]
        elif isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
            others = [one for one in typing.get_args(hint) if one is not Unset]
            if len(others) != 1:
                return functools.reduce(lambda left, right: left | right, others), tuple(markers)
            hint = others[0]
        else:
            return hint, tuple(markers)


@remembered
def fields_of(cls: type[Record]) -> dict[str, Field]:
    """The fields of a record class by name, in order of declaration (base class first).

    A class with ``underscored = True`` spells its keys with underscores in documents (bond options, OVSDB).
    """
    hints = typing.get_type_hints(cls, include_extras=True)
    underscored = getattr(cls, "underscored", False)
    return {
        name: Field(name, hints[name], required=not hasattr(cls, name), underscored=underscored)
        for name in cls.field_names()
    }
