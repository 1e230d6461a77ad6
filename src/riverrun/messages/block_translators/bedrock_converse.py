"""What models on Bedrock say through its Converse API: near to Anthropic's blocks, with other reasoning and citations."""

from __future__ import annotations

from typing import Any

from riverrun.messages.block_translators import anthropic
from riverrun.messages.block_translators._common import items_of, left_calls, renamed, with_index

__all__ = ["translate_content", "translate_content_chunk"]

Block = dict[str, Any]


def translate_content(message: Any) -> list[Any]:
    """The standard blocks of a whole message."""
    blocks = [_block(block, message, whole=True) for block in items_of(message.content)]
    return [*blocks, *left_calls(message, blocks)]


def translate_content_chunk(message: Any) -> list[Any]:
    """The standard blocks of a piece: tool calls are pieces too, until the last one makes them whole."""
    if message.chunk_position == "last":
        return translate_content(message)
    return [_block(block, message, whole=False) for block in items_of(message.content)]


def _block(block: Block, message: Any, *, whole: bool) -> Block:
    kind = block.get("type")
    if kind == "reasoning_content":
        return _reasoning(block)
    if kind == "text" and "citations" in block:
        text = {key: value for key, value in block.items() if key not in ("citations", "index")}
        text["annotations"] = [_citation(each) for each in block["citations"] or ()]
        return with_index(text, block)
    if isinstance(use := block.get("toolUse"), dict):  # as it comes over the wire
        block = {
            "type": "tool_use",
            "id": use.get("toolUseId"),
            "name": use.get("name"),
            "input": use.get("input"),
        }
    return anthropic.translate_block(block, message, whole=whole)


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
