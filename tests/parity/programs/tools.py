"""Tools: made of functions and classes, called with arguments and with tool calls."""

import asyncio
from typing import Annotated, Literal

from langchain_core.messages import ToolCall
from langchain_core.runnables import RunnableConfig, RunnableLambda
from langchain_core.tools import (
    BaseTool,
    InjectedToolArg,
    InjectedToolCallId,
    StructuredTool,
    Tool,
    ToolException,
    render_text_description,
    render_text_description_and_args,
    tool,
)
from langchain_core.utils.function_calling import convert_to_openai_function, convert_to_openai_tool
from pydantic import BaseModel, Field


@tool
def multiply(a: int, b: int = 2) -> int:
    """Multiply two numbers."""
    return a * b


@tool("renamed", return_direct=True)
async def asynchronous(query: str) -> str:
    """Look something up."""
    return f"found {query}"


@tool(parse_docstring=True)
def documented(city: str, unit: Literal["C", "F"] = "C") -> str:
    """The weather of a city.

    Args:
        city: Where.
        unit: In which unit.
    """
    return f"{city} {unit}"


@tool
def injected(
    x: int, secret: Annotated[str, InjectedToolArg], call_id: Annotated[str, InjectedToolCallId]
) -> str:
    """Has what the model doesn't see."""
    return f"{x} {secret} {call_id}"


@tool(response_format="content_and_artifact")
def both(x: int) -> tuple[str, list[int]]:
    """Gives content and an artifact."""
    return "content", [x]


@tool
def configured(x: int, config: RunnableConfig) -> str:
    """Reads the config."""
    return f"{x} {config['tags']}"


class Arguments(BaseModel):
    """What search takes."""

    query: str = Field(description="what to look for")
    limit: int | None = None


class Search(BaseTool):
    name: str = "search"
    description: str = "Search the web."
    args_schema: type[BaseModel] = Arguments

    def _run(self, query: str, limit: int | None = None) -> str:
        return f"{query} {limit}"


for made in (multiply, asynchronous, documented, injected, both, configured, Search()):
    print(made.name, "|", made.description, "|", made.args, made.return_direct)
    print(convert_to_openai_tool(made))
print(multiply.invoke({"a": 3}), multiply.invoke({"a": "3", "b": 4}))
print(multiply.invoke(ToolCall(name="multiply", args={"a": 2, "b": 5}, id="c1", type="tool_call")))
print(documented.invoke({"city": "Oslo"}))
print(injected.invoke({"type": "tool_call", "name": "injected", "args": {"x": 1, "secret": "s"}, "id": "c2"}))
print(both.invoke({"x": 1}))
print(both.invoke({"type": "tool_call", "name": "both", "args": {"x": 1}, "id": "c3"}))
print(configured.invoke({"x": 1}, {"tags": ["t"]}))
print(Search().invoke({"query": "q"}), Search().invoke("q"))
print(asyncio.run(asynchronous.ainvoke({"query": "q"})), asyncio.run(multiply.ainvoke({"a": 3})))
try:
    multiply.invoke({"b": 1})
except ValueError as error:
    print(type(error).__name__)


@tool
def fails(x: int) -> str:
    """Fails."""
    raise ToolException("not today")


try:
    fails.invoke({"x": 1})
except ToolException as error:
    print(error)
fails.handle_tool_error = True
print(fails.invoke({"x": 1}))
print(fails.invoke({"type": "tool_call", "name": "fails", "args": {"x": 1}, "id": "c4"}))
fails.handle_tool_error = lambda error: f"handled {error}"
print(fails.invoke({"x": 1}))
multiply.handle_validation_error = True
print(multiply.invoke({}))

structured = StructuredTool.from_function(func=multiply.func, name="times")
print(structured.name, structured.description, structured.invoke({"a": 1, "b": 1}))
single = Tool(name="upper", func=str.upper, description="Shout.")
print(single.invoke("a"), single.run("b"), single.args)
print(render_text_description([multiply, single]))
print(render_text_description_and_args([multiply]))
as_tool = RunnableLambda(lambda x: x["a"] + 1).as_tool(
    name="plus", description="Add one.", arg_types={"a": int}
)
print(as_tool.invoke({"a": 1}), as_tool.args)
print(convert_to_openai_function(Arguments))
print(
    convert_to_openai_tool(
        {"title": "f", "description": "d", "type": "object", "properties": {"a": {"type": "integer"}}}
    )
)
print(convert_to_openai_tool(Arguments, strict=True))
print(repr(multiply.tool_call_schema.model_json_schema()))
