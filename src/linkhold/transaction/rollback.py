"""Taking back: each provider returns to the ground it saved, then read the host, plan from there to what was before, carry
that out, and prove it.

It never asks how far the application had come. It does not stop at the first refusal either: each change that can be
taken back brings the host closer to working again, and the next attempt plans anew from what is there then.
"""

import contextlib
import typing

from linkhold.foundation.clock import Clock
from linkhold.foundation.failures import Failure
from linkhold.planning.change import Change, Plan, Stage
from linkhold.planning.planner import restore
from linkhold.planning.verify import Mismatch, verify_restored
from linkhold.providers.contract import Capabilities, Provider, Saved, Scope
from linkhold.state.network import NetworkState
from linkhold.transaction.folder import Folder
from linkhold.transaction.journal import Journal, JournalFailure
from linkhold.transaction.progress import Progress, Report
from linkhold.transaction.verifying import Patience, until_agreed
from linkhold.transaction.why import Explained, refused

ATTEMPTS: typing.Final = 4
"""Attempts before it is given up; between them 0, 1, 2 and 4 seconds, for whatever made the kernel refuse to pass."""


async def roll_back(
    provider: Provider,
    plan: Plan,
    saved: Saved,
    journal: Journal,
    clock: Clock,
    scope: Scope,
    patience: Patience,
    report: Report,
) -> tuple[Explained, ...]:
    """Put back what was before `plan`; what could not be put back.

    A failure of the disk does not stop it: by now the host matters more than its journal.
    """
    refusals: dict[str, str] = {}
    watch = provider.watch()
    try:
        for attempt in range(ATTEMPTS):
            if attempt:
                await clock.sleep(2 ** (attempt - 1))
            report(Progress(phase="rollback", message="putting back what was before", done=attempt, total=ATTEMPTS))
            own = await _own_grounds(provider, saved)
            try:
                capabilities = await provider.all_capabilities()
                current = await provider.observe(scope)
                back = restore(plan, current, capabilities=capabilities)
                _note(journal, attempt, back.plan)
                await provider.begin(back.plan, current, back.target, returning=True)
                refusals = await _carry_out(provider, back.plan) | own
                left, _ = await until_agreed(provider, watch, scope, _unlike(plan, capabilities), patience, clock)
            except Failure as failure:
                refusals[""] = str(failure)
                continue
            if not left and not own:
                return ()
        return await _missing(provider, scope, plan, refusals)
    finally:
        watch.close()


def _unlike(
    plan: Plan, capabilities: tuple[Capabilities, ...]
) -> typing.Callable[[NetworkState], typing.Sequence[Mismatch]]:
    return lambda state: verify_restored(plan, state, capabilities=capabilities)


async def _own_grounds(provider: Provider, saved: Saved) -> dict[str, str]:
    """Let each provider return to what it saved; a failure of one does not keep the rest from being put back."""
    try:
        await provider.put_back(saved)
    except Failure as failure:
        return {"": str(failure)}
    return {}


async def _missing(provider: Provider, scope: Scope, plan: Plan, refusals: dict[str, str]) -> tuple[Explained, ...]:
    own = (Explained(path="host", why=refusals[""]),) if refusals.get("") else ()
    try:
        unlike = _unlike(plan, await provider.all_capabilities())
        return (*own, *refused(unlike(await provider.observe(scope)), refusals))
    except Failure as failure:  # nothing is known to be back
        return (Explained(path="host", why=str(failure)),)


async def _carry_out(provider: Provider, plan: Plan) -> dict[str, str]:
    """As much as the host allows; the refusals by the name of the change."""
    refusals: dict[str, str] = {}
    for stage, changes in plan.steps():
        try:
            await provider.apply(stage, changes)
        except Failure:
            for change in changes:
                await _alone(provider, stage, change, refusals)
    return refusals


async def _alone(provider: Provider, stage: Stage, change: Change, refusals: dict[str, str]) -> None:
    try:
        await provider.apply(stage, (change,))
    except Failure as failure:
        refusals[change.name] = f"{failure}{f' ({failure.answer})' if failure.answer else ''}"


def _note(journal: Journal, attempt: int, plan: Plan) -> None:
    changes = [f"{one.action} {one.subject} {one.name}" for one in plan.changes]
    with contextlib.suppress(JournalFailure):
        journal.write("restoring", attempt=attempt, changes=changes)


def close(folder: Folder, journal: Journal, name: str, missing: tuple[Explained, ...]) -> str:
    """Write down how it ended; what went wrong with that, '' if nothing did."""
    wrong = ""
    state: typing.Literal["stranded", "rolled-back"] = "stranded" if missing else "rolled-back"
    try:
        if journal.state == "rolling-back":  # else the disk took no more lines, and the name has to say it alone
            journal.write("restore-failed" if missing else "restored", missing=[str(one) for one in missing])
    except JournalFailure as failure:
        wrong = str(failure)
    try:
        journal.rename(folder.ended(name, state))
    except JournalFailure as failure:
        wrong = str(failure)
    journal.close()
    return wrong
