"""Several lanes at once: `gather` for values, `merge` and `tee` for streams. One engine under every combinator.

Nothing here yields inside a task group or a cancel scope (PEP 789): branches are spawned, and reaped in a `finally`.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from riverrun._backends.aio import CANCELLATIONS
from riverrun._backends.channel import Channel
from riverrun._backends.protocol import Backend, Closed, Parker, Stop
from riverrun._engine.lanes import Flow, call
from riverrun._engine.run import Once, Run

MERGE_BOUND = 8
"""How many chunks the branches of a merge may run ahead of its reader, together."""

TEE_BOUND = 64
"""How many chunks the fastest reader of a tee may be ahead of the slowest."""

SYNC_WIDTH = 32
"""How many threads a batch without max_concurrency may use at once; quick jobs use few of them."""


async def pump(ys: Any, channel: Channel, key: Any, backend: Backend) -> None:
    """The sole owner of `ys`: steps it and closes it, in one task or thread. Every exception reaches the reader."""
    error: BaseException | None = None
    try:
        try:
            async for y in ys:
                channel.push((key, y))
                if channel.crowded or channel.closed:
                    await channel.room(backend)
        finally:
            await ys.aclose()
    except BaseException as raised:
        if not (channel.closed and isinstance(raised, CANCELLATIONS)):
            error = raised
    finally:
        channel.finish(error)


async def merge(
    branches: Mapping[Any, Callable[[Stop], Flow]], run: Run
) -> AsyncGenerator[tuple[Any, Any], None]:
    """(key, chunk) pairs of several flows as they come. An error of one stops and finishes the others first."""
    backend = run.backend
    channel = Channel(MERGE_BOUND)
    stop = Stop(run.stop)
    tasks: list[Any] = []
    items = channel.items
    ended = False
    try:
        for key, make in branches.items():
            tasks.append(backend.spawn(pump(make(stop), channel, key, backend)))
        while items or await channel.more(backend, len(tasks)):
            yield items.popleft()
        ended = True
    finally:
        channel.close()
        stop.tell()
        await backend.reap(tasks)
        if ended or not isinstance(channel.error, CANCELLATIONS):
            channel.raise_error()  # also what a branch's cleanup raised


Job = tuple[Any, Any, str | None, dict[str, Any], Any, Any]
"""What `gather` runs: step, input, tag, keyword arguments, the run to be its parent, and the scope, if it is not that run's."""


async def gather(
    jobs: Sequence[Job], run: Run, width: int | None, return_exceptions: bool = False
) -> list[Any]:
    """The results of `jobs` in their order. The first error stops the others, and leaves when they have ended."""
    results: list[Any] = [None] * len(jobs)

    def done(i: int, result: Any) -> None:
        results[i] = result

    await gather_into(done, jobs, run, width, return_exceptions)
    return results


async def gather_into(
    done: Callable[[int, Any], None],
    jobs: Sequence[Job],
    run: Run,
    width: int | None,
    return_exceptions: bool = False,
) -> None:
    """Run `jobs`, at most `width` at once, and hand each result to `done` as it comes, with its index."""
    backend = run.backend
    count = len(jobs)
    todo = iter(range(count))
    begun = 0
    failed: list[BaseException] = []
    stop = Stop(run.stop)

    def more() -> bool:
        return begun < count

    async def work() -> None:
        nonlocal begun
        for i in todo:
            begun = i + 1
            if stop.told and not backend.is_async:
                return
            step, x, tag, kwargs, parent, scope = jobs[i]
            try:
                result = await call(step, x, parent, tag, kwargs, scope, stop)
            except Exception as error:
                parent.locate(error, tag, step)
                if not return_exceptions:
                    failed.append(error)
                    stop.tell()
                    raise
                result = error
            done(i, result)
            if failed:
                return

    if not jobs:
        return
    widest = count if backend.is_async else SYNC_WIDTH
    try:
        await backend.together(work, min(width or widest, count), more, stop)
    except (Exception, Closed):
        if not failed:
            raise
    if failed:
        raise failed.pop(0)  # nothing here holds it any more: no cycle through its traceback


# ------------------------------------------------------------------------------------------------------- tee


class _Copy:
    """One reader's view of a shared input. The source is stepped when somebody asks, never before."""

    __slots__ = ("asked", "gone", "hub", "items", "parker")

    def __init__(self, hub: _Hub) -> None:
        self.hub = hub
        self.items: deque[Any] = deque()
        self.parker: Parker | None = None
        self.gone = False
        self.asked = False

    def __aiter__(self) -> _Copy:
        return self

    async def __anext__(self) -> Any:
        hub = self.hub
        self.asked = True
        while not self.items:
            if hub.error is not None:
                raise hub.error
            if hub.ended or self.gone:
                raise StopAsyncIteration
            self.parker = parker = hub.backend.parker()
            hub.ask()
            if self.items or hub.ended:
                parker.wake()
            try:
                await hub.backend.wait(parker)
            finally:
                self.parker = None
        x = self.items.popleft()
        if len(self.items) == TEE_BOUND - 1:
            hub.ask()
        return x

    async def aclose(self) -> None:
        if not self.gone:
            self.gone = True
            self.items.clear()
            if (parker := self.parker) is not None:  # somebody who overran waits in it
                parker.wake()
            self.hub.ask()


