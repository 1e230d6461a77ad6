"""What steps say that they take and put out, through whole chains."""

import functools
from collections.abc import AsyncIterator, Iterator
from operator import itemgetter
from typing import Any, Generic, NotRequired, TypeVar

import pytest
from pydantic import BaseModel, Field, ValidationError
from typing_extensions import TypedDict

from riverrun._engine.schema import (
    ConfigurableFieldSpec,
    config_schema_of,
    fields_of,
    object_of,
    schema_of,
    type_arguments,
    types_of,
    unique,
)
from riverrun.language_models import GenericFakeChatModel
from riverrun.messages import AIMessage
from riverrun.output_parsers import StrOutputParser
from riverrun.prompt_values import ChatPromptValue
from riverrun.prompts import ChatPromptTemplate, PromptTemplate
from riverrun.runnables import (
    RouterRunnable,
    Runnable,
    RunnableBranch,
    RunnableGenerator,
    RunnableLambda,
    RunnableParallel,
    RunnablePassthrough,
    RunnablePick,
    RunnableSequence,
    RunnableSerializable,
    chain,
)

In = TypeVar("In")
Out = TypeVar("Out")


class Place(BaseModel):
    """Where it is."""

    city: str
    zip: str = Field(default="", description="code")


class Person(TypedDict):
    name: str
    age: NotRequired[int]


class Opaque:
    """Nothing that JSON can say."""


def inc(x: int) -> int:
    return x + 1


async def show(x: int) -> str:
    return str(x)


def find(x: str) -> Place:
    return Place(city=x)


def live(x: Place) -> Person:
    return {"name": x.city}


def integer(title: str) -> dict[str, Any]:
    return {"title": title, "type": "integer"}


def properties(title: str, optional: tuple[str, ...] = (), **fields: Any) -> dict[str, Any]:
    """The JSON Schema of an object whose fields are of these types; None is any."""
    shown = {}
    for key, kind in fields.items():
        shown[key] = {"title": key.title()} | ({"type": kind} if kind else {})
        if key in optional:
            shown[key]["default"] = None
    schema: dict[str, Any] = {"properties": shown, "title": title, "type": "object"}
    if required := [key for key in fields if key not in optional]:
        schema["required"] = required
    return schema


def takes(step: Any) -> dict[str, Any]:
    return step.get_input_jsonschema()  # type: ignore[no-any-return]


def gives(step: Any) -> dict[str, Any]:
    return step.get_output_jsonschema()  # type: ignore[no-any-return]


# -------------------------------------------------------------------------------------------------------- functions


class Caller:
    def __call__(self, x: int) -> str:
        return str(x)

    def method(self, x: float) -> bytes:
        return b""


def chunks(x: int) -> Iterator[str]:
    yield str(x)


async def achunks(x: int) -> AsyncIterator[str]:
    yield str(x)


def on_stream(xs: Iterator[int]) -> Iterator[str]:
    yield from map(str, xs)


async def on_astream(xs: AsyncIterator[int]) -> AsyncIterator[str]:
    async for x in xs:
        yield str(x)


def another(x: int) -> Runnable[int, str]:
    return RunnableLambda(show)


def later(x: "Place") -> "list[Place]":
    return [x]


def unresolved(x: "Nowhere", y: int = 0) -> "list[Nowhere]":  # type: ignore[name-defined]  # noqa: F821
    return []


