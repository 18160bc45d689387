"""From the first line of the journal to the end: the part of a transaction that touches the host."""

import contextlib
import os
import typing

from linkhold.foundation.failures import Failure, TimedOut, VerificationFailed
from linkhold.planning.passes import all_there, together
from linkhold.planning.planner import Outcome
from linkhold.planning.serial import to_plain as plan_to_plain
from linkhold.planning.verify import Mismatch, verify
from linkhold.providers.contract import Saved, Watch
from linkhold.state.network import NetworkState
from linkhold.transaction import documents, owner, probes, trials
from linkhold.transaction.confirm import Deadline, claim, commit, deadline_in
from linkhold.transaction.ground import Ground, Guarding, patience, scope_of
from linkhold.transaction.journal import SUFFIX, Gone, Journal, JournalFailure
from linkhold.transaction.options import Options
from linkhold.transaction.progress import Phase, Progress, Stopwatch
from linkhold.transaction.result import SENTENCES, Result
from linkhold.transaction.rollback import close, roll_back
from linkhold.transaction.verifying import Patience, until_agreed
from linkhold.transaction.why import Explained, Witness

FORMAT: typing.Final = 1
"""Of the first line of a journal; a later version that can't read it has to say so instead of guessing."""

SLACK: typing.Final = 10.0
"""Seconds beyond the sum of its parts before a phase counts as hung."""

UNNOTED: typing.Final = 30.0
"""Seconds after which services take back by themselves what our journal does not speak of yet: a command that is killed
between the two must not hold up others for longer."""

APPEARING: typing.Final = 300.0
"""Seconds for the interfaces of virtual functions to appear: drivers of cards with 64 and more take minutes."""

RENAMED: typing.Final = 1.0
"""Seconds without news after the last one appeared: until then udev may give them other names."""
_MOST_NEWS: typing.Final = 100


class NotConfirmed(Failure):
    """The probes say that something does not work any more."""


class Rest(typing.NamedTuple):
    """What has to wait for a first pass (`planning.passes`): that pass, the details of the host that the whole document
    speaks of, how to look again and plan the whole, and what is to be stored then."""

    first: NetworkState
    details: frozenset[str]
    plan: typing.Callable[[], typing.Awaitable[tuple[NetworkState, Outcome]]]
    document: typing.Callable[[Outcome], NetworkState]


