"""What happens at a point: its scripts run one after the other over a JSON file that they may rewrite (vdsm's ``hooks.py``).

A script's exit code: 0 good; 1 failed, the others still run; 2 failed, stop here; above 2 failed, with a warning, the
others still run. Before something is done, any failure refuses it (`HookFailed`, with what *every* failing script said);
afterwards it is only told in the log.
"""

import asyncio
import contextlib
import json
import os
import tempfile
import typing

from linkhold.agent.hooks.folders import Found, scripts
from linkhold.agent.hooks.running import Ran, run
from linkhold.networks.codes import HOOK
from linkhold.wire.call import RpcError

if typing.TYPE_CHECKING:
    from linkhold.foundation.logs import Log

STOP: typing.Final = 2
_PATH: typing.Final = "/usr/sbin:/usr/bin:/sbin:/bin"

Plain = typing.Any
"""What JSON knows."""


class Hooks:
    """The scripts of a host. `folders` hold ``{point}``; `seconds` is what one may take."""

    def __init__(self, folders: typing.Sequence[str], log: "Log", *, seconds: float = 60.0) -> None:
        self._folders, self._log, self._seconds = tuple(folders), log, seconds

    def installed(self, point: str) -> Found:
        """Those of a point."""
        return scripts(self._folders, point)

    async def before(self, point: str, value: Plain) -> Plain:
        """Run the scripts of a point at which something can still be refused; the value as they leave it.

        Raises:
            RpcError: one failed (78, the text of all that failed), or left something that is no JSON.
        """
        left, ran = await self._run(point, value)
        failed = [one for one in ran if not one.good]
        if failed:
            raise hook_failed(failed)
        return left

    async def after(self, point: str, value: Plain) -> Plain:
        """Run the scripts of a point at which nothing can be refused any more; the value as those that succeeded left it."""
        try:
            left, _ = await self._run(point, value)
        except RpcError as error:
            self._log.warning("hook-failed", point=point, reason=error.message)
            return value
        if type(left) is not type(value):
            self._log.warning("hook-failed", point=point, reason="the scripts left something of another kind")
            return value
        return left

    async def _run(self, point: str, value: Plain) -> tuple[Plain, list[Ran]]:
        found = self.installed(point)  # a few look-ups of names: a thread would take longer
        for path, reason in found.passed_over:
            self._log.warning("hook-passed-over", point=point, script=path, reason=reason)
        if not found.scripts:
            return value, []
        path = await asyncio.to_thread(_written, value, point)
        try:
            ran = await self._in_order(point, found.scripts, path)
            return await asyncio.to_thread(_left, path, point), ran
        finally:
            with contextlib.suppress(FileNotFoundError):  # a script has taken it away
                os.unlink(path)

    async def _in_order(self, point: str, paths: typing.Sequence[str], json_path: str) -> list[Ran]:
        environment = {"PATH": _PATH, "LC_ALL": "C.UTF-8", "_hook_json": json_path}
        ran: list[Ran] = []
        for path in paths:
            one = await run(path, environment, self._seconds)
            ran.append(one)
            say = self._log.info if one.good else self._log.warning
            say("hook", point=point, script=path, rc=one.code, err=one.said)
            if one.code == STOP:
                break
        return ran


def hook_failed(failed: typing.Sequence[Ran]) -> RpcError:
    """The error for the centre: code 78, with all that was said."""
    text = "; ".join(str(one) for one in failed)
    data = {"scripts": [{"path": one.path, "code": one.code, "stderr": one.said} for one in failed]}
    return RpcError(HOOK, f"Hook error: {text}", data)


def _written(value: Plain, point: str) -> str:
    try:
        handle, path = tempfile.mkstemp(prefix="linkhold-hook-", suffix=".json")  # 0600
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(value, file)
    except OSError as error:  # a full disk
        raise RpcError(HOOK, f"Hook error: the scripts of {point} can't be given anything: {error}") from error
    return path


def _left(path: str, point: str) -> Plain:
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError) as error:
        raise RpcError(HOOK, f"Hook error: what the scripts of {point} left is no JSON: {error}") from error
