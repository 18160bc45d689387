"""A state as text."""

import typing

from libnmstate.causes import translated
from libnmstate.documents import plain


class PrettyState:
    """A state that prints in canonical order: name, type and state of an interface first.

    Raises:
        NmstateValueError: it is no state.
    """

    def __init__(self, state: dict[str, typing.Any]) -> None:
        from linkhold.state import document

        raw = plain(state)
        with translated():
            self._state = document.read(raw)

    @property
    def yaml(self) -> str:
        """YAML text."""
        from linkhold.state import document

        return document.to_yaml(self._state, secrets=True)

    @property
    def json(self) -> str:
        """JSON text on one line."""
        import json

        from linkhold.state import document

        return json.dumps(document.to_plain(self._state, secrets=True), ensure_ascii=False, separators=(",", ":"))

    def __str__(self) -> str:
        return self.yaml
