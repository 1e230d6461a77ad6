"""Makes messages of what programs write for them, and of what they stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias, get_args

from riverrun._pure.exceptions import MessageError, MissingFieldError
from riverrun.messages._any import AnyMessage
from riverrun.messages._assembly import assemble, fragments_of_raw, parse_final
from riverrun.messages.ai import AIMessage, AIMessageChunk
from riverrun.messages.base import BaseMessage, BaseMessageChunk
from riverrun.messages.chat import ChatMessage
from riverrun.messages.function import FunctionMessage
from riverrun.messages.human import HumanMessage
from riverrun.messages.modifier import RemoveMessage
from riverrun.messages.system import SystemMessage
from riverrun.messages.tool import ToolMessage

__all__ = [
    "MessageLikeRepresentation",
    "Messages",
    "Prompt",
    "_message_from_dict",
    "convert_to_messages",
    "is_one_message",
    "message_chunk_to_message",
    "messages_from_dict",
]

MessageLikeRepresentation: TypeAlias = BaseMessage | str | Sequence[Any] | Mapping[str, Any]
"""What stands for a message: one itself, text (a person's), a pair of role and content, or a dict with these."""


class Prompt(Protocol):
    """A prompt value, seen from below."""

    def to_messages(self) -> list[BaseMessage]: ...


Messages: TypeAlias = Iterable[MessageLikeRepresentation] | Prompt
"""What stands for a list of messages."""

_BY_ROLE: dict[str, type[BaseMessage]] = {
    "human": HumanMessage,
    "user": HumanMessage,
    "ai": AIMessage,
    "assistant": AIMessage,
    "system": SystemMessage,
    "developer": SystemMessage,
    "tool": ToolMessage,
    "function": FunctionMessage,
    "remove": RemoveMessage,
}
_BY_TYPE: dict[str, type[BaseMessage]] = {
    cls.type: cls for cls in (*get_args(get_args(AnyMessage)[0]), RemoveMessage)
}
_NOT_KEYWORDS = ("content", "type")
_BY_NAME = {cls.__name__: cls for cls in _BY_TYPE.values()}


def convert_to_messages(messages: Messages) -> list[BaseMessage]:
    """The messages that `messages` stand for, in their order.

    Text is what a person says; pairs are `(role, content)`; dicts have `role` (or `type`) and `content`, and may have what
    OpenAI's have (`name`, `tool_calls`, `tool_call_id`) and what `model_dump` makes. What is known of neither goes to
    `additional_kwargs`. A single message, text, pair or dict, and a prompt value, may stand for the list.

    Raises:
        MessageError: something stands for no message: an unknown role, a missing key, a wrong type. The message says which
            of them, and which roles there are. A `MissingFieldError` if a key is missing.
    """
    if not isinstance(messages, list):
        if (to_messages := getattr(messages, "to_messages", None)) is not None:
            made: list[BaseMessage] = to_messages()
            return made
        if is_one_message(messages):
            return [_message(messages)]
        if not isinstance(messages, Iterable):
            raise _unreadable(messages)
    return [each if isinstance(each, BaseMessage) else _message(each) for each in messages]


def is_one_message(value: Any) -> bool:
    """Whether `value` stands for a message, and not for a list of them."""
    return isinstance(value, BaseMessage | str | Mapping) or (
        isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str) and value[0] in _BY_ROLE
    )


def _message(value: Any) -> BaseMessage:
    if isinstance(value, BaseMessage):
        return value
    if isinstance(value, str):
        return HumanMessage(value)
    if isinstance(value, Mapping):
        return _from_dict(value)
    if isinstance(value, Sequence) and len(value) == 2 and isinstance(value[0], str):
        return _of_role(value[0], value[1], {})
    raise _unreadable(value)


def _unreadable(value: Any) -> MessageError:
    length = f" of {len(value)}" if isinstance(value, list | tuple) else ""
    return MessageError(
        f"a message is a message, text, a pair (role, content) or a dict with these, not {type(value).__name__}{length}"
    )


def _from_dict(value: Mapping[str, Any]) -> BaseMessage:
    fields = dict(value)
    if fields.get("lc") == 1 and fields.get("type") == "constructor":
        return _from_constructor(fields)
    if fields.get("type") in ("chat", "ChatMessageChunk") and "role" in fields:  # what `model_dump` makes
        role = fields.pop("type")
    else:
        role = fields.pop("role", None) or fields.pop("type", None)
    if role is None:
        raise MissingFieldError(f"a message's dict has a 'role' and 'content'; this one has {list(value)}")
    if "content" not in fields and not fields.get("tool_calls"):
        raise MissingFieldError(f"the message of role {role!r} lacks its 'content'; it has {list(value)}")
    content = fields.pop("content", None)
    return _of_role(role, "" if content is None else content, fields)


