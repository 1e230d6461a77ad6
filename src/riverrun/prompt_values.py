"""What prompts make: a value that is text for models that complete text, and messages for those that chat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, TypedDict

from riverrun._pure.exceptions import MessageError
from riverrun._pure.record import Record
from riverrun._pure.typed_dict import pydantic_field
from riverrun.messages import BaseMessage, HumanMessage, get_buffer_string

__all__ = [
    "ChatPromptValue",
    "ChatPromptValueConcrete",
    "ImagePromptValue",
    "ImageURL",
    "PromptValue",
    "StringPromptValue",
]


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
    _lc_path = ("langchain", "prompts", "base")

    _fields: ClassVar[tuple[str, ...]] = ("text", "type")
    _required: ClassVar[tuple[str, ...]] = ("text",)
    _schema: ClassVar[Mapping[str, Any]] = {"text": {"type": "string"}, "type": {"type": "string"}}

    def __init__(self, text: str, *, type: str = "StringPromptValue") -> None:
        if not isinstance(text, str):
            raise MessageError(f"text must be a string, not {text.__class__.__name__}")
        _check_type(self.type, type)
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

    _lc_path = ("langchain", "prompts", "chat")
    _fields: ClassVar[tuple[str, ...]] = ("messages",)
    _required: ClassVar[tuple[str, ...]] = ("messages",)
    _schema: ClassVar[Mapping[str, Any]] = {"messages": {"type": "array", "items": {"type": "object"}}}

    messages: Sequence[BaseMessage]

    def __init__(self, messages: Sequence[BaseMessage]) -> None:
        if not isinstance(messages, list | tuple):
            raise MessageError(f"messages must be a list of messages, not {type(messages).__name__}")
        for message in messages:
            if not isinstance(message, BaseMessage):
                messages = [BaseMessage.model_validate(each) for each in messages]
                break
        self.messages = messages

    def to_string(self) -> str:
        return get_buffer_string(self.messages)

    def to_messages(self) -> list[BaseMessage]:
        return list(self.messages)


class ChatPromptValueConcrete(ChatPromptValue):
    """A `ChatPromptValue` that says its type when it is dumped."""

    __slots__ = ()

    type: ClassVar[str] = "ChatPromptValueConcrete"

    _fields: ClassVar[tuple[str, ...]] = ("messages", "type")
    _schema: ClassVar[Mapping[str, Any]] = {**ChatPromptValue._schema, "type": {"type": "string"}}

    def __init__(self, messages: Sequence[BaseMessage], *, type: str = "ChatPromptValueConcrete") -> None:
        _check_type(self.type, type)
        super().__init__(messages)


@pydantic_field
class ImageURL(TypedDict, total=False):
    """An image that a message points to, as OpenAI's `image_url` blocks have it."""

    detail: Literal["auto", "low", "high"]
    """How closely the model is to look at it."""
    url: str
    """Where it is, or the image itself as a `data:` URL. It is handed on, and never fetched."""


class ImagePromptValue(PromptValue):
    """A prompt that is an image; as messages, what a person shows.

    Raises:
        MessageError: `image_url` is no dict.
    """

    __slots__ = ("image_url",)

    type: ClassVar[str] = "ImagePromptValue"

    _fields: ClassVar[tuple[str, ...]] = ("image_url", "type")
    _required: ClassVar[tuple[str, ...]] = ("image_url",)
    _schema: ClassVar[Mapping[str, Any]] = {"image_url": {"type": "object"}, "type": {"type": "string"}}

    image_url: ImageURL

    def __init__(self, image_url: ImageURL, *, type: str = "ImagePromptValue") -> None:
        if not isinstance(image_url, dict):
            raise MessageError(f"image_url must be a dict with a 'url', not {image_url.__class__.__name__}")
        _check_type(self.type, type)
        self.image_url = image_url

    def to_string(self) -> str:
        """The image's URL."""
        return self.image_url.get("url", "")

    def to_messages(self) -> list[BaseMessage]:
        return [HumanMessage([{"type": "image_url", "image_url": dict(self.image_url)}])]


def _check_type(wanted: str, given: str) -> None:
    if given != wanted:
        raise MessageError(f"type must be {wanted!r}, not {given!r}")
