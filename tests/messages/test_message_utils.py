"""What stands for messages, and messages as text."""

from typing import Any

import pytest

from riverrun.exceptions import MessageError, MissingFieldError
from riverrun.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    ChatMessage,
    ChatMessageChunk,
    FunctionMessage,
    FunctionMessageChunk,
    HumanMessage,
    HumanMessageChunk,
    RemoveMessage,
    SystemMessage,
    ToolMessage,
    ToolMessageChunk,
    _message_from_dict,
    convert_to_messages,
    get_buffer_string,
    message_chunk_to_message,
    message_to_dict,
    messages_from_dict,
    messages_to_dict,
)
from riverrun.messages.tool import tool_call, tool_call_chunk
from riverrun.prompt_values import ChatPromptValue, StringPromptValue

CALL = tool_call(name="f", args={"a": 1}, id="1")
RAW = {"id": "1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("hi", HumanMessage("hi")),
        (("human", "hi"), HumanMessage("hi")),
        (("user", "hi"), HumanMessage("hi")),
        (("ai", "hi"), AIMessage("hi")),
        (("assistant", "hi"), AIMessage("hi")),
        (("system", "hi"), SystemMessage("hi")),
        (("developer", "hi"), SystemMessage("hi", additional_kwargs={"__openai_role__": "developer"})),
        (["human", "hi"], HumanMessage("hi")),
        (("human", [{"type": "text", "text": "a"}]), HumanMessage([{"type": "text", "text": "a"}])),
        ({"role": "user", "content": "hi"}, HumanMessage("hi")),
        ({"role": "user", "content": None}, HumanMessage("")),
        ({"type": "human", "content": "hi"}, HumanMessage("hi")),
        ({"role": "user", "content": "hi", "name": "n", "id": "i"}, HumanMessage("hi", name="n", id="i")),
        ({"role": "user", "content": "hi", "foo": 1}, HumanMessage("hi", additional_kwargs={"foo": 1})),
        (
            {
                "role": "user",
                "content": "hi",
                "foo": 1,
                "additional_kwargs": {"a": 2},
                "response_metadata": {"b": 3},
            },
            HumanMessage("hi", additional_kwargs={"foo": 1, "a": 2}, response_metadata={"b": 3}),
        ),
        (
            {"type": "message", "role": "user", "content": "x"},
            HumanMessage("x", additional_kwargs={"type": "message"}),
        ),
        ({"role": "assistant", "content": None, "tool_calls": [RAW]}, AIMessage("", tool_calls=[CALL])),
        ({"role": "assistant", "tool_calls": [RAW]}, AIMessage("", tool_calls=[CALL])),
        ({"role": "assistant", "content": "x", "tool_calls": [CALL]}, AIMessage("x", tool_calls=[CALL])),
        ({"role": "assistant", "content": "x", "tool_calls": None}, AIMessage("x")),
        (
            {"role": "assistant", "content": "x", "refusal": "no"},
            AIMessage("x", additional_kwargs={"refusal": "no"}),
        ),
        (
            {"role": "tool", "content": "x", "tool_call_id": "1", "status": "error", "artifact": 3},
            ToolMessage("x", tool_call_id="1", status="error", artifact=3),
        ),
        ({"role": "function", "name": "f", "content": "x"}, FunctionMessage("x", name="f")),
        ({"role": "remove", "id": "1", "content": "x"}, RemoveMessage(id="1")),
        (
            {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}},
            AIMessage("", additional_kwargs={"function_call": {"name": "f", "arguments": "{}"}}),
        ),
        (
            {
                "lc": 1,
                "type": "constructor",
                "id": ["any", "HumanMessage"],
                "kwargs": {"content": "x", "type": "human"},
            },
            HumanMessage("x"),
        ),
        (ChatMessage("x", role="pirate").model_dump(), ChatMessage("x", role="pirate")),
        (FunctionMessage("x", name="f").model_dump(), FunctionMessage("x", name="f")),
        (AIMessage("x", tool_calls=[CALL]).model_dump(), AIMessage("x", tool_calls=[CALL])),
        (ToolMessage("x", tool_call_id="1").model_dump(), ToolMessage("x", tool_call_id="1")),
        (
            AIMessageChunk("x", tool_call_chunks=[tool_call_chunk(args="{")]).model_dump(),
            AIMessageChunk("x", tool_call_chunks=[tool_call_chunk(args="{")]),
        ),
    ],
)
def test_converts_to_a_message(given: Any, message: Any) -> None:
    assert convert_to_messages([given]) == [message]


