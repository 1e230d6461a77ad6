"""Messages as the dicts of OpenAI's chat completions, whichever provider their blocks are written for.

https://platform.openai.com/docs/api-reference/chat/create
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

from riverrun._pure.exceptions import InputError, MessageError, MissingFieldError
from riverrun.messages._convert import (
    MessageLikeRepresentation,
    Messages,
    convert_to_messages,
    is_one_message,
)
from riverrun.messages.ai import AIMessage
from riverrun.messages.base import BaseMessage
from riverrun.messages.block_translators._openai_input import convert_to_openai_data_block
from riverrun.messages.chat import ChatMessage
from riverrun.messages.content import is_data_content_block
from riverrun.messages.function import FunctionMessage
from riverrun.messages.human import HumanMessage
from riverrun.messages.system import SystemMessage
from riverrun.messages.tool import ToolMessage

__all__ = ["convert_to_openai_messages", "role_of"]

Block: TypeAlias = dict[str, Any]

_ROLES: dict[type[BaseMessage], str] = {
    HumanMessage: "user",
    AIMessage: "assistant",
    SystemMessage: "system",
    ToolMessage: "tool",
    FunctionMessage: "function",
}


def convert_to_openai_messages(
    messages: MessageLikeRepresentation | Messages,
    *,
    text_format: Literal["string", "block"] = "string",
    include_id: bool = False,
    pass_through_unknown_blocks: bool = True,
) -> dict[str, Any] | list[dict[str, Any]]:
    """The messages as dicts with `role` and `content`, as OpenAI's chat completions take them; one message as one dict.

    Blocks of Anthropic, Bedrock, Vertex AI and those that are the same for all providers become OpenAI's; the tools that a
    block calls go to `tool_calls`, and each tool result is a message of its own, so that one message may become several.

    Args:
        text_format: "string" where content that is all text is one string, its blocks joined by line ends; "block" where it
            is always a list of blocks.
        include_id: whether the dicts have the ids of the messages.
        pass_through_unknown_blocks: whether blocks that are none of these stay as they are. If not, they are errors.

    Raises:
        MessageError: something stands for no message, or a block can't be converted; the message names its place,
            `messages[0].content[1]`. A `MissingFieldError` if a key is missing.
        InputError: `text_format` is unknown.
    """
    if text_format not in ("string", "block"):
        raise InputError(f"text_format must be 'string' or 'block', not {text_format!r}")
    made: list[dict[str, Any]] = []
    for place, message in enumerate(convert_to_messages(messages)):
        conversion = _Conversion(text_format, pass_through_unknown_blocks)
        made += conversion.of(message, f"messages[{place}]", include_id)
    return made[0] if is_one_message(messages) and len(made) == 1 else made


def role_of(message: BaseMessage) -> str:
    """Who speaks, as OpenAI names it.

    Raises:
        MessageError: nobody says such a message.
    """
    role = _ROLES.get(type(message)) or next(
        (role for cls, role in _ROLES.items() if isinstance(message, cls)), None
    )
    if role is None:
        if isinstance(message, ChatMessage):
            return message.role
        raise MessageError(f"{type(message).__name__} is nothing that is said to a model")
    if role == "system" and message._given() is not None:
        return str(message.additional_kwargs.get("__openai_role__", role))
    return role


class _Conversion:
    """A message on its way to OpenAI: what its blocks come to is content, calls, and messages of their own."""

    def __init__(self, text_format: str, pass_through: bool) -> None:
        self._as_text = text_format == "string"
        self._text_format = text_format
        self._pass_through = pass_through
        self._calls: list[Block] | None = None
        self._called: set[str | None] = set()
        self._results: list[Block] = []

    def of(self, message: BaseMessage, where: str, include_id: bool = False) -> list[Block]:
        """The dicts that the message becomes."""
        made: Block = {"role": role_of(message)}
        more = message._given() or {}
        if more.get("name"):
            made["name"] = more["name"]
        if isinstance(message, AIMessage):
            calls = message.tool_calls if more else []
            self._calls = [_call(call["id"], call["name"], call["args"]) for call in calls]
            self._called = {call["id"] for call in calls}
        content = self._content(message.content, where)
        if self._calls:
            made["tool_calls"] = self._calls
        if isinstance(message, AIMessage) and (extra := more.get("additional_kwargs")):
            if "function_call" in extra and not self._calls:
                made["function_call"] = extra["function_call"]
            if "refusal" in extra:
                made["refusal"] = extra["refusal"]
        if isinstance(message, ToolMessage):
            made["tool_call_id"] = message.tool_call_id
        if include_id and message.id:
            made["id"] = message.id
        made["content"] = content
        says_something = content or self._calls or not self._results
        return [made, *self._results] if says_something else self._results

    def _content(self, content: str | Sequence[str | Block], where: str) -> str | list[Any]:
        if isinstance(content, str):
            if self._as_text:
                return content
            return [{"type": "text", "text": content}] if content else []
        blocks: list[Block] = []
        for place, block in enumerate(content):
            blocks += self._block(block, f"{where}.content[{place}]")
        if self._as_text and all(block.get("type") == "text" for block in blocks):
            return "\n".join(block["text"] for block in blocks)
        return blocks

    def _block(self, block: str | Block, where: str) -> list[Block]:
        """What the block is in OpenAI's content; nothing, if it goes elsewhere."""
        if isinstance(block, str):
            return [{"type": "text", "text": block}]
        kind = block.get("type") if isinstance(block.get("type"), str) else None
        if kind in _CALLS:
            self._add_call(block, kind, where)
            return []
        if kind == "tool_result":
            self._add_result(block, where)
            return []
        if (convert := _CONVERSIONS.get(kind or "")) is not None:
            return [convert(block, where)]
        if kind in ("file", "input_audio") and isinstance(block.get(kind), Mapping):
            return [block]
        if kind is not None and is_data_content_block(block):
            return [_data(block, where)]
        if kind is None and "image" in block:
            return [_image(block, where)]
        if kind is None and "json" in block:
            return [_json(block, where)]
        if kind in _AS_THEY_ARE or self._pass_through:
            return [block]
        raise MessageError(
            f"{where} is a block of type {block.get('type')!r}, which is none of OpenAI, Anthropic, Bedrock or Vertex AI; "
            f"it has {list(block)}. pass_through_unknown_blocks=True leaves it as it is."
        )

    def _add_call(self, block: Block, kind: str, where: str) -> None:
        id, name, args = (_needed(block, key, where) for key in _CALLS[kind])
        if self._calls is None:
            raise MessageError(f"{where} calls a tool, which only a message of the model can do")
        if not isinstance(id, str):
            raise MessageError(f"{where} calls a tool with the id {id!r}, which must be a string")
        if id not in self._called:
            self._calls.append(_call(id, name, args))

    def _add_result(self, block: Block, where: str) -> None:
        id, content = _needed(block, "tool_use_id", where), _needed(block, "content", where)
        answer = ToolMessage(content, tool_call_id=id)
        self._results += _Conversion(self._text_format, self._pass_through).of(answer, where)


