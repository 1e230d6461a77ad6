"""What lists of messages cost: four times the messages take at most 4.4 times as long."""

from collections.abc import Callable
from typing import Any

import pytest

from growth import assert_linear
from riverrun.messages import (
    AIMessage,
    BaseMessage,
    HumanMessage,
    convert_to_messages,
    convert_to_openai_messages,
    filter_messages,
    get_buffer_string,
    merge_message_runs,
    trim_messages,
)
from riverrun.messages.tool import tool_call
from riverrun.messages.utils import count_tokens_approximately

SMALL = 1_000
RAW = {"id": "1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}


def as_dicts(count: int) -> Any:
    return [
        {"role": "user", "content": "a"} if number % 2 else {"role": "assistant", "tool_calls": [RAW]}
        for number in range(count)
    ]


def one_run(count: int) -> list[BaseMessage]:
    return [
        HumanMessage(f"text {number}", additional_kwargs={"a": "b"})
        if number % 2
        else HumanMessage([{"type": "text", "text": "x"}])
        for number in range(count)
    ]


def one_answer(count: int) -> list[BaseMessage]:
    return [
        AIMessage("text", tool_calls=[tool_call(name="f", args={}, id=str(number))])
        for number in range(count)
    ]


def talk(count: int) -> list[BaseMessage]:
    return [HumanMessage("question") if number % 2 else AIMessage("answer") for number in range(count)]


def of_one(message: BaseMessage) -> int:
    return len(message.text)


@pytest.mark.parametrize(
    ("make", "work"),
    [
        (as_dicts, convert_to_messages),
        (one_run, merge_message_runs),
        (one_answer, merge_message_runs),
        (one_answer, convert_to_openai_messages),
        (one_answer, lambda messages: filter_messages(messages, exclude_tool_calls=["1", "2"])),
        (talk, get_buffer_string),
        (talk, lambda messages: get_buffer_string(messages, format="xml")),
        (talk, count_tokens_approximately),
    ],
)
def test_g05_lists_of_messages_cost_what_they_hold(
    make: Callable[[int], Any], work: Callable[..., Any]
) -> None:
    def prepared(count: int) -> Callable[[], Any]:
        messages = make(count)
        return lambda: work(messages)

    assert_linear(prepared, SMALL)


@pytest.mark.parametrize("counter", ["approximate", of_one, len])
@pytest.mark.parametrize("strategy", ["first", "last"])
@pytest.mark.parametrize("share", [0.1, 0.5, 1.0])
def test_g05_trimming_is_linear(counter: Any, strategy: Any, share: float) -> None:
    def prepared(count: int) -> Callable[[], Any]:
        messages = talk(count)
        each = {"approximate": 7, of_one: 7, len: 1}[counter]
        limit = int(share * count * each)
        return lambda: trim_messages(messages, max_tokens=limit, token_counter=counter, strategy=strategy)

    assert_linear(prepared, SMALL)


def test_g05_keeping_a_part_of_a_message_is_linear() -> None:
    def prepared(count: int) -> Callable[[], Any]:
        message = HumanMessage("line\n" * count)
        return lambda: trim_messages(
            [message], max_tokens=count, token_counter=of_one, allow_partial=True, strategy="first"
        )

    assert_linear(prepared, SMALL)