@pytest.mark.parametrize(
    ("step", "input_type", "output_type"),
    [
        (RunnableLambda(inc), int, int),
        (RunnableLambda(show), int, str),
        (RunnableLambda(lambda x: x), Any, Any),
        (RunnableLambda(chunks), int, str),
        (RunnableLambda(achunks), int, str),
        (RunnableLambda(another), int, str),
        (RunnableLambda(Caller()), int, str),
        (RunnableLambda(Caller().method), float, bytes),
        (RunnableLambda(functools.partial(inc)), int, int),
        (RunnableLambda(later), Place, list[Place]),
        (RunnableLambda(unresolved), Any, Any),
        (RunnableLambda(str), Any, Any),
        (RunnableLambda(itemgetter(0)), list[Any], Any),
        (RunnableGenerator(on_stream), int, str),
        (RunnableGenerator(on_astream), int, str),
        (chain(show), int, str),
        (RunnableLambda(inc) | show, int, str),
        (RunnableParallel(any=lambda x: x, int=inc), int, dict[str, Any]),
        (RunnableLambda(inc).map(), list[int], list[int]),
        (RunnableLambda(inc).bind(a=1), int, int),
        (RunnableLambda(inc).with_types(output_type=list[str]), int, list[str]),
        (RunnableLambda(inc).with_retry(), int, int),
        (RunnableLambda(inc).with_fallbacks([RunnableLambda(show)]), int, int),
        (RunnablePassthrough(), Any, Any),
        (RunnablePassthrough(input_type=int), int, int),
        (RunnablePassthrough.assign(a=inc), dict[str, Any], dict[str, Any]),
        (RunnablePick("a"), dict[str, Any], Any),
        (RunnableBranch((lambda x: x, inc), inc), int, int),
        (RunnableBranch((lambda x: x, inc), show), int, Any),
        (ChatPromptTemplate(["{a}"]), dict[str, Any], ChatPromptValue),
        (StrOutputParser(), StrOutputParser().InputType, str),
    ],
)
def test_types_are_those_that_a_step_states(step: Any, input_type: Any, output_type: Any) -> None:
    assert (step.InputType, step.OutputType) == (input_type, output_type)


def test_a_functions_schema_is_its_annotation() -> None:
    assert takes(RunnableLambda(inc)) == integer("inc_input")
    assert gives(RunnableLambda(inc)) == integer("inc_output")
    assert takes(RunnableLambda(inc, name="Add One")) == integer("Add OneInput")
    assert takes(RunnableLambda(lambda x: x)) == {"title": "RunnableLambdaInput"}
    assert gives(RunnableGenerator(on_stream)) == {"title": "on_stream_output", "type": "string"}
    assert gives(RunnableLambda(lambda x: None).with_types(output_type=type(None))) == {
        "title": "RunnableLambdaOutput",
        "type": "null",
    }


def test_a_functions_schema_has_the_keys_that_it_reads() -> None:
    assert takes(RunnableLambda(lambda x: (x["foo"], x["bar"]))) == properties(
        "RunnableLambdaInput", bar=None, foo=None
    )
    assert takes(RunnableLambda(lambda x: x.get("foo"))) == properties(
        "RunnableLambdaInput", ("foo",), foo=None
    )
    assert takes(RunnableLambda(itemgetter("foo", "bar"))) == properties(
        "RunnableLambdaInput", foo=None, bar=None
    )
    assert takes(RunnableLambda(itemgetter(0))) == {
        "items": {},
        "title": "RunnableLambdaInput",
        "type": "array",
    }

    def stated(x: dict[str, int]) -> int:
        return x["foo"]

    assert takes(RunnableLambda(stated)) == {
        "additionalProperties": {"type": "integer"},
        "title": "stated_input",
        "type": "object",
    }


def test_a_pydantic_model_is_its_own_schema() -> None:
    assert RunnableLambda(find).get_output_schema() is Place
    assert (RunnableLambda(find) | live).get_input_jsonschema() == {"title": "find_input", "type": "string"}
    assert RunnableLambda(live).input_schema is Place


@pytest.mark.parametrize(
    ("annotation", "shown", "value"),
    [
        (Opaque, {}, Opaque()),
        (list[Opaque], {"type": "array", "items": {}}, [Opaque()]),
        (Opaque | None, {"anyOf": [{}, {"type": "null"}]}, None),
    ],
)
def test_a_type_that_json_cannot_describe_may_be_anything(annotation: Any, shown: Any, value: Any) -> None:
    step = RunnableLambda(lambda x: x).with_types(input_type=annotation)
    assert takes(step) == {"title": "RunnableLambdaInput", **shown}
    assert step.get_input_schema()(value).root == value
    with pytest.raises(ValidationError):
        step.get_input_schema()("other")


# ---------------------------------------------------------------------------------------------------------- classes


def echo(self: Any, input: Any, config: Any = None, **kwargs: Any) -> Any:
    return input


class Plain(Runnable[int, str]):
    invoke = echo


class Kept(Runnable[In, list[In]]):
    invoke = echo


class Filled(Kept[int]):
    pass


class Mixed(Opaque, Filled):
    pass


class Settings(RunnableSerializable[int, list[str]]):
    invoke = echo
    size: int = 1


