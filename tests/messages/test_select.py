"""Choosing messages, and joining those of one speaker that follow each other."""

from typing import Any

import pytest

from riverrun.exceptions import MessageError
from riverrun.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    ChatMessage,
    FunctionMessage,
    HumanMessage,
    HumanMessageChunk,
    RemoveMessage,
    SystemMessage,
    ToolMessage,
    filter_messages,
    merge_message_runs,
)
from riverrun.messages.tool import ToolCall, tool_call, tool_call_chunk
from riverrun.prompt_values import ChatPromptValue


def call(id: str) -> ToolCall:
    return tool_call(name="f", args={"a": 1}, id=id)


MESSAGES: list[BaseMessage] = [
    SystemMessage("s", name="sys", id="0"),
    HumanMessage("h", name="bob", id="1"),
    AIMessage("a", name="ai", id="2", tool_calls=[call("x"), call("y")]),
    ToolMessage("t", tool_call_id="x", name="tt", id="3"),
    ToolMessage("t", tool_call_id="y", id="4"),
    AIMessage("b", id="5"),
    HumanMessageChunk("c", id="6"),
]


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        ({}, "0123456"),
        ({"include_names": ["bob"]}, "1"),
        ({"exclude_names": ["bob", "tt"]}, "02456"),
        ({"include_types": ["human"]}, "1"),
        ({"include_types": [HumanMessage]}, "16"),
        ({"include_types": ["HumanMessageChunk", AIMessage]}, "256"),
        ({"exclude_types": ["tool", HumanMessage]}, "025"),
        ({"include_ids": ["1", "5"]}, "15"),
        ({"exclude_ids": ["1", "5"]}, "02346"),
        ({"include_names": ["bob"], "include_types": ["tool"], "include_ids": ["5"]}, "1345"),
        ({"include_types": ["tool"], "exclude_names": ["tt"]}, "4"),
        ({"include_ids": ["1"], "exclude_ids": ["1"]}, ""),
        ({"include_types": []}, "0123456"),
        ({"include_types": ["user"]}, ""),
        ({"include_types": "ai"}, "25"),
        ({"include_names": "bob", "include_ids": "0"}, "01"),
        ({"exclude_tool_calls": True}, "0156"),
        ({"exclude_tool_calls": False}, "0123456"),
        ({"exclude_tool_calls": ["x", "y"]}, "0156"),
        ({"exclude_tool_calls": {"x"}}, "012456"),
        ({"exclude_tool_calls": ["z"]}, "0123456"),
        ({"exclude_tool_calls": "x"}, "012456"),
    ],
)
def test_filtering_keeps_what_is_included_and_not_excluded(options: dict[str, Any], ids: str) -> None:
    assert "".join(str(message.id) for message in filter_messages(MESSAGES, **options)) == ids


def test_excluded_calls_leave_the_message_that_made_them_and_its_blocks() -> None:
    content = [
        {"type": "text", "text": "q"},
        {"type": "tool_use", "id": "x"},
        {"type": "tool_use", "id": "y"},
        "z",
    ]
    message = AIMessage(content, tool_calls=[call("x"), call("y")])
    (kept,) = filter_messages([message], exclude_tool_calls=["y"])
    assert kept == AIMessage([content[0], content[1], "z"], tool_calls=[call("x")])
    assert message.tool_calls == [call("x"), call("y")] and len(message.content) == 4
    shown_only = AIMessage(content, tool_calls=[call("x")])
    assert filter_messages([shown_only], exclude_tool_calls=["y"]) == [kept]
    assert filter_messages([shown_only], exclude_tool_calls=["z"])[0] is shown_only


def test_excluded_calls_leave_a_chunk_with_the_pieces_of_the_others() -> None:
    pieces = [tool_call_chunk(name="f", args="{}", id=id, index=i) for i, id in enumerate("xy")]
    (kept,) = filter_messages([AIMessageChunk("", tool_call_chunks=pieces)], exclude_tool_calls=["y"])
    assert isinstance(kept, AIMessageChunk)
    assert (
        [piece["id"] for piece in kept.tool_call_chunks] == [call["id"] for call in kept.tool_calls] == ["x"]
    )