def _from_constructor(value: Mapping[str, Any]) -> BaseMessage:
    """The message that `dumpd` described. Only messages are made of it, by their names, and nothing is imported."""
    path, fields = value.get("id"), value.get("kwargs")
    name = path[-1] if isinstance(path, list | tuple) and path else None
    cls = _BY_NAME.get(name) if isinstance(name, str) else None
    if cls is None or not isinstance(fields, Mapping):
        raise MessageError(f"the stored value {name!r} is no message; there are {list(_BY_NAME)}")
    return _made(cls, name, fields.get("content", ""), {**fields})


def _of_role(role: Any, content: Any, fields: dict[str, Any]) -> BaseMessage:
    cls = (_BY_ROLE.get(role) or _BY_TYPE.get(role)) if isinstance(role, str) else None
    if cls is None or (issubclass(cls, ChatMessage) and "role" not in fields):
        raise MessageError(f"there is no role {role!r}; there are {list(_BY_ROLE)}")
    return _made(cls, role, content, fields)


def _made(cls: type[BaseMessage], role: Any, content: Any, fields: dict[str, Any]) -> BaseMessage:
    known: dict[str, Any] = {}
    others: dict[str, Any] = {}
    for name, value in fields.items():
        if name in _NOT_KEYWORDS:
            if name == "type" and value != cls.type:
                others[name] = value
        elif name not in cls._fields:
            others[name] = value
        elif value is not None:
            known[name] = value
    given = known.get("additional_kwargs", {})
    own = {"__openai_role__": "developer"} if role == "developer" else {}
    if (others or own) and isinstance(given, dict):
        known["additional_kwargs"] = {**others, **given, **own}
    calls: Any = known.get("tool_calls")
    if (raw := fragments_of_raw(calls)) and len(raw) == len(calls):
        known["tool_calls"], known["invalid_tool_calls"] = parse_final(raw)
    for name in cls._required:
        if name != "content" and name not in known:
            raise MissingFieldError(f"the message of role {role!r} lacks its {name!r}")
    if issubclass(cls, RemoveMessage):
        return cls(**known)
    return cls(content, **known)


def messages_from_dict(messages: Sequence[Mapping[str, Any]]) -> list[BaseMessage]:
    """The messages that `messages_to_dict` stored, each as `{"type": ..., "data": ...}`.

    Raises:
        MessageError: a type is unknown, or the data is not that of such a message; the error names the place. A
            `MissingFieldError` if a key is missing.
    """
    return [_stored(message, place) for place, message in enumerate(messages)]


def _message_from_dict(message: Mapping[str, Any]) -> BaseMessage:
    """One message that `message_to_dict` stored; see `messages_from_dict`."""
    return _stored(message, 0)


def _stored(message: Any, place: int) -> BaseMessage:
    if not isinstance(message, Mapping):
        raise MessageError(
            f"messages[{place}] is a dict with 'type' and 'data', not {type(message).__name__}"
        )
    for key in ("type", "data"):
        if key not in message:
            raise MissingFieldError(f"messages[{place}] lacks the key {key!r}")
    kind, data = message["type"], message["data"]
    cls = _BY_TYPE.get(kind) if isinstance(kind, str) else None
    if cls is None:
        raise MessageError(f"messages[{place}] has the unknown type {kind!r}; there are {list(_BY_TYPE)}")
    if not isinstance(data, Mapping):
        raise MessageError(f"messages[{place}]['data'] is a dict, not {type(data).__name__}")
    for name in cls._required:
        if name not in data and not (name == "content" and issubclass(cls, AIMessage)):
            raise MissingFieldError(f"messages[{place}]['data'] lacks the key {name!r}")
    return _made(cls, kind, data.get("content", ""), dict(data))


def message_chunk_to_message(chunk: BaseMessage) -> BaseMessage:
    """The message that `chunk` comes to if nothing follows; a message that is no chunk, itself.

    A tool call whose arguments are not whole is none that can be followed: it goes to `invalid_tool_calls`.
    """
    if not isinstance(chunk, BaseMessageChunk):
        return chunk
    cls = chunk.whole
    fields = {name: chunk._value(name) for name in cls._fields if name not in ("content", "type")}
    if isinstance(chunk, AIMessageChunk) and chunk.chunk_position != "last":
        calls, invalid = parse_final(assemble(chunk.tool_call_chunks))
        # Else what the chunk has stands, perhaps changed since.
        if len(invalid) > len(chunk.invalid_tool_calls):
            fields["tool_calls"], fields["invalid_tool_calls"] = calls, invalid
    return cls(chunk.content, **fields)
