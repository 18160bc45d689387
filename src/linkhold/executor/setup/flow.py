"""One setup-networks request, from its words to its end.

    turn → look → prepare (`networks`) → keep the snapshot → the core's transaction → heard, or taken back → promote → tell

A request is carried out to its end whether or not anybody waits for it. One at a time: a second one is refused at once. The
transaction is the only truth; what is copied afterwards (``running.json``) and what is told says what it has decided.
"""

import asyncio
import functools
import typing

from linkhold.executor.setup import deciding, outcome, pending, planning_ahead
from linkhold.executor.setup.changing import Changing, Plain
from linkhold.executor.setup.hearing import Hearing
from linkhold.executor.setup.pending import Pending
from linkhold.foundation.diagnostics import Invalid
from linkhold.foundation.failures import Failure
from linkhold.foundation.logs import Log
from linkhold.networks.configuration import Configuration
from linkhold.networks.facts import Facts
from linkhold.networks.request import SetupOptions
from linkhold.state.network import NetworkState
from linkhold.transaction.options import Options
from linkhold.transaction.result import Result

_AGAIN: typing.Final = 1.0
"""Seconds until it is tried again to take up what waits."""


class Prepared(typing.NamedTuple):
    """What a request means here: the desired state, the document that says it, and what is *running* once it is committed."""

    desired: NetworkState
    document: Plain
    after: Configuration
    options: SetupOptions
    notes: tuple[str, ...] = ()


Prepare = typing.Callable[[Configuration, NetworkState, Facts], Prepared]
"""A request over running configuration, current state and facts. Raises Invalid for what can't be followed."""


