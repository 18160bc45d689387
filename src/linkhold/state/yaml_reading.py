"""YAML to plain data, from the events of libyaml; see `state.text` for what is accepted and what it may cost."""

import functools
import re
import typing

from linkhold.foundation.diagnostics import Diagnostics, Key, Path
from linkhold.state.limits import MAX_ALIASES, MAX_DEPTH, MAX_DIGITS, MAX_MISTAKES, MAX_NODES, MAX_SCALAR, TextError
from linkhold.state.yaml_places import Places

Plain = typing.Any

_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*|0x[0-9a-fA-F]+|0o[0-7]+|0b[01]+)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_ZEROS = re.compile(r"[-+]?0[0-9]+")
_WORDS: typing.Final[dict[str, Plain]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_CORE: typing.Final = "tag:yaml.org,2002:"
_NUMBER_STARTS: typing.Final = frozenset("0123456789+-.")
_LONG: typing.Final = 1024  # texts above this weigh more than one node, so that aliases can't multiply them
_MOST_DIRECTIVES: typing.Final = 100  # nobody needs any; libyaml compares each with all before it


class WrittenFloat(float):
    """A float that prints as it was written, for the places where it turns out to be meant as a text."""

    written: str

    def __str__(self) -> str:
        return self.written


class WrittenInt(int):
    """A whole number that was not written in the usual way (``0x1f``, ``+5``) and prints as it was."""

    written: str

    def __str__(self) -> str:
        return self.written


def resolve(text: str) -> Plain:
    """What a plain (unquoted) scalar means in YAML 1.2's core schema, as serde_yaml reads it.

    Raises:
        ValueError: a number of too many digits.
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMBER_STARTS:
        return text
    if _INTEGER.fullmatch(text):
        return _whole(text)
    if not _FLOAT.fullmatch(text) or _ZEROS.fullmatch(text):
        return text
    number = WrittenFloat(text)
    if number - number != 0:  # infinite: no number that any property takes
        return text
    number.written = text
    return number


def _whole(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise ValueError(f"a number of {len(text)} digits")
    plain = text.isdigit() or (text[0] == "-" and text[1:].isdigit())
    if plain and text != "-0":
        return int(text)
    number = WrittenInt(text, 0 if not text.lstrip("+-").isdigit() else 10)
    number.written = text
    return number


def _parser(text: str) -> typing.Any:
    try:
        from yaml.cyaml import CParser  # type: ignore[attr-defined]
    except ImportError as error:
        raise TextError(
            "no-libyaml",
            f"YAML can't be read: PyYAML with libyaml is missing ({error})",
            hint="install Debian's python3-yaml or the wheel of PyYAML, or give the document as JSON",
        ) from None
    return CParser(text)


def compose(text: str, found: Diagnostics) -> Plain:
    """The data of a YAML text; mistakes that leave the rest readable go to `found`.

    Raises:
        TextError: the text can't be read on.
    """
    parser = _parser(text)
    if text.count("\n%") > _MOST_DIRECTIVES:
        raise TextError("too-large", f"more than {_MOST_DIRECTIVES} directives ('%' at the beginning of a line)")
    from yaml import YAMLError

    try:
        return _Composer(parser, text, found).compose()
    except YAMLError as error:
        raise (_bad_character if hasattr(error, "reason") else _syntax)(error, text) from None


def _syntax(error: typing.Any, text: str) -> TextError:
    """What the scanner or the parser of libyaml says."""
    mark, problem = error.problem_mark, error.problem
    if "nesting depth" in problem:  # libyaml (since 0.2.6) has a limit of its own, and reads ahead of us
        deep = f"nested deeper than {MAX_DEPTH} levels"
        return TextError("too-deep", deep, line=mark.line + 1, column=mark.column + 1)
    lines = text.splitlines()
    rest = lines[mark.line][mark.column :] if mark.line < len(lines) else ""
    hint = "indent with spaces, not tabs" if rest[:1] == "\t" else ""
    if rest[:1] in ("@", "`", "%"):
        hint = f"a text that begins with '{rest[0]}' must stand in quotes"
    if "mapping values are not allowed" in problem:
        hint = "a text with ': ' in it must stand in quotes; or the line is indented wrongly"
    message = f"{problem} ({error.context})" if error.context else problem
    return TextError("syntax", message, line=mark.line + 1, column=mark.column + 1, hint=hint)


def _bad_character(error: typing.Any, text: str) -> TextError:
    """What the reader of libyaml says of a character; it counts in bytes of UTF-8."""
    before = text.encode()[: error.position].decode(errors="replace")
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    hint = "save the document as UTF-8" if "\0" in text else "write it as an escape in double quotes, or take it out"
    return TextError("syntax", f"{error.reason} (U+{error.character:04X})", line=line, column=column, hint=hint)


class _Composer:
    """Builds the data with a stack of its own: nesting costs no recursion, and an alias costs a reference."""

    def __init__(self, parser: typing.Any, text: str, found: Diagnostics) -> None:
        self.parser, self.text, self.found = parser, text, found
        self.anchors: dict[str, tuple[Plain, int]] = {}
        self.words: dict[str, Plain] = {}
        self.stack: list[tuple[Plain, str | None, str | None, int]] = []
        self.container: Plain = []
        self.key: str | None = None
        self.documents = 0
        self.aliases = 0

    def compose(self) -> Plain:  # noqa: C901  one loop over the events: this is where the time goes
        from yaml import events

        scalar_event, mapping, sequence = events.ScalarEvent, events.MappingStartEvent, events.SequenceStartEvent
        ends = (events.MappingEndEvent, events.SequenceEndEvent)
        next_event, words, stack, anchors = self.parser.get_event, self.words, self.stack, self.anchors
        root: list[Plain] = []
        container: Plain = root
        key: str | None = None
        nodes = 0
        while True:
            event = next_event()
            kind = event.__class__
            if kind is scalar_event:
                nodes += 1
                value: Plain = event.value
                if len(value) > _LONG:
                    self.container, self.key = container, key
                    nodes += self._weigh(event)
                if key is None and container.__class__ is dict:
                    key = value
                    if key in container or key == "<<" or event.anchor is not None:
                        self.container = container
                        self._look_at_key(key, event)
                    continue
                if event.implicit[0]:
                    text = value
                    value = words.get(text, words)
                    if value is words:
                        self.container, self.key = container, key
                        value = words[text] = self._resolve(text, event)
                elif event.tag is not None:
                    self.container, self.key = container, key
                    value = self._tagged(event)
                if event.anchor is not None:
                    anchors[event.anchor] = (value, 1 + (len(event.value) >> 6))
            elif kind is mapping or kind is sequence:
                nodes += 1
                self.container, self.key = container, key
                self._check_start(event, _CORE + ("map" if kind is mapping else "seq"))
                stack.append((container, key, event.anchor, nodes))
                container = {} if kind is mapping else []
                key = None
                continue
            elif kind in ends:
                value = container
                container, key, anchor, start = stack.pop()
                if anchor is not None:
                    anchors[anchor] = (value, nodes - start + 1)
            elif kind is events.AliasEvent:
                self.container, self.key = container, key
                value, weight = self._follow(event)
                nodes += weight
                if key is None and container.__class__ is dict:
                    key = self._alias_key(value, event)
                    continue
            elif kind is events.StreamEndEvent:
                return root[0] if root else None
            else:
                self._around(event, events.DocumentStartEvent)
                continue
            if nodes > MAX_NODES:
                raise self._stop("too-large", f"more than {MAX_NODES} values (aliases followed)", event)
            if container.__class__ is dict:
                container[key] = value
                key = None
            else:
                container.append(value)

    def _path(self) -> Path:
        """Where the composer stands, as a path."""
        path: list[str | int] = []
        frames = [(container, key) for container, key, _, _ in self.stack[1:]]
        for container, key in [*frames, (self.container, self.key)] if self.stack else []:
            if isinstance(container, dict):
                name = container.get("name")
                if path and isinstance(path[-1], int) and isinstance(name, str):
                    path[-1] = Key(name)
                path += [key] if key is not None else []
            else:
                path.append(len(container))
        return tuple(path)

    def _stop(self, code: str, message: str, event: typing.Any, hint: str = "") -> TextError:
        mark = event.start_mark
        path = self._path() if len(self.stack) < MAX_DEPTH else ()
        return TextError(code, message, path=path, line=mark.line + 1, column=mark.column + 1, hint=hint)

    def _note(self, code: str, message: str, event: typing.Any, hint: str = "") -> None:
        if len(self.found) >= MAX_MISTAKES:
            raise self._stop("too-many", f"more than {MAX_MISTAKES} mistakes: reading stops here", event)
        self.found.append(self._stop(code, message, event, hint).diagnostic)

    def _around(self, event: typing.Any, document_start: type) -> None:
        if event.__class__ is document_start:
            self.documents += 1
            if self.documents > 1:
                raise self._stop("documents", "a second document begins here", event, "one text holds one document")

    def _weigh(self, event: typing.Any) -> int:
        """What a long text counts for, beside the one of each node."""
        if self.key is None and isinstance(self.container, dict):
            raise self._stop("too-large", f"a key longer than {_LONG} characters", event)
        if len(event.value) > MAX_SCALAR:
            raise self._stop("too-large", f"a text longer than {MAX_SCALAR} characters", event)
        return len(event.value) >> 6

    def _look_at_key(self, key: str, event: typing.Any) -> None:
        self.key = key
        if event.anchor is not None:
            self.anchors[event.anchor] = (key, 1 + (len(key) >> 6))
        if key == "<<" and event.implicit[0]:
            hint = "write the keys out, or use an alias for a whole value"
            self._note("merge-key", "merge keys ('<<') are not part of YAML 1.2", event, hint)
        elif key in self.container:
            self._duplicate(key, event)

    def _alias_key(self, value: Plain, event: typing.Any) -> str:
        if not isinstance(value, str):
            raise self._stop("key", "a key must be a text", event)
        if value in self.container:
            self.key = value
            self._duplicate(value, event)
        return value

    def _duplicate(self, key: str, event: typing.Any) -> None:
        line, column = self.places.find(self._path(), key=True)
        first = f", first in line {line}, column {column}" if line else ""
        self._note("duplicate-key", f"'{_short(key)}' stands twice in this map{first}", event, "keep one of them")

    @functools.cached_property
    def places(self) -> Places:
        """Positions of the whole text, for naming the other place of a contradiction."""
        return Places(self.text)

    def _resolve(self, text: str, event: typing.Any) -> Plain:
        try:
            return resolve(text)
        except ValueError as error:
            self._note("number-too-long", str(error), event, "put it in quotes if it is a text")
            return None

    def _tagged(self, event: typing.Any) -> Plain:
        """The value of a scalar with a tag: only those of the core schema, and only where they fit."""
        tag, text = event.tag, event.value
        if tag in ("!", _CORE + "str"):
            return text
        kinds = {"null": type(None), "bool": bool, "int": int, "float": float}
        kind = kinds.get(tag.removeprefix(_CORE)) if tag.startswith(_CORE) else None
        if kind is None:
            self._note("tag", f"unknown tag '{_short(tag)}'", event, "leave the tag away")
            return None
        value = self._resolve(text, event)
        if kind is float and type(value) is int:
            value = float(value)
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self._note("tag", f"'{_short(text)}' is not of the type its tag says", event, "leave the tag away")
            return None
        return value

    def _check_start(self, event: typing.Any, core: str) -> None:
        if self.key is None and isinstance(self.container, dict):
            raise self._stop("key", "a key must be a text, not a map or a list", event)
        if len(self.stack) >= MAX_DEPTH:
            raise self._stop("too-deep", f"nested deeper than {MAX_DEPTH} levels", event)
        if event.tag is not None and event.tag not in ("!", core):
            self._note("tag", f"unknown tag '{_short(event.tag)}'", event, "leave the tag away")

    def _follow(self, event: typing.Any) -> tuple[Plain, int]:
        self.aliases += 1
        if self.aliases > MAX_ALIASES:
            raise self._stop("too-large", f"more than {MAX_ALIASES} aliases", event)
        if event.anchor not in self.anchors:
            inside = any(anchor == event.anchor for _, _, anchor, _ in self.stack)
            message = "contains itself" if inside else "is not defined above"
            raise self._stop("alias", f"the anchor '{_short(event.anchor)}' {message}", event)
        return self.anchors[event.anchor]


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."
