"""What dumps hold: the peer's names and settings, never a secret, and data marked as data."""

import json
from typing import Any

import pytest
from pydantic import BaseModel, Field, SecretStr

from growth import assert_linear
from riverrun.documents import Document
from riverrun.exceptions import LoadError
from riverrun.language_models import GenericFakeChatModel
from riverrun.load import Serializable, dumpd, dumps
from riverrun.load.dump import default
from riverrun.load.serializable import to_json_not_implemented, try_neq_default
from riverrun.messages import AIMessage, AIMessageChunk, HumanMessage, SystemMessage, ToolMessage
from riverrun.output_parsers import StrOutputParser
from riverrun.outputs import ChatGeneration, Generation, LLMResult
from riverrun.prompt_values import ChatPromptValue, StringPromptValue
from riverrun.prompts import ChatPromptTemplate, MessagesPlaceholder, PromptTemplate
from riverrun.runnables import (
    ConfigurableField,
    RouterRunnable,
    RunnableBranch,
    RunnableLambda,
    RunnableParallel,
    RunnablePassthrough,
    RunnablePick,
)


def made(path: str, name: str, **kwargs: Any) -> dict[str, Any]:
    return {"lc": 1, "type": "constructor", "id": [*path.split("."), name], "kwargs": kwargs}


MESSAGES, RUNNABLE = "langchain.schema.messages", "langchain.schema.runnable"
HI = made(MESSAGES, "HumanMessage", content="hi", type="human")
TEMPLATE = {
    **made(
        "langchain.prompts.prompt",
        "PromptTemplate",
        input_variables=["b"],
        template="a {b}",
        template_format="f-string",
    ),
    "name": "PromptTemplate",
}
template = PromptTemplate.from_template("a {b}")


