"""What a chat model makes of messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self, TypeVar

from riverrun._pure.exceptions import MessageError
from riverrun.messages import AIMessageChunk, BaseMessage, BaseMessageChunk
from riverrun.outputs.generation import Generation, merged_info, paired

__all__ = ["ChatGeneration", "ChatGenerationChunk", "merge_chat_generation_chunks"]

M = TypeVar("M", bound=BaseMessage)

_new = object.__new__


class ChatGeneration(Generation):
    """One answer of a chat model.

    Args:
        message: the answer.
        generation_info: what the provider reported about it, such as the reason why it ended.
        text: taken, so that what was dumped can be read, and not used: the text is the message's.

    Raises:
        MessageError: a value has the wrong type.
    """

    __slots__ = ("message",)

    type: ClassVar[str] = "ChatGeneration"

    _fields: ClassVar[tuple[str, ...]] = ("text", "generation_info", "type", "message")
    _required: ClassVar[tuple[str, ...]] = ("message",)
    _schema: ClassVar[Mapping[str, Any]] = {**Generation._schema, "message": {"type": "object"}}

    message: BaseMessage

    def __init__(
        self,
        message: BaseMessage,
        generation_info: dict[str, Any] | None = None,
        *,
        text: str | None = None,
        type: str | None = None,
    ) -> None:
        self.message = message if isinstance(message, BaseMessage) else _message(BaseMessage, message)
        self._info = None
        if generation_info is not None or type is not None:
            self._init(generation_info, type)

    @property
    def text(self) -> str:
        """The text of the message."""
        return str(self.message.text)


class ChatGenerationChunk(ChatGeneration):
    """A piece of a `ChatGeneration`; pieces add up, in constant time each."""

    __slots__ = ()

    type: ClassVar[str] = "ChatGenerationChunk"

    message: BaseMessageChunk

    def __init__(
        self,
        message: BaseMessageChunk,
        generation_info: dict[str, Any] | None = None,
        text: str | None = None,
        type: str | None = None,
    ) -> None:
        if message.__class__ is not AIMessageChunk and not isinstance(message, BaseMessageChunk):
            message = _message(BaseMessageChunk, message)
        self.message = message  # pyright: ignore[reportIncompatibleVariableOverride]  # a piece holds a piece
        self._info = None
        if generation_info is not None or type is not None:
            self._init(generation_info, type)

    def __add__(self, other: ChatGenerationChunk | Sequence[ChatGenerationChunk]) -> Self:
        if isinstance(other, list | tuple):
            return self.__fold__([self, *other])
        if not isinstance(other, ChatGenerationChunk):
            return NotImplemented
        out: Self = _new(type(self))
        out.message = self.message + other.message
        out._info = paired(self._info, other._info)
        return out

    @classmethod
    def __fold__(cls, chunks: Sequence[ChatGenerationChunk]) -> Self:
        """The sum of `chunks`, in time linear in their sizes."""
        messages = [chunk.message for chunk in chunks]
        return cls(messages[0].__fold__(messages), merged_info([chunk.generation_info for chunk in chunks]))


def merge_chat_generation_chunks(chunks: Sequence[ChatGenerationChunk]) -> ChatGenerationChunk | None:
    """The sum of `chunks`, in time linear in their sizes; None where there is none."""
    return chunks[0].__fold__(chunks) if chunks else None


def _message(kind: type[M], value: Any) -> M:
    if not isinstance(value, Mapping):
        raise MessageError(f"message must be a {kind.__name__}, not {type(value).__name__}")
    return kind.model_validate(value)
