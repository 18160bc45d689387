"""The socket against a scripted kernel: windows, order, losses and restarts that a real one shows too rarely."""

import errno
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkhold.providers.kernel.netlink import message as m
from linkhold.providers.kernel.netlink import socket as s


class Kernel:
    """Stands in for the socket: hands each message sent to `answer`, and queues the datagrams that returns."""

    def __init__(self, answer):
        self.answer = answer
        self.sent = []
        self.queue = []

    def sendall(self, data):
        parts = list(m.messages(data))
        self.sent.append(parts)
        for kind, flags, sequence, payload in parts:
            self.queue += self.answer(kind, flags, sequence, payload)

    def recv_into(self, buffer, size, flags):
        if not self.queue:
            raise BlockingIOError
        datagram = self.queue.pop(0)
        if isinstance(datagram, Exception):
            raise datagram
        taken = datagram[: len(buffer)]
        buffer[: len(taken)] = taken
        return len(datagram)

    def close(self):
        pass


def ack(sequence, number=0, *said):
    flags = m.NLM_F_CAPPED | (m.NLM_F_ACK_TLVS if said else 0)
    body = struct.pack("=i", -number) + bytes(16) + b"".join(said)
    return m.message(m.NLMSG_ERROR, flags, sequence, body)


def done(sequence, number=0):
    return m.message(m.NLMSG_DONE, m.NLM_F_MULTI, sequence, struct.pack("=i", -number))


def netlink_to(answer):
    with s.Netlink() as opened:
        pass
    opened._socket = Kernel(answer)
    return opened


def lost():
    return OSError(errno.ENOBUFS, "No buffer space available")


def test_outcomes_stand_in_the_order_of_the_requests():
    def answer(kind, flags, sequence, payload):
        if kind == 18:
            return [m.message(16, 0, sequence, payload + b"data"), ack(sequence)]
        return [ack(sequence, payload[0])]

    outcomes = netlink_to(answer).batch(
        [(16, 0, b"\0\0\0\0"), (16, 0, b"\x11\0\0\0"), (18, 0, b"abcd"), (17, 0, b"\0")]
    )
    assert outcomes[0] is None
    assert isinstance(outcomes[1], s.Refusal)
    assert outcomes[1].errno == errno.EEXIST
    assert outcomes[2:] == [[(16, b"abcddata")], None]


def test_every_request_asks_for_an_acknowledgement():
    netlink = netlink_to(lambda kind, flags, sequence, payload: [ack(sequence)])
    netlink.batch([(16, m.NLM_F_CREATE, b"")])
    assert netlink._socket.sent[0][0][1] == m.NLM_F_CREATE | m.NLM_F_REQUEST | m.NLM_F_ACK


def test_no_more_are_in_flight_than_answers_find_room():
    netlink = netlink_to(lambda kind, flags, sequence, payload: [ack(sequence)])
    outcomes = netlink.batch([(16, 0, b"")] * 1000)
    assert outcomes == [None] * 1000
    sizes = [len(each) for each in netlink._socket.sent]
    assert max(sizes) <= netlink._window
    assert len(sizes) < 1000 / netlink._window + 1


def test_chunks_are_bounded_in_bytes():
    netlink = netlink_to(lambda kind, flags, sequence, payload: [ack(sequence)])
    netlink.batch([(16, 0, bytes(20_000))] * 10)
    assert [len(each) for each in netlink._socket.sent] == [3, 3, 3, 1]


def test_no_requests_need_no_system_call():
    netlink = netlink_to(lambda *_: pytest.fail("nothing to send"))
    assert netlink.batch([]) == []


def test_a_lost_answer_is_told_as_unknown_and_does_not_hide_the_others():
    def answer(kind, flags, sequence, payload):
        return [lost()] if payload == b"lost" else [ack(sequence)]

    outcomes = netlink_to(answer).batch([(16, 0, b""), (16, 0, b"lost"), (16, 0, b"")])
    assert (outcomes[0], outcomes[2]) == (None, None)
    assert isinstance(outcomes[1], s.Refusal)
    assert outcomes[1].errno == errno.ENOBUFS


