"""Entry of ``linkhold``: finds the command, loads only that one, and turns what goes wrong into words and exit codes."""

import sys
import typing

if typing.TYPE_CHECKING:
    import argparse

    from linkhold.foundation.diagnostics import Invalid
    from linkhold.foundation.failures import Failure

COMMANDS: typing.Final[dict[str, str]] = {
    "show": "print the host's network",
    "plan": "print what a document would change, touching nothing",
    "apply": "make the host's network as a document says, or leave it as it was",
    "confirm": "keep the change that waits for confirmation",
    "rollback": "take back the change that waits for confirmation",
    "restore": "apply again what was committed (at boot)",
    "edit": "edit the network in $EDITOR and apply the result",
    "validate": "check a document without looking at the host",
    "format": "print a document in canonical form",
    "diff": "print what differs between two documents, or a document and the host",
    "schema": "print the JSON Schema of documents",
    "watch": "print changes of the host's network as they happen",
    "history": "print what was applied when, by whom, with its plan",
    "demo": "watch all of it happen inside a throw-away network namespace",
    "completion": "print a completion script for a shell",
    "version": "print the version",
}

DONE: typing.Final = 0
FAILED: typing.Final = 1
USAGE: typing.Final = 2
STRANDED: typing.Final = 3
DIFFERS: typing.Final = 4
INVALID: typing.Final = 65
UNAVAILABLE: typing.Final = 69
BUSY: typing.Final = 75
NOT_PERMITTED: typing.Final = 77

EXIT_CODES: typing.Final[dict[int, str]] = {
    DONE: "done, or nothing was to be done",
    FAILED: "not done; the host is as it was before",
    USAGE: "the command line is wrong",
    STRANDED: "not done, and the state before could not be restored in full: what is missing is printed",
    DIFFERS: "plan --exit-code, diff --exit-code: there are differences",
    INVALID: "the document is wrong; nothing was touched",
    UNAVAILABLE: "this host can't do that (no provider, no kernel module)",
    BUSY: "another transaction is running, or waits for confirmation",
    NOT_PERMITTED: "more privilege is needed (usually: root)",
}


class Command(typing.Protocol):
    """What a command's module offers."""

    def arguments(self, parser: "argparse.ArgumentParser") -> None:
        """Declare the command's own arguments."""

    def run(self, options: "argparse.Namespace") -> int:
        """Do it; the exit code."""


def load(name: str) -> Command:
    """The module of a command."""
    import importlib

    return typing.cast(Command, importlib.import_module(f"linkhold.cli.{name}_command"))


def parser_of(name: str) -> "argparse.ArgumentParser":
    """The whole parser of one command."""
    import argparse

    text = COMMANDS[name]
    parser = argparse.ArgumentParser(
        prog=f"linkhold {name}", description=text[0].upper() + text[1:] + ".", allow_abbrev=False
    )
    load(name).arguments(parser)
    parser.add_argument(
        "--state-dir", metavar="DIR", help="where Linkhold keeps its state (default: /var/lib/linkhold)"
    )
    parser.add_argument("--traceback", action="store_true", help="on a failure print where in the code it happened")
    return parser


def usage() -> str:
    """The text of ``linkhold --help``."""
    width = max(map(len, COMMANDS))
    commands = "\n".join(f"  {name:{width}}  {text}" for name, text in COMMANDS.items())
    codes = "\n".join(f"  {code:>3}  {text}" for code, text in EXIT_CODES.items())
    return (
        "usage: linkhold COMMAND [options]\n\n"
        "Declares a host's network as one document, applies it as a transaction, and puts everything back when that fails.\n\n"
        f"commands:\n{commands}\n\n'linkhold COMMAND --help' explains one.\n\nexit codes:\n{codes}\n\n"
        "environment:\n  LINKHOLD_STATE_DIR  where state is kept      NO_COLOR  plain output\n"
        "  EDITOR              used by 'edit'           SSH_CONNECTION  names the peer that a plan protects\n"
    )


def main(argv: typing.Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or words[0] in ("-h", "--help", "help"):
        print(usage(), end="")
        return DONE if words else USAGE
    name = "version" if words[0] in ("--version", "-V") else words[0]
    if name not in COMMANDS:
        return _unknown(name)
    options = parser_of(name).parse_args(words[1:])
    return guarded(lambda: load(name).run(options), traceback=options.traceback)


def _unknown(name: str) -> int:
    from linkhold.foundation.diagnostics import did_you_mean

    hint = did_you_mean(name, COMMANDS)
    print(f"linkhold: error: invalid choice: '{name}' ({hint})", file=sys.stderr)
    return USAGE


def guarded(work: typing.Callable[[], int], *, traceback: bool = False) -> int:
    """The exit code of some work; mistakes and failures are printed, bugs keep their traceback."""
    from linkhold.foundation.diagnostics import Invalid
    from linkhold.foundation.failures import Failure

    try:
        return work()
    except Invalid as invalid:
        return _invalid(invalid)
    except Failure as failure:
        if traceback:
            import traceback as traces

            traces.print_exc()
        return _failed(failure)
    except BrokenPipeError:  # the reader of our output went away (``linkhold show | head``)
        import os

        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        print("\nlinkhold: interrupted", file=sys.stderr)
        return 130


def _invalid(invalid: "Invalid") -> int:
    from linkhold.cli.terminal import Ink

    ink = Ink(sys.stderr)
    for one in invalid.diagnostics:
        print(ink.diagnostic(one), file=sys.stderr)
    count = len(invalid.diagnostics.errors())
    print(f"linkhold: {count} mistake{'s' if count != 1 else ''}; nothing was touched", file=sys.stderr)
    return INVALID


def _failed(failure: "Failure") -> int:
    from linkhold.foundation import failures

    print(f"linkhold: {type(failure).__name__}: {failure}", file=sys.stderr)
    if failure.answer:
        print(f"    answer: {failure.answer}", file=sys.stderr)
    codes: tuple[tuple[type[Failure], int], ...] = (
        (failures.Busy, BUSY),
        (failures.NotPermitted, NOT_PERMITTED),
        (failures.Unsupported, UNAVAILABLE),
        (failures.RollbackFailed, STRANDED),
    )
    return next((code for kind, code in codes if isinstance(failure, kind)), FAILED)


if __name__ == "__main__":
    sys.exit(main())
