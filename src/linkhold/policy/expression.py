"""The language of captures, from text to values (nmstate's policies, 2.10).

::

    capture := [ source "|" ] body
    source  := "capture." NAME
    body    := path ("==" | "!=") value     keep the elements of which this holds
             | path ":=" value              set it in every element; null takes it away
             | path                         keep only this part
             | anything else, or nothing    keep everything
    path    := step ("." step)+             keys, and positions in lists
    value   := "text" | null | path | word

A path begins with a section of a document, or with ``capture.NAME``: what that capture found. A value with dots that
begins with neither (``192.0.2.1``) is a word.
"""

import re
import typing

from linkhold.foundation.diagnostics import did_you_mean
from linkhold.state.fields import fields_of
from linkhold.state.network import NetworkState

CAPTURE: typing.Final = "capture"
MOST_SHOWN: typing.Final = 200
"""Characters of a line that are shown with a pointer."""

Operator = typing.Literal["", "==", "!=", ":="]
_OPERATORS: typing.Final = ("==", "!=", ":=")
_TOKEN: typing.Final = re.compile(
    r"""(?P<operator>==|!=|:=) | (?P<pipe>\|)
      | "(?P<double>(?:[^"\\]|\\.)*)" | '(?P<single>[^']*)'
      | (?P<word>(?:(?!:=|!=)[^\s"'|=])+)""",
    re.VERBOSE,
)


