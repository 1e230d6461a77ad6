"""The messages beside those of people, models and tools; and what all of them take over from the models they once were."""

import copy
import json
import pickle
import subprocess
import sys
from typing import Any, ClassVar

import pytest
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from riverrun.exceptions import MessageError
from riverrun.messages import (
    LC_AUTO_PREFIX,
    LC_ID_PREFIX,
    AIMessage,
    AIMessageChunk,
    AnyMessage,
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
    add_notification_metadata,
    ensure_id,
    get_notification_metadata,
    merge_content,
    message_chunk_to_message,
    message_to_dict,
    messages_to_dict,
)
from riverrun.messages.ai import add_ai_message_chunks, add_usage, subtract_usage
from riverrun.messages.base import TextAccessor, get_msg_title_repr
from riverrun.messages.tool import ToolOutputMixin, default_tool_chunk_parser, default_tool_parser

MESSAGES: list[Any] = [
    HumanMessage("a", id="1"),
    SystemMessage("a"),
    AIMessage("a", tool_calls=[{"name": "f", "args": {}, "id": "1"}]),
    ToolMessage("a", tool_call_id="1", artifact={"b": 1}, status="error"),
    ChatMessage("a", role="critic"),
    FunctionMessage("a", name="f"),
    RemoveMessage("1"),
    AIMessageChunk("a", id="1"),
    HumanMessageChunk("a"),
    ToolMessageChunk("a", tool_call_id="1"),
    ChatMessageChunk("a", role="critic"),
    FunctionMessageChunk("a", name="f"),
]
every_message = pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
USAGE: Any = {"input_tokens": 5, "output_tokens": 1, "total_tokens": 6}


def test_a_message_of_any_role() -> None:
    message = ChatMessage("a", role="critic")
    assert (
        repr(message) == "ChatMessage(content='a', additional_kwargs={}, response_metadata={}, role='critic')"
    )
    assert message.pretty_repr().splitlines()[0] == " Chat Message ".center(80, "=")
    with pytest.raises(MessageError, match="role must be a string, not int"):
        ChatMessage("a", role=1)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="role"):
        ChatMessage("a")  # type: ignore[call-arg]
    with pytest.raises(MessageError, match="lacks the field 'role'"):
        ChatMessage.model_validate({"content": "a"})


def test_the_result_of_a_function_has_its_name() -> None:
    message = FunctionMessage("a", name="f")
    assert (
        repr(message) == "FunctionMessage(content='a', additional_kwargs={}, response_metadata={}, name='f')"
    )
    assert "Name: f" in message.pretty_repr()
    with pytest.raises(MessageError, match="name must be a string, not NoneType"):
        FunctionMessage("a", name=None)  # type: ignore[arg-type]


def test_a_message_that_removes_another_has_its_id_and_no_content() -> None:
    message = RemoveMessage("1")
    assert repr(message) == "RemoveMessage(content='', additional_kwargs={}, response_metadata={}, id='1')"
    assert RemoveMessage(id="1") == message == RemoveMessage.model_validate(message.model_dump())
    with pytest.raises(MessageError, match="has no content"):
        RemoveMessage("1", content="x")
    with pytest.raises(MessageError, match="id must be a string"):
        RemoveMessage(None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("left", "right", "problem"),
    [
        (ChatMessageChunk("a", role="x"), ChatMessageChunk("b", role="y"), "role 'x' and others"),
        (FunctionMessageChunk("a", name="x"), FunctionMessageChunk("b", name="y"), "name 'x' and others"),
    ],
)
def test_pieces_of_different_speakers_do_not_add_up(left: Any, right: Any, problem: str) -> None:
    for combine in (lambda: left + right, lambda: left + [right], lambda: type(left).__fold__([left, right])):
        with pytest.raises(MessageError, match=problem):
            combine()
    assert (left + left).content == "aa"
    whole = message_chunk_to_message(left + left)
    assert type(whole) is type(left).whole
    assert whole.model_dump(exclude={"type", "content"}) == left.model_dump(exclude={"type", "content"})


