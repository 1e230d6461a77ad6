"""Tools as steps: users' classes, both colours, what they are told of their run, and where they stand in it."""

import asyncio
import contextvars
import copy
import threading
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel

from riverrun.callbacks.manager import AsyncCallbackManagerForToolRun, CallbackManagerForToolRun
from riverrun.runnables import ConfigurableField, RunnableConfig, RunnableLambda
from riverrun.testing import Collector
from riverrun.tools import BaseTool, BaseToolkit, SchemaAnnotationError, StructuredTool, Tool, tool


class Query(BaseModel):
    """A query."""

    query: str


class Search(BaseTool):
    name: str = "search"
    description: str = "Searches."
    args_schema: type[BaseModel] = Query
    prefix: str = ">"

    def _run(self, query: str, run_manager: CallbackManagerForToolRun | None = None) -> str:
        return f"{self.prefix}{query} {type(run_manager).__name__} {threading.current_thread() is threading.main_thread()}"


class SearchToo(Search):
    async def _arun(self, query: str, run_manager: AsyncCallbackManagerForToolRun | None = None) -> str:
        return f"async {query} {type(run_manager).__name__}"


class AsyncSearch(BaseTool):
    name: str = "asearch"
    description: str = "Searches."

    async def _arun(self, query: str, config: RunnableConfig) -> str:
        await asyncio.sleep(0)
        return f"{query} {config['tags']}"


def test_a_class_with_one_hook_serves_both_colours() -> None:
    assert Search().invoke({"query": "q"}) == ">q CallbackManagerForToolRun True"
    assert asyncio.run(Search(prefix="").ainvoke({"query": "q"})) == "q CallbackManagerForToolRun False"
    assert SearchToo().invoke("q") == ">q CallbackManagerForToolRun True"
    assert asyncio.run(SearchToo().ainvoke("q")) == "async q AsyncCallbackManagerForToolRun"
    assert AsyncSearch().invoke("q", {"tags": ["t"]}) == "q ['t']"
    assert asyncio.run(AsyncSearch().ainvoke({"query": "q"}, {"tags": ["t"]})) == "q ['t']"


def test_the_default_of_the_async_hook_runs_the_sync_one_in_a_thread() -> None:
    assert asyncio.run(Search()._arun(query="q")) == ">q NoneType False"


def test_a_tool_can_be_configured_like_other_steps() -> None:
    step = Search().configurable_fields(prefix=ConfigurableField(id="prefix"))
    assert step.invoke("q", {"configurable": {"prefix": "#"}}).startswith("#q")
    assert step.invoke("q").startswith(">q")


def test_a_class_without_a_hook_is_abstract() -> None:
    class Nothing(BaseTool):
        name: str = "nothing"
        description: str = "d"

    with pytest.raises(TypeError, match="_run"):
        Nothing()  # type: ignore[abstract]


def test_a_schema_annotated_as_an_instance_is_refused_when_the_class_is_made() -> None:
    with pytest.raises(SchemaAnnotationError, match=r"Wrong.*type\[BaseModel\]"):

        class Wrong(BaseTool):
            name: str = "wrong"
            description: str = "d"
            args_schema: BaseModel = Query

            def _run(self) -> None: ...


def test_a_class_without_a_schema_is_described_by_its_hook_and_checks_nothing() -> None:
    class Plain(BaseTool):
        name: str = "plain"
        description: str = "d"

        def _run(
            self, a: int, config: RunnableConfig, b: str = "q", *more: int, run_manager: Any = None
        ) -> Any:
            return a, b, config["metadata"], run_manager is not None

    plain = Plain()
    assert plain.args == {
        "a": {"title": "A", "type": "integer"},
        "b": {"default": "q", "title": "B", "type": "string"},
    }
    assert plain.invoke({"a": "1"}, {"metadata": {"m": 1}}) == ("1", "q", {"m": 1}, True)
    with pytest.raises(TypeError, match="unexpected keyword"):
        plain.invoke({"a": 1, "c": 2})


def test_a_subclass_of_a_function_tool_may_go_round_the_function() -> None:
    class Loud(StructuredTool):
        def _run(self, *args: Any, config: RunnableConfig, run_manager: Any = None, **kwargs: Any) -> Any:
            return super()._run(*args, config=config, run_manager=run_manager, **kwargs) + "!"

    def fn(a: int, run_manager: Any, config: RunnableConfig) -> str:
        """Do."""
        return f"{a} {run_manager is not None} {config['tags']}"

    assert Loud.from_function(fn).invoke({"a": 1}, {"tags": ["t"]}) == "1 True ['t']!"
    assert asyncio.run(Loud.from_function(fn).ainvoke({"a": 1})) == "1 True []!"


def test_the_function_of_each_colour_is_called_in_its_colour() -> None:
    async def afn(a: int) -> str:
        return f"async {a}"

    both = StructuredTool.from_function(
        lambda a: f"sync {a}", afn, name="both", description="d", args_schema=Number
    )
    assert both.invoke({"a": 1}) == "sync 1"
    assert asyncio.run(both.ainvoke({"a": 1})) == "async 1"
    simple = Tool("simple", None, "d", coroutine=lambda x: afn(x))
    assert simple.invoke("1") == asyncio.run(simple.ainvoke("1")) == "async 1"


class Number(BaseModel):
    a: int


