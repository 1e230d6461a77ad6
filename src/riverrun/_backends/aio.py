"""Waiting on a running loop, and the two bridges between the colours. The one file that imports asyncio.

A sync function under asyncio runs in a worker thread, a sync generator lives in one thread. An async function called
from sync code runs on the loop that waits for the calling worker, if there is one, else on a portal: a loop in a
thread of its own, started when first needed.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
import types
from asyncio import CancelledError
from collections.abc import (
    AsyncGenerator,
    Awaitable,
    Callable,
    Coroutine,
    Generator,
    Iterable,
    Iterator,
)
from contextvars import Context, ContextVar
from itertools import repeat
from typing import Any, Generic, TypeVar

from riverrun._backends.channel import Channel
from riverrun._backends.drive import READY, drive, feed
from riverrun._backends.protocol import CLOSE_LIMIT, Backend, Closed, Lane, Stop
from riverrun._backends.workers import ThreadParker, report_overrun, workers

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
                        if got is not READY and not await _resume(go, coro, got):
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
                    if channel.error is not None:
                        raise channel.error
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
        """Each task enlists two more before it begins, so jobs that never wait share few tasks and others get many."""
        if width == 1:
            return await work()
        tasks: list[asyncio.Task[None]] = []
        errors: list[BaseException] = []
        ended = TaskParker()
        busy = 0

        def enlist() -> None:
            nonlocal busy
            for _ in range(2):
                if len(tasks) < width and more():
                    busy += 1
                    tasks.append(self.spawn(help_out()))

        async def help_out() -> None:
            nonlocal busy
            try:
                enlist()
                await work()
            except BaseException as error:
                errors.append(error)
                ended.wake()
            busy -= 1
            if not busy:
                ended.wake()

        enlist()
        try:
            await ended.future
            if errors:
                raise errors[0]
        finally:
            if busy:
                stop.tell()
                await self.reap(tasks)

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


# ------------------------------------------------------------------------------------------- private contexts


@types.coroutine
def _resume(
    go: Callable[..., Any], coro: Coroutine[Any, Any, None], waits_for: Any
) -> Generator[Any, Any, bool]:
    """Take `coro`, which waits inside its context, on to its next chunk (True) or its end (False)."""
    try:
        while waits_for is not READY:
            try:
                got = yield waits_for
            except BaseException as error:
                waits_for = go(coro.throw, error)
            else:
                waits_for = go(coro.send, got)
        return True
    except StopIteration:
        return False


class Within:
    """Await a coroutine inside a context without giving it a task of its own."""

    __slots__ = ("awaitable", "context")

    def __init__(self, context: Context, awaitable: Awaitable[Any]) -> None:
        self.context, self.awaitable = context, awaitable

    def __await__(self) -> Generator[Any, Any, Any]:
        go = self.context.run
        awaitable: Any = self.awaitable
        coro = awaitable if hasattr(awaitable, "send") else awaitable.__await__()
        try:
            waits_for = go(coro.send, None)
            while True:
                try:
                    got = yield waits_for
                except BaseException as error:
                    waits_for = go(coro.throw, error)
                else:
                    waits_for = go(coro.send, got)
        except StopIteration as done:
            return done.value


# ------------------------------------------------------------------------------- sync code under a running loop

_free_loop: ContextVar[asyncio.AbstractEventLoop | None] = ContextVar("riverrun.free_loop", default=None)
"""The loop that waits, free to run other tasks, for the worker thread in this context."""


async def _in_thread(fn: Callable[..., Any], args: tuple[Any, ...], run: Lane) -> Any:
    """Call a sync function in a worker. Cancelled: it is told, awaited for `CLOSE_LIMIT`, and reported."""
    loop = asyncio.get_running_loop()
    stop = run.stop = Stop(run.stop)
    context = run.context()
    context.run(_free_loop.set, loop)
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
        context.run(_free_loop.set, ended.loop)

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


# ------------------------------------------------------------------------------------ async code from sync code


class _Portals:
    """Loops in threads of their own, for async functions called from sync code. One is all that most programs start.

    When code on portal n blocks it with a sync call, what that call needs runs on portal n + 1.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loops: list[asyncio.AbstractEventLoop] = []

    def loop(self, level: int) -> asyncio.AbstractEventLoop:
        with self._lock:
            while len(self._loops) <= level:
                self._loops.append(self._start(f"riverrun-portal-{len(self._loops)}"))
            return self._loops[level]

    def _start(self, name: str) -> asyncio.AbstractEventLoop:
        loop = asyncio.new_event_loop()
        threading.Thread(target=loop.run_forever, daemon=True, name=name).start()
        return loop

    def level_of(self, loop: asyncio.AbstractEventLoop) -> int | None:
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
        context.run(_free_loop.set, None)
        if (level := portals.level_of(loop)) is not None:
            context.run(_portal_level.set, level + 1)


def _loop_for(context: Context) -> asyncio.AbstractEventLoop:
    free = context.get(_free_loop)
    if free is not None and running_loop() is None and not free.is_closed():
        return free
    return portals.loop(context.get(_portal_level, 0))


def call_on_loop(fn: Callable[..., Any], args: tuple[Any, ...], run: Lane) -> Any:
    """Call an async function from sync code and block until it has ended. Told to stop: it is cancelled."""

    async def main() -> Any:
        return await fn(*args)

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
    return visit.task.result()


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

    visit = _Visit(main(), run)
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
            raise error


class _Visit:
    """One task on a loop that a sync caller waits for."""

    __slots__ = ("_loop", "ended", "task", "unhook")

    def __init__(self, coro: Coroutine[Any, Any, Any], run: Lane) -> None:
        self.ended = ThreadParker()
        context = run.context()
        self._loop = loop = _loop_for(context)
        self.task: asyncio.Task[Any]

        def begin() -> None:
            self.task = loop.create_task(coro, context=context)
            self.task.add_done_callback(lambda _: self.ended.wake())

        loop.call_soon_threadsafe(begin)
        self.unhook = run.stop.hook(self.cancel) if run.stop is not None else _nothing

    def cancel(self) -> None:
        on_loop(self._loop, lambda: self.task.cancel())


def _nothing() -> None:
    pass


# ------------------------------------------------------------------------------------------- the public stream


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
        self._loop: asyncio.AbstractEventLoop | None = None
        self._open = True

    def __aiter__(self) -> AsyncStream[T]:
        return self

    def __anext__(self) -> Awaitable[T]:
        step = self._step
        if step is None:
            self._loop = asyncio.get_running_loop()
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


_closing: set[asyncio.Task[None]] = set()


def _keep(task: asyncio.Task[None]) -> None:
    """A loop holds its tasks weakly; nobody else holds this one."""
    _closing.add(task)
    task.add_done_callback(_closing.discard)


async def _finish(closing: Coroutine[Any, Any, None], waits_for: Any) -> None:
    await _rest(closing, waits_for)


@types.coroutine
def _rest(coro: Coroutine[Any, Any, None], waits_for: Any) -> Generator[Any, Any, None]:
    try:
        while True:
            try:
                got = yield waits_for
            except BaseException as error:
                waits_for = coro.throw(error)
            else:
                waits_for = coro.send(got)
    except StopIteration:
        return