class Attempt:
    """One guarded application of one plan. The caller holds the lock."""

    def __init__(
        self,
        ground: Ground,
        options: Options,
        current: NetworkState,
        outcome: Outcome,
        document: NetworkState,
        stopwatch: Stopwatch,
        rest: Rest | None = None,
    ) -> None:
        self.rest = rest
        self.original = current
        self.ground, self.options, self.stopwatch = ground, options, stopwatch
        self.current, self.outcome, self.document = current, outcome, document
        self.plan = outcome.plan
        self.details = documents.details_of(outcome.desired) if rest is None else rest.details
        self.scope = scope_of(self.details)
        self.mismatches: tuple[Explained, ...] = ()
        self.before: tuple[probes.Tried, ...] = ()
        self.tried: tuple[probes.Tried, ...] = ()
        self.notes: list[str] = []
        self.observed = outcome.expected
        self.journal: Journal
        self.name = ""
        self.saved: Saved = {}

    async def run(self) -> Result:
        """Do it.

        Raises:
            Failure: it could not be begun; nothing was touched.
        """
        guarding = self.ground.arm() if self.ground.arm is not None and self._stays_open else None
        try:
            await self._try_before()
            self._write_down()
            await self._arm(guarding)
        finally:
            if guarding is not None:
                guarding.dismiss()
        try:
            return await self._guarded()
        except Gone:
            return self._taken_over()
        except Failure as failure:
            return await self._back(failure)
        except BaseException as bug:  # an interrupt, or a mistake of ours: the host comes first, then it is told
            result = await self._back(bug)
            for note in (result.sentence, *map(str, result.missing)):
                bug.add_note(note)
            raise
        finally:
            self.journal.close()

    @property
    def _stays_open(self) -> bool:
        """Whether there will be anything to guard."""
        return not self.plan.empty or waits_even_unchanged(self.options)

    async def _try_before(self) -> None:
        """The probes before the change: what fails now has no vote later."""
        if self.options.probes and not self.plan.empty:
            self._tell("probe", "what answers before the change", limit=trials.BASELINE)
            self.before = await trials.baseline(self.options.probes, self.current, self.ground.clock)
            self.stopwatch.lap("probe")

    def _write_down(self) -> None:
        path = self.ground.folder.new_path()
        head = {
            "format": FORMAT,
            "owner": owner.myself().said(),
            "deadline": deadline_in(self._limit(), self.ground.clock).said(),
            "details": sorted(self.details),
            "provider": self.options.provider,
            "confirming": self.options.confirming,
            "probes": [str(one) for one in self.options.probes],
            "passes": 1 if self.rest is None else 2,
            "plan": plan_to_plain(self.plan),
            "document": documents.to_plain(self.document),
            "stored": not self.options.memory_only,
        }
        if self.options.attached is not None:
            head["attached"] = self.options.attached
        self.journal = Journal.create(path, head)
        self.name = os.path.basename(path).removesuffix(SUFFIX)

    async def _arm(self, guarding: Guarding | None) -> None:
        try:
            self._tell("guard", "starting the guard")
            guards = guarding.watch(self.journal.path) if guarding is not None else ()
            if not self.plan.empty:
                self.saved = await self.ground.provider.save(self.plan, UNNOTED)
            self.journal.write("checkpoint-taken", guards=list(guards), saved=self.saved)
            await self._keep(self._limit())
        except BaseException:
            with contextlib.suppress(Failure):  # the first failure is the one to tell
                await self.ground.provider.discard(self.saved)
            self.journal.close()
            os.unlink(self.journal.path)
            raise
        self.stopwatch.lap("guard")

    def _limit(self) -> float:
        """Seconds after which a transaction that is being applied counts as hung."""
        once = self.options.apply_timeout + self.options.verify_timeout + SLACK
        return once if self.rest is None else 2 * once + APPEARING

    async def _keep(self, seconds: float) -> None:
        """Put off what services would take back by themselves."""
        if self.saved:
            await self.ground.provider.keep(self.saved, seconds)

    async def _guarded(self) -> Result:
        if self.plan.empty:  # only the document is new
            self.journal.write("all-applied", sync=False)
            if self._stays_open:
                return await self._confirm()
            self.journal.write("agrees", sync=False)
            return await self._commit()
        news = self.ground.provider.watch()
        try:
            await self._apply()
            await self._verify(news)
            if self.rest is not None:
                await self._extend(self.rest, news)
                await self._apply()
                await self._verify(news)
        finally:
            news.close()
        return await self._confirm()

    async def _extend(self, rest: Rest, news: Watch) -> None:
        """The second pass: wait for what the first has made, then plan the whole document.

        Raises:
            TimedOut: it did not come.
            Invalid: the document can't be followed on the host as it is now.
        """
        self._tell("apply", "waiting for virtual functions", limit=APPEARING)

        def missing(state: NetworkState) -> list[str]:
            return [] if all_there(rest.first, state) else ["virtual functions"]

        patient = Patience(APPEARING, APPEARING)
        left, _ = await until_agreed(self.ground.provider, news, self.scope, missing, patient, self.ground.clock)
        if left:
            raise TimedOut(f"not all virtual functions got an interface within {APPEARING:.0f} s")
        for _ in range(_MOST_NEWS):  # on a host on which there is always something new, this is enough
            if not await news.changed(RENAMED):
                break
        self.current, self.outcome = await rest.plan()
        self.plan = together(self.plan, self.outcome.plan, self.original)
        document = documents.to_plain(rest.document(self.outcome))
        # more than before may be touched: whoever had no ground to save then may have one now
        self.saved |= await self.ground.provider.save(self.outcome.plan, UNNOTED, held=self.saved)
        self.journal.write("extended", plan=plan_to_plain(self.plan), document=document, saved=self.saved)
        await self._keep(self._limit())

    async def _apply(self) -> None:
        plan = self.outcome.plan
        steps = list(plan.steps())
        limit = self.options.apply_timeout
        await self.ground.provider.begin(plan, self.current, self.outcome.expected, lasting=self.options.lasting)
        for index, (stage, changes) in enumerate(steps):
            self._tell("apply", f"{stage}: {len(changes)}", done=index, total=len(steps), limit=limit)
            await self.ground.clock.sleep(0)  # an interrupt is heard between levels, never inside of one
            self.journal.check()
            self.journal.write("level", index=index, stage=stage, done=False)
            await self.ground.provider.apply(stage, changes)
            self.journal.write("level", index=index, stage=stage, done=True, sync=False)
        self.journal.write("all-applied", sync=False)
        self.stopwatch.lap("apply")

    async def _verify(self, news: typing.Any) -> None:
        if not self.options.verify:
            self.notes.append("not verified, as asked for")
            return
        self._tell("verify", "reading the host back", limit=self.options.verify_timeout)
        witness = Witness(self.outcome.plan)

        advisory: list[Mismatch] = []

        def serious(state: NetworkState) -> list[Mismatch]:
            found = verify(self.outcome, state, lasting=self.options.lasting)
            witness.saw(found)
            advisory[:] = [one for one in found if one.advisory]
            return [one for one in found if not one.advisory]

        left, self.observed = await until_agreed(
            self.ground.provider, news, self.scope, serious, patience(self.options), self.ground.clock
        )
        self.mismatches = tuple(witness.explain(one) for one in (*left, *advisory))
        self.stopwatch.lap("verify")
        if left:
            raise VerificationFailed(f"{len(left)} things are not as asked for", self.mismatches)

    async def _confirm(self) -> Result:
        confirming = self.options.confirming
        seconds = self.options.confirm_timeout if confirming == "later" else self.options.probe_timeout + SLACK
        await self._keep(seconds + SLACK)  # ours comes first
        deadline = deadline_in(seconds, self.ground.clock)
        self.journal.write("agrees", waits=confirming, deadline=deadline.said())
        if confirming == "later":
            return self._leave(deadline)
        if self.options.probes:
            await self._probe()
        return await self._commit()

    async def _probe(self) -> None:
        self._tell("confirm", "probing", total=len(self.options.probes), limit=self.options.probe_timeout)
        self.tried = await trials.run(
            self.options.probes, self.observed, self.ground.clock, self.options.probe_timeout, self.before
        )
        self.journal.write("probed", results=[str(one) for one in self.tried], sync=False)
        self.stopwatch.lap("confirm")
        if not probes.good(self.tried):
            raise NotConfirmed("; ".join(str(one) for one in self.tried if one.counted and not one.passed))

    def _leave(self, deadline: Deadline) -> Result:
        self._tell("confirm", "waiting for confirmation", limit=self.options.confirm_timeout)
        return self._result("unconfirmed", deadline=deadline)

    async def _commit(self) -> Result:
        await self.ground.provider.discard(self.saved)  # or a service could take back what is committed
        wrong = commit(self.ground.folder, self.journal, self.name, by=str(owner.myself()), asked=self._asked())
        if wrong:
            self.notes.append(f"committed, but a power cut now may lose that: {wrong}")
        self.stopwatch.lap("confirm")
        return self._result("committed")

    def _asked(self) -> str:
        return "" if self.options.memory_only else self.options.asked

    async def _back(self, why: BaseException) -> Result:
        """Take it back; the result says why."""
        event = _event(why, self.journal.state)
        try:
            claim(self.ground.folder, self.journal, self.name)
        except Gone:
            return self._taken_over()
        with contextlib.suppress(JournalFailure):
            self.journal.write(event, reason=str(why), answer=getattr(why, "answer", ""), failed=_change_name(why))
        missing = await roll_back(
            self.ground.provider,
            self.plan,
            self.saved,
            self.journal,
            self.ground.clock,
            self.scope,
            patience(self.options),
            self.ground.report,
        )
        wrong = close(self.ground.folder, self.journal, self.name, missing)
        if wrong:
            self.notes.append(f"the journal could not be closed, so the next command will look at it again: {wrong}")
        self.stopwatch.lap("rollback")
        return self._result("stranded" if missing else "rolled-back", why=why, missing=missing)

    def _taken_over(self) -> Result:
        """Somebody else decided while we were at it."""
        fate = self.ground.folder.fate(self.name)
        self.notes.append(f"transaction {self.name} was ended by another process")
        if fate.state == "committed":
            return self._result("committed")
        return self._result("stranded" if fate.state == "stranded" else "rolled-back")

    def _result(self, outcome: typing.Any, *, why: BaseException | None = None, **more: typing.Any) -> Result:
        self._tell("done", SENTENCES[outcome])
        return Result(
            outcome=outcome,
            sentence=SENTENCES[outcome],
            plan=self.plan,
            transaction=self.name,
            reason="" if why is None else str(why) or type(why).__name__,
            answer=getattr(why, "answer", ""),
            cause=why,
            failed=_change_name(why),
            mismatches=self.mismatches,
            probes=self.tried,
            notes=tuple(self.notes),
            **more,
        )

    def _tell(self, phase: Phase, message: str, **more: typing.Any) -> None:
        self.ground.report(Progress(phase=phase, message=message, **more))


def waits_even_unchanged(options: Options) -> bool:
    """Whether somebody wants to confirm also where there is nothing to change."""
    return options.even_unchanged and options.confirming == "later"


def _event(why: BaseException, state: str) -> str:
    if isinstance(why, VerificationFailed):
        return "disagrees"
    if isinstance(why, NotConfirmed):
        return "refused"
    return "change-failed" if state == "applying" and isinstance(why, Exception) else "cancelled"


def _change_name(why: BaseException | None) -> str:
    change = getattr(why, "change", None)
    return f"{change.action} {change.subject} {change.name}" if change is not None else ""
