"""The frames between agent and executor."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkhold.wire import frames
from linkhold.wire.json_text import Malformed


def test_the_bytes_of_a_frame():
    assert frames.encode({"id": 1}) == b'\x00\x00\x00\x08{"id":1}'


def test_one_that_would_be_too_long_is_the_writers_mistake():
    with pytest.raises(ValueError, match="16777216 are allowed"):
        frames.encode({"x": "x" * frames.MOST_BYTES})


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (struct.pack("!I", 17) + b"{", "a frame of 17 bytes; 16 are allowed"),
        (b"\xff\xff\xff\xff", "a frame of 4294967295 bytes; 16 are allowed"),
        (struct.pack("!I", 2) + b"[]", "a frame without a JSON object"),
        (struct.pack("!I", 1) + b"{", "not JSON: Expecting property name enclosed in double quotes at character 1"),
        (struct.pack("!I", 0), "not JSON: Expecting value at character 0"),
    ],
)
def test_what_is_refused(data, why):
    with pytest.raises(Malformed) as refused:
        list(frames.Decoder(16).feed(data))
    assert str(refused.value) == why


@given(
    st.lists(st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=9), max_size=3), max_size=4),
    st.integers(1, 9),
)
def test_whatever_is_written_is_read_again_in_any_pieces(values, size):
    data = b"".join(map(frames.encode, values))
    decoder = frames.Decoder()
    parts = [data[begin : begin + size] for begin in range(0, len(data), size)]
    assert [value for part in parts for value in decoder.feed(part)] == values


@given(st.lists(st.binary(max_size=12), max_size=20))
def test_garbage_is_refused_or_kept_within_bounds(parts):
    decoder = frames.Decoder(32)
    for part in parts:
        try:
            list(decoder.feed(part))
        except Malformed:
            return
        assert len(decoder._buffer) < 32 + 4 + 12
