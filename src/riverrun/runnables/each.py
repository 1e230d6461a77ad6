"""One step on every element of a list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from riverrun._engine.config import RunnableConfig
from riverrun._engine.knot import knot
from riverrun._engine.lanes import look_through
from riverrun._engine.run import Run
from riverrun._engine.runnable import Input, Runnable
from riverrun._engine.schema import Schema, schema_of
from riverrun._engine.weave import Job, gather
from riverrun._pure.habit import Habit


class RunnableEach(Runnable[Sequence[Input], list[Any]]):
    """Runs `bound` on every element of a list, at once as far as `max_concurrency` allows; puts out the list of outputs."""

    _wiring: ClassVar[str] = "each"

    def __init__(self, bound: Any, *, name: str | None = None) -> None:
        self.bound: Runnable[Any, Any] = knot.coerce(bound)
        self.name = name

    def get_name(self, suffix: str | None = None, *, name: str | None = None) -> str:
        return super().get_name(suffix, name=name or self.name or f"RunnableEach<{self.bound.get_name()}>")

    async def _call_kernel(self, x: Any, run: Run) -> Any:
        step, kwargs, scope = look_through(self.bound, run, run.kwargs, None)
        jobs: list[Job] = [(step, item, None, kwargs, run, scope) for item in x]
        return await gather(jobs, run, (scope or run.scope).max_concurrency)

    def bind(self, **kwargs: Any) -> RunnableEach[Any]:
        return RunnableEach(self.bound.bind(**kwargs), name=self.name)

    def with_config(self, config: Any = None, **kwargs: Any) -> RunnableEach[Any]:
        return RunnableEach(self.bound.with_config(config, **kwargs), name=self.name)

    @property
    def InputType(self) -> Any:
        element = self.bound.InputType
        return list[element]  # type: ignore[valid-type]  # made at run time

    @property
    def OutputType(self) -> Any:
        element = self.bound.OutputType
        return list[element]  # type: ignore[valid-type]

    def get_input_schema(self, config: RunnableConfig | None = None) -> Schema:
        element = self.bound.get_input_schema(config)
        return schema_of(list[element], self.get_name("Input"), None)  # type: ignore[valid-type]

    def get_output_schema(self, config: RunnableConfig | None = None) -> Schema:
        element = self.bound.get_output_schema(config)
        return schema_of(list[element], self.get_name("Output"))  # type: ignore[valid-type]

    def _habit(self, kwargs: Mapping[str, Any]) -> Habit:
        return Habit(False, False, "needs the whole list, and puts out the whole list")

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        return [("bound", self.bound)]

    def _parts(self) -> dict[str, Runnable[Any, Any]]:
        return {"": self.bound}

    def __eq__(self, other: object) -> bool:
        return self.bound == other.bound if isinstance(other, RunnableEach) else NotImplemented

    __hash__ = Runnable.__hash__
