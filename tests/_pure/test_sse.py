"""Events out of bytes."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverrun._pure.sse import EventStream


def read(*chunks: bytes) -> list[tuple[str, bytes]]:
    machine = EventStream()
    return [event for chunk in chunks for event in machine.feed(chunk)]


def in_pieces(body: bytes, size: int) -> list[bytes]:
    return [body[start : start + size] for start in range(0, len(body), size)]


def test_an_event_ends_with_an_empty_line() -> None:
    assert read(b"data: a\n") == []
    assert read(b"data: a\n", b"\n") == [("message", b"a")]


def test_fields_are_read_as_the_standard_says() -> None:
    body = b"event: error\nid: 7\nretry: 1\n: a comment\ndata:a\ndata:  b\ndata\nother: c\n\ndata: next\n\n"
    assert read(body) == [("error", b"a\n b\n"), ("message", b"next")]


def test_events_without_data_and_comments_are_nothing() -> None:
    assert read(b": ping\n\n: ping\n\nevent: x\n\ndata: a\n\n") == [("message", b"a")]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_lines_end_in_lf_crlf_or_cr(end: bytes, size: int) -> None:
    body = end.join((b"data: a", b"", b"event: x", b"data: b", b"data: c", b"", b""))
    assert read(*in_pieces(body, size)) == [("message", b"a"), ("x", b"b\nc")]


@pytest.mark.parametrize("size", [1, 2, 100])
def test_a_byte_order_mark_is_dropped_in_front_only(size: int) -> None:
    mark = b"\xef\xbb\xbf"
    assert read(*in_pieces(mark + b"data: " + mark + b"a\n\n", size)) == [("message", mark + b"a")]


def test_the_end_hands_out_what_stands_unfinished() -> None:
    for body in (b"data: a", b"data: a\n", b"data: a\r"):
        machine = EventStream()
        assert list(machine.feed(body)) == []
        assert list(machine.flush()) == [("message", b"a")]
        assert list(machine.flush()) == []


@given(
    st.lists(
        st.sampled_from(
            [b"data: a", b"data:", b"event: e", b": c", b"", b"\n", b"\r", b"\r\n", b"\xef\xbb\xbf"]
        )
    ),
    st.lists(st.integers(0, 60)),
)
def test_chunking_makes_no_difference(parts: list[bytes], cuts: list[int]) -> None:
    body = b"".join(parts)
    places = sorted({0, len(body), *(cut for cut in cuts if cut < len(body))})
    chunks = [body[start:end] for start, end in pairwise(places)]
    whole, pieces = EventStream(), EventStream()
    expected = [*whole.feed(body), *whole.flush()]
    assert [event for chunk in chunks for event in pieces.feed(chunk)] + [*pieces.flush()] == expected


def test_a_long_line_costs_linear_time() -> None:
    machine = EventStream()
    for chunk in in_pieces(b"data: " + b"x" * 1_000_000, 10):
        machine.feed(chunk)
    [(_, data)] = machine.feed(b"\n\n")
    assert len(data) == 1_000_000
