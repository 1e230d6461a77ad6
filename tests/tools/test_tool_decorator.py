"""`@tool` in all its forms, and what it refuses."""

import asyncio
import functools
from typing import Any

import pytest
from pydantic import BaseModel

from riverrun.exceptions import ConfigError
from riverrun.prompts import ChatPromptTemplate
from riverrun.runnables import RunnableLambda
from riverrun.tools import BaseTool, StructuredTool, Tool, tool


def add(a: int, b: int = 2) -> int:
    """Add two numbers."""
    return a + b


async def aadd(a: int, b: int = 2) -> int:
    """Add two numbers."""
    return a + b


class Sum(BaseModel):
    """What is to be added."""

    a: int
    b: int = 5


@pytest.mark.parametrize(
    ("made", "name", "description"),
    [
        (tool(add), "add", "Add two numbers."),
        (tool()(add), "add", "Add two numbers."),
        (tool("plus")(add), "plus", "Add two numbers."),
        (tool("plus", add), "plus", "Add two numbers."),
        (tool(description="Sums.")(add), "add", "Sums."),
        (tool("plus", description="Sums.")(add), "plus", "Sums."),
        (tool(args_schema=Sum)(add), "add", "Add two numbers."),
        (tool("plus", args_schema=Sum, description="Sums.")(lambda a, b: a + b), "plus", "Sums."),
        (tool("plus", args_schema=Sum)(lambda a, b: a + b), "plus", "What is to be added."),
        (tool("plus", description="Sums.")(functools.partial(add, b=1)), "plus", "Sums."),
    ],
)
def test_a_tool_is_named_and_described_in_every_form(made: BaseTool, name: str, description: str) -> None:
    assert (made.name, made.description) == (name, description)
    assert made.invoke({"a": 1, "b": 3}) == 4
    assert asyncio.run(made.ainvoke({"a": 1, "b": 3})) == 4


def test_the_settings_of_the_decorator_are_those_of_the_tool() -> None:
    made = tool(return_direct=True, response_format="content_and_artifact", extras={"cache": 1})(add)
    assert isinstance(made, StructuredTool)
    assert (made.return_direct, made.response_format, made.extras) == (
        True,
        "content_and_artifact",
        {"cache": 1},
    )
    assert made.func is add
    assert made.coroutine is None


def test_an_async_function_is_the_coroutine_and_runs_in_both_colours() -> None:
    made: Any = tool(aadd)
    assert (made.func, made.coroutine) == (None, aadd)
    assert made.invoke({"a": 1}) == asyncio.run(made.ainvoke({"a": 1})) == 3


def test_a_tool_without_a_schema_takes_one_string() -> None:
    made = tool(infer_schema=False)(lambda_with_doc)
    assert isinstance(made, Tool)
    assert made.invoke("x") == "x!"
    assert made.args == {"tool_input": {"type": "string"}}


def lambda_with_doc(x: str) -> str:
    """Shout."""
    return f"{x}!"


def test_a_runnable_is_a_tool_of_what_it_takes() -> None:
    made = tool("greet", ChatPromptTemplate.from_template("Hi {who}"), description="Greets.")
    assert made.args == {"who": {"title": "Who", "type": "string"}}
    assert made.invoke({"who": "Ann"}).messages[0].content == "Hi Ann"
    assert asyncio.run(made.ainvoke({"who": "Ann"})) == made.invoke({"who": "Ann"})


class Caller:
    def __call__(self, a: int) -> int:
        """Give it back."""
        return a


def test_an_object_that_can_be_called_is_a_tool_when_it_has_a_name() -> None:
    assert tool("back")(Caller()).invoke({"a": "1"}) == 1
    with pytest.raises(ConfigError, match="no name"):
        tool(Caller())


class Methods:
    def of_instance(self, a: int) -> int:
        """Of an instance."""
        return a

    @classmethod
    def of_class(cls, a: int) -> int:
        """Of a class."""
        return a

    @staticmethod
    def of_nobody(a: int) -> int:
        """Of nobody."""
        return a


@pytest.mark.parametrize("method", [Methods().of_instance, Methods.of_class, Methods.of_nobody])
def test_a_bound_method_is_a_tool(method: Any) -> None:
    made = tool(method)
    assert made.args == {"a": {"title": "A", "type": "integer"}}
    assert made.invoke({"a": 1}) == 1


def without_doc(a: int) -> int:
    return a


@pytest.mark.parametrize(
    ("make", "kind", "said"),
    [
        (lambda: tool(without_doc), ValueError, "'without_doc' needs a description"),
        (lambda: tool(infer_schema=False)(without_doc), ValueError, "'without_doc' needs a description"),
        (lambda: tool(lambda x: x), ValueError, "needs a description"),
        (lambda: tool(5), ValueError, "not of 5"),  # type: ignore[call-overload]
        (lambda: tool("a", "b"), TypeError, "'b'"),  # type: ignore[call-overload]
        (lambda: tool(add, RunnableLambda(add)), ValueError, "the name of a tool is a string"),  # type: ignore[call-overload]
        (lambda: tool("a", RunnableLambda(add), "c"), ValueError, "'c'"),  # type: ignore[call-overload]
        (lambda: tool("a", RunnableLambda(add)), ValueError, "takes a dict"),
        (lambda: tool(args_schema=5)(without_doc), TypeError, "args_schema"),  # type: ignore[call-overload]
        (lambda: StructuredTool.from_function(), ValueError, "needs a function"),
        (lambda: Tool.from_function(None, "n", "d"), ValueError, "needs a function"),
        (lambda: StructuredTool.from_function(functools.partial(add)), ValueError, "no name"),
    ],
)
def test_what_makes_no_tool_says_why(make: Any, kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=said):
        make()
