"""Open vSwitch as a service beside the kernel: bridges, what lives in them, and the database's free maps.

Its coroutines never wait in an event loop: the server is local, answers in milliseconds, and every request has a time limit.
"""

import os
import time
import typing

from linkhold.foundation.record import UNSET
from linkhold.providers.contract import Capabilities, Saved, Scope
from linkhold.providers.ovsdb.connection import DATABASE, Database, Lost
from linkhold.providers.ovsdb.presence import listens, socket_path

if typing.TYPE_CHECKING:
    from linkhold.planning.change import Change, Plan, Stage
    from linkhold.providers.ovsdb.watch import DatabaseWatch
    from linkhold.state.interfaces.common import Interface
    from linkhold.state.network import NetworkState

RESTART_S: typing.Final = 5.0
"""How long a server that went away may take to come back (its monitor starts it again, ovsdb-server(1)) while we wait."""

_STOPPED_S: typing.Final = 1.0
"""The same for one that ended in its own way: that is to be so, or it is on its way up again already."""

_SETTLING_BACK_S: typing.Final = 10.0
_PAUSE_S: typing.Final = 0.2
_KINDS: typing.Final = frozenset({"ovs-bridge", "ovs-interface"})
_SUBJECTS: typing.Final = frozenset({"ovs-db", "ovn"})


class OpenVSwitch:
    """Implements `Service` of the contract over the socket of ovsdb-server; `path` says which (else `presence.socket_path`)."""

    name = "ovsdb"

    def __init__(self, path: str = "") -> None:
        self.database = Database(path or socket_path())
        self._after: dict[tuple[str, str], Interface] = {}
        self._bridges: frozenset[str] = frozenset()
        self._given_up = False

    def present(self) -> bool:
        """Whether the server runs here."""
        return listens(self.database.path)

    async def capabilities(self) -> Capabilities:
        """What can be done here."""
        from linkhold.providers.ovsdb.capability import capabilities

        return self._again(lambda: capabilities(self.database))

    async def amend(self, state: "NetworkState", scope: Scope) -> "NetworkState":
        """What the kernel shows, with bridges, patches, memberships and free maps laid over it."""
        from linkhold.providers.ovsdb.observe import amended
        from linkhold.providers.ovsdb.snapshot import read

        return amended(state, self._again(lambda: read(self.database)), scope.names)

    async def begin(
        self,
        plan: "Plan",
        before: "NetworkState",
        after: "NetworkState",
        *,
        lasting: bool = True,
        returning: bool = False,
    ) -> None:
        """Know the whole: where one link belongs is said by a bridge."""
        self._after = dict(after.by_key)
        self._bridges = frozenset(key[0] for side in (before, after) for key in side.by_key if key[1] == "ovs-bridge")

    async def apply(self, stage: "Stage", changes: "typing.Sequence[Change]") -> None:
        """Carry out one stage of some changes; those of no concern here cost nothing.

        Raises:
            Refused: the database or ovs-vswitchd said no.
            TimedOut, Lost: one of them does not answer.
        """
        mine = [one for one in changes if self._concerns(one)]
        if not mine:
            return
        from linkhold.providers.ovsdb.apply import Stages
        from linkhold.providers.ovsdb.snapshot import read

        after = {
            **self._after,
            **{one.after.key: one.after for one in mine if one.subject == "interface" and one.after is not UNSET},
        }

        def carry_out() -> None:
            Stages(read(self.database), after).carry_out(stage, mine).carry_out(self.database)

        self._again(carry_out)

    async def save(self, plan: "Plan", seconds: float) -> Saved:
        """Keep the rows that the plan may touch, whole."""
        from linkhold.providers.ovsdb.ground import concerns, keep
        from linkhold.providers.ovsdb.schema import Schema

        if not concerns(plan):
            return {}
        return self._again(lambda: keep(self.database, Schema(self._schema()), plan))

    async def keep(self, saved: Saved, seconds: float) -> None:
        """Nothing happens by itself."""

    async def put_back(self, saved: Saved) -> None:
        """Return to the kept rows, in one transaction; in the file that the server will read where none runs.

        Raises:
            Refused, TimedOut, Lost: that was not possible; the failure says why.
        """
        from linkhold.providers.ovsdb.ground import put_back
        from linkhold.providers.ovsdb.schema import Schema

        try:
            self._again(lambda: put_back(self.database, Schema(self._schema()), saved, self._settling()))
        except Lost:
            from linkhold.providers.ovsdb.offline import File, file_path

            path = file_path()
            if not path:
                raise
            put_back(File(path), Schema.kept(saved["schema"]), saved, 0)

    async def discard(self, saved: Saved) -> None:
        """Nothing happens by itself."""

    def close(self) -> None:
        """Close the connection."""
        self.database.close()

    def watch(self) -> "DatabaseWatch":
        """Start to watch for changes; what happens after this returns is not missed."""
        from linkhold.providers.ovsdb.watch import DatabaseWatch

        return DatabaseWatch(self.database.path)

    def _schema(self) -> dict[str, typing.Any]:
        return typing.cast("dict[str, typing.Any]", self.database.call("get_schema", [DATABASE]))

    def _settling(self) -> float:
        """How long to wait for ovs-vswitchd: at boot it starts only later, and then reads what was put back."""
        from linkhold.providers.ovsdb.capability import at_work

        return _SETTLING_BACK_S if at_work(self.database) else 0

    def _concerns(self, change: "Change") -> bool:
        if change.subject != "interface":
            return change.subject in _SUBJECTS
        for side in (change.before, change.after):
            if side is not UNSET and (
                side.kind in _KINDS or side.ovs_db is not UNSET or side.controller in self._bridges
            ):
                return True
        return False

    def _again(self, work: "typing.Callable[[], _T]") -> "_T":
        """Do something that reads before it writes; once more where the server was lost, as soon as it is back."""
        try:
            done = work()
        except Lost:
            if not self._returns():
                raise
            done = work()
        self._given_up = False
        return done

    def _returns(self) -> bool:
        """Whether the server is back; once that was waited for in vain, it is not waited for again."""
        killed = os.path.exists(self.database.path)  # then its socket is left
        patience = RESTART_S if killed else _STOPPED_S
        until = time.monotonic() + (0 if self._given_up else patience)
        while not listens(self.database.path):
            if time.monotonic() >= until:
                self._given_up = True
                return False
            time.sleep(_PAUSE_S)
        return True


_T = typing.TypeVar("_T")
