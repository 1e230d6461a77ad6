"""One step on every element of a list."""

from collections.abc import Sequence
from typing import Any

from riverrun._engine.knot import knot
from riverrun._engine.run import Run
from riverrun._engine.runnable import Input, Runnable
from riverrun._engine.weave import Job, gather


class RunnableEach(Runnable[Sequence[Input], list[Any]]):
    """Runs `bound` on every element of a list, at once as far as `max_concurrency` allows; puts out the list of outputs."""

    def __init__(self, bound: Any, *, name: str | None = None) -> None:
        self.bound: Runnable[Any, Any] = knot.coerce(bound)
        self.name = name

    def get_name(self, suffix: str | None = None, *, name: str | None = None) -> str:
        return super().get_name(suffix, name=name or self.name or f"RunnableEach<{self.bound.get_name()}>")

    async def _call_kernel(self, x: Any, run: Run) -> Any:
        jobs: list[Job] = [(self.bound, item, None, run.kwargs, run) for item in x]
        return await gather(jobs, run, run.scope.max_concurrency)

    def bind(self, **kwargs: Any) -> "RunnableEach[Any]":
        return RunnableEach(self.bound.bind(**kwargs), name=self.name)

    def with_config(self, config: Any = None, **kwargs: Any) -> "RunnableEach[Any]":
        return RunnableEach(self.bound.with_config(config, **kwargs), name=self.name)

    def __eq__(self, other: object) -> bool:
        return self.bound == other.bound if isinstance(other, RunnableEach) else NotImplemented

    __hash__ = Runnable.__hash__
