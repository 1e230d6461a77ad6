"""Running the engine without a loop: the sync backend's whole trick.

In the sync backend every wait blocks and returns, so a coroutine runs to its end in one `send(None)`. A stream is
handed over through one suspended coroutine: a chunk costs a resumption, not a raised `StopIteration`.
"""

from __future__ import annotations

import sys
import types
from collections.abc import AsyncIterator, Callable, Coroutine, Generator, Iterator
from typing import Any

READY = object()
"""What a feeding coroutine yields when its chunk lies in the box."""


@types.coroutine
def _hand_over() -> Generator[object, None, None]:
    yield READY


async def feed(ys: AsyncIterator[Any], box: list[Any]) -> None:
    """Put each chunk in `box[0]` and suspend with `READY`."""
    async for y in ys:
        box[0] = y
        await _hand_over()


class Suspended(RuntimeError):
    """A coroutine waited for a loop in the sync backend: somebody awaited something that is none of ours."""

    def __init__(self) -> None:
        super().__init__("a step awaited something outside its backend while it ran synchronously")


def drive(coro: Coroutine[Any, Any, Any]) -> Any:
    """The result of a coroutine that never suspends.

    Raises:
        RuntimeError: it did suspend.
    """
    hooks = sys.get_asyncgen_hooks()
    try:
        if hooks.firstiter is None:
            coro.send(None)
        else:
            _unadopted(coro.send, hooks)
    except StopIteration as done:
        return done.value
    coro.close()
    raise Suspended


def iterate(ys: Any) -> Iterator[Any]:
    """A never-suspending stream as a plain generator. Closing the generator closes the stream."""
    box: list[Any] = [None]
    coro = feed(ys, box)
    send: Callable[[None], object] = coro.send
    hooks = sys.get_asyncgen_hooks()
    if hooks.firstiter is not None:
        bare = send
        send = lambda _: _unadopted(
            bare, sys.get_asyncgen_hooks()
        )  # of now: the loop may be another one by then
    try:
        while True:
            try:
                got = send(None)
            except StopIteration:
                return
            if got is not READY:
                raise Suspended
            yield box[0]
    finally:
        coro.close()
        drive(ys.aclose())


def _unadopted(send: Callable[[None], object], hooks: Any) -> object:
    """One step outside the reach of a running loop, which would adopt our generators and close them as its own."""
    sys.set_asyncgen_hooks(None, None)
    try:
        return send(None)
    finally:
        sys.set_asyncgen_hooks(*hooks)
