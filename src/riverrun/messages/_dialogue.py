"""Messages as one text, for prompts and for people to read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from riverrun._pure.exceptions import MessageError
from riverrun.messages.ai import AIMessage
from riverrun.messages.base import BaseMessage
from riverrun.messages.chat import ChatMessage
from riverrun.messages.function import FunctionMessage
from riverrun.messages.human import HumanMessage
from riverrun.messages.system import SystemMessage
from riverrun.messages.tool import ToolMessage

__all__ = ["get_buffer_string"]

_LONGEST = 500
"""How many characters of a document or of a server's tool are shown as XML."""


def get_buffer_string(
    messages: Sequence[BaseMessage],
    human_prefix: str = "Human",
    ai_prefix: str = "AI",
    *,
    system_prefix: str = "System",
    function_prefix: str = "Function",
    tool_prefix: str = "Tool",
    message_separator: str = "\n",
    format: Literal["prefix", "xml"] = "prefix",
) -> str:
    """The messages as a dialogue, each with who speaks; tool calls follow the text of the message that asks for them.

    With the format "prefix" a message is a line, `Human: hello`, of its text alone. With "xml" it is an element,
    `<message type="human">hello</message>`, whose text is escaped, and that shows reasoning, the tools of servers and the
    URLs of media too; data that is inside the message is left out.

    Raises:
        MessageError: something in `messages` is no message that anybody says, or `format` is unknown.
    """
    if format not in ("prefix", "xml"):
        raise MessageError(f"format must be 'prefix' or 'xml', not {format!r}")
    prefixes: dict[type[BaseMessage], str] = {
        HumanMessage: human_prefix,
        AIMessage: ai_prefix,
        SystemMessage: system_prefix,
        FunctionMessage: function_prefix,
        ToolMessage: tool_prefix,
    }
    lines = []
    for message in messages:
        prefix = prefixes.get(type(message)) or next(
            (prefix for cls, prefix in prefixes.items() if isinstance(message, cls)), None
        )
        if prefix is None and not isinstance(message, ChatMessage):
            raise MessageError(f"a message that somebody says was wanted, not {type(message).__name__}")
        speaker = message.role if isinstance(message, ChatMessage) else str(prefix)
        if format == "prefix":
            lines.append(_line(message, speaker))
        else:
            lines.append(_element(message, speaker if prefix is None else speaker.lower()))
    return message_separator.join(lines)


def _line(message: BaseMessage, prefix: str) -> str:
    content = message.content
    line = f"{prefix}: {content if isinstance(content, str) else message.text}"
    if isinstance(message, AIMessage) and message._given():
        line += str(message.tool_calls or message.additional_kwargs.get("function_call", ""))
    return line


def _element(message: BaseMessage, speaker: str) -> str:
    content = message.content
    text = _escaped(content) if isinstance(content, str) else " ".join(filter(None, map(_block, content)))
    calls = _calls(message) if isinstance(message, AIMessage) else []
    if not calls:
        return f"<message type={_quoted(speaker)}>{text}</message>"
    if text:
        calls.insert(0, f"<content>{text}</content>")
    inside = "".join(f"  {line}\n" for line in calls)
    return f"<message type={_quoted(speaker)}>\n{inside}</message>"


def _calls(message: AIMessage) -> list[str]:
    if message.tool_calls:
        return [
            _tag("tool_call", _json(call.get("args", {})), id=call.get("id"), name=call.get("name"))
            for call in message.tool_calls
        ]
    call = message.additional_kwargs.get("function_call")
    if not isinstance(call, Mapping):
        return []
    return [_tag("function_call", call.get("arguments") or "{}", name=call.get("name"))]


def _block(block: str | Mapping[str, Any]) -> str:
    """A block as XML; nothing if it holds nothing to be read."""
    if isinstance(block, str):
        return _escaped(block)
    match block:
        case {"type": "text", "text": str(text)}:
            return _escaped(text)
        case {"type": "reasoning", "reasoning": str(text)} if text:
            return _tag("reasoning", text)
        case {"type": "text-plain", "text": str(text)}:
            return _escaped(_cut(text))
        case {"type": "image_url", "image_url": {"url": str(url)}}:
            return _medium("image", {"url": url})
        case {"type": "image" | "audio" | "video" as kind}:
            return _medium(kind, block)
        case {"type": "server_tool_call"}:
            args = _cut(_json(block.get("args") or {}))
            return _tag("server_tool_call", args, id=block.get("id"), name=block.get("name"))
        case {"type": "server_tool_result"}:
            output = block.get("output")
            shown = "" if output is None else _cut(_json(output))
            call, status = block.get("tool_call_id"), block.get("status")
            return _tag("server_tool_result", shown, tool_call_id=call, status=status)
    return ""


def _medium(kind: str, block: Mapping[str, Any]) -> str:
    """Where an image, a sound or a film is; nothing if it is data."""
    if block.get("base64"):
        return ""
    for key in ("url", "file_id"):
        if value := block.get(key):
            return "" if str(value).startswith("data:") else f"<{kind} {key}={_quoted(str(value))} />"
    return ""


def _tag(kind: str, text: str, /, **attributes: Any) -> str:
    shown = "".join(f" {key}={_quoted(str(value or ''))}" for key, value in attributes.items())
    return f"<{kind}{shown}>{_escaped(text)}</{kind}>"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "..."


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _quoted(text: str) -> str:
    """`text` as the value of an attribute."""
    text = _escaped(text).replace("\n", "&#10;").replace("\r", "&#13;").replace("\t", "&#9;")
    if '"' not in text:
        return f'"{text}"'
    return f"'{text}'" if "'" not in text else '"' + text.replace('"', "&quot;") + '"'