class Swapped(RunnableSerializable[Out, In], Generic[In, Out]):
    invoke = echo


class Unswapped(Swapped[int, str]):
    pass


class Half(RunnableSerializable[In, str], Generic[In]):
    invoke = echo


class Bare(Runnable):  # type: ignore[type-arg]
    invoke = echo


class Stated(Runnable[int, int]):
    invoke = echo
    InputType = str

    @property
    def OutputType(self) -> Any:
        return list[int]


class Ahead(Runnable["Nowhere", str]):  # type: ignore[name-defined]
    invoke = echo


@pytest.mark.parametrize(
    ("cls", "input_type", "output_type"),
    [
        (Plain, int, str),
        (type("Below", (Plain,), {}), int, str),
        (Filled, int, list[int]),
        (Mixed, int, list[int]),
        (Settings, int, list[str]),
        (type("BelowSettings", (Settings,), {}), int, list[str]),
        (Unswapped, str, int),
        (Swapped[int, str], str, int),
        (Half[int], int, str),
        (Half, Any, str),
        (Bare, Any, Any),
        (Stated, str, list[int]),
        (Ahead, Any, str),
    ],
)
def test_a_class_states_its_types_as_arguments(cls: Any, input_type: Any, output_type: Any) -> None:
    step = cls()
    assert (step.InputType, step.OutputType) == (input_type, output_type)


def test_type_arguments_are_told_of_annotations_too() -> None:
    assert type_arguments(Runnable[int, str], Runnable) == (int, str)
    assert type_arguments(Kept[bytes], Runnable) == (bytes, list[bytes])


def test_schemas_of_a_class_go_by_its_name() -> None:
    assert takes(Settings()) == integer("SettingsInput")
    assert gives(Settings()) == {"items": {"type": "string"}, "title": "SettingsOutput", "type": "array"}
    assert takes(Settings(name="mine")) == integer("mine_input")


# ------------------------------------------------------------------------------------------------------- composites


def test_a_sequence_takes_what_its_first_takes_and_gives_what_its_last_gives() -> None:
    step = RunnableLambda(inc) | show
    assert (takes(step), gives(step)) == (integer("inc_input"), {"title": "show_output", "type": "string"})
    assert takes(RunnableSequence(inc, show, name="both")) == integer("inc_input")


def test_a_parallel_gives_a_key_for_each_branch() -> None:
    step = RunnableParallel(a=inc, b=show, c=lambda x: x, d=find)
    place = {
        "description": "Where it is.",
        "properties": {
            "city": {"title": "City", "type": "string"},
            "zip": {"default": "", "description": "code", "title": "Zip", "type": "string"},
        },
        "required": ["city"],
        "title": "Place",
        "type": "object",
    }
    assert gives(step) == {
        "$defs": {"Place": place},
        **properties("RunnableParallel<a,b,c,d>Output", a="integer", b="string", c=None, d=None),
        "properties": {
            "a": {"title": "A", "type": "integer"},
            "b": {"title": "B", "type": "string"},
            "c": {"title": "C"},
            "d": {"$ref": "#/$defs/Place"},
        },
    }


def test_a_parallel_takes_all_keys_that_its_branches_read() -> None:
    read = RunnableParallel(
        a=lambda x: x["foo"], b=RunnablePassthrough(), c=PromptTemplate.from_template("{bar}")
    )
    assert takes(read) == properties("RunnableParallel<a,b,c>Input", foo=None, bar="string")
    mixed = RunnableParallel(a=lambda x: x["foo"], b=inc)
    assert takes(mixed) == integer("RunnableParallel<a,b>Input")
    assert takes(RunnableParallel(a=RunnablePassthrough())) == {"title": "RunnableParallel<a>Input"}
    assert takes(RunnableParallel(a=lambda x: x["foo"], b=live))["required"] == ["foo", "city"]


def test_assign_adds_its_keys_to_those_before() -> None:
    step = (
        RunnableParallel(z=inc)
        | RunnablePassthrough.assign(c=lambda x: x["z"])
        | RunnablePassthrough.assign(d=show)
    )
    assert gives(step) == properties("RunnableSequenceOutput", z="integer", c=None, d="string")
    after_typed_dict = RunnableLambda(live) | RunnablePassthrough.assign(c=inc)
    assert gives(after_typed_dict)["properties"] == {
        "name": {"title": "Name", "type": "string"},
        "age": {"default": None, "title": "Age", "type": "integer"},
        "c": {"title": "C", "type": "integer"},
    }
    assert gives(RunnableLambda(find) | RunnablePassthrough.assign(c=inc))["required"] == ["city", "c"]
    assert gives(RunnableLambda(inc) | RunnablePassthrough.assign(c=inc))["properties"].keys() == {"c"}


