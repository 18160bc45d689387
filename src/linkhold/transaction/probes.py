"""Probes: evidence from outside that the host still works after a change.

A probe is tried again and again until it passes or the budget that all share is spent. `baseline` runs them before the
change: those that fail there have no vote after it.
"""

import typing

from linkhold.foundation.clock import Clock
from linkhold.foundation.record import Record
from linkhold.state.network import NetworkState

Kind = typing.Literal["gateway", "tcp", "dns", "command"]

RETRY: typing.Final = 0.3
"""Seconds between two tries of one probe."""

BASELINE: typing.Final = 3.0
"""Seconds for all probes before the change: a host that answers at all answers within that."""


class Probe(Record):
    """What to try. `target` is ``HOST:PORT`` for tcp, a host name for dns, a command line for command (no shell)."""

    kind: Kind
    target: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.target}" if self.target else self.kind


class Tried(Record):
    """How a probe ended. `counted` is false where it failed before the change as well."""

    probe: Probe
    passed: bool
    counted: bool = True
    message: str = ""
    seconds: float = 0.0

    def __str__(self) -> str:
        words = "passed" if self.passed else f"failed: {self.message}"
        return f"{self.probe} {words}" + ("" if self.counted else " (as before the change, so it does not count)")


class Unanswered(Exception):
    """A try that failed; the message says how."""


def parse(text: str) -> Probe:
    """A probe as written on a command line: ``gateway``, ``tcp:192.0.2.1:443``, ``tcp:[2001:db8::1]:443``,
    ``dns:example.org`` or ``command:/usr/bin/check --all``.

    Raises:
        ValueError: it is none of these.
    """
    kind, _, target = text.partition(":")
    if kind == "gateway" and not target:
        return Probe(kind="gateway")
    if kind == "tcp":
        host_and_port(target)
        return Probe(kind="tcp", target=target)
    if kind in ("dns", "command") and target.strip():
        return Probe(kind=typing.cast("Kind", kind), target=target.strip())
    raise ValueError(f"'{text}' is no probe: gateway, tcp:HOST:PORT, dns:NAME or command:PROGRAM ARGUMENTS")


def host_and_port(target: str) -> tuple[str, int]:
    """The two parts of a tcp target.

    Raises:
        ValueError: it does not have two.
    """
    host, _, port = target.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise ValueError(f"'{target}' is not HOST:PORT, as in 192.0.2.1:443 or [2001:db8::1]:443")
    return host, int(port)


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


def good(tried: typing.Iterable[Tried]) -> bool:
    """Whether all that count have passed."""
    return all(one.passed or not one.counted for one in tried)


async def _until_passed(probe: Probe, state: NetworkState, clock: Clock, budget: float) -> Tried:
    import asyncio

    from linkhold.transaction.probing import attempt

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
