"""Documents: text to a `NetworkState` with every mistake told at once, and a `NetworkState` to text.

Reading is ``parse`` (text) or ``read`` (plain data); printing is ``to_yaml``, ``to_json`` or ``to_plain``. What is printed
reads back as the same value; only the order of interfaces is that of their names.
"""

import typing

from linkhold.foundation.diagnostics import Diagnostic, Diagnostics, Invalid, Path
from linkhold.foundation.garbage import uncollected
from linkhold.foundation.record import UNSET, Record
from linkhold.state import forms
from linkhold.state.forms import Plain, read_record, write_record
from linkhold.state.interfaces.common import Interface
from linkhold.state.limits import MAX_MISTAKES, TextError
from linkhold.state.network import NetworkState
from linkhold.state.text import decode, load

_AT_THE_KEY = frozenset({"unknown-key", "contradiction", "policy", "format"})
_POLICY = ("capture", "desired", "desiredState", "desired-state")
_MEANT = {
    "dns": "did you mean 'dns-resolver'?",
    "resolver": "did you mean 'dns-resolver'?",
    "rules": "did you mean 'route-rules'?",
    "routing": "did you mean 'routes'?",
    "current": "that is a part of a policy's result: give what stands under it",
}


class Document(Record):
    """A document that was read: its state, its text (for finding places in it later), and what to warn of.

    `at` is the path under which it stands in that text, where this is a part of something larger.
    """

    state: NetworkState
    text: str | bytes = ""
    source: str = ""
    warnings: tuple[Diagnostic, ...] = ()
    at: Path = ()

    def locate(self, diagnostics: typing.Iterable[Diagnostic]) -> Diagnostics:
        """The diagnostics (of the planner, say) with line and column in this document's text."""
        if self.at:
            diagnostics = [one if one.line else one.replace(path=(*self.at, *one.path)) for one in diagnostics]
        return locate_all(diagnostics, self.text, source=self.source)


class _Enough(Exception):
    """So many mistakes that looking for more helps nobody."""


class _Collector(Diagnostics):
    """Diagnostics up to a bound: each costs time (for its hint), and a hostile document could have millions."""

    def append(self, one: Diagnostic) -> None:
        if len(self) >= MAX_MISTAKES:
            message = f"more than {MAX_MISTAKES} mistakes: reading stops here"
            super().append(Diagnostic(code="too-many", path=one.path, message=message))
            raise _Enough
        super().append(one)


def parse(text: str | bytes, *, source: str = "") -> NetworkState:
    """The state that a YAML or JSON text describes; `source` (a file name) is for messages.

    Raises:
        Invalid: with all mistakes, each with its line and column.
    """
    return parse_document(text, source=source).state


@uncollected
def parse_document(text: str | bytes, *, source: str = "") -> Document:
    """The same with the text kept, and with warnings.

    Raises:
        Invalid: with all mistakes, each with its line and column.
    """
    found = _Collector()
    state: typing.Any = UNSET
    try:
        plain = load(text, found)
        if plain is None and not found:
            found.warning("empty", (), "the document is empty: it asks for nothing")
        if plain is UNSET:
            _hint_at_format(text, found)
        else:
            state = _read({} if plain is None else plain, found, text)
    except _Enough:
        pass  # what was found up to here is told, and that there is more
    located = locate_all(found, text, source=source)
    if state is UNSET or located.errors():
        raise Invalid(located)
    return Document(state=state, text=text, source=source, warnings=tuple(located))


def read(plain: Plain) -> NetworkState:
    """The state that plain data (from ``json.loads``, or written in Python) describes.

    Raises:
        Invalid: with all mistakes; their paths say where, lines are 0.
    """
    found = Diagnostics()
    state = read_into(plain, found)
    if state is UNSET or found.errors():
        raise Invalid(found)
    return typing.cast(NetworkState, state)


def read_into(plain: Plain, found: Diagnostics) -> typing.Any:
    """The same, with the mistakes added to `found`; `UNSET` where they leave nothing."""
    told = _Collector()
    state: typing.Any = UNSET
    try:
        state = _read(plain, told)
    except _Enough:
        pass  # as in `parse_document`
    found += told
    return state


