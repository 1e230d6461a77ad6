"""What holds for messages of every kind."""

import copy
import pickle
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from riverrun.exceptions import MessageError
from riverrun.messages import (
    AIMessage,
    AIMessageChunk,
    AnyMessage,
    BaseMessage,
    BaseMessageChunk,
    HumanMessage,
    HumanMessageChunk,
    SystemMessage,
    SystemMessageChunk,
    ToolCall,
    ToolMessage,
    ToolMessageChunk,
    UsageMetadata,
)

KINDS: list[Any] = [
    HumanMessage,
    SystemMessage,
    AIMessage,
    AIMessageChunk,
    HumanMessageChunk,
    SystemMessageChunk,
    lambda content, **fields: ToolMessage(content, tool_call_id="t", **fields),
    lambda content, **fields: ToolMessageChunk(content, tool_call_id="t", **fields),
]
every_kind = pytest.mark.parametrize("kind", KINDS)
FIELDS: dict[str, Any] = {
    "additional_kwargs": {"a": {"b": [1]}},
    "response_metadata": {"model_name": "m"},
    "name": "n",
    "id": "i",
}


class Conversation(BaseModel):
    messages: list[BaseMessage] = []
    answer: AIMessage | None = None
    calls: list[ToolCall] = []
    usage: UsageMetadata | None = None


class Labelled(HumanMessage):
    """A user's own kind, with an attribute that we know nothing of."""

    label = ""


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        (HumanMessage("x"), "HumanMessage(content='x', additional_kwargs={}, response_metadata={})"),
        (
            SystemMessage(["x"], **FIELDS),
            "SystemMessage(content=['x'], additional_kwargs={'a': {'b': [1]}}, "
            "response_metadata={'model_name': 'm'}, name='n', id='i')",
        ),
        (
            AIMessage("x", id="i"),
            "AIMessage(content='x', additional_kwargs={}, response_metadata={}, id='i')",
        ),
        (AIMessageChunk("x"), "AIMessageChunk(content='x', additional_kwargs={}, response_metadata={})"),
        (
            AIMessageChunk("x", chunk_position="last", name="n"),
            "AIMessageChunk(content='x', additional_kwargs={}, response_metadata={}, name='n', chunk_position='last')",
        ),
        (
            ToolMessage("x", tool_call_id="1", additional_kwargs={"a": 1}),
            "ToolMessage(content='x', tool_call_id='1')",
        ),
        (
            ToolMessage("x", tool_call_id="1", status="error", artifact={}, name="n", id="i"),
            "ToolMessage(content='x', name='n', id='i', tool_call_id='1', status='error')",
        ),
    ],
)
def test_repr_shows_the_basics_and_then_what_is_set(message: BaseMessage, shown: str) -> None:
    assert repr(message) == shown
    assert str(message) == shown.partition("(")[2][:-1].replace(", additional", " additional").replace(
        ", response", " response"
    ).replace(", name", " name").replace(", id", " id").replace(", tool_call_id", " tool_call_id").replace(
        ", chunk", " chunk"
    ).replace(", status", " status")


@every_kind
def test_content_is_positional_and_all_else_is_not(kind: Any) -> None:
    assert kind("x") == kind(content="x")
    assert kind("x", **FIELDS).name == "n"
    if kind is not AIMessageChunk:
        with pytest.raises(TypeError):
            kind("x", None, {"a": 1})


@every_kind
def test_equality_compares_class_and_fields(kind: Any) -> None:
    assert kind("x", **FIELDS) == kind("x", **FIELDS)
    assert kind("x") == kind("x", additional_kwargs={}, response_metadata={})
    assert kind("x") != kind("y")
    for name in FIELDS:
        assert kind("x", **FIELDS) != kind("x", **{**FIELDS, name: None})
    assert HumanMessage("x") != HumanMessageChunk("x")
    with pytest.raises(TypeError):
        hash(kind("x"))


