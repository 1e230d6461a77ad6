"""Messages as OpenAI's chat completions take them."""

from typing import Any

import pytest

from riverrun.exceptions import InputError, MessageError
from riverrun.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    ChatMessage,
    FunctionMessage,
    HumanMessage,
    RemoveMessage,
    SystemMessage,
    ToolMessage,
    convert_to_messages,
    convert_to_openai_messages,
)
from riverrun.messages.tool import tool_call, tool_call_chunk
from riverrun.prompt_values import StringPromptValue

CALL = tool_call(name="f", args={"a": "é"}, id="1")
RAW = {"type": "function", "id": "1", "function": {"name": "f", "arguments": '{"a": "é"}'}}


@pytest.mark.parametrize(
    ("message", "made"),
    [
        (HumanMessage("a", name="n", id="i"), {"role": "user", "name": "n", "content": "a"}),
        (SystemMessage("s"), {"role": "system", "content": "s"}),
        (convert_to_messages([("developer", "s")])[0], {"role": "developer", "content": "s"}),
        (AIMessage("a", tool_calls=[CALL]), {"role": "assistant", "tool_calls": [RAW], "content": "a"}),
        (
            AIMessageChunk(tool_call_chunks=[tool_call_chunk(name="f", args='{"a":"é"}', id="1", index=0)]),
            {"role": "assistant", "tool_calls": [RAW], "content": ""},
        ),
        (
            AIMessage("", additional_kwargs={"refusal": "no"}),
            {"role": "assistant", "refusal": "no", "content": ""},
        ),
        (
            AIMessage("", additional_kwargs={"function_call": {"name": "f", "arguments": "{}"}}),
            {"role": "assistant", "function_call": {"name": "f", "arguments": "{}"}, "content": ""},
        ),
        (
            ToolMessage("t", tool_call_id="1", name="f", status="error"),
            {"role": "tool", "name": "f", "tool_call_id": "1", "content": "t"},
        ),
        (FunctionMessage("f", name="g"), {"role": "function", "name": "g", "content": "f"}),
        (ChatMessage("c", role="pirate"), {"role": "pirate", "content": "c"}),
        ("hi", {"role": "user", "content": "hi"}),
        ({"role": "user", "content": "hi"}, {"role": "user", "content": "hi"}),
        (("user", "hi"), {"role": "user", "content": "hi"}),
        (HumanMessage([]), {"role": "user", "content": ""}),
        (HumanMessage(["a", {"type": "text", "text": "b"}]), {"role": "user", "content": "a\nb"}),
    ],
)
def test_a_message_becomes_a_dict(message: Any, made: dict[str, Any]) -> None:
    assert convert_to_openai_messages(message) == made
    assert convert_to_openai_messages([message]) == [made]


def test_texts_may_be_blocks_always() -> None:
    def blocks(content: Any) -> Any:
        return convert_to_openai_messages(HumanMessage(content), text_format="block")["content"]

    assert blocks("a") == [{"type": "text", "text": "a"}]
    assert blocks(["a", {"type": "text", "text": "b", "cache_control": {}}]) == [
        {"type": "text", "text": "a"},
        {"type": "text", "text": "b"},
    ]
    assert blocks("") == blocks([]) == []


def test_ids_are_told_if_asked_for() -> None:
    assert convert_to_openai_messages([HumanMessage("a", id="i"), "b"], include_id=True) == [
        {"role": "user", "id": "i", "content": "a"},
        {"role": "user", "content": "b"},
    ]


def test_prompts_and_lists_become_lists() -> None:
    assert convert_to_openai_messages(StringPromptValue("a")) == [{"role": "user", "content": "a"}]
    assert convert_to_openai_messages([]) == []


PNG = {"type": "image_url", "image_url": {"url": "data:image/png;base64,YWJj"}}


