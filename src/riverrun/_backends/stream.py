"""The async stream that users hold in their hands."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Generic, TypeVar

from riverrun._backends.aio import Loop, on_loop, running_loop
from riverrun._backends.within import rest

T = TypeVar("T", covariant=True)


class AsyncStream(Generic[T]):
    """What `astream` hands out: steps like the stage inside and closes it.

    `aclose()` and `async with` wait until everything upstream has ended. Dropping the stream, as a `break` does, starts
    the same close there and then, in the task that dropped it; what has to wait is finished by a task of the loop.
    """

    __slots__ = ("__weakref__", "_loop", "_open", "_step", "_ys")

    def __init__(self, ys: Any) -> None:
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
        if loop is None or not self._open or loop.is_closed():
            return
        closing = self._ys.aclose()
        if running_loop() is not loop:
            on_loop(loop, lambda: _keep(loop.create_task(closing)))
            return
        try:
            waits_for = closing.send(None)
        except StopIteration:
            return
        _keep(loop.create_task(_finish(closing, waits_for)))


_closing: set[Any] = set()


def _keep(task: Any) -> None:
    """A loop holds its tasks weakly; nobody else holds this one."""
    _closing.add(task)
    task.add_done_callback(_closing.discard)


async def _finish(closing: Coroutine[Any, Any, None], waits_for: Any) -> None:
    await rest(closing, waits_for)
