"""Unit files: sections that may come more than once, with keys that may come more than once."""

import typing

Lines = list[tuple[str, str]]


class Unit:
    """One file in the making; sections come out in the order in which they were begun."""

    def __init__(self) -> None:
        self._sections: list[tuple[str, Lines]] = []

    def begin(self, name: str) -> Lines:
        """A section of its own, also where there is one of that name already."""
        lines: Lines = []
        self._sections.append((name, lines))
        return lines

    def section(self, name: str) -> Lines:
        """The section of this name, begun if need be."""
        for known, lines in self._sections:
            if known == name:
                return lines
        return self.begin(name)

    def put(self, section: str, key: str, value: typing.Any) -> None:
        """One line."""
        self.section(section).append((key, text(value)))

    def render(self) -> str:
        """The text; sections without lines are left out."""
        return "\n".join(
            f"[{name}]\n" + "".join(f"{key}={value}\n" for key, value in lines)
            for name, lines in self._sections
            if lines
        )


def text(value: typing.Any) -> str:
    """A value: booleans are yes and no; a text is kept in one line."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value).replace("\n", " ")


def milliseconds(value: int) -> str:
    """A time that the kernel counts in milliseconds."""
    return f"{value}ms"


def seconds(value: int) -> str:
    """A time that the kernel's documentation gives in seconds."""
    return f"{value}s"
