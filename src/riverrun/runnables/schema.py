"""The dicts that `astream_events` yields, for type checkers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NotRequired, TypeAlias, TypedDict

__all__ = ["BaseStreamEvent", "CustomStreamEvent", "EventData", "StandardStreamEvent", "StreamEvent"]


class EventData(TypedDict, total=False):
    """What happened: which of these are there depends on the kind of event."""

    input: Any
    """What the run got: at its start where it is known then, at its end in any case."""
    error: NotRequired[BaseException]
    """Of a run that failed."""
    output: Any
    """What the run put out, at its end."""
    chunk: Any
    """A piece of it, as it streams."""
    tool_call_id: NotRequired[str | None]
    """Of a tool that failed: the call that it was to answer."""


class BaseStreamEvent(TypedDict):
    """What every event says: what happened, and in which run."""

    event: str
    """`on_<kind>_<start, stream or end>`, such as `on_chat_model_stream`."""
    run_id: str
    tags: NotRequired[list[str]]
    metadata: NotRequired[dict[str, Any]]
    parent_ids: Sequence[str]
    """The ids of the runs around it, the root's first."""


class StandardStreamEvent(BaseStreamEvent):
    """An event of a run."""

    data: EventData
    name: str


class CustomStreamEvent(BaseStreamEvent):
    """An event that a program dispatched."""

    event: Literal["on_custom_event"]  # type: ignore[misc]  # narrower than the base's, which nobody writes through
    name: str
    data: Any


StreamEvent: TypeAlias = StandardStreamEvent | CustomStreamEvent
