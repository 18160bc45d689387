"""The verbs that the agent answers, one module for each group of them; `ALL` is the whole table."""

import typing

from linkhold.agent.table import Verb
from linkhold.agent.verbs import capabilities, discover, documents, hostdevs, liveness, neighbours, networks, statistics

ALL: typing.Final[tuple[Verb, ...]] = (
    *networks.VERBS,
    *capabilities.VERBS,
    *statistics.VERBS,
    *liveness.VERBS,
    *neighbours.VERBS,
    *hostdevs.VERBS,
    *documents.VERBS,
    *discover.VERBS,
)
