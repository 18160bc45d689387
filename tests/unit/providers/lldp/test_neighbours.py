"""Neighbours come, are renewed, leave and are forgotten."""

from linkhold.providers.lldp.neighbours import MOST, Neighbours
from linkhold.providers.lldp.tlv import Announcement


def said(who: bytes = b"a", seconds: int = 120, name: str = "switch") -> Announcement:
    return Announcement(who, seconds, ({"type": 5, "system-name": name},))


def names(neighbours: Neighbours) -> list[str]:
    return [one.told[0]["system-name"] for one in neighbours.all()]


def test_the_last_word_counts() -> None:
    known = Neighbours()
    assert known.next_end() is None
    assert known.learn(said(name="old"), 1000.0)
    assert known.learn(said(name="new"), 1030.0)
    assert names(known) == ["new"]
    assert known.next_end() == 1150.0


def test_who_was_silent_for_too_long_is_forgotten() -> None:
    known = Neighbours()
    known.learn(said(b"a", 30, "short"), 1000.0)
    known.learn(said(b"b", 300, "long"), 1000.0)
    assert not known.forget(1029.9)
    assert known.forget(1030.0)
    assert names(known) == ["long"]


def test_who_leaves_is_gone_at_once() -> None:
    known = Neighbours()
    known.learn(said(), 1000.0)
    assert known.learn(said(seconds=0), 1001.0)
    assert known.all() == ()
    assert not known.learn(said(seconds=0), 1002.0)


def test_whoever_claims_to_be_thousands_is_not_believed() -> None:
    known = Neighbours()
    for number in range(MOST * 2):
        known.learn(said(str(number).encode(), 30), 1000.0)
    assert len(known.all()) == MOST
    assert known.learn(said(b"0", 60), 1001.0)  # those that are known are heard
    assert known.learn(said(b"later"), 1030.0)  # and those that ended make room
    assert len(known.all()) == 2
