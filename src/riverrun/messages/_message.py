"""What all messages have in common.

A message is its content, its id and, seldom, more: that is how it is stored, because a model's answer is made of thousands
of chunks and hardly any has more than content. What a message may have more is declared as a `Field`, once, with the rule
by which it merges; comparing, printing, copying, dumping, validating and adding up are derived from that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Self, TypeAlias

from riverrun._pure.exceptions import MessageError
from riverrun._pure.later import later
from riverrun._pure.merge import merge_facts, merge_fragments
from riverrun._pure.record import Record, plain
from riverrun.messages._fields import (
    Content,
    Field,
    a_dict,
    checked_content,
    declare_own_fields,
    first_of,
    text_or_none,
)
from riverrun.messages._text import Text, get_msg_title_repr, text_of
from riverrun.messages.block_translators import standard_content
from riverrun.messages.content import ContentBlock, checked_blocks

__all__ = ["BaseMessage"]

# Named here, since `type` means another thing in the bodies of these classes.
MessageClass: TypeAlias = "type[BaseMessage]"
_new = object.__new__
_KINDS: dict[str, MessageClass] = {}


_EXTRA: Field[Any] = Field(lambda: None, merge=merge_fragments, check=lambda name, value: value)
"""What is given to a message beyond its fields is kept like this."""


class BaseMessage(Record):
    """What somebody says to a model, or a model says: content, and who or what it comes from.

    Two messages are equal if they are of one class and all their fields are equal. Messages are not hashable.

    Args:
        content: text, or a list of texts and blocks (dicts with a `type`).
        content_blocks: the content in its standard form, instead of `content`.
        additional_kwargs: what a provider sent beyond the standard fields.
        response_metadata: what a provider reported about its answer: the model's name, the finish reason.
        name: the name of the speaker.
        id: what tells the message from others; a number is kept as text.
        kwargs: more fields; they are kept, shown and dumped, and found in `model_extra`.

    Raises:
        MessageError: a value has the wrong type; the message names it.
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
    _demanded: ClassVar[tuple[str, ...]] = ()
    """Those of the required fields that a user's subclass has declared."""
    _lc_path = ("langchain", "schema", "messages")
    _chat_prompt: ClassVar[Any] = None
    """`ChatPromptTemplate`, once somebody has made one."""
    _declared: ClassVar[Mapping[str, Field[Any]]] = {}
    """Those of the fields that are seldom set."""
    _stored: ClassVar[tuple[str, ...]] = ()
    """The others."""
    _blank: ClassVar[Mapping[str, Any]] = {}
    """What a dump starts from: all fields, those that are seldom set with what they are if they aren't."""
    _fresh: ClassVar[tuple[tuple[str, Callable[[], Any]], ...]] = ()
    """Those of the seldom set whose empty value each dump has for its own, and what makes it."""
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
        declare_own_fields(cls)
        cls._declare()
        if cls.type != "base":
            _KINDS.setdefault(cls.type, cls)

    @classmethod
    def _declare(cls) -> None:
        found = {name: getattr(cls, name) for name in cls._fields}
        cls._declared = {name: field for name, field in found.items() if isinstance(field, Field)}
        cls._stored = tuple(name for name in cls._fields if name not in cls._declared)
        empty = {name: plain(field.empty()) for name, field in cls._declared.items()}
        cls._blank = {name: empty.get(name) for name in cls._fields}
        cls._fresh = tuple(
            (name, cls._declared[name].empty)
            for name, value in empty.items()
            if isinstance(value, dict | list)
        )

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
        **kwargs: Any,
    ) -> None:
        more = {"additional_kwargs": additional_kwargs, "response_metadata": response_metadata, "name": name}
        self._init(content, content_blocks, id, type, more, kwargs)

    @classmethod
    def _of(cls, content: Content) -> Self:
        """A message that is content, known to be such, and nothing else. For the library's own classes, and for no chunk."""
        message: Self = _new(cls)
        message._content = content
        message._more = message.id = None
        return message

    def _init(
        self,
        content: Any,
        blocks: Any,
        id: Any,
        kind: str | None,
        more: Mapping[str, Any],
        extra: dict[str, Any],
    ) -> None:
        """Set what was given, checked. `extra` is what isn't declared, unless a subclass does.

        Raises:
            MessageError: a value has the wrong type, or `kind` isn't the class's own.
        """
        if kind is not None and kind != self.type:
            raise MessageError(f"type must be {self.type!r}, the type of {type(self).__name__}, not {kind!r}")
        if blocks is not None:
            content = checked_blocks(blocks)
        declared = self._declared
        self._content = content if content.__class__ is str else checked_content(content)
        self._more = {
            name: declared[name].check(name, value) for name, value in more.items() if value is not None
        } or None
        self.id = str(id) if isinstance(id, int) else text_or_none("id", id)
        for name, value in extra.items():
            self._fill(name, self._field(name).check(name, value))
        for name in self._demanded:
            if name not in extra and more.get(name) is None:
                raise MessageError(f"{type(self).__name__} lacks the field {name!r}")

    @classmethod
    def _field(cls, name: str) -> Field[Any]:
        return cls._declared.get(name, _EXTRA)

    def _names(self) -> Sequence[str]:
        more, declared = self._given(), self._declared
        extra = [name for name in more or () if name not in declared]
        return (*self._fields, *extra) if extra else self._fields

    @property
    def model_extra(self) -> dict[str, Any]:
        """What was given beyond the fields. They are no attributes: that would slow down every attribute of every chunk."""
        return {name: self._value(name) for name in self._names() if name not in self._fields}

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
        return text_of(self.content)

    @property
    def content_blocks(self) -> list[ContentBlock]:
        """The content in its standard form, the same for every provider; made anew each time it is asked for."""
        return standard_content(self.content)

    def __add__(self, other: Any) -> Any:
        """A `ChatPromptTemplate` of this message and what follows it: a message, text, a template, or a list of these."""
        if BaseMessage._chat_prompt is None:
            BaseMessage._chat_prompt = later("prompts.chat", "ChatPromptTemplate")
        return BaseMessage._chat_prompt([self]) + other

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        """The fields, as pairs of name and value."""
        for name in self._names():
            yield name, self._value(name)

    def pretty_repr(self, html: bool = False) -> str:
        """The message under a headline, to be read by people; with `html` the headline is bold in a terminal."""
        headline = get_msg_title_repr(f"{self._title()} Message", bold=html)
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

    def _set(self, name: str, value: Any) -> None:
        if name in self._fields or hasattr(type(self), name):
            setattr(self, name, value)
        else:
            self._fill(name, value)

    def _changed(self, name: str) -> None:
        """Called when the field `name` was set."""

    def _value(self, name: str) -> Any:
        field = self._declared.get(name)
        if field is not None:
            return field.peek(self)
        return getattr(self, name) if name in self._fields else (self._given() or {}).get(name)

    def _dump(self) -> dict[str, Any]:
        dump = {**self._blank}
        for name in self._stored:
            value = getattr(self, name)
            dump[name] = value if value.__class__ is str else plain(value)
        for name, empty in self._fresh:
            value = empty()
            dump[name] = plain(value) if value else value
        if (more := self._given()) is not None:
            for name, value in more.items():
                if value is not None or name not in dump:
                    dump[name] = plain(value)
        return dump

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        names, others = self._names(), other._names()
        if len(names) != len(others) or any(name not in others for name in names):
            return False
        return all(self._value(name) == other._value(name) for name in names)

    def _is_default(self, name: str, value: Any) -> bool:
        field = self._declared.get(name)
        return super()._is_default(name, value) if field is None else bool(value == field.empty())

    def _shown(self) -> Iterator[tuple[str, Any]]:
        for name in self._names():
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
        known = {name: value for name, value in fields.items() if name in cls._fields}
        message = super()._from_fields(known)
        for name, value in fields.items():
            if name not in known:
                message._fill(name, value)
        return message


BaseMessage._declare()
