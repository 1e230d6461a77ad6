"""One bounded channel for every mix of colours: any number of writers in any thread, one reader."""

from __future__ import annotations

import threading
from collections import deque
from threading import get_ident
from typing import Any

from riverrun._backends.protocol import Backend, Closed, Parker


class Channel:
    """A bounded queue whose writers never block while they write.

    `push` appends and returns; a writer that finds the channel `crowded` waits for `room` before it goes on. Wake-ups
    are batched: the reader is woken once when it waits, the writers once when the reader has emptied the channel.
    """

    __slots__ = (
        "_lock",
        "_reader",
        "_writers",
        "bound",
        "closed",
        "crowded",
        "error",
        "finished",
        "items",
        "owner",
    )

    def __init__(self, bound: int, owner: int | None = None) -> None:
        self.items: deque[Any] = deque()
        self.bound = bound
        self.crowded = False
        self.closed = False
        self.finished = 0
        self.error: BaseException | None = None
        self.owner = owner
        """The thread that reads, if it also writes: it can't wait for itself."""
        self._reader: Parker | None = None
        self._writers: list[Parker] = []
        self._lock = threading.RLock()  # the collector may close another stream of ours while it is held

    def push(self, item: Any) -> None:
        """Append, from any thread. Neither blocks nor raises."""
        self.items.append(item)
        if len(self.items) >= self.bound:
            self.crowded = True
        if self._reader is not None:
            self._rouse()

    def finish(self, error: BaseException | None = None) -> None:
        """A writer has ended. The first error is kept for the reader."""
        with self._lock:
            if error is not None and self.error is None:
                self.error = error
            self.finished += 1
        self._rouse()

    async def room(self, backend: Backend) -> None:
        """Wait until the reader has caught up.

        Raises:
            Closed: the reader is gone.
        """
        if self.closed:
            raise Closed
        if self.owner == get_ident() and not backend.is_async:
            return
        parker = backend.parker()
        with self._lock:
            waits = self.crowded and not self.closed
            if waits:
                self._writers.append(parker)
        if waits:
            try:
                await backend.wait(parker)
            except BaseException:
                with self._lock:
                    if parker in self._writers:
                        self._writers.remove(parker)
                raise
        if self.closed:
            raise Closed

    async def more(self, backend: Backend, writers: int = 1) -> bool:
        """Wait for an item; False when all `writers` have finished, or one of them with an error."""
        while not self.items:
            if self.crowded:
                self.drained()
            if self._over(writers):
                return bool(self.items)  # one may have come between the look and the end
            self._reader = parker = backend.parker()
            if self.items or self.crowded or self._over(writers):  # it came between the look and the parking
                self._reader = None
                continue
            try:
                await backend.wait(parker)
            finally:
                self._reader = None
        return True

    def drained(self) -> None:
        """The reader has caught up: the writers may go on."""
        with self._lock:
            self.crowded = False
            writers, self._writers = self._writers, []
        for parker in writers:
            parker.wake()

    def raise_error(self) -> None:
        """Raise the first error of a writer, if there is one, and let go of it: no cycle through its traceback."""
        error, self.error = self.error, None
        if error is not None:
            try:
                raise error
            finally:
                del error

    def close(self) -> None:
        """The reader goes: whoever waits for room, now or later, gets `Closed`."""
        self.closed = True
        self.drained()

    def _over(self, writers: int) -> bool:
        return self.finished >= writers or self.error is not None

    def _rouse(self) -> None:
        parker, self._reader = self._reader, None
        if parker is not None:
            parker.wake()
