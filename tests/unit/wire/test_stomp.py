"""Frames of STOMP: read and written, in any pieces, within bounds."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkhold.wire import stomp
from linkhold.wire.json_text import Malformed
from linkhold.wire.stomp import Frame, Limits, Parser

SMALL = Limits(line=64, headers=8, body=256)


def parsed(data, limits=stomp.USUAL):
    return list(Parser(limits).feed(data))


@pytest.mark.parametrize(
    ("data", "frame"),
    [
        (b"SEND\ndestination:q\n\nhello\0", Frame("SEND", {"destination": "q"}, b"hello")),
        (b"SEND\ncontent-length:3\n\na\0b\0", Frame("SEND", {"content-length": "3"}, b"a\0b")),
        (b"SEND\r\na:1\r\n\r\nbody\r\n\0", Frame("SEND", {"a": "1"}, b"body\r\n")),
        (b"SEND\na:1\na:2\n\n\0", Frame("SEND", {"a": "1"})),
        (b"SEND\ncontent-length:1\ncontent-length:9\n\nx\0", Frame("SEND", {"content-length": "1"}, b"x")),
        (b"SEND\na\\cb:x\\ny\\rz\\\\w\n\n\0", Frame("SEND", {"a:b": "x\ny\rz\\w"})),
        (b"SEND\na:one:two\n\n\0", Frame("SEND", {"a": "one:two"})),
        (b"SEND\na:odd\\t\n\n\0", Frame("SEND", {"a": "odd\\t"})),
        (b"SEND\na:\n\n\0", Frame("SEND", {"a": ""})),
        (b"SEND\na: blank \n\n\0", Frame("SEND", {"a": " blank "})),
        (b"\n\r\n\nSEND\n\n\0", Frame("SEND", {})),
        ("SEND\na:äöü\n\n\0".encode(), Frame("SEND", {"a": "äöü"})),
    ],
)
def test_frames_are_read(data, frame):
    assert parsed(data) == [frame]
    assert [one for byte in data for one in FEEDER(bytes([byte]))] == [frame]


class Feeder:
    """One parser for all cases: each frame must leave nothing behind."""

    def __init__(self):
        self.parser = Parser()

    def __call__(self, data):
        return self.parser.feed(data)


FEEDER = Feeder()


def test_heartbeats_between_frames_are_no_frames():
    assert parsed(b"\n\n\r\n") == []
    assert [one.command for one in parsed(b"CONNECT\n\n\0\n\n\nSEND\n\n\0\n")] == ["CONNECT", "SEND"]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"GET / HTTP/1.1\n", "no STOMP command"),
        (b"send\n", "no STOMP command"),
        (b"\0\n", "no STOMP command"),
        (b"\rSEND\n", "no STOMP command"),
        (b"SEND\nnothing\n", "a header without a name"),
        (b"SEND\n:value\n", "a header without a name"),
        (b"SEND\na:\xff\n", "a header that is not UTF-8"),
        (b"SEND\ncontent-length:x\n\n", "a content-length that is no number"),
        (b"SEND\ncontent-length:-1\n\n", "a content-length that is no number"),
        (b"SEND\ncontent-length:257\n\n", "a body of 257 bytes; 256 are allowed"),
        (b"SEND\ncontent-length:99999999999\n\n", "a content-length that is no number"),
        (b"SEND\ncontent-length:2\n\nabc\0", "a body that is longer than its content-length"),
        (b"SEND\n" + b"a:1\n" * 9, "more than 8 headers"),
        (b"SEND\na:" + b"x" * 64, "a line of more than 64 bytes"),
        (b"x" * 65, "a line of more than 64 bytes"),
        (b"SEND\n\n" + b"x" * 257, "a body of more than 256 bytes"),
        (b"SEND\n\n" + b"x" * 257 + b"\0", "a body of more than 256 bytes"),
    ],
)
def test_what_is_refused(data, why):
    with pytest.raises(Malformed) as refused:
        parsed(data, SMALL)
    assert str(refused.value) == why


def test_good_frames_before_a_bad_one_are_given():
    frames = Parser().feed(b"SEND\n\none\0nonsense\n")
    assert next(frames).body == b"one"
    with pytest.raises(Malformed):
        next(frames)


def test_control_frames_have_no_length_and_messages_have():
    assert stomp.control("RECEIPT", {"receipt-id": "a:b"}) == b"RECEIPT\nreceipt-id:a\\cb\n\n\0"
    assert stomp.control("ERROR", body="no") == b"ERROR\n\nno\0"
    assert stomp.message("q", "7", b'{"a":1}') == (
        b'MESSAGE\ndestination:q\ncontent-type:application/json\nsubscription:7\ncontent-length:7\n\n{"a":1}\0'
    )


@pytest.mark.parametrize(
    ("data", "speaks"),
    [
        (b"", None),
        (b"CONN", None),
        (b"S", None),
        (b"SUB", None),
        (b"CONNECT", True),
        (b"SEND\n", True),
        (b"UNSUBSCRIBE\nid:1", True),
        (b"GET /", False),
        (b"\x16\x03\x01", False),
        (b"SENT", False),
        (b"\n", False),
    ],
)
def test_what_begins_a_frame(data, speaks):
    assert stomp.begins_a_frame(data) is speaks


TEXTS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=12)
FRAMES = st.builds(
    lambda command, headers, body: Frame(command, {**headers, "content-length": str(len(body))}, body),
    st.sampled_from(stomp.COMMANDS),
    st.dictionaries(TEXTS.filter(bool), TEXTS, max_size=4),
    st.binary(max_size=40),
)


def pieces(data, cuts):
    """The data cut at these places."""
    places = sorted({min(cut, len(data)) for cut in cuts} | {0, len(data)})
    return [data[begin:end] for begin, end in itertools.pairwise(places)]


@given(st.lists(FRAMES, max_size=4), st.lists(st.integers(0, 400), max_size=12))
def test_whatever_is_written_is_read_again_in_any_pieces(frames, cuts):
    parser = Parser()
    data = b"\n".join(map(stomp.encode, frames))
    assert [one for piece in pieces(data, cuts) for one in parser.feed(piece)] == frames


WORDS = [
    *stomp.COMMANDS, "\n", "\r\n", "\0", ":", "content-length:", "content-length:5\n", "\\", "\\n", "a:b\n", "{}", "x" * 50,
]  # fmt: skip
GARBAGE = st.lists(st.one_of(st.sampled_from(WORDS).map(str.encode), st.binary(max_size=8)), max_size=30)


@given(GARBAGE)
def test_garbage_is_refused_or_kept_within_bounds(words):
    parser = Parser(SMALL)
    longest = SMALL.body + SMALL.line + 8 * max(map(len, words), default=0)
    for word in words:
        try:
            list(parser.feed(word))
        except Malformed:
            return
        assert len(parser._buffer) <= longest


@given(GARBAGE, st.lists(st.integers(0, 400), max_size=12))
def test_pieces_make_no_difference(words, cuts):
    def outcome(parts):
        parser, frames = Parser(SMALL), []
        try:
            for part in parts:
                frames += parser.feed(part)
        except Malformed as malformed:
            return frames, str(malformed)
        return frames, ""

    data = b"".join(words)
    frames, why = outcome([data])
    in_pieces, same = outcome(pieces(data, cuts))
    assert bool(why) == bool(same)
    assert in_pieces[: len(frames)] == frames[: len(in_pieces)]
