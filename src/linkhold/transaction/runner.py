"""The transaction: lock, recover a dead predecessor, observe, plan, write down, arm the guard, apply, verify, confirm, commit.

Up to the first change nothing is touched and everything that goes wrong is raised. From there on, whatever goes wrong
(a refusal, a full disk, an interrupt, a bug) leads to the same place: back, verified. The table is in `states.py`.
"""

import typing

from linkhold.foundation.diagnostics import Diagnostic, Diagnostics, Invalid
from linkhold.foundation.failures import Permanent
from linkhold.planning.merge import accumulate
from linkhold.planning.passes import cards_first
from linkhold.planning.planner import Infeasible, Outcome, plan
from linkhold.planning.risks import Connection
from linkhold.state.network import NetworkState
from linkhold.transaction.attempt import Attempt, Rest, waits_even_unchanged
from linkhold.transaction.documents import committed, details_of, last_asked
from linkhold.transaction.ground import Ground, scope_of
from linkhold.transaction.options import Options
from linkhold.transaction.progress import Progress, Stopwatch
from linkhold.transaction.recovery import Recovered, recover
from linkhold.transaction.result import SENTENCES, Result

LATER: typing.Final = Diagnostic(
    severity="warning",
    code="later",
    path=("interfaces",),
    message="virtual functions that are not there yet: all else is planned when their cards show them",
)


async def run(desired: NetworkState, ground: Ground, options: Options) -> Result:
    """Get the host to where a document wants it, or leave it as it was.

    Raises (nothing was touched then):
        Invalid: the document can't be followed.
        Busy: another transaction runs, or waits for confirmation.
        Failure: the host can't be read, the journal can't be written, the guard can't be started.
    """
    ground.folder.prepare()
    lock = ground.folder.lock()
    await lock.acquire_within(options.busy_timeout, ground.clock.sleep)
    try:
        watch = Stopwatch(ground.clock.monotonic)
        recovered = await recover(ground)
        current, outcome, rest = await _look_and_plan(desired, ground, options, watch)
        if outcome.plan.empty and not _even_unchanged(options) and _known(ground, options):
            result = _unchanged(outcome)
        else:
            result = await _brought_about(current, outcome, rest, ground, options, watch)
        return _rounded_off(result, outcome, recovered, ground.provider.remarks(), watch)
    finally:
        lock.release()


async def _brought_about(
    current: NetworkState, outcome: Outcome, rest: Rest | None, ground: Ground, options: Options, watch: Stopwatch
) -> Result:
    stored = committed(ground.folder)
    document = stored if options.memory_only else accumulate(stored, outcome.desired)
    if outcome.plan.empty and document == stored and not _even_unchanged(options):
        return _unchanged(outcome)
    return await Attempt(ground, options, current, outcome, document, watch, rest).run()


def _even_unchanged(options: Options) -> bool:
    """Whether there is something to commit also where nothing has to be changed."""
    return waits_even_unchanged(options) or options.attached is not None


def _unchanged(outcome: Outcome) -> Result:
    return Result(outcome="unchanged", sentence=SENTENCES["unchanged"], plan=outcome.plan)


def _known(ground: Ground, options: Options) -> bool:
    """Whether this very document was the last that was committed: then it is stored, and need not be read to know."""
    return bool(options.asked) and not options.memory_only and options.asked == last_asked(ground.folder)


async def prepare(desired: NetworkState, ground: Ground, options: Options, watch: Stopwatch) -> Outcome:
    """Look and plan.

    Raises:
        Invalid: the document can't be followed (`Infeasible`: not on this host).
        Permanent: the plan is not the one that was approved.
        Failure: the host can't be read.
    """
    _, outcome, rest = await _look_and_plan(desired, ground, options, watch)
    return outcome if rest is None else outcome.replace(diagnostics=(*outcome.diagnostics, LATER))


async def _look_and_plan(
    desired: NetworkState, ground: Ground, options: Options, watch: Stopwatch
) -> tuple[NetworkState, Outcome, Rest | None]:
    """The host, the plan, and what has to wait until that was carried out."""
    ground.report(Progress(phase="observe", message="reading the host"))
    details = details_of(desired)
    scope = scope_of(details)
    current = await ground.provider.observe(scope)
    watch.lap("observe")
    first = cards_first(desired, current)
    outcome = await _plan(desired if first is None else first, current, ground, options)
    watch.lap("plan")
    if options.approved is not None and options.approved != outcome.plan:
        raise Permanent(
            "the host has changed since the plan was approved, and the plan would be another; nothing was touched"
        )
    if first is None:
        return current, outcome, None

    async def whole() -> tuple[NetworkState, Outcome]:
        now = await ground.provider.observe(scope)
        return now, await _plan(desired, now, ground, options)

    def document(whole: Outcome) -> NetworkState:
        stored = committed(ground.folder)
        return stored if options.memory_only else accumulate(stored, whole.desired)

    return current, outcome, Rest(first, details, whole, document)


async def _plan(desired: NetworkState, current: NetworkState, ground: Ground, options: Options) -> Outcome:
    outcome = plan(
        desired,
        current,
        capabilities=await ground.provider.all_capabilities(),
        owners=await ground.provider.owners(),
        connection=connection_of(options.connection),
    )
    if outcome.infeasible:
        raise Infeasible(outcome)
    if outcome.errors:
        raise Invalid(Diagnostics(outcome.diagnostics))
    return outcome


def connection_of(text: str) -> Connection | None:
    """The session of an operator from the words of ``SSH_CONNECTION`` (ssh(1)): peer, its port, own address, own port."""
    words = text.split()
    return Connection(local_address=words[2], peer_address=words[0]) if len(words) == 4 else None


def _rounded_off(
    result: Result, outcome: Outcome, recovered: typing.Iterable[Recovered], remarks: tuple[str, ...], watch: Stopwatch
) -> Result:
    warnings = tuple(one for one in outcome.diagnostics if one.severity == "warning")
    notes = (*(str(one) for one in recovered), *remarks, *result.notes)
    return result.replace(warnings=warnings, notes=notes, timings=watch.spent)
