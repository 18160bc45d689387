"""``linkhold watch``: the host's network as it changes, or how it differs from what was committed."""

import argparse
import contextlib
import json
import sys
import time
import typing

from linkhold.cli import plan_view
from linkhold.cli.codes import DIFFERS, DONE
from linkhold.cli.reading import seconds
from linkhold.cli.terminal import Ink

if typing.TYPE_CHECKING:
    from linkhold.planning.change import Change

EXAMPLES: typing.Final = """\
  linkhold watch                     until Ctrl-C
  linkhold watch --json | tee log    one line of JSON for each change
  linkhold watch --drift             what is not as committed, now and whenever that changes
  linkhold watch --drift --once      for scripts: prints it and ends, with 4 when there is any"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """What to look for, how long, and how to print."""
    parser.add_argument("--drift", action="store_true", help="compare with what was committed instead of with before")
    parser.add_argument("--once", action="store_true", help="with --drift: print what it is now, and end")
    parser.add_argument("-q", "--quiet", action="store_true", help="do not say when watching has begun")
    parser.add_argument("--for", dest="seconds", type=seconds, metavar="SECONDS", help="end after this time")
    parser.add_argument(
        "--json", action="store_true", help="print one line of JSON for each change (or state of drift)"
    )


def run(options: argparse.Namespace) -> int:
    """Print until interrupted, or until the time is over."""
    import asyncio

    told = _Drift(options) if options.drift else _Changes(options)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_watch(told, options))
    return told.code


async def _watch(told: "_Changes | _Drift", options: argparse.Namespace) -> None:
    import asyncio

    from linkhold import aio

    if options.drift and options.once:
        await told.happened(())
        return
    try:
        async with asyncio.timeout(options.seconds):
            async for happened in aio.watch(at_once=True):
                await told.happened(happened.changes)
    except TimeoutError:
        return


class _Changes:
    """Tells every change, and first of all that from now on none is missed."""

    code = DONE

    def __init__(self, options: argparse.Namespace) -> None:
        self.json, self.quiet, self.ink = options.json, options.quiet, Ink()

    async def happened(self, changes: typing.Sequence["Change"]) -> None:
        """Print them."""
        if not changes and not self.quiet:
            print("linkhold: watching; Ctrl-C ends it", file=sys.stderr, flush=True)
        if self.json:
            for plain in _plain(changes):
                _print_line({"at": time.time(), **plain})
        elif changes:
            _print(changes, self.ink)


class _Drift:
    """Tells what is not as committed: at first, and each time that this changes. `code` says whether there was any at last."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.json, self.ink = options.json, Ink()
        self.state_dir = options.state_dir
        self.code = DONE
        self._known: tuple[Change, ...] | None = None

    async def happened(self, changes: typing.Sequence["Change"]) -> None:
        """Compare anew."""
        from linkhold import aio

        back = (await aio.drift(state_dir=self.state_dir)).plan
        drifted = tuple(change.inverse().replace(reasons=()) for change in back.changes if not _put_back(change))
        self.code = DIFFERS if drifted else DONE
        if drifted == self._known:
            return
        self._known = drifted
        if self.json:
            _print_line({"at": time.time(), "drift": _plain(drifted)})
        elif drifted:
            _print(drifted, self.ink)
        else:
            print(self.ink(f"{_now()} the host is as it was committed", "green"), flush=True)


def _put_back(change: "Change") -> bool:
    return bool(change.before == change.after)


def _now() -> str:
    return time.strftime("%H:%M:%S")


def _plain(changes: typing.Sequence["Change"]) -> list[dict[str, typing.Any]]:
    from linkhold.planning.change import Plan
    from linkhold.planning.serial import to_plain

    plain: list[dict[str, typing.Any]] = to_plain(Plan(changes=tuple(changes)), secrets=False)["changes"]
    return plain


def _print_line(value: dict[str, typing.Any]) -> None:
    print(json.dumps(value, ensure_ascii=False), flush=True)


def _print(changes: typing.Sequence["Change"], ink: Ink) -> None:
    print(ink(_now(), "dim"))
    for change in changes:
        for line in plan_view.change_lines(change.replace(risks=(), reasons=()), ink):
            print(line, flush=True)
