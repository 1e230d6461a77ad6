"""The code behind a tool, as the engine calls it: of either colour, with what it asks for."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from riverrun._engine.run import Run
from riverrun._pure.signature import Signature, target_of
from riverrun.callbacks.manager import manager_of
from riverrun.utils._arguments import Parameters


class Hook:
    """A function behind a tool: what it is, found once, and how it is called."""

    __slots__ = ("asks", "fn", "is_async", "is_generator", "parameters")

    def __init__(self, fn: Callable[..., Any], *, is_async: bool = False) -> None:
        """`is_async`: whether it gives an awaitable, though it may not look so."""
        facts = Signature(fn)
        self.fn = fn
        self.is_generator = facts.is_generator
        self.is_async = (
            inspect.isasyncgenfunction(target_of(fn)) if self.is_generator else facts.is_async or is_async
        )
        self.parameters = Parameters(fn, facts)
        self.asks = bool(self.parameters.config or self.parameters.managers)

    def bound(self, args: tuple[Any, ...], kwargs: Mapping[str, Any], run: Run) -> Callable[[], Any]:
        """The call with these arguments, and with what the function asks for of the run."""
        given = {**kwargs, **self._asked(run)} if self.asks else dict(kwargs)
        if self.parameters.positional:
            args += tuple(
                given.pop(name) for name in self.parameters.positional[len(args) :] if name in given
            )
        return partial(self.fn, *args, **given)

    def _asked(self, run: Run) -> dict[str, Any]:
        asked: dict[str, Any] = dict.fromkeys(self.parameters.managers, manager_of(run, self.is_async))
        if self.parameters.config:
            asked[self.parameters.config] = run.config()
        return asked


def passed_on(
    fn: Callable[..., Any], args: tuple[Any, ...], config: Any, run_manager: Any, kwargs: Mapping[str, Any]
) -> Any:
    """What `fn` gives when a hook of a user's class calls it in its place."""
    parameters = Parameters(fn)
    asked: dict[str, Any] = dict.fromkeys(parameters.managers, run_manager)
    if parameters.config:
        asked[parameters.config] = config
    return fn(*args, **{**kwargs, **asked})
