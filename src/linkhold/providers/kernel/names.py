"""Indexes and names of interfaces, both ways, as of one reading of the host."""

from __future__ import annotations


class Names:
    """Which interface has which index in our network namespace.

    Indexes that another namespace gave out must not be asked for here: see `LinkMessage.parent_namespace`.
    """

    __slots__ = ("_by_index", "_by_name")

    def __init__(self, by_index: dict[int, str]) -> None:
        self._by_index = by_index
        self._by_name: dict[str, int] | None = None

    def name(self, index: int | None) -> str | None:
        """The name of the interface with this index, None when there is none here."""
        return None if not index else self._by_index.get(index)

    def index(self, name: str) -> int | None:
        """The index of the interface of this name, None when there is none."""
        if self._by_name is None:
            self._by_name = {name: index for index, name in self._by_index.items()}
        return self._by_name.get(name)
