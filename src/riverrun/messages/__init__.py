"""What is said to models and what they say: messages, and the chunks they arrive in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riverrun._pure.later import later
from riverrun.messages._any import AnyMessage
from riverrun.messages._convert import (
    MessageLikeRepresentation,
    _message_from_dict,
    convert_to_messages,
    message_chunk_to_message,
    messages_from_dict,
)
from riverrun.messages._dialogue import get_buffer_string
from riverrun.messages._ids import LC_AUTO_PREFIX, LC_ID_PREFIX, ensure_id
from riverrun.messages._shapes import (
    InputTokenDetails,
    InvalidToolCall,
    OutputTokenDetails,
    ToolCall,
    ToolCallChunk,
    UsageMetadata,
)
from riverrun.messages.ai import AIMessage, AIMessageChunk
from riverrun.messages.base import (
    BaseMessage,
    BaseMessageChunk,
    merge_content,
    message_to_dict,
    messages_to_dict,
)
from riverrun.messages.chat import ChatMessage, ChatMessageChunk
from riverrun.messages.content import (
    Annotation,
    AudioContentBlock,
    Citation,
    ContentBlock,
    DataContentBlock,
    FileContentBlock,
    ImageContentBlock,
    NonStandardAnnotation,
    NonStandardContentBlock,
    PlainTextContentBlock,
    ReasoningContentBlock,
    RefusalContentBlock,
    ServerToolCall,
    ServerToolCallChunk,
    ServerToolResult,
    TextContentBlock,
    VideoContentBlock,
    is_data_content_block,
)
from riverrun.messages.function import FunctionMessage, FunctionMessageChunk
from riverrun.messages.human import HumanMessage, HumanMessageChunk
from riverrun.messages.modifier import RemoveMessage
from riverrun.messages.system import SystemMessage, SystemMessageChunk
from riverrun.messages.tool import ToolMessage, ToolMessageChunk

if TYPE_CHECKING:
    from riverrun.messages._openai import convert_to_openai_messages
    from riverrun.messages._select import filter_messages, merge_message_runs
    from riverrun.messages._trim import trim_messages
    from riverrun.messages.block_translators._openai_input import (
        convert_to_openai_data_block,
        convert_to_openai_image_block,
    )
    from riverrun.messages.notification import (
        NotificationMetadata,
        add_notification_metadata,
        get_notification_metadata,
    )

__all__ = [
    "LC_AUTO_PREFIX",
    "LC_ID_PREFIX",
    "AIMessage",
    "AIMessageChunk",
    "Annotation",
    "AnyMessage",
    "AudioContentBlock",
    "BaseMessage",
    "BaseMessageChunk",
    "ChatMessage",
    "ChatMessageChunk",
    "Citation",
    "ContentBlock",
    "DataContentBlock",
    "FileContentBlock",
    "FunctionMessage",
    "FunctionMessageChunk",
    "HumanMessage",
    "HumanMessageChunk",
    "ImageContentBlock",
    "InputTokenDetails",
    "InvalidToolCall",
    "MessageLikeRepresentation",
    "NonStandardAnnotation",
    "NonStandardContentBlock",
    "NotificationMetadata",
    "OutputTokenDetails",
    "PlainTextContentBlock",
    "ReasoningContentBlock",
    "RefusalContentBlock",
    "RemoveMessage",
    "ServerToolCall",
    "ServerToolCallChunk",
    "ServerToolResult",
    "SystemMessage",
    "SystemMessageChunk",
    "TextContentBlock",
    "ToolCall",
    "ToolCallChunk",
    "ToolMessage",
    "ToolMessageChunk",
    "UsageMetadata",
    "VideoContentBlock",
    "_message_from_dict",
    "add_notification_metadata",
    "convert_to_messages",
    "convert_to_openai_data_block",
    "convert_to_openai_image_block",
    "convert_to_openai_messages",
    "ensure_id",
    "filter_messages",
    "get_buffer_string",
    "get_notification_metadata",
    "is_data_content_block",
    "merge_content",
    "merge_message_runs",
    "message_chunk_to_message",
    "message_to_dict",
    "messages_from_dict",
    "messages_to_dict",
    "trim_messages",
]

_HOMES = {
    "NotificationMetadata": "notification",
    "add_notification_metadata": "notification",
    "convert_to_openai_data_block": "block_translators._openai_input",
    "convert_to_openai_image_block": "block_translators._openai_input",
    "convert_to_openai_messages": "_openai",
    "filter_messages": "_select",
    "get_notification_metadata": "notification",
    "merge_message_runs": "_select",
    "trim_messages": "_trim",
}
"""What is imported when it is first asked for: most programs need none of it."""


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return later(f"messages.{_HOMES[name]}", name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
