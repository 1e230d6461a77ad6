"""Tool calls out of fragments: whatever pattern a provider sends them in, exactly the calls sent."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riverrun.messages import AIMessageChunk
from riverrun.messages._assembly import assemble, compact, fragments_of_raw, parse_final, parse_so_far
from riverrun.messages.tool import tool_call_chunk

Fragment = tuple[int | None, str | None, str | None, str | None]  # index, id, name, args

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.text('ab"\\{}[],:é\n', max_size=6),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text("kl}", max_size=2), inner, max_size=2)
    ),
    max_leaves=4,
)
ARGUMENTS = st.dictionaries(st.text("xyz{", min_size=1, max_size=2), VALUES, max_size=3)


def chunk(*fragments: Fragment) -> AIMessageChunk:
    return AIMessageChunk(
        tool_call_chunks=[
            tool_call_chunk(index=index, id=id, name=name, args=args) for index, id, name, args in fragments
        ]
    )


def shown(fragments: list[Fragment]) -> list[tuple[Any, ...]]:
    """The assembled calls as (id, name, args text)."""
    return [(call["id"], call["name"], call["args"]) for call in assemble(chunk(*fragments).tool_call_chunks)]


@st.composite
def streams(draw: st.DrawFn, identified: bool = False) -> tuple[list[tuple[Any, ...]], list[Fragment]]:
    """Calls, and their fragments in one of the patterns that providers send them in.

    With `identified` each fragment says by its index or id which call it belongs to.
    """
    indexes = draw(st.sampled_from(["distinct", "missing", "shared"]))
    ids = draw(st.sampled_from(["once", "always", "never", "late"]))
    if identified and indexes != "distinct":
        ids = "always"
    names = draw(st.sampled_from(["once", "repeated", "empty"]))
    none = draw(st.sampled_from([None, ""]))
    sent, queues = [], []
    for number in range(draw(st.integers(1, 4))):
        name, args = draw(st.sampled_from(["f", "fg", "search"])), draw(ARGUMENTS)
        text = json.dumps(args, ensure_ascii=draw(st.booleans()))
        cuts = sorted(draw(st.lists(st.integers(0, len(text)), min_size=ids == "late", max_size=5)))
        pieces: list[str | None] = [
            text[start:end] or draw(st.sampled_from(["", None]))
            for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)
        ]
        late = draw(st.integers(1, len(pieces) - 1)) if ids == "late" else 0
        index = {"distinct": number, "missing": None, "shared": 0}[indexes]
        queue: list[Fragment] = []
        for place, piece in enumerate(pieces):
            shows_id = ids == "always" or (ids != "never" and place == late)
            shows_name = names == "repeated" or place == 0
            queue.append(
                (
                    index,
                    f"call_{number}" if shows_id else none,
                    name if shows_name else ("" if names == "empty" else None),
                    piece,
                )
            )
        queues.append(queue)
        sent.append((None if ids == "never" else f"call_{number}", name, args))
    if not ((indexes == "distinct" or ids == "always") and draw(st.booleans())):
        return sent, [fragment for queue in queues for fragment in queue]
    mixed: list[Fragment] = [queue[0] for queue in queues]  # interleaved, but begun in their order
    rest = [queue[1:] for queue in queues]
    while any(rest):
        queue = draw(st.sampled_from([queue for queue in rest if queue]))
        mixed.append(queue.pop(0))
    return sent, mixed


@st.composite
def grouped(draw: st.DrawFn, fragments: list[Fragment]) -> list[AIMessageChunk]:
    """The fragments, one or more to a chunk, with chunks of text in between."""
    chunks = []
    rest = list(fragments)
    while rest:
        size = draw(st.integers(1, 3))
        chunks.append(chunk(*rest[:size]))
        rest = rest[size:]
        if draw(st.booleans()):
            chunks.append(AIMessageChunk("text "))
    return chunks


def bracketed(draw: st.DrawFn, chunks: list[AIMessageChunk], read: bool) -> AIMessageChunk:
    """The sum of the chunks, added up in some order of brackets; with `read` some of the partial sums are read."""
    if len(chunks) == 1:
        return chunks[0]
    cut = draw(st.integers(1, len(chunks) - 1))
    total = bracketed(draw, chunks[:cut], read) + bracketed(draw, chunks[cut:], read)
    if read and draw(st.booleans()):
        assert total.tool_call_chunks is not None
    return total


def final(total: AIMessageChunk) -> list[tuple[Any, ...]]:
    """The calls of `total`, once no more can follow, as (id, name, arguments)."""
    last = total + AIMessageChunk(chunk_position="last")
    assert last.invalid_tool_calls == []
    return [(call["id"], call["name"], call["args"]) for call in last.tool_calls]


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_g06_any_pattern_gives_exactly_the_calls_sent(data: st.DataObject) -> None:
    sent, fragments = data.draw(streams())
    chunks = data.draw(grouped(fragments))
    assert final(AIMessageChunk.__fold__(chunks)) == sent


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_g06_any_bracketing_gives_the_same(data: st.DataObject) -> None:
    _, fragments = data.draw(streams())
    chunks = data.draw(grouped(fragments))
    total = bracketed(data.draw, chunks, read=False)
    assert total == AIMessageChunk.__fold__(chunks) or len(chunks) == 1


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_g06_reading_on_the_way_changes_nothing(data: st.DataObject) -> None:
    sent, fragments = data.draw(streams())
    total = AIMessageChunk()
    for each in data.draw(grouped(fragments)):
        total += each
        if data.draw(st.booleans()):
            assert isinstance(total.tool_calls, list)
    assert final(total) == sent


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_g06_sums_of_read_sums_give_the_same_where_index_or_id_tells_calls_apart(data: st.DataObject) -> None:
    sent, fragments = data.draw(streams(identified=True))
    total = AIMessageChunk() + bracketed(data.draw, data.draw(grouped(fragments)), read=True)
    assert final(total) == sent


PATTERNS: dict[str, tuple[list[Fragment], list[tuple[Any, ...]]]] = {
    "an index for each call": (
        [(0, "1", "f", ""), (1, "2", "g", ""), (0, None, None, "{}"), (1, None, None, '{"a": 1}')],
        [("1", "f", "{}"), ("2", "g", '{"a": 1}')],
    ),
    "one index for all calls, each with its id": (
        [(0, "1", "f", "{}"), (0, "2", "g", "{"), (0, None, None, "}")],
        [("1", "f", "{}"), ("2", "g", "{}")],
    ),
    "no index, a new id begins a call": (
        [(None, "1", "f", "{"), (None, None, None, "}"), (None, "2", "f", "{}")],
        [("1", "f", "{}"), ("2", "f", "{}")],
    ),
    "an id that is repeated goes on": (
        [(None, "1", "f", "{"), (None, "2", "g", "{"), (None, "1", None, "}"), (None, "2", "g", "}")],
        [("1", "f", "{}"), ("2", "g", "{}")],
    ),
    "one id for two calls at two indexes": (
        [(0, "x", "f", "{"), (1, "x", "g", "{"), (0, "x", None, "}"), (1, "x", None, "}")],
        [("x", "f", "{}"), ("x", "g", "{}")],
    ),
    "an id that comes late": (
        [(0, None, "f", "{"), (0, "1", None, "}"), (0, None, "g", "{}"), (0, "2", None, "")],
        [("1", "f", "{}"), ("2", "g", "{}")],
    ),
    "an index that comes late": ([(None, "1", "f", "{"), (0, None, None, "}")], [("1", "f", "{}")]),
    "an index that is lost": ([(0, "1", "f", "{"), (None, None, None, "}")], [("1", "f", "{}")]),
    "no index and no id, complete calls of one tool": (
        [(None, None, "f", '{"a": 1}'), (None, None, "f", '{"a": 2}')],
        [(None, "f", '{"a": 1}'), (None, "f", '{"a": 2}')],
    ),
    "no index and no id, arguments after the name": (
        [(None, None, "f", ""), (None, None, None, "{}"), (None, None, "f", ""), (None, None, None, "{}")],
        [(None, "f", "{}"), (None, "f", "{}")],
    ),
    "a repeated name with nothing behind it is no call": (
        [(0, None, "f", "{"), (0, None, "f", "}"), (0, None, "f", "")],
        [(None, "f", "{}")],
    ),
    "a name in pieces": ([(0, "1", "get_", None), (0, None, "weather", "{}")], [("1", "get_weather", "{}")]),
    "a name that grows": (
        [(0, "1", "get_", ""), (0, "1", "get_weather", "{}")],
        [("1", "get_weather", "{}")],
    ),
    "a name that comes late": ([(0, "1", None, ""), (0, None, "f", "{}")], [("1", "f", "{}")]),
    "a name that is empty": ([(0, "1", "f", "{"), (0, "", "", "}")], [("1", "f", "{}")]),
    "braces and quotes inside strings": (
        [(None, None, "f", '{"a": "}\\'), (None, None, "f", '"{"}'), (None, None, "f", "{}")],
        [(None, "f", '{"a": "}\\"{"}'), (None, "f", "{}")],
    ),
    "calls in the order in which they begin": (
        [(1, "1", "f", "{}"), (0, "2", "g", "{}")],
        [("1", "f", "{}"), ("2", "g", "{}")],
    ),
    "without arguments, told apart by their ids": (
        [(None, "1", "f", ""), (None, "2", "f", "")],
        [("1", "f", ""), ("2", "f", "")],
    ),
}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_g06_known_pattern(pattern: str) -> None:
    fragments, calls = PATTERNS[pattern]
    assert shown(fragments) == calls


def test_what_nothing_tells_apart_is_one_call_whose_name_came_in_pieces() -> None:
    assert shown([(0, None, "f", ""), (0, None, "g", "")]) == [(None, "fg", "")]


def test_compact_keeps_a_repeated_name_that_may_begin_another_call() -> None:
    fragments = chunk((None, None, "f", "{}"), (None, None, "f", "")).tool_call_chunks
    assert [(each["name"], each["args"]) for each in compact(fragments)] == [("f", "{}"), ("f", "")]
    more = [*compact(fragments), tool_call_chunk(args='{"a": 1}')]
    assert [(each["name"], each["args"]) for each in assemble(more)] == [("f", "{}"), ("f", '{"a": 1}')]


@pytest.mark.parametrize(
    ("text", "args"),
    [
        (None, {}),
        ("", {}),
        (" \n", {}),
        ("null", {}),
        ("{", {}),
        ('{"a": 1', {}),
        ('{"a": 1,', {"a": 1}),
        ('{"a": "b', {"a": "b"}),
        ('{"a": [1, {"b": tr', {"a": [1, {}]}),
    ],
)
def test_arguments_so_far_hold_what_is_certain(text: str | None, args: dict[str, Any]) -> None:
    calls, invalid = parse_so_far([tool_call_chunk(name="f", args=text, id="1")])
    assert calls == [{"name": "f", "args": args, "id": "1", "type": "tool_call"}]
    assert invalid == []


def test_arguments_so_far_that_begin_as_no_object_are_invalid() -> None:
    calls, invalid = parse_so_far(
        [tool_call_chunk(name="f", args="[1,"), tool_call_chunk(name="g", args="nope")]
    )
    assert calls == []
    assert [each["args"] for each in invalid] == ["[1,", "nope"]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('{"a": 1', "not valid JSON"),
        ("{} {}", "not valid JSON"),
        ("[1]", "not a JSON object but list"),
        ('{"a": NaN}', "not valid JSON: NaN"),
        ('{"a": ' + "9" * 5000 + "}", "not valid JSON"),
        ('{"a": ' * 100_000, "nested too deeply"),
    ],
)
def test_final_arguments_that_are_no_object_are_invalid_and_say_why(text: str, error: str) -> None:
    calls, invalid = parse_final([tool_call_chunk(name="f", args=text, id="1")])
    assert calls == []
    assert invalid[0]["args"] == text
    assert error in (invalid[0]["error"] or "")


def test_final_arguments_may_hold_raw_line_breaks_and_be_missing() -> None:
    calls, invalid = parse_final(
        [tool_call_chunk(name="f", args='{"a": "b\nc"}'), tool_call_chunk(name="g", args="null")]
    )
    assert [call["args"] for call in calls] == [{"a": "b\nc"}, {}]
    assert invalid == []


def test_a_call_without_a_name_is_invalid_in_the_end() -> None:
    calls, invalid = parse_final([tool_call_chunk(args="{}", id="1")])
    assert calls == []
    assert invalid[0]["error"] == "the call has no name"


def test_raw_calls_are_read_whatever_else_is_among_them() -> None:
    raw = [
        {"index": 0, "id": "1", "function": {"name": "f", "arguments": "{}"}},
        {"id": "2", "function": {"name": "g", "arguments": {"a": 1}}},
        {"id": "3"},
        "x",
    ]
    assert [(each["index"], each["id"], each["args"]) for each in fragments_of_raw(raw)] == [
        (0, "1", "{}"),
        (None, "2", '{"a": 1}'),
    ]
    assert fragments_of_raw("x") == []
