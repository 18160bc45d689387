"""A person who applies a change over the very connection that it touches is asked afterwards whether it still works.

Who can't answer, because the connection is gone, need not do anything: the change goes back by itself.
"""

import select
import sys
import typing

from linkhold.cli.codes import DONE, FAILED
from linkhold.cli.reading import connection
from linkhold.cli.terminal import Ink, is_terminal

if typing.TYPE_CHECKING:
    import argparse

    from linkhold.planning.change import Plan


UNGUARDED: typing.Final = (
    "linkhold: this carried your own connection and was kept without being tried: "
    "--no-commit or --probe would let it go back by itself (--commit: don't tell me)"
)


def asked_for(options: "argparse.Namespace") -> bool:
    """Whether somebody sits at the other end of an SSH connection and left it to us how careful to be."""
    return not _chosen(options) and not options.json and bool(connection()) and is_terminal(sys.stdin)


def was_unguarded(options: "argparse.Namespace", plan: "Plan") -> bool:
    """Whether a script kept, without saying how careful to be, what might have cut off who started it."""
    return not _chosen(options) and bool(connection()) and not is_terminal(sys.stdin) and touches_own_connection(plan)


def _chosen(options: "argparse.Namespace") -> bool:
    return bool(options.no_commit or options.probe or options.commit)


def touches_own_connection(plan: "Plan") -> bool:
    """Whether a change of the plan may cut off who asks for it."""
    return any(change.risks_of("peer") for change in plan.changes)


def settle(options: "argparse.Namespace") -> int:
    """Ask about the change that waits for confirmation, and keep it or take it back; the exit code."""
    from linkhold import library

    ink = Ink()
    print(ink(f"This change carries your own connection ({connection().split()[0]}).", "yellow", "bold"))
    print(f"Does it still work, and is it to stay? [y/N] (goes back in {options.timeout:.0f} s) ", end="", flush=True)
    answer = _answer(options.timeout)
    if answer is None:
        print("\nNobody answered: it goes back to what was before.")
        return FAILED
    if answer.strip().lower() in ("y", "yes"):
        print(f"Transaction {library.confirm(state_dir=options.state_dir)} is kept and stored.")
        return DONE
    print(f"Transaction {library.rollback(state_dir=options.state_dir)} is taken back: the host is as it was before.")
    return FAILED


def _answer(seconds: float) -> str | None:
    """A line that was typed in time; None when none was, '' when the terminal is gone."""
    ready, _, _ = select.select([sys.stdin], [], [], seconds)
    return sys.stdin.readline() if ready else None
