"""What a model that completes text makes of a prompt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

from riverrun._pure.exceptions import MessageError
from riverrun._pure.merge import leaves, merge_facts
from riverrun._pure.record import Record

__all__ = ["Generation", "GenerationChunk", "merged_info"]


class Generation(Record):
    """One completion of a prompt.

    Args:
        text: the completion.
        generation_info: what the provider reported about it, such as the reason why it ended.

    Raises:
        MessageError: a value has the wrong type.
    """

    __slots__ = ("_info", "_text")

    type: ClassVar[str] = "Generation"

    _fields: ClassVar[tuple[str, ...]] = ("text", "generation_info", "type")
    _required: ClassVar[tuple[str, ...]] = ("text",)
    _schema: ClassVar[Mapping[str, Any]] = {
        "text": {"type": "string"},
        "generation_info": {"anyOf": [{"type": "object"}, {"type": "null"}]},
        "type": {"type": "string"},
    }

    _text: str
    _info: dict[str, Any] | tuple[Any, Any] | None
    """Of a sum whose info nobody has read: a tree of pairs with those of the chunks."""

    def __init__(
        self, text: str, generation_info: dict[str, Any] | None = None, *, type: str | None = None
    ) -> None:
        if not isinstance(text, str):
            raise MessageError(f"text must be a string, not {text.__class__.__name__}")
        self._text = text
        self._info = None
        if generation_info is not None or type is not None:
            self._init(generation_info, type)

    def _init(self, info: Any, kind: str | None) -> None:
        if kind is not None and kind != self.type:
            raise MessageError(f"type must be {self.type!r}, not {kind!r}")
        self.generation_info = info

    @property
    def text(self) -> str:
        """The completion as text."""
        return self._text

    @property
    def generation_info(self) -> dict[str, Any] | None:
        """What the provider reported about the completion."""
        info = self._info
        if isinstance(info, tuple):
            info = self._info = merged_info(leaves(info))
        return info

    @generation_info.setter
    def generation_info(self, value: dict[str, Any] | None) -> None:
        if value is not None and not isinstance(value, dict):
            raise MessageError(f"generation_info must be a dict or None, not {type(value).__name__}")
        self._info = value


def merged_info(infos: Sequence[dict[str, Any] | None]) -> dict[str, Any] | None:
    """The info of a sum: of equal keys the last report stands, lists append and dicts merge."""
    merged: dict[str, Any] | None = merge_facts(infos)
    return merged or None


class GenerationChunk(Generation):
    """A piece of a `Generation`; pieces add up."""

    __slots__ = ()

    def __add__(self, other: GenerationChunk) -> Self:
        if not isinstance(other, GenerationChunk):
            return NotImplemented
        infos = [self.generation_info, other.generation_info]
        return type(self)(self.text + other.text, merged_info(infos))

    @classmethod
    def __fold__(cls, chunks: Sequence[GenerationChunk]) -> Self:
        """The sum of `chunks`, in time linear in their sizes."""
        infos = [chunk.generation_info for chunk in chunks]
        return cls("".join([chunk.text for chunk in chunks]), merged_info(infos))
