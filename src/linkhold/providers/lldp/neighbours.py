"""The neighbours of one interface: who is there, and until when that counts (IEEE 802.1AB, 9.2.7.7). No clock and no files:
times are given, in seconds.
"""

import typing

from linkhold.providers.lldp.tlv import Announcement, Told

MOST: typing.Final = 64
"""Neighbours kept for one interface: a cable has one, and whoever claims to be thousands gets no more memory."""


class Neighbour(typing.NamedTuple):
    """What one said last, and when that ends; `further` is what documents do not show of it."""

    until: float
    told: tuple[Told, ...]
    further: tuple[Told, ...] = ()


class Neighbours:
    """Those of one interface."""

    def __init__(self) -> None:
        self._known: dict[bytes, Neighbour] = {}

    def learn(self, said: Announcement, now: float) -> bool:
        """Take in an announcement; whether there is anything new to tell (also: that it holds longer)."""
        if not said.seconds:
            return self._known.pop(said.identity, None) is not None
        if said.identity not in self._known and len(self._known) >= MOST:
            self.forget(now)
            if len(self._known) >= MOST:
                return False
        self._known[said.identity] = Neighbour(now + said.seconds, said.told, said.further)
        return True

    def forget(self, now: float) -> bool:
        """Leave out those that have not been heard of for too long; whether there were any."""
        gone = [identity for identity, one in self._known.items() if one.until <= now]
        for identity in gone:
            del self._known[identity]
        return bool(gone)

    def next_end(self) -> float | None:
        """When the first of them ends, None without any."""
        return min((one.until for one in self._known.values()), default=None)

    def all(self) -> tuple[Neighbour, ...]:
        """All, in the order in which they were first heard."""
        return tuple(self._known.values())
