"""What a model is told of a tool's arguments, and what they are checked against."""

import dataclasses
import enum
import math
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any, Literal, Optional

import pydantic.v1
import pytest
from pydantic import BaseModel, Field, ValidationError
from typing_extensions import TypedDict

from riverrun.callbacks.manager import CallbackManagerForToolRun
from riverrun.runnables import RunnableConfig
from riverrun.tools import (
    InjectedToolArg,
    InjectedToolCallId,
    StructuredTool,
    create_schema_from_function,
    tool,
)
from riverrun.tools.base import BaseTool, get_all_basemodel_annotations
from riverrun.utils.function_calling import convert_to_openai_function


class Point(BaseModel):
    """A place."""

    x: int = Field(description="from the left")


class Named(TypedDict):
    name: str


@dataclasses.dataclass
class Pair:
    left: int
    right: str = "r"


class Colour(enum.Enum):
    RED = "red"


def schema_of(fn: Callable[..., Any]) -> dict[str, Any]:
    described: dict[str, Any] = create_schema_from_function("Args", fn).model_json_schema()
    return described


def test_types_and_defaults_are_those_of_the_signature() -> None:
    def fn(a: int, b: Literal["x", "y"], c: str | None = None, d: int | list[str] = 3, *, e: Any, f=1): ...  # type: ignore[no-untyped-def]

    assert schema_of(fn) == {
        "title": "Args",
        "type": "object",
        "properties": {
            "a": {"title": "A", "type": "integer"},
            "b": {"title": "B", "type": "string", "enum": ["x", "y"]},
            "c": {"title": "C", "anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
            "d": {
                "title": "D",
                "anyOf": [{"type": "integer"}, {"type": "array", "items": {"type": "string"}}],
                "default": 3,
            },
            "e": {"title": "E"},
            "f": {"title": "F", "default": 1},
        },
        "required": ["a", "b", "e"],
    }


def test_models_typed_dicts_dataclasses_and_enums_reach_the_function_as_such() -> None:
    @tool
    def kinds(p: Point, n: Named, d: Pair, c: Colour, many: list[Point]) -> list[Any]:
        """Show them."""
        return [p, n, d, c, many]

    given = {"p": {"x": 1}, "n": {"name": "a"}, "d": {"left": 2}, "c": "red", "many": [{"x": 3}]}
    assert kinds.invoke(given) == [Point(x=1), {"name": "a"}, Pair(2), Colour.RED, [Point(x=3)]]
    assert given["p"] == {"x": 1}


def test_a_string_or_a_field_describes_an_argument() -> None:
    @tool
    def fn(
        a: Annotated[int, "the first", "ignored"],
        b: Annotated[str, Field(description="the second", max_length=3)] = "b",
        c: int = Field(4, description="the third", gt=3),
        d: Annotated[int, Field(description="the fourth", ge=0), "ignored"] = 0,
    ) -> Any:
        """Do."""
        return a, b, c

    assert {name: field.get("description") for name, field in fn.args.items()} == {
        "a": "the first",
        "b": "the second",
        "c": "the third",
        "d": "the fourth",
    }
    assert fn.invoke({"a": 1}) == (1, "b", 4)
    with pytest.raises(ValidationError):
        fn.invoke({"a": 1, "b": "long"})
    with pytest.raises(ValidationError):
        fn.invoke({"a": 1, "c": 3})


def test_what_the_library_fills_in_is_not_shown() -> None:
    def fn(
        a: int,
        config: RunnableConfig,
        other: RunnableConfig | None = None,
        callbacks: Any = None,
        run_manager: CallbackManagerForToolRun | None = None,
        *args: int,
        **kwargs: Any,
    ) -> None: ...

    assert list(schema_of(fn)["properties"]) == ["a"]


def test_a_parameter_may_be_called_as_no_field_can() -> None:
    @tool
    def fn(schema: int, _private: int, model_name: str, copy: int = 3) -> Any:
        """Odd names."""
        return schema, _private, model_name, copy

    assert list(fn.args) == ["schema", "_private", "model_name", "copy"]
    assert fn.args["schema"] == {"title": "Schema", "type": "integer"}
    assert fn.invoke({"schema": "1", "_private": 2, "model_name": "m"}) == (1, 2, "m", 3)


def test_a_parameter_may_be_called_self_or_be_positional() -> None:
    @tool
    def fn(self: int, /, b: int = 2) -> Any:
        """Odd."""
        return self, b

    assert fn.invoke({"self": 1}) == (1, 2)
    assert fn.invoke("1") == (1, 2)


def test_annotations_may_be_strings_and_wrong_ones_are_named() -> None:
    def fn(a: "int", b: "Optional[str]" = None) -> None: ...  # noqa: UP045

    assert schema_of(fn)["properties"]["a"]["type"] == "integer"

    def wrong(a: "Nowhere") -> None: ...  # type: ignore[name-defined]  # noqa: F821

    with pytest.raises(NameError, match="Nowhere") as caught:
        schema_of(wrong)
    assert any("wrong" in note for note in caught.value.__notes__)


def test_a_type_that_json_cannot_describe_may_be_anything() -> None:
    @tool
    def fn(a: int, f: Callable[[int], int] = abs) -> int:
        """Call."""
        return f(a)

    assert fn.args == {"a": {"title": "A", "type": "integer"}, "f": {"title": "F"}}
    assert fn.invoke({"a": -1}) == 1


def test_a_schema_is_made_once_and_its_validator_when_it_is_needed() -> None:
    @tool
    def fn(a: int) -> int:
        """Do.

        Slowly.
        """
        return a

    assert fn.args_schema is fn.args_schema is fn.tool_call_schema
    assert not fn.args_schema.__pydantic_complete__
    fn.invoke({"a": 1})
    assert fn.args_schema.__pydantic_complete__


def test_a_tool_that_is_copied_is_not_described_anew() -> None:
    made = StructuredTool.from_function(math.hypot, description="Other than its docstring.")
    told = made.tool_call_schema
    twin = made.model_copy(update={"description": "Another."})
    assert made.__getstate__()["__dict__"].keys() == twin.__getstate__()["__dict__"].keys()
    assert made.tool_call_schema is told and twin.tool_call_schema.__doc__ == "Another."


def test_threads_may_be_the_first_to_use_a_schema_together() -> None:
    @tool
    def fn(a: int, b: str = "b") -> str:
        """Do."""
        return f"{a}{b}"

    together = threading.Barrier(8)

    def use(n: int) -> Any:
        together.wait()
        return fn.invoke({"a": str(n)}), fn.args["a"]["type"]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(use, range(8))) == [(f"{n}b", "integer") for n in range(8)]


