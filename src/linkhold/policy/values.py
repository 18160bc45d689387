"""Values in plain data (maps, lists, texts, numbers) by path: finding, comparing, setting, and keeping only some.

What is found is compared as what it is: ``02:ab`` and ``02:AB`` are one MAC address, ``1500`` is 1500, ``yes`` is true.
The form of the field knows; where there is none, texts are compared.
"""

import typing

from linkhold.foundation.diagnostics import Diagnostics
from linkhold.foundation.record import UNSET, Record
from linkhold.policy.expression import Step
from linkhold.state.fields import fields_of
from linkhold.state.forms import Form, ListOf, Plain, Section, form_of
from linkhold.state.interfaces import KINDS, kind_class
from linkhold.state.interfaces.common import Interface
from linkhold.state.scalars import Text

Steps = typing.Sequence[Step]


def values_at(plain: Plain, steps: Steps) -> list[Plain]:
    """All values that a path leads to; through a list without saying which element it leads to those of each."""
    if not steps:
        return [plain]
    step, rest = steps[0], steps[1:]
    if isinstance(plain, dict):
        return values_at(plain[step.name], rest) if step.name in plain else []
    if isinstance(plain, list):
        if step.number is not None:
            return values_at(plain[step.number], rest) if step.number < len(plain) else []
        return [value for element in plain for value in values_at(element, steps)]
    return []


def changed(plain: Plain, steps: Steps, value: Plain) -> Plain:
    """A copy with `value` at a path, maps on the way made where they are missing; None takes what is there away."""
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    if isinstance(plain, list):
        if step.number is None:
            return [changed(element, steps, value) for element in plain]
        found = [changed(one, rest, value) if index == step.number else one for index, one in enumerate(plain)]
        return [one for index, one in enumerate(found) if one is not None or index != step.number]
    if not isinstance(plain, dict):
        return {step.name: changed({}, rest, value)} if value is not None else plain
    if value is None and step.name not in plain:
        return plain
    inner = changed(plain.get(step.name, {}), rest, value)
    if inner is None:
        return {key: other for key, other in plain.items() if key != step.name}
    return {**plain, step.name: inner}


def only(plain: Plain, steps: Steps) -> Plain:
    """What a path leads to, with nothing beside it on the way; None where it leads nowhere."""
    if not steps:
        return plain
    step, rest = steps[0], steps[1:]
    if isinstance(plain, dict) and step.name in plain:
        inner = only(plain[step.name], rest)
        return None if inner is None else {step.name: inner}
    if isinstance(plain, list):
        chosen = plain[step.number : step.number + 1] if step.number is not None else plain
        kept = [only(one, rest if step.number is not None else steps) for one in chosen]
        return [one for one in kept if one is not None] or None
    return None


def form_at(cls: type[Record], steps: Steps) -> Form | None:
    """How the field at a path below a record of this class is read; None where the model does not know it."""
    form: Form | None = None
    inner: type[Record] | None = cls
    for step in steps:
        if step.number is not None and isinstance(form, ListOf):
            form = form.inner
        elif inner is not None:
            keys = {key: one for one in fields_of(inner).values() for key in (one.key, *one.aliases)}
            form = form_of(keys[step.name]) if step.name in keys else None
        else:
            return None
        held = form.inner if isinstance(form, ListOf) else form
        inner = held.cls if isinstance(held, Section) else None
    return form.inner if isinstance(form, ListOf) else form


def class_of(element: Plain, otherwise: type[Record]) -> type[Record]:
    """The class that reads an element of a list: of interfaces, the class of their kind."""
    if otherwise is not Interface or not isinstance(element, dict):
        return otherwise
    kind = element.get("type")
    return kind_class(kind) if kind in KINDS else Interface


def equal(value: Plain, wanted: Plain, form: Form | None) -> bool:
    """Whether two values are the same, as the field reads them; of a list of values, whether any is."""
    if value == wanted:
        return True
    if isinstance(value, list) and not isinstance(wanted, list):
        return any(equal(one, wanted, form) for one in value)
    if isinstance(value, dict | list) or isinstance(wanted, dict | list) or value is None or wanted is None:
        return False
    if form is not None:
        one, other = (form.read(raw, (), Diagnostics()) for raw in (_typed(value, form), _typed(wanted, form)))
        if one is not UNSET and other is not UNSET:
            return bool(one == other)
    return spelled(value) == spelled(wanted)


def meant(word: str, form: Form | None) -> Plain:
    """What an unquoted word stands for in a field: a number or a truth value, unless the field holds texts."""
    return word if form is None else _typed(word, form)


def _typed(value: Plain, form: Form) -> Plain:
    if not isinstance(value, str) or isinstance(form, Text):
        return value
    if value in ("true", "false"):
        return value == "true"
    return int(value) if value.isascii() and value.isdigit() and len(value) < 20 else value


def spelled(value: Plain) -> str:
    """A single value as a document would spell it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
