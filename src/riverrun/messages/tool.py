"""Calls of tools, as a model asks for them, and the messages that answer them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from riverrun._pure.exceptions import MessageError
from riverrun._pure.merge import merge_fragments
from riverrun.messages._assembly import fragments_of_raw, parse_final
from riverrun.messages._chunk import SourceChunk
from riverrun.messages._fields import Field, same, wrong_type
from riverrun.messages._shapes import (
    InvalidToolCall,
    ToolCall,
    ToolCallChunk,
    invalid_tool_call,
    tool_call,
    tool_call_chunk,
)
from riverrun.messages.base import BaseMessage
from riverrun.messages.content import ContentBlock

__all__ = [
    "InvalidToolCall",
    "ToolCall",
    "ToolCallChunk",
    "ToolMessage",
    "ToolMessageChunk",
    "ToolOutputMixin",
    "default_tool_chunk_parser",
    "default_tool_parser",
    "invalid_tool_call",
    "tool_call",
    "tool_call_chunk",
]


def _call_id(field: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) or type(value).__name__ == "UUID":
        return str(value)
    raise wrong_type(field, "a string", value)


def _status(field: str, value: Any) -> Literal["success", "error"]:
    if value not in ("success", "error"):
        raise MessageError(f"{field} must be 'success' or 'error', not {value!r}")
    return value  # type: ignore[no-any-return]


class ToolOutputMixin:
    """What a tool may return to be taken as it is, instead of being put into a `ToolMessage`."""

    __slots__ = ()


class ToolMessage(BaseMessage, ToolOutputMixin):
    """The result of a tool call, on its way back to the model.

    Content that is neither text nor a list of texts and blocks is turned into text.

    Args:
        tool_call_id: the id of the call that this answers.
        artifact: what the tool made besides what the model is to see.
        status: "error" if the tool failed.

    Raises:
        MessageError: `tool_call_id` is missing, or a value has the wrong type.
    """

    __slots__ = ()
    type: ClassVar[str] = "tool"

    _fields: ClassVar[tuple[str, ...]] = (*BaseMessage._fields, "tool_call_id", "artifact", "status")
    _required: ClassVar[tuple[str, ...]] = ("content", "tool_call_id")
    _always_shown = ("content",)
    _schema: ClassVar[Mapping[str, Any]] = {
        **BaseMessage._schema,
        "tool_call_id": {"type": "string"},
        "status": {"enum": ["success", "error"]},
    }

    tool_call_id: Field[str] = Field(
        lambda: "", merge=same("tool_call_id", "the answers to different calls"), check=_call_id
    )
    artifact: Field[Any] = Field(lambda: None, merge=merge_fragments, check=lambda name, value: value)
    status: Field[Literal["success", "error"]] = Field(
        lambda: "success", merge=lambda values: "error" if "error" in values else "success", check=_status
    )

    def __init__(
        self,
        content: Any = None,
        content_blocks: Sequence[ContentBlock] | None = None,
        *,
        additional_kwargs: dict[str, Any] | None = None,
        response_metadata: dict[str, Any] | None = None,
        type: str | None = None,
        name: str | None = None,
        id: str | None = None,
        tool_call_id: str,
        artifact: Any = None,
        status: Literal["success", "error"] = "success",
        **kwargs: Any,
    ) -> None:
        if tool_call_id is None:
            raise wrong_type("tool_call_id", "a string", tool_call_id)
        self._init(
            _as_content(content) if content_blocks is None else None,
            content_blocks,
            id,
            type,
            {
                "additional_kwargs": additional_kwargs,
                "response_metadata": response_metadata,
                "name": name,
                "tool_call_id": tool_call_id,
                "artifact": artifact,
                "status": status,
            },
            kwargs,
        )

    def _shown(self) -> Any:
        hidden = ("additional_kwargs", "response_metadata")
        for name, value in super()._shown():
            if name not in hidden and not (name == "status" and value == "success"):
                yield name, value


class ToolMessageChunk(ToolMessage, SourceChunk):
    """A piece of a `ToolMessage`. Pieces of the answers to different calls don't add up."""

    __slots__ = ()
    type: ClassVar[str] = "ToolMessageChunk"
    whole = ToolMessage
    _source = "tool_call_id"


def _as_content(value: Any) -> Any:
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple):
        return [each if isinstance(each, str | dict) else str(each) for each in value]
    return str(value)


def default_tool_parser(raw_tool_calls: list[dict[str, Any]]) -> tuple[list[ToolCall], list[InvalidToolCall]]:
    """The calls in what OpenAI and those like it send as `tool_calls`, and those whose arguments are no JSON object."""
    return parse_final(fragments_of_raw(raw_tool_calls))


def default_tool_chunk_parser(raw_tool_calls: list[dict[str, Any]]) -> list[ToolCallChunk]:
    """The pieces of calls in what OpenAI and those like it send as `tool_calls` in a stream."""
    return fragments_of_raw(raw_tool_calls)