def _read(plain: Plain, found: Diagnostics, text: str | bytes = "") -> typing.Any:
    if not isinstance(plain, dict):
        hint = _recognised(text) or "begin with `interfaces:`, `routes:`, `dns-resolver:` or another section"
        if isinstance(plain, list):
            hint = "put the list under `interfaces:`"
        found.error(
            "format", (), f"a document is a map of sections, not {forms.shown(plain)}", expected="a map", hint=hint
        )
        return UNSET
    policy = [key for key in _POLICY if key in plain]
    if policy:
        hint = "give what it wants as a document of its own: `linkhold policy` prints that"
        found.error("policy", (policy[0],), "this is a policy, where a document belongs", hint=hint)
        return UNSET
    from linkhold.state.foreign import recognise_map

    foreign = recognise_map(plain)
    if foreign and plain.keys().isdisjoint(("interfaces", "routes", "dns-resolver")):
        first = next(iter(plain))
        found.error("format", (str(first),), f"'{first}' is no section of a network document", hint=foreign)
        return UNSET
    start = len(found)
    state = read_record(NetworkState, plain, (), found)
    for index in range(start, len(found)):
        one = found[index]
        if one.code == "unknown-key" and len(one.path) == 1 and one.path[0] in _MEANT:
            found[index] = one.replace(hint=_MEANT[str(one.path[0])])
    return state


def _recognised(text: str | bytes) -> str:
    from linkhold.state.foreign import recognise_text

    return recognise_text(text if isinstance(text, str) else text[:4096].decode("utf-8", "replace"))


def _hint_at_format(text: str | bytes, found: Diagnostics) -> None:
    hint = _recognised(text)
    if hint and found:
        found[-1] = found[-1].replace(hint=hint)


def locate_all(diagnostics: typing.Iterable[Diagnostic], text: str | bytes, *, source: str = "") -> Diagnostics:
    """The diagnostics with `source`, and with line and column of the place in `text` that their path leads to.

    Those that have a line keep it. A path that leads further than the text goes gets the nearest place around.
    """
    places = None
    located = Diagnostics()
    for one in diagnostics:
        if one.line == 0 and text:
            if places is None:
                places = _places(text)
            line, column = places.find(one.path, key=one.code in _AT_THE_KEY) if places else (0, 0)
            one = one.replace(line=line, column=column)
        located.append(one.replace(source=source) if source and not one.source else one)
    return located.in_order()


def _places(text: str | bytes) -> typing.Any:
    from linkhold.state.yaml_places import Places

    try:
        return Places(decode(text))
    except (TextError, ImportError):  # told by the one who read the text; JSON is read without libyaml too
        return None


def to_plain(state: NetworkState, *, secrets: bool = False, shown: bool = False) -> dict[str, Plain]:
    """Maps, lists and texts for a state: sections and keys in the order of their declaration, interfaces by name.

    Secrets are replaced by a placeholder unless `secrets`. With `shown` (what is shown of a host), `interfaces`,
    `routes`, `route-rules` and `dns-resolver` are there with their lists even when empty: programs index them blindly.
    """
    if isinstance(state.interfaces, tuple):
        state = state.replace(interfaces=tuple(sorted(state.interfaces, key=_place)))
    plain = write_record(state, secrets=secrets)
    return _completed(plain) if shown else plain


def _place(interface: Interface) -> tuple[str, bool, str]:
    return (interface.name, interface.userspace, interface.kind)


def _completed(plain: dict[str, Plain]) -> dict[str, Plain]:
    from linkhold.state.fields import fields_of

    resolver = plain.get("dns-resolver", {})
    plain["dns-resolver"] = {**resolver, **{key: resolver.get(key, {}) for key in ("running", "config")}}
    routes = plain.get("routes", {})
    plain["routes"] = {key: routes.get(key, []) for key in ("running", "config")}
    plain["route-rules"] = {"config": plain.get("route-rules", {}).get("config", [])}
    plain.setdefault("interfaces", [])
    return {field.key: plain[field.key] for field in fields_of(NetworkState).values() if field.key in plain}


def to_yaml(state: NetworkState, *, secrets: bool = False, shown: bool = False) -> str:
    """The state as YAML text; see `to_plain`."""
    from linkhold.state.yaml_writing import write_yaml

    return write_yaml(to_plain(state, secrets=secrets, shown=shown))


def to_json(state: NetworkState, *, secrets: bool = False, shown: bool = False, indent: int | None = None) -> str:
    """The state as JSON text (no newline at its end); see `to_plain`."""
    import json

    plain = to_plain(state, secrets=secrets, shown=shown)
    return json.dumps(plain, ensure_ascii=False, allow_nan=False, indent=indent)
