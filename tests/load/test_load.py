"""Data makes data: what may be read back, and that nothing else happens, whatever the data says."""

import json
import os
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from growth import assert_linear
from riverrun.documents import Document
from riverrun.exceptions import LoadError
from riverrun.load import dumpd, dumps, load, loads
from riverrun.load.load import Reviver, default_init_validator
from riverrun.load.mapping import RECORDS
from riverrun.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    ChatMessage,
    HumanMessage,
    RemoveMessage,
    SystemMessage,
    ToolMessage,
)
from riverrun.outputs import ChatGeneration, Generation
from riverrun.prompt_values import ChatPromptValue, StringPromptValue
from riverrun.prompts import PromptTemplate
from riverrun.runnables import RunnableLambda

RECORDED: list[Any] = [
    HumanMessage("hi", id="1", name="Ada"),
    AIMessage(
        "a",
        tool_calls=[{"name": "f", "args": {"x": [1, {"y": None}]}, "id": "c"}],
        usage_metadata={"input_tokens": 1, "output_tokens": 2, "total_tokens": 3},
        response_metadata={"model": "m"},
    ),
    AIMessageChunk("c", tool_call_chunks=[{"name": "f", "args": "{", "id": "c", "index": 0}]),
    SystemMessage([{"type": "text", "text": "d"}]),
    ToolMessage("e", tool_call_id="1", artifact={"a": 1}, status="error"),
    ChatMessage("f", role="r"),
    RemoveMessage(id="1"),
    Document("f", metadata={"a": 1}, id="2"),
    StringPromptValue("g"),
    ChatPromptValue([HumanMessage("h")]),
    Generation("i", generation_info={"a": 1}),
    ChatGeneration(AIMessage("j")),
]


def claim(*id: str, **kwargs: Any) -> dict[str, Any]:
    return {"lc": 1, "type": "constructor", "id": list(id), "kwargs": kwargs}


def human(**kwargs: Any) -> dict[str, Any]:
    return claim("langchain", "schema", "messages", "HumanMessage", **kwargs)


@pytest.mark.parametrize("value", RECORDED, ids=lambda value: type(value).__name__)
def test_what_was_dumped_is_read_back(value: Any) -> None:
    assert load(dumpd(value)) == value
    assert loads(dumps(value)) == value
    assert load({"a": [dumpd(value), 1]}) == {"a": [value, 1]}


def test_the_names_of_old_and_new_packages_are_read() -> None:
    for path in (
        ("langchain", "schema", "messages"),
        ("langchain_core", "messages", "human"),
        ("riverrun", "messages"),
    ):
        assert load(claim(*path, "HumanMessage", content="hi", type="human")) == HumanMessage("hi")


def test_loading_changes_nothing_in_the_data() -> None:
    data = {"a": [dumpd(HumanMessage("hi"))]}
    before = json.dumps(data)
    load(data)
    assert json.dumps(data) == before


# ---------------------------------------------------------------------------------------------- data that looks like code

INNOCENT = [
    {
        "lc": 1,
        "type": "constructor",
        "id": ["langchain", "schema", "messages", "HumanMessage"],
        "kwargs": {"content": "!"},
    },
    {"lc": 1, "type": "secret", "id": ["PATH"]},
    {"lc": 1, "type": "not_implemented", "id": ["os", "system"], "repr": "!"},
    {"lc": 2},
    {"__lc_escaped__": 1},
    {"__lc_escaped__": {"lc": 1, "type": "secret", "id": ["PATH"]}},
    {"lc": 1, "deep": {"__lc_escaped__": {"lc": 1}}},
]


@pytest.mark.parametrize("data", INNOCENT, ids=str)
def test_what_a_user_wrote_is_never_taken_for_an_object(data: Any) -> None:
    for value in (
        data,
        [data],
        {"a": data},
        HumanMessage("x", additional_kwargs=data),
        HumanMessage("x", additional_kwargs={"a": [data]}),
        HumanMessage([data]),
        AIMessage("x", tool_calls=[{"name": "f", "args": data, "id": "1"}]),
        Document("x", metadata=data),
        HumanMessage(json.dumps(data)),
    ):
        back = loads(dumps(value), secrets_map={"PATH": "!!"})
        assert type(back) is type(value)
        if isinstance(value, AIMessage):
            assert back.tool_calls[0]["args"] == data
        else:
            assert back == value


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.dictionaries(
            st.sampled_from(["lc", "__lc_escaped__", "type", "id", "kwargs", "a"]), inside, max_size=4
        )
    ),
    max_leaves=12,
)


@given(plain)
def test_any_data_is_read_back_as_it_was(data: Any) -> None:
    assert loads(dumps(data)) == data
    if isinstance(data, dict):
        assert loads(dumps(Document("x", metadata=data))) == Document("x", metadata=data)


