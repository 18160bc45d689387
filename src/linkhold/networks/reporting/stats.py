"""Statistics: the network part of ``Host.getStats`` (vdsm's ``network/netstats.py``)."""

import typing

from linkhold.networks.traffic import Traffic

_USUAL_SPEED: typing.Final = 1000
"""What is told where a link has no speed: a centre divides by it."""


def statistics(links: typing.Iterable[Traffic], now: float) -> dict[str, typing.Any]:
    """``{"network": {name: …}, "rxDropped": n, "txDropped": n}`` of all links; `now` is when they were read, in seconds.

    Counters are text; the sums of dropped packets are numbers, and each is of what its name says (vdsm sends them the
    other way round, and nobody reads them).
    """
    known = tuple(links)
    return {
        "network": {one.name: _link(one, now) for one in known},
        "rxDropped": sum(one.receive_dropped for one in known),
        "txDropped": sum(one.send_dropped for one in known),
    }


def _link(one: Traffic, now: float) -> dict[str, str | float]:
    return {
        "name": one.name,
        "state": "up" if one.up else "down",
        "speed": str(one.speed or _USUAL_SPEED),
        "duplex": one.duplex,
        "rx": str(one.received),
        "tx": str(one.sent),
        "rxErrors": str(one.receive_errors),
        "txErrors": str(one.send_errors),
        "rxDropped": str(one.receive_dropped),
        "txDropped": str(one.send_dropped),
        "sampleTime": now,
    }
