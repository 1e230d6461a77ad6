"""Threads that take one job after another."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue

from riverrun._backends.protocol import CLOSE_LIMIT, log


def report_overrun(what: str) -> None:
    """Say that closing gave up waiting for a blocking step."""
    log.warning("%s did not stop within %.1f s of being told to; it runs on in its thread", what, CLOSE_LIMIT)


class ThreadParker:
    """A thread that waits: a lock it has taken itself."""

    __slots__ = ("_lock",)

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lock.acquire()

    def wake(self) -> None:
        try:
            self._lock.release()
        except RuntimeError:  # released already
            pass

    def wait(self, seconds: float = -1) -> bool:
        """Block until woken; False when `seconds` have passed first."""
        return self._lock.acquire(timeout=seconds)


class Job:
    """Something for a worker to do, which may be taken back as long as nobody has begun it."""

    __slots__ = ("begun", "recalled", "work")

    def __init__(self, work: Callable[[], None]) -> None:
        self.work = work
        self.begun = self.recalled = False


class Workers:
    """A pool of threads. An idle one lingers for a moment and ends.

    It has no upper bound: a bounded pool deadlocks when one of its jobs waits for another.
    """

    LINGER = 0.2
    """Seconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: SimpleQueue[Job] = SimpleQueue()
        self._free = 0
        """Idle threads, less the jobs that are on their way to one."""
        self.threads: set[threading.Thread] = set()

    def do(self, work: Callable[[], None]) -> Job:
        """Let a free thread call `work`, which must not raise."""
        job = Job(work)
        with self._lock:
            hire = self._free == 0
            if not hire:
                self._free -= 1
        if hire:
            thread = threading.Thread(target=self._main, args=(job,), daemon=True, name="riverrun-worker")
            thread.start()
        else:
            self._jobs.put(job)
        return job

    def recall(self, job: Job) -> None:
        """Take `job` back, unless a thread has begun it."""
        with self._lock:
            if not (job.begun or job.recalled):
                job.recalled = True
                self._free += 1

    def idle(self) -> int:
        """How many threads linger without a job."""
        with self._lock:
            return self._free

    def _main(self, job: Job | None) -> None:
        me = threading.current_thread()
        self.threads.add(me)
        while True:
            if job is not None:
                self._run(job)
            job = None  # and with it everything that it holds
            try:
                job = self._jobs.get(timeout=self.LINGER)
            except Empty:
                with self._lock:
                    if self._free:  # else a job is on its way
                        self._free -= 1
                        self.threads.discard(me)
                        return

    def _run(self, job: Job) -> None:
        with self._lock:
            if job.recalled:
                return
            job.begun = True
        job.work()
        with self._lock:
            self._free += 1


workers = Workers()
if hasattr(os, "register_at_fork"):  # in a forked child the threads stayed in the parent
    os.register_at_fork(after_in_child=workers.__init__)  # type: ignore[misc]  # the object is shared: anew in place