_CALLS = {"tool_use": ("id", "name", "input"), "function_call": ("call_id", "name", "arguments")}
"""Blocks that call tools, and where they have the id, the name and the arguments."""
_AS_THEY_ARE = ("thinking", "reasoning", "refusal")


_as_json = json.JSONEncoder(ensure_ascii=False).encode


def _call(id: Any, name: str, args: Any) -> Block:
    arguments = args if isinstance(args, str) else _as_json(args)
    return {"type": "function", "id": id, "function": {"name": name, "arguments": arguments}}


def _needed(block: Mapping[str, Any], key: str, where: str) -> Any:
    if key not in block:
        kind = f" of type {block['type']!r}" if "type" in block else ""
        raise MissingFieldError(f"{where}{kind} lacks the key {key!r}; it has {list(block)}")
    return block[key]


def _text(block: Block, where: str) -> Block:
    return {"type": "text", "text": _needed(block, "text", where)}


def _image_url(block: Block, where: str) -> Block:
    return {"type": "image_url", "image_url": _needed(block, "image_url", where)}


def _image(block: Block, where: str) -> Block:
    """Of Anthropic with a `source`, of Bedrock with an `image`, else of no provider."""
    if source := block.get("source"):
        if source.get("type") == "url" and "url" in source:
            return _url(source["url"])
        where = f"{where}['source']"
        return _inline(_needed(source, "media_type", where), _needed(source, "data", where))
    if image := block.get("image"):
        where = f"{where}['image']"
        data = _needed(_needed(image, "source", where), "bytes", f"{where}['source']")
        return _inline(f"image/{_needed(image, 'format', where)}", data)
    if is_data_content_block(block):
        return _data(block, where)
    raise MissingFieldError(
        f"{where} of type 'image' has neither data nor a URL nor a 'source'; it has {list(block)}"
    )


def _media(block: Block, where: str) -> Block:
    """Of Vertex AI."""
    kind, data = _needed(block, "mime_type", where), _needed(block, "data", where)
    if not str(kind).startswith("image/"):
        raise MessageError(f"{where} holds {kind}; of media OpenAI takes images only")
    return _inline(kind, data)


def _inline(mime_type: str, data: str | bytes) -> Block:
    encoded = data if isinstance(data, str) else b64encode(data).decode()
    return _url(f"data:{mime_type};base64,{encoded}")


def _url(url: str) -> Block:
    return {"type": "image_url", "image_url": {"url": url}}


def _json(block: Block, where: str) -> Block:
    return {"type": "text", "text": json.dumps(_needed(block, "json", where))}


def _guarded(block: Block, where: str) -> Block:
    content = _needed(block, "guard_content", where)
    return {"type": "text", "text": _needed(content, "text", f"{where}['guard_content']")}


def _data(block: Block, where: str) -> Block:
    try:
        return convert_to_openai_data_block(block)
    except (KeyError, ValueError) as error:
        raise MessageError(f"{where} can't be said to OpenAI: {error}") from None


_CONVERSIONS: dict[str, Callable[[Block, str], Block]] = {
    "text": _text,
    "image_url": _image_url,
    "image": _image,
    "media": _media,
    "json": _json,
    "guard_content": _guarded,
}
