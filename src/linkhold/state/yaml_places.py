"""Where in a text a path leads: line and column, for diagnostics.

A second pass over the events of libyaml, made only when there is something to point at, so that a document without
mistakes does not pay for positions. JSON is read the same way, being nearly a part of YAML.
"""

import typing

from linkhold.foundation.diagnostics import Key, Path
from linkhold.state.limits import MAX_DEPTH, MAX_NODES


class _Node:
    """One value: where it begins, and what is in it."""

    __slots__ = ("column", "items", "keys", "line", "text")

    def __init__(self, mark: typing.Any) -> None:
        self.line: int = mark.line + 1
        self.column: int = mark.column + 1
        self.text: str | None = None
        self.items: list[_Node] | dict[str, _Node] | None = None
        self.keys: dict[str, tuple[int, int]] | None = None


class Places:
    """The positions of all values of one text; of a text that ends in a syntax error, those before it."""

    def __init__(self, text: str) -> None:
        self.root: _Node | None = None
        self._anchors: dict[str, _Node] = {}
        self._stack: list[tuple[_Node, str | None]] = []
        self._read(text)

    def find(self, path: Path, *, key: bool = False) -> tuple[int, int]:
        """Line and column, from 1, of the value at `path`, or of the nearest one around it that the text has.

        With `key`, of the key before the value. Of a map or list that stands behind a key, that key is the place:
        people look for ``ipv4:`` and not for what comes after it. (0, 0) when nothing at all is known.
        """
        node = self.root
        if node is None:
            return (0, 0)
        place = (node.line, node.column)
        for index, step in enumerate(path):
            before, node = node, _child(node, step)
            if node is None:
                break
            place = (node.line, node.column)
            last = index == len(path) - 1
            if before.keys is not None and (node.items is not None or (key and last)):
                place = before.keys[str(step)]
        return place

    def _read(self, text: str) -> None:
        from yaml import YAMLError
        from yaml.cyaml import CParser  # type: ignore[attr-defined]

        parser = CParser(text)
        try:
            for _ in range(2 * MAX_NODES):
                event = parser.get_event()
                if event is None or len(self._stack) > MAX_DEPTH:
                    return
                self._take(event)
        except YAMLError:
            return  # the reader has told it already; what was found so far serves

    def _take(self, event: typing.Any) -> None:
        name = type(event).__name__
        if name in ("MappingEndEvent", "SequenceEndEvent"):
            self._stack.pop()
            return
        if name not in ("ScalarEvent", "AliasEvent", "MappingStartEvent", "SequenceStartEvent"):
            return
        node = _Node(event.start_mark)
        if name == "ScalarEvent":
            node.text = event.value
        elif name == "AliasEvent":
            node = self._same(node, event.anchor)
        elif name == "MappingStartEvent":
            node.items, node.keys = {}, {}
        else:
            node.items = []
        if event.anchor is not None and name != "AliasEvent":
            self._anchors[event.anchor] = node
        self._put(node)
        if name in ("MappingStartEvent", "SequenceStartEvent"):
            self._stack.append((node, None))

    def _same(self, node: _Node, anchor: str) -> _Node:
        """The node of an alias: it stands where the alias does; what is in it stands where the anchor is."""
        original = self._anchors.get(anchor)
        if original is not None:
            node.text, node.items, node.keys = original.text, original.items, original.keys
        return node

    def _put(self, node: _Node) -> None:
        if not self._stack:
            self.root = self.root or node
            return
        parent, key = self._stack[-1]
        if isinstance(parent.items, list):
            parent.items.append(node)
        elif key is None:
            word = node.text or ""
            self._stack[-1] = (parent, word)
            if parent.keys is not None:
                parent.keys.setdefault(word, (node.line, node.column))
        else:
            self._stack[-1] = (parent, None)
            if parent.items is not None:
                parent.items.setdefault(key, node)


def _child(node: _Node, step: str | int) -> _Node | None:
    if isinstance(node.items, dict):
        return node.items.get(str(step))
    if node.items is None:
        return None
    if isinstance(step, int):
        return node.items[step] if 0 <= step < len(node.items) else None
    if not isinstance(step, Key):
        return None
    if 0 <= step.position < len(node.items) and _is_called(node.items[step.position], step):
        return node.items[step.position]
    return next((one for one in node.items if _is_called(one, step)), None)


def _is_called(node: _Node, name: str) -> bool:
    if isinstance(node.items, dict):
        inner = node.items.get("name")
        return inner is not None and inner.text == name
    return node.text == name