# ------------------------------------------------------------------------------------------------------- hostile data


@pytest.mark.parametrize(
    "id",
    [
        ("langchain", "prompts", "prompt", "PromptTemplate"),
        ("langchain", "schema", "runnable", "RunnableSequence"),
        ("riverrun", "runnables", "RunnableLambda"),
        ("langchain", "llms", "openai", "OpenAI"),
        ("langchain", "schema", "messages", "BaseMessage"),
        ("langchain", "schema", "messages", "Record"),
        ("builtins", "eval"),
        ("os", "system"),
        ("evil", "HumanMessage"),
        ("antigravity", "HumanMessage"),
        ("langchain",),
        ("HumanMessage",),
        ("langchain", "__class__"),
    ],
    ids=".".join,
)
def test_data_may_make_nothing_else(id: tuple[str, ...]) -> None:
    loaded = set(sys.modules)
    with pytest.raises(LoadError, match=f"may not make {'.'.join(id)}: .*make others yourself"):
        load(claim(*id, content="x"))
    assert set(sys.modules) == loaded


def test_a_prompt_that_was_dumped_is_not_made_of_data() -> None:
    for value in (
        PromptTemplate.from_template("{a}"),
        PromptTemplate.from_template("{a}") | RunnableLambda(len),
    ):
        with pytest.raises(LoadError):
            loads(dumps(value))


@pytest.mark.parametrize(
    "data",
    [
        human(),
        human(content=5),
        human(content="x", __class__="y"),
        human(content="x", __init__={}),
        human(content="x", id={}),
        human(content="x", additional_kwargs=[]),
        human(content="x", type="ai"),
        human(content="x", type=["human"]),
        human(content=[None]),
        {**human(), "kwargs": []},
        {**human(), "kwargs": None},
        {**human(), "id": "HumanMessage"},
        {**human(), "id": []},
        {**human(), "id": [1]},
        {**human(), "id": None},
        {**human(), "id": {"a": 1}},
        claim("langchain", "schema", "messages", "AIMessage", content="x", tool_calls=[1]),
        claim("langchain", "schema", "messages", "AIMessage", content="x", tool_calls="x"),
        claim("langchain", "schema", "messages", "AIMessage", content="x", tool_calls=[{"name": []}]),
        claim("langchain", "schema", "messages", "AIMessage", content="x", usage_metadata="x"),
        claim(
            "langchain", "schema", "messages", "AIMessageChunk", content="x", tool_call_chunks=[{"args": 1}]
        ),
        claim("langchain", "schema", "messages", "ToolMessage", content="x"),
        claim("langchain", "schema", "document", "Document", page_content=1),
        claim("langchain", "schema", "document", "Document", page_content="x", metadata=[]),
        claim("langchain", "schema", "output", "Generation", text=[]),
        claim("langchain", "schema", "output", "ChatGeneration", message={"type": "human", "content": "x"}),
        claim(
            "langchain", "prompts", "chat", "ChatPromptValue", messages=[{"type": "human", "content": "x"}]
        ),
        claim("langchain", "prompts", "chat", "ChatPromptValue", messages="x"),
    ],
    ids=lambda data: json.dumps(data)[:120],
)
def test_broken_data_is_an_error_that_names_it(data: Any) -> None:
    with pytest.raises(LoadError) as caught:
        loads(json.dumps(data))
    assert isinstance(caught.value, ValueError)
    assert "id" in str(caught.value) or data["id"][-1] in str(caught.value)


def test_data_makes_no_object_of_a_users_class() -> None:
    class Mine(HumanMessage):
        type = "mine"  # type: ignore[misc]  # a kind of its own

    for data in (
        dumpd(Mine("x")),
        human(content="x", type="mine"),
        claim("langchain", "schema", "output", "ChatGeneration", message={"type": "mine", "content": "x"}),
    ):
        with pytest.raises(LoadError):
            load(data)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"a":' * 50_000,
        "[" * 400 + "]" * 400,
        '{"__lc_escaped__":' * 100_000,
        json.dumps(human(content="x"))[:-1],
        "",
        "x",
        "1" * 5_000,
        '{"lc": 1, "type": "constructor", "id": ["langchain", "HumanMessage"], "kwargs": {"content": ['
        + "[" * 300,
        b"\xff\xfe\xfa",
    ],
    ids=lambda text: str(text[:20]),
)
def test_text_that_is_broken_or_too_deep_is_an_error_never_a_crash(text: Any) -> None:
    with pytest.raises(LoadError):
        loads(text)


@pytest.mark.parametrize("wrong", [5, None, ["[]"], {}])
def test_only_text_is_read_as_text(wrong: Any) -> None:
    with pytest.raises(LoadError, match="JSON text"):
        loads(wrong)


