"""Steps of which one is chosen by its name."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import aclosing
from typing import Any, ClassVar, TypedDict, get_type_hints

from riverrun._engine.config import RunnableConfig
from riverrun._engine.knot import knot
from riverrun._engine.lanes import call, flow
from riverrun._engine.run import Once, Run
from riverrun._engine.runnable import Output, Runnable
from riverrun._engine.schema import Schema, object_of


class RouterInput(TypedDict):
    """What a router takes: the name of a step, and what that step gets."""

    key: str
    input: Any


class RouterRunnable(Runnable[RouterInput, Output]):
    """The step that the input names: `{"key": name, "input": what it gets}`. It has no run of its own in the events.

    Raises:
        KeyError: there is no step of that name; or the input lacks "key" or "input".
    """

    silent: ClassVar[bool] = True
    _wiring: ClassVar[str] = "choice"

    def __init__(self, runnables: Mapping[str, Any], *, name: str | None = None) -> None:
        self.runnables: dict[str, Runnable[Any, Any]] = {
            key: knot.coerce(step, f"route {key}") for key, step in runnables.items()
        }
        self.name = name

    def _route(self, x: Any) -> tuple[Runnable[Any, Any], Any]:
        key = x["key"]
        if key not in self.runnables:
            raise NoSuchRouteError(
                f"no step is named {key!r}; there are {', '.join(map(repr, self.runnables))}"
            )
        return self.runnables[key], x["input"]

    async def _call_kernel(self, x: Any, run: Run) -> Any:
        with run.locating():
            step, inner = self._route(x)
        return await call(step, inner, run.parent, run.tag, run.kwargs, run.scope, run.stop)

    async def _flow_kernel(self, xs: Any, run: Run) -> AsyncIterator[Any]:
        x = await run.take(xs)
        with run.locating():
            step, inner = self._route(x)
        async with aclosing(
            flow(step, Once(inner), run.parent, run.tag, run.kwargs, run.scope, run.stop)
        ) as ys:
            async for y in ys:
                yield y

    def get_input_schema(self, config: RunnableConfig | None = None) -> Schema:
        return object_of(get_type_hints(RouterInput), self.get_name("Input"))

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        return [("runnables", self.runnables)]

    def _parts(self) -> dict[str, Runnable[Any, Any]]:
        return {f"route {key}": step for key, step in self.runnables.items()}

    def __eq__(self, other: object) -> bool:
        return self.runnables == other.runnables if isinstance(other, RouterRunnable) else NotImplemented

    __hash__ = Runnable.__hash__


class NoSuchRouteError(KeyError, ValueError):
    """A router was given a key that none of its steps has."""

    __str__ = Exception.__str__  # KeyError would show the repr of the sentence
