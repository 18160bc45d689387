"""The verbs that the command line has, too: documents shown, planned, applied, confirmed, taken back.

What comes through the socket was decided by a process without privileges, so what would run programs as root is refused
there: scripts of a dispatcher, probes by a command.
"""

import typing

from linkhold.executor import store as kept
from linkhold.executor import verbs
from linkhold.executor.service import shapes
from linkhold.executor.service.desk import Verb, refused
from linkhold.executor.service.params import anything, flag, number, texts
from linkhold.executor.service.programs import refuse_programs
from linkhold.executor.setup.aside import Aside
from linkhold.executor.setup.changing import Grounds
from linkhold.executor.setup.flow import Changes
from linkhold.executor.setup.planning_ahead import Drift
from linkhold.foundation.diagnostics import to_plain as diagnostics_to_plain
from linkhold.planning.planner import Infeasible, Outcome
from linkhold.providers.contract import ALL_DETAILS, LLDP_IN_FULL, Scope
from linkhold.state import document
from linkhold.state.network import NetworkState
from linkhold.transaction.options import Options
from linkhold.transaction.probes import Probe, parse
from linkhold.transaction.result_form import to_plain as result_to_plain
from linkhold.wire.local_server import LocalCall

Plain = dict[str, typing.Any]

Show = typing.Callable[[Scope], typing.Awaitable[NetworkState]]
"""The host as far as a scope says."""

Drifted = typing.Callable[[], typing.Awaitable[Drift]]
"""How far the host is from what was committed, and from what *running* says."""


class CoreVerbs:
    """Their answers."""

    def __init__(self, changes: Changes, grounds: Grounds, aside: Aside, show: Show, drift: Drifted) -> None:
        self._changes, self._grounds, self._aside = changes, grounds, aside
        self._show, self._drift = show, drift

    def table(self) -> dict[str, Verb]:
        """By name."""
        return {
            "show": Verb({"details": flag(False)}, self.show),
            "plan": Verb({"document": anything()}, self.plan),
            "apply": Verb(
                {"document": anything(), "commit": flag(True), "timeout": number(60.0), "probes": texts([])}, self.apply
            ),
            "confirm": Verb({}, self.confirm),
            "rollback": Verb({}, self.rollback),
            "history": Verb({}, self.history),
            "drift": Verb({}, self.drift),
            "neighbours": Verb({}, self.neighbours),
        }

    async def show(self, call: LocalCall) -> Plain:
        """The host as a document."""
        details = (ALL_DETAILS if call.params["details"] else frozenset()) | {"carrier", "daemons"}
        return document.to_plain(await self._show(Scope(details=details)), shown=True)

    async def plan(self, call: LocalCall) -> Plain:
        """What a document would change; also where this host can't do it, which the diagnostics say."""
        desired = document.read(call.params["document"])
        try:
            outcome = await self.planned(desired)
        except Infeasible as infeasible:
            outcome = infeasible.outcome
        return {**shapes.of_plan(outcome.plan), "diagnostics": diagnostics_to_plain(outcome.diagnostics)}

    async def planned(self, desired: NetworkState) -> Outcome:
        """What the core would do for a desired state."""

        async def work() -> Outcome:
            with self._grounds(lambda progress: None) as ground:
                return await verbs.plan(desired, ground=ground)

        return await self._aside.do(work)

    async def apply(self, call: LocalCall) -> Plain:
        """Make the host as a document says, or leave it as it was; how that ended, good or not."""
        desired = document.read(call.params["document"])
        if call.credentials.uid != 0:
            refuse_programs(desired)
        probes = _probes(call.params["probes"], by_root=call.credentials.uid == 0)
        options = Options(
            confirming="later" if not call.params["commit"] else "probes" if probes else "at-once",
            confirm_timeout=call.params["timeout"],
            probes=probes,
        )
        return result_to_plain(await self._changes.apply(desired, options, request=call.request))

    async def confirm(self, call: LocalCall) -> str:
        """Keep the change that waits."""

        async def work() -> str:
            with self._grounds(lambda progress: None) as ground:
                return (await verbs.confirm(ground=ground)).name

        return await self._aside.do(work)

    async def rollback(self, call: LocalCall) -> str:
        """Take back the change that waits."""

        async def work() -> str:
            with self._grounds(lambda progress: None) as ground:
                return (await verbs.rollback(ground=ground)).name

        return await self._aside.do(work)

    async def history(self, call: LocalCall) -> list[Plain]:
        """All transactions that are known, oldest first."""
        folder = self._changes.store.folder

        async def work() -> list[kept.Told]:
            return [*verbs.history(folder=folder), *verbs.pending(folder=folder)]

        return [shapes.of_told(one) for one in await self._aside.do(work)]

    async def drift(self, call: LocalCall) -> Plain:
        """What would be done against drift, and what can't be done about it."""
        found = await self._drift()
        wrong = [one.message for one in found.outcome.errors]
        return {**shapes.of_plan(found.outcome.plan), "missing": [*found.missing, *wrong]}

    async def neighbours(self, call: LocalCall) -> Plain:
        """What the neighbours of each card announce."""
        return shapes.of_neighbours(await self._show(Scope(details=frozenset({"lldp", LLDP_IN_FULL}))))


def _probes(words: typing.Sequence[str], *, by_root: bool) -> tuple[Probe, ...]:
    try:
        probes = tuple(parse(one) for one in words)
    except ValueError as error:
        raise refused(f"probes: {error}") from error
    if not by_root and any(one.kind == "command" for one in probes):
        raise refused("probes: only root may let a command decide")
    return probes
