"""Policy documents: captures, and the document with templates that is wanted.

A document is a policy when it has any of the keys `KEYS`. Reading one finds all that can be found without a host: mistakes
in captures and templates, captures that are not there or need each other, unknown keys in what is wanted.
"""

import typing

from linkhold.foundation.diagnostics import Diagnostic, Diagnostics, Invalid, Key, Path, did_you_mean
from linkhold.foundation.record import UNSET, Record, Unset
from linkhold.policy.capture import check
from linkhold.policy.expression import Expression, Mistake, Place, parse, sections
from linkhold.policy.template import is_template, parts
from linkhold.state import document
from linkhold.state.forms import Plain, shown
from linkhold.state.limits import MAX_MISTAKES
from linkhold.state.network import NetworkState
from linkhold.state.text import load

DESIRED: typing.Final = ("desired", "desiredState")
KEYS: typing.Final = ("capture", *DESIRED)
_KNOWN: typing.Final = (*KEYS, "current")
_NEVER_IN_NAMES: typing.Final = frozenset(".|=:\"'{}")
_SURE: typing.Final = frozenset({"unknown-key", "kind"})
"""Mistakes in what is wanted that no template can mend."""
_MOST_COMPARED: typing.Final = 1000
"""Names of captures among which one is looked for that was meant: each mistake costs the time for all of them."""


class Pointed(Diagnostic):
    """A mistake at a place within a text of the document: `position` counts from the beginning of `expression`."""

    expression: str
    position: int


class Policy(Record):
    """A policy that was read. `key` is the one under which what is wanted stands, `wanted` is that as plain data."""

    capture: dict[str, Expression]
    wanted: dict[str, Plain]
    key: str = DESIRED[1]
    current: NetworkState | Unset = UNSET
    text: str | bytes = ""
    source: str = ""
    warnings: tuple[Diagnostic, ...] = ()

    def locate(self, diagnostics: typing.Iterable[Diagnostic]) -> Diagnostics:
        """Diagnostics whose paths begin at the root of the policy, with line and column in its text."""
        return located(diagnostics, self.text, self.source)

    def locate_wanted(self, diagnostics: typing.Iterable[Diagnostic]) -> Diagnostics:
        """The same for diagnostics about the document that came out: what it says was said under `key`."""
        return self.locate(one if one.line else one.replace(path=(self.key, *one.path)) for one in diagnostics)


def is_policy(plain: Plain) -> bool:
    """Whether plain data is a policy rather than a document."""
    return isinstance(plain, dict) and any(key in plain for key in KEYS)


def parse_policy(text: str | bytes, *, source: str = "") -> Policy:
    """The policy that a YAML or JSON text holds.

    Raises:
        Invalid: with all mistakes that can be found without a host, each with its line and column.
    """
    found = Diagnostics()
    plain = load(text, found)
    if plain is UNSET:
        raise Invalid(located(found, text, source))
    return _read(plain, found, text, source)


def read_policy(plain: Plain) -> Policy:
    """The policy that plain data holds.

    Raises:
        Invalid: with all mistakes that can be found without a host; their paths say where, lines are 0.
    """
    return _read(plain, Diagnostics(), "", "")


def _read(plain: Plain, found: Diagnostics, text: str | bytes, source: str) -> Policy:
    if not isinstance(plain, dict):
        found.error("format", (), f"a policy is a map, not {shown(plain)}", expected="a map")
        raise Invalid(located(found, text, source))
    _refuse_unknown(plain, found)
    captures = _captures(plain.get("capture"), found)
    key = next((one for one in DESIRED if one in plain), DESIRED[1])
    wanted = _wanted(plain, key, captures, found)
    current = _current(plain, found)
    told = located(found, text, source)
    if told.errors():
        raise Invalid(told)
    expressions = {name: one for name, one in captures.items() if one is not None}
    said: dict[str, typing.Any] = {"capture": expressions, "wanted": wanted, "key": key, "current": current}
    return Policy(**said, text=text, source=source, warnings=tuple(told))


