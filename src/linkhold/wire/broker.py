"""Who gets what: the sessions of one server and their subscriptions. No I/O."""

import typing

from linkhold.wire import stomp
from linkhold.wire.session import Session, complaint


class Delivery(typing.NamedTuple):
    """These bytes are for this session."""

    session: Session
    data: bytes


class Broker:
    """The sessions that are there."""

    def __init__(self) -> None:
        self._sessions: dict[int, Session] = {}

    def join(self, session: Session) -> None:
        """A connection was made."""
        self._sessions[id(session)] = session

    def leave(self, session: Session) -> None:
        """A connection has ended, and its subscriptions with it."""
        self._sessions.pop(id(session), None)

    def publish(self, destination: str, body: bytes) -> list[Delivery]:
        """To everybody who has subscribed."""
        return self._deliveries(self._sessions.values(), destination, body)

    def forward(self, origin: Session, destination: str, body: bytes) -> list[Delivery]:
        """The same for what a client sent, which hears of it where nobody has."""
        return self.publish(destination, body) or [Delivery(origin, complaint("Subscription not available"))]

    def reply(self, origin: Session, destination: str, body: bytes) -> list[Delivery]:
        """An answer: to the subscriptions of the connection that asked; where it has none (or is gone) to those that the same
        peer has on its other connections. Nobody else gets it: two centres may use the same ids.
        """
        if id(origin) in self._sessions and (own := self._deliveries([origin], destination, body)):
            return own
        others = [one for one in self._sessions.values() if one.identity == origin.identity and one is not origin]
        return self._deliveries(others, destination, body)

    def _deliveries(self, sessions: typing.Iterable[Session], destination: str, body: bytes) -> list[Delivery]:
        return [
            Delivery(session, stomp.message(destination, subscription, body))
            for session in sessions
            for subscription in session.subscriptions_to(destination)
        ]
