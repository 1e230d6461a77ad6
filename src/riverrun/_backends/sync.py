"""Waiting by blocking the calling thread. No loop, no portal for sync code, no thread but one per concurrent branch."""

from __future__ import annotations

import threading
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable
from itertools import repeat
from typing import Any

from riverrun._backends.aio import running_loop
from riverrun._backends.drive import drive
from riverrun._backends.portal import call_on_loop, steps_on_loop
from riverrun._backends.protocol import CLOSE_LIMIT, Backend, Closed, Lane, Stop
from riverrun._backends.workers import Job, ThreadParker, report_overrun, workers


class Branch:
    """One coroutine that a worker drives to its end."""

    __slots__ = ("_coro", "_ended", "done")

    def __init__(self, coro: Coroutine[Any, Any, None]) -> None:
        self._coro = coro
        self._ended = ThreadParker()
        self.done = False
        workers.do(self._main)

    def _main(self) -> None:
        try:
            drive(self._coro)  # a pump: it hands its errors on through its channel
        finally:
            self.done = True
            self._ended.wake()

    def join(self, seconds: float) -> bool:
        """Wait for the end; False when `seconds` have passed first."""
        return self.done or self._ended.wait(seconds) or self.done


class Crew:
    """The caller and its helpers, all at the same work.

    Each helper enlists the next before it begins, so blocking jobs get many threads and quick ones few: what the
    caller has finished before a helper woke up, no helper begins.
    """

    def __init__(
        self, work: Callable[[], Coroutine[Any, Any, None]], width: int, more: Callable[[], bool], stop: Stop
    ) -> None:
        self._work, self._width, self._more, self._stop = work, width, more, stop
        self._lock = threading.RLock()
        self._enlisted = 1
        self._busy = 0
        self._closed = False
        self._latest: Job | None = None
        self._idle = ThreadParker()
        self.errors: list[BaseException] = []

    def enlist(self) -> None:
        with self._lock:
            if self._closed or self._stop.told or self._enlisted >= self._width or not self._more():
                return
            self._enlisted += 1
            try:
                self._latest = workers.do(self._help)
            except RuntimeError:  # no thread is to be had: those that are here do the work
                self._enlisted = self._width

    def _help(self) -> None:
        with self._lock:
            if self._closed:
                return
            self._busy += 1
        try:
            self.enlist()
            drive(self._work())
        except BaseException as error:
            self.errors.append(error)
            self._stop.tell()
        with self._lock:
            self._busy -= 1
            if self._closed and not self._busy:
                self._idle.wake()

    def disband(self, seconds: float = -1) -> bool:
        """Nobody begins any more; wait for those who have. False when `seconds` have passed first."""
        with self._lock:
            self._closed = True
            waits = self._busy > 0
        if self._latest is not None:
            workers.recall(self._latest)  # the others have begun: each enlisted the next
        return not waits or self._idle.wait(seconds)


class SyncBackend:
    """A wait blocks and returns."""

    is_async = False

    async def call(self, fn: Callable[..., Any], args: tuple[Any, ...], run: Lane, is_async: bool) -> Any:
        try:
            if is_async:
                return call_on_loop(fn, args, run)
            return run.context().run(fn, *args)
        except BaseException as error:
            run.locate(error)
            raise

    async def steps(self, items: Any, run: Lane, is_async: bool) -> AsyncGenerator[Any, None]:
        if is_async:
            items = steps_on_loop(items, run)
        go = run.context().run
        try:
            try:
                for item in map(go, repeat(iter(items).__next__)):
                    yield item
            finally:  # in the same context: a token set before a yield can be reset after it
                run.stop = None  # what its cleanup calls is not refused
                if (close := getattr(items, "close", None)) is not None:
                    go(close)
        except BaseException as error:
            run.locate(error)
            raise

    def spawn(self, coro: Coroutine[Any, Any, None]) -> Branch:
        return Branch(coro)

    async def reap(self, tasks: Iterable[Branch]) -> None:
        late = time.monotonic() + CLOSE_LIMIT
        for branch in tasks:
            if not branch.join(max(0.0, late - time.monotonic())):
                report_overrun("a branch")

    async def together(
        self, work: Callable[[], Coroutine[Any, Any, None]], width: int, more: Callable[[], bool], stop: Stop
    ) -> None:
        if width == 1:
            return await work()
        crew = Crew(work, width, more, stop)
        try:
            crew.enlist()
            await work()
            crew.disband()
            if crew.errors:
                raise crew.errors.pop(0)
        except BaseException:
            stop.tell()
            if not crew.disband(CLOSE_LIMIT):
                report_overrun("a branch")
            raise

    def parker(self) -> ThreadParker:
        return ThreadParker()

    async def wait(self, parker: ThreadParker) -> None:
        parker.wait()

    async def sleep(self, seconds: float, stop: Stop | None = None) -> None:
        woken = ThreadParker()
        unhook = stop.hook(woken.wake) if stop is not None else None
        try:
            if woken.wait(seconds):
                raise Closed
        finally:
            if unhook is not None:
                unhook()

    def must_not_wait(self) -> bool:
        return running_loop() is not None  # what this thread waits for may need its loop


SYNC: Backend = SyncBackend()