@every_message
def test_a_message_comes_back_from_what_it_is_written_to(message: BaseMessage) -> None:
    kind: Any = type(message)
    assert kind.model_validate(message.model_dump()) == message
    assert kind.model_validate_json(message.model_dump_json()) == message
    assert BaseMessage.model_validate(message.model_dump()) == message
    assert pickle.loads(pickle.dumps(message)) == copy.deepcopy(message) == message.model_copy() == message
    assert kind.parse_obj(message.dict()) == kind.parse_raw(message.json()) == message.copy() == message
    assert dict(message) == message.model_dump()
    assert json.loads(message.json()) == message.model_dump(mode="json")
    assert kind.model_construct(**message.model_dump()) == message
    assert kind.schema()["title"] == kind.__name__
    assert kind.schema()["required"] == list(kind._required)


@every_message
def test_a_field_of_any_message_reads_each_by_its_type(message: BaseMessage) -> None:
    class Conversation(BaseModel):
        messages: list[AnyMessage]
        base: BaseMessage | None = None

    if isinstance(message, RemoveMessage):
        return  # is no message that anybody says
    read = Conversation.model_validate(
        {"messages": [message.model_dump(), message], "base": message.model_dump()}
    )
    assert read.messages == [message, message]
    assert read.base == message
    assert type(read.messages[0]) is type(message)
    assert Conversation.model_validate_json(read.model_dump_json()) == read


