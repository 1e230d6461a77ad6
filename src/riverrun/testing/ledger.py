"""What a run must not leave behind: threads at work, tasks, suspended generators, file descriptors, context variables."""

import asyncio
import gc
import inspect
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextvars import Context, copy_context
from dis import opmap
from pathlib import Path
from types import AsyncGeneratorType, CoroutineType, GeneratorType
from typing import Any, Self

from riverrun._backends import portal, protocol
from riverrun._backends.aio import running_loop
from riverrun._backends.workers import workers

_HOME = Path(protocol.__file__).parents[1]


class Ledger:
    """Opened before runs and closed after them, it raises an AssertionError that names whatever they left.

        with Ledger():
            chain.invoke(x)

    In a coroutine it sees the tasks of the running loop as well. Not counted are idle workers of the engine's pool, which
    linger for a moment, and its portal loop. Threads get `patience` seconds to end, for a thread may still be on its way
    out when what it did is done; anything else gets none. Garbage collection rests meanwhile, so that nothing is tidied
    up by chance.
    """

    def __init__(self, *, patience: float = 0.5) -> None:
        self.patience = patience
        self.dropped: list[str] = []
        """Async generators of the engine that were left to the garbage collector, though their own code should close them."""

    def __enter__(self) -> Self:
        portal.portals.loop(0)  # started now, so that it is not seen as something the run left
        _still.enter()
        self._threads = set(threading.enumerate())
        self._busy = _busy_workers()
        self._tasks = set(_tasks())
        self._suspended = {id(thing) for thing in _suspended()}
        self._files = _files()
        self._context = copy_context()
        self._hooks = sys.get_asyncgen_hooks()
        if self._hooks.finalizer is not None:
            sys.set_asyncgen_hooks(finalizer=self._note_drop)
        return self

    def __exit__(self, kind: type[BaseException] | None, *exc_info: object) -> None:
        try:
            if kind is None:
                self.check()
        finally:
            if self._hooks.finalizer is not None:
                sys.set_asyncgen_hooks(*self._hooks)
            _still.exit()

    def check(self) -> None:
        """Raise an AssertionError if anything is left."""
        left = self.left()
        assert not left, "\n".join(["left behind:", *(f"    {what}" for what in left)])

    def left(self) -> list[str]:
        """What is left now, in words."""
        return [
            *_outlasted(self._threads_left, self.patience),
            *(f"task {task!r}" for task in _tasks() if task not in self._tasks),
            *(f"suspended {_shown(g)}" for g in _suspended() if id(g) not in self._suspended),
            *(f"dropped without being closed: {what}" for what in self.dropped),
            *_outlasted(self._files_left, self.patience),
            *_changed(self._context, copy_context()),
        ]

    def _threads_left(self) -> list[str]:
        left = [
            f"thread {t.name}" for t in threading.enumerate() if t not in self._threads and not _is_pooled(t)
        ]
        busy = _busy_workers() - self._busy
        return left if busy <= 0 else [*left, f"{busy} worker(s) that still work: {_stacks()}"]

    def _files_left(self) -> list[str]:
        return [f"file descriptor {fd}: {_target(fd)}" for fd in _files() - self._files]

    def _note_drop(self, generator: Any) -> None:
        file = generator.ag_code.co_filename
        if file.startswith(str(_HOME)) and not file.startswith(str(_HOME / "testing")):
            self.dropped.append(_shown(generator))
        assert self._hooks.finalizer is not None
        self._hooks.finalizer(generator)


class _Still:
    """Garbage collection at rest, and all that was there before out of sight of `gc.get_objects`."""

    def __init__(self) -> None:
        self._depth = 0

    def enter(self) -> None:
        if not self._depth:
            self._was_enabled = gc.isenabled()
            gc.disable()
            gc.freeze()
        self._depth += 1

    def exit(self) -> None:
        self._depth -= 1
        if not self._depth:
            gc.unfreeze()
            if self._was_enabled:
                gc.enable()


_still = _Still()


def _outlasted(left: Callable[[], list[str]], patience: float) -> list[str]:
    """What is left when it had `patience` seconds to go away."""
    late = time.monotonic() + patience
    while (found := left()) and time.monotonic() < late:
        threading.Event().wait(0.001)  # not time.sleep, which a clock may have in its hands
    return found


def _is_pooled(thread: threading.Thread) -> bool:
    return thread.name.startswith(("riverrun-worker", "riverrun-portal"))


def _busy_workers() -> int:
    return sum(t.name == "riverrun-worker" for t in threading.enumerate()) - workers.idle()


def _stacks() -> list[str]:
    frames = sys._current_frames()
    return [
        f"{frame.f_code.co_name} at {frame.f_code.co_filename}:{frame.f_lineno}"
        for thread in threading.enumerate()
        if thread.name == "riverrun-worker" and (frame := frames.get(thread.ident or 0)) is not None
    ]


def _tasks() -> Iterator["asyncio.Task[Any]"]:
    running = running_loop()
    for loop in ([running] if running is not None else []) + portal.portals._loops:
        yield from asyncio.all_tasks(loop)


def _suspended() -> list[Any]:
    """Generators and coroutines that have begun and not ended, and wait for somebody to go on."""
    return [thing for thing in gc.get_objects() if type(thing) in _STATES and _STATES[type(thing)](thing)]


_STATES: dict[type, Callable[[Any], bool]] = {
    GeneratorType: lambda g: inspect.getgeneratorstate(g) == inspect.GEN_SUSPENDED,
    CoroutineType: lambda c: inspect.getcoroutinestate(c) == inspect.CORO_SUSPENDED,
    AsyncGeneratorType: lambda g: _is_suspended(g),
}


def _is_suspended(generator: Any) -> bool:
    if sys.version_info >= (3, 12):
        return bool(generator.ag_suspended)
    frame = generator.ag_frame
    if frame is None or generator.ag_running:
        return False
    return bool(
        frame.f_code.co_code[frame.f_lasti] != opmap["RETURN_GENERATOR"]
    )  # where those stand that never began


def _shown(thing: Any) -> str:
    code = next(
        getattr(thing, f"{kind}_code") for kind in ("gi", "cr", "ag") if hasattr(thing, f"{kind}_code")
    )
    return f"{thing.__qualname__} of {code.co_filename}:{code.co_firstlineno}"


def _files() -> set[int]:
    """Open file descriptors, but for the portal loops' own. Empty where the system doesn't list them."""
    try:
        found = {int(name) for name in os.listdir("/dev/fd")}
    except OSError:
        return set()
    for loop in portal.portals._loops:
        found -= {getattr(loop, part).fileno() for part in ("_selector", "_ssock", "_csock")}
    return {fd for fd in found if _target(fd)}


def _target(fd: int) -> str:
    """What a descriptor stands for; empty when it is closed by now, as is the one that listed the others."""
    try:
        return os.readlink(f"/dev/fd/{fd}")
    except OSError:
        try:
            return str(os.fstat(fd))
        except OSError:
            return ""


def _changed(before: Context, after: Context) -> list[str]:
    return [
        f"context variable {var.name}: {before.get(var)!r} became {after.get(var)!r}"
        for var in {*before, *after}
        if before.get(var) is not after.get(var)
    ]
