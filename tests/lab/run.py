"""Run pytest inside a guest: `python tests/lab/run.py [--timeout S] [-- pytest arguments]`.

Without arguments, all that wants a real kernel runs: tests/kernel, tests/services, tests/compat and tests/agent. The exit
status is pytest's.
"""

import argparse
import collections.abc
import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from tests.lab import guest

SHARE = "/run/share"
EVERYTHING = ("tests/kernel", "tests/services", "tests/compat", "tests/agent")


def pytest_in_guest(
    arguments: collections.abc.Sequence[str],
    *,
    timeout: float,
    ledger: pathlib.Path | None = None,
    only: collections.abc.Sequence[str] = (),
    share: pathlib.Path | None = None,
    label: str = "",
) -> int:
    """Boot a guest, run pytest in it, echo what it prints; pytest's exit status. GuestFailed when the guest crashed.

    `only` are node ids: whatever else the arguments select is left out. `share` is a folder of this machine by which guests
    share the files among them (shares.py).
    `ledger` gets the lines that the plugin of places.py wrote in there, also when the guest crashed on the way.
    """
    python = guest.REPOSITORY / ".venv/bin/python"
    command = [
        str(python if python.exists() else sys.executable),
        *("-m", "pytest", "-p", "no:cacheprovider", "--ledger", "/run/lab/ledger", "--color=no"),
        *(("--only", "/run/lab/only") if only else ()),
        *(("--share", SHARE) if share is not None else ()),
        *arguments,
    ]
    one = guest.Guest(
        command,
        timeout=timeout,
        memory="2G",
        # What a guest compiles would be thrown away with it.
        env={
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUNBUFFERED": "1",
            "HYPOTHESIS_STORAGE_DIRECTORY": "/tmp/hypothesis",
        },
        persistent={SHARE: share} if share is not None else {},
        files={"only": "\n".join(only)},
        echo=True,
        label=label,
    )
    try:
        return one.start().wait()
    finally:
        written = one.work / "ledger"
        if ledger is not None and written.exists():
            shutil.copyfile(written, ledger)
        one.close()


def main(arguments: collections.abc.Sequence[str]) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description="run pytest inside a User-Mode Linux guest")
    parser.add_argument("--timeout", type=float, default=900.0, metavar="S", help="kill the guest after S seconds")
    parser.add_argument("pytest", nargs="*", help="after --: pytest's arguments")
    options = parser.parse_args(arguments)
    try:
        return pytest_in_guest(options.pytest or EVERYTHING, timeout=options.timeout)
    except (guest.GuestFailed, guest.LabMissing) as failure:
        print(f"the lab failed: {failure}", file=sys.stderr)
        return 3


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
