"""Pieces of a model's message, and what they add up to."""

import copy
import pickle
import threading
from functools import reduce
from operator import add
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riverrun._pure.fold import fold
from riverrun.exceptions import MessageError
from riverrun.messages import (
    AIMessage,
    AIMessageChunk,
    HumanMessageChunk,
    SystemMessageChunk,
    ToolMessageChunk,
    message_chunk_to_message,
)
from riverrun.messages.tool import invalid_tool_call, tool_call, tool_call_chunk

USAGE: Any = {
    "input_tokens": 1,
    "output_tokens": 2,
    "total_tokens": 3,
    "output_token_details": {"reasoning": 1},
}

CHUNKS = st.builds(
    AIMessageChunk,
    st.text("ab", max_size=2)
    | st.lists(st.fixed_dictionaries({"text": st.text("ab"), "index": st.integers(0, 1)}), max_size=2),
    id=st.sampled_from([None, "msg_1", "msg_2", "run-1", "lc_run--1", "lc_1"]),
    name=st.sampled_from([None, "n"]),
    response_metadata=st.sampled_from([None, {"model_name": "m"}, {"finish_reason": "stop"}]),
    additional_kwargs=st.sampled_from(
        [None, {"reasoning": "a"}, {"reasoning": "b", "call": {"arguments": "{"}}]
    ),
    usage_metadata=st.sampled_from([None, USAGE]),
    tool_call_chunks=st.lists(
        st.builds(
            tool_call_chunk,
            index=st.integers(0, 1),
            name=st.none(),
            args=st.sampled_from(["{", '"a"', "}", "", None]),
        ),
        max_size=2,
    ),
    chunk_position=st.sampled_from([None, None, "last"]),
)


def total_of(chunks: list[AIMessageChunk]) -> AIMessageChunk:
    return reduce(add, chunks, AIMessageChunk())


@settings(max_examples=60, deadline=None)
@given(st.lists(CHUNKS, min_size=1, max_size=6), st.data())
def test_adding_is_associative_and_the_same_as_folding(
    chunks: list[AIMessageChunk], data: st.DataObject
) -> None:
    chunks = [AIMessageChunk(), *chunks]
    folded = fold(chunks)
    cut = data.draw(st.integers(1, len(chunks) - 1))
    left, right = reduce(add, chunks[:cut]), reduce(add, chunks[cut:])
    if data.draw(st.booleans()):
        assert repr(left) and repr(right)  # reads them
    assert left + right == folded == total_of(chunks)
    assert (left + right).id == folded.id


@settings(max_examples=30, deadline=None)
@given(st.lists(CHUNKS, min_size=2, max_size=4))
def test_adding_changes_no_summand(chunks: list[AIMessageChunk]) -> None:
    before = copy.deepcopy(chunks)
    total = total_of(chunks)
    total.additional_kwargs["more"] = 1
    total.response_metadata.clear()
    for each in total.tool_call_chunks:
        each["args"] = "changed"
    total.content = "changed"
    assert chunks == before


def test_a_sum_may_be_added_to_more_than_once() -> None:
    a, b = AIMessageChunk("a"), AIMessageChunk("b")
    ab = a + b
    first, second = ab + AIMessageChunk("c"), ab + AIMessageChunk("d")
    assert (ab.content, first.content, second.content) == ("ab", "abc", "abd")
    assert (ab + ab + a).content == "ababa"
    assert (a + (b + first)).content == "ababc"


def test_a_sum_is_a_chunk_like_any_other() -> None:
    total = AIMessageChunk("a", id="1") + AIMessageChunk("b")
    assert type(total) is AIMessageChunk
    assert total == AIMessageChunk("ab", id="1")
    for twin in (copy.copy, copy.deepcopy, lambda each: pickle.loads(pickle.dumps(each))):
        assert twin(AIMessageChunk("a") + AIMessageChunk("b")) == AIMessageChunk("ab")
    assert (AIMessageChunk("a") + AIMessageChunk("b")).model_copy(update={"content": "c"}).content == "c"


