"""What somebody says who is neither a person, nor a model, nor a tool."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from riverrun.messages._chunk import SourceChunk
from riverrun.messages._fields import Field, a_text, same, wrong_type
from riverrun.messages.base import BaseMessage
from riverrun.messages.content import ContentBlock

__all__ = ["ChatMessage", "ChatMessageChunk"]


class ChatMessage(BaseMessage):
    """What somebody says in a role that has no class of its own.

    Args:
        role: the role, as the provider calls it.

    Raises:
        MessageError: a value has the wrong type; the message names it.
    """

    __slots__ = ()
    type: ClassVar[str] = "chat"

    _fields: ClassVar[tuple[str, ...]] = (*BaseMessage._fields, "role")
    _required: ClassVar[tuple[str, ...]] = ("content", "role")
    _schema: ClassVar[Mapping[str, Any]] = {**BaseMessage._schema, "role": {"type": "string"}}

    role: Field[str] = Field(lambda: "", merge=same("role", "what different roles say"), check=a_text)

    def __init__(
        self,
        content: str | Sequence[str | Mapping[str, Any]] | None = None,
        content_blocks: Sequence[ContentBlock] | None = None,
        *,
        additional_kwargs: dict[str, Any] | None = None,
        response_metadata: dict[str, Any] | None = None,
        type: str | None = None,
        name: str | None = None,
        id: str | None = None,
        role: str,
        **kwargs: Any,
    ) -> None:
        if role is None:
            raise wrong_type("role", "a string", role)
        more = {
            "additional_kwargs": additional_kwargs,
            "response_metadata": response_metadata,
            "name": name,
            "role": role,
        }
        self._init(content, content_blocks, id, type, more, kwargs)


class ChatMessageChunk(ChatMessage, SourceChunk):
    """A piece of a `ChatMessage`. Pieces of different roles don't add up."""

    __slots__ = ()
    type: ClassVar[str] = "ChatMessageChunk"
    whole = ChatMessage
    _source = "role"