def test_a_tool_may_run_with_the_parts_of_its_config_apart() -> None:
    @tool
    def fn(a: int, config: RunnableConfig) -> Any:
        """Do."""
        return [a, config["tags"], config["metadata"]]

    said: dict[str, Any] = {"tags": ["t"], "metadata": {"m": 1}, "run_name": "r"}
    assert fn.run({"a": 1}, **said) == [1, ["t"], {"m": 1}]
    assert asyncio.run(fn.arun({"a": 1}, **said)) == [1, ["t"], {"m": 1}]
    assert fn.run({"a": 1}, tool_call_id="7").tool_call_id == "7"


# ---- its run


def test_g14_a_tool_is_a_run_of_its_own_with_name_tags_and_metadata() -> None:
    inner = RunnableLambda(lambda x: x + 1, name="inner")

    @tool
    def fn(a: int) -> int:
        """Do."""
        return inner.invoke(a)

    @tool
    async def afn(a: int) -> int:
        """Do."""
        return await inner.ainvoke(a)

    for step in (fn, afn):
        for invoke in (step.invoke, lambda x, c, step=step: asyncio.run(step.ainvoke(x, c))):
            collector = Collector()
            assert invoke({"a": 1}, {"callbacks": [collector]}) == 2
            collector.check()
            assert [(note.kind, note.path) for note in collector.notes] == [
                ("start", (step.name,)),
                ("start", (step.name, "inner")),
                ("end", (step.name, "inner")),
                ("end", (step.name,)),
            ]


def test_the_tags_and_metadata_of_a_tool_are_those_of_its_runs() -> None:
    seen: list[Any] = []

    class Listener:
        def port(self, run: Any) -> None:
            seen.append((run.step.kind, run.name, run.tags(), run.metadata()))

    made = StructuredTool.from_function(
        lambda a: a, name="fn", description="d", args_schema=Number, tags=["own"], metadata={"m": 1}
    )
    made.invoke({"a": 1}, {"callbacks": [Listener()], "tags": ["said"], "run_name": "named"})
    assert seen == [("tool", "named", ["said", "own"], {"m": 1})]


def test_g08_context_variables_are_seen_in_a_tool_and_nothing_leaks_out() -> None:
    variable = contextvars.ContextVar("variable", default="unset")

    @tool
    def fn(a: int) -> str:
        """Do."""
        seen = variable.get()
        variable.set("changed")
        return seen

    @tool
    async def afn(a: int) -> str:
        """Do."""
        return variable.get()

    variable.set("here")
    assert fn.invoke({"a": 1}) == afn.invoke({"a": 1}) == variable.get() == "here"

    async def main() -> None:
        assert await fn.ainvoke({"a": 1}) == await afn.ainvoke({"a": 1}) == variable.get() == "here"

    asyncio.run(main())


def test_g22_a_sync_tool_does_not_block_the_loop() -> None:
    released = threading.Event()
    waiting = tool("wait", description="d")(lambda: released.wait(5))

    async def main() -> bool:
        task = asyncio.create_task(waiting.ainvoke({}))
        await asyncio.sleep(0.01)
        released.set()
        return await task

    assert asyncio.run(main())


def test_a_tool_is_a_step_like_others() -> None:
    double = tool("double", description="d")(lambda a: a * 2)
    chain = double | str | {"said": lambda x: x}
    assert chain.invoke({"a": 2}) == {"said": "4"}
    assert double.batch([{"a": 1}, {"a": 2}]) == [2, 4]
    assert list(double.stream({"a": 1})) == [2]
    assert double.bind(tags=1).invoke({"a": 1}) == 2
    assert double.with_retry().invoke({"a": 1}) == 2
    assert "in one piece" in str(double.streaming_report())


def test_a_copy_of_a_tool_runs_its_own_code() -> None:
    first = Search()
    first.invoke("q")
    for second in (first.model_copy(update={"prefix": "2"}), copy.copy(first), copy.deepcopy(first)):
        second.prefix = "2"
        assert second.invoke("q").startswith("2q")
    assert first.invoke("q").startswith(">q")


def test_a_tool_shows_what_it_is() -> None:
    assert repr(Search()) == "Search()"
    made = tool("fn", description="d", args_schema=Number)(show_nothing)
    assert repr(made).startswith("StructuredTool(name='fn', description='d', args_schema=<class '")
    assert made.model_dump()["args_schema"] is Number
    assert '"args_schema":{"properties":{"a":{"title":"A","type":"integer"}}' in made.model_dump_json()


def show_nothing(a: int) -> None: ...


def test_a_toolkit_has_tools() -> None:
    class Kit(BaseToolkit):
        prefix: str

        def get_tools(self) -> list[BaseTool]:
            return [Search(prefix=self.prefix)]

    assert Kit(prefix="k").get_tools()[0].invoke("q").startswith("kq")
    with pytest.raises(TypeError, match="get_tools"):
        BaseToolkit()  # type: ignore[abstract]


@pytest.mark.parametrize("given", [None, 5, ["a"]])
def test_arguments_that_are_none_are_refused(given: Any) -> None:
    plain: Callable[[Any], Any] = AsyncSearch().invoke
    with pytest.raises(TypeError, match="'asearch' takes a dict of arguments"):
        plain(given)


def test_a_simple_tool_takes_one_argument() -> None:
    upper = Tool("upper", str.upper, "Shouts.")
    assert upper.invoke("x") == upper.invoke({"anything": "x"}) == "X"
    for many in ({"a": "x", "b": "y"}, {}):
        with pytest.raises(Exception, match="'upper' takes one argument"):
            upper.invoke(many)
    given = Tool("n", lambda a: a, "d", args_schema=Number)
    assert given.invoke("1") == given.invoke({"a": "1"}) == 1
