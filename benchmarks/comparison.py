"""Measuring a row: pairs of runs, one after the other, and what they say."""

import pathlib
import shutil
import statistics
import sys
import tempfile
import typing

from benchmarks.pieces import Piece, PieceFailed
from benchmarks.rows import ROWS, Row
from tests.lab import alone, guest, namespaces

FOLDER = "/var/tmp"
"""Where documents and journals lie: on a disk, since the journal is synced and /tmp may be memory."""

LIMIT_S = 600.0
"""Seconds that one run on a host of its own may take."""

QUICK = 10
"""How many times smaller everything is in a quick run."""


class Pair(typing.NamedTuple):
    """Seconds of our side and of the reference, run right after each other."""

    ours: float
    reference: float

    @property
    def ratio(self) -> float:
        """How many times longer ours took."""
        return self.ours / self.reference


class Comparison(typing.NamedTuple):
    """What a row measured; memory in bytes."""

    name: str
    pairs: tuple[Pair, ...]
    memory: int
    reference_memory: int

    @property
    def row(self) -> Row:
        """The row it is of."""
        return next(row for row in ROWS if row.name == self.name)

    @property
    def ratio(self) -> float:
        """The median of the pairs' ratios: noise that hits both runs of a pair cancels out."""
        return statistics.median(pair.ratio for pair in self.pairs)

    @property
    def spread(self) -> tuple[float, float]:
        """The smallest and the largest ratio."""
        ratios = [pair.ratio for pair in self.pairs]
        return min(ratios), max(ratios)

    @property
    def reached(self) -> bool:
        """Whether the ratio keeps within the row's limit, if it has one."""
        return self.row.limit is None or self.ratio <= self.row.limit

    def as_data(self) -> list[typing.Any]:
        """For JSON; `from_data` reads it."""
        return [self.name, [list(pair) for pair in self.pairs], self.memory, self.reference_memory]

    @classmethod
    def from_data(cls, data: list[typing.Any]) -> "Comparison":
        """What `as_data` gave."""
        name, pairs, memory, reference_memory = data
        return cls(name, tuple(Pair(*pair) for pair in pairs), memory, reference_memory)


def compare(row: Row, *, quick: bool = False, repetitions: int | None = None) -> Comparison:
    """Measure one row, in a guest where it wants one. Raises PieceFailed, GuestFailed, LabMissing."""
    if row.in_lab and not guest.inside():
        return _compare_in_guest(row, quick=quick, repetitions=repetitions)
    leave_the_machines_network()
    size = max(1, row.size // QUICK) if quick else row.size
    count = repetitions or (2 if quick else row.repetitions)
    with (
        tempfile.TemporaryDirectory(prefix="linkhold-bench-", dir=FOLDER) as folder,
        row.sides(size, pathlib.Path(folder)) as (ours, reference),
    ):
        first, second = (_Alone(ours), _Alone(reference)) if row.alone else (ours, reference)
        memory, reference_memory = first.peak(), second.peak()  # a warm-up, too
        pairs: list[Pair] = []
        for number in range(count):
            if number % 2:  # whatever the first of two runs pays for the second is paid by each in turn
                after = second.seconds()
                pairs.append(Pair(first.seconds(), after))
            else:
                pairs.append(Pair(first.seconds(), second.seconds()))
    return Comparison(row.name, tuple(pairs), memory, reference_memory)


class _Alone(typing.NamedTuple):
    """A piece whose every run is on a host of its own. Raises PieceFailed."""

    piece: Piece

    def seconds(self) -> float:
        """As the piece's."""
        return float(self._call(self.piece.seconds))

    def peak(self) -> int:
        """As the piece's."""
        return int(self._call(self.piece.peak))

    def _call(self, work: typing.Callable[[], float]) -> float:
        def told() -> tuple[float, str]:
            try:
                return work(), ""
            except (PieceFailed, AssertionError) as failed:
                return 0.0, str(failed)

        try:
            measured, trouble = alone.call(told, LIMIT_S)
        except alone.Died as died:
            raise PieceFailed(str(died)) from died
        if trouble:
            raise PieceFailed(trouble)
        return float(measured)


def _compare_in_guest(row: Row, *, quick: bool, repetitions: int | None) -> Comparison:
    import json

    command = [sys.executable, "-m", "benchmarks", row.name, "--json", "/run/lab/measured"]
    command += ["--quick"] if quick else []
    command += ["--repetitions", str(repetitions)] if repetitions else []
    one = guest.Guest(command, timeout=1500.0, memory="2G", env={"PYTHONUNBUFFERED": "1"})
    try:
        if one.start().wait():
            raise guest.GuestFailed(f"the benchmark failed in the guest\n{one.tail()}")
        return Comparison.from_data(json.loads((one.work / "measured").read_text())[0])
    finally:
        one.close()


def leave_the_machines_network() -> None:
    """So that nothing that is measured is done to the machine itself."""
    if shutil.which("ip") is None:
        raise SystemExit("the benchmarks need `ip` (package iproute2)")
    if namespaces.on_the_machines_network():
        namespaces.isolate()
        refused = namespaces.refusal()
        if refused is not None:
            raise SystemExit(f"the benchmarks need a network namespace of their own: {refused}")
