"""What a person says to a model."""

from __future__ import annotations

from typing import ClassVar

from riverrun.messages.base import BaseMessage, BaseMessageChunk

__all__ = ["HumanMessage", "HumanMessageChunk"]


class HumanMessage(BaseMessage):
    """What a person says to a model."""

    __slots__ = ()
    type: ClassVar[str] = "human"


class HumanMessageChunk(HumanMessage, BaseMessageChunk):
    """A piece of a `HumanMessage`."""

    __slots__ = ()
    type: ClassVar[str] = "HumanMessageChunk"
    whole = HumanMessage