@pytest.mark.parametrize(
    "wrong", [{"content": "a"}, {"content": "a", "type": "nobody"}, "a", None, {"type": "human"}]
)
def test_what_does_not_say_which_message_it_is_is_refused(wrong: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(AnyMessage).validate_python(wrong)


def test_the_schema_of_any_message_shows_them_all() -> None:
    titles = [kind["title"] for kind in TypeAdapter(AnyMessage).json_schema()["anyOf"]]
    assert len(titles) == len(set(titles)) == 12
    assert {"ChatMessage", "FunctionMessage", "AIMessageChunk"} <= set(titles)


def test_fields_that_are_not_declared_are_kept() -> None:
    message: HumanMessage = HumanMessage("a", example=False, more=[1])
    assert message.model_extra == {"example": False, "more": [1]}
    assert message.model_dump()["more"] == [1]
    assert "more=[1]" in repr(message)
    assert message.model_copy(update={"more": [2], "content": "b", "last": 1}).model_extra == {
        "example": False,
        "more": [2],
        "last": 1,
    }
    assert message != HumanMessage("a") != message
    assert HumanMessage("a", more=None) != HumanMessage("a", other=None)
    stored = message.model_dump()
    assert HumanMessage.model_validate(stored) == BaseMessage.model_validate(stored) == message
    assert AIMessageChunk.model_validate({"content": "a", "more": 1}).model_extra == {"more": 1}
    assert copy.deepcopy(message) == pickle.loads(pickle.dumps(message)) == message
    total = HumanMessageChunk("a", more="x") + HumanMessageChunk("b", more="y", last=1)
    assert total.model_extra == {"more": "xy", "last": 1}


class Ranked(HumanMessage):
    """A user's own kind, with fields declared as in a pydantic model."""

    rank: int
    label: str = "none"
    tags: list[str] = Field(default_factory=list)
    counter: ClassVar[int] = 0


def test_a_subclass_may_declare_fields_as_a_model_does() -> None:
    message = Ranked("a", rank=1)
    assert (message.rank, message.label, message.tags) == (1, "none", [])
    message.tags.append("x")
    message.label = "b"
    assert Ranked("a", rank=1).tags == []
    assert message.model_dump(include={"rank", "label", "tags"}) == {"rank": 1, "label": "b", "tags": ["x"]}
    assert Ranked.model_validate(message.model_dump()) == copy.deepcopy(message) == message
    assert message != Ranked("a", rank=2, label="b", tags=["x"])
    assert Ranked._fields[-3:] == ("rank", "label", "tags")
    with pytest.raises(MessageError, match="Ranked lacks the field 'rank'"):
        Ranked.model_validate({"content": "a"})
    with pytest.raises(MessageError, match="Ranked lacks the field 'rank'"):
        Ranked("a")


def test_messages_add_up_to_a_prompt() -> None:
    prompt = HumanMessage("a") + AIMessage("b") + "{c}"
    assert type(prompt).__name__ == "ChatPromptTemplate"
    assert prompt.format_messages(c="d") == [HumanMessage("a"), AIMessage("b"), HumanMessage("d")]
    assert (SystemMessage("a") + [HumanMessage("b")]).format_messages() == [
        SystemMessage("a"),
        HumanMessage("b"),
    ]
    with pytest.raises((TypeError, NotImplementedError, ValueError)):
        HumanMessage("a") + None


def test_messages_add_up_though_nobody_has_imported_prompts() -> None:
    code = "import sys; from riverrun.messages import HumanMessage as H; assert 'pydantic' not in sys.modules; print(type(H('a') + H('b')).__name__)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout.strip() == "ChatPromptTemplate"


def test_dumps_call_a_message_by_its_place() -> None:
    assert HumanMessage.get_lc_namespace() == ["langchain", "schema", "messages"]
    assert AIMessageChunk.lc_id() == ["langchain", "schema", "messages", "AIMessageChunk"]
    assert HumanMessage.is_lc_serializable()
    assert HumanMessage("a").lc_secrets == {}
    kwargs = {"content": "a", "type": "ai", "id": "x", "tool_calls": [], "invalid_tool_calls": []}
    assert AIMessage("a", id="x").to_json() == {
        "lc": 1,
        "type": "constructor",
        "id": AIMessage.lc_id(),
        "kwargs": kwargs,
    }
    tool = ToolMessage("a", tool_call_id="x", status="error").to_json()
    assert tool["kwargs"] == {"content": "a", "type": "tool", "tool_call_id": "x", "status": "error"}
    for message in MESSAGES:
        assert type(message)(**message.to_json()["kwargs"]) == message


def test_messages_as_plain_data() -> None:
    assert message_to_dict(HumanMessage("a")) == {"type": "human", "data": HumanMessage("a").model_dump()}
    assert messages_to_dict([HumanMessage("a")]) == [message_to_dict(HumanMessage("a"))]


def test_pydantics_other_options_change_nothing() -> None:
    dump: dict[str, Any] = HumanMessage("a").model_dump(by_alias=True, round_trip=True, warnings=False)
    assert dump == HumanMessage("a").model_dump()
    assert HumanMessage.model_validate(dump, strict=True, context=None) == HumanMessage("a")


def test_a_notification_says_where_it_comes_from() -> None:
    message = HumanMessage("x", additional_kwargs={"k": 1})
    marked = add_notification_metadata(message, source="s", data={"a": 1})
    assert marked.additional_kwargs == {"k": 1, "lc_source": "s", "lc_data": {"a": 1}}
    assert message.additional_kwargs == {"k": 1}
    assert get_notification_metadata(marked) == {"source": "s", "data": {"a": 1}}
    assert get_notification_metadata(add_notification_metadata(message, source="s")) == {"source": "s"}
    assert get_notification_metadata(message) is None


def test_a_headline_fills_a_line() -> None:
    assert get_msg_title_repr("Hello") == "=" * 36 + " Hello " + "=" * 37
    assert get_msg_title_repr("Hello", bold=True) == "=" * 36 + "\033[1m Hello \033[0m" + "=" * 37
    assert isinstance(HumanMessage("a").text, TextAccessor)
    assert TextAccessor("a")() == "a"


@pytest.mark.parametrize(
    ("contents", "merged"),
    [
        (["a", "b"], "ab"),
        (["a", ["b"], "c"], ["abc"]),
        (["", [{"type": "text", "text": "b"}]], [{"type": "text", "text": "b"}]),
        ([[{"type": "text", "text": "b"}], "c"], [{"type": "text", "text": "b"}, "c"]),
        (
            [[{"type": "text", "text": "b", "index": 0}], [{"type": "text", "text": "c", "index": 0}]],
            [{"type": "text", "text": "bc", "index": 0}],
        ),
        (
            [
                [{"type": "tool_use", "id": "x", "name": "f", "input": {}, "index": 1}],
                [{"type": "input_json_delta", "partial_json": '{"a"', "index": 1}],
                [{"type": "input_json_delta", "partial_json": ":1}", "index": 1}],
            ],
            [{"type": "tool_use", "id": "x", "name": "f", "input": {}, "index": 1, "partial_json": '{"a":1}'}],
        ),
        (
            [
                [{"type": "text", "text": "a", "index": 0}],
                [{"type": "text", "index": 0, "citations": [{"type": "x"}]}],
                [{"type": "text", "index": 0, "citations": [{"type": "y"}]}],
            ],
            [{"type": "text", "text": "a", "index": 0, "citations": [{"type": "x"}, {"type": "y"}]}],
        ),
        (
            [[{"type": "thinking", "thinking": "a", "index": 0}], [{"type": "thinking", "signature": "s", "index": 0}]],
            [{"type": "thinking", "thinking": "a", "index": 0, "signature": "s"}],
        ),
        (
            [[{"type": "reasoning", "reasoning": "a", "index": "lc_rs_1"}], [{"type": "reasoning", "reasoning": "b", "index": "lc_rs_1"}]],
            [{"type": "reasoning", "reasoning": "ab", "index": "lc_rs_1"}],
        ),
        (
            [[{"type": "call", "index": 0, "id": "1"}], [{"type": "call", "index": 0, "id": "2"}]],
            [{"type": "call", "index": 0, "id": "1"}, {"type": "call", "index": 0, "id": "2"}],
        ),
    ],
)  # fmt: skip
def test_pieces_of_content_with_one_index_are_one_block(contents: list[Any], merged: Any) -> None:
    assert merge_content(*contents) == merged
    chunks = [AIMessageChunk(content) for content in contents]
    assert add_ai_message_chunks(*chunks).content == merged


def test_usage_can_be_taken_off() -> None:
    later: Any = {**USAGE, "input_tokens": 6, "input_token_details": {"cache_read": 3, "audio": 2}}
    left: Any = {**USAGE, "input_token_details": {"cache_read": 5}}
    assert subtract_usage(left, later) == {
        "input_tokens": 0,
        "output_tokens": 0,
        "total_tokens": 0,
        "input_token_details": {"cache_read": 2, "audio": 0},
    }
    assert subtract_usage(USAGE, None) == subtract_usage(None, USAGE) == USAGE
    assert subtract_usage(None, None) == add_usage(None, None) == dict.fromkeys(USAGE, 0)


def test_calls_are_read_from_what_openai_sends() -> None:
    raw: list[Any] = [{"id": "1", "index": 0, "function": {"name": "f", "arguments": '{"a": 1}'}}]
    assert default_tool_parser(raw)[0] == [{"name": "f", "args": {"a": 1}, "id": "1", "type": "tool_call"}]
    raw[0]["function"]["arguments"] = "{"
    assert [call["id"] for call in default_tool_parser(raw)[1]] == ["1"]
    chunk = {"name": "f", "args": "{", "id": "1", "index": 0, "type": "tool_call_chunk"}
    assert default_tool_chunk_parser(raw) == [chunk]
    assert default_tool_parser([{"id": "1"}]) == ([], [])


def test_ids_say_that_they_were_made_here() -> None:
    assert ensure_id(None).startswith(LC_AUTO_PREFIX)
    assert LC_ID_PREFIX.startswith(LC_AUTO_PREFIX)


def test_the_results_of_tools_are_marked() -> None:
    assert isinstance(ToolMessage("a", tool_call_id="1"), ToolOutputMixin)
