"""Waiting on a running loop. The one file that imports asyncio.

A sync function under asyncio runs in a worker thread, a sync generator lives in one thread.
"""

from __future__ import annotations

import asyncio
import os
import time
from asyncio import CancelledError
from collections.abc import (
    AsyncGenerator,
    Awaitable,
    Callable,
    Coroutine,
    Iterable,
)
from contextvars import ContextVar
from itertools import repeat
from typing import Any

from riverrun._backends.channel import Channel
from riverrun._backends.drive import READY, drive, feed
from riverrun._backends.protocol import CLOSE_LIMIT, Backend, Closed, Lane, Stop
from riverrun._backends.within import Within, rest, resume
from riverrun._backends.workers import ThreadParker, report_overrun, workers

Loop = asyncio.AbstractEventLoop
Lock = asyncio.Lock
new_loop = asyncio.new_event_loop
running_loop = asyncio._get_running_loop
"""The loop that runs in this thread, or None."""

CANCELLATIONS = (GeneratorExit, CancelledError, Closed, KeyboardInterrupt)
"""What ends a run as cancelled, not as failed."""


class TaskParker:
    """A task that waits: a future of its loop."""

    __slots__ = ("future", "loop")

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.future = self.loop.create_future()

    def wake(self) -> None:
        if running_loop() is self.loop:
            self._set()
        else:
            on_loop(self.loop, self._set)

    def _set(self) -> None:
        if not self.future.done():
            self.future.set_result(None)


def on_loop(loop: asyncio.AbstractEventLoop, callback: Callable[[], object]) -> None:
    """Run `callback` on `loop` from any thread. A loop that is gone took whoever waited on it along."""
    try:
        loop.call_soon_threadsafe(callback)
    except RuntimeError:
        if not loop.is_closed():
            raise


_begun: set[asyncio.Task[None]] = set()
"""Tasks that nobody else holds; a loop holds them weakly."""


def begin_task(loop: Loop, coro: Coroutine[Any, Any, None]) -> None:
    """Run `coro` in a task that has taken its first step when this returns. Called on the thread of `loop`.

    The step is taken as that task, so what it enters (a cancel scope, a timeout) is left by the task that entered it.
    """
    waits_for: list[Any] = []
    task = loop.create_task(_what_is_left(coro, waits_for))
    _begun.add(task)
    task.add_done_callback(_begun.discard)
    at_work = asyncio.current_task(loop)
    if at_work is not None:
        asyncio.tasks._leave_task(loop, at_work)
    asyncio.tasks._enter_task(loop, task)
    try:
        waits_for.append(coro.send(None))
    except StopIteration:
        pass
    finally:
        asyncio.tasks._leave_task(loop, task)
        if at_work is not None:
            asyncio.tasks._enter_task(loop, at_work)


async def _what_is_left(coro: Coroutine[Any, Any, None], waits_for: list[Any]) -> None:
    if waits_for:
        await rest(coro, waits_for[0])


class Crew:
    """Tasks at the same work. Each enlists two more before it begins, so jobs that never wait share few tasks and others
    get many."""

    __slots__ = ("_more", "_width", "_work", "busy", "ended", "errors", "tasks")

    def __init__(
        self, work: Callable[[], Coroutine[Any, Any, None]], width: int, more: Callable[[], bool]
    ) -> None:
        self._work, self._width, self._more = work, width, more
        self.tasks: list[asyncio.Task[None]] = []
        self.errors: list[BaseException] = []
        self.ended = TaskParker()
        self.busy = 0

    def enlist(self) -> None:
        loop = self.ended.loop
        for _ in range(2):
            if len(self.tasks) < self._width and self._more():
                self.busy += 1
                self.tasks.append(loop.create_task(self._help()))

    async def _help(self) -> None:
        try:
            self.enlist()
            await self._work()
        except BaseException as error:
            self.errors.append(error)
            self.ended.wake()
        self.busy -= 1
        if not self.busy:
            self.ended.wake()


