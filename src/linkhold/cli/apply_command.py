"""``linkhold apply``."""

import argparse
import json
import os
import sys
import typing

from linkhold.cli import plan_view, result_view
from linkhold.cli.main import DONE, FAILED
from linkhold.cli.progress import reporter
from linkhold.cli.reading import add_file_argument, planned, read_text
from linkhold.cli.terminal import Ink, is_terminal

if typing.TYPE_CHECKING:
    from linkhold.plan.planner import Outcome
    from linkhold.transaction.result import Result

_MOST_CHANGES_SHOWN: typing.Final = 40


def arguments(parser: argparse.ArgumentParser) -> None:
    """The documents, how careful, how patient, and what to print."""
    add_file_argument(parser, many=True)
    add_care_arguments(parser)
    parser.add_argument("--ask", action="store_true", help="show the plan and ask before anything is touched")


def add_care_arguments(parser: argparse.ArgumentParser) -> None:
    """What every command that changes the host takes."""
    parser.add_argument(
        "--no-commit", action="store_true", help="roll back after --timeout unless 'linkhold confirm' is run"
    )
    parser.add_argument("--timeout", type=float, default=60.0, metavar="SECONDS", help="time to confirm (default: 60)")
    parser.add_argument(
        "--probe",
        action="append",
        default=[],
        metavar="PROBE",
        help="keep the change only if this works after it: gateway, tcp:HOST:PORT, dns:NAME, command:PROGRAM ARGUMENTS",
    )
    parser.add_argument(
        "--probe-timeout", type=float, default=15.0, metavar="SECONDS", help="for all probes together (default: 15)"
    )
    parser.add_argument("--no-verify", action="store_true", help="do not read the host back")
    parser.add_argument("--memory-only", action="store_true", help="do not store it: it is gone after a reboot")
    parser.add_argument(
        "--wait", type=float, default=0.0, metavar="SECONDS", help="wait for another transaction to end"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("-q", "--quiet", action="store_true", help="print only what went wrong")


def run(options: argparse.Namespace) -> int:
    """Each document is a transaction of its own; the first that does not succeed ends it."""
    for name in options.files:
        code = apply_text(*read_text(name), options)
        if code != DONE:
            return code
    return DONE


def apply_text(text: bytes, source: str, options: argparse.Namespace) -> int:
    """Apply one document."""
    from linkhold.foundation.diagnostics import Diagnostics, Invalid
    from linkhold.state.document import locate_all, parse

    try:
        document = parse(text, source=source)
        approved = None
        if getattr(options, "ask", False):
            outcome = planned((text, source), connection=_connection(), state_dir=options.state_dir)
            if not _agreed(outcome):
                return FAILED
            approved = outcome.plan
        result = carry_out(document, options, approved)
    except Invalid as invalid:
        raise Invalid(Diagnostics(locate_all(invalid.diagnostics, text, source=source))) from None
    _print(result, options, text, source)
    return result_view.exit_code(result)


def carry_out(document: typing.Any, options: argparse.Namespace, approved: typing.Any = None) -> "Result":
    """The transaction; its result, good or bad."""
    import linkhold
    from linkhold.aio import NotApplied, Stranded

    try:
        return linkhold.apply(
            document,
            commit=not options.no_commit,
            timeout=options.timeout,
            probes=options.probe,
            probe_timeout=options.probe_timeout,
            verify=not options.no_verify,
            memory_only=options.memory_only,
            approved=approved,
            wait=options.wait,
            connection=_connection(),
            progress=reporter(quiet=options.quiet or options.json),
            state_dir=options.state_dir,
        )
    except (NotApplied, Stranded) as failure:
        return failure.result


def _connection() -> str:
    return os.environ.get("SSH_CONNECTION", "")


def _agreed(outcome: "Outcome") -> bool:
    for line in plan_view.lines(outcome.plan, Ink()):
        print(line)
    if outcome.plan.empty:
        return True
    if not is_terminal(sys.stdin):
        print("linkhold: --ask needs a terminal to ask on; nothing was touched", file=sys.stderr)
        return False
    if input("Apply this? [y/N] ").strip().lower() in ("y", "yes"):
        return True
    print("Nothing was touched.")
    return False


def _print(result: "Result", options: argparse.Namespace, text: bytes, source: str) -> None:
    if options.json:
        print(json.dumps(result_view.as_json(result), indent=2, ensure_ascii=False, default=str))
        return
    ink, error_ink = Ink(), Ink(sys.stderr)
    if result.warnings:
        from linkhold.state.document import locate_all

        for one in locate_all(result.warnings, text, source=source):
            print(error_ink.diagnostic(one), file=sys.stderr)
    if not options.quiet and not getattr(options, "ask", False):
        for line in plan_view.lines(result.plan, ink, most=_MOST_CHANGES_SHOWN) if not result.plan.empty else ():
            print(line)
    for line in result_view.lines(result, ink if result.good else error_ink):
        if not (options.quiet and result.good):
            print(line, file=sys.stdout if result.good else sys.stderr)
