"""``linkhold apply``."""

import argparse
import os
import sys
import typing

from linkhold.cli import interrupts, plan_view, probation, result_view
from linkhold.cli.codes import DONE, FAILED
from linkhold.cli.problems import warn
from linkhold.cli.progress import reporter
from linkhold.cli.reading import add_file_argument, connection, parsed_either, planned, read_text, seconds, settled, yes
from linkhold.cli.terminal import Ink, is_terminal, print_json
from linkhold.foundation.failures import NotPermitted, Permanent

if typing.TYPE_CHECKING:
    from linkhold.planning.planner import Outcome
    from linkhold.state.document import Document
    from linkhold.state.network import NetworkState
    from linkhold.transaction.result import Result

_MOST_CHANGES_SHOWN: typing.Final = 40

EXAMPLES: typing.Final = """\
  linkhold apply office.yml                       apply, verify, keep
  linkhold apply office.yml --ask                 show the plan first, and ask
  linkhold apply office.yml --no-commit           goes back after 60 s unless 'linkhold confirm' is run
  linkhold apply office.yml --probe gateway --probe tcp:198.51.100.7:443
                                                  keep it only if these still answer
  linkhold show -r eth1 | sed s/1500/9000/ | linkhold apply -
  linkhold apply base.yml office.yml              two transactions, the second only after the first succeeded"""


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
    parser.add_argument(
        "--commit",
        action="store_true",
        help="keep it as soon as it is verified, also when it carries your own SSH connection (a person is asked then)",
    )
    parser.add_argument(
        "--timeout", type=seconds, default=60.0, metavar="SECONDS", help="time to confirm (default: 60)"
    )
    parser.add_argument(
        "--probe",
        action="append",
        default=[],
        type=_probe,
        metavar="PROBE",
        help="keep the change only if this works after it: gateway, tcp:HOST:PORT, dns:NAME, command:PROGRAM ARGUMENTS",
    )
    parser.add_argument(
        "--probe-timeout", type=seconds, default=15.0, metavar="SECONDS", help="for all probes together (default: 15)"
    )
    parser.add_argument("--no-verify", action="store_true", help="do not read the host back")
    parser.add_argument("--memory-only", action="store_true", help="do not store it: it is gone after a reboot")
    parser.add_argument(
        "--wait", type=seconds, default=0.0, metavar="SECONDS", help="wait for another transaction to end"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("-q", "--quiet", action="store_true", help="print only what went wrong")


def _probe(text: str) -> str:
    from linkhold.transaction.probes import parse

    try:
        parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return text


def run(options: argparse.Namespace) -> int:
    """Each document is a transaction of its own; the first that does not succeed ends it. All are read before any is
    applied, so that a mistake in the last one is no surprise half-way. A policy looks at the host when its turn comes.
    """
    if options.ask and not is_terminal(sys.stdin):
        raise Permanent("--ask needs a terminal to ask on; nothing was touched")
    for read in parsed_either([read_text(name) for name in options.files]):
        code = apply_document(settled(read), options)
        if code != DONE:
            return code
    return DONE


def apply_document(document: "Document", options: argparse.Namespace) -> int:
    """Apply one document."""
    from linkhold.foundation.diagnostics import Invalid
    from linkhold.planning.planner import Infeasible

    asking, approved, trying = getattr(options, "ask", False), None, False
    try:
        if asking or probation.asked_for(options):
            outcome = planned(document, connection=connection(), state_dir=options.state_dir)
            if asking and not _agreed(outcome):
                return FAILED
            approved = outcome.plan
            trying = probation.asked_for(options) and probation.touches_own_connection(outcome.plan)
        result = carry_out(document.state, options, approved, commit=not (options.no_commit or trying))
    except Infeasible as infeasible:
        if os.geteuid() != 0:
            raise NotPermitted("only root may change the network; nothing was touched") from None
        raise Invalid(document.locate(infeasible.diagnostics)) from None
    except Invalid as invalid:
        raise Invalid(document.locate(invalid.diagnostics)) from None
    result = result.replace(warnings=(*document.warnings, *document.locate(result.warnings)))
    _print(result, options, with_plan=not asking)
    if trying and result.outcome == "unconfirmed":
        return probation.settle(options)
    return result_view.exit_code(result)


def carry_out(
    document: "NetworkState", options: argparse.Namespace, approved: typing.Any = None, *, commit: bool
) -> "Result":
    """The transaction; its result, good or bad."""
    from linkhold import aio

    listener = interrupts.Listener(reporter(quiet=options.quiet or options.json))
    work = aio.apply(
        document,
        commit=commit,
        timeout=options.timeout,
        probes=options.probe,
        probe_timeout=options.probe_timeout,
        verify=not options.no_verify,
        memory_only=options.memory_only,
        approved=approved,
        wait=options.wait,
        connection=connection(),
        progress=listener,
        state_dir=options.state_dir,
    )
    try:
        return interrupts.run(work, listener)
    except (aio.NotApplied, aio.Stranded) as failure:
        return failure.result


def _agreed(outcome: "Outcome") -> bool:
    """Whether the operator wants this; where it can't be done, applying it will say so."""
    if outcome.errors:
        return True
    warn(outcome.diagnostics)
    for line in plan_view.lines(outcome.plan, Ink()):
        print(line)
    if outcome.plan.empty:
        return True
    if yes("Apply this? [y/N] ", default=False):
        return True
    print("Nothing was touched.")
    return False


def _print(result: "Result", options: argparse.Namespace, *, with_plan: bool) -> None:
    if options.json:
        print_json(result_view.as_json(result))
        return
    warn(result.warnings)
    stream = sys.stdout if result.good else sys.stderr
    if options.quiet and result.good:
        return
    if with_plan and not options.quiet and not result.plan.empty:
        for line in plan_view.lines(result.plan, Ink(), most=_MOST_CHANGES_SHOWN):
            print(line)
        sys.stdout.flush()  # before what goes to the other stream
    for line in result_view.lines(result, Ink(stream)):
        print(line, file=stream)
    if result.outcome == "committed" and probation.was_unguarded(options, result.plan):
        print(Ink(sys.stderr)(probation.UNGUARDED, "yellow"), file=sys.stderr)
