"""The table, on the terminal and in the documentation."""

import collections.abc
import os
import pathlib
import platform
import statistics

from benchmarks.comparison import Comparison

BEGIN = "<!-- benchmarks: written by `make bench ARGS=--write` -->"
END = "<!-- /benchmarks -->"

HEAD = ("work", "compared with", "ours", "reference", "ratio (min–max)", "limit", "memory", "reference")


def cells(one: Comparison) -> tuple[str, ...]:
    """One line of the table."""
    low, high = one.spread
    return (
        one.row.work,
        one.row.reference,
        _seconds(statistics.median(pair.ours for pair in one.pairs)),
        _seconds(statistics.median(pair.reference for pair in one.pairs)),
        f"{one.ratio:.2f}× ({low:.2f}–{high:.2f})",
        "–" if one.row.limit is None else f"{one.row.limit:g}×",
        _megabytes(one.memory),
        _megabytes(one.reference_memory),
    )


def line(one: Comparison) -> str:
    """One row for the terminal."""
    _, _, ours, reference, ratio, limit, memory, reference_memory = cells(one)
    mark = " " if one.reached else "!"
    return f"{mark} {one.name:13} {ours:>9} {reference:>9}  {ratio:24} {limit:>5}  {memory:>9} {reference_memory:>9}"


def title() -> str:
    """What stands over the lines."""
    return f"  {'row':13} {'ours':>9} {'reference':>9}  {'ratio (min–max)':24} {'limit':>5}  {'memory':>9} {'reference':>9}"


def markdown(found: collections.abc.Sequence[Comparison]) -> str:
    """The table and what it was measured on."""
    lines = [HEAD, tuple("---" if place < 2 else "---:" for place in range(len(HEAD))), *map(cells, found)]
    return f"{machine()}\n\n" + "\n".join(f"| {' | '.join(one)} |" for one in lines)


def machine() -> str:
    """What the ratios were measured on, as far as it matters for them."""
    cores = len(os.sched_getaffinity(0))
    return (
        f"Measured on {cores} core{'s' if cores > 1 else ''} ({_processor()}), Linux {_version(platform.release())}, "
        f"Python {platform.python_version()}."
    )


def write(path: pathlib.Path, found: collections.abc.Sequence[Comparison], below: str) -> None:
    """Put the table, and what stands below it, between the two marks of a page. Raises ValueError where it has none."""
    text = path.read_text()
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{path}: there is no place for the table: {BEGIN} … {END}")
    path.write_text(f"{head}{BEGIN}\n\n{markdown(found)}\n\n{below}\n\n{END}{tail}")


def _seconds(value: float) -> str:
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.0f} ms" if value >= 0.1 else f"{value * 1000:.1f} ms"


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.0f} MB"


def _processor() -> str:
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _version(release: str) -> str:
    """The kernel's version without what its builder added."""
    return release.partition("-")[0]
