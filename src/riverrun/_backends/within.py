"""Stepping coroutines by hand: inside a context of their own, or from where somebody else left them."""

from __future__ import annotations

import types
from collections.abc import Awaitable, Callable, Coroutine, Generator
from contextvars import Context
from typing import Any

from riverrun._backends.drive import READY


@types.coroutine
def resume(
    go: Callable[..., Any], coro: Coroutine[Any, Any, None], waits_for: Any
) -> Generator[Any, Any, bool]:
    """Take `coro`, which waits inside its context, on to its next chunk (True) or its end (False)."""
    try:
        while waits_for is not READY:
            try:
                got = yield waits_for
            except BaseException as error:
                waits_for = go(coro.throw, error)
            else:
                waits_for = go(coro.send, got)
        return True
    except StopIteration:
        return False


class Within:
    """Await a coroutine inside a context without giving it a task of its own."""

    __slots__ = ("awaitable", "context")

    def __init__(self, context: Context, awaitable: Awaitable[Any]) -> None:
        self.context, self.awaitable = context, awaitable

    def __await__(self) -> Generator[Any, Any, Any]:
        go = self.context.run
        awaitable: Any = self.awaitable
        coro = awaitable if hasattr(awaitable, "send") else awaitable.__await__()
        try:
            waits_for = go(coro.send, None)
            while True:
                try:
                    got = yield waits_for
                except BaseException as error:
                    waits_for = go(coro.throw, error)
                else:
                    waits_for = go(coro.send, got)
        except StopIteration as done:
            return done.value


@types.coroutine
def rest(coro: Coroutine[Any, Any, None], waits_for: Any) -> Generator[Any, Any, None]:
    """What is left of `coro`, which has been stepped until it waits for `waits_for`."""
    try:
        while True:
            try:
                got = yield waits_for
            except BaseException as error:
                waits_for = coro.throw(error)
            else:
                waits_for = coro.send(got)
    except StopIteration:
        return
