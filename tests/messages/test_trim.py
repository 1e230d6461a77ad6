"""Making messages fit a number of tokens."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverrun.exceptions import InputError, MessageError
from riverrun.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, trim_messages
from riverrun.prompt_values import ChatPromptValue

TALK: list[BaseMessage] = [
    SystemMessage("sss"),
    HumanMessage("hh1"),
    AIMessage("aa1"),
    HumanMessage("hh2"),
    AIMessage("aa2"),
    HumanMessage("hh3"),
]


def characters(messages: list[BaseMessage]) -> int:
    return sum(len(message.text) for message in messages)


def of_one(message: BaseMessage) -> int:
    return len(message.text)


class Model:
    def get_num_tokens_from_messages(self, messages: list[BaseMessage]) -> int:
        return characters(messages)


class CallableCounter:
    def __call__(self, message: BaseMessage) -> int:
        return len(message.text)


COUNTERS: list[Any] = [characters, of_one, Model(), CallableCounter(), partial(of_one)]


@pytest.mark.parametrize("counter", COUNTERS)
@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ({"max_tokens": 100}, "sss hh1 aa1 hh2 aa2 hh3"),
        ({"max_tokens": 18}, "sss hh1 aa1 hh2 aa2 hh3"),
        ({"max_tokens": 17}, "hh1 aa1 hh2 aa2 hh3"),
        ({"max_tokens": 7}, "aa2 hh3"),
        ({"max_tokens": 3}, "hh3"),
        ({"max_tokens": 2}, ""),
        ({"max_tokens": 0}, ""),
        ({"max_tokens": -1}, ""),
        ({"max_tokens": 7, "strategy": "first"}, "sss hh1"),
        ({"max_tokens": 0, "strategy": "first"}, ""),
        ({"max_tokens": 100, "strategy": "first"}, "sss hh1 aa1 hh2 aa2 hh3"),
        ({"max_tokens": 7, "include_system": True}, "sss hh3"),
        ({"max_tokens": 2, "include_system": True}, "sss"),
        ({"max_tokens": 9, "start_on": "ai"}, "aa2 hh3"),
        ({"max_tokens": 12, "start_on": AIMessage, "include_system": True}, "sss aa2 hh3"),
        ({"max_tokens": 100, "start_on": "tool"}, ""),
        ({"max_tokens": 100, "start_on": "tool", "include_system": True}, "sss"),
        ({"max_tokens": 9, "end_on": "ai"}, "aa1 hh2 aa2"),
        ({"max_tokens": 9, "end_on": ["ai", "tool"], "start_on": ["human"]}, "hh2 aa2"),
        ({"max_tokens": 12, "end_on": AIMessage, "strategy": "first"}, "sss hh1 aa1"),
        ({"max_tokens": 100, "end_on": "tool"}, ""),
        ({"max_tokens": 100, "end_on": "tool", "strategy": "first"}, ""),
    ],
)
def test_keeps_as_many_as_fit(counter: Any, options: dict[str, Any], kept: str) -> None:
    assert " ".join(message.text for message in trim_messages(TALK, token_counter=counter, **options)) == kept


def test_what_is_kept_is_not_copied() -> None:
    kept = trim_messages(TALK, max_tokens=6, token_counter=characters)
    assert kept[0] is TALK[4] and kept[1] is TALK[5]
    everything = trim_messages(TALK, max_tokens=99, token_counter=characters)
    assert everything == TALK and everything is not TALK


def test_counts_approximately_and_counts_messages() -> None:
    assert len(trim_messages(TALK, max_tokens=30, token_counter="approximate")) == 5
    assert trim_messages(TALK, max_tokens=3, token_counter=len) == TALK[3:]


@pytest.mark.parametrize(
    ("strategy", "limit", "kept"),
    [
        ("first", 1, []),
        ("first", 2, ["a\n"]),
        ("first", 5, ["a\nb\nc"]),
        ("first", 8, ["a\nb\nc", "d\n"]),
        ("first", 11, ["a\nb\nc", "d\ne\nf\n"]),
        ("last", 1, ["g"]),
        ("last", 3, ["f\ng"]),
        ("last", 8, ["c", "d\ne\nf\ng"]),
        ("last", 11, ["b\nc", "d\ne\nf\ng"]),
    ],
)
@pytest.mark.parametrize("counter", COUNTERS)
def test_a_part_of_a_text_may_be_kept(counter: Any, strategy: Any, limit: int, kept: list[str]) -> None:
    talk = [HumanMessage("a\nb\nc", id="1"), AIMessage("d\ne\nf\ng", name="n")]
    found = trim_messages(
        talk, max_tokens=limit, strategy=strategy, token_counter=counter, allow_partial=True
    )
    assert [message.content for message in found] == kept
    assert all(
        message.id == "1" if isinstance(message, HumanMessage) else message.name == "n" for message in found
    )
    assert talk[0].content == "a\nb\nc"


@pytest.mark.parametrize(
    ("strategy", "limit", "content"),
    [
        ("first", 12, [{"type": "text", "text": "ab\ncd"}, "ef\ngh", {"type": "text", "text": "ij"}]),
        ("first", 10, [{"type": "text", "text": "ab\ncd"}, "ef\ngh"]),
        ("first", 9, [{"type": "text", "text": "ab\ncd"}]),
        ("first", 4, "ab\n"),
        ("last", 7, ["ef\ngh", {"type": "text", "text": "ij"}]),
        ("last", 6, [{"type": "text", "text": "ij"}]),
    ],
)
def test_a_part_of_the_blocks_may_be_kept(strategy: Any, limit: int, content: Any) -> None:
    message = HumanMessage([{"type": "text", "text": "ab\ncd"}, "ef\ngh", {"type": "text", "text": "ij"}])
    (kept,) = trim_messages(
        [message], max_tokens=limit, strategy=strategy, token_counter=characters, allow_partial=True
    )
    assert kept.content == content


def test_nothing_is_kept_of_a_block_that_is_no_text() -> None:
    message = HumanMessage([{"type": "image", "url": "x"}, {"type": "text", "text": "a"}])
    options: Any = {"max_tokens": 0, "strategy": "first", "allow_partial": True}
    assert trim_messages([message], token_counter=lambda messages: 5 * len(messages), **options) == []


def test_text_is_cut_as_the_caller_says() -> None:
    class Letters:
        def split_text(self, text: str) -> list[str]:
            return list(text)

    splitters: list[Any] = [list, Letters()]
    for splitter in splitters:
        (kept,) = trim_messages(
            [HumanMessage("abcdef")],
            max_tokens=2,
            token_counter=of_one,
            allow_partial=True,
            text_splitter=splitter,
        )
        assert kept.content == "ef"


def test_single_messages_are_counted_once_and_only_as_far_as_needed() -> None:
    counted: list[str] = []

    def count(message: BaseMessage) -> int:
        counted.append(message.text)
        return 1

    trim_messages([str(number) for number in range(1_000)], max_tokens=3, token_counter=count)
    assert counted == ["999", "998", "997", "996"]


@pytest.mark.parametrize("limit", [0, 1, 37, 500, 998, 999, 1_000, 5_000])
@pytest.mark.parametrize("strategy", ["first", "last"])
def test_lists_are_counted_few_times(limit: int, strategy: Any) -> None:
    sizes: list[int] = []

    def count(messages: list[BaseMessage]) -> int:
        sizes.append(len(messages))
        return 3 + sum(4 + len(message.text) % 7 for message in messages)

    texts = ["x" * (number % 11) for number in range(1_000)]
    kept = trim_messages(texts, max_tokens=limit, token_counter=count, strategy=strategy)
    assert len(sizes) <= 2 * math.ceil(math.log2(len(texts)))
    at_edge = texts[: len(kept) + 1] if strategy == "first" else texts[-len(kept) - 1 :]
    assert not kept or count(kept) <= limit
    assert len(kept) == len(texts) or count([HumanMessage(text) for text in at_edge]) > limit


@given(st.lists(st.integers(0, 9), max_size=30), st.integers(-1, 200), st.booleans())
def test_as_many_are_kept_as_one_by_one(sizes: list[int], limit: int, backwards: bool) -> None:
    texts = ["x" * size for size in sizes]
    expected, total = 0, 0
    for size in reversed(sizes) if backwards else sizes:
        total += size
        if total > limit:
            break
        expected += 1
    strategy: Any = "last" if backwards else "first"
    for counter in (characters, of_one):
        kept = trim_messages(texts, max_tokens=limit, token_counter=counter, strategy=strategy)
        assert [m.text for m in kept] == (texts[len(texts) - expected :] if backwards else texts[:expected])


def test_counters_see_messages_in_their_order() -> None:
    def count(messages: list[BaseMessage]) -> int:
        assert [message.text for message in messages] == sorted(message.text for message in messages)
        return len(messages)

    assert len(trim_messages(["a", "b", "c", "d", "e"], max_tokens=2, token_counter=count)) == 2


def test_without_messages_it_is_a_step() -> None:
    step = trim_messages(max_tokens=1, token_counter=len)
    assert step.get_name() == "trim_messages" and repr(step) == "RunnableLambda(trim_messages)"
    assert step.get_input_jsonschema()["title"] == "trim_messages_input"
    assert step.get_output_jsonschema()["type"] == "array"
    assert step.invoke(["a", "b"]) == [HumanMessage("b")]
    assert step.invoke(ChatPromptValue([HumanMessage("a"), AIMessage("b")])) == [AIMessage("b")]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"strategy": "middle"}, "strategy must be 'first' or 'last', not 'middle'"),
        ({"strategy": "first", "start_on": "human"}, "start_on goes with strategy='last' only"),
        ({"strategy": "first", "include_system": True}, "include_system goes with strategy='last' only"),
        ({"token_counter": "exact"}, "token_counter may be 'approximate', but not 'exact'"),
        ({"token_counter": 3}, "token_counter must be .* not int"),
        ({"max_tokens": "3"}, "max_tokens must be a number, not str"),
        ({"allow_partial": True, "text_splitter": 3}, "text_splitter must be .* not int"),
    ],
)
@pytest.mark.parametrize("messages", [TALK, None])
def test_wrong_options_are_named_at_once(messages: Any, options: dict[str, Any], problem: str) -> None:
    with pytest.raises(InputError, match=problem) as caught:
        trim_messages(messages, **{"max_tokens": 3, "token_counter": len, **options})
    assert isinstance(caught.value, ValueError) and isinstance(caught.value, TypeError)


def test_a_limit_and_a_counter_are_needed() -> None:
    with pytest.raises(TypeError, match=r"max_tokens.*token_counter"):
        trim_messages(TALK)  # type: ignore[call-overload]  # that is the point


def test_wrong_roles_are_named() -> None:
    with pytest.raises(MessageError, match="no role 'martian'"):
        trim_messages([("martian", "x")], max_tokens=3, token_counter=len)


def test_what_a_counter_raises_passes_through() -> None:
    error = ZeroDivisionError()

    def count(messages: list[BaseMessage]) -> int:
        raise error

    with pytest.raises(ZeroDivisionError) as caught:
        trim_messages(TALK, max_tokens=3, token_counter=count)
    assert caught.value is error