@every_kind
def test_copies_and_pickles_are_equal_and_apart(kind: Any) -> None:
    message = kind(["x", {"type": "text", "text": "y"}], **FIELDS)
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(message, protocol)) == message
    for twin in (
        copy.copy(message),
        copy.deepcopy(message),
        message.model_copy(),
        message.model_copy(deep=True),
    ):
        assert twin == message
        assert type(twin) is type(message)
        twin.name = "other"
        twin.content = "other"
        assert message.name == "n"
    copy.deepcopy(message).additional_kwargs["a"]["b"].append(2)
    message.model_copy(deep=True).additional_kwargs["a"]["b"].append(2)
    assert message.additional_kwargs == {"a": {"b": [1]}}
    assert message.model_copy(update={"id": "j", "content": "z"}).content == "z"


def test_what_a_subclass_adds_is_copied_too() -> None:
    message = Labelled("x")
    message.label = "l"
    for twin in (
        copy.copy(message),
        copy.deepcopy(message),
        message.model_copy(),
        pickle.loads(pickle.dumps(message)),
    ):
        assert type(twin) is Labelled
        assert twin.label == "l"
        twin.label = "m"
    assert message.label == "l"


@every_kind
def test_dumps_are_read_back(kind: Any) -> None:
    message = kind("x", **FIELDS)
    cls = type(message)
    assert cls.model_validate(message.model_dump()) == message
    assert cls.model_validate_json(message.model_dump_json()) == message
    assert BaseMessage.model_validate(message.model_dump()) == message
    assert list(message.model_dump())[:6] == [
        "content",
        "additional_kwargs",
        "response_metadata",
        "type",
        "name",
        "id",
    ]
    assert set(kind("x").model_dump(exclude_unset=True)) <= {"content", "tool_call_id"}
    assert kind("x").model_dump(exclude_none=True)["additional_kwargs"] == {}


@every_kind
def test_a_dump_shares_nothing_with_the_message(kind: Any) -> None:
    message = kind(["x", {"type": "text"}], **FIELDS)
    before = copy.deepcopy(message)
    dump = message.model_dump()
    dump["content"][1].clear()
    dump["additional_kwargs"]["a"]["b"].append(2)
    assert message == before
    kind("x").model_dump()["response_metadata"]["a"] = 1
    assert kind("x").model_dump()["response_metadata"] == {}


@every_kind
def test_fields_may_be_set_and_filled_in_place(kind: Any) -> None:
    message = kind("x")
    message.response_metadata["a"] = 1
    message.additional_kwargs = {"b": 2}
    message.content = ["y"]
    message.name, message.id = "n", "i"
    assert message == kind(["y"], additional_kwargs={"b": 2}, response_metadata={"a": 1}, name="n", id="i")
    with pytest.raises(AttributeError):
        message.colour = "red"


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"content": None}, "content must be a string or a list of strings and dicts, not NoneType"),
        ({"content": 1}, "content must be .* not int"),
        ({"content": b"x"}, "content must be .* not bytes"),
        ({"content": ["a", 1]}, r"content\[1\] must be a string or a dict, not int"),
        ({"additional_kwargs": [1]}, "additional_kwargs must be a dict, not list"),
        ({"response_metadata": "x"}, "response_metadata must be a dict, not str"),
        ({"name": 1}, "name must be a string or None, not int"),
        ({"id": 1.5}, "id must be a string or None, not float"),
        ({"type": "wrong"}, "type must be .* not 'wrong'"),
    ],
)
@every_kind
def test_a_wrong_type_names_the_field(kind: Any, fields: dict[str, Any], problem: str) -> None:
    if type(kind("x")).__name__.startswith("Tool") and "content" in fields:
        return  # the result of a tool may be anything
    with pytest.raises(MessageError, match=problem):
        kind(**{"content": "x", **fields})


def test_content_that_is_set_is_checked() -> None:
    for message in (HumanMessage("x"), AIMessageChunk("x"), AIMessageChunk("x") + AIMessageChunk("y")):
        with pytest.raises(MessageError, match="content must be"):
            message.content = None  # type: ignore[assignment]  # that is the point
        with pytest.raises(MessageError, match="response_metadata must be"):
            message.response_metadata = None  # type: ignore[assignment]  # that is the point


