"""Asking the executor and the system's own tools, from a command: what does not answer is told, and the rest goes on."""

import asyncio
import subprocess
import typing

from linkhold.foundation.failures import Failure
from linkhold.wire.call import RpcError

if typing.TYPE_CHECKING:
    from linkhold.wire.local_client import LocalClient

SECONDS: typing.Final = 20.0


class Unanswered(typing.NamedTuple):
    """Why something could not be had."""

    reason: str


async def ask(client: "LocalClient", verb: str, params: dict[str, typing.Any] | None = None) -> typing.Any:
    """The executor's answer, or why there is none."""
    try:
        return await client.call(verb, params or {}, request="linkhold-agent-support", timeout=SECONDS)
    except RpcError as error:
        return Unanswered(f"{verb}: {error.message} (code {error.code})")
    except Failure as failure:
        return Unanswered(f"{verb}: {failure}")


def ask_all(path: str, verbs: typing.Iterable[str]) -> dict[str, typing.Any]:
    """The executor's answers by verb, all over one connection."""
    from linkhold.wire.local_client import LocalClient

    async def asked() -> dict[str, typing.Any]:
        client = LocalClient(path)
        try:
            return {verb: await ask(client, verb) for verb in verbs}
        finally:
            await client.close()

    return asyncio.run(asked())


def output(*command: str) -> str | Unanswered:
    """What a tool prints, both outputs together; or why it can't be run."""
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Unanswered(f"{' '.join(command)}: {error}")
    return done.stdout + done.stderr