# ---- given schemas


class Given(BaseModel):
    """Given."""

    a: int = Field(description="the a")
    b: list[int] = Field(default_factory=list)


class Old(pydantic.v1.BaseModel):
    """Old."""

    a: int = pydantic.v1.Field(description="the a")
    b: str = "z"


JSON = {
    "title": "js",
    "description": "By hand.",
    "type": "object",
    "properties": {"a": {"type": "integer"}},
    "required": ["a"],
}


def show(**kwargs: Any) -> dict[str, Any]:
    return kwargs


@pytest.mark.parametrize(
    ("schema", "given", "got"),
    [
        (Given, {"a": "1", "extra": 2}, {"a": 1, "b": []}),
        (Old, {"a": "1", "extra": 2}, {"a": 1, "b": "z"}),
        (JSON, {"a": "1", "extra": 2}, {"a": "1", "extra": 2}),
    ],
)
def test_a_given_schema_checks_the_arguments(schema: Any, given: Any, got: Any) -> None:
    made = tool("show", args_schema=schema)(show)
    assert made.invoke(given) == got
    assert made.description == schema["description"] if isinstance(schema, dict) else schema.__doc__
    assert list(made.args) == ["a"] if schema is JSON else ["a", "b"]


def test_what_a_model_allows_beside_its_fields_is_passed_on() -> None:
    class Open(BaseModel, extra="allow"):
        """Open."""

        a: int

    assert tool("show", args_schema=Open)(show).invoke({"a": 1, "z": 2}) == {"a": 1, "z": 2}


def test_a_model_is_told_of_an_argument_by_its_alias() -> None:
    class Aliased(BaseModel):
        """Aliased."""

        from_: int = Field(alias="from")

    made = tool("show", args_schema=Aliased)(show)
    assert list(made.args) == ["from"]
    assert made.invoke({"from": 1}) == {"from_": 1}


def test_an_instance_of_the_schema_is_arguments_too() -> None:
    assert tool("show", args_schema=Given)(show).invoke(Given(a=1)) == {"a": 1, "b": []}  # type: ignore[arg-type]


def test_a_function_may_take_models_of_pydantic_1() -> None:
    @tool
    def fn(old: Old, b: int = 1) -> Any:
        """Do."""
        return old.a + b

    assert fn.invoke({"old": {"a": 1}}) == 2
    assert set(fn.args) == {"old", "b"}


def test_a_tool_that_is_changed_is_described_anew() -> None:
    made = tool("show", args_schema=Given, description="First.")(show)
    assert made.tool_call_schema.model_json_schema()["description"] == "First."  # type: ignore[union-attr]
    made.description, made.args_schema = "Second.", JSON
    assert made.tool_call_schema == {**JSON, "description": "Second."}
    assert made.invoke({"a": "x"}) == {"a": "x"}
    copied = made.model_copy(update={"args_schema": Given})
    assert copied.invoke({"a": "1"}) == {"a": 1, "b": []}
    assert made.invoke({"a": "1"}) == {"a": "1"}


