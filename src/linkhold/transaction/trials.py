"""Running probes: each is tried again and again until it passes, or until the budget that all share is spent.

`baseline` runs them before the change: those that fail there have no vote after it.
"""

import typing

from linkhold.foundation.clock import Clock
from linkhold.state.network import NetworkState
from linkhold.transaction.probes import Probe, Tried, Unanswered
from linkhold.transaction.probing import attempt

RETRY: typing.Final = 0.3
"""Seconds between two tries of one probe."""

BASELINE: typing.Final = 3.0
"""Seconds for all probes before the change: a host that answers at all answers within that."""


async def baseline(probes: typing.Sequence[Probe], state: NetworkState, clock: Clock) -> tuple[Tried, ...]:
    """Each probe before the change."""
    return await run(probes, state, clock, BASELINE)


async def run(
    probes: typing.Sequence[Probe],
    state: NetworkState,
    clock: Clock,
    budget: float,
    before: typing.Sequence[Tried] = (),
) -> tuple[Tried, ...]:
    """All probes side by side within one budget of seconds; `state` is the host as it is now.

    With `before`, those that failed there are tried once more but have no vote, and nobody waits for them: when all
    others have passed, it is over.
    """
    import asyncio

    hopeless = {one.probe for one in before if not one.passed}
    voters = [asyncio.ensure_future(_until_passed(one, state, clock, budget)) for one in probes if one not in hopeless]
    others = [asyncio.ensure_future(_until_passed(one, state, clock, budget)) for one in probes if one in hopeless]
    try:
        counted = await asyncio.gather(*voters)
        uncounted = [
            task.result().replace(counted=False)
            if task.done()
            else Tried(probe=probe, passed=False, counted=False, message="no answer so far")
            for task, probe in zip(others, [one for one in probes if one in hopeless], strict=True)
        ]
    finally:
        for task in (*voters, *others):
            task.cancel()
        await asyncio.gather(*voters, *others, return_exceptions=True)
    return (*counted, *uncounted)


async def _until_passed(probe: Probe, state: NetworkState, clock: Clock, budget: float) -> Tried:
    import asyncio

    began = clock.monotonic()
    message = "no answer"
    while (left := budget - (clock.monotonic() - began)) > 0:
        try:
            async with asyncio.timeout(left):
                await attempt(probe, state, left)
            return Tried(probe=probe, passed=True, seconds=round(clock.monotonic() - began, 3))
        except TimeoutError:
            break
        except (Unanswered, OSError) as error:
            message = str(error) or type(error).__name__
        await clock.sleep(min(RETRY, max(0.0, budget - (clock.monotonic() - began))))
    return Tried(probe=probe, passed=False, message=message, seconds=round(clock.monotonic() - began, 3))
