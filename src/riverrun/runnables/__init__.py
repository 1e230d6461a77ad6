"""Floor 3: the composition language. Everything a chain is built from."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from riverrun._engine.config import RunnableConfig
from riverrun._engine.knot import knot
from riverrun._engine.runnable import Runnable
from riverrun._engine.schema import ConfigurableFieldSpec
from riverrun._engine.stopping import on_stop, stop_requested
from riverrun.runnables.addable import AddableDict
from riverrun.runnables.binding import RunnableBinding, binding
from riverrun.runnables.branch import RunnableBranch
from riverrun.runnables.coerce import coerce_to_runnable
from riverrun.runnables.configurable import (
    ConfigurableField,
    ConfigurableFieldMultiOption,
    ConfigurableFieldSingleOption,
    RunnableConfigurableAlternatives,
    RunnableConfigurableFields,
)
from riverrun.runnables.each import RunnableEach
from riverrun.runnables.fallbacks import RunnableWithFallbacks
from riverrun.runnables.function import RunnableGenerator, RunnableLambda, chain
from riverrun.runnables.parallel import RunnableMap, RunnableParallel
from riverrun.runnables.passthrough import RunnableAssign, RunnablePassthrough, RunnablePick
from riverrun.runnables.retry import RunnableRetry
from riverrun.runnables.router import RouterInput, RouterRunnable
from riverrun.runnables.sequence import RunnableSequence, bar

if TYPE_CHECKING:
    from riverrun._engine.serializable import RunnableSerializable
    from riverrun.runnables.config import ensure_config, get_config_list, patch_config, run_in_executor
    from riverrun.runnables.history import RunnableWithMessageHistory
    from riverrun.runnables.utils import aadd, add


def _on_demand(module: str, name: str) -> Callable[..., Any]:
    """A function of a module that is imported when the function is first called."""

    def call(*args: Any, **kwargs: Any) -> Any:
        return getattr(import_module(f"riverrun.{module}"), name)(*args, **kwargs)

    return call


knot.coerce = coerce_to_runnable
knot.bar = bar
knot.sequence = RunnableSequence
knot.binding = binding
knot.configurable_fields = RunnableConfigurableFields
knot.configurable_alternatives = RunnableConfigurableAlternatives
knot.retry = RunnableRetry
knot.fallbacks = RunnableWithFallbacks
knot.each = RunnableEach
knot.assign = RunnablePassthrough.assign
knot.pick = RunnablePick
knot.graph = _on_demand("runnables.graph", "graph_of")
knot.prompts = _on_demand("runnables.graph", "prompts_in")
knot.streaming_report = _on_demand("runnables.streaming", "streaming_report")
knot.habit = _on_demand("runnables.streaming", "habit_of")
knot.as_tool = _on_demand("tools.convert", "convert_runnable_to_tool")

__all__ = [
    "AddableDict",
    "ConfigurableField",
    "ConfigurableFieldMultiOption",
    "ConfigurableFieldSingleOption",
    "ConfigurableFieldSpec",
    "RouterInput",
    "RouterRunnable",
    "Runnable",
    "RunnableAssign",
    "RunnableBinding",
    "RunnableBranch",
    "RunnableConfig",
    "RunnableConfigurableAlternatives",
    "RunnableConfigurableFields",
    "RunnableEach",
    "RunnableGenerator",
    "RunnableLambda",
    "RunnableMap",
    "RunnableParallel",
    "RunnablePassthrough",
    "RunnablePick",
    "RunnableRetry",
    "RunnableSequence",
    "RunnableSerializable",
    "RunnableWithFallbacks",
    "RunnableWithMessageHistory",
    "aadd",
    "add",
    "chain",
    "coerce_to_runnable",
    "ensure_config",
    "get_config_list",
    "on_stop",
    "patch_config",
    "run_in_executor",
    "stop_requested",
]


_HOMES = {
    "RunnableSerializable": "_engine.serializable",  # a pydantic model: pydantic is loaded by whoever asks for it
    "RunnableWithMessageHistory": "runnables.history",
    "aadd": "runnables.utils",
    "add": "runnables.utils",
    "ensure_config": "runnables.config",
    "get_config_list": "runnables.config",
    "patch_config": "runnables.config",
    "run_in_executor": "runnables.config",
}
"""What is imported when it is first asked for."""


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"riverrun.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
