"""`call` and `flow`: the only way into a step's kernels.

Here and nowhere else a run begins, is observed, owns its input, is closed and is reported. When nobody listens, `call`
is the kernel's own coroutine and `flow` a stage without a frame of its own, so composing costs nothing per chunk.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine
from typing import Any

from riverrun._backends.protocol import Stop
from riverrun._engine.config import NOTHING, Scope
from riverrun._engine.run import Chunks, Once, Run


def call(
    step: Any,
    x: Any,
    parent: Run,
    tag: str | None = None,
    kwargs: dict[str, Any] = NOTHING,
    scope: Scope | None = None,
    stop: Stop | None = None,
    kernel: Callable[[Any, Run], Coroutine[Any, Any, Any]] | None = None,
) -> Coroutine[Any, Any, Any]:
    """Run `step` on a value; awaited, the coroutine gives its value.

    `kernel` stands in for the step's own, where an override's `super()` or a helper such as `_call_with_config` names it.
    """
    if step.is_lens:
        step, kwargs, scope = look_through(step, parent, kwargs, scope)
    run = Run(step, parent, tag, kwargs, scope, stop)
    if run.ports:
        return _observed_call(kernel or step._call_kernel, x, run)
    return (kernel or step._call_kernel)(x, run)


async def _observed_call(kernel: Any, x: Any, run: Run) -> Any:
    run.input = x
    try:
        run.start(x)  # inside: a listener that refuses the start ends the run
        y = await kernel(x, run)
    except BaseException as error:
        run.fail(error, Chunks())
        raise
    run.emit("end", y, run.input)
    return y


def flow(
    step: Any,
    xs: Any,
    parent: Run,
    tag: str | None = None,
    kwargs: dict[str, Any] = NOTHING,
    scope: Scope | None = None,
    stop: Stop | None = None,
    kernel: Callable[[Any, Run], Any] | None = None,
) -> Flow:
    """Run `step` on a stream; the stage it gives steps like the step and owns `xs`."""
    if step.is_lens:
        step, kwargs, scope = look_through(step, parent, kwargs, scope)
    run = Run(step, parent, tag, kwargs, scope, stop)
    if run.ports:
        return Flow(_observed_flow(kernel or step._flow_kernel, xs, run), xs)
    return Flow((kernel or step._flow_kernel)(xs, run), xs)


class Flow:
    """A stage of a stream. It steps exactly like its step and closes its input with itself."""

    __slots__ = ("_stop", "_xs", "_ys")

    def __init__(self, ys: Any, xs: Any) -> None:
        self._ys, self._xs = ys, xs
        self._stop: Stop | None = None

    def told_by(self, stop: Stop) -> Flow:
        """This stage, which tells `stop` when it is closed: it stands at the end of a stream, with all of it behind."""
        self._stop = stop
        return self

    def __aiter__(self) -> AsyncIterator[Any]:
        return self._ys.__aiter__()  # type: ignore[no-any-return]

    def is_over(self) -> bool:
        """Whether there is nothing left to close."""
        return _is_over(self._ys) and _is_over(self._xs)

    async def aclose(self) -> None:
        """Close downstream first, then upstream, in the closer's own task or thread."""
        if self._stop is not None:
            self._stop.tell()
        try:
            await _close(self._ys)
        finally:
            await _close(self._xs)


async def _close(ys: Any) -> None:
    if not getattr(ys, "ag_running", False):  # else its owner overran inside it, and closes it on coming back
        await ys.aclose()


def _is_over(ys: Any) -> bool:
    if type(ys) is Flow:
        return ys.is_over()
    return (
        type(ys) is Once or getattr(ys, "ag_frame", ys) is None
    )  # an async generator that has ended has no frame


async def _observed_flow(kernel: Any, xs: Any, run: Run) -> AsyncGenerator[Any, None]:
    handed_out, seen = Chunks(), Chunks()
    ports, gates = run.ports, run.scope.gates
    run.input = seen
    try:
        if run.step.transforms:  # begins with the first chunk of its input; others when `take` has all of it
            if type(xs) is Once:
                run.input = xs.value
                run.start(xs.value)
            else:
                xs = _tapped(xs, run, seen)
        ys = kernel(xs, run)
        try:
            async for y in ys:
                handed_out.append(y)
                for port in ports:
                    port("chunk", y, None)
                for gate in gates:
                    if gate.crowded:
                        await gate.room(run.backend)
                yield y
        finally:  # children end before their parent reports its end
            try:
                await ys.aclose()
            finally:
                await xs.aclose()
    except BaseException as error:
        run.fail(error, handed_out)
        raise
    run.start()
    run.emit("end", handed_out, run.input)


async def _tapped(xs: Any, run: Run, seen: Chunks) -> AsyncGenerator[Any, None]:
    try:
        async for x in xs:
            if not seen:
                run.start()
            seen.append(x)
            yield x
    finally:
        await xs.aclose()


def look_through(
    step: Any, parent: Run, kwargs: dict[str, Any], scope: Scope | None
) -> tuple[Any, dict[str, Any], Scope | None]:
    """with_config, bind, configurable: no runs of their own; what they say lies beneath the run of the step inside."""
    if not step.is_lens:
        return step, kwargs, scope
    seen = scope or parent.layered()
    while step.is_lens and not step._overrides:
        try:
            step, laid, bound = step.through(seen)
        except Exception as error:
            return Refused(step, error), kwargs, scope
        if laid is not seen:
            scope = seen = laid
        if bound:
            kwargs = {**bound, **kwargs}
    return step, kwargs, scope and scope.in_one()


class Refused:
    """In place of the step that a lens failed to make: it fails when it is run, as a step does."""

    is_lens = False
    silent = True
    transforms = True

    def __init__(self, lens: Any, error: Exception) -> None:
        self._lens, self._error = lens, error

    def get_name(self) -> str:
        return self._lens.get_name()  # type: ignore[no-any-return]

    async def _call_kernel(self, x: Any, run: Run) -> Any:
        raise self._error

    async def _flow_kernel(self, xs: Any, run: Run) -> AsyncIterator[Any]:
        run.locate(self._error)
        raise self._error
        yield  # makes it a generator
