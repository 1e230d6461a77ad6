"""max_concurrency: at most n calls of user code are at work at once, however batch, parallel and chains nest.

A permit is taken where user code or a request begins, when its input is there, and by nothing else. A call made by
user code that holds a permit borrows that permit, else takes a free one, else waits for either. A stream that waits at
its `yield` keeps its permit, but a call made by a transformer behind it may borrow it meanwhile. So who holds a permit
never waits for one, and no nesting can deadlock.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import Any

from riverrun._backends.protocol import Backend, Parker


class Permit:
    """The right to be at work: a free place of the limit, or one lent by a caller that waits meanwhile."""

    __slots__ = ("_borrower", "_guest", "_left", "_lender", "_lent", "_limit", "_parker", "_resting")

    def __init__(self, limit: Limit, lender: Permit | None) -> None:
        self._limit, self._lender = limit, lender
        self._lent = False
        self._borrower: Permit | None = None
        self._left = False
        """Its holder has ended while it was lent: the borrower brings it home."""
        self._resting = False
        self._guest = False
        """Lent to a stranger while its stream rested."""
        self._parker: Parker | None = None

    def leave(self, run: Any) -> None:
        """The work of `run` is done."""
        limit = self._limit
        with limit.lock:
            if self._resting:
                limit.resting.discard(self)
                self._resting = False
            if self._guest and _blocks_a_loop(run):
                self._part_from_guest()
            if self._lent:
                self._left = True
            else:
                self._go_home()
            limit.serve()

    def rest(self) -> None:
        """A stream hands over a chunk: until it is stepped again it does no work."""
        with self._limit.lock:
            self._resting = True
            self._limit.resting.add(self)
            self._limit.serve()

    async def resume(self, run: Any) -> None:
        """The stream is stepped again: wait until a guest has brought the permit back."""
        backend: Backend = run.backend
        with self._limit.lock:
            self._resting = False
            self._limit.resting.discard(self)
            if self._guest and (backend.must_not_wait() or _blocks_a_loop(run)):
                self._part_from_guest()
            if not self._guest:
                return
            self._parker = backend.parker()
        while self._guest:
            await backend.wait(self._parker)

    def lend(self, to_guest: bool = False) -> Permit | None:
        """A permit that borrows this one, unless it is lent already. The limit's lock is held."""
        if self._lent:
            return None
        self._lent, self._guest = True, to_guest
        self._borrower = borrower = Permit(self._limit, self)
        return borrower

    def _part_from_guest(self) -> None:
        """Below a sync call that blocks a loop, a guest may need that loop to end: it goes on as one more than allowed."""
        assert self._borrower is not None
        self._borrower._lender = None
        self._borrower = None
        self._lent = self._guest = False
        self._limit.free -= 1

    def _go_home(self) -> None:
        lender = self._lender
        if lender is None:
            self._limit.free += 1
            return
        lender._lent = lender._guest = False
        lender._borrower = None
        if lender._left:
            lender._go_home()
        elif lender._parker is not None:
            lender._parker.wake()


class _Waiting:
    __slots__ = ("granted", "holder", "nested", "parker")

    def __init__(self, holder: Permit | None, nested: bool, parker: Parker) -> None:
        self.holder, self.nested, self.parker = holder, nested, parker
        self.granted: Permit | None = None


class Limit:
    """`free` permits, and who waits for one. Shared by everything below the call that set `max_concurrency`."""

    __slots__ = ("free", "lock", "resting", "waiting")

    def __init__(self, permits: int) -> None:
        self.free = permits
        self.lock = threading.RLock()  # the collector may close another stream of ours while it is held
        self.waiting: deque[_Waiting] = deque()
        self.resting: set[Permit] = set()

    async def enter(self, run: Any) -> Permit:
        """Wait for a permit for the user code of `run`."""
        backend: Backend = run.backend
        holder, nested, may_wait = _caller_of(run)
        with self.lock:
            permit = self._grant(holder, nested)
            if permit is None and (backend.must_not_wait() or not may_wait):
                # A loop that this call blocks may hold what would free a permit: one more than allowed beats a deadlock.
                self.free -= 1
                permit = Permit(self, None)
            if permit is not None:
                return permit
            parker = backend.parker()
            place = _Waiting(holder, nested, parker)
            self.waiting.append(place)
        try:
            await backend.wait(parker)
        except BaseException:
            with self.lock:
                if place.granted is None:
                    self.waiting.remove(place)
            if place.granted is not None:
                place.granted.leave(run)
            raise
        assert place.granted is not None
        return place.granted

    def serve(self) -> None:
        """Give what is free to who waits, in order. The lock is held."""
        for place in list(self.waiting):
            if place in self.waiting and (permit := self._grant(place.holder, place.nested)) is not None:
                self.waiting.remove(place)
                place.granted = permit
                place.parker.wake()

    def _grant(self, holder: Permit | None, nested: bool) -> Permit | None:
        if holder is not None and (permit := holder.lend()) is not None:
            return permit
        if self.free > 0:
            self.free -= 1
            return Permit(self, None)
        if nested:
            for resting in list(self.resting):
                if (permit := resting.lend(to_guest=True)) is not None:
                    return permit
        return None


def _caller_of(run: Any) -> tuple[Permit | None, bool, bool]:
    """The permit of the user code that made this call, whether user code without one made it, and whether to wait.

    Below a sync call that blocks a loop only the permit of who made that call is sure to come back: all others may be
    held by tasks of that loop.
    """
    nested, may_wait = False, True
    above = run.caller()
    while above is not None:
        if above.permit is not None:
            return above.permit, nested, may_wait
        caller = above.caller()
        if above.is_root and caller is not None and caller.permit is None:
            nested = True
            may_wait = may_wait and not above.blocks_loop
        above = caller
    return None, nested, may_wait


def _blocks_a_loop(run: Any) -> bool:
    """Whether a sync call above this run was made on the thread of a loop."""
    above = run.caller()
    while above is not None:
        if above.is_root and above.blocks_loop:
            return True
        above = above.caller()
    return False
