"""Floor 3: the composition language. Everything a chain is built from."""

from __future__ import annotations

from riverrun._engine.config import RunnableConfig
from riverrun._engine.knot import knot
from riverrun._engine.runnable import Runnable
from riverrun._engine.stopping import on_stop, stop_requested
from riverrun.runnables.addable import AddableDict
from riverrun.runnables.attempts import RunnableRetry, RunnableWithFallbacks
from riverrun.runnables.binding import RunnableBinding, binding
from riverrun.runnables.branch import RouterRunnable, RunnableBranch
from riverrun.runnables.coerce import coerce_to_runnable
from riverrun.runnables.each import RunnableEach
from riverrun.runnables.function import RunnableGenerator, RunnableLambda, chain
from riverrun.runnables.parallel import RunnableMap, RunnableParallel
from riverrun.runnables.passthrough import RunnableAssign, RunnablePassthrough, RunnablePick
from riverrun.runnables.sequence import RunnableSequence, sequence

knot.coerce = coerce_to_runnable
knot.sequence = sequence
knot.binding = binding
knot.retry = RunnableRetry
knot.fallbacks = RunnableWithFallbacks
knot.each = RunnableEach
knot.assign = RunnablePassthrough.assign
knot.pick = RunnablePick

__all__ = [
    "AddableDict",
    "RouterRunnable",
    "Runnable",
    "RunnableAssign",
    "RunnableBinding",
    "RunnableBranch",
    "RunnableConfig",
    "RunnableEach",
    "RunnableGenerator",
    "RunnableLambda",
    "RunnableMap",
    "RunnableParallel",
    "RunnablePassthrough",
    "RunnablePick",
    "RunnableRetry",
    "RunnableSequence",
    "RunnableWithFallbacks",
    "chain",
    "coerce_to_runnable",
    "on_stop",
    "stop_requested",
]