class _Hub:
    """Who steps the shared source: one task or thread, which also closes it."""

    __slots__ = ("_lock", "_owner", "backend", "closed", "copies", "ended", "error", "log")

    def __init__(self, count: int, backend: Backend) -> None:
        self.backend = backend
        self.log: list[Any] | None = None
        """All chunks so far, where more readers may come; then nobody reading is no reason to end."""
        self._lock = threading.RLock()
        self.ended = False
        self.closed = False
        self.error: BaseException | None = None
        self._owner: Parker | None = None
        self.copies = [_Copy(self) for _ in range(count)]

    def ask(self) -> None:
        """Somebody is hungry, or gone: let the owner look."""
        if self._owner is not None and self._must_act():
            owner, self._owner = self._owner, None
            if owner is not None:
                owner.wake()

    def close(self) -> None:
        self.closed = True
        self.ask()

    def _must_act(self) -> bool:
        """Closed, or somebody waits and nobody who reads is too far behind. Who has not begun to read holds nobody up."""
        live = [copy for copy in self.copies if not copy.gone]
        if self.closed or (not live and self.log is None):
            return True
        return any(copy.parker is not None for copy in live) and not any(
            copy.asked and len(copy.items) >= TEE_BOUND for copy in live
        )

    async def own(self, xs: Any) -> None:
        """Step the source for whoever is hungry, until it ends or nobody reads it any more."""
        try:
            try:
                step = xs.__aiter__().__anext__
                while True:
                    while not self._must_act():
                        self._owner = parker = self.backend.parker()
                        if self._must_act():
                            self._owner = None
                            continue
                        await self.backend.wait(parker)
                    if self.closed or (self.log is None and all(copy.gone for copy in self.copies)):
                        return
                    try:
                        x = await step()
                    except StopAsyncIteration:
                        return
                    self._serve(x)
            finally:
                await xs.aclose()
        except BaseException as error:
            if not self.closed:
                self.error = error
        finally:
            self.ended = True
            for copy in self.copies:
                if (waiting := copy.parker) is not None:
                    waiting.wake()

    def _serve(self, x: Any) -> None:
        with self._lock:
            if self.log is not None:
                self.log.append(x)
            for copy in self.copies:
                if copy.gone:
                    continue
                copy.items.append(x)
                waiting, copy.parker = copy.parker, None  # served: it hungers no more
                if waiting is not None:
                    waiting.wake()

    def join(self) -> _Copy:
        """One more reader, from the first chunk on."""
        with self._lock:
            copy = _Copy(self)
            copy.items.extend(self.log or ())
            self.copies.append(copy)
        return copy


class Replay:
    """One input for several attempts: what one has read the next reads again.

    The input has an owner of its own, so an attempt that is stopped while it waits for a chunk takes none along.
    """

    def __init__(self, xs: Any, run: Run) -> None:
        self._hub = _Hub(0, run.backend)
        self._hub.log = []
        self._backend = run.backend
        self._task = run.backend.spawn(self._hub.own(xs))

    def again(self) -> _Copy:
        """The input from its beginning."""
        return self._hub.join()

    def raised(self, error: BaseException) -> bool:
        """Whether `error` is the input's own: no attempt's fault, and nothing that another could better."""
        return error is self._hub.error

    def settle(self) -> None:
        """An attempt has handed out a chunk: nobody will read again what has been read."""
        self._hub.log = None

    async def aclose(self) -> None:
        self._hub.close()
        await self._backend.reap([self._task])


@asynccontextmanager
async def tee(xs: Any, count: int, run: Run) -> AsyncIterator[list[Any]]:
    """`count` streams of the same chunks; the fastest reader is at most `TEE_BOUND` chunks ahead of the slowest.

    A reader that has not begun holds nobody up, and one that has closed its stream counts no more.
    """
    if type(xs) is Once:
        yield [Once(xs.value) for _ in range(count)]
        return
    hub = _Hub(count, run.backend)
    task = run.backend.spawn(hub.own(xs))
    try:
        yield list(hub.copies)
    finally:
        hub.close()
        await run.backend.reap([task])


class Feed:
    """A stream that one lane hands on to another. Entered by the lane that puts; the one that reads closes it.

    The reader is at most `TEE_BOUND` chunks behind. When it has gone, what is put is dropped.
    """

    __slots__ = ("_backend", "_channel")

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._channel = Channel(TEE_BOUND)

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> None:
        broken_off = error is not None and not isinstance(error, Exception)
        self._channel.finish(Closed() if broken_off else error)

    async def put(self, x: Any) -> None:
        channel = self._channel
        if channel.closed:
            return
        channel.push(x)
        if channel.crowded:
            try:
                await channel.room(self._backend)
            except Closed:
                if not channel.closed:
                    raise

    def __aiter__(self) -> Feed:
        return self

    async def __anext__(self) -> Any:
        channel = self._channel
        if channel.items or await channel.more(self._backend):
            return channel.items.popleft()
        if channel.error is not None:
            raise channel.error
        raise StopAsyncIteration

    async def aclose(self) -> None:
        self._channel.close()
