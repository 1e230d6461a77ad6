"""About how many tokens messages come to."""

import socket
from typing import Any, ClassVar

import pytest

from riverrun.exceptions import InputError
from riverrun.messages import (
    AIMessage,
    ChatMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
    convert_to_openai_messages,
    get_buffer_string,
    trim_messages,
)
from riverrun.messages.tool import tool_call
from riverrun.messages.utils import count_tokens_approximately

CALL = tool_call(name="f", args={"a": 1}, id="1")
BARE: Any = {"chars_per_token": 1.0, "extra_tokens_per_message": 0.0}


@pytest.mark.parametrize(
    ("message", "tokens"),
    [
        (HumanMessage("abc"), 7),
        ("abc", 7),
        (AIMessage("abc"), 12),
        (SystemMessage("abc"), 9),
        (ChatMessage("abc", role="pirates"), 10),
        (ToolMessage("abc", tool_call_id="12345"), 12),
        (HumanMessage("abc", name="abcd"), 11),
        (HumanMessage(["abc", {"type": "text", "text": "d"}]), 8),
        (HumanMessage([{"type": "text"}, {"type": "text", "text": None}]), 4),
        (HumanMessage([{"type": "image"}, {"type": "image_url"}]), 174),
        (HumanMessage([{"foo": 1}]), 14),
        (AIMessage("abc", tool_calls=[CALL]), 77),
        (AIMessage([{"type": "text", "text": "abc"}], tool_calls=[CALL]), 12),
    ],
)
def test_counts_characters(message: Any, tokens: int) -> None:
    assert count_tokens_approximately([message], **BARE) == tokens


def test_every_parameter_counts() -> None:
    message = HumanMessage("abc", name="abcd")
    assert count_tokens_approximately([]) == 0
    assert count_tokens_approximately([message]) == 6
    assert count_tokens_approximately([message] * 3) == 18
    assert count_tokens_approximately([message], count_name=False) == 5
    assert count_tokens_approximately([message] * 3, extra_tokens_per_message=0.5) == 11
    assert count_tokens_approximately([message], chars_per_token=2) == 9
    assert count_tokens_approximately([HumanMessage([{"type": "image"}])], tokens_per_image=7) == 11


def test_tools_count_by_what_describes_them() -> None:
    class Described:
        name = "f"
        description = "does"
        tool_call_schema: ClassVar[Any] = {
            "title": "T",
            "description": "d",
            "properties": {},
            "type": "object",
        }

    text = '{"name": "f", "description": "does", "parameters": {"properties": {}, "type": "object"}}'
    assert count_tokens_approximately([], tools=[Described()], **BARE) == len(text)
    assert count_tokens_approximately(["abc"], tools=[{"a": 1}], **BARE) == 7 + len('{"a": 1}')


def answer(tokens: int | None, provider: str | None = "p") -> AIMessage:
    return AIMessage(
        "b" * 40,
        usage_metadata={"input_tokens": 0, "output_tokens": 0, "total_tokens": tokens}
        if tokens is not None
        else None,
        response_metadata={"model_provider": provider} if provider else {},
    )


@pytest.mark.parametrize(
    ("answers", "plain", "scaled"),
    [
        ([answer(33)], 44, 49),  # 33 were reported where 30 were counted
        ([answer(100)], 44, 55),  # by 1.25 at most
        ([answer(2)], 44, 44),  # never down
        ([answer(0)], 44, 44),
        ([answer(33), answer(None)], 74, 82),
        ([answer(33), answer(80)], 74, 93),
        ([answer(33, None)], 44, 44),
        ([answer(33), answer(80, "other")], 74, 74),
        ([answer(33), answer(None, None)], 74, 74),
        ([answer(None, None), answer(80)], 74, 93),
    ],
)
def test_counts_may_be_scaled_by_what_was_reported(answers: list[AIMessage], plain: int, scaled: int) -> None:
    question = HumanMessage("a" * 40)
    messages = [message for each in answers for message in (question, each)] + [question]
    assert count_tokens_approximately(messages) == plain
    assert count_tokens_approximately(messages, use_usage_metadata_scaling=True) == scaled


def test_neither_counting_nor_writing_down_opens_a_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "socket", None)
    url = {"type": "image_url", "image_url": {"url": "http://localhost:1/x.png"}}
    messages = [HumanMessage([url]), AIMessage("a", tool_calls=[CALL])]
    assert count_tokens_approximately(messages) > 85
    assert len(trim_messages(messages, max_tokens=99, token_counter="approximate")) == 1
    assert "http://localhost:1/x.png" in get_buffer_string(messages, format="xml")
    assert convert_to_openai_messages(messages[:1]) == [{"role": "user", "content": [url]}]


@pytest.mark.parametrize("number", [0, -1.0, float("nan")])
def test_wrong_parameters_are_named(number: float) -> None:
    with pytest.raises(InputError, match="chars_per_token must be above 0"):
        count_tokens_approximately(["a"], chars_per_token=number)
    with pytest.raises(InputError, match=r"tools holds .* not int"):
        count_tokens_approximately(["a"], tools=[3])
