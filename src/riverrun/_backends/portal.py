"""Async code from sync code, on a loop in another thread.

An async function runs on the loop that waits for the calling worker, if there is one, else on a portal: a loop in a
thread of its own, started when first needed.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextvars import Context, ContextVar
from typing import Any

from riverrun._backends.aio import (
    ASYNC,
    CANCELLATIONS,
    THREAD,
    Loop,
    TaskParker,
    free_loop,
    new_loop,
    on_loop,
    running_loop,
)
from riverrun._backends.channel import Channel
from riverrun._backends.drive import drive
from riverrun._backends.protocol import CLOSE_LIMIT, Closed, Lane
from riverrun._backends.workers import ThreadParker, report_overrun


class _Portals:
    """Loops in threads of their own, for async functions called from sync code. One is all that most programs start.

    When code on portal n blocks it with a sync call, what that call needs runs on portal n + 1.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loops: list[Loop] = []

    def loop(self, level: int) -> Loop:
        with self._lock:
            while len(self._loops) <= level:
                self._loops.append(self._start(f"riverrun-portal-{len(self._loops)}"))
            return self._loops[level]

    def _start(self, name: str) -> Loop:
        loop = new_loop()
        threading.Thread(target=loop.run_forever, daemon=True, name=name).start()
        return loop

    def level_of(self, loop: Loop) -> int | None:
        return self._loops.index(loop) if loop in self._loops else None

    def forget(self) -> None:
        """In a forked child: the threads of these loops stayed in the parent."""
        self.__init__()  # type: ignore[misc]  # the object is shared, so it starts anew in place


portals = _Portals()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=portals.forget)

_portal_level: ContextVar[int] = ContextVar("riverrun.portal_level", default=0)


def block_loop(context: Context) -> None:
    """A sync call begins in `context` on a thread whose loop it blocks: nothing below may wait for that loop."""
    if (loop := running_loop()) is not None:
        context.run(free_loop.set, None)
        if (level := portals.level_of(loop)) is not None:
            context.run(_portal_level.set, level + 1)


def _loop_for(context: Context) -> Loop:
    free, process = context.get(free_loop) or (None, 0)
    if free is not None and running_loop() is None and not free.is_closed() and process == os.getpid():
        return free
    return portals.loop(context.get(_portal_level, 0))


def call_on_loop(fn: Callable[..., Any], args: tuple[Any, ...], run: Lane) -> Any:
    """Call an async function from sync code and block until it has ended. Told to stop: it is cancelled."""
    result: list[Any] = []
    failure: list[BaseException] = []

    async def main() -> None:
        try:
            result.append(await fn(*args))
        except BaseException as error:  # SystemExit would end the loop's thread
            failure.append(error)

    visit = _Visit(main(), run)
    try:
        visit.ended.wait()
    except BaseException:  # KeyboardInterrupt
        visit.cancel()
        if not visit.ended.wait(CLOSE_LIMIT):
            report_overrun(f"the function {getattr(fn, '__name__', fn)!s}")
        raise
    finally:
        visit.unhook()
    if result:
        return result.pop()
    error = failure.pop() if failure else Closed()  # cancelled before it began
    raise Closed if visit.stopped(error) else error


class Upstream:
    """A sync stream as the input of async code on a loop. Each step is taken by the thread that waits for that code,
    so the stream keeps its one owner and never blocks the loop."""

    __slots__ = ("_error", "_item", "_parker", "_step", "channel")

    def __init__(self, xs: Any) -> None:
        self._step = xs.__aiter__().__anext__
        self.channel = Channel(1)
        self._parker: TaskParker | None = None
        self._item: Any = None
        self._error: BaseException | None = None

    def __aiter__(self) -> Upstream:
        return self

    async def __anext__(self) -> Any:
        self._parker = parker = TaskParker()
        self.channel.push(self)
        await parker.future
        item, self._item = self._item, None
        if self._error is not None:
            raise self._error
        return item

    def serve(self) -> None:
        """Take the step that the loop asked for, in the thread that owns the stream."""
        try:
            self._item = drive(self._step())
        except BaseException as error:  # StopAsyncIteration too: it ends the loop's iteration
            self._error = error
        if self._parker is not None:
            self._parker.wake()


def steps_on_loop(items: Any, run: Lane, upstream: Upstream | None = None) -> Iterator[Any]:
    """Step an async iterator from sync code, one chunk ahead; closing it closes `items` in the task that stepped it."""
    channel = Channel(1) if upstream is None else upstream.channel

    async def main() -> None:
        error: BaseException | None = None
        try:
            try:
                async for item in items:
                    channel.push(item)
                    await channel.room(ASYNC)
            finally:
                if (close := getattr(items, "aclose", None)) is not None:
                    await close()
        except BaseException as raised:
            error = raised
        channel.finish(error)

    def ended() -> None:
        if not channel.finished:  # cancelled before it began
            channel.finish(Closed())

    visit = _Visit(main(), run, ended)
    closing = True
    try:
        while channel.items or drive(channel.more(THREAD)):
            item = channel.items.popleft()
            channel.drained()
            if upstream is not None and item is upstream:
                upstream.serve()
            else:
                yield item
        closing = False
    finally:
        visit.unhook()
        channel.close()
        if not channel.finished:
            visit.cancel()
        if not visit.ended.wait(CLOSE_LIMIT):
            report_overrun("an async generator")
        error = channel.error
        if error is not None and not (closing and isinstance(error, CANCELLATIONS)):
            raise Closed if visit.stopped(error) else error


class _Visit:
    """One task on a loop that a sync caller waits for."""

    __slots__ = ("_loop", "_stop", "ended", "task", "unhook")

    def __init__(
        self, coro: Coroutine[Any, Any, None], run: Lane, after: Callable[[], None] | None = None
    ) -> None:
        self.ended = ThreadParker()
        context = run.context()
        self._loop = loop = _loop_for(context)
        self.task: Any

        def begin() -> None:
            self.task = loop.create_task(coro, context=context)
            self.task.add_done_callback(end)

        def end(_: object) -> None:
            if after is not None:
                after()
            self.ended.wake()

        loop.call_soon_threadsafe(begin)
        self._stop = run.stop
        self.unhook = run.stop.hook(self.cancel) if run.stop is not None else _nothing

    def cancel(self) -> None:
        on_loop(self._loop, lambda: self.task.cancel())

    def stopped(self, error: BaseException) -> bool:
        """Whether `error` is only how the task took it that it was told to stop."""
        return self._stop is not None and self._stop.told and isinstance(error, CANCELLATIONS)


def _nothing() -> None:
    pass
