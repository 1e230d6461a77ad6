"""The parts of a message: how they are declared, checked, read and set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from functools import partial
from typing import Any, Generic, Protocol, Self, TypeAlias, TypeVar, overload

from riverrun._pure.exceptions import MessageError

__all__ = [
    "Content",
    "Field",
    "a_dict",
    "a_text",
    "checked_content",
    "declare_own_fields",
    "first_of",
    "last_of",
    "same",
    "text_or_none",
    "wrong_type",
]

T = TypeVar("T")
Content: TypeAlias = str | list[str | dict[str, Any]]


class Holder(Protocol):
    """What a field needs of the message that it is a part of."""

    def _given(self) -> dict[str, Any] | None:
        """The fields that are set, by name; None if there are none."""

    def _fill(self, name: str, value: Any) -> None:
        """Keep `value` as that of the field `name`."""

    def _changed(self, name: str) -> None:
        """Called when the field `name` was set."""


class Field(Generic[T]):
    """A part of a message that is seldom set.

    Args:
        empty: makes the value of a message that has none. A list or dict is then kept, so that it may be filled in place.
        merge: what a sum has, given the values of those of its chunks that have one, in their order.
        check: what is stored, given the name of the field and the value to store; raises MessageError.
    """

    __slots__ = ("check", "empty", "merge", "name")

    name: str

    def __init__(
        self,
        empty: Callable[[], T],
        *,
        merge: Callable[[Sequence[Any]], Any],
        check: Callable[[str, Any], T],
    ) -> None:
        self.empty = empty
        self.merge = merge
        self.check = check

    def __set_name__(self, owner: object, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, message: None, owner: object) -> Self: ...
    @overload
    def __get__(self, message: Holder, owner: object) -> T: ...
    def __get__(self, message: Holder | None, owner: object) -> Self | T:
        if message is None:
            return self
        more = message._given()
        if more is not None and (found := more.get(self.name)) is not None:
            return found  # type: ignore[no-any-return]  # only what `check` returns is stored
        value = self.peek(message)
        if isinstance(value, list | dict) and not value:
            message._fill(self.name, value)
        return value

    def __set__(self, message: Holder, value: T) -> None:
        message._fill(self.name, self.check(self.name, value))
        message._changed(self.name)

    def peek(self, message: Holder) -> T:
        """The value, not kept if the message has none."""
        more = message._given()
        if more is None or (value := more.get(self.name)) is None:
            return self.empty()
        return value  # type: ignore[no-any-return]  # only what `check` returns is stored


def declare_own_fields(cls: Any) -> None:
    """Make fields of what a user's subclass declares as such: names with a type, and perhaps a default.

    Values are kept as they are given. What has no default is required.
    """
    for name, annotation in cls.__annotations__.items():
        default = cls.__dict__.get(name, _REQUIRED)
        if (
            name.startswith("_")
            or name == "type"
            or "ClassVar" in str(annotation)
            or isinstance(default, Field)
        ):
            continue
        if (get_default := getattr(default, "get_default", None)) is not None:  # pydantic's
            default = _REQUIRED if default.is_required() else get_default(call_default_factory=True)
        empty = None if default is _REQUIRED else default
        field: Field[Any] = Field(partial(deepcopy, empty), merge=last_of, check=lambda name, value: value)
        field.__set_name__(cls, name)
        setattr(cls, name, field)
        if name not in cls._fields:
            cls._fields = (*cls._fields, name)
        if default is _REQUIRED:
            cls._required = (*cls._required, name)
            cls._demanded = (*cls._demanded, name)


_REQUIRED = object()


def first_of(values: Sequence[T]) -> T:
    """The merge rule by which the first chunk that has a value decides."""
    return values[0]


def last_of(values: Sequence[T]) -> T:
    """The merge rule by which the last chunk that has a value decides."""
    return values[-1]


def same(name: str, whose: str) -> Callable[[Sequence[T]], T]:
    """The merge rule by which chunks that differ in the field `name` don't add up: they are pieces of what `whose` says."""

    def merge(values: Sequence[T]) -> T:
        if any(value != values[0] for value in values):
            raise MessageError(f"pieces of {whose} don't add up: {name} {values[0]!r} and others")
        return values[0]

    return merge


def a_text(name: str, value: Any) -> str:
    """`value`, which must be text.

    Raises:
        MessageError: it is none.
    """
    if not isinstance(value, str):
        raise wrong_type(name, "a string", value)
    return value


def a_dict(name: str, value: Any) -> dict[str, Any]:
    """`value`, which must be a dict.

    Raises:
        MessageError: it is none.
    """
    if not isinstance(value, dict):
        raise wrong_type(name, "a dict", value)
    return value


def text_or_none(name: str, value: Any) -> str | None:
    """`value`, which must be text or None.

    Raises:
        MessageError: it is neither.
    """
    if value is not None and not isinstance(value, str):
        raise wrong_type(name, "a string or None", value)
    return value


def wrong_type(name: str, wanted: str, value: Any) -> MessageError:
    """The error that says which type a field has and which it was given."""
    return MessageError(f"{name} must be {wanted}, not {type(value).__name__}")


def checked_content(value: Any) -> Content:
    """`value` as content: text, or a list of texts and blocks.

    Raises:
        MessageError: it is neither, or the list holds something else; the message names its place.
    """
    if isinstance(value, str):
        return str(value)  # a plain string, also of a message's `text`
    if not isinstance(value, list | tuple):
        raise wrong_type("content", "a string or a list of strings and dicts", value)
    for place, block in enumerate(value):
        if not isinstance(block, str | dict):
            raise wrong_type(f"content[{place}]", "a string or a dict", block)
    return list(value)
