"""Which classes data may name, and where it may say that they stand. The list is closed: nothing is ever looked up."""

from __future__ import annotations

from riverrun._pure.record import Record
from riverrun.documents import Document
from riverrun.messages import (
    AIMessage,
    AIMessageChunk,
    ChatMessage,
    ChatMessageChunk,
    FunctionMessage,
    FunctionMessageChunk,
    HumanMessage,
    HumanMessageChunk,
    RemoveMessage,
    SystemMessage,
    SystemMessageChunk,
    ToolMessage,
    ToolMessageChunk,
)
from riverrun.outputs import ChatGeneration, ChatGenerationChunk, Generation, GenerationChunk
from riverrun.prompt_values import (
    ChatPromptValue,
    ChatPromptValueConcrete,
    ImagePromptValue,
    StringPromptValue,
)

__all__ = ["PACKAGES", "RECORDS"]

RECORDS: dict[str, type[Record]] = {
    cls.__name__: cls
    for cls in (
        AIMessage,
        AIMessageChunk,
        ChatGeneration,
        ChatGenerationChunk,
        ChatMessage,
        ChatMessageChunk,
        ChatPromptValue,
        ChatPromptValueConcrete,
        Document,
        FunctionMessage,
        FunctionMessageChunk,
        Generation,
        GenerationChunk,
        HumanMessage,
        HumanMessageChunk,
        ImagePromptValue,
        RemoveMessage,
        StringPromptValue,
        SystemMessage,
        SystemMessageChunk,
        ToolMessage,
        ToolMessageChunk,
    )
}
"""The plain data that is made of data, by the last part of the name that dumps call it by."""

PACKAGES = ("langchain", "langchain_core", "riverrun")
"""The first part of such a name."""
