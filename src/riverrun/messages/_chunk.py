"""How pieces of a message add up without copying.

A sum of chunks is at first no more than the pair of its summands, so `a + b` copies neither. The pieces are joined when a sum
is first read or changed; from then on it is a chunk like any other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

from riverrun._pure.merge import leaves, merge_content
from riverrun.messages._fields import Content, checked_content
from riverrun.messages._ids import preferred_id
from riverrun.messages._message import BaseMessage, MessageClass

__all__ = ["BaseMessageChunk", "SourceChunk"]

_new = object.__new__


class _Piece:
    """What a sum keeps of a chunk that has more than text."""

    __slots__ = ("content", "more")

    def __init__(self, content: Content, more: dict[str, Any]) -> None:
        self.content = content
        self.more = more


class BaseMessageChunk(BaseMessage):
    """A piece of a message; pieces add up with `+`, in constant time each and whatever the bracketing."""

    __slots__ = ("_summands",)

    whole: ClassVar[MessageClass] = BaseMessage
    """The class of the message that the chunks are the pieces of."""

    _summands: tuple[Any, Any] | None
    """Of a sum that nobody has read or changed: two pieces, each of which may be a pair of pieces again."""

    def _init(
        self,
        content: Any,
        blocks: Any,
        id: Any,
        kind: str | None,
        more: Mapping[str, Any],
        extra: dict[str, Any],
    ) -> None:
        self._summands = None
        super()._init(content, blocks, id, kind, more, extra)

    @property
    def content(self) -> Content:
        """Text, or a list of texts and blocks (dicts with a `type`)."""
        if self._summands is not None:
            self._join()
        return self._content

    @content.setter
    def content(self, value: Content) -> None:
        content = checked_content(value)
        if self._summands is not None:
            self._join()
        self._content = content

    def __add__(self, other: Any) -> Self:
        cls = self.__class__
        if other.__class__ is not cls:
            return self._add_unlike(other)
        right: Any = other._summands
        if right is None:
            right = other._content
            if other._more is not None or right.__class__ is not str:
                right = other._piece()
        out: Self = _new(cls)
        out._summands = (self._summands or self._piece(), right)
        id = self.id
        out.id = id if other.id is id or other.id == id else preferred_id((id, other.id))
        return out

    def _add_unlike(self, other: Any) -> Self:
        if isinstance(other, list | tuple):
            return self.__fold__([self, *other])
        if not isinstance(other, BaseMessageChunk) or other.type != self.type:
            return NotImplemented  # type: ignore[no-any-return]  # as Python wants it
        return self.__fold__([self, other])

    @classmethod
    def __fold__(cls, chunks: Sequence[Any]) -> Self:
        """The sum of `chunks`, in time linear in their sizes.

        Raises:
            TypeError: they are not all pieces of one kind of message.
        """
        pieces: list[Any] = []
        ids: list[str | None] = []
        id = None
        for chunk in chunks:
            if chunk.__class__ is not cls and getattr(chunk, "type", None) != cls.type:
                raise TypeError(f"{cls.__name__} and {type(chunk).__name__} don't add up")
            if chunk.id is not id and chunk.id != id:
                id = chunk.id
                ids.append(id)
            if chunk._summands is not None:
                pieces += leaves(chunk._summands)
            else:
                pieces.append(chunk._piece())
        total: Self = _new(cls)
        total.id = preferred_id(ids)
        total._content, total._more = cls._merge(pieces)
        total._summands = None
        return total

    def _piece(self) -> str | _Piece:
        """What a sum keeps of the chunk, which may be changed afterwards, before the sum is read."""
        content, more = self._content, self._more
        if more is None and isinstance(content, str):
            return content
        return _Piece(_copied(content), {name: _copied(value) for name, value in (more or {}).items()})

    def _join(self) -> None:
        """Join the pieces: from here on the chunk holds its own content and fields."""
        if (summands := self._summands) is not None:  # else another thread has done it in between
            self._content, self._more = self._merge(leaves(summands))
            self._summands = None

    @classmethod
    def _merge(cls, pieces: list[Any]) -> tuple[Content, dict[str, Any] | None]:
        try:
            return "".join(pieces), None
        except TypeError:  # a chunk has more than text
            pass
        contents: list[Content] = []
        more: dict[str, list[Any]] = {}
        for piece in pieces:
            if isinstance(piece, str):
                contents.append(piece)
                continue
            contents.append(piece.content)
            for name, value in piece.more.items():
                more.setdefault(name, []).append(value)
        merged = {name: cls._field(name).merge(values) for name, values in more.items()}
        return merge_content(contents), {name: value for name, value in merged.items() if value is not None}

    def _given(self) -> dict[str, Any] | None:
        if self._summands is not None:
            self._join()
        return self._more

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self._summands = None
        super().__setstate__(state)

    def _title(self) -> str:
        return self.whole.type.title()


class SourceChunk(BaseMessageChunk):
    """A piece that says whose it is: of which speaker, function or call. Pieces of one source add up."""

    __slots__ = ()

    _source: ClassVar[str]
    """The required field that says it; its merge rule refuses what differs."""

    def __add__(self, other: Any) -> Self:
        total = super().__add__(other)
        if other.__class__ is self.__class__:
            # Told before the pieces are joined, and kept where the next piece finds it without joining them.
            name, mine, its = self._source, self._more or {}, other._more or {}
            total._more = {name: self._field(name).merge([mine[name], its[name]])}
        return total


def _copied(value: Any) -> Any:
    return value.copy() if isinstance(value, list | dict) else value