def test_text_is_a_string_that_may_be_called() -> None:
    message = HumanMessage(
        ["a", {"type": "text", "text": "b"}, {"type": "image"}, {"text": "c"}, {"type": "text"}]
    )
    assert message.text == "ab"
    assert message.text() == "ab"
    assert type(message.text()) is str
    assert isinstance(HumanMessage("x").text, str)
    assert type(HumanMessage(HumanMessage("x").text).content) is str


def test_every_chunk_is_a_message_of_its_kind() -> None:
    assert isinstance(AIMessageChunk("x"), AIMessage)
    assert isinstance(AIMessageChunk("x"), BaseMessageChunk)
    assert isinstance(HumanMessageChunk("x"), HumanMessage)
    assert not isinstance(AIMessage("x"), BaseMessageChunk)
    assert [kind("x").type for kind in KINDS] == [
        "human",
        "system",
        "ai",
        "AIMessageChunk",
        "HumanMessageChunk",
        "SystemMessageChunk",
        "tool",
        "ToolMessageChunk",
    ]


def test_pretty_repr_has_a_headline_80_wide() -> None:
    assert HumanMessage("x").pretty_repr() == f"{'=' * 32} Human Message {'=' * 33}\n\nx"
    assert (
        AIMessageChunk("x", name="bob").pretty_repr() == f"{'=' * 34} Ai Message {'=' * 34}\nName: bob\n\nx"
    )
    assert (
        SystemMessage("x").pretty_repr(html=True)
        == f"{'=' * 32}\033[1m System Message \033[0m{'=' * 32}\n\nx"
    )


def test_pretty_print_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    HumanMessage("x").pretty_print()
    assert capsys.readouterr().out == HumanMessage("x").pretty_repr() + "\n"


def test_pydantic_models_hold_messages_of_every_kind() -> None:
    made = Conversation(
        messages=[kind("x", **FIELDS) for kind in KINDS],
        answer=AIMessage("y"),
        calls=[{"name": "f", "args": {}, "id": None}],
        usage={"input_tokens": 1, "output_tokens": 2, "total_tokens": 3, "input_token_details": {"audio": 1}},
    )
    assert made.messages[0] == HumanMessage("x", **FIELDS)
    assert Conversation.model_validate(made.model_dump()) == made
    assert Conversation.model_validate_json(made.model_dump_json()) == made
    assert made.model_dump()["messages"][2]["tool_calls"] == []
    message = HumanMessage("x")
    assert Conversation(messages=[message]).messages[0] is message


@pytest.mark.parametrize(
    "value", ["x", 3, HumanMessage("x"), {"content": 3}, {"type": "human", "content": "x"}, {}]
)
def test_pydantic_refuses_what_is_no_such_message(value: Any) -> None:
    with pytest.raises(ValidationError):
        Conversation(answer=value)


def test_pydantic_reads_a_dict_by_its_type() -> None:
    adapter = TypeAdapter(BaseMessage)
    assert adapter.validate_python({"type": "human", "content": "x"}) == HumanMessage("x")
    assert TypeAdapter(AIMessage).validate_python({"content": "x"}) == AIMessage("x")
    assert TypeAdapter(AIMessage).validate_python(
        {"content": "x", "type": "AIMessageChunk"}
    ) == AIMessageChunk("x")
    assert TypeAdapter(AnyMessage).validate_python({"type": "system", "content": "x"}) == SystemMessage("x")
    for value in ({"content": "x"}, {"type": "martian", "content": "x"}, {"type": ["human"], "content": "x"}):
        with pytest.raises(ValidationError, match="type must be one of"):
            adapter.validate_python(value)


def test_pydantic_makes_a_json_schema() -> None:
    schema = TypeAdapter(AIMessage).json_schema()
    assert schema["title"] == "AIMessage"
    assert schema["required"] == ["content"]
    assert list(schema["properties"]) == list(AIMessage("x").model_dump())
    assert Conversation.model_json_schema()["properties"]["calls"]["items"]["$ref"].endswith("ToolCall")


def test_a_bare_message_has_a_kind_of_its_own() -> None:
    class Note(BaseMessage):
        type = "note"

    assert BaseMessage.model_validate({"type": "note", "content": "x"}) == Note("x", name=None)
    assert BaseMessage("x", name="n").name == "n"
