"""Steps of which one is chosen by conditions."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import aclosing
from typing import Any, ClassVar

from riverrun._engine.config import RunnableConfig
from riverrun._engine.knot import knot
from riverrun._engine.lanes import call, flow
from riverrun._engine.run import Once, Run
from riverrun._engine.runnable import Input, Output, Runnable
from riverrun._engine.schema import Schema, says_nothing
from riverrun._pure.exceptions import NotAStepError


class RunnableBranch(Runnable[Input, Output]):
    """The first branch whose condition holds for the input, else the default.

    `RunnableBranch((condition, step), ..., default)`: conditions and steps are whatever can be a step.

    Raises:
        NotAStepError: a branch is no pair, or something in it can't be a step.
        ValueError: there is no branch beside the default.
    """

    _wiring: ClassVar[str] = "choice"

    def __init__(self, *branches: Any, name: str | None = None, default: Any = None) -> None:
        if len(branches) == 1 and isinstance(branches[0], list):
            branches = tuple(branches[0])
        if default is None and branches:
            *branches, default = branches  # type: ignore[assignment]
        if not branches:
            raise ValueError("a RunnableBranch has at least one (condition, step) pair and a default")
        for branch in branches:
            if not isinstance(branch, tuple | list) or len(branch) != 2:
                raise NotAStepError(f"a branch is a (condition, step) pair, not {branch!r}")
        self.branches = [
            (knot.coerce(condition, f"condition {i}"), knot.coerce(step, f"branch {i}"))
            for i, (condition, step) in enumerate(branches, 1)
        ]
        self.default: Runnable[Any, Any] = knot.coerce(default, "default")
        self.name = name

    async def _choose(self, x: Any, run: Run) -> tuple[Runnable[Any, Any], str]:
        for i, (condition, step) in enumerate(self.branches, 1):
            if await call(condition, x, run, f"condition:{i}"):
                return step, f"branch:{i}"
        return self.default, "branch:default"

    async def _call_kernel(self, x: Any, run: Run) -> Any:
        step, tag = await self._choose(x, run)
        return await call(step, x, run, tag, run.kwargs)

    async def _flow_kernel(self, xs: Any, run: Run) -> AsyncIterator[Any]:
        x = await run.take(xs)
        step, tag = await self._choose(x, run)
        async with aclosing(flow(step, Once(x), run, tag, run.kwargs)) as ys:
            async for y in ys:
                yield y

    @property
    def InputType(self) -> Any:
        """That of the first which states one, of the default, the branches and the conditions."""
        return next((step.InputType for step in self._inner_steps() if step.InputType is not Any), Any)

    @property
    def OutputType(self) -> Any:
        """That of the default, if every branch agrees."""
        agreed = all(step.OutputType == self.default.OutputType for _, step in self.branches)
        return self.default.OutputType if agreed else Any

    def get_input_schema(self, config: RunnableConfig | None = None) -> Schema:
        """That of the first which says something, likewise."""
        for step in self._inner_steps():
            if not says_nothing(schema := step.get_input_schema(config)):
                return schema
        return super().get_input_schema(config)

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        return [("branches", self.branches), ("default", self.default)]

    def _parts(self) -> dict[str, Runnable[Any, Any]]:
        chosen = {f"branch {i}": step for i, (_, step) in enumerate(self.branches, 1)}
        return {**chosen, "default": self.default}

    def _inner_steps(self) -> list[Runnable[Any, Any]]:
        steps = [step for _, step in self.branches]
        return [self.default, *steps, *(condition for condition, _ in self.branches)]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, RunnableBranch):
            return (self.branches, self.default) == (other.branches, other.default)
        return NotImplemented

    __hash__ = Runnable.__hash__
