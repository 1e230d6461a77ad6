"""Tools in every way to write them."""

import asyncio
from collections.abc import Callable
from typing import Any

from langchain_core.messages import ToolCall, ToolMessage
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import (
    BaseTool,
    BaseToolkit,
    StructuredTool,
    ToolException,
    create_schema_from_function,
    tool,
)
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator


def tried(label, make):
    """What `make` gives, or that it raises."""
    try:
        print(label, "->", repr(make()))
    except Exception:
        print(label, "-> raises")


class Search(BaseTool):
    name: str = "search"
    description: str = "Searches"
    api: Any = None
    limit: int = Field(default=3, ge=1)
    model_config = ConfigDict(arbitrary_types_allowed=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def check(cls, values):
        values.setdefault("api", "default")
        return values

    def _run(self, query: str, *, exact: bool = False) -> str:
        return f"{query} {exact} {self.api} {self.limit}"


s = Search(limit=5)
print(s.invoke("q"), s.invoke({"query": "z", "exact": True}), s.args, asyncio.run(s.ainvoke({"query": "z"})))
tried("lim", lambda: Search(limit=0))
tried("ext", lambda: Search(foo=1))


class Cfg(BaseTool):
    name: str = "cfg"
    description: str = "d"

    def _run(self, x: int, config: RunnableConfig) -> str:
        return f"{x} {config.get('tags')} {config['metadata']}"


print(Cfg().invoke({"x": 1}, {"tags": ["t"], "metadata": {"a": 1}}))


class Raise(BaseTool):
    name: str = "r"
    description: str = "d"

    def _run(self, x: str):
        raise ToolException("bad " + x)

    handle_tool_error: bool | str | Callable | None = True


print(
    Raise().invoke("q"),
    Raise(handle_tool_error="H").invoke("q"),
    Raise().invoke(ToolCall(name="r", args={"x": "z"}, id="1", type="tool_call")).status,
)


class TK(BaseToolkit):
    n: int = 1

    def get_tools(self):
        return [Search(limit=self.n)]


print([t.name for t in TK(n=2).get_tools()])


class P1(BaseModel):
    ids: list[int]
    opts: dict[str, Any] = {}

    @field_validator("ids")
    @classmethod
    def nz(cls, v):
        if not v:
            raise ValueError("empty")
        return v


@tool(args_schema=P1)
def lst(ids, opts):
    """List."""
    return sum(ids)


print(lst.invoke({"ids": ["1", 2]}), lst.args)
tried("empty", lambda: lst.invoke({"ids": []}))


@tool
def nested(p: P1, many: list[P1] | None = None) -> str:
    """Nested."""
    if many is None:
        many = []
    return f"{type(p).__name__} {p.ids} {[type(m).__name__ for m in many]}"


print(nested.invoke({"p": {"ids": [1]}, "many": [{"ids": [2]}]}), nested.args)
js = {
    "type": "object",
    "properties": {"q": {"type": "string"}},
    "required": ["q"],
    "title": "T",
    "description": "D",
}


@tool(args_schema=js)
def jt(q):
    """JS."""
    return q * 2


print(jt.invoke({"q": "a"}), jt.args, jt.tool_call_schema, jt.args_schema)
st = StructuredTool(name="s", description="d", args_schema=js, func=lambda q: q)
print(st.invoke({"q": "x"}))


@tool
def kw(a: int, **kwargs: Any) -> str:
    """Kw."""
    return f"{a} {kwargs}"


print(kw.invoke({"a": 1}))


@tool
def noargs() -> str:
    """No args."""
    return "none"


print(
    noargs.invoke({}),
    noargs.args,
    noargs.run({}),
    noargs.invoke({"name": "noargs", "args": {}, "id": "1", "type": "tool_call"}),
)
print(noargs.run({}, tool_call_id="77"))


class C:
    def method(self, x: int) -> int:
        """Method."""
        return x + 1


print(
    StructuredTool.from_function(C().method).invoke({"x": 1}), StructuredTool.from_function(C().method).name
)
t = Search(limit=5)
t2 = t.model_copy(update={"name": "other"})
print(t2.name, t2.invoke("k"), t == Search(limit=5), t.tags)


class WithArtifact(BaseTool):
    name: str = "wa"
    description: str = "d"
    response_format: str = "content_and_artifact"

    def _run(self, x: int):
        return "c", {"x": x}


print(
    WithArtifact().invoke({"x": 1}),
    WithArtifact().invoke({"name": "wa", "args": {"x": 1}, "id": "1", "type": "tool_call"}),
)
tried(
    "badart",
    lambda: tool(response_format="content_and_artifact")(noargs.func).invoke(
        {"name": "noargs", "args": {}, "id": "1", "type": "tool_call"}
    ),
)
tried("badinput", lambda: s.invoke(3))
tried("noname", lambda: type("Z", (BaseTool,), {"_run": lambda self: 1})())


class Bad(BaseTool):
    name: str = "b"
    description: str = "d"
    args_schema: type[BaseModel] = P1

    def _run(self, ids, opts):
        return repr((ids, opts))


print(Bad().invoke({"ids": [1]}), Bad().invoke({"ids": [1], "opts": {"a": 1}, "unknown": 2}))


@tool
def dflt(x: int = 5, y: str | None = None) -> str:
    """D."""
    return f"{x}{y}"


print(dflt.invoke({}), dflt.args, dflt.invoke({"y": "q"}), dflt.func(x=1), dflt.coroutine)
print(create_schema_from_function("N", dflt.func).model_json_schema())


@tool
async def at(x: int) -> int:
    """A."""
    return x


print(asyncio.run(at.ainvoke({"x": 1})), asyncio.run(at.arun({"x": 2})), at.func, at.coroutine is not None)


@tool(description="explicit", return_direct=True, extras={"cache": 1})
def ex(x: int) -> int:
    return x


print(ex.description, ex.extras)


@tool("renamed", description="desc")
def ex2(x: int) -> int:
    """doc"""
    return x


print(ex2.name, ex2.description)


@tool
def tmsg(x: int):
    """T."""
    return ToolMessage("hi", tool_call_id="z")


print(tmsg.invoke({"x": 1}), tmsg.invoke({"name": "tmsg", "args": {"x": 1}, "id": "c", "type": "tool_call"}))
