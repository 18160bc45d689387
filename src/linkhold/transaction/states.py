"""The life of a transaction, as one table. All else that happens to it (levels, probes, retries) leaves its state as it is.

Every event that moves it is a line of the journal, so whoever reads the journal knows the state: `after` folds the lines.
"""

import typing

State = typing.Literal[
    "drafted", "applying", "verifying", "confirming", "rolling-back", "committed", "rolled-back", "stranded", "failed"
]
Event = typing.Literal[
    "checkpoint-taken",
    "checkpoint-refused",
    "all-applied",
    "change-failed",
    "extended",
    "agrees",
    "disagrees",
    "confirmed",
    "refused",
    "timed-out",
    "cancelled",
    "owner-died",
    "restored",
    "restore-failed",
]

FIRST: typing.Final[State] = "drafted"

STEPS: typing.Final[dict[State, dict[Event, State]]] = {
    "drafted": {"checkpoint-taken": "applying", "checkpoint-refused": "failed", "owner-died": "rolling-back"},
    "applying": {
        "all-applied": "verifying",
        "change-failed": "rolling-back",
        "timed-out": "rolling-back",
        "cancelled": "rolling-back",
        "owner-died": "rolling-back",
    },
    "verifying": {
        "extended": "applying",
        "agrees": "confirming",
        "disagrees": "rolling-back",
        "timed-out": "rolling-back",
        "cancelled": "rolling-back",
        "owner-died": "rolling-back",
    },
    "confirming": {
        "confirmed": "committed",
        "refused": "rolling-back",
        "timed-out": "rolling-back",
        "cancelled": "rolling-back",
        "owner-died": "rolling-back",
    },
    "rolling-back": {"restored": "rolled-back", "restore-failed": "stranded"},
}
"""state → event → next state. A state without a line of its own is an end."""

MEANING: typing.Final[dict[State, str]] = {
    "drafted": "written down; nothing is touched",
    "applying": "the plan is being carried out, stage by stage",
    "verifying": "all is applied; the host is read back and compared until it agrees or time is up",
    "confirming": "the host agrees; probes or a person have to say that it still works",
    "rolling-back": "the state before is being put back, and that is verified too",
    "committed": "kept and stored: the journal was renamed into the history",
    "rolled-back": "the host is as it was before",
    "stranded": "the state before could not be put back in full; what is missing is named",
    "failed": "refused before anything was touched",
}

ENDS: typing.Final[frozenset[State]] = frozenset(MEANING) - frozenset(STEPS)


def after(events: typing.Iterable[str]) -> State:
    """The state after some lines of a journal; words that are no events (levels, probes) are passed over.

    Raises:
        ValueError: an event that can't happen in the state it finds.
    """
    state: State = FIRST
    for event in events:
        state = step(state, event)
    return state


def step(state: State, event: str) -> State:
    """The next state.

    Raises:
        ValueError: this event can't happen in this state.
    """
    if event not in _EVENTS:
        return state
    following = STEPS.get(state, {}).get(typing.cast("Event", event))
    if following is None:
        raise ValueError(f"'{event}' can't happen to a transaction that is {state}")
    return following


def mermaid() -> str:
    """The table as a state diagram for the docs; a test keeps them in step."""
    lines = ["stateDiagram-v2", f"    [*] --> {_node(FIRST)}"]
    for state, events in STEPS.items():
        by_target: dict[State, list[str]] = {}
        for event, target in events.items():
            by_target.setdefault(target, []).append(event.replace("-", " "))
        lines += [f"    {_node(state)} --> {_node(target)}: {', '.join(words)}" for target, words in by_target.items()]
    lines += [f"    {_node(state)} --> [*]" for state in MEANING if state in ENDS]
    return "\n".join(lines)


def _node(state: State) -> str:
    return state.replace("-", "_")


_EVENTS: typing.Final = frozenset(typing.get_args(Event))