def test_assign_alone_takes_what_it_reads_and_gives_it_on() -> None:
    step = RunnablePassthrough.assign(c=lambda x: x["foo"])
    assert takes(step) == properties("RunnableParallel<c>Input", foo=None)
    assert gives(step) == properties("RunnableAssignOutput", foo=None, c=None)
    assert takes(RunnablePassthrough.assign(c=inc)) == {
        "additionalProperties": True,
        "title": "RunnableAssign<c>Input",
        "type": "object",
    }


def test_what_assign_makes_need_not_be_given_to_the_chain() -> None:
    prompt = PromptTemplate.from_template("{c} {d} {foo}")
    step = RunnablePassthrough.assign(c=lambda x: x["foo"]) | prompt
    assert takes(step) == properties("RunnableSequenceInput", d="string", foo="string")
    twice = RunnablePassthrough.assign(c=lambda x: x["foo"]) | RunnablePassthrough.assign(
        d=lambda x: x["c"] + x["hey"]
    )
    assert takes(twice | prompt) == properties("RunnableSequenceInput", foo="string", hey=None)
    assert takes(RunnablePassthrough.assign(c=lambda x: x["foo"]) | inc)["required"] == ["foo"]
    assert takes((RunnablePassthrough.assign(c=inc) | prompt).with_retry())["required"] == ["d", "foo"]
    assert takes(RunnablePassthrough.assign(c=inc).with_config(tags=["t"]) | prompt)["required"] == [
        "d",
        "foo",
    ]


def test_pick_gives_the_types_of_what_it_picks() -> None:
    both = RunnableParallel(a=inc, b=show)
    assert gives(both | RunnablePick("a")) == integer("RunnableSequenceOutput")
    assert gives(both.pick(["b", "c"])) == properties("RunnableSequenceOutput", b="string")
    assert gives(both.with_retry().bind().pick("b"))["type"] == "string"
    assert gives(RunnableLambda(find).pick("zip"))["type"] == "string"
    assert gives(both.pick("c")) == {"title": "RunnablePick<c>Output"}
    assert gives(both.pick(["c"])) == {"title": "RunnablePick<c>Output"}
    assert gives(RunnableParallel(a=find).pick("a"))["title"] == "Place"
    assert takes(RunnablePick("a") | inc)["type"] == "object"


def test_each_takes_and_gives_lists() -> None:
    assert takes(RunnableLambda(inc).map()) == {
        "$defs": {"inc_input": integer("inc_input")},
        "default": None,
        "items": {"$ref": "#/$defs/inc_input"},
        "title": "RunnableEach<inc>Input",
        "type": "array",
    }
    assert gives(RunnableLambda(inc).map()) == {
        "$defs": {"inc_output": integer("inc_output")},
        "items": {"$ref": "#/$defs/inc_output"},
        "title": "RunnableEach<inc>Output",
        "type": "array",
    }


def test_a_branch_takes_what_the_first_that_says_something_takes() -> None:
    assert takes(RunnableBranch((lambda x: x["a"], inc), lambda x: x)) == integer("inc_input")
    assert takes(RunnableBranch((lambda x: x["a"], lambda x: 1), lambda x: 2))["required"] == ["a"]
    assert takes(RunnableBranch((lambda x: x, lambda x: 1), lambda x: 2)) == {"title": "RunnableBranchInput"}
    assert gives(RunnableBranch((lambda x: x, inc), show)) == {"title": "RunnableBranchOutput"}
    assert gives(RunnableBranch((lambda x: x, inc), inc)) == integer("RunnableBranchOutput")


def test_a_router_takes_a_key_and_an_input() -> None:
    assert takes(RouterRunnable({"a": inc})) == properties("RouterRunnableInput", key="string", input=None)


