"""Configs as plain dicts: completed, changed and merged; and functions called under one."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import Context, copy_context
from functools import partial
from typing import Any, ParamSpec, TypeVar, cast

from riverrun._backends.aio import ASYNC
from riverrun._backends.protocol import Stop
from riverrun._backends.sync import SYNC
from riverrun._engine.adapt import lazily
from riverrun._engine.config import DEFAULT_RECURSION_LIMIT, RunnableConfig, Said, config_list
from riverrun._engine.run import Root, current
from riverrun._pure.signature import Signature
from riverrun.runnables.binding import merged

__all__ = [
    "DEFAULT_RECURSION_LIMIT",
    "ContextThreadPoolExecutor",
    "RunnableConfig",
    "acall_func_with_variable_args",
    "call_func_with_variable_args",
    "ensure_config",
    "get_config_list",
    "get_executor_for_config",
    "merge_configs",
    "patch_config",
    "run_in_executor",
    "set_config_context",
]

P = ParamSpec("P")
T = TypeVar("T")


# ------------------------------------------------------------------------------------------------ configs as dicts


def ensure_config(config: RunnableConfig | None = None) -> RunnableConfig:
    """`config` over what holds here: the config of the run that this code is part of, else the defaults.

    A key whose value is None counts as not given. Keys that no config has go to `configurable`; of `configurable`, what
    describes a run (`model`) stands in the metadata too.

    Raises:
        ConfigError: a known key holds a value of the wrong type.
    """
    run = current.get()
    full: dict[str, Any] = {
        "tags": [],
        "metadata": {},
        "callbacks": None,
        "recursion_limit": DEFAULT_RECURSION_LIMIT,
        "configurable": {},
        **(run.config() if run is not None else {}),
    }
    given = {key: value for key, value in (config or {}).items() if value is not None}
    said = Said(given)
    full |= {key: value for key, value in given.items() if key in RunnableConfig.__annotations__}
    full["configurable"] = dict(said.configurable or full["configurable"])
    full["metadata"] = dict(said.metadata or full["metadata"])
    return cast(RunnableConfig, full)


def get_config_list(
    config: RunnableConfig | Sequence[RunnableConfig] | None, length: int
) -> list[RunnableConfig]:
    """A complete config for each of `length` inputs; a `run_id` names one run, so only the first gets it.

    Raises:
        ValueError: `length` is negative.
        ConfigError: `config` is a list of another length.
    """
    if length < 0:
        raise ValueError(f"length is at least 0, not {length}")
    return [ensure_config(each) for each in config_list(config, length)]


def patch_config(
    config: RunnableConfig | None,
    *,
    callbacks: Any = None,
    recursion_limit: int | None = None,
    max_concurrency: int | None = None,
    run_name: str | None = None,
    configurable: dict[str, Any] | None = None,
) -> RunnableConfig:
    """`config`, complete, with what is given in the place of what it says. `configurable` is merged.

    Callbacks are those of another run, so the name and id of this one go when they are given.
    """
    patched: dict[str, Any] = {**ensure_config(config)}
    if callbacks is not None:
        patched["callbacks"] = callbacks
        patched.pop("run_name", None)
        patched.pop("run_id", None)
    given = {
        "recursion_limit": recursion_limit,
        "max_concurrency": max_concurrency,
        "run_name": run_name,
        "configurable": configurable and {**patched["configurable"], **configurable},
    }
    return cast(RunnableConfig, patched | {key: value for key, value in given.items() if value is not None})


def merge_configs(*configs: RunnableConfig | None) -> RunnableConfig:
    """All of `configs` as one: tags and callbacks joined, metadata and configurable merged, the rest from the last."""
    whole: dict[str, Any] = {}
    for config in filter(None, configs):
        whole = merged(whole, config)
    return cast(RunnableConfig, whole)


# ------------------------------------------------------------------------------------------- calling under a config


def call_func_with_variable_args(
    func: Callable[..., T],
    input: Any,
    config: RunnableConfig,
    run_manager: Any = None,
    **kwargs: Any,
) -> T:
    """`func(input)` with the config and the run manager too, if it asks for them by name."""
    return func(input, **_asked(func, config, run_manager, kwargs))


def acall_func_with_variable_args(
    func: Callable[..., Awaitable[T]],
    input: Any,
    config: RunnableConfig,
    run_manager: Any = None,
    **kwargs: Any,
) -> Awaitable[T]:
    """Likewise for an async function; what it returns is to be awaited."""
    return func(input, **_asked(func, config, run_manager, kwargs))


def _asked(func: Any, config: RunnableConfig, run_manager: Any, kwargs: dict[str, Any]) -> dict[str, Any]:
    signature = Signature(func)
    asked = dict(kwargs)
    if signature.takes_config:
        asked["config"] = (
            config if run_manager is None else patch_config(config, callbacks=run_manager.get_child())
        )
    if run_manager is not None and signature.takes_run_manager:
        asked["run_manager"] = run_manager
    return asked


@contextmanager
def set_config_context(config: RunnableConfig) -> Iterator[Context]:
    """A context in which `config` holds: what is invoked by `context.run(...)` inherits it."""
    yield Root(SYNC, config).context()


# ------------------------------------------------------------------------------------------------- worker threads


class ContextThreadPoolExecutor(ThreadPoolExecutor):
    """A pool of threads whose jobs see the context variables of whoever submits them."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Schedule `fn(*args, **kwargs)` in a copy of the caller's context."""
        return super().submit(cast(Any, copy_context().run), fn, *args, **kwargs)

    # `map` submits, so its jobs see the context too.


@contextmanager
def get_executor_for_config(config: RunnableConfig | None) -> Iterator[Executor]:
    """A pool of as many threads as the config's `max_concurrency` allows, shut down at the end of the block."""
    with ContextThreadPoolExecutor(max_workers=(config or {}).get("max_concurrency")) as executor:
        yield executor


async def run_in_executor(
    executor_or_config: Executor | RunnableConfig | None,
    func: Callable[P, T],
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """`func(*args, **kwargs)`, awaited while it runs in a thread: of `executor_or_config` if that is an executor.

    The function sees the caller's context variables. When the wait is cancelled, it is awaited for at most a second and
    reported if it overruns; it is no step, so `on_stop` does not reach it. In an executor of the caller's it runs on if it
    has begun.
    """
    work = partial(func, *args, **kwargs)
    if isinstance(executor_or_config, Executor):
        future = executor_or_config.submit(copy_context().run, work)
        parker = ASYNC.parker()
        future.add_done_callback(lambda done: parker.wake())
        try:
            await ASYNC.wait(parker)
        finally:
            future.cancel()  # of no effect on one that has begun
        return future.result()
    result: T = await ASYNC.call(work, (), _Bystander(), False)
    return result


def steps_in_thread(
    func: Callable[P, Iterable[T]], *args: P.args, **kwargs: P.kwargs
) -> AsyncGenerator[T, None]:
    """What the iterator gives that `func(*args, **kwargs)` makes, at most one ahead of the reader.

    One thread calls the function, steps the iterator and closes it, and sees the caller's context variables. Closing what
    is returned waits for that, for at most a second.
    """
    return ASYNC.steps(lazily(partial(func, *args, **kwargs)), _Bystander(), False)


class _Bystander:
    """What a function runs in that is no step: the context as it is."""

    def __init__(self) -> None:
        above = current.get()
        self.stop: Stop | None = None if above is None else above.stop

    def context(self) -> Context:
        return copy_context()

    def locate(self, error: BaseException) -> None:
        """It is in no step."""
