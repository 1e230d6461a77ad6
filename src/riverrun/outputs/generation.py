"""What a model that completes text makes of a prompt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

from riverrun._pure.exceptions import MessageError
from riverrun._pure.merge import leaves, merge_facts
from riverrun._pure.record import Record

__all__ = ["Generation", "GenerationChunk", "merged_info", "paired"]

_new = object.__new__


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
    _lc_path = ("langchain", "schema", "output")

    _fields: ClassVar[tuple[str, ...]] = ("text", "generation_info", "type")
    _required: ClassVar[tuple[str, ...]] = ("text",)
    _schema: ClassVar[Mapping[str, Any]] = {
        "text": {"type": "string"},
        "generation_info": {"anyOf": [{"type": "object"}, {"type": "null"}]},
        "type": {"type": "string"},
    }

    _text: str | tuple[Any, Any]
    """Of a sum whose text nobody has read: a tree of pairs with those of the chunks."""
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
        text = self._text
        if isinstance(text, tuple):
            text = self._text = "".join(leaves(text))
        return text

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

    def __getstate__(self) -> object:
        _ = self.text, self.generation_info  # joined: what is copied or pickled recurses into trees
        return super().__getstate__()


def paired(left: Any, right: Any) -> Any:
    """The info of a sum that nobody has read."""
    return left if right is None else right if left is None else (left, right)


def merged_info(infos: Sequence[dict[str, Any] | None]) -> dict[str, Any] | None:
    """The info of a sum: of equal keys the last report stands, lists append and dicts merge."""
    merged: dict[str, Any] | None = merge_facts(infos)
    return merged or None


class GenerationChunk(Generation):
    """A piece of a `Generation`; pieces add up, in constant time each."""

    __slots__ = ()

    def __add__(self, other: GenerationChunk) -> Self:
        if not isinstance(other, GenerationChunk):
            return NotImplemented
        out: Self = _new(type(self))
        out._text = (self._text, other._text)
        out._info = paired(self._info, other._info)
        return out

    @classmethod
    def __fold__(cls, chunks: Sequence[GenerationChunk]) -> Self:
        """The sum of `chunks`, in time linear in their sizes."""
        infos = [chunk.generation_info for chunk in chunks]
        return cls("".join([chunk.text for chunk in chunks]), merged_info(infos))
