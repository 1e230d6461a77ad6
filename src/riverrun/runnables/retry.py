"""The same step, tried again."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Iterable, Mapping
from itertools import repeat
from typing import Any, ClassVar, TypedDict

from riverrun._backends.aio import CANCELLATIONS
from riverrun._engine.knot import knot
from riverrun._engine.lanes import call
from riverrun._engine.run import Run
from riverrun._engine.runnable import Input, Output, Runnable
from riverrun.runnables.attempts import exception_types, first_to_stream, unless_default
from riverrun.runnables.wrapper import Wrapper


class ExponentialJitterParams(TypedDict, total=False):
    """How long to wait between attempts, in seconds: see `RunnableRetry`."""

    initial: float
    max: float
    exp_base: float
    jitter: float


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
        self.retry_exception_types = exception_types(retry_exception_types)
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
        count = self.max_attempt_number  # it may be huge, to try for ever
        steps = zip(repeat(self.bound), map(_attempt_tag, range(1, count + 1)), strict=False)
        return first_to_stream(steps, count, xs, run, self.retry_exception_types, self._wait)

    async def _wait(self, attempt: int, run: Run) -> None:
        if not self.wait_exponential_jitter:
            return
        wait = {**_WAIT, **(self.exponential_jitter_params or {})}
        try:
            pause = min(wait["initial"] * wait["exp_base"] ** (attempt - 1), wait["max"])
        except OverflowError:
            pause = wait["max"]
        await run.backend.sleep(pause + random.uniform(0, wait["jitter"]), run.stop)

    @property
    def _wrapped(self) -> Runnable[Any, Any]:
        return self.bound

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        yield "bound", self.bound
        yield from unless_default(self, "retry_exception_types", (Exception,))
        yield from unless_default(self, "wait_exponential_jitter", True)
        yield from unless_default(self, "exponential_jitter_params", None)
        yield from unless_default(self, "max_attempt_number", 3)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, RunnableRetry):
            return all(getattr(self, name) == getattr(other, name) for name in _FIELDS)
        return NotImplemented

    __hash__ = Runnable.__hash__


_FIELDS = (
    "bound",
    "retry_exception_types",
    "wait_exponential_jitter",
    "exponential_jitter_params",
    "max_attempt_number",
)
_WAIT = {"initial": 1.0, "max": 60.0, "exp_base": 2.0, "jitter": 1.0}


def _attempt_tag(attempt: int) -> str | None:
    return f"retry:attempt:{attempt}" if attempt > 1 else None
