"""Immutable values of named fields, of which only those that were *said* are stored.

A `Record` subclass declares its fields as annotated class attributes, like a dataclass::

    class Vlan(Record):
        parent: str | Unset = UNSET
        tag: int                      # no default: must be given

An instance keeps just the fields that were given, in its ``__dict__``; reading any other field falls through to the
class attribute, its default. That one choice makes the rest cheap: "what did the user say" is ``said()``, merging two
records is merging two dicts, equality is dict equality, and declaring a class generates no code (importing the state
model costs microseconds per class, which a command that must start in milliseconds feels).

`UNSET` means *not said: keep what is there*. It differs from ``None`` and from every value, is never stored, and refuses
to be used as a truth value so that ``if interface.mtu:`` cannot confuse "0", "not said" and "said".
"""

import typing


class Unset:
    """The type of `UNSET`."""

    _instance: typing.ClassVar["Unset | None"] = None

    def __new__(cls) -> "Unset":
        if cls._instance is None:
            cls._instance = super().__new__(cls)
        return cls._instance

    def __bool__(self) -> bool:
        raise TypeError("UNSET has no truth value: compare with `is UNSET`")

    def __repr__(self) -> str:
        return "UNSET"

    def __copy__(self) -> "Unset":
        return self

    def __deepcopy__(self, memo: object) -> "Unset":
        return self

    def __reduce__(self) -> str:
        return "UNSET"


UNSET: typing.Final = Unset()


@typing.dataclass_transform(kw_only_default=True, frozen_default=True, eq_default=True)
class Record:
    """Base of all values; see the module's docstring.

    Raises:
        TypeError: an unknown field is given or a field without default is missing.
    """

    _names: typing.ClassVar[tuple[str, ...]] = ()
    _required: typing.ClassVar[frozenset[str]] = frozenset()
    _known: typing.ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls, *, first: tuple[str, ...] = (), **extra: object) -> None:
        """Collect the fields: those of the base class first, unless `first` puts some of them at the front."""
        super().__init_subclass__(**extra)
        own = [name for name, hint in getattr(cls, "__annotations__", {}).items() if not _is_class_variable(hint)]
        cls._names = tuple(dict.fromkeys((*first, *cls._names, *own)))
        cls._known = frozenset(cls._names)
        cls._required = frozenset(name for name in cls._names if not hasattr(cls, name))

    def __init__(self, **said: typing.Any) -> None:
        values, known = self.__dict__, self._known
        for name, value in said.items():
            if value is not UNSET:
                if name not in known:
                    self._complain(said)
                values[name] = value
        for name in self._required:
            if name not in values:
                self._complain(said)

    @classmethod
    def of(cls, values: dict[str, typing.Any]) -> typing.Self:
        """An instance with these fields, for callers who have made sure that they are known, said and complete."""
        record = cls.__new__(cls)
        record.__dict__.update(values)
        return record

    def _complain(self, said: dict[str, object]) -> typing.NoReturn:
        values = {name for name, value in said.items() if value is not UNSET}
        unknown = sorted(values - self._known)
        missing = sorted(self._required - values)
        raise TypeError(f"{type(self).__name__}: unknown fields {unknown}, missing fields {missing}")

    def __setattr__(self, name: str, value: object) -> typing.NoReturn:
        raise AttributeError(f"{type(self).__name__} is immutable: use replace({name}=...)")

    def __delattr__(self, name: str) -> typing.NoReturn:
        raise AttributeError(f"{type(self).__name__} is immutable: use replace({name}=UNSET)")

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((type(self), frozenset((name, _hashable(value)) for name, value in self.__dict__.items())))

    def __repr__(self) -> str:
        inside = ", ".join(f"{name}={self.__dict__[name]!r}" for name in self._names if name in self.__dict__)
        return f"{type(self).__name__}({inside})"

    def __getstate__(self) -> dict[str, typing.Any]:
        """For copies and pickles: the fields, and nothing that is merely remembered beside them."""
        return dict(self.__dict__)

    @classmethod
    def field_names(cls) -> tuple[str, ...]:
        """The field names in order of declaration, base class first."""
        return cls._names

    @classmethod
    def required(cls) -> frozenset[str]:
        """The names of the fields without a default: they must be given."""
        return cls._required

    def said(self) -> dict[str, typing.Any]:
        """The fields that were given, as a fresh dict in order of declaration."""
        values = self.__dict__
        return {name: values[name] for name in self._names if name in values}

    def get(self, name: str) -> typing.Any:
        """The value of a field that was given, else `UNSET` (never its default)."""
        return self.__dict__.get(name, UNSET)

    def replace(self, **changes: typing.Any) -> typing.Self:
        """A copy with some fields changed; a change to `UNSET` takes the field away."""
        return type(self)(**{**self.__dict__, **changes})


def _is_class_variable(hint: object) -> bool:
    return hint is typing.ClassVar or getattr(hint, "__origin__", None) is typing.ClassVar


def _hashable(value: object) -> typing.Any:
    if isinstance(value, dict):
        return frozenset((key, _hashable(inner)) for key, inner in value.items())
    if isinstance(value, list | tuple):
        return tuple(_hashable(inner) for inner in value)
    return value
