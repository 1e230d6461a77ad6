"""A step, and those that are tried when it fails."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import aclosing
from functools import partial
from inspect import ismethod
from typing import Any, ClassVar

from riverrun._backends.aio import CANCELLATIONS
from riverrun._engine.knot import knot
from riverrun._engine.lanes import call
from riverrun._engine.run import Once, Run
from riverrun._engine.runnable import Input, Output, Runnable
from riverrun._pure.exceptions import InputError, NotAStepError
from riverrun.runnables.attempts import exception_types, first_to_stream, unless_default
from riverrun.runnables.wrapper import Wrapper


class RunnableWithFallbacks(Wrapper[Input, Output]):
    """`runnable`, and when it raises one of `exceptions_to_handle` before anything was handed out, the fallbacks in turn.

    When all fail the first error is raised. With `exception_key` the input is a dict, and each fallback gets the error
    before it under that key.

    Attributes that it doesn't have itself are those of `runnable`. A method that makes a step of it, as `bind_tools` does,
    makes one of each fallback too.
    """

    _wiring: ClassVar[str] = "attempts"

    def __init__(
        self,
        runnable: Any,
        fallbacks: Sequence[Any],
        *,
        exceptions_to_handle: tuple[type[BaseException], ...] = (Exception,),
        exception_key: str | None = None,
        name: str | None = None,
    ) -> None:
        self.runnable: Runnable[Any, Any] = knot.coerce(runnable)
        if isinstance(fallbacks, Runnable):
            raise NotAStepError(f"fallbacks is a list of steps: write [{fallbacks.get_name()}]")
        self.fallbacks: list[Runnable[Any, Any]] = [
            knot.coerce(fallback, f"fallback {i}") for i, fallback in enumerate(fallbacks, 1)
        ]
        self.exceptions_to_handle = exception_types(exceptions_to_handle)
        self.exception_key = exception_key
        self.name = name

    @property
    def transforms(self) -> bool:  # type: ignore[override]
        return self.exception_key is None

    @property
    def runnables(self) -> list[Runnable[Any, Any]]:
        """The runnable and its fallbacks, in the order in which they are tried."""
        return [self.runnable, *self.fallbacks]

    async def _call_kernel(self, x: Any, run: Run) -> Any:
        first: BaseException | None = None
        self._check(x)
        for step in self.runnables:
            try:
                return await call(step, x, run, None, run.kwargs)
            except self.exceptions_to_handle as error:
                if isinstance(error, CANCELLATIONS):
                    raise
                first = first or error
                x = self._told(x, error)
        assert first is not None
        try:
            raise first
        finally:
            del first  # no cycle through its traceback

    async def _flow_kernel(self, xs: Any, run: Run) -> AsyncIterator[Any]:
        told: Callable[[Any, BaseException], Any] | None = None
        if self.exception_key is not None:
            x = await run.take(xs)
            self._check(x)
            xs, told = Once(x), self._told
        steps = [(step, None) for step in self.runnables]
        tried = first_to_stream(steps, len(steps), xs, run, self.exceptions_to_handle, None, told)
        async with aclosing(tried) as ys:
            async for y in ys:
                yield y

    def _check(self, x: Any) -> None:
        if self.exception_key is not None and not isinstance(x, dict):
            raise InputError(
                f"with exception_key={self.exception_key!r} the input is a dict, not {type(x).__name__}"
            )

    def _told(self, x: Any, error: BaseException) -> Any:
        return x if self.exception_key is None else {**x, self.exception_key: error}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name in _OWN_OF_RUNS:
            raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}")
        attribute = getattr(self.runnable, name)
        return partial(self._with_all, name) if ismethod(attribute) else attribute

    def _with_all(self, method: str, *args: Any, **kwargs: Any) -> Any:
        """What a method of `runnable` gives; if that is a step, with what it gives on the fallbacks behind it."""
        first = getattr(self.runnable, method)(*args, **kwargs)
        if not isinstance(first, Runnable):
            return first
        return RunnableWithFallbacks(
            first,
            [getattr(fallback, method)(*args, **kwargs) for fallback in self.fallbacks],
            exceptions_to_handle=self.exceptions_to_handle,
            exception_key=self.exception_key,
            name=self.name,
        )

    @property
    def _wrapped(self) -> Runnable[Any, Any]:
        return self.runnable

    def _parts(self) -> dict[str, Runnable[Any, Any]]:
        fallbacks = {f"fallback {i}": step for i, step in enumerate(self.fallbacks, 1)}
        return {"first": self.runnable, **fallbacks}

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        yield "runnable", self.runnable
        yield "fallbacks", self.fallbacks
        yield from unless_default(self, "exceptions_to_handle", (Exception,))
        yield from unless_default(self, "exception_key", None)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, RunnableWithFallbacks):
            return (self.runnables, self.exceptions_to_handle, self.exception_key) == (
                other.runnables,
                other.exceptions_to_handle,
                other.exception_key,
            )
        return NotImplemented

    __hash__ = Runnable.__hash__


_OWN_OF_RUNS = ("runnable", "tags", "metadata")
"""What `runnable` doesn't lend: itself, before it is set, and what describes its own runs."""
