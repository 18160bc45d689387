"""LLDP as a service beside the kernel: listens on the interfaces that ask for it, and shows who was heard."""

import os
import typing

from linkhold.providers.contract import LLDP_IN_FULL, Capabilities, Groundless, Scope
from linkhold.providers.lldp import BASE

if typing.TYPE_CHECKING:
    from linkhold.planning.change import Change, Stage
    from linkhold.providers.lldp.folder import Folder
    from linkhold.providers.quiet import Quiet
    from linkhold.state.interfaces.common import Interface
    from linkhold.state.network import NetworkState

COMPLETES: typing.Final = frozenset({"lldp.enabled"})
_ENDING: typing.Final = frozenset({"remove", "discard", "release"})

PATIENCE: typing.Final = 10.0
"""Seconds for the listener to say that it listens."""


class Lldp(Groundless):
    """Implements `Service` of the contract. `root` is put before the paths of our files, for tests.

    Where we listen is part of the state it shows, so taking back is planning.
    """

    name = "lldp"

    def __init__(self, root: str = "") -> None:
        self._root = root
        self._known: Folder | None = None

    @property
    def _folder(self) -> "Folder":
        if self._known is None:
            from linkhold.providers.lldp.folder import Folder

            self._known = Folder(self._root)
        return self._known

    def present(self) -> bool:
        """It is a part of us."""
        return True

    async def capabilities(self) -> Capabilities:
        """It owns nothing."""
        return Capabilities(provider=self.name, kinds={}, subjects=frozenset(), completes=COMPLETES)

    async def amend(self, state: "NetworkState", scope: Scope) -> "NetworkState":
        """The state with who was heard where we listen; without neighbours where only what was configured counts."""
        if not os.path.isdir(self._root + BASE):
            return state
        wanted = frozenset(self._folder.wanted())
        listed = state.interfaces if isinstance(state.interfaces, tuple) else ()
        if not wanted or not any(one.name in wanted for one in listed) or not self._folder.listening():
            return state
        return state.replace(interfaces=tuple(self._told(one, scope) if one.name in wanted else one for one in listed))

    def _told(self, interface: "Interface", scope: Scope) -> "Interface":
        from linkhold.foundation.record import UNSET
        from linkhold.state.interfaces.lldp import Lldp as Section

        heard = self._folder.heard(interface.name)
        if heard is None or interface.userspace or interface.lldp is not UNSET:
            return interface
        in_full = LLDP_IN_FULL in scope.details
        told = tuple(one.told + one.further if in_full else one.told for one in heard) if scope.running else UNSET
        return interface.replace(lldp=Section(enabled=True, neighbors=told))

    async def apply(self, stage: "Stage", changes: "typing.Sequence[Change]") -> None:
        """Listen from `configure` on; no more when the interface goes, or to another owner."""
        begun = []
        for change in changes:
            if change.subject != "interface":
                continue
            if stage in _ENDING:
                if change.action == "-" or change.before.owner != change.after.owner:
                    self._end(change)
            elif stage == "configure":
                begun += [change] if self._wants(change) else []
        if begun:
            await self._begin(begun)

    def _wants(self, change: "Change") -> bool:
        """Whether to listen; if not, it ends here."""
        section = change.after.get("lldp")
        if _enabled(section):
            return True
        self._end(change)
        return False

    async def _begin(self, changes: "typing.Sequence[Change]") -> None:
        from linkhold.foundation.clock import SystemClock
        from linkhold.foundation.failures import TimedOut

        waiting = {change.name: change for change in changes if self._asked(change)}
        clock = SystemClock()
        limit = clock.monotonic() + PATIENCE
        if waiting and not self._folder.wake():
            self._start(changes[0])
        while waiting and clock.monotonic() < limit:
            waiting = {name: change for name, change in waiting.items() if self._folder.heard(name) is None}
            if waiting:
                await clock.sleep(0.02)
        for name, change in waiting.items():
            raise TimedOut(f"nobody listens to LLDP on {name}", change=change, answer="the listener did not answer")

    def _asked(self, change: "Change") -> bool:
        """Write down that it is wanted; whether anybody has to be told."""
        if self._folder.heard(change.name) is not None and self._folder.listening():
            return False
        try:
            self._folder.unwant(change.name)  # what is left of a listener that died
            self._folder.want(change.name)
        except OSError as error:
            raise _refused(change, error) from error
        return True

    def _start(self, change: "Change") -> None:
        from linkhold.foundation.failures import Refused
        from linkhold.providers.lldp.starting import start

        try:
            start(self._root)
        except Refused as refused:
            refused.change = change
            raise

    def _end(self, change: "Change") -> None:
        try:
            if self._folder.unwant(change.name):
                self._folder.wake()
        except OSError as error:
            raise _refused(change, error) from error

    def watch(self) -> "Quiet":
        """Who comes and goes on a cable is no change of the host's network."""
        from linkhold.providers.quiet import Quiet

        return Quiet()

    def close(self) -> None:
        """Nothing is open."""


def _enabled(section: typing.Any) -> bool:
    from linkhold.foundation.record import UNSET

    return section is not UNSET and section.get("enabled") is True


def _refused(change: "Change", error: OSError) -> Exception:
    from linkhold.foundation.failures import NotPermitted, Refused

    kind = NotPermitted if isinstance(error, PermissionError) else Refused
    answer = f"{error.strerror} ({error.filename})"
    return kind(f"LLDP can't be listened to on {change.name}: {answer}", change=change, answer=answer)
