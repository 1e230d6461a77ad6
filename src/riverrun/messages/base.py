"""The classes that every message is one of, and what is said of messages in general."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from riverrun._pure.merge import merge_content as merge_contents
from riverrun.messages._chunk import BaseMessageChunk
from riverrun.messages._fields import Content
from riverrun.messages._message import BaseMessage
from riverrun.messages._text import Text, TextAccessor, get_msg_title_repr

__all__ = [
    "BaseMessage",
    "BaseMessageChunk",
    "Content",
    "Text",
    "TextAccessor",
    "get_msg_title_repr",
    "merge_content",
    "message_to_dict",
    "messages_to_dict",
]


def merge_content(first_content: Content, *contents: Content) -> Content:
    """The content that these are the pieces of: text if all are text, else a list of texts and blocks.

    Empty text counts for nothing, neighbouring texts join, blocks with the same `index` are one.
    """
    return merge_contents([first_content, *contents])


def message_to_dict(message: BaseMessage) -> dict[str, Any]:
    """The message as plain data: its `type`, and its fields as `data`. `messages_from_dict` reads it."""
    return {"type": message.type, "data": message.model_dump()}


def messages_to_dict(messages: Iterable[BaseMessage]) -> list[dict[str, Any]]:
    """`message_to_dict` of each."""
    return [message_to_dict(message) for message in messages]
