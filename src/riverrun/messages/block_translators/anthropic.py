"""What Claude says: a list of blocks, of which a stream brings the beginning first and then deltas with the same index."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from riverrun._pure.partial_json import parse_partial
from riverrun.messages.block_translators._common import (
    calls_of_blocks,
    completed,
    items_of,
    pieces_of_blocks,
    reasoning_of,
    renamed,
    with_index,
)
from riverrun.messages.block_translators._input import standard_input

__all__ = ["translate_block", "translate_content", "translate_content_chunk", "translate_piece"]

Block = dict[str, Any]

_SERVER_TOOLS = {"code_execution": "code_interpreter"}
"""Tools that Anthropic runs, where the standard has another name for them."""
_CITATIONS = (
    "char_location",
    "page_location",
    "content_block_location",
    "search_result_location",
    "web_search_result_location",
)


def translate_content(message: Any) -> list[Any]:
    """The standard blocks of a whole message."""
    call_of = calls_of_blocks(message)
    blocks = [translate_block(block, call_of) for block in items_of(message.content)]
    return completed(message, blocks)


def translate_content_chunk(message: Any) -> list[Any]:
    """The standard blocks of a piece: tool calls are pieces too, until the last one makes them whole."""
    if message.chunk_position == "last":
        return translate_content(message)
    piece_of = pieces_of_blocks(message)
    blocks = [translate_piece(block, piece_of) for block in items_of(message.content)]
    return [*reasoning_of(message, blocks), *blocks]


def translate_block(block: Block, call_of: Callable[[Block], Block | None]) -> Block:
    """A block of a whole message; `call_of` finds the message's own call that it asks for."""
    kind = block.get("type")
    if kind == "text":
        return _text(block)
    if kind == "thinking":
        return renamed(block, "reasoning", {"thinking": "reasoning"})
    if kind == "tool_use":
        return call_of(block) or _tool_use(block)
    if kind in ("server_tool_use", "mcp_tool_use"):
        return _server_call(block)
    if isinstance(kind, str) and kind.endswith("_tool_result") and "tool_use_id" in block:
        return _server_result(block)
    return standard_input(block)


def translate_piece(block: Block, piece_of: Callable[[Block], Block | None]) -> Block:
    """A block of a piece; `piece_of` finds the message's own piece of a call that it brings."""
    kind = block.get("type")
    if kind == "input_json_delta":
        return piece_of(block) or _server_call_piece(block)
    if kind in ("server_tool_use", "mcp_tool_use") and not block.get("input") and "partial_json" not in block:
        said = {**_named(block), "args": ""}  # its arguments are still to come
        return renamed(said, "server_tool_call_chunk", {"name": "name", "args": "args"}, drop=["input"])
    return translate_block(block, piece_of)


def _text(block: Block) -> Block:
    if "citations" not in block:
        return block
    text = {key: value for key, value in block.items() if key not in ("citations", "index")}
    text.setdefault("text", "")
    text["annotations"] = [_citation(each) for each in block["citations"] or ()]
    return with_index(text, block)


def _citation(said: Any) -> Block:
    if isinstance(said, dict) and said.get("type") in _CITATIONS:
        names = {"cited_text": "cited_text", "url": "url", "title": "title", "document_title": "title"}
        return renamed(said, "citation", names)
    return {"type": "non_standard_annotation", "value": said}


def _arguments(block: Mapping[str, Any]) -> Any:
    """The arguments of a call: whole ones, or those that have arrived as pieces of JSON."""
    args, pieces = block.get("input"), block.get("partial_json")
    if not args and isinstance(pieces, str):
        args = parse_partial(pieces)
    if isinstance(args, str):  # models forget to make an object of it
        args = parse_partial(args)
    return args if isinstance(args, dict) else {}


def _tool_use(block: Block) -> Block:
    call = {**block, "input": _arguments(block)}
    return renamed(call, "tool_call", {"name": "name", "input": "args"}, drop=["partial_json"])


def _named(block: Block) -> Block:
    """The call of a server's tool by the tool's standard name."""
    name = block.get("name")
    if block["type"] == "mcp_tool_use":
        return {**block, "name": "remote_mcp", "tool_name": name}
    return {**block, "name": _SERVER_TOOLS.get(str(name), name)}


def _server_call(block: Block) -> Block:
    said = {**_named(block), "args": _arguments(block)}
    names = {"name": "name", "args": "args"}
    return renamed(said, "server_tool_call", names, drop=["input", "partial_json"])


def _server_call_piece(block: Block) -> Block:
    return with_index({"type": "server_tool_call_chunk", "args": block.get("partial_json") or ""}, block)


def _server_result(block: Block) -> Block:
    content = block.get("content")
    failed = block.get("is_error") is True or any(
        map(_is_error, content if isinstance(content, list) else [content])
    )
    said = {
        **block,
        "status": "error" if failed else "success",
        "output": content or None,
        "block_type": block["type"],
    }
    names = {"tool_use_id": "tool_call_id", "status": "status", "output": "output"}
    return renamed(said, "server_tool_result", names, drop=["content", "is_error"])


def _is_error(content: Any) -> bool:
    return isinstance(content, Mapping) and (
        "error_code" in content or str(content.get("type")).endswith("_error")
    )
