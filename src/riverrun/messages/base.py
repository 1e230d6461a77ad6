"""What all messages have in common, and how chunks of one add up without copying.

A message is its content, its id and, seldom, more: that is how it is stored, because a model's answer is made of thousands
of chunks and hardly any has more than content. What a message may have more is declared as a `Field`, once, with the rule
by which it merges; comparing, printing, copying, dumping, validating and adding up are derived from that.

A sum of chunks is at first no more than the pair of its summands, so `a + b` copies neither. The pieces are joined when a sum
is first read or changed; from then on it is a chunk like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Self, TypeAlias

from riverrun._pure.exceptions import MessageError
from riverrun._pure.merge import leaves, merge_content, merge_facts, merge_fragments
from riverrun._pure.record import Record
from riverrun.messages._fields import Content, Field, a_dict, checked_content, first_of, text_or_none

__all__ = ["BaseMessage", "BaseMessageChunk", "Content", "Text"]

# Named here, since `type` means another thing in the bodies of these classes.
MessageClass: TypeAlias = "type[BaseMessage]"
_new = object.__new__
_KINDS: dict[str, MessageClass] = {}


class Text(str):
    """The text of a message. It may also be called, for programs written when `text` was a method."""

    __slots__ = ()

    def __call__(self) -> str:
        return str(self)


def preferred_id(ids: Iterable[str | None]) -> str | None:
    """The id of a sum: the first that a provider gave, else the first made for a run, else the first there is."""
    return min(filter(None, ids), key=_rank, default=None)


class BaseMessage(Record):
    """What somebody says to a model, or a model says: content, and who or what it comes from.

    Two messages are equal if they are of one class and all their fields are equal. Messages are not hashable.
    """

    __slots__ = ("_content", "_more", "id")

    type: ClassVar[str] = "base"
    """The kind of the message, as dumps name it."""

    _fields: ClassVar[tuple[str, ...]] = (
        "content",
        "additional_kwargs",
        "response_metadata",
        "type",
        "name",
        "id",
    )
    _required: ClassVar[tuple[str, ...]] = ("content",)
    _declared: ClassVar[Mapping[str, Field[Any]]] = {}
    """Those of the fields that are seldom set."""
    _always_shown: ClassVar[tuple[str, ...]] = ("content", "additional_kwargs", "response_metadata")
    _schema: ClassVar[Mapping[str, Any]] = {
        "content": {
            "anyOf": [
                {"type": "string"},
                {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "object"}]}},
            ]
        },
        "additional_kwargs": {"type": "object"},
        "response_metadata": {"type": "object"},
        "type": {"type": "string"},
        "name": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "id": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    }

    _content: Content
    _more: dict[str, Any] | None
    id: str | None
    """What tells the message from others: given by the provider, or `lc_run--` and the id of the run that made it."""

    additional_kwargs: Field[dict[str, Any]] = Field(dict, merge=merge_fragments, check=a_dict)
    """What a provider sent beyond the standard fields."""
    response_metadata: Field[dict[str, Any]] = Field(dict, merge=merge_facts, check=a_dict)
    """What a provider reported about its answer: the model's name, the finish reason."""
    name: Field[str | None] = Field(lambda: None, merge=first_of, check=text_or_none)
    """The name of the speaker."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls._declare()
        if cls.type != "base":
            _KINDS.setdefault(cls.type, cls)

    @classmethod
    def _declare(cls) -> None:
        found = {name: getattr(cls, name) for name in cls._fields}
        cls._declared = {name: field for name, field in found.items() if isinstance(field, Field)}

    def __init__(
        self,
        content: str | Sequence[str | Mapping[str, Any]],
        *,
        additional_kwargs: dict[str, Any] | None = None,
        response_metadata: dict[str, Any] | None = None,
        type: str | None = None,
        name: str | None = None,
        id: str | None = None,
    ) -> None:
        more = {"additional_kwargs": additional_kwargs, "response_metadata": response_metadata, "name": name}
        self._init(content, id, type, more)

    def _init(self, content: Any, id: Any, kind: str | None, more: Mapping[str, Any]) -> None:
        """Set what was given, checked.

        Raises:
            MessageError: a value has the wrong type, or `kind` isn't the class's own.
        """
        if kind is not None and kind != self.type:
            raise MessageError(f"type must be {self.type!r}, the type of {type(self).__name__}, not {kind!r}")
        declared = self._declared
        self._content = content if content.__class__ is str else checked_content(content)
        self._more = {
            name: declared[name].check(name, value) for name, value in more.items() if value is not None
        } or None
        self.id = str(id) if isinstance(id, int) else text_or_none("id", id)

    @property
    def content(self) -> Content:
        """Text, or a list of texts and blocks (dicts with a `type`)."""
        return self._content

    @content.setter
    def content(self, value: Content) -> None:
        self._content = checked_content(value)

    @property
    def text(self) -> Text:
        """The text of the content: all of it, or what its strings and text blocks hold."""
        content = self.content
        if isinstance(content, str):
            return Text(content)
        return Text("".join(map(_text_of, content)))

    def pretty_repr(self, html: bool = False) -> str:
        """The message under a headline, to be read by people; with `html` the headline is bold in a terminal."""
        title = f" {self._title()} Message "
        headline = f"{title:=^80}"
        if html:
            headline = headline.replace(title, f"\033[1m{title}\033[0m")
        name = f"\nName: {self.name}" if self.name is not None else ""
        return f"{headline}{name}\n\n{self.content}"

    def pretty_print(self) -> None:
        """Print `pretty_repr`."""
        print(self.pretty_repr())

    def _title(self) -> str:
        return self.type.title()

    def _given(self) -> dict[str, Any] | None:
        """The fields that are set, by name; None if there are none."""
        return self._more

    def _fill(self, name: str, value: Any) -> None:
        more = self._given()
        if more is None:
            more = self._more = {}
        more[name] = value

    def _changed(self, name: str) -> None:
        """Called when the field `name` was set."""

    def _value(self, name: str) -> Any:
        field = self._declared.get(name)
        return getattr(self, name) if field is None else field.peek(self)

    def _is_default(self, name: str, value: Any) -> bool:
        field = self._declared.get(name)
        return super()._is_default(name, value) if field is None else bool(value == field.empty())

    def _shown(self) -> Iterator[tuple[str, Any]]:
        for name in self._fields:
            value = self._value(name)
            empty = value is None or (isinstance(value, list | dict) and not value)
            if name in self._always_shown or not (empty or name == "type"):
                yield name, value

    def __getstate__(self) -> tuple[Any, ...]:
        more = self._given()
        own = getattr(self, "__dict__", None)  # of a user's subclass
        return (self.content, self.id, None if more is None else more.copy(), own)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self._content, self.id, self._more, own = state
        if own:
            self.__dict__.update(own)

    def _twin(self, copied: Callable[[Any], Any]) -> Self:
        twin: Self = _new(type(self))
        twin.__setstate__(copied(self.__getstate__()))
        return twin

    @classmethod
    def _from_fields(cls, fields: Mapping[str, Any]) -> Self:
        name = fields.get("type", cls.type)
        kind = _KINDS.get(name, cls) if isinstance(name, str) else cls
        if kind is not cls and issubclass(kind, cls):
            return kind._from_fields(fields)
        if cls.type == "base":
            raise MessageError(f"type must be one of {sorted(_KINDS)}, not {name!r}")
        return super()._from_fields(fields)


BaseMessage._declare()


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

    def _init(self, content: Any, id: Any, kind: str | None, more: Mapping[str, Any]) -> None:
        self._summands = None
        super()._init(content, id, kind, more)

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
        merged = {name: cls._declared[name].merge(values) for name, values in more.items()}
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


def _copied(value: Any) -> Any:
    return value.copy() if isinstance(value, list | dict) else value


def _rank(id: str) -> int:
    if id.startswith(("run-", "lc_run-")):
        return 1
    return 2 if id.startswith("lc_") else 0


def _text_of(block: str | dict[str, Any]) -> str:
    if isinstance(block, str):
        return block
    text = block.get("text") if block.get("type") == "text" else None
    return text if isinstance(text, str) else ""
