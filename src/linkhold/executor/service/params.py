"""What a verb may be given: names, kinds and defaults, checked before anything else looks at it."""

import typing

Plain = dict[str, typing.Any]

REQUIRED: typing.Final = object()
"""Instead of a default: it has to be given."""


class Mistaken(ValueError):
    """The params are not those of the verb; the message tells every mistake."""


class Param(typing.NamedTuple):
    """One param. `words` say what it is to be, for people."""

    words: str
    accepts: typing.Callable[[typing.Any], bool]
    default: typing.Any = REQUIRED


def _is_number(value: typing.Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < float("inf")


def _is_whole(value: typing.Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def text(default: typing.Any = REQUIRED) -> Param:
    """A text of at most 1,000 characters."""
    return Param("a text", lambda value: isinstance(value, str) and len(value) <= 1000, default)


def flag(default: typing.Any = REQUIRED) -> Param:
    """True or false."""
    return Param("true or false", lambda value: isinstance(value, bool), default)


def whole(default: typing.Any = REQUIRED, *, least: int = 0) -> Param:
    """A whole number."""
    return Param(f"a whole number from {least} on", lambda value: _is_whole(value) and value >= least, default)


def number(default: typing.Any = REQUIRED) -> Param:
    """A finite number that is not negative."""
    return Param("a number that is not negative", lambda value: _is_number(value) and value >= 0, default)


def mapping(default: typing.Any = REQUIRED) -> Param:
    """A map (what is in it is for somebody else to check)."""
    return Param("a map", lambda value: isinstance(value, dict), default)


def anything(default: typing.Any = REQUIRED) -> Param:
    """Whatever JSON can say, since its reader knows best how to complain."""
    return Param("anything", lambda value: True, default)


def texts(default: typing.Any = REQUIRED) -> Param:
    """A list of texts."""

    def accepts(value: typing.Any) -> bool:
        return isinstance(value, list) and len(value) <= 1000 and all(isinstance(one, str) for one in value)

    return Param("a list of texts", accepts, default)


def checked(shape: typing.Mapping[str, Param], given: Plain) -> Plain:
    """The params with their defaults.

    Raises:
        Mistaken: one is missing, unknown or of another kind.
    """
    mistakes = [f"unknown: '{name}'" for name in given if name not in shape]
    result: Plain = {}
    for name, param in shape.items():
        if name not in given:
            if param.default is REQUIRED:
                mistakes.append(f"missing: '{name}' ({param.words})")
            result[name] = param.default
        elif param.accepts(given[name]):
            result[name] = given[name]
        else:
            mistakes.append(f"'{name}' is not {param.words}")
    if mistakes:
        raise Mistaken("; ".join(mistakes))
    return result