def test_converts_lists_single_messages_and_prompts() -> None:
    message = HumanMessage("hi")
    assert convert_to_messages([message])[0] is message
    assert convert_to_messages(text for text in ["a", "b"]) == [HumanMessage("a"), HumanMessage("b")]
    for single in ("hi", message, ("human", "hi"), {"role": "user", "content": "hi"}):
        assert convert_to_messages(single) == [message]  # type: ignore[arg-type]  # a lone pair is a tuple of strings
    for prompt in (StringPromptValue(text="hi"), ChatPromptValue(messages=[message])):
        assert convert_to_messages(prompt) == [message]


def test_raw_calls_that_cannot_be_followed_stay_visible() -> None:
    broken = {"id": "1", "function": {"name": "f", "arguments": "{bad"}}
    (message,) = convert_to_messages([{"role": "assistant", "content": "", "tool_calls": [broken]}])
    assert isinstance(message, AIMessage)
    assert message.tool_calls == []
    assert message.invalid_tool_calls[0]["args"] == "{bad"


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (
            ("martian", "x"),
            r"no role 'martian'; there are \['human', .* 'developer', 'tool', 'function', 'remove'\]",
        ),
        (("Human", "x"), "no role 'Human'"),
        ({"role": "martian", "content": "x"}, "no role 'martian'"),
        ({"role": ["user"], "content": "x"}, r"no role \['user'\]"),
        ({"content": "x"}, r"has a 'role' and 'content'; this one has \['content'\]"),
        ({"role": "user"}, "of role 'user' lacks its 'content'"),
        ({"role": "assistant"}, "of role 'assistant' lacks its 'content'"),
        ({"role": "tool", "content": "x"}, "of role 'tool' lacks its 'tool_call_id'"),
        (("tool", "x"), "of role 'tool' lacks its 'tool_call_id'"),
        (("function", "x"), "of role 'function' lacks its 'name'"),
        (("remove", "x"), "of role 'remove' lacks its 'id'"),
        (("chat", "x"), "no role 'chat'"),
        ({"lc": 1, "type": "constructor", "id": ["os", "system"], "kwargs": {}}, "'system' is no message"),
        ({"lc": 1, "type": "constructor", "id": [], "kwargs": {"content": "x"}}, "None is no message"),
        ({"role": "user", "content": 3}, "content must be"),
        (
            {"role": "user", "content": "x", "foo": 1, "additional_kwargs": 3},
            "additional_kwargs must be a dict",
        ),
        (
            {"role": "assistant", "content": "x", "tool_calls": [CALL, RAW]},
            r"tool_calls\[1\] lacks the key 'name'",
        ),
        (("human", "a", "b"), "not tuple of 3"),
        (3, "not int"),
        (None, "not NoneType"),
    ],
)
def test_what_is_no_message_is_named(given: Any, problem: str) -> None:
    with pytest.raises(MessageError, match=problem):
        convert_to_messages([given])


def test_a_missing_key_is_a_key_error_too() -> None:
    for given in {"content": "x"}, {"role": "user"}, ("tool", "x"):
        with pytest.raises(MissingFieldError) as caught:
            convert_to_messages([given])
        assert isinstance(caught.value, KeyError) and isinstance(caught.value, ValueError)
        assert str(caught.value)[0] not in "'\""


def test_what_is_no_list_of_messages_is_named() -> None:
    with pytest.raises(MessageError, match="not int"):
        convert_to_messages(3)  # type: ignore[arg-type]  # that is the point