def _refuse_unknown(plain: dict[str, Plain], found: Diagnostics) -> None:
    for key in plain:
        if key in sections():
            hint = f"put it under {DESIRED[1]}"
            found.error("unknown-key", (key,), f"'{key}' stands beside a policy", expected="a policy's key", hint=hint)
        elif key not in _KNOWN:
            hint = did_you_mean(str(key), _KNOWN)
            found.error("unknown-key", (str(key),), f"unknown key '{key}'", expected="a policy's key", hint=hint)
    if all(key in plain for key in DESIRED):
        found.error("contradiction", (DESIRED[0],), f"'{DESIRED[0]}' and '{DESIRED[1]}' are the same", hint="keep one")


def _captures(plain: Plain, found: Diagnostics) -> dict[str, Expression | None]:
    """The captures by name; None for one with a mistake in it, which is told."""
    if plain is None:
        return {}
    if not isinstance(plain, dict):
        found.error("value", ("capture",), f"{shown(plain)} is not a map", expected="a map of names to captures")
        return {}
    captures = {str(name): _capture(str(name), text, found) for name, text in plain.items() if not enough(found)}
    for name, expression in captures.items():
        if enough(found):
            break
        for place in expression.references if expression else ():
            tell_unknown(place, captures, expression.text if expression else "", ("capture", name), found)
    _refuse_circles({name: one for name, one in captures.items() if one is not None}, found)
    return captures


def _capture(name: str, text: Plain, found: Diagnostics) -> Expression | None:
    path = ("capture", name)
    if not _NEVER_IN_NAMES.isdisjoint(name) or name.split() != [name]:
        found.error("capture", path, f"no path can lead to a capture called '{name}'", expected="letters, digits and -")
    if not isinstance(text, str | None):
        found.error("value", path, f"{shown(text)} is not an expression", expected="a text")
        return None
    try:
        expression = parse(text or "")
        check(expression)
    except Mistake as mistake:
        found.append(pointed(mistake, "capture", path))
        return None
    return expression


def tell_unknown(
    place: Place, captures: typing.Collection[str], text: str, path: Path, found: Diagnostics, code: str = "capture"
) -> None:
    """Tell of a path into a capture that is not there."""
    if place.capture not in captures:
        hint = did_you_mean(place.capture, captures) if len(captures) <= _MOST_COMPARED else ""
        mistake = Mistake(f"there is no capture '{place.capture}'", text, place.position, hint)
        found.append(pointed(mistake, code, path))


def enough(found: Diagnostics) -> bool:
    """Whether looking for more mistakes helps nobody."""
    return len(found) >= MAX_MISTAKES


def pointed(mistake: Mistake, code: str, path: Path) -> Pointed:
    """A mistake in a text that stands at a path of the policy."""
    return Pointed(
        code=code,
        path=path,
        message=mistake.message,
        hint=mistake.hint,
        excerpt=mistake.excerpt,
        expression=mistake.text,
        position=mistake.position,
    )


def _refuse_circles(captures: dict[str, Expression], found: Diagnostics) -> None:
    ordered = set(in_order(captures))
    for name in captures:
        if name in ordered:
            continue
        way = [name]  # each that is left needs another one that is left, so this leads into a circle
        while (
            after := next(one for one in needed_by(captures[way[-1]]) if one in captures and one not in ordered)
        ) not in way:
            way.append(after)
        circle = way[way.index(after) :]
        message = f"captures need each other: {' → '.join((*circle, after))}"
        found.error("capture", ("capture", after), message, hint="let one of them begin with the current state")
        return


def needed_by(expression: Expression) -> tuple[str, ...]:
    """The captures that an expression needs."""
    return tuple(dict.fromkeys(place.capture for place in expression.references))


