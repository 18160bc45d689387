"""The table of states, and that the journal can't tell a story that the table does not know."""

import pathlib
import typing

import pytest

from linkhold.transaction import states

EVENTS = typing.get_args(states.Event)


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ((), "drafted"),
        (("began",), "drafted"),
        (("began", "checkpoint-taken", "level", "level"), "applying"),
        (("checkpoint-refused",), "failed"),
        (("checkpoint-taken", "all-applied"), "verifying"),
        (("checkpoint-taken", "all-applied", "agrees", "probed", "confirmed"), "committed"),
        (("checkpoint-taken", "change-failed", "restoring", "restored"), "rolled-back"),
        (("checkpoint-taken", "all-applied", "disagrees", "restored"), "rolled-back"),
        (("checkpoint-taken", "all-applied", "agrees", "timed-out", "restore-failed"), "stranded"),
        (("owner-died", "restored"), "rolled-back"),
    ],
)
def test_a_story_leads_to_a_state(events: tuple[str, ...], state: str) -> None:
    assert states.after(events) == state


@pytest.mark.parametrize(
    "events",
    [
        ("all-applied",),
        ("checkpoint-taken", "confirmed"),
        ("checkpoint-taken", "all-applied", "agrees", "confirmed", "restored"),
        ("restored",),
    ],
)
def test_impossible_stories_are_refused(events: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="can't happen"):
        states.after(events)


def test_every_state_can_be_reached_and_left() -> None:
    targets = {target for events in states.STEPS.values() for target in events.values()}
    assert targets | {states.FIRST} == set(states.MEANING)
    assert {event for events in states.STEPS.values() for event in events} == set(EVENTS)
    assert {"committed", "rolled-back", "stranded", "failed"} == states.ENDS


def test_whatever_was_touched_can_be_taken_back_until_it_is_confirmed() -> None:
    for state in ("applying", "verifying", "confirming"):
        for event in ("cancelled", "owner-died", "timed-out"):
            assert states.STEPS[state][event] == "rolling-back"  # type: ignore[index]


def test_the_docs_show_this_very_table() -> None:
    page = pathlib.Path("docs/reference/transaction.md").read_text()
    assert f"```mermaid\n{states.mermaid()}\n```" in page
    for state, meaning in states.MEANING.items():
        assert f"| `{state}` | {meaning} |" in page
