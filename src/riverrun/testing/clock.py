"""Virtual time: sleeps that take no time, on loops and in threads alike.

Time stands still while anybody works, and jumps to the next deadline when everybody waits. Everybody is: the thread
that entered the clock, the engine's workers and its portal loops. So a sleep is not only short, it is exact:
`clock.sleep(1)` returns when all the others wait for something that is more than a second away.
"""

import asyncio
import math
import selectors
import threading
import time
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from contextvars import Context
from types import SimpleNamespace
from typing import Any, Self, TypeVar, TypeVarTuple
from unittest.mock import patch

import riverrun.rate_limiters as rate_limiters
from riverrun._backends import aio, portal, sync
from riverrun._backends.workers import Job, ThreadParker, workers

_GRAIN = 2.0**-20
"""Seconds, about a microsecond. Moments are multiples of it, so that floats add them up exactly."""

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_real_sleep = time.sleep
_real_wait = ThreadParker.wait
_real_wake = ThreadParker.wake


class Clock:
    """Virtual time for all that runs inside `with`; it begins at 0.

        with Clock() as clock:
            clock.run(main())  # asyncio.sleep(3600) inside takes no time
            clock.sleep(3600)  # nor does this, which is what time.sleep is meanwhile

    One clock rules at a time. Threads that are none of the engine's take no part: their sleeps are real, and time may
    jump while they work. Nor does I/O: time may jump while a loop waits for a socket.
    """

    def __init__(self) -> None:
        self._now = 0.0
        self._lock = threading.RLock()
        self._at_work = 0
        self._threads: set[int] = set()
        self._waits: set[_Wait] = set()
        self._parked: dict[ThreadParker, _Wait] = {}
        self._rule = ExitStack()

    def time(self) -> float:
        """Virtual seconds since the clock was made."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Block the calling thread for virtual `seconds`."""
        if threading.get_ident() in self._threads:
            ThreadParker().wait(max(0.0, seconds))
        else:
            _real_sleep(seconds)

    def run(self, main: Coroutine[Any, Any, T]) -> T:
        """`asyncio.run`, on a loop that keeps virtual time."""
        with asyncio.Runner(loop_factory=lambda: _Loop(self)) as runner:
            return runner.run(main)

    def __enter__(self) -> Self:
        shim = SimpleNamespace(monotonic=self.time, sleep=self.sleep)
        portals = _Portals(self)
        self._rule.callback(portals.stop)
        for place, name, value in (
            (time, "sleep", self.sleep),
            (sync, "time", shim),
            (aio, "time", shim),
            (rate_limiters, "time", shim),
            (portal, "portals", portals),
            (workers, "do", self._do),
            (workers, "recall", self._recall),
            (ThreadParker, "wait", lambda parker, seconds=-1.0: self._park(parker, seconds)),
            (ThreadParker, "wake", lambda parker: self._unpark(parker)),
        ):
            self._rule.enter_context(patch.object(place, name, value))
        self._begin()
        self._join()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._rule.close()
        self._leave()

    # ------------------------------------------------------------------------------------- who works, who waits

    def _begin(self) -> None:
        """One more is at work, in a thread that will `_join`."""
        with self._lock:
            self._at_work += 1

    def _join(self) -> None:
        self._threads.add(threading.get_ident())

    def _leave(self) -> None:
        self._threads.discard(threading.get_ident())
        self._rest()

    def _rest(self) -> None:
        """One less is at work. When nobody is, the next deadline has come."""
        with self._lock:
            self._at_work -= 1
            if self._at_work:
                return
            due = min((wait.deadline for wait in self._waits), default=math.inf)
            if due == math.inf:
                return  # whoever wakes them is not ours
            self._now = due
            for wait in [wait for wait in self._waits if wait.deadline <= self._now]:
                self._rouse(wait)
                wait.timed_out = True
                wait.wake()

    def _after(self, seconds: float) -> float:
        """The moment when `seconds` have passed, and not a rounding error less: who asks again must not wait again."""
        return math.ceil((self._now + seconds) / _GRAIN) * _GRAIN

    def _wait(self, wait: "_Wait") -> None:
        with self._lock:
            self._waits.add(wait)
            self._rest()

    def _rouse(self, wait: "_Wait") -> None:
        """It counts as at work from the moment it is woken, not from when its thread gets its turn."""
        with self._lock:
            if wait in self._waits:
                self._waits.remove(wait)
                self._at_work += 1

    # ----------------------------------------------------------------------------------- in place of the engine's

    def _park(self, parker: ThreadParker, seconds: float) -> bool:
        if threading.get_ident() not in self._threads:
            return _real_wait(parker, seconds)
        with self._lock:
            if parker._lock.acquire(blocking=False):
                return True
            wait = _Wait(self._after(seconds) if seconds >= 0 else math.inf, parker._lock.release)
            self._parked[parker] = wait
            self._wait(wait)
        try:
            parker._lock.acquire()
        finally:  # also when KeyboardInterrupt ended the wait
            with self._lock:
                self._parked.pop(parker, None)
                self._rouse(wait)
        return not wait.timed_out

    def _unpark(self, parker: ThreadParker) -> None:
        with self._lock:
            if (wait := self._parked.pop(parker, None)) is not None:
                self._rouse(wait)
            _real_wake(parker)

    def _do(self, work: Callable[[], None]) -> Job:
        def counted() -> None:
            self._join()
            try:
                work()
            finally:
                self._leave()

        self._begin()
        return type(workers).do(workers, counted)

    def _recall(self, job: Job) -> None:
        recalled = job.recalled
        type(workers).recall(workers, job)
        if job.recalled and not recalled:
            self._rest()


