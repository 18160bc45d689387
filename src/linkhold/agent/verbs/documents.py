"""``Linkhold.*``: the network as documents, as the command line knows them."""

import typing

from linkhold.agent.link import ENDLESS
from linkhold.agent.schema import Schema
from linkhold.agent.table import Answer, Asked, Param, Verb
from linkhold.agent.verbs.networks import REQUEST, requester
from linkhold.agent.verbs.shapes import DOCUMENT, OBJECT
from linkhold.networks import codes

if typing.TYPE_CHECKING:
    from linkhold.agent.host import Host

NAME: typing.Final[Schema] = {"type": "string", "description": "name of the transaction"}

THE_DOCUMENT: typing.Final = Param(name="document", schema=DOCUMENT, summary="what the network should be", needed=True)


def passed_on(verb: str, *, timeout: bool = True) -> Answer:
    """Asks the executor's verb with the parameters as they are."""

    async def answer(host: "Host", asked: Asked) -> typing.Any:
        params = {name: value for name, value in asked.params.items() if value is not None}
        if timeout:
            return await host.executor.ask(verb, params, request=asked.correlation)
        return await host.executor.ask(verb, params, request=asked.correlation, timeout=ENDLESS)

    return answer


def alone(name: str, verb: str) -> Answer:
    """The same, while nobody else writes."""
    inner = passed_on(verb, timeout=False)

    async def answer(host: "Host", asked: Asked) -> typing.Any:
        with host.writing.alone(name):
            return await inner(host, asked)

    return answer


async def translate(host: "Host", asked: Asked) -> typing.Any:
    """What a request would do; nothing is touched."""
    params = {**asked.params, "requester": requester(asked)}
    return await host.executor.ask("translate", params, request=asked.correlation)


VERBS: typing.Final = (
    Verb(
        name="Linkhold.show",
        summary="Show the host's network as a document",
        answer=passed_on("show"),
        params=(
            Param(name="details", schema={"type": "boolean"}, summary="with what is at its default", default=False),
        ),
        result=DOCUMENT,
        result_name="document",
        errors=(codes.RECOVERY,),
    ),
    Verb(
        name="Linkhold.plan",
        summary="Show what a document would change; nothing is touched",
        answer=passed_on("plan"),
        params=(THE_DOCUMENT,),
        result=OBJECT,
        errors=(codes.BAD_PARAMS, codes.RECOVERY),
    ),
    Verb(
        name="Linkhold.apply",
        summary="Make the network as a document says, or leave it as it was",
        answer=alone("Linkhold.apply", "apply"),
        params=(
            THE_DOCUMENT,
            Param(
                name="commit",
                schema={"type": "boolean"},
                summary="false: wait for Linkhold.confirm, and take everything back where it does not come in time",
                default=True,
            ),
            Param(
                name="timeout",
                schema={"type": "number", "minimum": 1, "maximum": 86400},
                summary="how many seconds to wait for that",
            ),
            Param(
                name="probes",
                schema={"type": "array", "items": {"type": "string"}},
                summary="what must be reached for the change to be kept, as after 'linkhold apply --probe'",
            ),
        ),
        result=OBJECT,
        errors=(codes.BAD_PARAMS, codes.FAILED_IFUP, codes.UNAVAILABLE, codes.RECOVERY),
    ),
    Verb(
        name="Linkhold.confirm",
        summary="Keep the change that waits for confirmation",
        answer=passed_on("confirm"),
        result=NAME,
        errors=(codes.BAD_PARAMS, codes.RECOVERY),
    ),
    Verb(
        name="Linkhold.rollback",
        summary="Take back the change that waits for confirmation",
        answer=passed_on("rollback", timeout=False),
        result=NAME,
        errors=(codes.BAD_PARAMS, codes.RECOVERY),
    ),
    Verb(
        name="Linkhold.history",
        summary="Tell what was applied when, by whom, and how it ended",
        answer=passed_on("history"),
        result={"type": "array", "items": {"type": "object"}},
        errors=(codes.RECOVERY,),
    ),
    Verb(
        name="Linkhold.drift",
        summary="Tell in what the host differs from what was committed",
        answer=passed_on("drift"),
        result=OBJECT,
        errors=(codes.RECOVERY,),
    ),
    Verb(
        name="Linkhold.translate",
        summary="Show what a request of Host.setupNetworks means as a document, and what it would change; nothing is touched",
        answer=translate,
        params=REQUEST,
        result=OBJECT,
        errors=(*sorted(set(codes.CODES.values())), codes.RECOVERY),
    ),
)
