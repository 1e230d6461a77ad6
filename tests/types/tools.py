"""What type checkers know of tools. Checked by mypy --strict and pyright strict, and never run."""

from typing import Annotated, Any, assert_type

from pydantic import BaseModel

from riverrun.messages import ToolCall
from riverrun.runnables import Runnable, RunnableConfig, RunnableLambda
from riverrun.tools import BaseTool, InjectedToolArg, StructuredTool, Tool, tool


class Query(BaseModel):
    query: str


@tool
def bare(a: int) -> str:
    """Do."""
    return str(a)


@tool("named", args_schema=Query, return_direct=True)
async def named(query: str, user: Annotated[str, InjectedToolArg]) -> str:
    """Do."""
    return query


class Search(BaseTool):
    name: str = "search"
    description: str = "Searches."
    args_schema: type[BaseModel] = Query

    def _run(self, query: str, config: RunnableConfig) -> str:
        return query


assert_type(bare, BaseTool)
assert_type(named, BaseTool)
assert_type(tool("of a step", RunnableLambda(str)), BaseTool)
assert_type(StructuredTool.from_function(str), StructuredTool)
assert_type(Tool.from_function(str, "n", "d"), Tool)
assert_type(Search().args, dict[str, Any])
assert_type(bare.invoke({"a": 1}), Any)
assert_type(bare | RunnableLambda(len), Runnable[str | dict[str, Any] | ToolCall, int])
