"""What models on Bedrock say through its Converse API: near to Anthropic's blocks, with other reasoning and citations."""

from __future__ import annotations

from typing import Any

from riverrun.messages.block_translators import anthropic
from riverrun.messages.block_translators._common import (
    calls_of_blocks,
    completed,
    items_of,
    pieces_of_blocks,
    reasoning_of,
    renamed,
    with_index,
)

__all__ = ["translate_content", "translate_content_chunk"]

Block = dict[str, Any]


def translate_content(message: Any) -> list[Any]:
    """The standard blocks of a whole message."""
    call_of = calls_of_blocks(message)
    blocks = [
        _own(block) or anthropic.translate_block(_typed(block), call_of)
        for block in items_of(message.content)
    ]
    return completed(message, blocks)


def translate_content_chunk(message: Any) -> list[Any]:
    """The standard blocks of a piece: tool calls are pieces too, until the last one makes them whole."""
    if message.chunk_position == "last":
        return translate_content(message)
    piece_of = pieces_of_blocks(message)
    blocks = [
        _own(block) or anthropic.translate_piece(_typed(block), piece_of)
        for block in items_of(message.content)
    ]
    return [*reasoning_of(message, blocks), *blocks]


def _own(block: Block) -> Block | None:
    """What is said otherwise than by Anthropic."""
    if block.get("type") == "reasoning_content":
        return _reasoning(block)
    if block.get("type") == "text" and "citations" in block:
        text = {key: value for key, value in block.items() if key not in ("citations", "index")}
        text["annotations"] = [_citation(each) for each in block["citations"] or ()]
        return with_index(text, block)
    return None


def _typed(block: Block) -> Block:
    """A call as it comes over the wire, with the type that says so."""
    if not isinstance(use := block.get("toolUse"), dict):
        return block
    return {
        "type": "tool_use",
        "id": use.get("toolUseId"),
        "name": use.get("name"),
        "input": use.get("input"),
    }


def _reasoning(block: Block) -> Block:
    held = block.get("reasoning_content")
    said = held if isinstance(held, dict) else {"text": held}
    return with_index(renamed(said, "reasoning", {"text": "reasoning"}), block)


def _citation(said: Any) -> Block:
    if not isinstance(said, dict):
        return {"type": "non_standard_annotation", "value": said}
    source = said.get("source_content") or said.get("sourceContent") or ()
    text = "".join(part.get("text", "") for part in source if isinstance(part, dict))
    cited = {**said, "cited_text": text or None}
    names = {"title": "title", "cited_text": "cited_text"}
    return renamed(cited, "citation", names, drop=["source_content", "sourceContent"])
