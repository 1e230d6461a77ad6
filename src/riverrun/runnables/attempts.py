"""What trying again has in common: the same step (`retry`), or another (`fallbacks`).

In a stream, an attempt that fails before it handed out a chunk is invisible, and the next one reads the same input.
From the first chunk on there is no way back: the error passes.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing
from typing import Any

from riverrun._backends.aio import CANCELLATIONS
from riverrun._engine.lanes import flow
from riverrun._engine.run import Once, Run
from riverrun._engine.weave import Replay
from riverrun._pure.exceptions import InputError


def exception_types(types: Any) -> tuple[type[BaseException], ...]:
    """One exception class, or several.

    Raises:
        InputError: something else is among them.
    """
    several = (types,) if isinstance(types, type) else tuple(types)
    for each in several:
        if not (isinstance(each, type) and issubclass(each, BaseException)):
            raise InputError(f"exceptions are named by their classes, and {each!r} is none")
    return several


def unless_default(step: Any, name: str, default: Any) -> Iterable[tuple[str, Any]]:
    value = getattr(step, name)
    return () if value == default else [(name, value)]


async def first_to_stream(
    steps: Iterable[tuple[Any, str | None]],
    count: int,
    xs: Any,
    run: Run,
    handled: tuple[type[BaseException], ...],
    wait: Callable[[int, Run], Any] | None = None,
    told: Callable[[Any, BaseException], Any] | None = None,
) -> AsyncGenerator[Any, None]:
    """The stream of the first of `count` steps that hands out a chunk, or ends; what fails before that is passed over."""
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
                    is_last_retry = wait is not None and attempt == count
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
