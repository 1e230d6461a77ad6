"""What is said to models and what they say: messages, and the chunks they arrive in."""

from __future__ import annotations

from riverrun.messages._shapes import (
    InputTokenDetails,
    InvalidToolCall,
    OutputTokenDetails,
    ToolCall,
    ToolCallChunk,
    UsageMetadata,
)
from riverrun.messages.ai import AIMessage, AIMessageChunk
from riverrun.messages.base import BaseMessage, BaseMessageChunk
from riverrun.messages.human import HumanMessage, HumanMessageChunk
from riverrun.messages.system import SystemMessage, SystemMessageChunk
from riverrun.messages.tool import ToolMessage, ToolMessageChunk
from riverrun.messages.utils import (
    AnyMessage,
    MessageLikeRepresentation,
    convert_to_messages,
    get_buffer_string,
    message_chunk_to_message,
)

__all__ = [
    "AIMessage",
    "AIMessageChunk",
    "AnyMessage",
    "BaseMessage",
    "BaseMessageChunk",
    "HumanMessage",
    "HumanMessageChunk",
    "InputTokenDetails",
    "InvalidToolCall",
    "MessageLikeRepresentation",
    "OutputTokenDetails",
    "SystemMessage",
    "SystemMessageChunk",
    "ToolCall",
    "ToolCallChunk",
    "ToolMessage",
    "ToolMessageChunk",
    "UsageMetadata",
    "convert_to_messages",
    "get_buffer_string",
    "message_chunk_to_message",
]