class Changes(Changing):
    """Who changes the networks of this host, in this process."""

    pending: Pending | None = None
    _hearing: Hearing | None = None

    @functools.cached_property
    def _woken(self) -> asyncio.Event:
        """Set whenever somebody is heard."""
        return asyncio.Event()

    def heard(self, requester: str, at: float) -> bool:
        """A requester was heard at that moment (CLOCK_BOOTTIME); what is said of the future is taken for now."""
        if self._hearing is not None:
            self._hearing.heard(requester, min(at, self._clock.monotonic()))
            self._woken.set()
        return True

    async def carry_out(self, what: str, prepare: Prepare, *, requester: str = "", request: str = "") -> Plain:
        """Make the host as a request says, or leave it as it was; the answer to give.

        Raises:
            Unsuccessful: it was not carried out; the host is as before, or what is missing is told.
        """
        log = self._log.bound(request=request, verb=what)
        began = self._clock.monotonic()
        await self._let_rules_be_laid()
        try:
            with self.turn.taken(what):
                answer = await self._carry_out(prepare, Hearing(requester), request, log)
        except Invalid as invalid:
            raise self._told(outcome.of_invalid(invalid), log) from invalid
        except Failure as failure:
            raise self._told(outcome.of_failure(failure), log) from failure
        except outcome.Unsuccessful as unsuccessful:
            raise self._told(unsuccessful, log) from None
        finally:
            self._after()
        log.info("finished", seconds=round(self._clock.monotonic() - began, 6), **answer)
        return answer

    async def _carry_out(self, prepare: Prepare, hearing: Hearing, request: str, log: Log) -> Plain:
        began = self._clock.monotonic()
        async with self._told_as_before() as before:
            running, seen = self.running, before.seen
            prepared = await self._aside.do(lambda: _prepared(prepare, running, seen.state, seen.facts))
            if prepared.options.connectivity_check and not hearing.requester:
                raise outcome.of_nobody()
            spent = {"prepare": round(self._clock.monotonic() - began, 6)}
            log.info("desired", document=prepared.document, generation=before.generation)
            options = self._options(prepared, hearing, request)
            self._hearing = hearing if prepared.options.connectivity_check else None
            try:
                result = await self._aside.do(lambda: self._transaction(prepared.desired, options, hearing, log))
                timings = {**spent, **result.timings}
                changes = planning_ahead.lines(result.plan)
                log.info("transaction", transaction=result.transaction, outcome=result.outcome, changes=changes)
                if not result.good:
                    raise outcome.of_result(result.replace(timings=timings))
                if result.deadline is not None:
                    timings |= await self._decide(_of_result(result, options, hearing, request), timings, log)
            finally:
                self._hearing = None
        return await self._kept(result, timings, prepared, log)

    def _options(self, prepared: Prepared, hearing: Hearing, request: str) -> Options:
        checked = prepared.options.connectivity_check
        seconds = prepared.options.connectivity_timeout
        more: Plain = {"request": request, "keep": prepared.options.commit_on_success}
        if checked:
            more |= {"requester": hearing.requester, "seconds": seconds}
        return Options(
            confirming="later" if checked else "at-once",
            confirm_timeout=seconds,
            even_unchanged=True,
            memory_only=True,
            attached=self.store.attachment(prepared.after, **more),
        )

    async def _decide(self, waiting: Pending, timings: Plain, log: Log) -> dict[str, float]:
        """Wait for the requester, then keep the change or take it back; how long that took.

        Raises:
            Unsuccessful: it was taken back.
        """
        began = self._clock.monotonic()
        self.pending, self._hearing = waiting, waiting.hearing
        log.info("waits", transaction=waiting.transaction, seconds=waiting.seconds, requester=waiting.requester)
        self._announce("transaction", {"transaction": waiting.transaction, "phase": "confirm", "outcome": ""})
        try:
            in_time = await deciding.heard_in_time(waiting, self._woken, self._clock, self.store.folder)
            decided = await self._aside.do(lambda: self._decided(waiting, in_time))
        except Failure as failure:
            raise outcome.of_undecided(waiting.transaction, failure) from failure
        finally:
            self.pending = self._hearing = None
        spent = {"confirm": round(self._clock.monotonic() - began, 6)}
        if decided.kept:
            return spent
        raise outcome.of_silence(
            waiting.transaction, waiting.requester, waiting.seconds, decided.missing, {**timings, **spent}
        )

    async def _decided(self, waiting: Pending, in_time: bool) -> deciding.Decided:
        with self._grounds(lambda progress: None) as ground:
            return await (deciding.keep if in_time else deciding.take_back)(waiting, ground)

    async def _kept(self, result: Result, timings: Plain, prepared: Prepared, log: Log) -> Plain:
        notes = [*prepared.notes, *result.notes, *await self._copied(log)]
        self._announce("transaction", {"transaction": result.transaction, "phase": "done", "outcome": "committed"})
        outcome_word = "committed" if result.outcome == "unconfirmed" else result.outcome
        return {"transaction": result.transaction, "outcome": outcome_word, "timings": timings, "notes": notes}

    def _told(self, unsuccessful: outcome.Unsuccessful, log: Log) -> outcome.Unsuccessful:
        log.warning("failed", code=unsuccessful.number, message=unsuccessful.message, **unsuccessful.data)
        if unsuccessful.data.get("transaction"):
            told = {key: unsuccessful.data[key] for key in ("transaction", "outcome", "reason")}
            self._announce("transaction", {**told, "phase": "done"})
        return unsuccessful

    async def resume(self) -> None:
        """Go on with what an earlier process of ours left waiting, and with copying what it committed."""
        log = self._log
        while (waiting := pending.found(self.store.folder)) is not None:
            log = self._log.bound(request=waiting.request, verb="setup-networks")
            log.info("resumed", transaction=waiting.transaction)
            try:
                with self.turn.taken("setup-networks"):
                    await self._resume(waiting, log)
                break
            except Failure as failure:  # the host can't be looked at now; the guard keeps the deadline meanwhile
                log.warning("not-resumed", reason=str(failure))
                await self._clock.sleep(_AGAIN)
        await self._copied(log)
        self._after()

    async def _resume(self, waiting: Pending, log: Log) -> None:
        self._hearing = waiting.hearing  # looking at the host takes a while, in which the requester may be heard
        try:
            async with self._told_as_before():
                await self._decide(waiting, {}, log)
            log.info("finished", transaction=waiting.transaction, outcome="committed")
        except outcome.Unsuccessful as unsuccessful:
            self._told(unsuccessful, log)
        finally:
            self._hearing = None


async def _prepared(prepare: Prepare, running: Configuration, state: NetworkState, facts: Facts) -> Prepared:
    return prepare(running, state, facts)


def _of_result(result: Result, options: Options, hearing: Hearing, request: str) -> Pending:
    assert result.deadline is not None
    return Pending(
        transaction=result.transaction,
        requester=hearing.requester,
        request=request,
        deadline=result.deadline,
        seconds=options.confirm_timeout,
        hearing=hearing,
    )
