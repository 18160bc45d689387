"""``linkhold watch``: the host's network as it changes."""

import argparse
import json
import time
import typing

from linkhold.cli import plan_view
from linkhold.cli.terminal import Ink

if typing.TYPE_CHECKING:
    from linkhold.planning.change import Plan

EXAMPLES: typing.Final = """\
  linkhold watch                     until Ctrl-C
  linkhold watch --json | tee log    one line of JSON for each change"""

_SETTLE: typing.Final = 0.1
"""Seconds without news before the host is read again: one command of somebody else is many notifications."""

_FOREVER: typing.Final = 3600.0


def arguments(parser: argparse.ArgumentParser) -> None:
    """How long, and how to print."""
    parser.add_argument("--json", action="store_true", help="print each change as one line of JSON")
    parser.add_argument("--for", dest="seconds", type=float, metavar="SECONDS", help="end after this time")
    parser.add_argument("--drift", action="store_true", help="compare with what was committed instead of with before")


def run(options: argparse.Namespace) -> int:
    """Print until interrupted."""
    import asyncio

    try:
        asyncio.run(_watch(options))
    except KeyboardInterrupt:
        return 0
    return 0


async def _watch(options: argparse.Namespace) -> None:
    from linkhold.executor.host import provider
    from linkhold.planning.planner import between
    from linkhold.providers.contract import Scope

    host = provider()
    news = host.watch()
    ends = time.monotonic() + options.seconds if options.seconds else None
    ink = Ink()
    try:
        before = await host.observe(Scope())
        while True:
            left = _FOREVER if ends is None else ends - time.monotonic()
            if left <= 0:
                return
            if not await news.changed(left):
                continue
            while await news.changed(_SETTLE):
                pass
            now = await host.observe(Scope())
            _print(between(before, now), options, ink)
            before = now
    finally:
        news.close()


def _print(plan: "Plan", options: argparse.Namespace, ink: Ink) -> None:
    if plan.empty:
        return
    if options.json:
        from linkhold.planning.serial import to_plain

        for change in to_plain(plan, secrets=False)["changes"]:
            print(json.dumps({"at": time.time(), **change}, ensure_ascii=False), flush=True)
        return
    print(ink(time.strftime("%H:%M:%S"), "dim"))
    for change in plan.changes:
        for line in plan_view.change_lines(change.replace(risks=(), reasons=()), ink):
            print(line, flush=True)
