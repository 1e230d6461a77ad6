"""Turns what programs write for messages into messages, chunks into whole ones, and messages into text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

from riverrun._pure.exceptions import MessageError
from riverrun.messages._any import AnyMessage
from riverrun.messages._assembly import assemble, fragments_of_raw, parse_final
from riverrun.messages.ai import AIMessage, AIMessageChunk
from riverrun.messages.base import BaseMessage, BaseMessageChunk
from riverrun.messages.human import HumanMessage, HumanMessageChunk
from riverrun.messages.system import SystemMessage, SystemMessageChunk
from riverrun.messages.tool import ToolMessage, ToolMessageChunk

__all__ = [
    "AnyMessage",
    "MessageLikeRepresentation",
    "convert_to_messages",
    "get_buffer_string",
    "message_chunk_to_message",
]

MessageLikeRepresentation: TypeAlias = BaseMessage | str | Sequence[Any] | Mapping[str, Any]
"""What stands for a message: one itself, text (a person's), a pair of role and content, or a dict with these."""

_CLASSES: dict[str, type[BaseMessage]] = {
    "human": HumanMessage,
    "user": HumanMessage,
    "ai": AIMessage,
    "assistant": AIMessage,
    "system": SystemMessage,
    "developer": SystemMessage,
    "tool": ToolMessage,
    "AIMessageChunk": AIMessageChunk,
    "HumanMessageChunk": HumanMessageChunk,
    "SystemMessageChunk": SystemMessageChunk,
    "ToolMessageChunk": ToolMessageChunk,
}
_ROLES = [role for role in _CLASSES if role.islower()]


class _Prompt(Protocol):
    def to_messages(self) -> list[BaseMessage]: ...


def convert_to_messages(messages: Iterable[MessageLikeRepresentation] | _Prompt) -> list[BaseMessage]:
    """The messages that `messages` stand for, in their order.

    Text is what a person says; pairs are `(role, content)`; dicts have `role` (or `type`) and `content`, and may have what
    OpenAI's have (`name`, `tool_calls`, `tool_call_id`) and what `model_dump` makes. What is known of neither goes to
    `additional_kwargs`. A single message, text, pair or dict, and a prompt value, may stand for the list.

    Raises:
        MessageError: something stands for no message: an unknown role, a missing key, a wrong type. The message says which
            of them, and which roles there are.
    """
    if (to_messages := getattr(messages, "to_messages", None)) is not None:
        made: list[BaseMessage] = to_messages()
        return made
    if isinstance(messages, BaseMessage | str | Mapping) or _is_pair(messages):
        return [_message(messages)]
    if not isinstance(messages, Iterable):
        raise _unreadable(messages)
    return [_message(each) for each in messages]


def _is_pair(value: Any) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str) and value[0] in _CLASSES


def _message(value: Any) -> BaseMessage:
    if isinstance(value, BaseMessage):
        return value
    if isinstance(value, str):
        return HumanMessage(value)
    if isinstance(value, Mapping):
        return _from_dict(value)
    if isinstance(value, Sequence) and len(value) == 2 and isinstance(value[0], str):
        return _make(value[0], value[1], {})
    raise _unreadable(value)


def _unreadable(value: Any) -> MessageError:
    length = f" of {len(value)}" if isinstance(value, list | tuple) else ""
    return MessageError(
        f"a message is a message, text, a pair (role, content) or a dict with these, not {type(value).__name__}{length}"
    )


def _from_dict(value: Mapping[str, Any]) -> BaseMessage:
    fields = dict(value)
    role = fields.pop("role", None) or fields.pop("type", None)
    if role is None:
        raise MessageError(f"a message's dict has a 'role' and 'content'; this one has {list(value)}")
    if "content" not in fields and not fields.get("tool_calls"):
        raise MessageError(f"the message of role {role!r} lacks its 'content'; it has {list(value)}")
    content = fields.pop("content", None)
    return _make(role, "" if content is None else content, fields)


def _make(role: Any, content: Any, fields: dict[str, Any]) -> BaseMessage:
    cls = _CLASSES.get(role) if isinstance(role, str) else None
    if cls is None:
        raise MessageError(f"there is no role {role!r}; there are {_ROLES}")
    names = set(cls._fields) - {"content", "type"}
    known = {name: value for name, value in fields.items() if name in names and value is not None}
    others = {name: value for name, value in fields.items() if name not in names}
    if role == "developer":
        others["__openai_role__"] = "developer"
    given = known.get("additional_kwargs", {})
    if others and isinstance(given, dict):
        known["additional_kwargs"] = {**others, **given}
    calls: Any = known.get("tool_calls")
    if (raw := fragments_of_raw(calls)) and len(raw) == len(calls):
        known["tool_calls"], known["invalid_tool_calls"] = parse_final(raw)
    if missing := [name for name in cls._required if name != "content" and name not in known]:
        raise MessageError(f"the message of role {role!r} lacks its {missing[0]!r}")
    return cls(content, **known)


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
        if len(invalid) > len(
            chunk.invalid_tool_calls
        ):  # else what the chunk has stands, perhaps changed since
            fields["tool_calls"], fields["invalid_tool_calls"] = calls, invalid
    return cls(chunk.content, **fields)


def get_buffer_string(
    messages: Sequence[BaseMessage],
    human_prefix: str = "Human",
    ai_prefix: str = "AI",
    *,
    system_prefix: str = "System",
    tool_prefix: str = "Tool",
    message_separator: str = "\n",
) -> str:
    """The messages as lines of a dialogue, each with who speaks; tool calls follow the text of the message that asks for them.

    Raises:
        MessageError: something in `messages` is no message.
    """
    prefixes = {
        HumanMessage: human_prefix,
        AIMessage: ai_prefix,
        SystemMessage: system_prefix,
        ToolMessage: tool_prefix,
    }
    lines = []
    for message in messages:
        prefix = next((prefix for cls, prefix in prefixes.items() if isinstance(message, cls)), None)
        if prefix is None:
            raise MessageError(f"a message was wanted, not {type(message).__name__}")
        line = f"{prefix}: {message.text}"
        if isinstance(message, AIMessage):
            line += str(message.tool_calls or message.additional_kwargs.get("function_call", ""))
        lines.append(line)
    return message_separator.join(lines)