def test_chunks_become_messages_and_messages_stay() -> None:
    message = HumanMessage("x")
    assert message_chunk_to_message(message) is message
    assert message_chunk_to_message(HumanMessageChunk("x", id="1")) == HumanMessage("x", id="1")
    chunk = ToolMessageChunk("x", tool_call_id="1", artifact=3, status="error")
    assert message_chunk_to_message(chunk) == ToolMessage("x", tool_call_id="1", artifact=3, status="error")


@pytest.mark.parametrize(
    ("chunk", "message"),
    [
        (ChatMessageChunk("x", role="r"), ChatMessage("x", role="r")),
        (FunctionMessageChunk("x", name="n"), FunctionMessage("x", name="n")),
        (RemoveMessage(id="r"), RemoveMessage(id="r")),
    ],
)
def test_chunks_of_every_kind_become_messages(chunk: BaseMessage, message: BaseMessage) -> None:
    assert message_chunk_to_message(chunk) == message


EVERY_KIND: list[BaseMessage] = [
    HumanMessage("a", id="1", name="n", additional_kwargs={"k": 1}),
    AIMessage("b", tool_calls=[CALL], response_metadata={"m": 1}),
    AIMessageChunk("b", tool_call_chunks=[tool_call_chunk(args="{", index=0)]),
    SystemMessage([{"type": "text", "text": "c"}]),
    ToolMessage("d", tool_call_id="1", artifact=[1], status="error"),
    FunctionMessage("e", name="f"),
    ChatMessage("f", role="pirate"),
    HumanMessageChunk("g"),
    RemoveMessage(id="9"),
]


def test_stored_messages_are_read_back() -> None:
    assert messages_from_dict(messages_to_dict(EVERY_KIND)) == EVERY_KIND
    assert [type(message) for message in messages_from_dict(messages_to_dict(EVERY_KIND))] == [
        type(message) for message in EVERY_KIND
    ]


def test_one_stored_message_is_read_back() -> None:
    assert _message_from_dict(message_to_dict(EVERY_KIND[1])) == EVERY_KIND[1]


@pytest.mark.parametrize(
    ("stored", "problem"),
    [
        ({"data": {}}, r"messages\[1\] lacks the key 'type'"),
        ({"type": "human"}, r"messages\[1\] lacks the key 'data'"),
        ({"type": "martian", "data": {}}, r"messages\[1\] has the unknown type 'martian'; there are \['ai'"),
        ({"type": ["human"], "data": {}}, "unknown type"),
        ({"type": "human", "data": {}}, r"messages\[1\]\['data'\] lacks the key 'content'"),
        ({"type": "tool", "data": {"content": "x"}}, r"\['data'\] lacks the key 'tool_call_id'"),
        ({"type": "human", "data": 3}, r"messages\[1\]\['data'\] is a dict, not int"),
        ("human", r"messages\[1\] is a dict .* not str"),
    ],
)
def test_what_was_not_stored_is_named_with_its_place(stored: Any, problem: str) -> None:
    with pytest.raises(MessageError, match=problem):
        messages_from_dict([{"type": "human", "data": {"content": "x"}}, stored])


def test_buffer_string_is_a_dialogue() -> None:
    messages = [
        SystemMessage("a"),
        HumanMessage(["b", {"type": "text", "text": "c"}]),
        AIMessageChunk("d"),
        ToolMessage("e", tool_call_id="1"),
    ]
    assert get_buffer_string(messages) == "System: a\nHuman: bc\nAI: d\nTool: e"
    assert get_buffer_string(messages[1:3], "H", "A", message_separator="; ") == "H: bc; A: d"
    assert get_buffer_string([SystemMessage("a")], system_prefix="S") == "S: a"
    assert get_buffer_string([]) == ""


def test_buffer_string_shows_calls() -> None:
    assert get_buffer_string([AIMessage("x", tool_calls=[CALL])]) == f"AI: x{[CALL]}"
    function_call = {"name": "f"}
    assert (
        get_buffer_string([AIMessage("x", additional_kwargs={"function_call": function_call})])
        == "AI: x{'name': 'f'}"
    )


def test_buffer_string_takes_messages_only() -> None:
    with pytest.raises(MessageError, match="not str"):
        get_buffer_string(["x"])  # type: ignore[list-item]  # that is the point
