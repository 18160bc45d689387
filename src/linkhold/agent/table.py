"""What a verb is: a name, what it takes and gives, and the coroutine that answers. Everything published follows from it."""

import typing

from linkhold.agent.schema import Schema
from linkhold.foundation.record import Record

if typing.TYPE_CHECKING:
    from linkhold.agent.host import Host
    from linkhold.wire.call import Peer


class Asked(typing.NamedTuple):
    """One call. `params` are by name, checked, with defaults filled in. `correlation` is the centre's id or '';
    `arrived` is when it came, in seconds of CLOCK_BOOTTIME.
    """

    params: dict[str, typing.Any]
    peer: "Peer"
    correlation: str
    arrived: float


class Param(Record):
    """One parameter; one that is not `needed` may be left out, and is then `default` (None: it is not there)."""

    name: str
    schema: Schema
    summary: str = ""
    needed: bool = False
    default: typing.Any = None


Answer = typing.Callable[["Host", Asked], typing.Awaitable[typing.Any]]


class Verb(Record):
    """A verb. `lax` ones take parameters they don't know, as vdsm does.

    `errors` are the codes it has of its own. `root` says that it asks the executor.
    """

    name: str
    summary: str
    answer: Answer
    params: tuple[Param, ...] = ()
    result: Schema
    result_name: str = "result"
    errors: tuple[int, ...] = ()
    root: bool = True
    lax: bool = False
