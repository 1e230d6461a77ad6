"""Steps one after another."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar

from riverrun._engine.config import NOTHING, RunnableConfig
from riverrun._engine.knot import knot
from riverrun._engine.lanes import call, flow
from riverrun._engine.run import Run
from riverrun._engine.runnable import Input, Output, Runnable
from riverrun._engine.schema import Schema
from riverrun._pure.shown import bounded, chain_repr


class RunnableSequence(Runnable[Input, Output]):
    """Steps one after another: what one puts out goes into the next. Sequences inside are laid flat.

    It streams as far as its steps do: each hands on its chunks as they come, and one that needs its whole input waits.
    Keyword arguments of a run go to the first step.

    Raises:
        NotAStepError: one of the steps can't be one.
        ValueError: there are fewer than two.
    """

    transforms: ClassVar[bool] = True
    _wiring: ClassVar[str] = "line"

    steps: list[Runnable[Any, Any]]

    def __init__(
        self,
        *steps: Any,
        name: str | None = None,
        first: Any = None,
        middle: Sequence[Any] | None = None,
        last: Any = None,
    ) -> None:
        given = steps or (
            *([first] if first is not None else []),
            *(middle or []),
            *([last] if last is not None else []),
        )
        flat: list[Runnable[Any, Any]] = []
        for thing in given:
            step = knot.coerce(thing, f"step {len(flat) + 1}")
            flat.extend(step.steps if isinstance(step, RunnableSequence) else [step])
        if len(flat) < 2:
            raise ValueError(f"a RunnableSequence has at least 2 steps, and was given {len(flat)}")
        self.steps = flat
        self.name = name
        self._tagged = tuple((step, f"seq:step:{i}") for i, step in enumerate(flat, 1))

    @property
    def first(self) -> Runnable[Any, Any]:
        return self.steps[0]

    @property
    def middle(self) -> list[Runnable[Any, Any]]:
        return self.steps[1:-1]

    @property
    def last(self) -> Runnable[Any, Any]:
        return self.steps[-1]

    async def _call_kernel(self, x: Any, run: Run) -> Any:
        kwargs = run.kwargs
        step = tag = None
        try:
            for step, tag in self._tagged:
                x = await call(step, x, run, tag, kwargs)
                kwargs = NOTHING
        except BaseException as error:
            run.locate(error, tag, step)
            raise
        return x

    def _flow_kernel(
        self, xs: Any, run: Run
    ) -> Any:  # no frame of its own: a sequence costs nothing per chunk
        kwargs = run.kwargs
        for step, tag in self._tagged:
            xs = flow(step, xs, run, tag, kwargs)
            kwargs = NOTHING
        return xs

    @property
    def InputType(self) -> Any:
        return self.first.InputType

    @property
    def OutputType(self) -> Any:
        return self.last.OutputType

    def get_input_schema(self, config: RunnableConfig | None = None) -> Schema:
        asked = partial(self.last.get_input_schema, config)
        for step in self.steps[-2::-1]:
            asked = partial(step._takes_before, asked, self.get_name("Input"), config)
        return asked()

    def get_output_schema(self, config: RunnableConfig | None = None) -> Schema:
        given = partial(self.first.get_output_schema, config)
        for step in self.steps[1:]:
            given = partial(step._gives_after, given, self.get_name("Output"), config)
        return given()

    @bounded
    def __repr__(self) -> str:
        return chain_repr(self.steps)

    def _parts(self) -> dict[str, Runnable[Any, Any]]:
        return {f"step {i}": step for i, step in enumerate(self.steps, 1)}

    def __eq__(self, other: object) -> bool:
        if isinstance(other, RunnableSequence):
            return (self.steps, self.name) == (other.steps, other.name)
        return NotImplemented

    __hash__ = Runnable.__hash__


def bar(left: Any, right: Any) -> RunnableSequence[Any, Any]:
    """What `left | right` makes. When a sequence is what the other is added to, its name passes on to the whole."""
    grown, added = (left, right) if isinstance(left, Runnable) else (right, left)
    names = [step.name for step in (grown, added) if isinstance(step, RunnableSequence) and step.name]
    return RunnableSequence(
        left, right, name=names[0] if names and isinstance(grown, RunnableSequence) else None
    )
