"""Steps side by side on one input."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from functools import partial
from typing import Any, ClassVar

from riverrun._backends.protocol import Stop
from riverrun._engine.config import NOTHING, RunnableConfig
from riverrun._engine.knot import knot
from riverrun._engine.lanes import Flow, flow
from riverrun._engine.run import Run
from riverrun._engine.runnable import Input, Runnable
from riverrun._engine.schema import Schema, fields_of, object_of, says_nothing, schema_of, type_of
from riverrun._engine.weave import Job, gather, merge, tee
from riverrun._pure.exceptions import NotAStepError
from riverrun._pure.shown import bounded, dict_repr
from riverrun.runnables.addable import AddableDict


class RunnableParallel(Runnable[Input, dict[str, Any]]):
    """Steps side by side on one input; puts out a dict of what each puts out.

    A stream brings the chunks of every branch as they come, each as `{branch: chunk}`; they add up to the dict. When a
    branch fails, the others are stopped and have ended before its error leaves. Written as a dict inside a chain.

    Raises:
        NotAStepError: one of the branches can't be a step.
    """

    transforms: ClassVar[bool] = True
    _wiring: ClassVar[str] = "side"

    def __init__(
        self, steps__: Mapping[str, Any] | None = None, /, *, name: Any = None, **kwargs: Any
    ) -> None:
        if not isinstance(steps__, Mapping | None):
            raise NotAStepError(
                f"RunnableParallel takes a dict of steps by name, not {type(steps__).__name__}"
            )
        given = {**(steps__ or {}), **kwargs.pop("steps__", {}), **kwargs}
        if name is not None and not isinstance(name, str):  # a branch of that name
            given["name"], name = name, None
        self.steps__: dict[str, Runnable[Any, Any]] = {
            key: knot.coerce(step, f"branch {key}") for key, step in given.items()
        }
        self.name = name
        self._tagged = tuple((key, step, f"map:key:{key}") for key, step in self.steps__.items())

    def get_name(self, suffix: str | None = None, *, name: str | None = None) -> str:
        return super().get_name(
            suffix, name=name or self.name or f"RunnableParallel<{','.join(self.steps__)}>"
        )

    async def _call_kernel(self, x: Any, run: Run) -> Any:
        jobs: list[Job] = [(step, x, tag, NOTHING, run, None) for _, step, tag in self._tagged]
        ys = await gather(jobs, run, len(jobs))
        return dict(zip(self.steps__, ys, strict=True))

    async def _flow_kernel(self, xs: Any, run: Run) -> AsyncIterator[Any]:
        if not self._tagged:
            await run.take(xs)
            yield AddableDict()
            return
        async with tee(xs, len(self._tagged), run) as copies:
            branches = {
                key: partial(_branch, step, copy, run, tag)
                for (key, step, tag), copy in zip(self._tagged, copies, strict=True)
            }
            async with aclosing(merge(branches, run)) as ys:
                async for key, y in ys:
                    yield AddableDict({key: y})

    @property
    def InputType(self) -> Any:
        """That of the first branch which states one."""
        return next((step.InputType for step in self.steps__.values() if step.InputType is not Any), Any)

    def get_input_schema(self, config: RunnableConfig | None = None) -> Schema:
        """The keys that the branches read; where one of them takes something else than a dict, its type."""
        asked = [step.get_input_schema(config) for step in self.steps__.values()]
        objects = [fields for schema in asked if (fields := fields_of(schema)) is not None]
        if not objects or any(fields_of(schema) is None and not says_nothing(schema) for schema in asked):
            return schema_of(self.InputType, self.get_name("Input"))
        return object_of(
            {key: field for fields in objects for key, field in fields.items()}, self.get_name("Input")
        )

    def get_output_schema(self, config: RunnableConfig | None = None) -> Schema:
        """A key for each branch."""
        branches = {key: type_of(step.get_output_schema(config)) for key, step in self.steps__.items()}
        return object_of(branches, self.get_name("Output"))

    @bounded
    def __repr__(self) -> str:
        return dict_repr(self.steps__)

    def _parts(self) -> dict[str, Runnable[Any, Any]]:
        return {f"branch {key}": step for key, step in self.steps__.items()}

    def __eq__(self, other: object) -> bool:
        if isinstance(other, RunnableParallel):
            return (self.steps__, self.name) == (other.steps__, other.name)
        return NotImplemented

    __hash__ = Runnable.__hash__


RunnableMap = RunnableParallel


def _branch(step: Any, xs: Any, run: Run, tag: str, stop: Stop) -> Flow:
    return flow(step, xs, run, tag, NOTHING, None, stop)
