"""The one knot, tied in one place: a runnable's operators build runnables, which stand a floor above it.

`riverrun.runnables` ties it when it is imported; every public way to a runnable leads through there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Knot:
    """How the face of a runnable makes other runnables."""

    coerce: Callable[..., Any]
    bar: Callable[[Any, Any], Any]
    sequence: Callable[..., Any]
    binding: Callable[..., Any]
    listening: Callable[..., Any]
    configurable_fields: Callable[..., Any]
    configurable_alternatives: Callable[..., Any]
    retry: Callable[..., Any]
    fallbacks: Callable[..., Any]
    each: Callable[..., Any]
    assign: Callable[..., Any]
    pick: Callable[..., Any]
    graph: Callable[..., Any]
    prompts: Callable[..., Any]
    streaming_report: Callable[..., Any]
    habit: Callable[..., Any]
    as_tool: Callable[..., Any]


knot = Knot()
