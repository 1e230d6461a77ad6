"""What a model's author has written, found and called: hooks of either colour, one value or many chunks."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any

from riverrun._engine.adapt import lazily, lazily_async
from riverrun._engine.run import Run
from riverrun.callbacks.manager import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun, manager_of

FLOW_HOOKS: Mapping[bool, tuple[str, ...]] = {False: ("_stream", "_astream"), True: ("_astream", "_stream")}
"""The hooks that stream, for runs that are async or not: the first one that there is."""


def own_hook(model: Any, base: type, names: tuple[str, ...]) -> str | None:
    """The first of these hooks that `model` doesn't have as `base` has it."""
    cls = type(model)
    for name in names:
        if getattr(cls, name) is not getattr(base, name):
            return name
    return None


def prepared(model: Any, hook: str, run: Run, stop: list[str] | None, kwargs: dict[str, Any]) -> Any:
    """A hook that makes a value, with all of its arguments but the first."""
    method = getattr(model, hook)
    return partial(method, stop=stop, **with_manager(method, manager_of(run, is_async(hook)), kwargs))


def items_of(model: Any, hook: str, x: Any, run: Run, stop: list[str] | None, kwargs: dict[str, Any]) -> Any:
    """The iterator, of either colour, that a hook makes which streams."""
    method = getattr(model, hook)
    manager = _AsyncStreaming(run) if is_async(hook) else _Streaming(run)
    begin = partial(method, x, stop=stop, **with_manager(method, manager, kwargs))
    if inspect.isgeneratorfunction(method) or inspect.isasyncgenfunction(method):
        return begin()
    return (
        lazily_async(begin) if is_async(hook) else lazily(begin)
    )  # it may block before it returns its iterator


def is_async(hook: str) -> bool:
    """Whether a hook by this name is async."""
    return hook.startswith("_a")


def stop_of(run: Run) -> tuple[list[str] | None, dict[str, Any]]:
    """The stop sequences of a run, apart from its other arguments."""
    kwargs = run.kwargs
    if "stop" not in kwargs:
        return None, kwargs
    return kwargs["stop"], {key: value for key, value in kwargs.items() if key != "stop"}


def with_manager(hook: Callable[..., Any], manager: Any, kwargs: dict[str, Any]) -> dict[str, Any]:
    """`kwargs`, and the run manager if there is one and `hook` asks for it."""
    if manager is None or not _asks_for_manager(getattr(hook, "__func__", hook)):
        return kwargs
    return {**kwargs, "run_manager": manager}


def as_sync(hook: Callable[..., Any], stop: list[str] | None, manager: Any, kwargs: dict[str, Any]) -> Any:
    """A sync hook with what its async counterpart was given, all but the first argument."""
    manager = None if manager is None else manager.get_sync()
    return partial(hook, stop=stop, **with_manager(hook, manager, kwargs))


@lru_cache(maxsize=1024)
def _asks_for_manager(hook: Callable[..., Any]) -> bool:
    try:
        return "run_manager" in inspect.signature(hook).parameters
    except (TypeError, ValueError):  # some callables have no signature
        return False


class _Streaming(CallbackManagerForLLMRun):
    """What a sync hook gets that streams: what it yields is reported by that, so what it reports itself is not."""

    __slots__ = ()

    def on_llm_new_token(self, token: Any, *, chunk: Any = None, **kwargs: Any) -> None: ...


class _AsyncStreaming(AsyncCallbackManagerForLLMRun):
    """Likewise an async one."""

    __slots__ = ()

    async def on_llm_new_token(self, token: Any, *, chunk: Any = None, **kwargs: Any) -> None: ...

    def get_sync(self) -> Any:
        return _Streaming(self.run)
