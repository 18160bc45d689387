"""Random sequences of documents on the real kernel.

Each is applied, or refused before anything is touched; then planning it again finds nothing to do. Taken back, or broken
off in the middle, the host is exactly as it was: by our own observation, and as iproute2 sees it.

`LINKHOLD_RANDOM_SEQUENCES` says how many sequences to try (some, and always the same ones, if it is not set).
"""

import asyncio
import os
import pathlib
import tempfile
import typing

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from linkhold.executor import verbs
from linkhold.foundation.diagnostics import Invalid
from linkhold.foundation.driving import drive
from linkhold.foundation.failures import Refused
from linkhold.foundation.record import UNSET
from linkhold.planning import planner
from linkhold.providers.contract import Scope
from linkhold.providers.kernel.provider import Kernel
from linkhold.state.document import read, to_yaml
from linkhold.state.interfaces.ip import Ip
from linkhold.transaction.folder import Folder
from linkhold.transaction.ground import Ground
from linkhold.transaction.options import Options
from tests.kernel.example_host import furnish
from tests.kernel.other_eyes import picture, unlike
from tests.kernel.sensible import HERE, KINDS, documents
from tests.lab import guest, namespaces

_WANTED = os.environ.get("LINKHOLD_RANDOM_SEQUENCES", "")
_BY_DEFAULT = 10 if guest.inside() else 25
_ALL = tuple(KINDS)

THOROUGH = settings(
    max_examples=int(_WANTED or _BY_DEFAULT),
    derandomize=not _WANTED,
    database=None,
    deadline=None,
    phases=(Phase.explicit, Phase.generate, *([Phase.shrink] if _WANTED else [])),  # shrinking takes minutes
    suppress_health_check=list(HealthCheck),
)


class Unwilling(Kernel):
    """The kernel, which after so many levels refuses one, having carried it out or not."""

    left = -1
    done = False

    async def apply(self, stage: typing.Any, changes: typing.Any) -> None:
        """Carry out a stage, or say no."""
        self.left -= 1
        if self.left != -1:
            return await super().apply(stage, changes)
        if self.done:
            await super().apply(stage, changes)
        raise Refused(f"no more after {stage}", change=changes[0], answer="EBUSY")


class Clock:
    """Waiting takes no time."""

    def __init__(self) -> None:
        self.time = 1000.0

    def now(self) -> float:
        return 1.7e9 + self.time

    def monotonic(self) -> float:
        self.time += 0.001
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += seconds


class Host:
    """A host of which everything but the clock is real."""

    def __init__(self, netns: namespaces.Namespace, path: pathlib.Path) -> None:
        (path / "etc").mkdir()
        self.netns = netns
        self.kernel = Unwilling(str(path))
        self.ground = Ground(
            self.kernel, Folder(str(path / "state")), typing.cast("typing.Any", Clock()), None, lambda _: None
        )

    def apply(self, plain: typing.Any, **options: typing.Any) -> typing.Any:
        """How it ended; None where it was refused."""
        try:
            return asyncio.run(verbs.apply(read(plain), Options(**options), ground=self.ground))
        except Invalid:
            return None

    def levels(self, plain: typing.Any) -> int:
        """Of the plan for a document; 0 where there is none."""
        try:
            return len(asyncio.run(verbs.plan(read(plain), ground=self.ground)).plan.levels)
        except Invalid:
            return 0

    def left_to_do(self, plain: typing.Any) -> list[str]:
        outcome = planner.plan(read(plain), self.observe(), capabilities=[drive(self.kernel.capabilities())])
        return [f"{one.action} {one.name} {one.differences}" for one in outcome.plan.changes]

    def observe(self) -> typing.Any:
        return drive(self.kernel.observe(Scope(running=False)))

    def seen(self) -> dict[str, typing.Any]:
        """By us and by others."""
        return {"ours": _settled(self.observe()), **picture(self.netns)}

    def is_as(self, before: dict[str, typing.Any]) -> None:
        """Fail unless it is."""
        found = unlike(before, self.seen())
        assert not found, "\n".join(found)


