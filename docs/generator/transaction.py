"""docs/reference/transaction.md: the states of a transaction, from `linkhold.transaction.states`."""

import typing

from generator.markdown import NOTICE, code, fenced, prose, table
from linkhold.transaction import confirm, states

INTRODUCTION: typing.Final = """\
# The states of a transaction

Every `linkhold apply` is one transaction. It is in one of these states, and each of its events is a line of its journal,
synced to the disk before what it announces is done; so whoever reads the journal knows the state."""


def page() -> str:
    """The page."""
    steps = [
        (code(state), ", ".join(f"{event.replace('-', ' ')} → {code(target)}" for event, target in events.items()))
        for state, events in states.STEPS.items()
    ]
    return "\n\n".join(
        [
            NOTICE,
            INTRODUCTION,
            fenced(states.mermaid(), "mermaid"),
            table(("state", "meaning"), ((code(state), text) for state, text in states.MEANING.items())),
            "## What leads where",
            table(("in state", "event → next state"), steps),
            "A state without a row here is an end.",
            "## Who confirms, and how long each step may take",
            prose(confirm.__doc__),
        ]
    )
