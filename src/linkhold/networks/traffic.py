"""What went over a link until now: a provider counts (`providers/kernel/statistics.py`), a report tells it."""

import typing


class Traffic(typing.NamedTuple):
    """The counters of one link since it was made: bytes, and packets with errors or dropped.

    `up` is whether it can carry frames now (RFC 2863: up, or unknown to its driver). `speed` is in Mbit/s, 0 where there
    is none or nobody knows; `duplex` is ``full``, ``half`` or ``unknown``.
    """

    name: str
    up: bool
    speed: int
    duplex: str
    received: int
    sent: int
    receive_errors: int
    send_errors: int
    receive_dropped: int
    send_dropped: int