@pytest.mark.parametrize(
    ("block", "made"),
    [
        ({"type": "image_url", "image_url": {"url": "u", "detail": "low"}}, None),
        ({"type": "image_url", "image_url": "u"}, None),
        ({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "YWJj"}}, PNG),
        (
            {"type": "image", "source": {"type": "url", "url": "http://x"}},
            {"type": "image_url", "image_url": {"url": "http://x"}},
        ),
        ({"image": {"format": "png", "source": {"bytes": b"abc"}}}, PNG),
        ({"type": "image", "image": {"format": "png", "source": {"bytes": b"abc"}}}, PNG),
        ({"type": "image", "base64": "YWJj", "mime_type": "image/png"}, PNG),
        ({"type": "image", "source_type": "base64", "data": "YWJj", "mime_type": "image/png"}, PNG),
        ({"type": "image", "url": "u"}, {"type": "image_url", "image_url": {"url": "u"}}),
        ({"type": "media", "mime_type": "image/png", "data": b"abc"}, PNG),
        ({"type": "media", "mime_type": "image/png", "data": "YWJj"}, PNG),
        (
            {"type": "file", "base64": "AA", "mime_type": "application/pdf", "filename": "a.pdf"},
            {"type": "file", "file": {"file_data": "data:application/pdf;base64,AA", "filename": "a.pdf"}},
        ),
        ({"type": "file", "file": {"file_data": "x", "filename": "a"}}, None),
        (
            {"type": "audio", "base64": "AA", "mime_type": "audio/wav"},
            {"type": "input_audio", "input_audio": {"data": "AA", "format": "wav"}},
        ),
        ({"type": "input_audio", "input_audio": {"data": "AA", "format": "wav"}}, None),
        ({"type": "json", "json": {"a": 1}}, {"type": "text", "text": '{"a": 1}'}),
        ({"json": {"a": 1}}, {"type": "text", "text": '{"a": 1}'}),
        ({"type": "guard_content", "guard_content": {"text": "x"}}, {"type": "text", "text": "x"}),
        ({"type": "thinking", "thinking": "x", "signature": "s"}, None),
        ({"type": "reasoning", "reasoning": "x"}, None),
        ({"type": "refusal", "refusal": "x"}, None),
    ],
)
def test_known_blocks_become_those_of_openai(block: dict[str, Any], made: dict[str, Any] | None) -> None:
    (found,) = convert_to_openai_messages(
        [HumanMessage(["x", block])], text_format="block", pass_through_unknown_blocks=False
    )
    assert found["content"] == [{"type": "text", "text": "x"}, block if made is None else made]


@pytest.mark.parametrize(
    "block",
    [
        {"type": "foo", "x": 1},
        {"type": None},
        {"type": ["text"]},
        {"text": "a"},
        {"cachePoint": {"type": "default"}},
        {"type": "non_standard", "value": {}},
        {"type": "server_tool_call", "name": "w", "args": {}, "id": "1"},
        {"type": "file"},
    ],
)
@pytest.mark.parametrize("text_format", ["string", "block"])
def test_unknown_blocks_stay_or_are_errors(block: dict[str, Any], text_format: Any) -> None:
    (made,) = convert_to_openai_messages([HumanMessage([block])], text_format=text_format)
    assert made["content"] == [block]
    with pytest.raises(MessageError, match=r"messages\[1\]\.content\[2\] is a block of type .*; it has \["):
        convert_to_openai_messages(
            ["a", HumanMessage(["b", "c", block])], text_format=text_format, pass_through_unknown_blocks=False
        )


@pytest.mark.parametrize(
    ("block", "id"),
    [
        ({"type": "tool_use", "id": "9", "name": "g", "input": {"b": 1}}, "9"),
        ({"type": "function_call", "call_id": "9", "name": "g", "arguments": '{"b": 1}'}, "9"),
    ],
)
def test_blocks_that_call_tools_go_to_the_calls(block: dict[str, Any], id: str) -> None:
    (made,) = convert_to_openai_messages([AIMessage([block, "x"], tool_calls=[CALL])])
    added = {"type": "function", "id": "9", "function": {"name": "g", "arguments": '{"b": 1}'}}
    assert made == {"role": "assistant", "tool_calls": [RAW, added], "content": "x"}
    known = AIMessage([block], tool_calls=[tool_call(name="g", args={"b": 1}, id="9")])
    assert convert_to_openai_messages(known)["tool_calls"] == [added]


def test_tool_results_become_messages_of_their_own() -> None:
    first = {"type": "tool_result", "tool_use_id": "1", "content": "r", "is_error": True}
    second = {"type": "tool_result", "tool_use_id": "2", "content": [{"type": "text", "text": "s"}, PNG]}
    answers = [
        {"role": "tool", "tool_call_id": "1", "content": "r"},
        {"role": "tool", "tool_call_id": "2", "content": [{"type": "text", "text": "s"}, PNG]},
    ]
    assert convert_to_openai_messages([HumanMessage([first, second])]) == answers
    mixed = HumanMessage(["x", first, "y", second])
    assert convert_to_openai_messages([mixed]) == [{"role": "user", "content": "x\ny"}, *answers]
    assert convert_to_openai_messages(mixed) == [{"role": "user", "content": "x\ny"}, *answers]
    asked = AIMessage([first], tool_calls=[CALL])
    assert convert_to_openai_messages(asked) == [
        {"role": "assistant", "tool_calls": [RAW], "content": ""},
        answers[0],
    ]


