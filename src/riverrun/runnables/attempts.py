"""Trying again: the same step (`RunnableRetry`), or another (`RunnableWithFallbacks`).

In a stream, an attempt that fails before it handed out a chunk is invisible, and the next one reads the same input.
From the first chunk on there is no way back: the error passes.
"""

from __future__ import annotations

import random
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from functools import partial
from inspect import ismethod
from typing import Any, ClassVar

from riverrun._backends.aio import CANCELLATIONS
from riverrun._engine.knot import knot
from riverrun._engine.lanes import call, flow
from riverrun._engine.run import Once, Run
from riverrun._engine.runnable import Input, Output, Runnable
from riverrun._engine.weave import Replay
from riverrun._pure.exceptions import InputError, NotAStepError
from riverrun.runnables.wrapper import Wrapper


class RunnableRetry(Wrapper[Input, Output]):
    """`bound`, tried again when it raises one of `retry_exception_types` before anything was handed out.

    Cancellation, KeyboardInterrupt and GeneratorExit are never retried, whatever the types say. The wait before attempt
    n + 1 is `initial * exp_base ** (n - 1)` seconds, `max` at most, and up to `jitter` more. An empty stream is a success.
    """

    transforms: ClassVar[bool] = True

    def __init__(
        self,
        bound: Any,
        *,
        retry_exception_types: tuple[type[BaseException], ...] = (Exception,),
        wait_exponential_jitter: bool = True,
        exponential_jitter_params: Mapping[str, float] | None = None,
        max_attempt_number: int = 3,
        name: str | None = None,
    ) -> None:
        if max_attempt_number < 1:
            raise ValueError(f"max_attempt_number is at least 1, not {max_attempt_number}")
        if unknown := (exponential_jitter_params or {}).keys() - _WAIT.keys():
            raise ValueError(f"exponential_jitter_params takes {sorted(_WAIT)}, not {sorted(unknown)}")
        self.bound: Runnable[Any, Any] = knot.coerce(bound)
        self.retry_exception_types = _types(retry_exception_types)
        self.wait_exponential_jitter = wait_exponential_jitter
        self.exponential_jitter_params = exponential_jitter_params
        self.max_attempt_number = max_attempt_number
        self.name = name

    def get_name(self, suffix: str | None = None, *, name: str | None = None) -> str:
        return self.bound.get_name(suffix, name=name or self.name)

    async def _call_kernel(self, x: Any, run: Run) -> Any:
        for attempt in range(1, self.max_attempt_number):
            try:
                return await call(self.bound, x, run, _attempt_tag(attempt), run.kwargs)
            except self.retry_exception_types as error:
                if isinstance(error, CANCELLATIONS):
                    raise
            await self._wait(attempt, run)
        return await call(self.bound, x, run, _attempt_tag(self.max_attempt_number), run.kwargs)

    def _flow_kernel(self, xs: Any, run: Run) -> AsyncIterator[Any]:
        steps = [(self.bound, _attempt_tag(attempt)) for attempt in range(1, self.max_attempt_number + 1)]
        return _first_to_stream(steps, xs, run, self.retry_exception_types, self._wait)

    async def _wait(self, attempt: int, run: Run) -> None:
        if not self.wait_exponential_jitter:
            return
        wait = {**_WAIT, **(self.exponential_jitter_params or {})}
        pause = min(wait["initial"] * wait["exp_base"] ** (attempt - 1), wait["max"])
        await run.backend.sleep(pause + random.uniform(0, wait["jitter"]), run.stop)

    @property
    def _wrapped(self) -> Runnable[Any, Any]:
        return self.bound

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        yield "bound", self.bound
        yield from _unless_default(self, "retry_exception_types", (Exception,))
        yield from _unless_default(self, "wait_exponential_jitter", True)
        yield from _unless_default(self, "exponential_jitter_params", None)
        yield from _unless_default(self, "max_attempt_number", 3)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, RunnableRetry):
            mine, theirs = (
                (r.bound, r.retry_exception_types, r.wait_exponential_jitter, r.max_attempt_number)
                for r in (self, other)
            )
            return mine == theirs
        return NotImplemented

    __hash__ = Runnable.__hash__


_WAIT = {"initial": 1.0, "max": 60.0, "exp_base": 2.0, "jitter": 1.0}


def _attempt_tag(attempt: int) -> str | None:
    return f"retry:attempt:{attempt}" if attempt > 1 else None


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
        self.exceptions_to_handle = _types(exceptions_to_handle)
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
        async with aclosing(_first_to_stream(steps, xs, run, self.exceptions_to_handle, None, told)) as ys:
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
        yield from _unless_default(self, "exceptions_to_handle", (Exception,))
        yield from _unless_default(self, "exception_key", None)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, RunnableWithFallbacks):
            return (self.runnables, self.exceptions_to_handle, self.exception_key) == (
                other.runnables,
                other.exceptions_to_handle,
                other.exception_key,
            )
        return NotImplemented

    __hash__ = Runnable.__hash__


def _unless_default(step: Any, name: str, default: Any) -> Iterable[tuple[str, Any]]:
    value = getattr(step, name)
    return () if value == default else [(name, value)]


_OWN_OF_RUNS = ("runnable", "tags", "metadata")
"""What `runnable` doesn't lend: itself, before it is set, and what describes its own runs."""


def _types(types: Any) -> tuple[type[BaseException], ...]:
    """One exception class, or several."""
    return (types,) if isinstance(types, type) else tuple(types)


async def _first_to_stream(
    steps: Sequence[tuple[Any, str | None]],
    xs: Any,
    run: Run,
    handled: tuple[type[BaseException], ...],
    wait: Callable[[int, Run], Any] | None = None,
    told: Callable[[Any, BaseException], Any] | None = None,
) -> AsyncGenerator[Any, None]:
    """The stream of the first step that hands out a chunk, or ends; what fails before that is passed over."""
    replay = None if type(xs) is Once else Replay(xs, run)
    first: BaseException | None = None
    value = xs.value if replay is None else None
    async with aclosing(replay or xs):
        for attempt, (step, tag) in enumerate(steps, 1):
            if attempt > 1 and wait is not None:
                await wait(attempt - 1, run)
            ys = flow(step, Once(value) if replay is None else replay.again(), run, tag, run.kwargs)
            try:
                handed_out = False
                try:
                    async for y in ys:
                        if not handed_out:
                            handed_out = True
                            if replay is not None:
                                replay.settle()
                        yield y
                    return
                except handled as error:
                    is_last_retry = wait is not None and attempt == len(steps)
                    of_input = replay is not None and replay.raised(error)
                    if handed_out or is_last_retry or of_input or isinstance(error, CANCELLATIONS):
                        raise
                    first = first or error
                    if told is not None:
                        value = told(value, error)
            finally:
                await ys.aclose()
        assert first is not None
        try:
            raise first
        finally:
            del first  # no cycle through its traceback
