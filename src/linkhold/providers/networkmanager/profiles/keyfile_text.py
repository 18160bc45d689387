"""The text of key files as GLib reads and writes it: groups of ``key=value`` lines, with escapes.

Source: GLib, "Key-value file parser" (g_key_file_*).
"""

import typing

Groups = dict[str, dict[str, str]]
"""``{group: {key: value}}``, values as they stand in the file."""

_ESCAPES: typing.Final = {"\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_UNESCAPES: typing.Final = {"s": " ", "n": "\n", "t": "\t", "r": "\r", "\\": "\\", ";": ";"}


def escaped(text: str, *, element: bool = False) -> str:
    """A text as a value, or as an element of a list; blanks at the start are escaped too, since readers drop them."""
    plain = "".join(_ESCAPES.get(character, character) for character in text)
    if element:
        plain = plain.replace(";", "\\;")
    blanks = len(plain) - len(plain.lstrip(" "))
    return "\\s" * blanks + plain[blanks:]


def unescaped(raw: str) -> str:
    """The other way; an escape that GLib does not know stays as it is."""
    text, rest = "", iter(raw)
    for character in rest:
        if character == "\\":
            follower = next(rest, "")
            text += _UNESCAPES.get(follower, character + follower)
        else:
            text += character
    return text


def joined(elements: typing.Iterable[str]) -> str:
    """A list, each element with its semicolon."""
    return "".join(f"{escaped(one, element=True)};" for one in elements)


def split(raw: str) -> list[str]:
    """The elements of a list; the last semicolon may be missing."""
    elements, current, rest = [], "", iter(raw)
    for character in rest:
        if character == "\\":
            current += character + next(rest, "")
        elif character == ";":
            elements.append(current)
            current = ""
        else:
            current += character
    if current:
        elements.append(current)
    return [unescaped(one) for one in elements]


def render(groups: Groups) -> str:
    """The text of a file."""
    return "\n".join(
        f"[{group}]\n" + "".join(f"{key}={value}\n" for key, value in lines.items()) for group, lines in groups.items()
    )


def parse(text: str) -> Groups:
    """The groups of a file; comments are dropped.

    Raises:
        ValueError: a line that is none of group, assignment and comment.
    """
    groups: Groups = {}
    lines: dict[str, str] | None = None
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        plain = line.strip(" \t\r")
        if not plain or plain.startswith("#"):
            continue
        if plain.startswith("[") and plain.endswith("]"):
            lines = groups.setdefault(plain[1:-1], {})
            continue
        key, equals, value = line.partition("=")
        if not equals or lines is None:
            raise ValueError(f"line {number} is no assignment in a group: {plain}")
        lines[key.strip()] = value.lstrip(" \t")  # blanks at the end belong to it
    return groups
