"""What goes wrong, told: mistakes and failures in words (or as JSON) with their exit codes; a bug keeps its traceback."""

import os
import sys
import typing

from linkhold.cli.codes import BUSY, DONE, FAILED, INTERRUPTED, INVALID, NOT_PERMITTED, STRANDED, UNAVAILABLE
from linkhold.foundation.diagnostics import Diagnostic, Diagnostics, Invalid, to_plain
from linkhold.foundation.failures import Failure


def guarded(work: typing.Callable[[], int], *, traceback: bool = False, as_json: bool = False) -> int:
    """The exit code of some work. With `as_json` standard output gets one JSON value whatever happens."""
    try:
        return work()
    except Invalid as invalid:
        return _invalid(invalid, as_json)
    except Failure as failure:
        if traceback:
            import traceback as traces

            traces.print_exc()
        return _failed(failure, as_json)
    except BrokenPipeError:  # the reader of our output went away (``linkhold show | head``)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt as interrupt:
        return _interrupted(interrupt)


def warn(diagnostics: typing.Iterable[Diagnostic]) -> None:
    """Diagnostics on standard error."""
    from linkhold.cli.terminal import Ink

    ink = Ink(sys.stderr)
    for one in diagnostics:
        print(ink.diagnostic(one), file=sys.stderr)


def code_of(problem: Invalid | Failure) -> int:
    """The exit code that tells scripts what sort of problem it is."""
    if isinstance(problem, Invalid):
        return UNAVAILABLE if _blames_host(problem.diagnostics) else INVALID
    from linkhold.foundation import failures

    codes: tuple[tuple[type[Failure], int], ...] = (
        (failures.Busy, BUSY),
        (failures.NotPermitted, NOT_PERMITTED),
        (failures.Unsupported, UNAVAILABLE),
        (failures.RollbackFailed, STRANDED),
    )
    return next((code for kind, code in codes if isinstance(problem, kind)), FAILED)


def _invalid(invalid: Invalid, as_json: bool) -> int:
    code = code_of(invalid)
    if as_json:
        return _as_json("Invalid", _count(invalid.diagnostics), code, diagnostics=to_plain(invalid.diagnostics))
    warn(invalid.diagnostics)
    print(f"linkhold: {_count(invalid.diagnostics)}; nothing was touched", file=sys.stderr)
    return code


def _count(diagnostics: Diagnostics) -> str:
    if _blames_host(diagnostics):
        return "this host can't do that"
    errors = diagnostics.errors()
    return f"{len(errors)} mistake{'s' if len(errors) != 1 else ''}"


def _blames_host(diagnostics: Diagnostics) -> bool:
    """Whether the document is right, and only this host can't do it."""
    from linkhold.planning.feasible import UNSUPPORTED

    return all(one.code == UNSUPPORTED for one in diagnostics.errors())


def _failed(failure: Failure, as_json: bool) -> int:
    code = code_of(failure)
    if as_json:
        return _as_json(type(failure).__name__, str(failure), code, answer=failure.answer)
    print(f"linkhold: {_sort(failure)}{failure}", file=sys.stderr)
    if failure.answer and failure.answer not in str(failure):
        print(f"    answer: {failure.answer}", file=sys.stderr)
    return code


def _sort(failure: Failure) -> str:
    """The name of its class where that tells people something."""
    from linkhold.foundation.failures import Permanent, Temporary

    return "" if type(failure) in (Failure, Permanent, Temporary) else f"{type(failure).__name__}: "


def _as_json(kind: str, message: str, code: int, **more: typing.Any) -> int:
    from linkhold.cli.terminal import print_json

    print_json({"error": kind, "message": message, "exit-code": code, **more})
    return code


def _interrupted(interrupt: KeyboardInterrupt) -> int:
    from linkhold.cli.interrupts import Interrupted
    from linkhold.transaction.result import SENTENCES

    if not isinstance(interrupt, Interrupted):
        print("\nlinkhold: interrupted", file=sys.stderr)
        return INTERRUPTED
    try:
        print(f"linkhold: {interrupt}. {interrupt.told}", file=sys.stderr, flush=True)
    except OSError:  # it was the terminal that went away
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    return STRANDED if SENTENCES["stranded"] in interrupt.told else 128 + interrupt.number
