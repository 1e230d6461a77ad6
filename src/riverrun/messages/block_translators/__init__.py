"""From what each provider calls its content to the standard blocks, by the name that messages give their provider.

A translator is a pair of pure functions, for a whole message and for a piece of one. Those that come with the package are
imported when a message of their provider is first read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, TypeAlias

from riverrun.messages.block_translators._common import (
    completed,
    items_of,
    left_calls,
    object_of,
    whole_calls,
    with_index,
)
from riverrun.messages.block_translators._input import standard_content
from riverrun.messages.content import ContentBlock

__all__ = [
    "get_translator",
    "register_translator",
    "standard_content",
    "translate_default",
    "translate_standard",
]

Translate: TypeAlias = Callable[[Any], list[ContentBlock]]

_MODULES = {
    "anthropic": "anthropic",
    "bedrock": "bedrock",
    "bedrock_converse": "bedrock_converse",
    "google_genai": "google_genai",
    "google_vertexai": "google_genai",
    "groq": "groq",
    "openai": "openai",
}
"""The module that translates for a provider."""
_registered: dict[str, dict[str, Translate]] = {}


def register_translator(
    provider: str, translate_content: Translate, translate_content_chunk: Translate
) -> None:
    """Let messages whose `response_metadata["model_provider"]` is `provider` be translated by these functions.

    They are given an `AIMessage` or an `AIMessageChunk`, and must not change it.
    """
    _registered[provider] = {
        "translate_content": translate_content,
        "translate_content_chunk": translate_content_chunk,
    }


def get_translator(provider: str) -> Mapping[str, Translate] | None:
    """The functions that translate for `provider`, by the names that `register_translator` gives them; None if there are none."""
    if provider not in _registered and (name := _MODULES.get(provider)) is not None:
        module = import_module(f"{__name__}.{name}")
        register_translator(provider, module.translate_content, module.translate_content_chunk)
    return _registered.get(provider)


def translate_default(message: Any) -> list[Any]:
    """What an AI message says whose provider is not known: its reasoning, its content, and the tool calls that are left."""
    return completed(message, standard_content(message.content))


def translate_standard(message: Any) -> list[Any]:
    """Content that is standard already; in a message that is whole, pieces of calls have become calls."""
    blocks = items_of(message.content)
    if getattr(message, "chunk_position", "last") != "last":
        return blocks
    find = whole_calls(message)
    blocks = [with_index(_completed(block, find) or block, block) for block in blocks]
    return [*blocks, *left_calls(message, blocks)]


def _completed(block: dict[str, Any], find: Callable[[Any], dict[str, Any] | None]) -> dict[str, Any] | None:
    kind = block.get("type")
    if kind == "tool_call_chunk":
        return find(block.get("id"))
    args = object_of(block.get("args")) if kind == "server_tool_call_chunk" else None
    return None if args is None else {**block, "type": "server_tool_call", "args": args}