@pytest.mark.parametrize(
    ("given", "merged"),
    [
        ([], []),
        ([HumanMessage("a"), HumanMessage("b"), HumanMessage("c")], [HumanMessage("a\nb\nc")]),
        ([SystemMessage("a"), SystemMessage("b"), AIMessage("c")], [SystemMessage("a\nb"), AIMessage("c")]),
        ([HumanMessage("a"), HumanMessage(""), HumanMessage("b")], [HumanMessage("a\nb")]),
        ([HumanMessage("a"), HumanMessage(["b"])], [HumanMessage(["a", "b"])]),
        ([HumanMessage("a"), HumanMessage("b"), HumanMessage(["c"])], [HumanMessage(["a\nb", "c"])]),
        ([HumanMessage([]), HumanMessage("b")], [HumanMessage(["b"])]),
        ([HumanMessage([{"a": 1}]), HumanMessage([{"b": 1}])], [HumanMessage([{"a": 1}, {"b": 1}])]),
        ([HumanMessageChunk("a"), HumanMessage("b"), HumanMessageChunk("c")], [HumanMessage("a\nb\nc")]),
        ([("user", "a"), "b", {"role": "user", "content": "c"}], [HumanMessage("a\nb\nc")]),
        ([HumanMessage("a", id="1"), HumanMessage("b", id="2")], [HumanMessage("a\nb", id="1")]),
        ([HumanMessage("a"), HumanMessage("b", id="2")], [HumanMessage("a\nb", id="2")]),
        ([HumanMessage("a", name="n"), HumanMessage("b", name="n")], [HumanMessage("a\nb", name="n")]),
        ([HumanMessage("a", name="n"), HumanMessage("b")], [HumanMessage("a\nb")]),
        ([ChatMessage("a", role="r"), ChatMessage("b", role="r")], [ChatMessage("a\nb", role="r")]),
        (
            [FunctionMessage("a", name="f"), FunctionMessage("b", name="f")],
            [FunctionMessage("a\nb", name="f")],
        ),
    ],
)
def test_messages_of_one_kind_become_one(given: Any, merged: list[BaseMessage]) -> None:
    assert merge_message_runs(given) == merged


@pytest.mark.parametrize(
    "given",
    [
        [ToolMessage("a", tool_call_id="1"), ToolMessage("b", tool_call_id="1")],
        [RemoveMessage(id="1"), RemoveMessage(id="2")],
        [ChatMessage("a", role="r"), ChatMessage("b", role="s")],
        [FunctionMessage("a", name="f"), FunctionMessage("b", name="g")],
    ],
)
def test_what_no_one_speaker_says_stays_apart(given: list[BaseMessage]) -> None:
    assert merge_message_runs(given) == given


def test_merged_answers_keep_all_their_calls_and_count_all_their_tokens() -> None:
    usage = {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}
    invalid = {"name": "g", "args": "{", "id": "3", "error": "e", "type": "invalid_tool_call"}
    first = AIMessage(
        "a", tool_calls=[call("1")], usage_metadata=usage, response_metadata={"model": "m"}, id="i"
    )
    second = AIMessage(
        "b",
        tool_calls=[call("1")],
        invalid_tool_calls=[invalid],
        usage_metadata=usage,
        response_metadata={"n": 1},
    )
    (merged,) = merge_message_runs([first, second])
    assert merged == AIMessage(
        "a\nb",
        id="i",
        tool_calls=[call("1"), call("1")],
        invalid_tool_calls=[invalid],
        usage_metadata={"input_tokens": 2, "output_tokens": 4, "total_tokens": 6},
        response_metadata={"model": "m"},
    )
    assert first.content == "a" and first.tool_calls == [call("1")]


def test_a_developer_stays_a_developer() -> None:
    (merged,) = merge_message_runs([("developer", "a"), ("developer", "b"), ("system", "c")])
    assert merged == SystemMessage("a\nb\nc", additional_kwargs={"__openai_role__": "developer"})


def test_a_message_that_is_merged_with_none_is_itself() -> None:
    message = HumanMessage("a")
    assert merge_message_runs([message])[0] is message
    assert filter_messages([message])[0] is message


def test_the_separator_is_between_texts() -> None:
    assert merge_message_runs(["a", "b"], chunk_separator=" | ")[0].content == "a | b"


def test_without_messages_they_are_steps() -> None:
    step = merge_message_runs(chunk_separator="+") | filter_messages(exclude_types=["system"])
    given = [("system", "s"), ("user", "a"), ("user", "b")]
    assert step.invoke(given) == [HumanMessage("a+b")]
    assert step.invoke(ChatPromptValue([HumanMessage("a")])) == [HumanMessage("a")]
    assert merge_message_runs().get_name() == "merge_message_runs"
    assert filter_messages(include_types=["human"]).get_name() == "filter_messages"
    assert filter_messages(None, include_types=["ai"]).invoke(given) == []


@pytest.mark.parametrize("function", [filter_messages, merge_message_runs])
def test_wrong_roles_are_named(function: Any) -> None:
    with pytest.raises(MessageError, match="no role 'martian'"):
        function([("martian", "x")])
