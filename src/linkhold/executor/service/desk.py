"""The closed list of verbs: every request is looked up in one table, checked against it, answered, and its failure told."""

import time
import typing

from linkhold.executor.service.params import Mistaken, Param, checked
from linkhold.executor.setup import outcome
from linkhold.foundation.diagnostics import Invalid, did_you_mean
from linkhold.foundation.failures import Failure
from linkhold.foundation.logs import Level, Log
from linkhold.wire import jsonrpc
from linkhold.wire.call import RpcError
from linkhold.wire.local_server import LocalCall

Answer = typing.Callable[[LocalCall], typing.Awaitable[object]]
"""Answers a request whose params have been checked and completed."""


class Verb(typing.NamedTuple):
    """One thing that can be asked. One that is `quiet` is asked all the time, and logged only for those who look for faults."""

    params: typing.Mapping[str, Param]
    answer: Answer
    quiet: bool = False


class Desk:
    """Answers requests by a table."""

    def __init__(self, table: typing.Mapping[str, Verb], log: Log) -> None:
        self.table, self._log = dict(table), log

    async def answer(self, call: LocalCall) -> object:
        """The result.

        Raises:
            RpcError: there is no such verb, its params are wrong, or it could not be done.
        """
        verb = self.table.get(call.verb)
        if verb is None:
            hint = did_you_mean(call.verb, self.table)
            raise RpcError(
                jsonrpc.UNKNOWN_METHOD, f"there is no verb '{call.verb[:100]}'" + (f" ({hint})" if hint else "")
            )
        log = self._log.bound(request=call.request, verb=call.verb, pid=call.credentials.pid)
        began = time.monotonic()
        code = 0
        try:
            return await verb.answer(call._replace(params=checked(verb.params, call.params)))
        except Mistaken as mistaken:
            code = jsonrpc.INVALID_PARAMS
            raise RpcError(code, f"{call.verb}: {mistaken}") from mistaken
        except (outcome.Unsuccessful, Invalid, Failure) as problem:
            told = _unsuccessful(problem)
            code = told.number
            raise RpcError(told.number, told.message, told.data) from problem
        except RpcError as error:
            code = error.code
            raise
        except Exception as bug:
            code = jsonrpc.INTERNAL_ERROR
            log.bug("bug", bug)
            raise RpcError(code, f"Internal error: {type(bug).__name__}: {bug}", {"reason": str(bug)}) from bug
        finally:
            level: Level = "debug" if verb.quiet and not code else "info"
            log.say(level, "answered", code=code, seconds=round(time.monotonic() - began, 6))


def _unsuccessful(problem: outcome.Unsuccessful | Invalid | Failure) -> outcome.Unsuccessful:
    if isinstance(problem, outcome.Unsuccessful):
        return problem
    return outcome.of_invalid(problem) if isinstance(problem, Invalid) else outcome.of_failure(problem)


def refused(message: str) -> RpcError:
    """For what is asked in the right form by somebody who may not have it."""
    return RpcError(jsonrpc.INVALID_PARAMS, message)


def param(call: LocalCall, name: str) -> typing.Any:
    """One param of a request."""
    return call.params[name]