def test_answers_to_forgotten_requests_are_skipped():
    netlink = netlink_to(lambda kind, flags, sequence, payload: [ack(sequence + 99, 17), ack(sequence)])
    assert netlink.request(16, 0, b"") == []


def test_a_silent_kernel_is_a_timeout():
    with pytest.raises(TimeoutError):
        netlink_to(lambda *_: []).request(16, 0, b"")


def test_a_refusal_carries_the_kernels_words():
    said = [m.string(s.NLMSGERR_ATTR_MSG, "No such thing"), m.u32(s.NLMSGERR_ATTR_OFFS, 36)]
    with pytest.raises(s.Refusal) as caught:
        netlink_to(lambda kind, flags, sequence, payload: [ack(sequence, errno.EINVAL, *said)]).request(16, 0, b"")
    assert (caught.value.errno, caught.value.message, caught.value.offset) == (errno.EINVAL, "No such thing", 20)
    assert str(caught.value) == "Invalid argument: No such thing"


def test_a_refusal_that_quotes_the_whole_request_is_read_too():
    request = m.message(16, 0, 1, b"x" * 20)
    body = struct.pack("=i", -errno.EPERM) + request + m.string(s.NLMSGERR_ATTR_MSG, "no")
    refusal = s._refusal(body, m.NLM_F_ACK_TLVS, m.NLMSG_ERROR)
    assert refusal is not None
    assert (refusal.errno, refusal.message) == (errno.EPERM, "no")


@given(st.binary(max_size=80), st.integers(0, 0xFFFF), st.sampled_from([m.NLMSG_ERROR, m.NLMSG_DONE]))
def test_any_refusal_is_read_or_malformed(body, marks, kind):
    try:
        refusal = s._refusal(body, marks, kind)
    except m.Malformed:
        assert len(body) < 8
        return
    assert refusal is None or refusal.errno > 0


def dumps(*attempts):
    """A kernel whose n-th dump is the n-th attempt: a function from the sequence number to datagrams."""
    left = list(attempts)

    def answer(kind, flags, sequence, payload):
        assert flags & m.NLM_F_DUMP == m.NLM_F_DUMP
        return left.pop(0)(sequence)

    return netlink_to(answer)


def whole(sequence):
    return [m.message(16, 2, sequence, b"1111") + m.message(16, 2, sequence, b"2222"), done(sequence)]


def test_a_dump_ends_with_done():
    assert dumps(whole).dump(18, b"") == [(16, b"1111"), (16, b"2222")]


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda sequence: [m.message(16, 2 | m.NLM_F_DUMP_INTR, sequence, b"1111"), done(sequence)],
        lambda sequence: [m.message(16, 2, sequence, b"1111"), lost(), done(sequence)],
    ],
    ids=["interrupted", "lost"],
)
def test_a_spoilt_dump_is_read_again_from_the_start(spoilt):
    netlink = dumps(spoilt, spoilt, whole)
    assert netlink.dump(18, b"") == [(16, b"1111"), (16, b"2222")]


def test_the_buffer_grows_to_what_the_kernel_sends():
    long = lambda sequence: [m.message(16, 2, sequence, b"x" * 600_000), done(sequence)]  # noqa: E731
    assert dumps(long, long).dump(18, b"") == [(16, b"x" * 600_000)]


def test_tables_that_never_hold_still_are_a_refusal():
    changing = lambda sequence: [m.message(16, m.NLM_F_DUMP_INTR, sequence, b"1111"), done(sequence)]  # noqa: E731
    with pytest.raises(s.Refusal) as caught:
        dumps(*[changing] * 3).dump(18, b"", restarts=2)
    assert caught.value.errno == errno.EINTR


@pytest.mark.parametrize("end", [lambda q: done(q, errno.ENOENT), lambda q: ack(q, errno.ENOENT)])
def test_a_refused_dump_says_why(end):
    with pytest.raises(s.Refusal) as caught:
        dumps(lambda sequence: [end(sequence)]).dump(18, b"")
    assert caught.value.errno == errno.ENOENT
