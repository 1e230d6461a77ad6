"""The async stream that users hold in their hands."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

from riverrun._backends.aio import Loop, begin_task, on_loop, running_loop

T = TypeVar("T", covariant=True)


class AsyncStream(Generic[T]):
    """What `astream` hands out: steps like the stage inside and closes it.

    `aclose()` and `async with` wait until everything upstream has ended. Dropping the stream, as a `break` does, starts
    the same close there and then, in a task of its own: what need not wait has ended before the next statement.
    """

    __slots__ = ("__weakref__", "_loop", "_open", "_step", "_ys")

    def __init__(self, ys: Any) -> None:  # a stage: __aiter__, aclose, is_over
        self._ys = ys
        self._step: Callable[[], Awaitable[Any]] | None = None
        self._loop: Loop | None = None
        self._open = True

    def __aiter__(self) -> AsyncStream[T]:
        return self

    def __anext__(self) -> Awaitable[T]:
        step = self._step
        if step is None:
            self._loop = running_loop()
            step = self._step = self._ys.__aiter__().__anext__
        return step()

    async def aclose(self) -> None:
        """Close the stream and everything upstream of it. Returns when all of it has ended."""
        self._open = False
        await self._ys.aclose()

    async def __aenter__(self) -> AsyncStream[T]:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.aclose()

    def __del__(self) -> None:
        loop = self._loop
        if loop is None or not self._open or loop.is_closed() or self._ys.is_over():
            return
        closing = self._ys.aclose()
        if running_loop() is loop:
            begin_task(loop, closing)
        else:
            on_loop(loop, lambda: begin_task(loop, closing))
