"""Who gets what."""

import pytest

from linkhold.wire import stomp
from linkhold.wire.broker import Broker
from linkhold.wire.session import Session


def joined(broker, identity, *subscriptions):
    session = Session(identity, 0.0)
    for number, destination in enumerate(subscriptions):
        said = stomp.control("SUBSCRIBE", {"destination": destination, "id": f"s{number}"})
        assert list(session.receive(said, 0.0)) == []
    broker.join(session)
    return session


def told(deliveries):
    return [(one.session, next(iter(stomp.Parser().feed(one.data)))) for one in deliveries]


@pytest.mark.parametrize(
    ("subscribed", "sent", "heard"),
    [
        ("jms.queue.events", "jms.queue.events", True),
        ("jms.queue", "jms.queue.events", True),
        ("jms", "jms.queue.events", True),
        ("jms.queue.events", "jms.queue", False),
        ("jms.que", "jms.queue.events", False),
        ("other", "jms.queue.events", False),
    ],
)
def test_subscriptions_hear_of_what_they_begin(subscribed, sent, heard):
    broker = Broker()
    joined(broker, "a", subscribed)
    assert bool(broker.publish(sent, b"{}")) is heard


def test_forwarding_reaches_everybody():
    broker = Broker()
    origin, first, second = joined(broker, "a"), joined(broker, "b", "q"), joined(broker, "c", "q", "q")
    deliveries = told(broker.forward(origin, "q", b"x"))
    assert [(session, frame.headers["subscription"]) for session, frame in deliveries] == [
        (first, "s0"),
        (second, "s0"),
        (second, "s1"),
    ]
    assert {frame.body for _, frame in deliveries} == {b"x"}


def test_forwarding_to_nobody_is_an_error_for_the_sender():
    broker = Broker()
    origin = joined(broker, "a")
    joined(broker, "b", "other")
    assert broker.forward(origin, "q", b"x") == [(origin, b"ERROR\n\nSubscription not available\0")]


def test_answers_go_to_the_connection_that_asked():
    broker = Broker()
    origin = joined(broker, "a", "r")
    joined(broker, "a", "r")
    joined(broker, "b", "r")
    assert [session for session, _ in told(broker.reply(origin, "r", b"{}"))] == [origin]


def test_answers_reach_another_connection_of_the_same_peer_and_nobody_else():
    broker = Broker()
    origin, second = joined(broker, "a"), joined(broker, "a", "r")
    joined(broker, "b", "r")
    assert [session for session, _ in told(broker.reply(origin, "r", b"{}"))] == [second]
    broker.leave(origin)
    assert [session for session, _ in told(broker.reply(origin, "r", b"{}"))] == [second]
    broker.leave(second)
    assert broker.reply(origin, "r", b"{}") == []


def test_who_has_left_hears_nothing():
    broker = Broker()
    session = joined(broker, "a", "q")
    broker.leave(session)
    broker.leave(session)
    assert broker.publish("q", b"{}") == []
