"""What a user's class overrides becomes a kernel.

A subclass may override `invoke`, `ainvoke`, `stream`, `astream`, `transform` or `atransform`, in its body, in a mixin, or
later (a mock on a class or an instance). Wherever the step runs, the override counts: it runs as user code inside the
step's run. When it calls `super()`, what it inherits goes on in the same run.
"""

from __future__ import annotations

from abc import ABCMeta
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from functools import partial
from types import MethodType
from typing import Any

from riverrun._backends.channel import Channel
from riverrun._backends.drive import drive, iterate
from riverrun._backends.portal import Upstream, steps_on_loop
from riverrun._backends.protocol import Closed
from riverrun._backends.sync import SYNC
from riverrun._engine.run import Once, Run
from riverrun._engine.weave import pump

CALL_FACE = ("invoke", "ainvoke")
FLOW_FACE = ("transform", "stream", "atransform", "astream")
FACE = frozenset((*CALL_FACE, *FLOW_FACE))


class StepType(ABCMeta):
    """The type of runnables: it notices what a class overrides, when it is made and when it is changed."""

    __instancecheck__ = (
        type.__instancecheck__
    )  # nothing registers as a virtual runnable, and this one is quick

    def __init__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(name, bases, namespace)
        _settle(cls)

    def __setattr__(cls, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name in FACE:
            _settle_tree(cls)

    def __delattr__(cls, name: str) -> None:
        super().__delattr__(name)
        if name in FACE:
            _settle_tree(cls)


def _settle_tree(cls: type) -> None:
    _settle(cls)
    below: list[type] = type.__subclasses__(cls)
    for subclass in below:
        _settle_tree(subclass)


def _settle(cls: Any) -> None:
    """Point each kernel of `cls` at whichever comes first in its MRO: a kernel written as such, or an override."""
    base = _base(cls)
    if base is cls:
        cls.__abstractmethods__ = frozenset(["invoke"])
        return
    above_base = cls.__mro__[: cls.__mro__.index(base)]
    cls._overrides = frozenset(
        name for name in FACE if any(callable(c.__dict__.get(name)) for c in above_base)
    )
    for kernel, adapted, face in _KERNELS:
        written = _written(cls, kernel, adapted)
        found = base.__dict__[kernel]
        for c in above_base:
            if any(callable(c.__dict__.get(name)) for name in face):
                found = adapted
                break
            if (own := _written(c, kernel, adapted)) is not None:
                found = own
                break
        if found is adapted and written is not None:
            cls._kernels_beneath = {**cls.__dict__.get("_kernels_beneath", {}), kernel: written}
        if cls.__dict__.get(kernel) is adapted and found is not adapted:
            if written is not None:
                setattr(cls, kernel, written)
            else:
                delattr(cls, kernel)
        if getattr(cls, kernel) is not found:
            setattr(cls, kernel, found)
    if any(name in cls.__dict__ for name in ("transform", "atransform")):
        cls.transforms = True
    # The kernels have each other as defaults, so a class without either can't be run, nor an instance of it be made.
    runs = any(getattr(cls, kernel) is not base.__dict__[kernel] for kernel, *_ in _KERNELS)
    is_abstract = not runs or getattr(cls.invoke, "__isabstractmethod__", False)
    cls.__abstractmethods__ = (cls.__abstractmethods__ - {"invoke"}) | ({"invoke"} if is_abstract else set())


def settle_instance(step: Any) -> None:
    """An override was set on, or taken from, one instance: give it the kernels that follow."""
    own = step.__dict__
    own.pop("_overrides", None)
    if set_here := FACE & own.keys():
        own["_overrides"] = step._overrides | set_here
    for kernel, adapted, face in _KERNELS:
        own.pop(kernel, None)
        if any(name in own for name in face):
            own[kernel] = MethodType(adapted, step)


def _base(cls: type) -> Any:
    """`Runnable`, which defines the face."""
    return next(c for c in reversed(cls.__mro__) if isinstance(c, StepType))


def _written(cls: type, kernel: str, adapted: Any) -> Any:
    """The kernel in the body of `cls`, also where an override set later lies on top of it; None if it has none."""
    beneath = cls.__dict__.get("_kernels_beneath", {})
    if kernel in beneath:
        return beneath[kernel]
    own = cls.__dict__.get(kernel)
    return None if own is adapted else own


def _native(step: Any, kernel: str, adapted: Any) -> Any:
    """The kernel that a class of the library, or of an author of steps, defines for `step`; None where there is none."""
    base = _base(type(step))
    for c in type(step).__mro__:
        if c is base:
            return None
        if (own := _written(c, kernel, adapted)) is not None:
            return own
    return None


# -------------------------------------------------------------------------------------------- overrides as kernels


async def _call_override(self: Any, x: Any, run: Run) -> Any:
    return await next_call(self, x, run, None)


async def next_call(step: Any, x: Any, run: Run, after: str | None) -> Any:
    """The value by the first that there is: an override of the run's colour, an inherited kernel, one of the other."""
    own, other = CALL_FACE[::-1] if run.backend.is_async else CALL_FACE
    if after is None and own in step._overrides:
        return await _call_method(step, own, x, run)
    if (kernel := _native(step, "_call_kernel", _call_override)) is not None:
        return await kernel(step, x, run)
    if other in step._overrides and (after is None or after == "ainvoke"):
        return await _call_method(step, other, x, run)
    if _streams(step):
        return await _base(type(step)).__dict__["_call_kernel"](step, x, run)
    raise NotImplementedError(
        f"{type(step).__name__} inherits nothing that super().{after or own}() could run"
    )


async def _call_method(step: Any, name: str, x: Any, run: Run) -> Any:
    return await run.call(partial(getattr(step, name), **run.kwargs), (x, run.config()), name == "ainvoke")


async def _flow_override(self: Any, xs: Any, run: Run) -> AsyncGenerator[Any, None]:
    async with aclosing(next_flow(self, xs, run, None)) as ys:
        async for y in ys:
            yield y


async def next_flow(step: Any, xs: Any, run: Run, after: str | None) -> AsyncGenerator[Any, None]:
    """The stream by the first that there is, likewise; at last one chunk, the value."""
    method, kernel = stream_source(step, run.backend.is_async, after)
    if method is not None:
        ys = _flow_method(step, method, xs, run)
    elif kernel is not None:
        ys = kernel(step, xs, run)
    elif (
        after is None
        or any(name in step._overrides for name in CALL_FACE)
        or _native(step, "_call_kernel", _call_override)
    ):
        yield await step._call_kernel(await run.take(xs), run)
        return
    else:
        raise NotImplementedError(f"{type(step).__name__} inherits nothing that super().{after}() could run")
    async with aclosing(ys):
        async for y in ys:
            yield y


def stream_source(step: Any, is_async: bool, after: str | None = None) -> tuple[str | None, Any]:
    """What makes a step's stream in runs of one colour: an override, by its name, or a kernel, or neither."""
    own, other = (FLOW_FACE[2:], FLOW_FACE[:2]) if is_async else (FLOW_FACE[:2], FLOW_FACE[2:])
    names = own[own.index(after) + 1 :] if after else own
    method = next((name for name in names if name in step._overrides), None)
    kernel = _native(step, "_flow_kernel", _flow_override)
    if method is None and kernel is None and after is None:
        method = next((name for name in other if name in step._overrides), None)
    return method, kernel


async def _flow_method(step: Any, name: str, xs: Any, run: Run) -> AsyncGenerator[Any, None]:
    is_async = name.startswith("a")
    method = partial(getattr(step, name), **run.kwargs)
    lazy = lazily_async if is_async else lazily
    if name.endswith("transform"):
        ys = transformed(lambda items: lazy(partial(method, items, run.config())), xs, run, is_async)
    else:
        ys = run.steps(lazy(partial(method, await run.take(xs), run.config())), is_async)
    async with aclosing(ys):
        async for y in ys:
            yield y


def lazily(begin: Callable[[], Any]) -> Iterator[Any]:
    """What a user's function returns, called where it is stepped: it may work before it returns its iterator."""
    yield from begin()


async def lazily_async(begin: Callable[[], Any]) -> AsyncGenerator[Any, None]:
    """Likewise for an async iterator."""
    ys = begin()
    try:
        async for y in ys:
            yield y
    finally:
        if hasattr(ys, "aclose"):
            await ys.aclose()


def _streams(step: Any) -> bool:
    return any(name in step._overrides for name in FLOW_FACE) or bool(
        _native(step, "_flow_kernel", _flow_override)
    )


_KERNELS: tuple[tuple[str, Any, tuple[str, ...]], ...] = (
    ("_call_kernel", _call_override, CALL_FACE),
    ("_flow_kernel", _flow_override, FLOW_FACE),
)


# ----------------------------------------------------------------------------------------- a user's transformer


async def transformed(
    fn: Callable[[Any], Any], xs: Any, run: Run, is_async: bool
) -> AsyncGenerator[Any, None]:
    """What a user's stream transformer of either colour makes of `xs`. When it ends early, upstream closes at once."""
    backend = run.backend
    fed: _Fed | None = None
    given: Any = xs
    if is_async == backend.is_async:
        given = xs if is_async else iterate(xs)
        items = fn(given)
    elif is_async:
        upstream = Upstream(xs)
        items, is_async = steps_on_loop(fn(upstream), run, upstream), False
    else:
        fed = _Fed(xs, run)
        items = fn(fed.items())
    ys: Any = run.steps(items, is_async, is_source=False)
    try:
        async for y in ys:
            yield y
    finally:
        if fed is not None:
            fed.hang_up()
        try:
            await ys.aclose()
        finally:
            if fed is not None:
                await fed.aclose()
            if given is not xs:
                given.close()
            await xs.aclose()


class _Fed:
    """An async stream for a sync transformer in its thread: a task owns the stream, one chunk ahead of the thread."""

    __slots__ = ("_channel", "_run", "_task", "_unhook", "_xs")

    def __init__(self, xs: Any, run: Run) -> None:
        self._xs, self._run = xs, run
        self._channel = Channel(1)
        self._unhook: Callable[[], None] | None = None

    def items(self) -> Iterator[Any]:
        backend = self._run.backend
        self._task = backend.spawn(pump(self._xs, self._channel, None, backend))
        return self

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        channel, stop = self._channel, self._run.stop
        if self._unhook is None and stop is not None:  # the thread, told to stop, may wait here
            self._unhook = stop.hook(self.hang_up)
        if channel.items or drive(channel.more(SYNC)):
            return channel.items.popleft()[1]
        if channel.error is not None:
            raise channel.error
        raise StopIteration

    def hang_up(self) -> None:
        """The thread's next read, or the one it waits in, ends."""
        self._channel.close()
        self._channel.finish(Closed())

    async def aclose(self) -> None:
        if self._unhook is not None:
            self._unhook()
        await self._run.backend.reap([self._task])


def lift(items: Any) -> Any:
    """A user's iterable of either colour as a stream of the engine's."""
    return items if type(items) is Once else _lifted(items)


async def _lifted(items: Any) -> AsyncGenerator[Any, None]:
    if hasattr(items, "__aiter__"):
        try:
            async for x in items:
                yield x
        finally:
            if hasattr(items, "aclose"):
                await items.aclose()
    else:
        try:
            for x in items:
                yield x
        finally:
            if hasattr(items, "close"):
                items.close()