class Mistake(Exception):
    """Something in a text is wrong at a place: `position` counts characters from 0."""

    def __init__(self, message: str, text: str, position: int, hint: str = "") -> None:
        super().__init__(message)
        self.message, self.text, self.position, self.hint = message, text, position, hint

    @property
    def excerpt(self) -> str:
        """The line in question with a pointer below it: dots up to the place, and ``^``."""
        start = self.text.rfind("\n", 0, self.position) + 1
        line = self.text[start:].partition("\n")[0]
        if len(line) > MOST_SHOWN:
            cut = max(0, self.position - start - MOST_SHOWN // 2)
            start, line = start + cut, line[cut : cut + MOST_SHOWN]
        return f"{line}\n{'.' * (self.position - start)}^"


class Step(typing.NamedTuple):
    """One step of a path, and where it stands in the text."""

    name: str
    position: int

    @property
    def number(self) -> int | None:
        """The position in a list that it means, if it is a number."""
        return int(self.name) if self.name.isascii() and self.name.isdigit() and len(self.name) < 10 else None


class Place(typing.NamedTuple):
    """A path: in what a capture found, or in the current state where `capture` is ''."""

    capture: str
    steps: tuple[Step, ...]
    position: int

    def __str__(self) -> str:
        return ".".join([*((CAPTURE, self.capture) if self.capture else ()), *(step.name for step in self.steps)])


class Word(typing.NamedTuple):
    """A text, or (unquoted ``null``) nothing; `quoted` texts are never anything but texts."""

    text: str | None
    quoted: bool
    position: int

    def __str__(self) -> str:
        return "null" if self.text is None else self.text


class Expression(typing.NamedTuple):
    """One capture, understood. `place` is None where everything is kept."""

    text: str
    source: Place | None
    place: Place | None
    operator: Operator = ""
    value: Place | Word | None = None

    @property
    def references(self) -> tuple[Place, ...]:
        """The paths into other captures that have to be known first."""
        found = (self.source, self.value)
        return tuple(one for one in found if isinstance(one, Place) and one.capture)


class _Token(typing.NamedTuple):
    kind: str
    text: str
    position: int


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        match = _TOKEN.match(text, position)
        if match is None:
            raise _unreadable(text, position)
        kind = match.lastgroup or ""
        word = match[kind]
        if kind == "double":
            word = re.sub(r"\\(.)", r"\1", word)
        tokens.append(_Token("text" if kind in ("double", "single") else kind, word, position))
        position = match.end()
    return tokens


def _unreadable(text: str, position: int) -> Mistake:
    if text[position] in "\"'":
        return Mistake("this quote is never closed", text, position)
    return Mistake("a single '=' means nothing", text, position, hint="write == to compare, or := to replace")


def parse(text: str) -> Expression:
    """The meaning of a capture.

    Raises:
        Mistake: it has none, with the place in the text.
    """
    tokens = _tokens(text)
    pipes = [index for index, one in enumerate(tokens) if one.kind == "pipe"]
    if len(pipes) > 1:
        hint = "give what comes before it a name of its own"
        raise Mistake("a capture has one pipe at most", text, tokens[pipes[1]].position, hint=hint)
    if not pipes:
        return _body(text, tokens, None)
    return _body(text, tokens[pipes[0] + 1 :], _source(text, tokens[: pipes[0]], tokens[pipes[0]].position))


def _source(text: str, tokens: list[_Token], pipe: int) -> Place:
    hint = "as in: capture.NAME | routes.running.next-hop-interface"
    if not tokens:
        raise Mistake("nothing stands before the pipe", text, pipe, hint=hint)
    place = path(text, tokens[0].text, tokens[0].position) if tokens[0].kind == "word" else None
    if place is None or not place.capture or place.steps:
        raise Mistake("what stands before the pipe is not capture.NAME", text, tokens[0].position, hint=hint)
    if len(tokens) > 1:
        raise Mistake("only capture.NAME stands before the pipe", text, tokens[1].position, hint=hint)
    return place


def _body(text: str, tokens: list[_Token], source: Place | None) -> Expression:
    place = _subject(text, tokens, source)
    operator = next((one for one in tokens if one.kind == "operator"), None)
    if operator is None:
        if len(tokens) > 1 and place is not None:
            raise Mistake("this belongs to nothing", text, tokens[1].position, hint="compare with ==, replace with :=")
    else:
        _operands(text, tokens, operator, place)
    if place is not None and place.capture:  # the path itself says where to look
        source, place = Place(place.capture, (), place.position), place._replace(capture="")
    if place is not None and not place.steps:
        if operator is not None:
            raise Mistake("a capture as a whole can't be compared or replaced", text, place.position)
        place = None
    if place is None or operator is None:
        return Expression(text, source, place)
    kind = typing.cast("Operator", operator.text)
    return Expression(text, source, place, kind, _value(text, tokens[2]))


def _subject(text: str, tokens: list[_Token], source: Place | None) -> Place | None:
    place = path(text, tokens[0].text, tokens[0].position) if tokens and tokens[0].kind == "word" else None
    if place is not None and place.capture and source is not None:
        raise Mistake("what comes out of a pipe is not another capture", text, place.position)
    return place


def _operands(text: str, tokens: list[_Token], operator: _Token, place: Place | None) -> None:
    at = tokens.index(operator)
    if place is None or at != 1:
        where = tokens[0].position if at else operator.position
        hint = "a path has a dot in it, as in interfaces.name"
        raise Mistake(f"'{operator.text}' needs a path on its left", text, where, hint=hint)
    if len(tokens) < 3:
        raise Mistake(f"'{operator.text}' needs a value on its right", text, len(text.rstrip()))
    if tokens[2].kind == "operator":
        raise Mistake(f"'{operator.text}' needs a value on its right", text, tokens[2].position)
    if len(tokens) > 3:
        message = "a capture has one comparison or one replacement"
        raise Mistake(message, text, tokens[3].position, hint="put a value with blanks in quotes, or use a pipe")


def _value(text: str, token: _Token) -> Place | Word:
    if token.kind == "text":
        return Word(token.text, True, token.position)
    head = token.text.partition(".")[0]
    if "." in token.text and (head == CAPTURE or head in sections()):
        place = path(text, token.text, token.position)
        assert place is not None
        if place.capture and not place.steps:
            raise Mistake("a capture as a whole is no value", text, token.position, hint="say which part of it")
        return place
    return Word(None if token.text == "null" else token.text, False, token.position)


def path(text: str, word: str, position: int) -> Place | None:
    """The path that a word of a text spells; None for a word without a dot.

    Raises:
        Mistake: a step is empty, or it begins with what is neither a section nor a capture.
    """
    if "." not in word:
        return None
    steps: list[Step] = []
    for name in word.split("."):
        if not name:
            raise Mistake("a path has no empty steps", text, min(position, len(text) - 1))
        steps.append(Step(name, position))
        position += len(name) + 1
    if steps[0].name == CAPTURE:
        return Place(steps[1].name, tuple(steps[2:]), steps[0].position)
    if steps[0].name not in sections():
        hint = did_you_mean(steps[0].name, (*sections(), CAPTURE))
        raise Mistake(f"'{steps[0].name}' is no section of a document", text, steps[0].position, hint=hint)
    return Place("", tuple(steps), steps[0].position)


def sections() -> tuple[str, ...]:
    """The keys with which a path can begin."""
    return tuple(field.key for field in fields_of(NetworkState).values())
