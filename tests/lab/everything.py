"""All tests in all places: `python tests/lab/everything.py`, which is what `make test` runs.

First the checks of the text (ruff, mypy), then every test on this machine, in a network namespace where it wants one;
then, in guests, exactly those that this machine's kernel could not serve. A table says how many ran where. What ran
nowhere fails the run, unless nowhere.txt gives the reason. The last line is "N passed, N failed".
"""

import argparse
import collections.abc
import concurrent.futures
import os
import pathlib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from tests.lab import guest, ledgers, run

CHECKS = {
    "ruff": ("ruff", "check", "."),
    "mypy": ("mypy",),
}
HERE = "tests"
LAB_TIMEOUT_S = 1200.0
GUESTS = 2
"""Side by side; each takes one core."""


def main(arguments: collections.abc.Sequence[str]) -> int:
    """The command: 0 when everything passed."""
    parser = argparse.ArgumentParser(description="run all tests in all places")
    parser.add_argument(
        "--no-lab", action="store_true", help="leave the deferred tests out (they then count as failed)"
    )
    options = parser.parse_args(arguments)
    os.chdir(guest.REPOSITORY)
    with tempfile.TemporaryDirectory(prefix="linkhold-tests-") as folder:
        lines = [check(name, command) for name, command in CHECKS.items()]
        lines += here(pathlib.Path(folder))
        deferred = [line.node for line in lines if line.outcome == "deferred"]
        if deferred and not options.no_lab:
            lines += lab(deferred, pathlib.Path(folder))
    verdict = ledgers.judge(lines, ledgers.read_excuses(guest.REPOSITORY / "tests/lab/nowhere.txt"))
    print(ledgers.report(verdict), flush=True)
    return 1 if verdict.failed_count else 0


def check(name: str, command: collections.abc.Sequence[str]) -> ledgers.Line:
    """One tool over the text."""
    with timed(name):
        done = subprocess.run([sys.executable, "-m", *command], check=False)
    return ledgers.Line(name, "checks", "failed" if done.returncode else "passed")


def here(folder: pathlib.Path) -> list[ledgers.Line]:
    """Every test, on this machine."""
    ledger = folder / "here"
    with timed("tests on this machine"):
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "--continue-on-collection-errors", "--ledger", str(ledger), HERE],
            check=False,
        )
    return [*ledgers.read(ledger), *crashed("pytest on this machine", "no place", done.returncode)]


def lab(nodes: collections.abc.Sequence[str], folder: pathlib.Path) -> list[ledgers.Line]:
    """These tests, in guests side by side."""
    with timed(f"{len(nodes)} tests in the lab"), concurrent.futures.ThreadPoolExecutor(GUESTS) as pool:
        shares = [share for share in deal(nodes, GUESTS) if share]
        jobs = [pool.submit(one_guest, number, share, folder) for number, share in enumerate(shares, 1)]
        return [line for job in jobs for line in job.result()]


def deal(nodes: collections.abc.Sequence[str], shares: int) -> list[list[str]]:
    """Share the tests out; those of one file stay together, for module fixtures are dear in a guest."""
    files: dict[str, list[str]] = {}
    for node in nodes:
        files.setdefault(node.partition("::")[0], []).append(node)
    dealt: list[list[str]] = [[] for _ in range(shares)]
    for _, group in sorted(files.items(), key=lambda item: -len(item[1])):
        min(dealt, key=len).extend(group)
    return dealt


def one_guest(number: int, nodes: collections.abc.Sequence[str], folder: pathlib.Path) -> list[ledgers.Line]:
    """One share, in one guest."""
    ledger = folder / f"lab-{number}"
    files = list(dict.fromkeys(node.partition("::")[0] for node in nodes))
    label = f"[lab {number}] "
    try:
        status = run.pytest_in_guest(files, timeout=LAB_TIMEOUT_S, ledger=ledger, only=nodes, label=label)
    except (guest.GuestFailed, guest.LabMissing) as failure:
        print(f"{label}{failure}", file=sys.stderr, flush=True)
        status = 3
    return [*ledgers.read(ledger), *crashed(f"pytest in guest {number}", "lab", status)]


def crashed(what: str, place: str, status: int) -> list[ledgers.Line]:
    """pytest's own trouble (3 internal, 4 usage, a signal), which no test's line tells of. 5 is "no tests"."""
    fine = (0, 1, 2, 5)
    return [] if status in fine else [ledgers.Line(what, place, "failed", f"ended with status {status}")]


class timed:  # noqa: N801 - reads as a word of the with statement
    """Say what begins, and how long it took."""

    def __init__(self, what: str) -> None:
        self.what = what

    def __enter__(self) -> None:
        print(f"== {self.what}", flush=True)
        self.begun = time.monotonic()

    def __exit__(self, *_: object) -> None:
        print(f"== {self.what}: {time.monotonic() - self.begun:.1f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
