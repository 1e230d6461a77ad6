"""Where a public method enters the engine: the ambient run is read, a root begun, and a lane entered.

A method of the library that is reached on a step which overrides it was called as `super().method()`. It goes on with
what the step inherits: inside the override's own run if that is at work, else in a run that begins here.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Sequence
from contextlib import aclosing
from functools import partial
from typing import Any

from riverrun._backends.channel import Channel
from riverrun._backends.protocol import Backend, Stop
from riverrun._engine.adapt import next_call, next_flow, transformed
from riverrun._engine.config import NOTHING, RunHandle, Scope, config_list
from riverrun._engine.lanes import Flow, call, flow, look_through
from riverrun._engine.run import Chunks, Resumed, Root, Run, current
from riverrun._engine.weave import Job, gather, gather_into


def enter_call(
    step: Any, name: str, x: Any, backend: Backend, config: Any, kwargs: dict[str, Any]
) -> Coroutine[Any, Any, Any]:
    """One run of `step` on a value."""
    kernel = None
    if name in step._overrides:
        if (at_work := _at_work(step)) is not None:
            return next_call(step, x, Resumed(at_work, backend, kwargs), name)
        kernel = partial(_after_call, step, name)
    return call(step, x, Root(backend, config), None, kwargs, kernel=kernel)


def enter_flow(step: Any, name: str, xs: Any, backend: Backend, config: Any, kwargs: dict[str, Any]) -> Flow:
    """One run of `step` on a stream."""
    kernel = None
    if name in step._overrides:
        if (at_work := _at_work(step)) is not None:
            return Flow(next_flow(step, xs, Resumed(at_work, backend, kwargs), name), xs)
        kernel = partial(_after_flow, step, name)
    root = Root(backend, config)
    stop = root.stop = Stop(root.stop)
    return flow(step, xs, root, None, kwargs, kernel=kernel).told_by(stop)


def _at_work(step: Any) -> Run | None:
    """The run of `step` whose override called us, if there is one."""
    above = current.get()
    return above if above is not None and above.step is step else None


def _after_call(step: Any, name: str, x: Any, run: Run) -> Coroutine[Any, Any, Any]:
    return next_call(step, x, run, name)


def _after_flow(step: Any, name: str, xs: Any, run: Run) -> AsyncIterator[Any]:
    return next_flow(step, xs, run, name)


# ----------------------------------------------------------------------------------------------------- batches


async def enter_batch(
    step: Any,
    inputs: Sequence[Any],
    backend: Backend,
    config: Any,
    return_exceptions: bool,
    kwargs: dict[str, Any],
) -> list[Any]:
    """One run of `step` for each input, at once, the results in order."""
    jobs, width, root = _jobs(step, inputs, backend, config, kwargs)
    return await gather(jobs, root, width, return_exceptions) if root is not None else []


async def enter_completions(
    step: Any,
    inputs: Sequence[Any],
    backend: Backend,
    config: Any,
    return_exceptions: bool,
    kwargs: dict[str, Any],
) -> AsyncGenerator[tuple[int, Any], None]:
    """Likewise, as (index, result) pairs in the order in which they end."""
    jobs, width, root = _jobs(step, inputs, backend, config, kwargs)
    if root is None:
        return
    stop = root.stop = Stop(root.stop)
    channel = Channel(len(jobs))

    async def produce() -> None:
        error: BaseException | None = None
        try:
            await gather_into(lambda i, y: channel.push((i, y)), jobs, root, width, return_exceptions)
        except BaseException as raised:
            error = raised
        finally:
            channel.finish(error)

    task = backend.spawn(produce())
    try:
        while channel.items or await channel.more(backend):
            yield channel.items.popleft()
        if channel.error is not None:
            raise channel.error
    finally:
        stop.tell()
        await backend.reap([task])


def _jobs(
    step: Any, inputs: Sequence[Any], backend: Backend, config: Any, kwargs: dict[str, Any]
) -> tuple[list[Job], int | None, Root | None]:
    inputs = list(inputs)
    configs = config_list(config, len(inputs))
    if not inputs:
        return [], None, None
    runs: dict[int, tuple[Any, dict[str, Any], Root, Scope | None]] = {}
    for said in configs:  # one root for all inputs that share a config
        if id(said) not in runs:
            root = Root(backend, said)
            inner, given, scope = look_through(step, root, kwargs, None)
            runs[id(said)] = inner, given, root, scope
    jobs: list[Job] = []
    for x, said in zip(inputs, configs, strict=True):
        inner, given, root, scope = runs[id(said)]
        jobs.append((inner, x, None, given, root, scope))
    inner, _, root, scope = runs[id(configs[0])]
    in_turn = getattr(inner, "one_by_one", False) is True
    return jobs, 1 if in_turn else (scope or root.scope).max_concurrency, root


# ------------------------------------------------------------------- the helpers that authors of subclasses call


def helped_call(
    step: Any, func: Any, x: Any, backend: Backend, config: Any, kwargs: dict[str, Any]
) -> Coroutine[Any, Any, Any]:
    """`func(x)` as the run of `step`: the one that is at work, else one that begins here."""

    async def kernel(x: Any, run: Run) -> Any:
        return await run.call(partial(func, **_asked(func, run, kwargs)), (x,), backend.is_async)

    if (at_work := _at_work(step)) is not None:
        return kernel(x, Resumed(at_work, backend, NOTHING))
    return call(step, x, Root(backend, config), kernel=kernel)


def helped_flow(
    step: Any, transformer: Any, xs: Any, backend: Backend, config: Any, kwargs: dict[str, Any]
) -> Flow:
    """`transformer(xs)` as the run of `step`, likewise."""

    async def kernel(xs: Any, run: Run) -> AsyncGenerator[Any, None]:
        asked = partial(transformer, **_asked(transformer, run, kwargs))
        async with aclosing(transformed(asked, xs, run, backend.is_async)) as ys:
            async for y in ys:
                yield y

    if (at_work := _at_work(step)) is not None:
        return Flow(kernel(xs, Resumed(at_work, backend, NOTHING)), xs)
    return flow(step, xs, Root(backend, config), kernel=kernel)


async def helped_batch(
    step: Any,
    func: Any,
    inputs: Sequence[Any],
    backend: Backend,
    config: Any,
    return_exceptions: bool,
    kwargs: dict[str, Any],
) -> list[Any]:
    """`func(inputs)` as one run of `step` for each input. An exception in the returned list fails that input alone."""
    if not inputs:
        return []
    runs = [Run(step, Root(backend, said)) for said in config_list(config, len(inputs))]
    for run, x in zip(runs, inputs, strict=True):
        run.start(x)
    asked = dict(kwargs)
    if _asks_for(func, "config"):
        asked["config"] = [run.config() for run in runs]
    if _asks_for(func, "run_manager"):
        asked["run_manager"] = [RunHandle(run) for run in runs]
    try:
        outputs = await runs[0].call(partial(func, **asked), (list(inputs),), backend.is_async)
    except BaseException as error:
        for run in runs:
            run.fail(error, Chunks())
        if return_exceptions and isinstance(error, Exception):
            return [error] * len(inputs)
        raise
    for run, x, y in zip(runs, inputs, outputs, strict=True):
        if isinstance(y, Exception):
            run.fail(y, Chunks())
        else:
            run.emit("end", y, x)
    if (
        not return_exceptions
        and (failed := next((y for y in outputs if isinstance(y, Exception)), None)) is not None
    ):
        raise failed
    return list(outputs)


def _asked(func: Any, run: Run, kwargs: dict[str, Any]) -> dict[str, Any]:
    """The keyword arguments for a user's function: those given, and of the run those that it asks for."""
    asked = dict(kwargs)
    if _asks_for(func, "config"):
        asked["config"] = run.config()
    if _asks_for(func, "run_manager"):
        asked["run_manager"] = RunHandle(run)
    return asked


def _asks_for(func: Any, name: str) -> bool:
    code = getattr(func, "__code__", None)
    return code is not None and name in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