def _settled(state: typing.Any) -> list[str]:
    """Our own picture without link-local addresses, which come and go with the carrier."""
    kept = []
    for one in state.interfaces:
        changes = {
            family: section.replace(address=section.static)
            for family in ("ipv4", "ipv6")
            if isinstance(section := one.get(family), Ip) and section.address is not UNSET
        }
        kept.append(one.replace(**changes))
    return to_yaml(state.replace(interfaces=tuple(kept))).splitlines()


def told(result: typing.Any) -> str:
    """Why something did not come to a good end."""
    lines = [result.outcome, result.reason, result.answer, result.failed, *map(str, result.mismatches), "missing:"]
    return "\n".join([*lines, *map(str, result.missing)])


def each(work: typing.Callable[[Host, typing.Any], None], sequence: list[typing.Any]) -> None:
    """Do the work for a sequence of documents on one host."""
    with namespaces.fresh() as netns, tempfile.TemporaryDirectory(dir="/dev/shm") as path:
        furnish(netns)
        host = Host(netns, pathlib.Path(path))
        try:
            for plain in sequence:
                work(host, plain)
        finally:
            host.kernel.close()


def apply(host: Host, plain: typing.Any) -> None:
    before = host.seen()
    result = host.apply(plain)
    if result is None:
        host.is_as(before)
        return
    assert result.outcome in ("committed", "unchanged"), told(result)
    left = host.left_to_do(plain)
    assert not left, "\n".join(["left to do:", *left])


def take_back(host: Host, plain: typing.Any) -> None:
    before = host.seen()
    result = host.apply(plain, confirming="later")
    if result is not None and result.outcome == "unconfirmed":
        back = asyncio.run(verbs.rollback(ground=host.ground))
        assert not back.missing, back
    host.is_as(before)
    host.apply(plain)


def break_off(host: Host, plain: typing.Any, level: int, done: bool) -> None:
    levels = host.levels(plain)
    if not levels:
        return
    before = host.seen()
    host.kernel.left, host.kernel.done = level % levels, done
    result = host.apply(plain)
    host.kernel.left = -1
    assert result.outcome == "rolled-back", told(result)
    host.is_as(before)
    host.apply(plain)


def sequences(kinds: typing.Iterable[str]) -> st.SearchStrategy[list[typing.Any]]:
    return st.lists(documents(kinds), min_size=1, max_size=4)


HERE_NEEDS = pytest.mark.needs(*HERE, "policy-routing")
ALL_NEED = pytest.mark.needs(*KINDS, "policy-routing")
MOMENTS = st.tuples(st.integers(0, 30), st.booleans())
LIMIT = pytest.mark.limit(120 if not _WANTED else 36000)


@LIMIT
@HERE_NEEDS
@THOROUGH
@given(sequences(HERE))
def test_documents_are_applied_or_refused(sequence):
    each(apply, sequence)


@LIMIT
@HERE_NEEDS
@THOROUGH
@given(sequences(HERE))
def test_documents_are_taken_back(sequence):
    each(take_back, sequence)


@LIMIT
@HERE_NEEDS
@THOROUGH
@given(sequences(HERE), st.lists(MOMENTS, min_size=4, max_size=4))
def test_documents_are_broken_off(sequence, moments):
    when = iter(moments)
    each(lambda host, plain: break_off(host, plain, *next(when)), sequence)


@LIMIT
@ALL_NEED
@THOROUGH
@given(sequences(_ALL))
def test_documents_of_all_kinds_are_applied_or_refused(sequence):
    each(apply, sequence)


@LIMIT
@ALL_NEED
@THOROUGH
@given(sequences(_ALL))
def test_documents_of_all_kinds_are_taken_back(sequence):
    each(take_back, sequence)


@LIMIT
@ALL_NEED
@THOROUGH
@given(sequences(_ALL), st.lists(MOMENTS, min_size=4, max_size=4))
def test_documents_of_all_kinds_are_broken_off(sequence, moments):
    when = iter(moments)
    each(lambda host, plain: break_off(host, plain, *next(when)), sequence)