def test_data_too_deep_is_an_error_also_where_it_is_no_text() -> None:
    deep: Any = human(content="x")
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(LoadError, match="150"):
        load(deep)
    while isinstance(deep, list):
        deep = deep.pop()


def test_a_text_too_long_is_refused(monkeypatch: Any) -> None:
    monkeypatch.setattr(sys.modules["riverrun.load.load"], "SIZE", 10)
    with pytest.raises(LoadError, match="11 characters, and 10"):
        loads('"' + "x" * 9 + '"')


claims = st.fixed_dictionaries(
    {
        "lc": st.sampled_from([1, 1, 1, 2, True, "1", None]),
        "type": st.sampled_from(["constructor", "constructor", "secret", "not_implemented", "x", None]),
        "id": st.sampled_from([["langchain", name] for name in RECORDS]) | plain,
        "kwargs": st.dictionaries(
            st.sampled_from(
                [
                    "content",
                    "type",
                    "text",
                    "message",
                    "messages",
                    "tool_calls",
                    "page_content",
                    "metadata",
                    "id",
                    "role",
                    "name",
                ]
            ),
            plain,
            max_size=4,
        ),
    }
)


@given(claims)
def test_whatever_data_claims_it_makes_a_record_or_an_error(data: Any) -> None:
    try:
        value = load(data)
    except LoadError:
        return
    assert type(value) in (dict, *RECORDS.values())


# -------------------------------------------------------------------------------------------------------- arguments


def test_a_secret_is_given_only_by_the_caller(monkeypatch: Any) -> None:
    monkeypatch.setitem(os.environ, "KEY", "hush")
    asks = {"lc": 1, "type": "secret", "id": ["KEY"]}
    assert load(asks, secrets_map={"KEY": "passed"}) == "passed"
    with pytest.raises(LoadError, match=r"'KEY'.*secrets_map"):
        load(asks)
    with pytest.raises(LoadError, match="environment"):
        load(asks, secrets_from_env=True)


def test_nothing_is_imported_or_found_elsewhere() -> None:
    with pytest.raises(LoadError, match="imported"):
        load(1, additional_import_mappings={("a", "b"): ("os", "system")})
    with pytest.raises(LoadError, match="my_app"):
        load(1, valid_namespaces=["langchain", "my_app"])
    assert load(1, valid_namespaces=["langchain_core"], additional_import_mappings={}) == 1


def test_what_may_be_made_can_be_less() -> None:
    message, document = dumpd(HumanMessage("x")), dumpd(Document("x"))
    assert (
        load(message, allowed_objects="messages")
        == load(message, allowed_objects=[HumanMessage])
        == HumanMessage("x")
    )
    for said in ("core", "all", None):
        assert load(document, allowed_objects=said) == Document("x")
    for said in ("messages", [HumanMessage], []):
        with pytest.raises(LoadError):
            load(document, allowed_objects=said)


def test_what_may_be_made_can_not_be_more() -> None:
    with pytest.raises(LoadError, match=r"PromptTemplate.*not made of data"):
        load(1, allowed_objects=[PromptTemplate])
    with pytest.raises(LoadError, match="'everything'"):
        load(1, allowed_objects="everything")  # type: ignore[arg-type]
    with pytest.raises(LoadError):
        load(1, allowed_objects=[BaseMessage])


def test_what_was_dumped_by_its_looks_is_an_error_or_none() -> None:
    data = [dumpd(len), 1]
    with pytest.raises(NotImplementedError, match=r"builtins.len.*ignore_unserializable_fields") as caught:
        load(data)
    assert isinstance(caught.value, LoadError)
    assert load(data, ignore_unserializable_fields=True) == [None, 1]


def test_a_validator_sees_what_is_to_be_made_and_may_refuse() -> None:
    seen: list[Any] = []

    def validate(path: tuple[str, ...], kwargs: dict[str, Any]) -> None:
        seen.append((path[-1], dict(kwargs)))
        if kwargs["content"] == "bad":
            raise ValueError("refused")

    load(human(content="x"), init_validator=validate)
    assert seen == [("HumanMessage", {"content": "x"})]
    with pytest.raises(ValueError, match="refused"):
        load(human(content="bad"), init_validator=validate)
    assert load(human(content="x"), init_validator=None) == HumanMessage("x")
    with pytest.raises(LoadError, match="jinja2"):
        default_init_validator(("a", "b"), {"template_format": "jinja2"})


def test_a_reviver_serves_json_itself() -> None:
    text = dumps({"a": HumanMessage("x")})
    assert json.loads(text, object_hook=Reviver()) == {"a": HumanMessage("x")}


def test_g05_loading_is_linear() -> None:
    assert_linear(
        lambda size: (lambda text: lambda: loads(text))(dumps([HumanMessage("x" * 10)] * size)), 200
    )
