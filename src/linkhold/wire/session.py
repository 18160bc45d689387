"""The server's side of one STOMP connection as a state machine: bytes and moments in, things to do out. No I/O.

It does what vdsm does: CONNECT is answered but not demanded, requests are sent to one of two topics, an answer goes to
``reply-to``.
"""

import typing
from collections.abc import Iterator

from linkhold.wire import heartbeat, stomp
from linkhold.wire.json_text import Malformed
from linkhold.wire.stomp import Frame

REQUESTS: typing.Final = ("jms.topic.vdsm_requests", "jms.topic.vdsm_irs_requests")
"""Where requests go, or to one of these with a dot and more behind it."""

RESPONSES: typing.Final = "jms.topic.vdsm_responses"
"""Where answers go if a request does not say."""

EVENTS: typing.Final = "jms.queue.events"

MOST_SUBSCRIPTIONS: typing.Final = 256

_CORRELATION: typing.Final = "ovirtCorrelationId"


class Write(typing.NamedTuple):
    """Send this, in one piece."""

    data: bytes


class Execute(typing.NamedTuple):
    """Carry out what this JSON-RPC text asks for, and send the answer to `reply_to`."""

    body: bytes
    reply_to: str
    correlation: str


class Forward(typing.NamedTuple):
    """Hand this to whoever has subscribed to the destination; complain to the sender if nobody has."""

    destination: str
    body: bytes


class Close(typing.NamedTuple):
    """Close the connection, after what was written; nothing that comes is looked at any more."""

    reason: str


Effect = Write | Execute | Forward | Close


class Session:
    """One connection. `identity` says who it is; sessions of one identity may take each other's answers."""

    def __init__(self, identity: str, now: float, limits: stomp.Limits = stomp.USUAL) -> None:
        self.identity = identity
        self.subscriptions: dict[str, str] = {}
        self._parser = stomp.Parser(limits)
        self._beats = heartbeat.Heartbeat(heartbeat.Agreed(), now)
        self._closed = False

    def receive(self, data: bytes, now: float) -> Iterator[Effect]:
        """What to do about these bytes, in this order; the last one is `Close` if the connection is over."""
        self._beats.received(now)
        try:
            for frame in self._parser.feed(data):
                for effect in self._obey(frame, now):
                    self._closed = self._closed or isinstance(effect, Close)
                    yield effect
                    if self._closed:
                        return
        except Malformed as malformed:
            self._closed = True
            yield Close(str(malformed))

    def sent(self, now: float) -> None:
        """Something was sent on this connection."""
        self._beats.sent(now)

    def tick(self, now: float) -> Iterator[Effect]:
        """What to do because time has passed."""
        dead_at, beat_at = self._beats.dead_at(), self._beats.beat_at()
        if dead_at is not None and now >= dead_at:
            yield Close("nothing was heard, and heart-beats were agreed on")
        elif beat_at is not None and now >= beat_at:
            self.sent(now)
            yield Write(stomp.HEARTBEAT)

    def next_tick(self) -> float | None:
        """The moment at which `tick` has something to do if nothing happens before; None: never."""
        return self._beats.next_at()

    def subscriptions_to(self, destination: str) -> list[str]:
        """The ids under which this connection hears of a destination: it has subscribed to it, or to what it begins with."""
        return [
            subscription
            for subscription, subscribed in self.subscriptions.items()
            if destination == subscribed or destination.startswith(f"{subscribed}.")
        ]

    def _obey(self, frame: Frame, now: float) -> Iterator[Effect]:
        match frame.command:
            case "CONNECT" | "STOMP":
                return self._connect(frame, now)
            case "SUBSCRIBE":
                return self._subscribe(frame)
            case "UNSUBSCRIBE":
                return self._unsubscribe(frame)
            case "SEND":
                return _send(frame)
            case "DISCONNECT":
                return _disconnect(frame)
            case _:
                return iter([Close("an unknown STOMP command")])

    def _connect(self, frame: Frame, now: float) -> Iterator[Effect]:
        if frame.headers.get("accept-version") != "1.2":
            yield Write(complaint("Version unsupported"))
            return
        agreed = heartbeat.agree(frame.headers.get("heart-beat"))
        self._beats = heartbeat.Heartbeat(agreed, now)
        yield Write(stomp.control("CONNECTED", {"version": "1.2", "heart-beat": agreed.header()}))

    def _subscribe(self, frame: Frame) -> Iterator[Effect]:
        destination, subscription = frame.headers.get("destination"), frame.headers.get("id")
        if not destination or not subscription:
            yield Write(complaint("Missing destination or subscription id header"))
        elif subscription in self.subscriptions:
            yield Write(complaint("Subscription id already exists"))
        elif len(self.subscriptions) >= MOST_SUBSCRIPTIONS:
            yield Write(complaint("Too many subscriptions"))
        else:
            self.subscriptions[subscription] = destination

    def _unsubscribe(self, frame: Frame) -> Iterator[Effect]:
        subscription = frame.headers.get("id")
        if subscription is None:
            yield Close("UNSUBSCRIBE without id")
        else:
            self.subscriptions.pop(subscription, None)


def complaint(text: str) -> bytes:
    """An ERROR frame; the connection stays."""
    return stomp.control("ERROR", body=text)


def _send(frame: Frame) -> Iterator[Effect]:
    destination = frame.headers.get("destination")
    if destination is None:
        yield Close("SEND without destination")
    elif any(destination == topic or destination.startswith(f"{topic}.") for topic in REQUESTS):
        headers = frame.headers
        yield Execute(frame.body, headers.get("reply-to") or RESPONSES, headers.get(_CORRELATION, ""))
    else:
        yield Forward(destination, frame.body)


def _disconnect(frame: Frame) -> Iterator[Effect]:
    receipt = frame.headers.get("receipt")
    if receipt is None:
        yield Close("DISCONNECT without receipt")
    else:
        yield Write(stomp.control("RECEIPT", {"receipt-id": receipt}))
