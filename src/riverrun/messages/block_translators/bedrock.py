"""What models on Bedrock say through its older API: as Anthropic's, which most of them are, or as text."""

from __future__ import annotations

from typing import Any

from riverrun.messages.block_translators import anthropic
from riverrun.messages.block_translators._common import reasoning_of

__all__ = ["translate_content", "translate_content_chunk"]


def translate_content(message: Any) -> list[Any]:
    """The standard blocks of a whole message."""
    return _with_reasoning(message, anthropic.translate_content(message))


def translate_content_chunk(message: Any) -> list[Any]:
    """The standard blocks of a piece."""
    return _with_reasoning(message, anthropic.translate_content_chunk(message))


def _with_reasoning(message: Any, blocks: list[Any]) -> list[Any]:
    if any(block.get("type") == "reasoning" for block in blocks):
        return blocks
    return [*reasoning_of(message), *blocks]
