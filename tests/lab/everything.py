"""All tests in all places: `python tests/lab/everything.py`, which is what `make test` runs.

First every test on this machine, in a network namespace where it wants one, in as many processes as there are cores, one of
which begins with the checks of the text (ruff, mypy); then, in guests, exactly those that this machine's kernel could not
serve. A table says how many ran where. What ran nowhere fails the run, unless nowhere.txt gives the reason. The last line is
"N passed, N failed".
"""

import argparse
import collections
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
SIDE_BY_SIDE = max(1, min(2, len(os.sched_getaffinity(0))))
"""Processes on this machine, and then guests: each takes one core. More than two was never tried."""


def main(arguments: collections.abc.Sequence[str]) -> int:
    """The command: 0 when everything passed."""
    parser = argparse.ArgumentParser(description="run all tests in all places")
    parser.add_argument(
        "--no-lab", action="store_true", help="leave the deferred tests out (they then count as failed)"
    )
    options = parser.parse_args(arguments)
    os.chdir(guest.REPOSITORY)
    with tempfile.TemporaryDirectory(prefix="linkhold-tests-") as folder:
        lines = here(pathlib.Path(folder))
        deferred = [line.node for line in lines if line.outcome == "deferred"]
        if deferred and not options.no_lab:
            lines += lab(deferred, pathlib.Path(folder))
    verdict = ledgers.judge(lines, ledgers.read_excuses(guest.REPOSITORY / "tests/lab/nowhere.txt"))
    print(ledgers.report(verdict), flush=True)
    return 1 if verdict.failed_count else 0


def here(folder: pathlib.Path) -> list[ledgers.Line]:
    """The checks, and every test on this machine, side by side."""
    share = folder / "share-here"
    share.mkdir()
    with timed("checks, and tests on this machine"), concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        jobs = [pool.submit(one_process, number, folder, share) for number in range(1, SIDE_BY_SIDE + 1)]
        # What can't be collected is told by each process; what was run, by one.
        return list(dict.fromkeys(line for job in jobs for line in job.result()))


def one_process(number: int, folder: pathlib.Path, share: pathlib.Path) -> list[ledgers.Line]:
    """One of the processes on this machine; the first makes the checks before."""
    checked = [check(name, command) for name, command in CHECKS.items()] if number == 1 else []
    ledger = folder / f"here-{number}"
    own = ["--continue-on-collection-errors", "-p", "no:cacheprovider", "-o", "console_output_style=classic"]
    command = ["pytest", *own, "--ledger", str(ledger), "--share", str(share), HERE]
    status = echoed(command, f"[here {number}] ")
    return [*checked, *ledgers.read(ledger), *crashed(f"pytest {number} on this machine", "no place", status)]


def check(name: str, command: collections.abc.Sequence[str]) -> ledgers.Line:
    """One tool over the text."""
    return ledgers.Line(name, "checks", "failed" if echoed(command, f"[{name}] ") else "passed")


def echoed(command: collections.abc.Sequence[str], label: str) -> int:
    """Run a module of Python, and print each line that it prints behind a label; its exit status."""
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    with process.stdout:
        for line in process.stdout:
            print(f"{label}{line.rstrip()}", flush=True)
    return process.wait()


def lab(nodes: collections.abc.Sequence[str], folder: pathlib.Path) -> list[ledgers.Line]:
    """These tests, in guests side by side."""
    share = folder / "share-lab"
    share.mkdir()
    with timed(f"{len(nodes)} tests in the lab"), concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        jobs = [pool.submit(one_guest, number, nodes, folder, share) for number in range(1, SIDE_BY_SIDE + 1)]
        return [line for job in jobs for line in job.result()]


def one_guest(
    number: int, nodes: collections.abc.Sequence[str], folder: pathlib.Path, share: pathlib.Path
) -> list[ledgers.Line]:
    """One of the guests."""
    ledger = folder / f"lab-{number}"
    label = f"[lab {number}] "
    try:
        status = run.pytest_in_guest(
            longest_first(nodes), timeout=LAB_TIMEOUT_S, ledger=ledger, only=nodes, share=share, label=label
        )
    except (guest.GuestFailed, guest.LabMissing) as failure:
        print(f"{label}{failure}", file=sys.stderr, flush=True)
        status = 3
    return [*ledgers.read(ledger), *crashed(f"pytest in guest {number}", "lab", status)]


def longest_first(nodes: collections.abc.Sequence[str]) -> list[str]:
    """The files of these tests, those with many first, so that what is shared out last is short."""
    files = collections.Counter(node.partition("::")[0] for node in nodes)
    return [name for name, _ in files.most_common()]


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
