"""One STOMP connection of the server, row by row of what vdsm's server does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkhold.wire import stomp
from linkhold.wire.broker import Broker
from linkhold.wire.session import Close, Execute, Forward, Session, Write

CONNECTED = b"CONNECTED\nversion:1.2\nheart-beat:%s\n\n\0"


def session(*said, now=0.0):
    one = Session("peer", now)
    for frame in said:
        assert list(one.receive(frame, now)) == []
    return one


def subscribe(destination="q", id_="1"):
    return b"SUBSCRIBE\ndestination:%s\nid:%s\nack:auto\n\n\0" % (destination.encode(), id_.encode())


def send(destination, body=b"{}", **headers):
    return stomp.encode(stomp.Frame("SEND", {"destination": destination, **headers}, body))


def effects(one, data, now=0.0):
    return list(one.receive(data, now))


def test_the_bytes_of_a_minimal_session():
    """What an engine sends, and every byte that it gets back."""
    one, broker = Session("peer", 0.0), Broker()
    broker.join(one)
    connect = b"CONNECT\naccept-version:1.2\nhost:h1\nheart-beat:0,15000\n\n\0"
    assert effects(one, connect) == [Write(b"CONNECTED\nversion:1.2\nheart-beat:15000,0\n\n\0")]
    assert effects(one, b"SUBSCRIBE\ndestination:jms.queue.events\nid:E\nack:auto\n\n\0") == []
    assert effects(one, b"SUBSCRIBE\ndestination:jms.topic.vdsm_responses\nid:R\nack:auto\n\n\0") == []
    request = b'{"jsonrpc":"2.0","method":"Host.ping2","params":{},"id":"u-1"}'
    asked = (
        b"SEND\ndestination:jms.topic.vdsm_requests\nreply-to:jms.topic.vdsm_responses\ncontent-length:%d\n\n%s\0"
        % (len(request), request)
    )
    assert effects(one, asked) == [Execute(request, "jms.topic.vdsm_responses", "")]
    answer = b'{"jsonrpc":"2.0","id":"u-1","result":true}'
    [delivery] = broker.reply(one, "jms.topic.vdsm_responses", answer)
    assert delivery == (
        one,
        b"MESSAGE\ndestination:jms.topic.vdsm_responses\ncontent-type:application/json\nsubscription:R\n"
        b"content-length:%d\n\n%s\0" % (len(answer), answer),
    )
    one.sent(1.0)
    assert one.next_tick() == 16.0
    assert list(one.tick(16.0)) == [Write(b"\n")]
    event = b'{"jsonrpc":"2.0","method":"|net|host_conn|no_id","params":{"notify_time":4310123}}'
    [delivery] = broker.publish("jms.queue.events", event)
    assert delivery.data == (
        b"MESSAGE\ndestination:jms.queue.events\ncontent-type:application/json\nsubscription:E\n"
        b"content-length:%d\n\n%s\0" % (len(event), event)
    )


@pytest.mark.parametrize(
    ("asked", "agreed"),
    [
        (b"heart-beat:0,15000\n", b"15000,0"),
        (b"heart-beat:5000,0\n", b"0,5000"),
        (b"heart-beat:1,999\n", b"1000,1000"),
        (b"heart-beat:1000,2000\n", b"2000,1000"),
        (b"heart-beat:0,0\n", b"0,0"),
        (b"", b"0,0"),
    ],
)
def test_connect(asked, agreed):
    one = session()
    data = b"CONNECT\naccept-version:1.2\nhost:h\n" + asked + b"\n\0"
    assert effects(one, data) == [Write(CONNECTED % agreed)]


@pytest.mark.parametrize("version", ["", "accept-version:1.1\n", "accept-version:1.0,1.2\n"])
def test_another_version_is_an_error_and_the_connection_stays(version):
    one = session()
    said = b"CONNECT\n" + version.encode() + b"\n\0"
    assert effects(one, said) == [Write(b"ERROR\n\nVersion unsupported\0")]
    assert effects(one, b"CONNECT\naccept-version:1.2\n\n\0") == [Write(CONNECTED % b"0,0")]


@pytest.mark.parametrize("beats", [b"x", b"1", b"-1,0", b"1,2,3", b"0,99999999999"])
def test_a_heartbeat_that_is_none_closes(beats):
    [close] = effects(session(), b"CONNECT\naccept-version:1.2\nheart-beat:" + beats + b"\n\n\0")
    assert isinstance(close, Close)


@pytest.mark.parametrize("said", [b"SUBSCRIBE\ndestination:q\n\n\0", b"SUBSCRIBE\nid:1\n\n\0", b"SUBSCRIBE\n\n\0"])
def test_subscribing_without_a_header(said):
    assert effects(session(), said) == [Write(b"ERROR\n\nMissing destination or subscription id header\0")]


def test_subscribing_twice_with_one_id():
    one = session(subscribe("q", "1"))
    assert effects(one, subscribe("other", "1")) == [Write(b"ERROR\n\nSubscription id already exists\0")]
    assert one.subscriptions_to("q") == ["1"]
    assert one.subscriptions_to("other") == []


def test_two_connections_may_use_one_id():
    assert session(subscribe("q", "1")).subscriptions == session(subscribe("q", "1")).subscriptions


def test_subscriptions_are_bounded():
    one = session(*(subscribe("q", str(number)) for number in range(256)))
    assert effects(one, subscribe("q", "more")) == [Write(b"ERROR\n\nToo many subscriptions\0")]


@pytest.mark.parametrize(
    "destination",
    [
        "jms.topic.vdsm_requests",
        "jms.topic.vdsm_irs_requests",
        "jms.topic.vdsm_requests.more",
        "jms.topic.vdsm_irs_requests.more.still",
    ],
)
def test_requests(destination):
    headers = {"reply-to": "mine", "ovirtCorrelationId": "flow"}
    assert effects(session(), send(destination, b"[1]", **headers)) == [Execute(b"[1]", "mine", "flow")]
    assert effects(session(), send(destination, b"[1]")) == [Execute(b"[1]", "jms.topic.vdsm_responses", "")]


@pytest.mark.parametrize("destination", ["jms.topic.vdsm_requests2", "jms.topic", "q", ""])
def test_what_is_sent_elsewhere_is_forwarded(destination):
    assert effects(session(), send(destination, b"x")) == [Forward(destination, b"x")]


def test_unsubscribing():
    one = session(subscribe("q", "1"), subscribe("q", "2"), b"UNSUBSCRIBE\nid:1\n\n\0", b"UNSUBSCRIBE\nid:9\n\n\0")
    assert one.subscriptions_to("q") == ["2"]
    assert effects(one, b"UNSUBSCRIBE\n\n\0") == [Close("UNSUBSCRIBE without id")]


def test_disconnecting():
    assert effects(session(), b"DISCONNECT\nreceipt:77\n\n\0") == [Write(b"RECEIPT\nreceipt-id:77\n\n\0")]
    assert effects(session(), b"DISCONNECT\n\n\0") == [Close("DISCONNECT without receipt")]


@pytest.mark.parametrize("said", [b"ACK\nid:1\n\n\0", b"BEGIN\n\n\0", b"MESSAGE\n\n\0", b"SEND\n\n{}\0", b"nonsense\n"])
def test_what_closes(said):
    [close] = effects(session(), said)
    assert isinstance(close, Close)


def test_nothing_is_done_after_the_close():
    one = session()
    assert len(effects(one, b"ACK\n\n\0" + subscribe())) == 1
    assert one.subscriptions == {}


def connected(beats, now=100.0):
    one = Session("peer", now)
    list(one.receive(b"CONNECT\naccept-version:1.2\nheart-beat:" + beats + b"\n\n\0", now))
    return one


def test_silence_ends_a_connection_that_promised_to_beat():
    one = connected(b"2000,0")
    assert one.next_tick() == 103.0
    assert list(one.receive(b"\n", 102.9)) == []
    assert list(one.tick(103.0)) == []
    assert one.next_tick() == pytest.approx(105.9)
    [close] = one.tick(105.9)
    assert isinstance(close, Close)


def test_beats_are_sent_only_when_nothing_else_was():
    one = connected(b"0,3000")
    assert one.next_tick() == 103.0
    one.sent(102.0)
    assert list(one.tick(103.0)) == []
    assert list(one.tick(105.0)) == [Write(b"\n")]
    assert one.next_tick() == 108.0


def test_without_heartbeats_nothing_is_due():
    assert connected(b"0,0").next_tick() is None
    assert session().next_tick() is None
    assert list(connected(b"0,0").tick(1e9)) == []


PIECES = st.sampled_from(
    [
        b"CONNECT\naccept-version:1.2\nheart-beat:1000,1000\n\n\0",
        b"SUBSCRIBE\ndestination:q\nid:1\n\n\0",
        b"UNSUBSCRIBE\nid:1\n\n\0",
        b"SEND\ndestination:jms.topic.vdsm_requests\ncontent-length:2\n\n{}\0",
        b"SEND\ndestination:q\n\n{}\0",
        b"DISCONNECT\nreceipt:1\n\n\0",
        b"\n",
    ]
)


@given(st.lists(PIECES | st.binary(max_size=6), max_size=12), st.integers(1, 40))
def test_whatever_is_said_there_is_nothing_but_effects(said, size):
    """No other exception, nothing after a close, and a connection without a close goes on to be understood."""
    one, data, seen = Session("peer", 0.0), b"".join(said), []
    for begin in range(0, len(data), size):
        seen += effects(one, data[begin : begin + size], float(begin))
        if seen and isinstance(seen[-1], Close):
            break
    assert not any(isinstance(effect, Close) for effect in seen[:-1])
    for effect in seen:
        if isinstance(effect, Write):
            [frame] = stomp.Parser().feed(effect.data)
            assert frame.command in ("CONNECTED", "ERROR", "RECEIPT")


@given(st.lists(PIECES, max_size=12), st.integers(1, 40))
def test_pieces_make_no_difference(said, size):
    data = b"".join(said)
    whole, parts = Session("peer", 0.0), Session("peer", 0.0)
    in_parts = [effect for begin in range(0, len(data), size) for effect in effects(parts, data[begin : begin + size])]
    assert effects(whole, data) == in_parts
    assert whole.subscriptions == parts.subscriptions
