"""A field's type, default and markers in words."""

import json
import typing

from generator.markdown import anchor, code
from linkhold.state import forms
from linkhold.state.fields import (
    Advisory,
    ApplyOnly,
    CreateOnly,
    Default,
    Described,
    Field,
    Flaps,
    KernelDetail,
    KeyedBy,
    Marker,
    Names,
    Numbered,
    ReadOnly,
    Resets,
    Secret,
    Strict,
    Unordered,
    Unverified,
    Whole,
)

_M = typing.TypeVar("_M", bound=Marker)
_ANY_NUMBER = (0, 2**32 - 1)

ROLES: typing.Final[dict[str, str]] = {
    "parent": "names the interface it rides on",
    "port": "names interfaces that become its ports",
    "controller": "names the controller whose port it is; '' is none",
    "peer": "names the other end",
    "source": "names an interface",
}


def type_of(field: Field) -> str:
    """The type in a few words."""
    return _form(forms.form_of(field)) + (", strict" if field.has(Strict) else "")


def _form(form: forms.Form) -> str:
    if isinstance(form, forms.Hidden):
        return _form(form.inner)
    if isinstance(form, forms.Flag):
        return "boolean"
    if isinstance(form, forms.Whole):
        return "number" if (form.least, form.most) == _ANY_NUMBER else f"number, {form.least} to {form.most}"
    if isinstance(form, forms.Choice):
        return ", ".join(code(word) if word else "''" for word in form.words)
    if isinstance(form, forms.Section):
        return f"[map](#{anchor(form.cls.__name__)})"
    if isinstance(form, forms.ListOf):
        return f"list of {_form(form.inner)}"
    if isinstance(form, forms.MapOf):
        return f"map of text to {_form(form.inner)}"
    return form.expected.removeprefix("a ")


def default_of(field: Field) -> str:
    """What its absence means on a host."""
    if field.required:
        return "required"
    default = field.marker(Default)
    return code(json.dumps(forms.form_of(field).write(default.value, True), ensure_ascii=False)) if default else ""


def meaning_of(field: Field, about: str) -> str:
    """What the field says, and what its markers say of it."""
    described = field.marker(Described)
    sentences = [described.text if described else about, *(_capital(words) + "." for words in _notes(field))]
    return " ".join(one for one in sentences if one).replace("``", "`")


def _notes(field: Field) -> typing.Iterator[str]:
    for kind, words in WORDS.items():
        marker = field.marker(kind)
        if marker is not None:
            yield words(marker)
    if field.aliases:
        yield "also spelled " + ", ".join(map(code, field.aliases))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _names(marker: Names) -> str:
    return ROLES[marker.role]


def _create_only(marker: CreateOnly) -> str:
    some = "some changes of it replace" if marker.when else "changing it replaces"
    return f"**{some} the interface** (it is deleted and made again)"


def _flaps(marker: Flaps) -> str:
    return "**changing it takes the link down for a moment**" + (f": {marker.why}" if marker.why else "")


def _keyed(marker: KeyedBy) -> str:
    names = " and ".join(code(name.replace("_", "-")) for name in marker.names)
    if marker.grows:
        return f"elements are known by {names}; those that are not mentioned stay"
    return f"elements are known by {names}; the list is whole: what it does not mention goes"


def _unverified(marker: Unverified) -> str:
    return f"not compared after applying: {marker.why}"


WORDS: typing.Final[dict[type[typing.Any], typing.Callable[[typing.Any], str]]] = {
    ReadOnly: lambda _: "*read-only*: shown by a host, ignored in a document",
    ApplyOnly: lambda _: "says something about applying; never shown, stored or compared",
    Secret: lambda _: "*secret*: never printed unless asked for",
    Names: _names,
    CreateOnly: _create_only,
    Flaps: _flaps,
    KeyedBy: _keyed,
    Unordered: lambda _: "the order says nothing",
    Whole: lambda _: "replaces the map there is as a whole",
    Resets: lambda _: "`{}` puts all in it back to defaults",
    Numbered: lambda _: "may also be given as the kernel's number",
    Advisory: lambda _: "a difference after applying is a warning, not a failure",
    Unverified: _unverified,
    KernelDetail: lambda _: "read from the host only where the document or the user asks for it (`show --details`)",
}
"""Every marker that tells a reader something, in the order in which it is told. `Range` and `Length` are in the type."""
