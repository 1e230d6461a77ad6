"""What a callable is, found once when a step is made from it: its colour, whether it yields, what it asks for."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any


class Signature:
    """The facts about a user's callable that decide how it is called."""

    __slots__ = (
        "asks",
        "is_async",
        "is_generator",
        "name",
        "parameters",
        "takes_any_keyword",
        "takes_config",
        "takes_run_manager",
    )

    def __init__(self, fn: Callable[..., Any]) -> None:
        target = target_of(fn)
        is_async_generator = inspect.isasyncgenfunction(target)
        self.is_generator = is_async_generator or inspect.isgeneratorfunction(target)
        self.is_async = is_async_generator or inspect.iscoroutinefunction(target)
        self.name = _name(fn)
        """The function's own name, or None for a lambda and for what has none."""
        try:
            self.parameters = dict(inspect.signature(fn).parameters)
        except (ValueError, TypeError):  # some builtins have no signature
            self.parameters = {}
        self.takes_config = "config" in self.parameters
        self.takes_run_manager = "run_manager" in self.parameters
        self.asks = self.takes_config or self.takes_run_manager
        """Whether it wants to be told of the run."""
        self.takes_any_keyword = any(
            parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in self.parameters.values()
        )


def target_of(fn: Any) -> Any:
    """The function that runs when `fn` is called: inside partials, bound methods and objects with `__call__`."""
    while isinstance(fn, functools.partial):
        fn = fn.func
    if not (inspect.isroutine(fn) or inspect.isclass(fn)) and hasattr(type(fn), "__call__"):  # noqa: B004  # its type's
        return type(fn).__call__
    return fn


def _name(fn: Any) -> str | None:
    name = getattr(fn, "__name__", None)
    return name if isinstance(name, str) and name != "<lambda>" else None
