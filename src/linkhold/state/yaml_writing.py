"""Plain data to YAML, as a person would write it: block style, nothing folded, no anchors, quotes only where needed.

A text is quoted where *any* reader would take it for something else: YAML 1.2 readers (``012e3`` is a number there) and
YAML 1.1 readers (``yes`` is true, ``0123`` octal, ``1:30`` ninety, ``2024-01-01`` a date). Lists stand at the indentation
of their key, as nmstatectl prints them.
"""

import re
import typing

Plain = typing.Any

_PLAIN = re.compile(r"[A-Za-z0-9_./<(+^~\\-][A-Za-z0-9_./<>()+=@:;#,*?!&%$^~|\\'\"{}\[\] -]*")
"""First and following characters of a text that may stand unquoted in block context, before `_MISREAD` is asked."""

_BROKEN = re.compile(r": |:$| #| $|^[-?] |^-$|^---|^\.\.\.|[^\S ]")
_MISREAD = re.compile(
    r"""(?ix: ~ | null | true | false | yes | no | on | off | y | n | = | << | [-+]?\.(inf|nan)
    | [-+]? (0[xob])? [0-9a-f_]* [0-9] [0-9_]* (?<! [a-f] )    # whole numbers, octal and binary
    | [-+]? 0x [0-9a-f_]+
    | [-+]? ( [0-9][0-9_]* \.? [0-9_]* | \.[0-9_]+ ) ( e [-+]? [0-9]+ )?
    | [-+]? [0-9][0-9_]* ( : [0-5]?[0-9] )+ ( \.[0-9_]* )?      # base 60
    | [0-9]{4} - [0-9]{1,2} - [0-9]{1,2} ( (t | [ \t]+) .* )?    # dates
    )"""
)
_LITERAL = re.compile(r"[!-~][ -~]*(\n+[ -~]*[!-~])*")
"""Texts of several lines that a literal block shows as they are: printable ASCII, no blank at the end of the text."""

_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")


def spell_text(text: str) -> str:
    """A text of one line as YAML: bare, or in quotes where it must be."""
    if _PLAIN.fullmatch(text) and not _BROKEN.search(text) and not _MISREAD.fullmatch(text):
        return text
    if text.isascii() and text.isprintable():
        return "'" + text.replace("'", "''") + "'" if '"' in text or "\\" in text else f'"{text}"'
    import json

    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))


def write_yaml(plain: dict[str, Plain]) -> str:
    """A whole document, beginning with ``---``."""
    writer = _Writer()
    if plain:
        writer.map(plain, "")
    else:
        writer.lines.append("{}")
    return "---\n" + "\n".join(writer.lines) + "\n"


class _Writer:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.spelled: dict[str, str] = {}

    def text(self, text: str) -> str:
        spelled = self.spelled.get(text)
        if spelled is None:
            spelled = self.spelled[text] = spell_text(text)
        return spelled

    def map(self, plain: dict[str, Plain], indent: str) -> None:
        for key, value in plain.items():
            head = f"{indent}{self.text(key)}:"
            if value and type(value) is list:
                self.lines.append(head)
                self.list(value, indent)
            elif value and type(value) is dict:
                self.lines.append(head)
                self.map(value, indent + "  ")
            else:
                self.lines.append(f"{head} {self.leaf(value, indent)}")

    def list(self, plain: list[Plain], indent: str) -> None:
        for value in plain:
            if value and type(value) in (list, dict):
                first = len(self.lines)
                inner = indent + "  "
                (self.map if type(value) is dict else self.list)(value, inner)
                self.lines[first] = f"{indent}- {self.lines[first][len(inner) :]}"
            else:
                self.lines.append(f"{indent}- {self.leaf(value, indent)}")

    def leaf(self, value: Plain, indent: str) -> str:
        if isinstance(value, str):
            if "\n" in value and len(value) > 1 and _LITERAL.fullmatch(value):
                return "|-\n" + "\n".join(f"{indent}  {line}" if line else "" for line in value.split("\n"))
            return self.text(value)
        if value is None:
            return "null"
        if isinstance(value, bool):
            return "true" if value else "false"
        return str(value) if isinstance(value, int | float) else "{}" if isinstance(value, dict) else "[]"
