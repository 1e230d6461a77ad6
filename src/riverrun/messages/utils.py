"""Messages of all kinds at once: made of what stands for them, chosen, merged, trimmed, counted and written down."""

from __future__ import annotations

from riverrun.messages._any import AnyMessage
from riverrun.messages._convert import (
    MessageLikeRepresentation,
    _message_from_dict,
    convert_to_messages,
    message_chunk_to_message,
    messages_from_dict,
)
from riverrun.messages._count import count_tokens_approximately
from riverrun.messages._dialogue import get_buffer_string
from riverrun.messages._openai import convert_to_openai_messages
from riverrun.messages._select import filter_messages, merge_message_runs
from riverrun.messages._trim import trim_messages

__all__ = [
    "AnyMessage",
    "MessageLikeRepresentation",
    "_message_from_dict",
    "convert_to_messages",
    "convert_to_openai_messages",
    "count_tokens_approximately",
    "filter_messages",
    "get_buffer_string",
    "merge_message_runs",
    "message_chunk_to_message",
    "messages_from_dict",
    "trim_messages",
]
