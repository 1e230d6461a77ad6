"""What a model is told of a tool, made of whatever describes one."""

import functools
from typing import Annotated, Any, Literal, NotRequired, Optional, Union

import pydantic.v1
import pytest
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from riverrun.exceptions import ConfigError
from riverrun.messages import AIMessage, HumanMessage, ToolMessage
from riverrun.runnables import RunnableConfig, RunnableLambda
from riverrun.tools import InjectedToolArg, InjectedToolCallId, Tool, tool
from riverrun.utils.function_calling import (
    convert_to_json_schema,
    convert_to_openai_function,
    convert_to_openai_tool,
    tool_example_to_messages,
)

INTEGER = {"type": "integer"}
STRING = {"type": "string"}


def an_object(required: list[str], /, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, **({"required": required} if required else {})}


class Inner(BaseModel):
    """An inner model."""

    x: int = Field(description="from the left")


class Outer(BaseModel):
    """An outer model."""

    inner: Inner
    many: list[Inner] = []
    title: str = "t"


class Tree(BaseModel):
    """A tree."""

    value: int
    children: list["Tree"] = []


class Old(pydantic.v1.BaseModel):
    """Old."""

    a: int


class Undescribed(BaseModel):
    a: int


class Place(TypedDict):
    """A place.

    Args:
        city: which city
    """

    city: str
    land: Annotated[str, ..., "which land"]
    zoom: Annotated[int, 5, "how near"]
    note: Annotated[Optional[str], "anything else"]  # noqa: UP045
    at: NotRequired[int]


class Trip(TypedDict):
    """A trip."""

    first: Place
    stops: list[Place]
    last: Union[int, Place]  # noqa: UP007
    mode: Literal["car", "bike"]


class Loose(TypedDict, total=False):
    a: int


def weather(city: str, days: int = 1, config: RunnableConfig | None = None) -> str:
    """Tell the weather.

    It may be wrong.

    Args:
        city: where
            it is asked for.
        days: how many days ahead.

    Returns:
        The weather.
    """
    return city


WEATHER = {
    "name": "weather",
    "description": "Tell the weather. It may be wrong.",
    "parameters": an_object(
        ["city"],
        city={"type": "string", "description": "where it is asked for."},
        days={"type": "integer", "default": 1, "description": "how many days ahead."},
    ),
}
INNER = {
    **an_object(["x"], x={"type": "integer", "description": "from the left"}),
    "description": "An inner model.",
}
PLACE = an_object(
    ["city", "land", "note"],
    city={"type": "string", "description": "which city"},
    land={"type": "string", "description": "which land"},
    zoom={"type": "integer", "default": 5, "description": "how near"},
    note={"type": "string", "description": "anything else"},
    at=INTEGER,
)


