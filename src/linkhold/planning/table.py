"""The interfaces of one merge, by key, while the rules that span several of them are carried out one after the other."""

import typing

from linkhold.planning.references import ports_of
from linkhold.state.interfaces.common import Interface
from linkhold.state.network import NetworkState

Key = tuple[str, str]
"""An interface's name, and its kind where that exists in user space only (`Interface.key`)."""


class Table:
    """What is desired, what is there, and what is expected so far.

    `whole` tells whether `current` is everything there is (a host), or only what was told before (a document). Values
    are never edited: `put` replaces them.
    """

    def __init__(self, desired: NetworkState, current: NetworkState, *, whole: bool = True) -> None:
        listed = desired.interfaces if isinstance(desired.interfaces, tuple) else ()
        there = current.interfaces if isinstance(current.interfaces, tuple) else ()
        self.desired: dict[Key, Interface] = {one.key: one for one in listed if one.state != "ignore"}
        self.current: dict[Key, Interface] = {one.key: one for one in there}
        self.expected = dict(self.current)
        self.causes: dict[typing.Any, tuple[str, ...]] = {}
        self.touched: dict[Key, None] = {}
        self.whole = whole
        self._listed: dict[str, str] | None = None

    def put(self, interface: Interface, cause: str) -> None:
        """Expect this value from now on, because of a path in the document."""
        key = interface.key
        if self.expected.get(key) is not interface:
            self.expected[key] = interface
            self.blame(key, cause)
        self.touched[key] = None

    def remove(self, key: Key, cause: str) -> None:
        """Expect that it is gone."""
        if self.expected.pop(key, None) is not None:
            self.blame(key, cause)
        self.touched[key] = None

    def blame(self, key: Key, cause: str) -> None:
        """Note why."""
        known = self.causes.get(("interface", key), ())
        if cause not in known:
            self.causes["interface", key] = (*known, cause)

    def up(self, key: Key) -> bool:
        """Whether the document itself wants this interface to exist."""
        said = self.desired.get(key)
        return said is not None and said.state != "absent"

    def absent(self, key: Key) -> bool:
        """Whether the document takes it away (of hardware, the configuration)."""
        said = self.desired.get(key)
        return said is not None and said.state == "absent"

    def controller(self, name: str) -> Interface | None:
        """The controller that goes by this name, in the kernel or in user space."""
        kernel = self.expected.get((name, ""))
        if kernel is not None and kernel.is_controller:
            return kernel
        return self.expected.get((name, "ovs-bridge"))

    def controller_now(self, name: str) -> str:
        """The controller that an interface has so far, or ''; in a document (not `whole`) it may be listed there only."""
        now = self.current.get((name, ""))
        if now is not None and isinstance(now.controller, str) and now.controller:
            return now.controller
        if self.whole:
            return ""
        if self._listed is None:
            pairs = ((port, one.name) for one in self.current.values() for port in ports_of(one) or ())
            self._listed = dict(pairs)
        return self._listed.get(name, "")
