"""The names of `riverrun.runnables` under the path that ported programs import them from."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from riverrun._engine.runnable import Input, Other, Output, Runnable
from riverrun.runnables.binding import RunnableBinding
from riverrun.runnables.coerce import RunnableLike, coerce_to_runnable
from riverrun.runnables.each import RunnableEach
from riverrun.runnables.function import RunnableGenerator, RunnableLambda, chain
from riverrun.runnables.parallel import RunnableMap, RunnableParallel
from riverrun.runnables.sequence import RunnableSequence

if TYPE_CHECKING:
    from riverrun._engine.serializable import RunnableSerializable

RunnableBindingBase = RunnableBinding
RunnableEachBase = RunnableEach

__all__ = [
    "Input",
    "Other",
    "Output",
    "Runnable",
    "RunnableBinding",
    "RunnableBindingBase",
    "RunnableEach",
    "RunnableEachBase",
    "RunnableGenerator",
    "RunnableLambda",
    "RunnableLike",
    "RunnableMap",
    "RunnableParallel",
    "RunnableSequence",
    "RunnableSerializable",
    "chain",
    "coerce_to_runnable",
]


def __getattr__(name: str) -> Any:
    if name == "RunnableSerializable":  # a pydantic model: pydantic is loaded by whoever asks for it
        return import_module("riverrun._engine.serializable").RunnableSerializable
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
