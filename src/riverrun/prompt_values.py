"""What prompts make: a value that is text for models that complete text, and messages for those that chat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from riverrun._pure.exceptions import MessageError
from riverrun._pure.record import Record
from riverrun.messages import BaseMessage, HumanMessage, get_buffer_string

__all__ = ["ChatPromptValue", "PromptValue", "StringPromptValue"]


class PromptValue(Record):
    """The input of a model of either kind."""

    __slots__ = ()

    def to_string(self) -> str:
        """The prompt as text."""
        raise NotImplementedError(f"{type(self).__name__} defines no to_string")

    def to_messages(self) -> list[BaseMessage]:
        """The prompt as messages, in a list of its own."""
        raise NotImplementedError(f"{type(self).__name__} defines no to_messages")


class StringPromptValue(PromptValue):
    """A prompt that is text; as messages, what a person says.

    Raises:
        MessageError: `text` is no string.
    """

    __slots__ = ("text",)

    type: ClassVar[str] = "StringPromptValue"

    _fields: ClassVar[tuple[str, ...]] = ("text", "type")
    _required: ClassVar[tuple[str, ...]] = ("text",)
    _schema: ClassVar[Mapping[str, Any]] = {"text": {"type": "string"}, "type": {"type": "string"}}

    def __init__(self, text: str, *, type: str | None = None) -> None:
        if not isinstance(text, str):
            raise MessageError(f"text must be a string, not {text.__class__.__name__}")
        if type is not None and type != self.type:
            raise MessageError(f"type must be {self.type!r}, not {type!r}")
        self.text = text

    def to_string(self) -> str:
        return self.text

    def to_messages(self) -> list[BaseMessage]:
        return [HumanMessage(self.text)]


class ChatPromptValue(PromptValue):
    """A prompt that is messages; as text, the lines of a dialogue.

    Raises:
        MessageError: `messages` is no sequence of messages, or of dicts that describe them with their `type`.
    """

    __slots__ = ("messages",)

    _fields: ClassVar[tuple[str, ...]] = ("messages",)
    _required: ClassVar[tuple[str, ...]] = ("messages",)
    _schema: ClassVar[Mapping[str, Any]] = {"messages": {"type": "array", "items": {"type": "object"}}}

    messages: Sequence[BaseMessage]

    def __init__(self, messages: Sequence[BaseMessage]) -> None:
        if not isinstance(messages, list | tuple):
            raise MessageError(f"messages must be a list of messages, not {type(messages).__name__}")
        if not all(isinstance(message, BaseMessage) for message in messages):
            messages = [BaseMessage.model_validate(message) for message in messages]
        self.messages = messages

    def to_string(self) -> str:
        return get_buffer_string(self.messages)

    def to_messages(self) -> list[BaseMessage]:
        return list(self.messages)
