"""The verbs about the networks of a fleet: look, set up, hear, keep."""

import typing

from linkhold.executor.service import shapes
from linkhold.executor.service.desk import Verb
from linkhold.executor.service.params import mapping, number, text, whole
from linkhold.executor.setup.flow import Changes, Prepared
from linkhold.executor.setup.store import NOTHING, Unreadable
from linkhold.foundation.logs import Log
from linkhold.networks import facts_form
from linkhold.networks.configuration import Configuration
from linkhold.networks.facts import Facts
from linkhold.networks.functions import change_functions
from linkhold.networks.request import SetupOptions
from linkhold.networks.setup import Setup, prepare
from linkhold.planning.planner import Outcome
from linkhold.state.document import to_plain
from linkhold.state.network import NetworkState
from linkhold.wire.local_server import LocalCall

Plain = dict[str, typing.Any]

Planned = typing.Callable[[NetworkState], typing.Awaitable[Outcome]]
"""What the core would do for a desired state."""

REQUEST: typing.Final = {
    "networks": mapping({}),
    "bondings": mapping({}),
    "options": mapping({}),
    "requester": text(""),
}
_NOTHING: typing.Final = -1


class NetworkVerbs:
    """Their answers."""

    def __init__(self, changes: Changes, planned: Planned, log: Log) -> None:
        self._changes, self._planned, self._log = changes, planned, log
        self._told: object = None

    def table(self) -> dict[str, Verb]:
        """By name."""
        return {
            "snapshot": Verb({"generation": whole(_NOTHING, least=_NOTHING)}, self.snapshot, quiet=True),
            "setup-networks": Verb(REQUEST, self.setup_networks),
            "heard": Verb({"requester": text(), "at": number()}, self.heard, quiet=True),
            "keep": Verb({}, self.keep),
            "change-functions": Verb({"device": text(), "count": whole()}, self.change_functions),
            "translate": Verb(REQUEST, self.translate),
        }

    async def snapshot(self, call: LocalCall) -> Plain:
        """The host, what was asked of it and what waits; only the generation to those who have it already."""
        now = await self._changes.snapshots.current()
        beside = self._beside()
        if beside != self._told:
            if self._told is not None:
                self._changes.snapshots.counts_on()
                now = now._replace(generation=self._changes.snapshots.generation)
            self._told = beside
        if call.params["generation"] == now.generation:
            return {"generation": now.generation}
        return {
            "generation": now.generation,
            "state": to_plain(now.seen.state),
            "facts": facts_form.to_plain(now.seen.facts),
            **beside,
        }

    def _beside(self) -> Plain:
        """What is stored, and what waits. *Safe* that can't be understood is told as none, and as something to be saved."""
        store, waiting, running = self._changes.store, self._changes.pending, self._changes.running
        try:
            held = store.safe()
            safe = held.configuration if held is not None else NOTHING
            dirty = running != safe
        except Unreadable as failure:
            self._log.error("unreadable", reason=str(failure))
            safe, dirty = NOTHING, True
        return {
            "running": store.plain(running),
            "safe": store.plain(safe),
            "dirty": dirty,
            "waits": None
            if waiting is None
            else {
                "transaction": waiting.transaction,
                "requester": waiting.requester,
                "request": waiting.request,
                "deadline": waiting.deadline.boot,
            },
        }

    async def setup_networks(self, call: LocalCall) -> Plain:
        """Carry a request out, to the end of its connectivity check."""
        raw = _raw(call)
        requester = call.params["requester"]

        def prepared(running: Configuration, state: NetworkState, facts: Facts) -> Prepared:
            return _of_setup(prepare(raw, running, state, facts))

        self._log.info("asked", request=call.request, requester=requester, **raw)
        return await self._changes.carry_out("setup-networks", prepared, requester=requester, request=call.request)

    async def translate(self, call: LocalCall) -> Plain:
        """What a request would do."""
        now = await self._changes.snapshots.current()
        setup = prepare(_raw(call), self._changes.running, now.seen.state, now.seen.facts)
        outcome = await self._planned(setup.desired)
        return {"document": setup.document, **shapes.of_plan(outcome.plan)}

    async def heard(self, call: LocalCall) -> bool:
        """A requester was heard."""
        return self._changes.heard(call.params["requester"], call.params["at"])

    async def keep(self, call: LocalCall) -> bool:
        """Running becomes safe."""
        return await self._changes.keep()

    async def change_functions(self, call: LocalCall) -> bool:
        """Give a card another number of virtual functions."""
        device, count = call.params["device"], call.params["count"]

        def prepared(running: Configuration, state: NetworkState, facts: Facts) -> Prepared:
            setup = change_functions(device, count, running, facts)
            return _of_setup(setup)._replace(options=SetupOptions(connectivity_check=False))

        await self._changes.carry_out("change-functions", prepared, request=call.request)
        return True


def _raw(call: LocalCall) -> Plain:
    return {name: call.params[name] for name in ("networks", "bondings", "options")}


def _of_setup(setup: Setup) -> Prepared:
    return Prepared(
        desired=setup.desired,
        document=setup.document,
        after=setup.after,
        options=setup.request.options,
        notes=tuple(str(one) for one in getattr(setup.request, "warnings", ())),
    )