# ---- injected


def test_injected_arguments_are_filled_in_by_the_program_and_shown_to_nobody() -> None:
    @tool
    def fn(
        a: int,
        state: Annotated[dict[str, Any], InjectedToolArg],
        call: Annotated[str, InjectedToolCallId],
        n: Annotated[int, InjectedToolArg()] = 3,
    ) -> Any:
        """Do."""
        return [a, state, call, n]

    assert list(fn.args) == ["a"]
    assert fn.is_single_input
    assert set(fn.get_input_schema().model_json_schema()["properties"]) == {"a", "state", "call", "n"}
    call = {
        "type": "tool_call",
        "name": "fn",
        "id": "7",
        "args": {"a": 1, "state": {"k": 1}, "call": "forged"},
    }
    assert fn.invoke(call).content == '[1, {"k": 1}, "7", 3]'
    with pytest.raises(ValueError, match="'fn' asks for the id of the call"):
        fn.invoke({"a": 1, "state": {}})


@pytest.mark.parametrize("schema", [Point, JSON])
def test_injected_arguments_may_stand_in_the_function_alone(schema: Any) -> None:
    def fn(
        state: Annotated[Any, InjectedToolArg], call: Annotated[str, InjectedToolCallId], **more: Any
    ) -> Any:
        return [state, call, more]

    made = StructuredTool.from_function(fn, description="d", args_schema=schema)
    key = next(iter(made.args))
    answer = made.invoke({"type": "tool_call", "name": "fn", "id": "7", "args": {key: 1, "state": 2}})
    assert answer.content == f'[2, "7", {{"{key}": 1}}]'


def test_a_given_schema_may_mark_what_is_injected() -> None:
    class Marked(BaseModel):
        """Marked."""

        a: int
        state: Annotated[str, InjectedToolArg] = "none"
        call: Annotated[str, InjectedToolCallId]

    made = tool("show", args_schema=Marked)(show)
    assert list(made.args) == ["a"]
    answer = made.invoke({"type": "tool_call", "name": "show", "id": "7", "args": {"a": 1}})
    assert answer.content == '{"a": 1, "state": "none", "call": "7"}'


def test_the_types_of_fields_are_known_by_their_names() -> None:
    class Mine(BaseTool):
        name: str = "mine"
        description: str = "d"
        limit: int = 3

        def _run(self) -> None: ...

    assert get_all_basemodel_annotations(Mine)["limit"] is int
    assert set(get_all_basemodel_annotations(Given)) == {"a", "b"}


@pytest.mark.parametrize("properties", [None, [1], "a"])
def test_a_given_schema_is_shown_as_it_is_however_odd(properties: Any) -> None:
    def fn(a: int, b: Annotated[int, InjectedToolArg] = 0) -> int:
        return a + b

    odd = {"type": "object", "properties": properties}
    made = StructuredTool(name="fn", description="d", func=fn, args_schema=odd)
    assert convert_to_openai_function(made) == {"name": "fn", "description": "d", "parameters": odd}


def test_what_a_function_marks_is_not_shown_whatever_a_given_schema_says() -> None:
    class Both(BaseModel):
        """Both."""

        x: int
        state: dict[str, int] = {}

    by_hand = {**JSON, "properties": {"x": {"type": "integer"}, "state": {}}, "required": ["x", "state"]}
    for schema in (Both, by_hand):
        made = tool(args_schema=schema)(only_x)  # type: ignore[arg-type]
        assert list(made.args) == ["x"]
        told = convert_to_openai_function(made)["parameters"]
        assert (list(told["properties"]), told["required"]) == (["x"], ["x"])
        assert made.invoke({"x": 1, "state": {"k": 2}}) == (1, {"k": 2})


def only_x(x: int, state: Annotated[Any, InjectedToolArg]) -> Any:
    return x, state


def test_a_mark_counts_inside_a_union_and_in_models_of_pydantic_1() -> None:
    class Marked(pydantic.v1.BaseModel):
        """Old."""

        a: int
        state: Annotated[str, InjectedToolArg] = "s"

    assert list(tool("show", args_schema=Marked)(show).args) == ["a"]  # type: ignore[arg-type]

    @tool
    def fn(a: int, state: Annotated[str, InjectedToolArg] | None = None) -> Any:
        """Do."""
        return a, state

    assert list(fn.args) == ["a"]
    assert fn.invoke({"a": 1, "state": "x"}) == (1, "x")


def test_a_tool_that_counts_is_not_described_anew_each_time() -> None:
    class Counting(BaseTool):
        name: str = "counting"
        description: str = "d"
        count: int = 0

        def _run(self, a: int) -> int:
            self.count += a
            return self.count

    counting = Counting()
    told = counting.tool_call_schema
    assert (counting.invoke({"a": 1}), counting.invoke({"a": 2})) == (1, 3)
    assert counting.tool_call_schema is told