@pytest.mark.parametrize(
    ("block", "problem"),
    [
        ({"type": "text"}, "of type 'text' lacks the key 'text'"),
        ({"type": "image_url"}, "lacks the key 'image_url'"),
        ({"type": "image"}, "neither data nor a URL nor a 'source'"),
        (
            {"type": "image", "source": {"type": "base64", "data": "x"}},
            r"\['source'\] .*lacks the key 'media_type'",
        ),
        ({"image": {"format": "png"}}, r"\['image'\] lacks the key 'source'"),
        ({"image": {"source": {"bytes": b""}}}, r"\['image'\] lacks the key 'format'"),
        ({"type": "image", "base64": "AA"}, "mime_type"),
        ({"type": "image", "file_id": "f"}, "can't be said to OpenAI"),
        ({"type": "media", "mime_type": "image/png"}, "lacks the key 'data'"),
        ({"type": "media", "mime_type": "video/mp4", "data": b""}, "holds video/mp4"),
        ({"type": "video", "url": "u"}, "can't be said to OpenAI"),
        ({"type": "file", "url": "u"}, "can't be said to OpenAI"),
        ({"type": "json"}, "lacks the key 'json'"),
        ({"type": "guard_content"}, "lacks the key 'guard_content'"),
        ({"type": "tool_use", "id": "1"}, "lacks the key 'name'"),
        ({"type": "function_call", "name": "f"}, "lacks the key 'call_id'"),
        (
            {"type": "tool_use", "id": "1", "name": "f", "input": {}},
            "calls a tool, which only a message of the model",
        ),
        ({"type": "tool_use", "id": [1], "name": "f", "input": {}}, "the id|which only a message"),
        ({"type": "tool_result", "tool_use_id": "1"}, "lacks the key 'content'"),
    ],
)
@pytest.mark.parametrize("text_format", ["string", "block"])
def test_wrong_blocks_are_named_with_their_place(block: Any, text_format: Any, problem: str) -> None:
    with pytest.raises(MessageError, match=rf"messages\[1\]\.content\[2\].*{problem}") as caught:
        convert_to_openai_messages(["a", HumanMessage(["b", "c", block])], text_format=text_format)
    assert isinstance(caught.value, ValueError)


def test_a_wrong_block_in_a_tool_result_is_named_with_its_place() -> None:
    result = {"type": "tool_result", "tool_use_id": "1", "content": ["x", {"type": "foo"}]}
    with pytest.raises(
        MessageError, match=r"messages\[0\]\.content\[0\]\.content\[1\] is a block of type 'foo'"
    ):
        convert_to_openai_messages([HumanMessage([result])], pass_through_unknown_blocks=False)


def test_what_nobody_says_is_named() -> None:
    with pytest.raises(MessageError, match="RemoveMessage is nothing that is said"):
        convert_to_openai_messages([RemoveMessage(id="1")])
    with pytest.raises(InputError, match="text_format must be 'string' or 'block', not 'html'"):
        convert_to_openai_messages("a", text_format="html")  # type: ignore[arg-type]  # that is the point


@pytest.mark.parametrize(
    "message",
    [
        HumanMessage("a", name="n"),
        SystemMessage("a"),
        SystemMessage("a", additional_kwargs={"__openai_role__": "developer"}),
        AIMessage("a", tool_calls=[CALL]),
        ToolMessage("a", tool_call_id="1"),
        FunctionMessage("a", name="f"),
        HumanMessage([{"type": "text", "text": "a"}, PNG]),
    ],
)
def test_there_and_back(message: BaseMessage) -> None:
    assert convert_to_messages(convert_to_openai_messages([message])) == [message]


def test_messages_are_not_changed() -> None:
    block = {"type": "tool_use", "id": "9", "name": "g", "input": {"b": 1}}
    message = AIMessage([block, {"type": "text", "text": "x", "extra": 1}], tool_calls=[CALL])
    before = message.model_copy(deep=True)
    convert_to_openai_messages([message])
    assert message == before
