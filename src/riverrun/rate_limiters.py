"""How many requests a model may make in a second."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from threading import Lock

from riverrun._backends.aio import ASYNC
from riverrun._backends.drive import drive
from riverrun._backends.protocol import Backend
from riverrun._backends.sync import SYNC
from riverrun._engine.stopping import pause

__all__ = ["BaseRateLimiter", "InMemoryRateLimiter"]


class BaseRateLimiter(ABC):
    """What a model asks before each request. An answer from a cache is no request."""

    @abstractmethod
    def acquire(self, *, blocking: bool = True) -> bool:
        """Whether a request may begin: wait until it may, or with `blocking=False` say so at once."""

    @abstractmethod
    async def aacquire(self, *, blocking: bool = True) -> bool:
        """`acquire` without blocking the loop."""


class InMemoryRateLimiter(BaseRateLimiter):
    """A bucket that fills with the time; each request takes a token out, or waits for one (the token bucket algorithm).

    It begins empty, with the first question put to it. Any number of threads and loops may share it. A wait ends at once
    when the run that waits is told to stop, and does not count towards `max_concurrency`.

    Args:
        requests_per_second: how many tokens a second brings.
        check_every_n_seconds: how long to wait before looking again.
        max_bucket_size: how many tokens the bucket holds: the most requests that may begin at once after a quiet time.

    Raises:
        ValueError: no request could ever begin: the bucket doesn't fill, or holds less than one token; or the wait is negative.
    """

    def __init__(
        self,
        *,
        requests_per_second: float = 1,
        check_every_n_seconds: float = 0.1,
        max_bucket_size: float = 1,
    ) -> None:
        if not requests_per_second > 0:
            raise ValueError(f"requests_per_second must be greater than 0, not {requests_per_second!r}")
        if not max_bucket_size >= 1:
            raise ValueError(f"max_bucket_size must be at least 1, not {max_bucket_size!r}")
        if not check_every_n_seconds >= 0:
            raise ValueError(f"check_every_n_seconds must not be negative, but is {check_every_n_seconds!r}")
        self.requests_per_second = requests_per_second
        self.check_every_n_seconds = check_every_n_seconds
        self.max_bucket_size = max_bucket_size
        self.available_tokens = 0.0
        self.last: float | None = None
        """When the bucket was last filled, in seconds of the monotonic clock."""
        self._lock = Lock()

    def acquire(self, *, blocking: bool = True) -> bool:
        return bool(drive(self._acquire(SYNC, blocking)))

    async def aacquire(self, *, blocking: bool = True) -> bool:
        return await self._acquire(ASYNC, blocking)

    async def _acquire(self, backend: Backend, blocking: bool) -> bool:
        while not (got := self._consume()) and blocking:
            await pause(self.check_every_n_seconds, backend)
        return got

    def _consume(self) -> bool:
        """Take a token if there is one."""
        with self._lock:
            now = time.monotonic()
            if self.last is None:
                self.last = now
            self.available_tokens = min(
                self.available_tokens + (now - self.last) * self.requests_per_second, self.max_bucket_size
            )
            self.last = now
            if self.available_tokens < 1:
                return False
            self.available_tokens -= 1
            return True
