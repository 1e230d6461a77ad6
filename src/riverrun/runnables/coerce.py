"""What may stand where a step is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeAlias

from riverrun._engine.adapt import StepType
from riverrun._engine.run import Run
from riverrun._engine.runnable import Runnable
from riverrun._pure.exceptions import NotAStepError
from riverrun._pure.signature import Signature
from riverrun.runnables.function import RunnableGenerator, RunnableLambda
from riverrun.runnables.parallel import RunnableParallel

RunnableLike: TypeAlias = Runnable[Any, Any] | Callable[..., Any] | Mapping[str, Any]
"""What `coerce_to_runnable` takes."""


class StandIn(Runnable[Any, Any]):
    """Something that passes for a runnable and is none, such as a mock with a spec: run by its `invoke` and `ainvoke`."""

    def __init__(self, double: Any) -> None:
        self.double = double

    async def _call_kernel(self, x: Any, run: Run) -> Any:
        is_async = run.backend.is_async
        method = self.double.ainvoke if is_async else self.double.invoke
        return await run.call(partial(method, **run.kwargs), (x, run.config()), is_async)


def coerce_to_runnable(thing: Any, place: str | None = None) -> Runnable[Any, Any]:
    """`thing` as a step: itself, a generator function over the stream, a function of the value, or a dict side by side.

    Raises:
        NotAStepError: it is none of these; a note names the `place` it was given for.
    """
    try:
        return _step(thing)
    except NotAStepError as error:
        if place is not None:
            error.add_note(f"in {place}")
        raise


def _step(thing: Any) -> Runnable[Any, Any]:
    if isinstance(thing, Runnable):
        return thing if isinstance(type(thing), StepType) else StandIn(thing)
    if isinstance(thing, type) and issubclass(thing, Runnable):
        raise NotAStepError(
            f"can't make a step of the class {thing.__name__}: did you mean {thing.__name__}()?"
        )
    if isinstance(thing, Mapping):
        return RunnableParallel(thing)
    if callable(thing):
        step: Any = RunnableGenerator if Signature(thing).is_generator else RunnableLambda
        return step(thing)  # type: ignore[no-any-return]
    raise NotAStepError(
        f"can't make a step of {thing!r} ({type(thing).__name__}): expected a Runnable, a function, a generator function "
        "or a dict of these"
    )
