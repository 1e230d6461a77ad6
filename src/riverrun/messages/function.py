"""The result of a function call, as OpenAI had it before there were tool calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from riverrun.messages._chunk import SourceChunk
from riverrun.messages._fields import Field, a_text, same, wrong_type
from riverrun.messages.base import BaseMessage
from riverrun.messages.content import ContentBlock

__all__ = ["FunctionMessage", "FunctionMessageChunk"]


class FunctionMessage(BaseMessage):
    """The result of a function call that has no id. New programs use `ToolMessage`.

    Args:
        name: the name of the function.

    Raises:
        MessageError: a value has the wrong type; the message names it.
    """

    __slots__ = ()
    type: ClassVar[str] = "function"

    _required: ClassVar[tuple[str, ...]] = ("content", "name")
    _schema: ClassVar[Mapping[str, Any]] = {**BaseMessage._schema, "name": {"type": "string"}}

    name: Field[str | None] = Field(
        lambda: None, merge=same("name", "different functions' results"), check=a_text
    )

    def __init__(
        self,
        content: str | Sequence[str | Mapping[str, Any]] | None = None,
        content_blocks: Sequence[ContentBlock] | None = None,
        *,
        additional_kwargs: dict[str, Any] | None = None,
        response_metadata: dict[str, Any] | None = None,
        type: str | None = None,
        name: str,
        id: str | None = None,
        **kwargs: Any,
    ) -> None:
        if name is None:
            raise wrong_type("name", "a string", name)
        super().__init__(
            content,
            content_blocks,
            additional_kwargs=additional_kwargs,
            response_metadata=response_metadata,
            type=type,
            name=name,
            id=id,
            **kwargs,
        )


class FunctionMessageChunk(FunctionMessage, SourceChunk):
    """A piece of a `FunctionMessage`. Pieces of different functions' results don't add up."""

    __slots__ = ()
    type: ClassVar[str] = "FunctionMessageChunk"
    whole = FunctionMessage
    _source = "name"
