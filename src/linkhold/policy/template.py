"""Templates: texts of a document in which ``{{ capture.NAME.path }}`` stands for what a capture found.

A text that is nothing but one template becomes what the path leads to, be it a text, a number, a list or a map; where there
is something before or after it, that has to be a text or a number. One text may hold several.
"""

import typing

from linkhold.policy.capture import State, one_at
from linkhold.policy.expression import Mistake, Place, path
from linkhold.state.forms import Plain, shown

_OPEN: typing.Final = "{{"
_CLOSE: typing.Final = "}}"

Part = str | Place
"""What a text is made of: itself, and paths into captures."""


def parts(text: str) -> tuple[Part, ...]:
    """A text taken apart; only itself where there is no template in it.

    Raises:
        Mistake: a template has no end, or no path into a capture in it.
    """
    found: list[Part] = []
    position = 0
    while (start := text.find(_OPEN, position)) >= 0:
        end = text.find(_CLOSE, start)
        if end < 0:
            raise Mistake("this template has no end", text, start, hint="close it with }}")
        if start > position:
            found.append(text[position:start])
        found.append(_place(text, start + len(_OPEN), end))
        position = end + len(_CLOSE)
    if position < len(text) or not found:
        found.append(text[position:])
    return tuple(found)


def _place(text: str, start: int, end: int) -> Place:
    inside = text[start:end]
    word = inside.strip()
    position = start + len(inside) - len(inside.lstrip())
    hint = "as in {{ capture.NAME.interfaces.0.name }}"
    if not word:
        raise Mistake("this template is empty", text, start, hint=hint)
    if word.split() != [word]:
        raise Mistake("a template holds one path", text, position + len(word.split()[0]) + 1, hint=hint)
    place = path(text, word, position) if word.startswith("capture.") else None
    if place is None:
        raise Mistake("a template begins with capture.NAME", text, position, hint=hint)
    if not place.steps:
        raise Mistake("a capture as a whole is no value", text, position, hint=hint)
    return place


def is_template(plain: Plain) -> bool:
    """Whether plain data is a text with a template in it."""
    return isinstance(plain, str) and _OPEN in plain


def filled(text: str, captured: typing.Mapping[str, State]) -> Plain:
    """A text with its templates filled in.

    Raises:
        Mistake: a path leads nowhere, or to a list or map where only a part of a text is wanted.
    """
    found = parts(text)
    places = [one for one in found if isinstance(one, Place)]
    if len(places) == 1 and not "".join(one for one in found if isinstance(one, str)).strip():
        return one_at(places[0], captured[places[0].capture], text)
    return "".join(one if isinstance(one, str) else _within(one, captured, text) for one in found)


def _within(place: Place, captured: typing.Mapping[str, State], text: str) -> str:
    value = one_at(place, captured[place.capture], text)
    if isinstance(value, bool) or not isinstance(value, str | int):
        message = f"{place} is {shown(value)}, which can't be a part of a text"
        raise Mistake(message, text, place.position, hint="let the template stand alone")
    return str(value)