@pytest.mark.parametrize(
    ("value", "dump"),
    [
        (HumanMessage("hi"), HI),
        (
            SystemMessage([{"type": "text", "text": "x"}], additional_kwargs={"a": 1}),
            made(
                MESSAGES,
                "SystemMessage",
                content=[{"type": "text", "text": "x"}],
                additional_kwargs={"a": 1},
                type="system",
            ),
        ),
        (
            AIMessage("a", id="1"),
            made(MESSAGES, "AIMessage", content="a", type="ai", id="1", tool_calls=[], invalid_tool_calls=[]),
        ),
        (
            AIMessageChunk("c"),
            made(
                MESSAGES,
                "AIMessageChunk",
                content="c",
                type="AIMessageChunk",
                tool_calls=[],
                invalid_tool_calls=[],
            ),
        ),
        (
            ToolMessage("t", tool_call_id="1"),
            made(MESSAGES, "ToolMessage", content="t", type="tool", tool_call_id="1", status="success"),
        ),
        (
            Document("p", metadata={"a": 1}, id="4"),
            made(
                "langchain.schema.document",
                "Document",
                id="4",
                metadata={"a": 1},
                page_content="p",
                type="Document",
            ),
        ),
        (
            StringPromptValue("s"),
            made("langchain.prompts.base", "StringPromptValue", text="s", type="StringPromptValue"),
        ),
        (
            ChatPromptValue([HumanMessage("hi")]),
            made("langchain.prompts.chat", "ChatPromptValue", messages=[HI]),
        ),
        (Generation("x"), made("langchain.schema.output", "Generation", text="x", type="Generation")),
        (
            ChatGeneration(HumanMessage("hi")),
            made("langchain.schema.output", "ChatGeneration", text="hi", type="ChatGeneration", message=HI),
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_plain_records_are_dumped_by_the_names_that_stored_data_has(value: Any, dump: Any) -> None:
    assert dumpd(value) == dump
    assert json.loads(dumps(value)) == dump


def step(name: str, run_name: str | None = None, **kwargs: Any) -> dict[str, Any]:
    return {**made(RUNNABLE, name, **kwargs), "name": run_name or name}


@pytest.mark.parametrize(
    ("value", "dump"),
    [
        (template, TEMPLATE),
        (
            StrOutputParser(),
            {**made("langchain.schema.output_parser", "StrOutputParser"), "name": "StrOutputParser"},
        ),
        (template | template, step("RunnableSequence", first=TEMPLATE, last=TEMPLATE)),
        (
            template | template | template,
            step("RunnableSequence", first=TEMPLATE, middle=[TEMPLATE], last=TEMPLATE),
        ),
        (
            RunnableParallel(a=template),
            step("RunnableParallel", "RunnableParallel<a>", steps__={"a": TEMPLATE}),
        ),
        (RunnablePassthrough(), step("RunnablePassthrough")),
        (RunnablePick("a"), step("RunnablePick", "RunnablePick<a>", keys="a")),
        (
            template.bind(a=1),
            step("RunnableBinding", "PromptTemplate", bound=TEMPLATE, kwargs={"a": 1}, config={}),
        ),
        (
            RunnableBranch((template, template), template),
            step("RunnableBranch", branches=[[TEMPLATE, TEMPLATE]], default=TEMPLATE),
        ),
        (template.map(), step("RunnableEach", "RunnableEach<PromptTemplate>", bound=TEMPLATE)),
        (RouterRunnable({"a": template}), step("RouterRunnable", runnables={"a": TEMPLATE})),
        (
            template.with_retry(),
            step(
                "RunnableRetry",
                "PromptTemplate",
                bound=TEMPLATE,
                config={},
                retry_exception_types=[dumpd(Exception)],
                wait_exponential_jitter=True,
                max_attempt_number=3,
            ),
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_steps_are_dumped_by_their_settings(value: Any, dump: Any) -> None:
    assert dumpd(value) == dump


def test_what_is_inside_a_step_is_dumped_with_it() -> None:
    chain = ChatPromptTemplate([("system", "x"), MessagesPlaceholder("h"), ("human", "{q}")])
    dump = dumpd(chain)
    assert dump["id"] == ["langchain", "prompts", "chat", "ChatPromptTemplate"]
    assert [each["id"][-1] for each in dump["kwargs"]["messages"]] == [
        "SystemMessagePromptTemplate",
        "MessagesPlaceholder",
        "HumanMessagePromptTemplate",
    ]
    assert dump["kwargs"]["messages"][1]["kwargs"] == {"variable_name": "h"}
    fields = dumpd(template.configurable_fields(template=ConfigurableField(id="x")))
    assert fields["kwargs"]["fields"] == {"template": ["x", None, None, None, False]}


@pytest.mark.parametrize("value", [None, True, 5, 1.5, "x", [1, [2]], {"a": {"b": None}}])
def test_what_json_knows_stays_as_it_is(value: Any) -> None:
    assert dumpd(value) == value


def test_keys_become_text_and_tuples_lists() -> None:
    assert dumpd({1: (2, 3), None: True, False: 0}) == {"1": [2, 3], "null": True, "false": 0}


@pytest.mark.parametrize(
    ("value", "id"),
    [
        (len, ["builtins", "len"]),
        (b"x", ["builtins", "bytes"]),
        ({1, 2}, ["builtins", "set"]),
        ({(1, 2): 3}, ["builtins", "dict"]),
        (HumanMessage, HumanMessage.__module__.split(".") + ["HumanMessage"]),
        (LLMResult([[Generation("x")]]), LLMResult.__module__.split(".") + ["LLMResult"]),
        (RunnableLambda(len), RunnableLambda.__module__.split(".") + ["RunnableLambda"]),
    ],
    ids=str,
)
def test_what_can_not_be_made_again_is_dumped_by_its_looks(value: Any, id: list[str]) -> None:
    dump = {"lc": 1, "type": "not_implemented", "id": id, "repr": repr(value)}
    assert dumpd(value) == dump == to_json_not_implemented(value)
    assert json.loads(json.dumps(value, default=default)) == dump if not isinstance(value, dict) else True


def test_a_model_is_dumped_by_its_looks_with_its_name() -> None:
    dump = dumpd(GenericFakeChatModel(messages=iter(["a"])))
    assert (dump["type"], dump["name"]) == ("not_implemented", "GenericFakeChatModel")


def test_a_repr_that_raises_or_never_ends_breaks_no_dump() -> None:
    class Shy:
        def __repr__(self) -> str:
            raise RuntimeError("no")

    class Long:
        def __repr__(self) -> str:
            return "x" * 1_000_000

    assert "RuntimeError" in dumpd(Shy())["repr"]
    assert len(dumpd(Long())["repr"]) <= 10_000


# ---------------------------------------------------------------------------------------------------- users' classes


class Tool(Serializable):
    size: int
    label: str = "none"
    key: SecretStr = SecretStr("")
    parts: list[int] = Field(default_factory=list)
    hidden: int = Field(default=3, exclude=True)
    is_on: bool = True

    @classmethod
    def is_lc_serializable(cls) -> bool:
        return True

    @property
    def lc_secrets(self) -> dict[str, str]:
        return {"key": "TOOL_KEY"}

    @property
    def lc_attributes(self) -> dict[str, Any]:
        return {"made_by": "me"}


class Sub(Tool):
    other: str = "x"

    @property
    def lc_secrets(self) -> dict[str, str]:
        return {"other": "OTHER"}


MODULE = Tool.__module__


def test_a_users_class_says_what_is_dumped_of_it() -> None:
    tool = Tool(size=1, key=SecretStr("hush"), is_on=False, hidden=9)
    kwargs = {
        "size": 1,
        "label": "none",
        "key": {"lc": 1, "type": "secret", "id": ["TOOL_KEY"]},
        "is_on": False,
        "made_by": "me",
    }
    assert dumpd(tool) == made(MODULE, "Tool", **kwargs)
    assert tool.to_json()["kwargs"]["key"] == kwargs["key"]
    assert Tool.lc_id() == [*MODULE.split("."), "Tool"]
    assert repr(Tool(size=1, parts=[2])) == "Tool(size=1, parts=[2])"


def test_secrets_and_attributes_of_the_classes_above_count_too() -> None:
    dump = dumpd(Sub(size=1, key=SecretStr("hush"), other="hush"))
    assert "hush" not in json.dumps(dump)
    assert [dump["kwargs"][name]["id"] for name in ("key", "other")] == [["TOOL_KEY"], ["OTHER"]]
    assert dump["kwargs"]["made_by"] == "me"


def test_a_users_class_is_dumped_by_its_looks_unless_it_says_otherwise() -> None:
    class Plain(Serializable):
        size: int = 1

    assert dumpd(Plain(size=2))["repr"] == "Plain(size=2)"
    assert Plain().to_json() == Plain().to_json_not_implemented() == dumpd(Plain())


def test_steps_and_messages_are_serializable_too() -> None:
    assert isinstance(template, Serializable)
    assert isinstance(HumanMessage("x"), Serializable)
    assert not isinstance("x", Serializable)
    assert not isinstance(template, Tool)


def test_a_secret_that_nobody_declared_is_none_the_less_no_part_of_a_dump() -> None:
    class Careless(Serializable):
        api_key: str = ""
        settings: Any = None

        @classmethod
        def is_lc_serializable(cls) -> bool:
            return True

    texts = [
        dumps(Careless(api_key="hush")),
        dumps(Careless(settings=SecretStr("hush"))),
        dumps(template.bind(api_key="hush", extra={"a": 1})),
        dumps(SecretStr("hush")),
        dumps(Careless(settings={"headers": {"Authorization": "Bearer hush"}})),
        dumps(Careless(settings=[("api-key", "hush"), [{"token": b"hush"}]])),
        dumps(Careless(settings={"passwords": ["hush"], "credentials": {"hush"}})),
        dumps(template.bind(extra={"headers": {"x-api-key": "hush"}})),
    ]
    assert not any("hush" in text for text in texts)
    assert json.loads(texts[0])["kwargs"] == {"api_key": {"lc": 1, "type": "secret", "id": ["API_KEY"]}}


def test_fields_differ_from_their_defaults() -> None:
    class Model(BaseModel):
        a: int
        b: int = 2

    model = Model(a=1)
    assert [
        try_neq_default(1, "a", model),
        try_neq_default(2, "b", model),
        try_neq_default(3, "b", model),
    ] == [True, False, True]


# ---------------------------------------------------------------------------------------------------------- text


def test_text_of_a_dump_is_that_of_json() -> None:
    assert dumps(HumanMessage("é")) == json.dumps(dumpd(HumanMessage("é")))
    assert dumps([1], pretty=True) == "[\n  1\n]"
    assert (
        dumps({"b": "é", "a": 1}, pretty=True, indent=1, sort_keys=True, ensure_ascii=False)
        == '{\n "a": 1,\n "b": "é"\n}'
    )
    with pytest.raises(ValueError, match="default"):
        dumps(1, default=str)


def test_what_is_inside_itself_is_an_error() -> None:
    loop: list[Any] = []
    loop.append(loop)
    deep: Any = "x"
    for _ in range(100_000):
        deep = [deep]
    marked: dict[str, Any] = {"lc": 1}
    marked["self"] = marked
    for endless in (loop, deep, marked, HumanMessage("x", additional_kwargs={"a": loop})):
        with pytest.raises(LoadError, match="inside"):
            dumpd(endless)
    while isinstance(deep, list):
        deep = deep.pop()


def test_g05_dumping_is_linear() -> None:
    assert_linear(lambda size: lambda: dumpd([HumanMessage("x" * 10) for _ in range(size)]), 200)