class _Wait:
    """One thread or loop that waits."""

    __slots__ = ("deadline", "timed_out", "wake")

    def __init__(self, deadline: float, wake: Callable[[], object]) -> None:
        self.deadline, self.wake = deadline, wake
        self.timed_out = False


class _Loop(asyncio.SelectorEventLoop):
    """A loop that keeps virtual time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._selector_of_mine = _Selector(clock, self._rouse)
        super().__init__(self._selector_of_mine)

    def time(self) -> float:
        return self._clock.time()

    def call_soon_threadsafe(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        with self._clock._lock:  # not between the selector's look and its wait
            self._selector_of_mine.rouse()
            return super().call_soon_threadsafe(callback, *args, context=context)

    def _rouse(self) -> None:
        super().call_soon_threadsafe(int)


class _Selector(selectors.DefaultSelector):
    """Where a loop waits."""

    def __init__(self, clock: Clock, wake: Callable[[], object]) -> None:
        super().__init__()
        self._clock, self._wake = clock, wake
        self._wait: _Wait | None = None

    def rouse(self) -> None:
        if self._wait is not None:
            self._clock._rouse(self._wait)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        clock = self._clock
        with clock._lock:
            events = super().select(0)
            if events or (timeout is not None and timeout <= 0):
                return events
            self._wait = _Wait(math.inf if timeout is None else clock._after(timeout), self._wake)
            clock._wait(self._wait)
        events = super().select(None)
        with clock._lock:
            self.rouse()  # unless whoever woke it has done so
            self._wait = None
        return events


class _Portals(portal._Portals):
    """Portal loops that keep virtual time and end with the clock."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._threads: list[threading.Thread] = []

    def _start(self, name: str) -> asyncio.AbstractEventLoop:
        clock = self._clock
        loop = _Loop(clock)

        def main() -> None:
            clock._join()
            try:
                loop.run_forever()
            finally:
                loop.close()
                clock._leave()

        clock._begin()
        thread = threading.Thread(target=main, daemon=True, name=name)
        thread.start()
        self._threads.append(thread)
        return loop

    def stop(self) -> None:
        for loop in self._loops:
            loop.call_soon_threadsafe(loop.stop)
        for thread in self._threads:
            thread.join()