def test_what_is_set_on_a_sum_stays_when_more_is_added() -> None:
    for read in (False, True):
        total = AIMessageChunk("a") + AIMessageChunk("b")
        if read:
            assert total.content == "ab"
        total.content = "x"
        total.id = "i"
        total.name = "n"
        total.response_metadata["k"] = "v"
        more = total + AIMessageChunk("c")
        assert more == AIMessageChunk("xc", id="i", name="n", response_metadata={"k": "v"})


def test_what_happens_to_a_chunk_after_it_was_added_does_not_reach_the_sum() -> None:
    chunk = AIMessageChunk(["b"], response_metadata={"k": "v"})
    total = AIMessageChunk("a") + chunk
    chunk.content = "masked"
    chunk.response_metadata["k"] = "w"
    chunk.name = "n"
    assert total == AIMessageChunk(["ab"], response_metadata={"k": "v"})


def test_threads_may_add_to_one_sum() -> None:
    shared = AIMessageChunk("a") + AIMessageChunk("b")
    found: list[str] = []

    def extend(letter: str) -> None:
        total = shared
        for _ in range(200):
            total += AIMessageChunk(letter)
        found.append(str(total.content))

    threads = [threading.Thread(target=extend, args=(letter,)) for letter in "xyz"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == ["ab" + letter * 200 for letter in "xyz"]


@pytest.mark.parametrize(
    ("ids", "total"),
    [
        ([None, "a"], "a"),
        (["a", None], "a"),
        (["a", "b"], "a"),
        (["", "b"], "b"),
        (["run-1", "b"], "b"),
        (["lc_run--1", "lc_run--2", "b"], "b"),
        (["lc_1", "lc_run--2"], "lc_run--2"),
        (["lc_run--1", "lc_2", "run-3"], "lc_run--1"),
        ([None, None], None),
    ],
)
def test_a_providers_id_wins_and_of_equals_the_first(ids: list[str | None], total: str | None) -> None:
    chunks = [AIMessageChunk("x", id=id) for id in ids]
    assert total_of(chunks).id == total
    assert fold(chunks).id == total


def test_usage_adds_up_with_its_details() -> None:
    more: Any = {**USAGE, "input_token_details": {"cache_read": 5}}
    total = AIMessageChunk(usage_metadata=USAGE) + AIMessageChunk("x") + AIMessageChunk(usage_metadata=more)
    assert total.usage_metadata == {
        "input_tokens": 2,
        "output_tokens": 4,
        "total_tokens": 6,
        "output_token_details": {"reasoning": 2},
        "input_token_details": {"cache_read": 5},
    }
    assert (AIMessageChunk("a") + AIMessageChunk("b")).usage_metadata is None


def test_what_every_chunk_repeats_is_not_doubled() -> None:
    facts = {
        "model_name": "m",
        "model_provider": "openai",
        "system_fingerprint": "fp",
        "id": "x",
        "created": 7,
    }
    total = total_of([AIMessageChunk("a", response_metadata=dict(facts)) for _ in range(3)])
    total += AIMessageChunk(response_metadata={"finish_reason": "stop"}, chunk_position="last")
    assert total.response_metadata == {**facts, "finish_reason": "stop"}
    assert total.chunk_position == "last"
    assert (total + AIMessageChunk()).chunk_position == "last"


def test_additional_kwargs_join_their_text() -> None:
    pieces: list[dict[str, Any]] = [
        {"function_call": {"name": "f", "arguments": ""}},
        {"function_call": {"arguments": "{"}},
        {"function_call": {"arguments": "}"}},
    ]
    total = total_of([AIMessageChunk(additional_kwargs=piece) for piece in pieces])
    assert total.additional_kwargs == {"function_call": {"name": "f", "arguments": "{}"}}


def test_lists_of_chunks_may_be_added() -> None:
    rest = [AIMessageChunk("b"), AIMessageChunk("c")]
    assert AIMessageChunk("a") + rest == AIMessageChunk("abc")
    assert AIMessageChunk("a") + rest[:0] == AIMessageChunk("a")


@pytest.mark.parametrize("other", ["b", AIMessage("b"), HumanMessageChunk("b"), None, 1])
def test_only_pieces_of_one_kind_add_up(other: Any) -> None:
    with pytest.raises(TypeError):
        AIMessageChunk("a") + other
    with pytest.raises(TypeError):
        AIMessageChunk.__fold__([AIMessageChunk("a"), other])


def test_subclasses_add_up_with_their_kind() -> None:
    class Marked(AIMessageChunk):
        pass

    assert type(Marked("a") + Marked("b")) is Marked
    assert type(AIMessageChunk("a") + Marked("b")) is AIMessageChunk
    assert (Marked("a") + AIMessageChunk("b")).content == "ab"


def test_tool_calls_grow_with_what_arrives() -> None:
    pieces = ['{"city": "Par', 'is", "days": 1', "2}"]
    total = AIMessageChunk(tool_call_chunks=[tool_call_chunk(index=0, id="1", name="weather", args="")])
    seen = []
    for piece in pieces:
        total += AIMessageChunk(tool_call_chunks=[tool_call_chunk(index=0, args=piece)])
        seen.append(total.tool_calls[0]["args"])
    assert seen == [{"city": "Par"}, {"city": "Paris"}, {"city": "Paris", "days": 12}]
    assert total.tool_call_chunks == [tool_call_chunk(index=0, id="1", name="weather", args="".join(pieces))]


def test_the_last_chunk_decides_which_calls_are_whole() -> None:
    chunk = AIMessageChunk(tool_call_chunks=[tool_call_chunk(index=0, id="1", name="f", args='{"a": [1')])
    assert chunk.tool_calls == [tool_call(name="f", args={"a": []}, id="1")]
    last = chunk + AIMessageChunk(chunk_position="last")
    assert last.tool_calls == []
    assert last.invalid_tool_calls[0]["args"] == '{"a": [1'
    assert "not valid JSON" in (last.invalid_tool_calls[0]["error"] or "")
    chunk.chunk_position = "last"
    assert chunk.tool_calls == []


def test_calls_given_whole_are_pieces_too() -> None:
    chunk = AIMessageChunk(tool_calls=[tool_call(name="f", args={"a": 1}, id="1")])
    assert chunk.tool_call_chunks == [tool_call_chunk(name="f", args='{"a": 1}', id="1")]
    both = chunk + AIMessageChunk(tool_calls=[tool_call(name="g", args={}, id=None)])
    assert [call["name"] for call in both.tool_calls] == ["f", "g"]
    broken = AIMessageChunk(invalid_tool_calls=[invalid_tool_call(name="f", args="{", id="1", error="cut")])
    assert broken.tool_calls == []
    assert broken.invalid_tool_calls[0]["error"] == "cut"


def test_raw_calls_are_pieces_too() -> None:
    raw = [{"index": 0, "id": "1", "function": {"name": "f", "arguments": "{"}}]
    rest = [{"index": 0, "function": {"arguments": "}"}}]
    total = AIMessageChunk(additional_kwargs={"tool_calls": raw}) + AIMessageChunk(
        additional_kwargs={"tool_calls": rest}
    )
    assert total.tool_calls == [tool_call(name="f", args={}, id="1")]
    assert total.additional_kwargs["tool_calls"][0]["function"]["arguments"] == "{}"


def test_calls_and_pieces_that_are_set_follow_each_other() -> None:
    chunk = AIMessageChunk("x", tool_calls=[tool_call(name="f", args={}, id="1")])
    chunk.tool_calls = [tool_call(name="g", args={"a": 1}, id="2")]
    assert (chunk + AIMessageChunk("y")).tool_calls == [tool_call(name="g", args={"a": 1}, id="2")]
    chunk.tool_call_chunks = [tool_call_chunk(name="h", args="{}", id="3")]
    assert chunk.tool_calls == [tool_call(name="h", args={}, id="3")]
    with pytest.raises(MessageError, match=r"tool_call_chunks\[0\]\['index'\] must be int or str or None"):
        chunk.tool_call_chunks = [{"index": 1.5}]  # type: ignore[list-item, typeddict-item]


def test_a_wrong_type_names_the_field() -> None:
    with pytest.raises(MessageError, match="chunk_position must be 'last' or None, not 'first'"):
        AIMessageChunk("x", chunk_position="first")  # type: ignore[arg-type]
    with pytest.raises(MessageError, match=r"tool_call_chunks\[0\]\['args'\] must be str or None, not dict"):
        AIMessageChunk("x", tool_call_chunks=[{"args": {}}])  # type: ignore[list-item, typeddict-item]


def test_dumps_keep_the_pieces() -> None:
    chunk = AIMessageChunk("x", tool_call_chunks=[tool_call_chunk(index=0, id="1", name="f", args="{")])
    dump = chunk.model_dump()
    assert list(dump)[9:] == ["tool_call_chunks", "chunk_position"]
    assert AIMessageChunk.model_validate(dump) == chunk
    assert AIMessage.model_validate(dump) == chunk


def test_a_chunk_becomes_a_message_with_whole_calls_only() -> None:
    chunk = AIMessageChunk(
        "x",
        id="i",
        response_metadata={"a": 1},
        usage_metadata=USAGE,
        tool_call_chunks=[
            tool_call_chunk(index=0, id="1", name="f", args="{}"),
            tool_call_chunk(index=1, id="2", name="g", args='{"a": "b'),
        ],
    )
    message = message_chunk_to_message(chunk)
    assert type(message) is AIMessage
    assert (message.content, message.id, message.response_metadata) == ("x", "i", {"a": 1})
    assert message.usage_metadata == USAGE
    assert message.tool_calls == [tool_call(name="f", args={}, id="1")]
    assert [call["id"] for call in message.invalid_tool_calls] == ["2"]


def test_what_somebody_did_to_the_calls_of_a_chunk_stays_in_the_message() -> None:
    chunk = AIMessageChunk(tool_call_chunks=[tool_call_chunk(index=0, id="1", name="f", args="{}")])
    chunk.tool_calls[0]["args"]["user"] = "me"
    message = message_chunk_to_message(chunk)
    assert isinstance(message, AIMessage)
    assert message.tool_calls[0]["args"] == {"user": "me"}


@pytest.mark.parametrize("kind", [HumanMessageChunk, SystemMessageChunk])
def test_other_chunks_add_up_likewise(kind: Any) -> None:
    total = kind("a", response_metadata={"k": "v"}) + kind(
        "b", id="1", name="n", response_metadata={"k": "v"}
    )
    assert total == kind("ab", id="1", name="n", response_metadata={"k": "v"})
    assert fold([kind("a"), kind("b"), kind("c")]) == kind("abc")
    assert type(message_chunk_to_message(total)) is kind.whole


def test_tool_message_chunks_add_up_for_one_call() -> None:
    total = ToolMessageChunk("a", tool_call_id="1", artifact=[1], status="error") + ToolMessageChunk(
        "b", tool_call_id="1", artifact=[2]
    )
    assert total == ToolMessageChunk("ab", tool_call_id="1", artifact=[1, 2], status="error")
    for combine in (lambda left, right: left + right, lambda left, right: fold([left, right])):
        with pytest.raises(MessageError, match="'1' and others"):
            combine(ToolMessageChunk("a", tool_call_id="1"), ToolMessageChunk("b", tool_call_id="2"))
