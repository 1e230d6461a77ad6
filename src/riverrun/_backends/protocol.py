"""What the engine asks of a backend, and how sync code is told to stop."""

from __future__ import annotations

import logging
import weakref
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterable
from contextvars import Context
from typing import Any, Protocol

log = logging.getLogger("riverrun")

CLOSE_LIMIT = 1.0
"""Seconds that closing waits for a blocking step before it reports that the step overran."""


class Closed(BaseException):
    """The other end went away, or this branch was told to stop. Not an error of anybody's: never reported as one."""


class Stop:
    """What tells the sync code of a branch to stop.

    It is checked before each call of user code, ends every sleep, and runs the hooks that blocked I/O leaves here.
    A stop tells the stops made below it.
    """

    __slots__ = ("__weakref__", "_below", "_hooks", "told")

    def __init__(self, above: Stop | None = None) -> None:
        self.told = False
        self._hooks: list[Callable[[], object]] = []
        self._below: list[weakref.ref[Stop]] = []
        if above is not None:
            above._below.append(weakref.ref(self, above._below.remove))
            if above.told:
                self.tell()

    def tell(self) -> None:
        """Stop, from any thread, any number of times. Never raises on behalf of a hook that is gone."""
        self.told = True
        for hook in self._hooks.copy():
            try:
                hook()
            except Exception:  # a hook's fault is not to keep the others from hearing
                log.exception("a hook that was to hear of a stop raised")
        for ref in self._below.copy():
            if (below := ref()) is not None:
                below.tell()

    def hook(self, wake: Callable[[], object]) -> Callable[[], None]:
        """Call `wake` when told, at once if that has happened already. Returns what takes the hook back.

        `wake` may be called twice and from any thread; it shuts the socket, or sets the flag, that something waits on.
        """
        self._hooks.append(wake)
        if self.told:
            wake()

        def unhook() -> None:
            if wake in self._hooks:
                self._hooks.remove(wake)

        return unhook


class Lane(Protocol):
    """What a backend must know of a run to enter user code for it."""

    stop: Stop | None

    def context(self) -> Context:
        """A private copy of the run's context, with the run as its current one."""
        ...

    def locate(self, error: BaseException) -> None:
        """Note on `error` in which step it arose, once."""
        ...


class Parker(Protocol):
    """One wait of one task or thread."""

    def wake(self) -> None:
        """End the wait, from any thread, any number of times, also before it has begun."""
        ...


class Task(Protocol):
    """Something spawned: a thread, or a task of the loop."""


class Backend(Protocol):
    """The verbs by which the engine waits. There are two: `SYNC` and `ASYNC`."""

    is_async: bool

    def call(
        self, fn: Callable[..., Any], args: tuple[Any, ...], run: Lane, is_async: bool
    ) -> Awaitable[Any]:
        """Call a user's function of either colour in a private context."""
        ...

    def steps(self, items: Any, run: Lane, is_async: bool) -> AsyncGenerator[Any, None]:
        """Step a user's iterator of either colour, in one private context, by one owner, and close it."""
        ...

    def spawn(self, coro: Coroutine[Any, Any, None]) -> Task:
        """Begin a concurrent branch."""
        ...

    async def reap(self, tasks: Iterable[Any]) -> None:
        """Stop what was spawned and wait until it has ended, `CLOSE_LIMIT` at most. Shielded from cancellation."""
        ...

    async def together(
        self, work: Callable[[], Coroutine[Any, Any, None]], width: int, more: Callable[[], bool], stop: Stop
    ) -> None:
        """Run `work` up to `width` times at once, while there is `more` to begin with.

        When one fails, the others are stopped and finished before its error leaves.
        """
        ...

    def parker(self) -> Any:
        """A wait that has not begun."""
        ...

    def wait(self, parker: Any) -> Awaitable[None]:
        """Wait until `parker` is woken."""
        ...

    async def sleep(self, seconds: float, stop: Stop | None = None) -> None:
        """Let time pass. Raises `Closed` when `stop` is told meanwhile."""
        ...

    def must_not_wait(self) -> bool:
        """Whether the caller blocks a thread that others need to make progress: a sync call on a loop's own thread."""
        ...