def test_with_types_says_what_is_stated() -> None:
    step = RunnableLambda(inc).with_types(input_type=str)
    assert (takes(step), gives(step)) == ({"title": "inc_input", "type": "string"}, integer("inc_output"))
    both = (RunnableLambda(inc) | inc).with_types(input_type=Place, output_type=list[int])
    assert both.input_schema is Place
    assert gives(both) == {"items": {"type": "integer"}, "title": "RunnableSequenceOutput", "type": "array"}
    assert takes(
        RunnablePassthrough.assign(c=inc).with_types(input_type=Place) | PromptTemplate.from_template("{x}")
    ) == (Place.model_json_schema())
    assert gives(RunnableParallel(a=inc) | RunnablePick("a").with_types(output_type=str))["type"] == "string"


def test_a_prompt_takes_its_variables() -> None:
    prompt = PromptTemplate(template="{a}{b}", optional_variables=["c"], input_types={"b": int})
    assert takes(prompt) == properties("PromptInput", ("c",), a="string", b="integer", c="string")
    assert takes(PromptTemplate.from_template("")) == properties("PromptInput")


def test_the_reference_reads_the_schemas_of_a_chain() -> None:
    model = GenericFakeChatModel(messages=iter([AIMessage("x")]))
    prompt = ChatPromptTemplate.from_template("tell me a joke about {topic}")
    step = prompt | model
    assert (
        step.input_schema.schema()
        == prompt.input_schema.schema()
        == properties("PromptInput", topic="string")
    )
    assert model.input_schema.schema()["title"] == "GenericFakeChatModelInput"
    assert step.output_schema.schema() == model.output_schema.schema()
    assert (step | StrOutputParser()).output_schema.schema() == {
        "title": "StrOutputParserOutput",
        "type": "string",
    }
    assert step.input_schema.schema() == step.input_schema.model_json_schema() == step.get_input_jsonschema()


def test_a_schema_validates() -> None:
    schema = (PromptTemplate.from_template("{a}{b}") | inc).get_input_schema()
    assert schema(a="1", b="2").model_dump() == {"a": "1", "b": "2"}
    with pytest.raises(ValidationError, match="b"):
        schema(a="1")
    assert RunnableLambda(inc).get_input_schema()("3").root == 3


# -------------------------------------------------------------------------------------------------------- machinery


@pytest.mark.parametrize(
    "key",
    [
        "schema",
        "json",
        "copy",
        "_x",
        "__base__",
        "model_fields",
        "model_x",
        "root",
        "class",
        "a b",
        "field_json",
        "",
    ],
)
def test_an_object_may_have_any_key(key: str) -> None:
    schema = object_of({key: int, "other": (str, "o")}, "Any")
    assert list(schema.model_json_schema()["properties"]) == [key, "other"]
    assert schema.model_json_schema()["required"] == [key]
    assert schema.model_validate({key: 1}).model_dump(by_alias=True) == {key: 1, "other": "o"}
    again = object_of(fields_of(schema) or {}, "Any")
    assert again.model_json_schema() == schema.model_json_schema()


def test_keys_that_pydantic_cannot_name_do_not_collide() -> None:
    schema = object_of({"json": int, "field_json": str}, "Any")
    assert schema.model_validate({"json": 1, "field_json": "x"}).model_dump(by_alias=True) == {
        "json": 1,
        "field_json": "x",
    }


def test_a_type_with_unknown_names_may_be_anything() -> None:
    assert schema_of(list["Nowhere"], "Any").model_json_schema() == {"title": "Any"}  # type: ignore[name-defined]  # noqa: F821


def test_types_that_cannot_be_resolved_leave_the_others() -> None:
    def fn(x: int) -> "Nowhere":  # type: ignore[name-defined]  # noqa: F821
        return x

    assert types_of(fn) == (int, Any)


def test_unique_specs_are_in_order() -> None:
    b, a = ConfigurableFieldSpec("b", int), ConfigurableFieldSpec("a", int)
    assert unique([b, a, b]) == [a, b]
    with pytest.raises(ValueError, match="configurable 'b'"):
        unique([b, b._replace(default=1)])


def test_a_default_that_json_cannot_say_is_left_out() -> None:
    schema = config_schema_of([ConfigurableFieldSpec("a", Opaque, default=Opaque())], [], "Config")
    assert schema.model_json_schema()["$defs"]["Configurable"]["properties"] == {"a": {"title": "A"}}