class AsyncBackend:
    """A wait is an `await` on the running loop."""

    is_async = True

    async def call(self, fn: Callable[..., Any], args: tuple[Any, ...], run: Lane, is_async: bool) -> Any:
        try:
            if is_async:
                return await Within(run.context(), fn(*args))
            return await _in_thread(fn, args, run)
        except BaseException as error:
            run.locate(error)
            raise

    async def steps(self, items: Any, run: Lane, is_async: bool) -> AsyncGenerator[Any, None]:
        try:
            if is_async:
                context = run.context()
                box: list[Any] = [None]
                coro = feed(items, box)
                go, send = context.run, coro.send
                try:
                    while True:
                        try:
                            got = go(send, None)
                        except StopIteration:
                            return
                        if got is not READY and not await resume(go, coro, got):
                            return
                        yield box[0]
                finally:
                    coro.close()
                    if (close := getattr(items, "aclose", None)) is not None:
                        await Within(context, close())
            else:
                generator = _ThreadedGenerator(items, run)
                channel = generator.channel
                try:
                    while channel.items or await channel.more(self):
                        item = channel.items.popleft()
                        channel.drained()
                        yield item
                    channel.raise_error()
                finally:
                    await generator.close()
        except BaseException as error:
            run.locate(error)
            raise

    def spawn(self, coro: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        return asyncio.get_running_loop().create_task(coro)

    async def reap(self, tasks: Iterable[asyncio.Task[None]]) -> None:
        tasks = list(tasks)
        for task in tasks:
            task.cancel()
        interrupted = await _outlast(lambda: [task for task in tasks if not task.done()])
        for task in tasks:
            if not task.done():
                report_overrun(f"the branch {task.get_name()}")
            elif not task.cancelled():
                task.exception()  # seen: whoever pumped has handed it on
        if interrupted is not None:
            raise interrupted

    async def together(
        self, work: Callable[[], Coroutine[Any, Any, None]], width: int, more: Callable[[], bool], stop: Stop
    ) -> None:
        if width == 1:
            return await work()
        crew = Crew(work, width, more)
        crew.enlist()
        try:
            await crew.ended.future
            if crew.errors:
                raise crew.errors.pop(0)
        finally:
            if crew.busy:
                stop.tell()
                await self.reap(crew.tasks)

    def parker(self) -> TaskParker:
        return TaskParker()

    def wait(self, parker: TaskParker) -> Awaitable[None]:
        return parker.future

    async def sleep(self, seconds: float, stop: Stop | None = None) -> None:
        await asyncio.sleep(seconds)

    def must_not_wait(self) -> bool:
        return False


ASYNC: Backend = AsyncBackend()


async def _outlast(left: Callable[[], list[asyncio.Future[Any]]]) -> CancelledError | None:
    """Wait until nothing is left, shielded, `CLOSE_LIMIT` at most. Returns the cancellation that came meanwhile."""
    interrupted = None
    late = time.monotonic() + CLOSE_LIMIT
    while (waiting := left()) and (seconds := late - time.monotonic()) > 0:
        try:
            await asyncio.wait(waiting, timeout=seconds)
        except CancelledError as error:
            interrupted = error
    return interrupted


async def gather_with_concurrency(n: int | None, *coros: Coroutine[Any, Any, Any]) -> list[Any]:
    """The results of `coros` in their order, at most `n` of them at work at once.

    Unlike the branches of a step, those beside one that fails run on, as with asyncio's `gather`.
    """
    if n is None:
        return list(await asyncio.gather(*coros))
    gate = asyncio.Semaphore(n)

    async def gated(coro: Coroutine[Any, Any, Any]) -> Any:
        async with gate:
            return await coro

    return list(await asyncio.gather(*map(gated, coros)))


# ------------------------------------------------------------------------------- sync code under a running loop

free_loop: ContextVar[tuple[Loop, int] | None] = ContextVar("riverrun.free_loop", default=None)
"""The loop that waits, free to run other tasks, for the worker thread in this context, and the process it runs in."""


async def _in_thread(fn: Callable[..., Any], args: tuple[Any, ...], run: Lane) -> Any:
    """Call a sync function in a worker. Cancelled: it is told, awaited for `CLOSE_LIMIT`, and reported."""
    loop = asyncio.get_running_loop()
    stop = run.stop = Stop(run.stop)
    context = run.context()
    context.run(free_loop.set, (loop, os.getpid()))
    ended = TaskParker()
    result: list[Any] = []
    failure: list[BaseException] = []

    def job() -> None:
        try:
            result.append(context.run(fn, *args))
        except StopIteration as error:  # can pass neither through a future nor through a coroutine
            failure.append(_as_runtime_error(error))
        except BaseException as error:
            failure.append(error)
        ended.wake()

    workers.do(job)
    try:
        await asyncio.shield(ended.future)
    except CancelledError:
        stop.tell()
        await _outlast(lambda: [] if ended.future.done() else [ended.future])
        if not ended.future.done():
            report_overrun(f"the function {getattr(fn, '__name__', fn)!s}")
        raise
    if failure:
        raise failure.pop()
    return result.pop()


def _as_runtime_error(error: StopIteration) -> RuntimeError:
    wrapped = RuntimeError("a step raised StopIteration")
    wrapped.__cause__ = error
    return wrapped


class _ThreadedGenerator:
    """A sync generator stepped and closed by one worker thread, one chunk ahead of its reader."""

    __slots__ = ("_ended", "_stop", "channel")

    def __init__(self, items: Any, run: Lane) -> None:
        self.channel = channel = Channel(1)
        self._stop = run.stop = Stop(run.stop)
        self._ended = ended = TaskParker()
        context = run.context()
        context.run(free_loop.set, (ended.loop, os.getpid()))

        def job() -> None:
            error: BaseException | None = None
            try:
                try:
                    for item in map(context.run, repeat(iter(items).__next__)):
                        channel.push(item)
                        drive(channel.room(THREAD))
                finally:
                    run.stop = None  # what its cleanup calls is not refused
                    if (close := getattr(items, "close", None)) is not None:
                        context.run(close)
            except Closed:
                pass
            except BaseException as raised:
                error = raised
            channel.finish(error)
            ended.wake()

        workers.do(job)

    async def close(self) -> None:
        """Wait until the thread has closed the generator; told, bounded and reported like a call."""
        channel, ended, stop = self.channel, self._ended, self._stop
        channel.close()
        if ended.future.done():
            return
        stop.tell()
        interrupted = await _outlast(lambda: [] if ended.future.done() else [ended.future])
        if not ended.future.done():
            report_overrun("a generator")
        elif channel.error is not None and interrupted is None:
            raise channel.error  # its close raised
        if interrupted is not None:
            raise interrupted


class _Threads:
    """How a worker thread waits for room: the sync half that the bridges need."""

    is_async = False

    def parker(self) -> ThreadParker:
        return ThreadParker()

    async def wait(self, parker: ThreadParker) -> None:
        parker.wait()


THREAD: Any = _Threads()
