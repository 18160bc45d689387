"""Waiting until the host agrees: compare, listen, compare again; never a fixed sleep."""

import typing

from linkhold.foundation.clock import Clock
from linkhold.providers.contract import Provider, Scope, Watch
from linkhold.state.network import NetworkState

SETTLE: typing.Final = 0.05
"""Seconds of silence after news before the host is read again: a burst of notifications costs one reading."""

_T = typing.TypeVar("_T")


class Patience(typing.NamedTuple):
    """At most `limit` seconds in all, at most `quiet` without any news."""

    limit: float
    quiet: float


async def until_agreed(
    provider: Provider,
    watch: Watch,
    scope: Scope,
    compare: typing.Callable[[NetworkState], typing.Sequence[_T]],
    patience: Patience,
    clock: Clock,
) -> tuple[typing.Sequence[_T], NetworkState]:
    """Read and compare until nothing differs or patience is at an end; what still differs, and the last reading.

    `watch` was made before the change, so nothing that happened since is missed.
    """
    until = clock.monotonic() + patience.limit
    while True:
        state = await provider.observe(scope)
        differing = compare(state)
        left = until - clock.monotonic()
        if not differing or left <= 0:
            return differing, state
        if not await watch.changed(min(patience.quiet, left)):
            state = await provider.observe(scope)  # the last word, should the news have been lost
            return compare(state), state
        while await watch.changed(min(SETTLE, max(0.0, until - clock.monotonic()))):
            if clock.monotonic() >= until:
                break