@pytest.mark.parametrize(
    ("given", "described"),
    [
        (weather, WEATHER),
        (lambda x: x, {"name": "<lambda>", "description": "", "parameters": an_object(["x"], x={})}),
        (
            Outer,
            {
                "name": "Outer",
                "description": "An outer model.",
                "parameters": an_object(
                    ["inner"],
                    inner=INNER,
                    many={"type": "array", "items": INNER, "default": []},
                    title={"type": "string", "default": "t"},
                ),
            },
        ),
        (
            Tree,
            {
                "name": "Tree",
                "description": "A tree.",
                "parameters": an_object(
                    ["value"], value=INTEGER, children={"type": "array", "items": {}, "default": []}
                ),
            },
        ),
        (Old, {"name": "Old", "description": "Old.", "parameters": an_object(["a"], a=INTEGER)}),
        (Undescribed, {"name": "Undescribed", "description": "", "parameters": an_object(["a"], a=INTEGER)}),
        (Place, {"name": "Place", "description": "A place.", "parameters": PLACE}),
        (
            Trip,
            {
                "name": "Trip",
                "description": "A trip.",
                "parameters": an_object(
                    ["first", "stops", "last", "mode"],
                    first={**PLACE, "description": "A place."},
                    stops={"type": "array", "items": {**PLACE, "description": "A place."}},
                    last=...,
                    mode={"type": "string", "enum": ["car", "bike"]},
                ),
            },
        ),
        (Loose, {"name": "Loose", "description": "", "parameters": an_object([], a=INTEGER)}),
        ({"name": "n"}, {"name": "n"}),
        (
            {"name": "n", "description": "d", "parameters": {}, "more": 1},
            {"name": "n", "description": "d", "parameters": {}},
        ),
        (
            {"name": "n", "input_schema": an_object([], a=INTEGER)},
            {"name": "n", "parameters": an_object([], a=INTEGER)},
        ),
        (
            {"toolSpec": {"name": "n", "description": "d", "inputSchema": {"json": an_object([])}}},
            {"name": "n", "description": "d", "parameters": an_object([])},
        ),
        (
            {"title": "n", "description": "d", **an_object(["a"], a=INTEGER)},
            {"name": "n", "description": "d", "parameters": an_object(["a"], a=INTEGER)},
        ),
        ({"title": "n", "type": "object"}, {"name": "n"}),
        (
            Tool("n", str.upper, "d"),
            {
                "name": "n",
                "description": "d",
                "parameters": an_object(["__arg1"], __arg1={"title": "__arg1", "type": "string"}),
            },
        ),
    ],
)
def test_everything_that_describes_a_function_is_put_in_one_format(
    given: Any, described: dict[str, Any]
) -> None:
    found = convert_to_openai_function(given)
    if given is Trip:
        last = found["parameters"]["properties"].pop("last")
        described["parameters"]["properties"].pop("last")
        assert [kind["type"] for kind in last["anyOf"]] == ["integer", "object"]
    assert found == described
    if given is not Trip:
        assert convert_to_openai_tool(given) == {"type": "function", "function": described}


def test_a_tool_is_told_of_by_its_own_name_and_description_and_never_of_what_is_injected() -> None:
    @tool("look", description="Looks.")
    def fn(
        a: int,
        state: Annotated[dict[str, Any], InjectedToolArg],
        call: Annotated[str, InjectedToolCallId],
        config: RunnableConfig,
        run_manager: Any,
    ) -> None:
        """Do."""

    described = {"name": "look", "description": "Looks.", "parameters": an_object(["a"], a=INTEGER)}
    assert convert_to_openai_function(fn) == described
    assert convert_to_openai_function(fn.func)["parameters"] == an_object(["a"], a=INTEGER)  # type: ignore[attr-defined]


def test_what_is_told_of_a_tool_may_be_changed_without_changing_the_tool() -> None:
    @tool
    def fn(a: Literal["x", "y"]) -> None:
        """Do."""

    told = convert_to_openai_tool(fn)
    told["function"]["parameters"]["properties"]["a"]["enum"].append("z")
    told["function"]["parameters"]["required"].clear()
    assert convert_to_openai_tool(fn)["function"]["parameters"] == an_object(
        ["a"], a={"type": "string", "enum": ["x", "y"]}
    )


def test_references_in_the_schema_of_a_tool_are_resolved() -> None:
    schema = {
        "title": "t",
        "description": "d",
        **an_object([], p={"$ref": "#/$defs/P"}),
        "$defs": {"P": INTEGER},
    }
    told = convert_to_openai_function(tool(args_schema=schema)(lambda p: p))
    assert told["parameters"] == an_object([], p=INTEGER)


# ---- strict


def test_strict_requires_every_property_and_allows_no_others() -> None:
    found = convert_to_openai_function(Outer, strict=True)
    inner = {**INNER, "additionalProperties": False}
    assert found["strict"] is True
    assert found["parameters"] == {
        **an_object(
            ["inner", "many", "title"],
            inner=inner,
            many={"type": "array", "items": inner, "default": []},
            title={"type": "string", "default": "t"},
        ),
        "additionalProperties": False,
    }
    assert convert_to_openai_function(Outer, strict=False)["strict"] is False
    assert "strict" not in convert_to_openai_function(Outer)


def test_strict_reaches_choices_maps_and_definitions() -> None:
    schema = {
        "title": "t",
        **an_object(
            [],
            a={"anyOf": [an_object([], b=INTEGER), {"type": "null"}]},
            c={"type": "object", "additionalProperties": STRING},
        ),
        "$defs": {"P": an_object([], q=INTEGER)},
    }
    assert convert_to_openai_function(schema, strict=True)["parameters"] == {
        "type": "object",
        "properties": {
            "a": {
                "anyOf": [{**an_object(["b"], b=INTEGER), "additionalProperties": False}, {"type": "null"}]
            },
            "c": {"type": "object", "additionalProperties": False},
        },
        "required": ["a", "c"],
        "additionalProperties": False,
        "$defs": {"P": {**an_object(["q"], q=INTEGER), "additionalProperties": False}},
    }
    assert schema["properties"]["c"]["additionalProperties"] == STRING  # type: ignore[index]


