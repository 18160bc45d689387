"""Heart-beats of STOMP as two deadlines. Moments are seconds of whatever clock the caller passes in; nothing here waits."""

import re
import typing

from linkhold.wire.json_text import Malformed

LEAST_MS: typing.Final = 1000
"""Nobody is made to beat faster than this; what is asked below is raised."""

MARGIN: typing.Final = 1.5
"""Intervals without a byte after which the other side counts as gone (engines allow us as much): one beat may come late."""

_HEADER: typing.Final = re.compile(r"\s*([0-9]{1,9})\s*,\s*([0-9]{1,9})\s*")


class Agreed(typing.NamedTuple):
    """What a server does: send at least every `sent_ms`, expect something at least every `expected_ms`; 0: not at all."""

    sent_ms: int = 0
    expected_ms: int = 0

    def header(self) -> str:
        """Of CONNECTED."""
        return f"{self.sent_ms},{self.expected_ms}"


def agree(asked: str | None) -> Agreed:
    """What a server answers to ``heart-beat:can send,wants to receive`` of a client.

    Raises:
        Malformed: these are not two numbers.
    """
    if asked is None:
        return Agreed()
    found = _HEADER.fullmatch(asked)
    if not found:
        raise Malformed("a heart-beat header that is not two numbers")
    can_send, wants = int(found[1]), int(found[2])
    return Agreed(sent_ms=_raised(wants), expected_ms=_raised(can_send))


def _raised(milliseconds: int) -> int:
    return max(milliseconds, LEAST_MS) if milliseconds else 0


class Heartbeat:
    """When to beat, and when the other side counts as gone."""

    def __init__(self, agreed: Agreed, now: float) -> None:
        self._send_every = agreed.sent_ms / 1000
        self._silence = agreed.expected_ms / 1000 * MARGIN
        self._sent = self._received = now

    def sent(self, now: float) -> None:
        """Something was sent."""
        self._sent = now

    def received(self, now: float) -> None:
        """Something came, be it one byte."""
        self._received = now

    def beat_at(self) -> float | None:
        """The moment by which something has to be sent; None: never."""
        return self._sent + self._send_every if self._send_every else None

    def dead_at(self) -> float | None:
        """The moment at which the other side counts as gone if nothing comes; None: never."""
        return self._received + self._silence if self._silence else None

    def next_at(self) -> float | None:
        """The earlier of the two."""
        moments = [moment for moment in (self.beat_at(), self.dead_at()) if moment is not None]
        return min(moments, default=None)
