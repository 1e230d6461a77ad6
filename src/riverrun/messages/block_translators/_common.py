"""What translators have in common: how a block gets its standard name, and how none is lost."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

__all__ = [
    "DATA_KEYS",
    "call_block",
    "data_url",
    "items_of",
    "left_calls",
    "non_standard",
    "object_of",
    "reasoning_of",
    "renamed",
    "text_block",
    "tool_call_block",
    "tool_call_of",
    "tool_call_piece_of",
    "with_index",
]

DATA_KEYS = {key: key for key in ("text", "url", "base64", "file_id", "mime_type")}
"""The keys under which blocks have their data, for `renamed`."""


def items_of(content: Any) -> list[dict[str, Any]]:
    """The items of `content` as blocks; empty text is none."""
    if isinstance(content, str):
        content = [content]
    blocks = (text_block(item) if isinstance(item, str) else item for item in content if item != "")
    return [block for block in blocks if isinstance(block, dict)]


def text_block(text: str, **more: Any) -> dict[str, Any]:
    """A text block."""
    return {"type": "text", "text": text, **more}


def non_standard(block: Mapping[str, Any]) -> dict[str, Any]:
    """The block as it is, inside one that says so. Its `index` is the place in the content, and stays outside."""
    value = {key: each for key, each in block.items() if key != "index"}
    return with_index({"type": "non_standard", "value": value}, block)


def with_index(block: dict[str, Any], source: Mapping[str, Any]) -> dict[str, Any]:
    """`block`, at the place of `source` if that has one."""
    if source.get("index") is not None:
        block["index"] = source["index"]
    return block


def renamed(
    block: Mapping[str, Any], kind: str, names: Mapping[str, str], drop: Iterable[str] = ()
) -> dict[str, Any]:
    """A block of `kind` with the values of `block`: those in `names` under the names given there, the rest as `extras`.

    `id` and `index` keep their names. A value that is None is none.
    """
    out: dict[str, Any] = {"type": kind}
    for key, name in names.items():
        if block.get(key) is not None:
            out[name] = block[key]
    if block.get("id") is not None and "id" not in names:
        out["id"] = block["id"]
    with_index(out, block)
    own = {"type", "id", "index", *names, *drop}
    extras = {key: value for key, value in block.items() if key not in own and value is not None}
    if extras:
        out["extras"] = {**out.get("extras", {}), **extras}
    return out


def tool_call_block(call: Mapping[str, Any]) -> dict[str, Any]:
    """A tool call of a message as a block."""
    return {"type": "tool_call", "id": call["id"], "name": call["name"], "args": call["args"]}


def call_block(message: Any, id: Any) -> dict[str, Any] | None:
    """The message's own call with this id as a block: its arguments have been read already."""
    if id is None:
        return None
    for call in message.tool_calls:
        if call["id"] == id:
            return {"type": "tool_call", "name": call["name"], "args": call["args"], "id": id}
    for call in message.invalid_tool_calls:
        if call["id"] == id:
            keys = ("name", "args", "error")
            return {"type": "invalid_tool_call", "id": id, **{key: call.get(key) for key in keys}}
    return None


def tool_call_of(block: Mapping[str, Any], message: Any) -> dict[str, Any] | None:
    """The message's own call that the block with this `id` asks for."""
    found = call_block(message, block.get("id"))
    return found and _with_extras(with_index(found, block), block)


def tool_call_piece_of(block: Mapping[str, Any], message: Any) -> dict[str, Any] | None:
    """The message's own piece of a call that the block is about, by its id or index."""
    for chunk in message.tool_call_chunks:
        same = (
            chunk["id"] == block["id"]
            if "id" in block and chunk["id"]
            else chunk["index"] == block.get("index")
        )
        if same:
            keys = ("type", "name", "args", "id", "index")
            found = {key: chunk.get(key) for key in keys if key != "index" or chunk.get(key) is not None}
            return _with_extras(found, block)
    return None


def _with_extras(call: dict[str, Any], block: Mapping[str, Any]) -> dict[str, Any]:
    known = ("type", "id", "name", "input", "partial_json", "index", "extras", "args")
    extras = {**(block.get("extras") or {}), **{key: each for key, each in block.items() if key not in known}}
    return {**call, "extras": extras} if extras else call


def left_calls(message: Any, blocks: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The message's tool calls that are not among `blocks`."""
    there = {block.get("id") for block in blocks if block.get("type") in ("tool_call", "tool_call_chunk")}
    return [
        tool_call_block(call) for call in message.tool_calls if call["id"] is None or call["id"] not in there
    ]


def object_of(text: Any) -> dict[str, Any] | None:
    """The JSON object that `text` is, nothing if it is none."""
    try:
        value = json.loads(text or "{}", strict=False) if isinstance(text, str) or text is None else text
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def reasoning_of(message: Any) -> list[dict[str, Any]]:
    """The reasoning that many providers send beside the content."""
    reasoning = message.additional_kwargs.get("reasoning_content")
    return [{"type": "reasoning", "reasoning": reasoning}] if isinstance(reasoning, str) and reasoning else []


def data_url(url: str) -> dict[str, str]:
    """Where the data of a block is: at `url`, or in it if it is a `data:` URL in base64 (RFC 2397)."""
    head, comma, data = url.partition(";base64,")
    if comma and head.startswith("data:"):
        return {"base64": data, "mime_type": head.removeprefix("data:").partition(";")[0]}
    return {"url": url}
