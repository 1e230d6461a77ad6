"""Waiting by blocking the calling thread. No loop, no portal for sync code, no thread but one per concurrent branch."""

import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from itertools import repeat
from typing import Any

from riverrun._backends.aio import ThreadParker, call_on_loop, report_overrun, running_loop, steps_on_loop
from riverrun._backends.drive import drive
from riverrun._backends.protocol import CLOSE_LIMIT, Backend, Closed, Lane, Stop


class Branch:
    """A thread that drives one coroutine to its end."""

    __slots__ = ("error", "thread")

    def __init__(self, coro: Coroutine[Any, Any, None]) -> None:
        self.error: BaseException | None = None
        self.thread = threading.Thread(target=self._main, args=(coro,), daemon=True, name="riverrun-branch")
        self.thread.start()

    def _main(self, coro: Coroutine[Any, Any, None]) -> None:
        try:
            drive(coro)
        except BaseException as error:
            self.error = error


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

    async def steps(self, items: Any, run: Lane, is_async: bool) -> AsyncIterator[Any]:
        if is_async:
            items = steps_on_loop(items, run)
        go = run.context().run
        try:
            try:
                for item in map(go, repeat(iter(items).__next__)):
                    yield item
            finally:  # in the same context: a token set before a yield can be reset after it
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
            branch.thread.join(max(0.0, late - time.monotonic()))
            if branch.thread.is_alive():
                report_overrun("a branch")

    async def together(
        self, work: Callable[[], Coroutine[Any, Any, None]], width: int, more: Callable[[], bool], stop: Stop
    ) -> None:
        """The caller works too. Each helper enlists the next, so quick jobs start few threads and blocking ones many."""
        crew: list[Branch] = []
        enlisted = 1

        def enlist() -> None:
            nonlocal enlisted
            if enlisted < width and more() and not stop.told:
                enlisted += 1
                crew.append(self.spawn(help_out()))

        async def help_out() -> None:
            enlist()
            await work()

        try:
            enlist()
            await work()
            for branch in crew:
                branch.thread.join()
                if branch.error is not None:
                    raise branch.error
        except BaseException:
            stop.tell()
            await self.reap(crew)
            raise

    def parker(self) -> ThreadParker:
        return ThreadParker()

    async def wait(self, parker: ThreadParker) -> None:
        parker.wait()

    async def sleep(self, seconds: float, stop: Stop | None = None) -> None:
        if stop is None:
            time.sleep(seconds)
            return
        woken = threading.Event()
        unhook = stop.hook(woken.set)
        try:
            if woken.wait(seconds):
                raise Closed
        finally:
            unhook()

    def must_not_wait(self) -> bool:
        return running_loop() is not None  # what this thread waits for may need its loop


SYNC: Backend = SyncBackend()