def in_order(captures: typing.Mapping[str, Expression]) -> list[str]:
    """The names of captures, each after those that it needs; without those that need each other, or need one that does."""
    waiting = {name: {one for one in needed_by(captures[name]) if one in captures} for name in captures}
    users: dict[str, list[str]] = {}
    for name, needed in waiting.items():
        for one in needed:
            users.setdefault(one, []).append(name)
    ordered = [name for name, needed in waiting.items() if not needed]
    for name in ordered:  # grows meanwhile
        for user in users.get(name, ()):
            waiting[user].discard(name)
            if not waiting[user]:
                ordered.append(user)
    return ordered


def _wanted(
    plain: dict[str, Plain], key: str, captures: typing.Collection[str], found: Diagnostics
) -> dict[str, Plain]:
    wanted = plain.get(key)
    if wanted is None:
        return {}
    if not isinstance(wanted, dict):
        found.error("value", (key,), f"{shown(wanted)} is not a map", expected="a map of sections")
        return {}
    templates: set[Path] = set()
    bare = _without_templates(wanted, (), templates)
    for path in sorted(templates, key=str):
        if enough(found):
            break
        _check_template(text_at(wanted, path), (key, *path), captures, found)
    told = Diagnostics()
    document.read_into(bare, told)
    found += [one.replace(path=(key, *one.path)) for one in told if _counts(one, templates)]
    return wanted


def _without_templates(plain: Plain, path: Path, templates: set[Path]) -> Plain:
    """What is wanted as if nothing was said where templates are; their paths."""
    if is_template(plain):
        templates.add(path)
        return None
    if isinstance(plain, dict):
        return {key: _without_templates(inner, (*path, str(key)), templates) for key, inner in plain.items()}
    if isinstance(plain, list):
        inner = [_without_templates(one, (*path, index), templates) for index, one in enumerate(plain)]
        return [one for one, before in zip(inner, plain, strict=True) if not is_template(before)]
    return plain


def text_at(plain: Plain, path: Path) -> str:
    """The text at a path of keys and positions."""
    for step in path:
        plain = plain[step]
    return typing.cast("str", plain)


def _check_template(text: str, path: Path, captures: typing.Collection[str], found: Diagnostics) -> None:
    try:
        for one in parts(text):
            if isinstance(one, Place):
                tell_unknown(one, captures, text, path, found, "template")
    except Mistake as mistake:
        found.append(pointed(mistake, "template", path))


def _counts(one: Diagnostic, templates: set[Path]) -> bool:
    """Whether a mistake in what is wanted is one whatever the templates give."""
    if one.code in _SURE or not templates:
        return True
    if one.code != "value":
        return False
    at = tuple(step.position if isinstance(step, Key) else step for step in one.path)
    return not any(path[: len(at)] == at for path in templates)


def _current(plain: dict[str, Plain], found: Diagnostics) -> NetworkState | Unset:
    held = plain.get("current")
    if held is None:
        return UNSET
    told = Diagnostics()
    state = document.read_into(held, told)
    found += [one.replace(path=("current", *one.path)) for one in told]
    return state if isinstance(state, NetworkState) else UNSET


def located(diagnostics: typing.Iterable[Diagnostic], text: str | bytes, source: str) -> Diagnostics:
    """The diagnostics with line and column; of a mistake within a text on one line, the very place."""
    told = document.locate_all(diagnostics, text, source=source)
    lines = _lines(text) if any(isinstance(one, Pointed) for one in told) else []
    return Diagnostics(_exactly(one, lines) if isinstance(one, Pointed) else one for one in told)


def _lines(text: str | bytes) -> list[str]:
    return (text if isinstance(text, str) else text.decode("utf-8", "replace")).split("\n")


def _exactly(one: Pointed, lines: list[str]) -> Diagnostic:
    if not 0 < one.line <= len(lines):
        return one
    line, start = lines[one.line - 1], one.column - 1
    start += line[start : start + 1] in ('"', "'")
    if one.position and line.startswith(one.expression, start):
        return one.replace(column=start + one.position + 1, position=0)
    return one