def test_a_property_may_be_called_as_a_keyword_is() -> None:
    schema = {
        "title": "t",
        **an_object([], properties=an_object([], title={"title": "T", "type": "string"}), required=INTEGER),
    }
    strict = convert_to_openai_function(schema, strict=True)["parameters"]
    assert strict["required"] == ["properties", "required"]
    assert strict["properties"]["required"] == INTEGER
    assert strict["properties"]["properties"]["required"] == ["title"]


def test_strict_on_what_has_no_parameters_and_on_what_says_otherwise() -> None:
    assert convert_to_openai_function({"name": "n"}, strict=True) == {"name": "n", "strict": True}
    said = {"name": "n", "parameters": an_object([]), "strict": True}
    assert convert_to_openai_function(said)["strict"] is True
    with pytest.raises(ValueError, match="'n' says strict=True"):
        convert_to_openai_function(said, strict=False)


# ---- tools that a provider runs, schemas, refusals


@pytest.mark.parametrize(
    "given",
    [
        {"type": "function", "function": {"name": "n"}},
        {"type": "web_search_preview_2025_03_11"},
        {"type": "code_interpreter", "container": {}},
        {"type": "mcp"},
        {"type": "image_generation"},
    ],
)
def test_a_tool_in_its_providers_format_stays_as_it_is(given: dict[str, Any]) -> None:
    assert convert_to_openai_tool(given, strict=True) == given


def test_the_arguments_of_a_tool_as_a_json_schema_have_its_name_as_title() -> None:
    parameters = WEATHER["parameters"]
    expected = {"title": "weather", "description": WEATHER["description"], **parameters}  # type: ignore[dict-item]
    assert convert_to_json_schema(weather) == expected
    assert list(convert_to_json_schema(weather))[:2] == ["title", "description"]
    assert convert_to_json_schema({"type": "function", "function": {"name": "n"}}) == {"title": "n"}
    assert convert_to_json_schema(Inner, strict=True)["additionalProperties"] is False
    with pytest.raises(ValueError, match="has no schema"):
        convert_to_json_schema({"type": "mcp"})


@pytest.mark.parametrize(
    "given",
    [
        5,
        "text",
        None,
        [1],
        {},
        {"a": 1},
        {"type": "object", "properties": {}},
        {"type": "of nobody"},
        int,
        RunnableLambda(weather),
        functools.partial(weather, days=2),
    ],
)
def test_what_describes_no_function_is_refused(given: Any) -> None:
    for convert in (convert_to_openai_function, convert_to_openai_tool, convert_to_json_schema):
        with pytest.raises(ConfigError) as caught:
            convert(given)
        assert isinstance(caught.value, ValueError)


# ---- examples


def test_an_example_shows_the_calls_and_their_answers() -> None:
    asked, called, *answers, said = tool_example_to_messages("hi", [Inner(x=1), Old(a=2)], ai_response="done")  # type: ignore[list-item]
    assert isinstance(asked, HumanMessage)
    assert isinstance(called, AIMessage)
    assert [(call["name"], call["args"]) for call in called.tool_calls] == [
        ("Inner", {"x": 1}),
        ("Old", {"a": 2}),
    ]
    assert [call["function"]["name"] for call in called.additional_kwargs["tool_calls"]] == ["Inner", "Old"]
    for answer, call in zip(answers, called.tool_calls, strict=True):
        assert isinstance(answer, ToolMessage)
        assert (answer.content, answer.tool_call_id) == ("You have correctly called this tool.", call["id"])
    assert said == AIMessage("done")
    assert [m.content for m in tool_example_to_messages("hi", [Inner(x=1)], ["out"])] == ["hi", "", "out"]
    with pytest.raises(ValueError, match="2 outputs for the 1 calls"):
        tool_example_to_messages("hi", [Inner(x=1)], ["a", "b"])
