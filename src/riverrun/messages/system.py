"""What primes a model: how it should behave, before anybody speaks."""

from __future__ import annotations

from typing import ClassVar

from riverrun.messages.base import BaseMessage, BaseMessageChunk

__all__ = ["SystemMessage", "SystemMessageChunk"]


class SystemMessage(BaseMessage):
    """What primes a model, usually the first of its messages."""

    __slots__ = ()
    type: ClassVar[str] = "system"


class SystemMessageChunk(SystemMessage, BaseMessageChunk):
    """A piece of a `SystemMessage`."""

    __slots__ = ()
    type: ClassVar[str] = "SystemMessageChunk"
    whole = SystemMessage
