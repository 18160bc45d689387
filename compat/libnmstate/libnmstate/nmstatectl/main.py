"""``nmstatectl``: the verbs, aliases, options, outputs and exit codes of nmstate's command, over Linkhold."""

import argparse
import logging
import os
import re
import sys
import typing

from libnmstate.error import NmstateError

DONE: typing.Final = 0
FAILED: typing.Final = 1
INTERRUPTED: typing.Final = 130


class _Parser(argparse.ArgumentParser):
    """One whose message about an unknown verb is as programs expect it."""

    def error(self, message: str) -> typing.NoReturn:
        super().error(re.sub(r"^argument [^:]*: (?=invalid choice)", "", message))


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    from libnmstate import __version__
    from libnmstate.nmstatectl import others, states

    loud = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    loud.add_argument("-v", "--verbose", action="count", help="log more; twice: everything")
    loud.add_argument("-q", "--quiet", action="store_true", help="log nothing")
    whole = _Parser(
        prog="nmstatectl", description="Show and change the network of this host, declaratively.", parents=[loud]
    )
    whole.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    verbs = whole.add_subparsers(dest="verb", metavar="VERB", parser_class=argparse.ArgumentParser)

    def verb(name: str, *aliases: str, text: str | None, run: typing.Callable[..., int]) -> argparse.ArgumentParser:
        said: dict[str, typing.Any] = {}
        if text is not None:
            said = {"help": text, "description": f"{text[0].upper()}{text[1:]}."}
        made = verbs.add_parser(name, aliases=list(aliases), parents=[loud], allow_abbrev=False, **said)
        made.set_defaults(run=run)
        return made

    states.declare(verb)
    others.declare(verb)
    return whole


def main(argv: typing.Sequence[str] | None = None) -> int:
    """Run one verb; returns the exit code."""
    whole = parser()
    options = whole.parse_args(argv)
    if options.verb is None:
        whole.print_help(sys.stderr)
        return 2
    _log(getattr(options, "verbose", 0), quiet=getattr(options, "quiet", False))
    return guarded(lambda: typing.cast("int", options.run(options)))


def autoconf(argv: typing.Sequence[str] | None = None) -> int:
    """``nmstate-autoconf``: the verb of this name as a command."""
    return main(["autoconf", *(sys.argv[1:] if argv is None else argv)])


def guarded(work: typing.Callable[[], int]) -> int:
    """The exit code of some work; what goes wrong is told on standard error."""
    from libnmstate.causes import kind_of

    try:
        return work()
    except NmstateError as error:
        kind = kind_of(error)
        print(f"NmstateError: {kind}: {error}" if kind else f"NmstateError: {error}", file=sys.stderr)
        if error.__cause__ is not None and kind == "Bug":
            logging.debug("where it happened:", exc_info=error)
        return FAILED
    except BrokenPipeError:  # the reader of our output went away
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt as interrupt:
        told = " ".join(getattr(interrupt.__context__, "__notes__", ()))
        print(f"Interrupted. {told or 'What was begun was taken back.'}", file=sys.stderr)
        return INTERRUPTED


def _log(verbose: int, *, quiet: bool) -> None:
    level = logging.CRITICAL + 1 if quiet else logging.DEBUG if verbose else logging.INFO
    logging.basicConfig(stream=sys.stderr, level=level, format="[%(asctime)s %(levelname)s nmstatectl] %(message)s")


if __name__ == "__main__":
    sys.exit(main())
