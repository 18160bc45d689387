"""What the kernel knows of a route and documents have no property for: in words, and back.

Shown so that nobody wonders, and kept so that a route comes back as it was when its interface went down for a moment, or
when a change is taken back. Words as of ``ip route``: ``mtu 1300 onlink``. Who wrote it by hand, a person (boot) or a manager
(static), makes no difference to packets: it comes back as static.
"""

from __future__ import annotations

from linkhold.providers.kernel.netlink import route
from linkhold.providers.kernel.netlink.route import RTA_METRICS, RTAX_CWND, RTAX_LOCK, RTNH_F_ONLINK, RouteMessage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_METRICS = {
    "mtu": route.RTAX_MTU,
    "window": route.RTAX_WINDOW,
    "rtt": route.RTAX_RTT,
    "rttvar": route.RTAX_RTTVAR,
    "ssthresh": route.RTAX_SSTHRESH,
    "advmss": route.RTAX_ADVMSS,
    "reordering": route.RTAX_REORDERING,
    "hoplimit": route.RTAX_HOPLIMIT,
    "initcwnd": route.RTAX_INITCWND,
    "features": route.RTAX_FEATURES,
    "rto_min": route.RTAX_RTO_MIN,
    "initrwnd": route.RTAX_INITRWND,
    "quickack": route.RTAX_QUICKACK,
    "fastopen_no_cookie": route.RTAX_FASTOPEN_NO_COOKIE,
}
"""Words for RTAX_*; values are the kernel's own. The congestion window has a property in documents."""

_WORDS = {number: word for word, number in _METRICS.items()}


class Details:
    """They, as the arguments of `route.build`; of a next hop among several only `onlink` is its own."""

    __slots__ = ("congestion_control", "metrics", "onlink", "preference", "scope")

    def __init__(self, text: str = "") -> None:
        self.onlink = False
        self.scope: int | None = None
        self.preference: int | None = None
        self.congestion_control: str | None = None
        self.metrics: dict[int, int] = {}
        words = iter(text.split())
        for word in words:
            self._read(word, words)

    def _read(self, word: str, words: Iterator[str]) -> None:
        if word == "onlink":
            self.onlink = True
        elif word == "congctl":
            self.congestion_control = next(words, None)
        elif (value := next(words, "")).isdigit():
            if word == "scope":
                self.scope = int(value)
            elif word == "pref":
                self.preference = int(value)
            elif word == "lock":
                self.metrics[RTAX_LOCK] = int(value)
            elif word in _METRICS:
                self.metrics[_METRICS[word]] = int(value)


def told(message: RouteMessage, flags: int) -> str:
    """The details of a route, '' for none; `flags` are those of the route, or of one of its next hops."""
    if (
        not flags & RTNH_F_ONLINK
        and RTA_METRICS not in message.attributes
        and not message.preference
        and message.scope == _usual_scope(message)
    ):
        return ""
    return " ".join(_words(message, flags))


def _words(message: RouteMessage, flags: int) -> Iterator[str]:
    if message.scope != _usual_scope(message):
        yield f"scope {message.scope}"
    if flags & RTNH_F_ONLINK:
        yield "onlink"
    if message.preference:
        yield f"pref {message.preference}"
    for number, value in sorted(message.metrics.items()):
        if number in _WORDS:
            yield f"{_WORDS[number]} {value}"
        elif number == RTAX_LOCK and value & ~(1 << RTAX_CWND):
            yield f"lock {value}"
    if message.congestion_control:
        yield f"congctl {message.congestion_control}"


def _usual_scope(message: RouteMessage) -> int:
    leads_on = message.gateway is not None or bool(message.next_hops)
    return route.usual_scope(message.family, message.type, leads_on)
