"""docs/reference/document.md: everything a document can say, from the classes of `linkhold.state`."""

import functools
import json
import re
import typing

from generator import markers
from generator.markdown import NOTICE, anchor, code, prose, table, target
from linkhold.foundation.record import Record
from linkhold.state.fields import Field, fields_of
from linkhold.state.forms import is_record_type
from linkhold.state.interfaces import all_kinds
from linkhold.state.interfaces.common import Interface, Untyped
from linkhold.state.network import NetworkState
from linkhold.state.schema import schema

INTRODUCTION: typing.Final = """\
# Network documents: every section, kind and property

A document is a map in YAML or JSON. What it does not mention is left as it is; `null` behind a key is the same as not
writing it. An unknown key, a wrong value and a contradiction are errors, all told together with line and column
(`linkhold validate FILE`).

**Types.** A *number* may also be written as a text (`"100"`) and, where it can't be negative, in hexadecimal (`0x64`). A
*boolean* may also be `0`, `1` or one of the words yes, no, on, off, y, n in any case. Where this is not so, the table
says *strict*. Addresses and networks are brought into their one canonical spelling.

**Default** is what it means on a host that a property is not there; it is not put there for you.

The same as JSON Schema (draft 2020-12), for editors and programs: [document.schema.json](document.schema.json), or
`linkhold schema`. There is an [example](../../examples) for each kind and for many situations."""

INTERFACES: typing.Final = """\
## Interfaces

`interfaces` is a list; each entry names one interface, and its `type` says of which kind it is. Without `type` the
entry speaks of the interface of that name on the host, whatever its kind. The properties of this table go with every kind."""

STATES: typing.Final[dict[str, str]] = {
    "up": "it exists and is up; what an entry without `state` means",
    "down": "it is down; interfaces of virtual kinds exist all the same",
    "absent": "it does not exist; hardware, which can't be removed, loses its addresses and goes down",
    "ignore": "it is left to others, whatever else the document says",
    "unknown": "shown only",
}


def page() -> str:
    """The page."""
    written: set[type[Record]] = {Interface, Untyped}
    parts = [NOTICE, INTRODUCTION, "## Sections", _table(NetworkState)]
    for field in fields_of(NetworkState).values():
        if field.name != "interfaces":
            parts += _records(field, field.key, written)
    parts += [
        INTERFACES,
        _table(Interface),
        "**State.**",
        table(("state", "meaning"), ((code(a), b) for a, b in STATES.items())),
    ]
    for field in fields_of(Interface).values():
        parts += _records(field, field.key, written)
    parts.append("## Kinds")
    kinds = all_kinds()
    parts.append(
        table(("type", "what it is"), ((f"[`{kind}`](#kind-{kind})", _sentence(cls)) for kind, cls in kinds.items()))
    )
    for kind, cls in kinds.items():
        parts += _kind(kind, cls, written)
    return "\n\n".join(parts)


def json_schema() -> str:
    """docs/reference/document.schema.json, as `linkhold schema` prints it."""
    return json.dumps(schema(), indent=1, ensure_ascii=False)


def _kind(kind: str, cls: type[Interface], written: set[type[Record]]) -> typing.Iterator[str]:
    yield f'<a id="kind-{kind}"></a>\n### `type: {kind}`'
    yield _prose(cls) + " " + _facts(kind, cls)
    own = [field for name, field in fields_of(cls).items() if name not in fields_of(Interface)]
    if own:
        yield _rows(own)
        for field in own:
            yield from _records(field, field.key, written)


def _facts(kind: str, cls: type[Interface]) -> str:
    facts = []
    if not cls.virtual:
        facts.append("It is found on the host, not made.")
    if cls.userspace:
        facts.append("It exists in user space only, and may share its name with an interface of the kernel.")
    if not cls.has_own_mac:
        facts.append("Its MAC address can't be set.")
    if cls.can_copy_mac:
        facts.append("It takes `copy-mac-from`.")
    facts.append(f"[Example](../../examples/{kind}.yml).")
    return " ".join(facts)


def _records(field: Field, path: str, written: set[type[Record]]) -> typing.Iterator[str]:
    """The table of each record class that a field leads to, and of those within."""
    for cls in _classes(field.base):
        if cls in written:
            continue
        written.add(cls)
        here = _place(field, path)
        yield f"{target(cls.__name__)}\n#### `{here}`"
        others = [code(place) for place in places().get(cls, ()) if place != here]
        yield _prose(cls) + (f" Also at {', '.join(others)}." if others else "")
        yield _table(cls)
        for inner in fields_of(cls).values():
            yield from _records(inner, f"{here}.{inner.key}", written)


@functools.cache
def places() -> dict[type[Record], tuple[str, ...]]:
    """The paths at which each record class stands in a document; those of the properties of all kinds once."""
    found: dict[type[Record], dict[str, None]] = {}
    for field in (*fields_of(NetworkState).values(), *fields_of(Interface).values()):
        if field.name != "interfaces":
            _find(field, field.key, found)
    for cls in all_kinds().values():
        for name, field in fields_of(cls).items():
            if name not in fields_of(Interface):
                _find(field, field.key, found)
    return {cls: tuple(paths) for cls, paths in found.items()}


def _find(field: Field, path: str, found: dict[type[Record], dict[str, None]]) -> None:
    for cls in _classes(field.base):
        here = _place(field, path)
        found.setdefault(cls, {})[here] = None
        for inner in fields_of(cls).values():
            _find(inner, f"{here}.{inner.key}", found)


def _place(field: Field, path: str) -> str:
    return f"{path}[]" if typing.get_origin(field.base) is tuple else path


def _classes(base: typing.Any) -> list[type[Record]]:
    if is_record_type(base):
        return [base]
    return [cls for argument in typing.get_args(base) for cls in _classes(argument)]


def _table(cls: type[Record]) -> str:
    return _rows(list(fields_of(cls).values()))


def _rows(fields: typing.Sequence[Field]) -> str:
    return table(
        ("property", "type", "default", "meaning"),
        (
            (code(one.key), markers.type_of(one), markers.default_of(one), markers.meaning_of(one, _about(one)))
            for one in fields
        ),
    )


def _about(field: Field) -> str:
    """A sentence for a section that says nothing of itself: that of its class."""
    classes = [cls for cls in _classes(field.base) if cls is not Interface]
    return f"{_sentence(classes[0])} See [there](#{anchor(classes[0].__name__)})." if classes else ""


def _prose(cls: type[Record]) -> str:
    """The docstring of a class, its fields spelled as in documents."""
    keys = {one.name: one.key for one in fields_of(cls).values()}
    return re.sub(r"`(\w+)`", lambda found: code(keys.get(found[1], found[1])), prose(cls.__doc__))


def _sentence(cls: type[Record]) -> str:
    text = _prose(cls).split("\n\n")[0].split("; ")[0].split(". ")[0].rstrip(".")
    return text + "."
