"""What translators have in common: how a block gets its standard name, and how none is lost."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

__all__ = [
    "DATA_KEYS",
    "calls_of_blocks",
    "completed",
    "data_url",
    "items_of",
    "left_calls",
    "non_standard",
    "object_of",
    "pieces_of_blocks",
    "reasoning_of",
    "renamed",
    "text_block",
    "tool_call_block",
    "whole_calls",
    "with_index",
]

Block: TypeAlias = dict[str, Any]
DATA_KEYS = {key: key for key in ("text", "url", "base64", "file_id", "mime_type")}
"""The keys under which blocks have their data, for `renamed`."""


def items_of(content: Any) -> list[dict[str, Any]]:
    """The items of `content` as blocks; empty text is none."""
    if isinstance(content, str):
        content = [content]
    return [
        item if isinstance(item, dict) else text_block(item)
        for item in content
        if isinstance(item, dict) or (isinstance(item, str) and item)
    ]


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
        if (value := block.get(key)) is not None:
            out[name] = value
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


def whole_calls(message: Any) -> Callable[[Any], Block | None]:
    """Finds the message's own call with an id, as a block: its arguments have been read already."""
    found: dict[Any, Block] = {}
    for call in message.tool_calls:
        block = {"type": "tool_call", "name": call["name"], "args": call["args"], "id": call["id"]}
        found.setdefault(call["id"], block)
    for call in message.invalid_tool_calls:
        keys = ("name", "args", "error")
        block = {"type": "invalid_tool_call", "id": call["id"], **{key: call.get(key) for key in keys}}
        found.setdefault(call["id"], block)

    def find(id: Any) -> Block | None:
        block = found.get(id) if isinstance(id, str) else None
        return block and {**block}

    return find


def calls_of_blocks(message: Any) -> Callable[[Block], Block | None]:
    """Finds the message's own call that a block with its `id` asks for."""
    find = whole_calls(message)

    def call_of(block: Block) -> Block | None:
        found = find(block.get("id"))
        return found and _with_extras(with_index(found, block), block)

    return call_of


def pieces_of_blocks(message: Any) -> Callable[[Block], Block | None]:
    """Finds the message's own piece of a call that a block is about, by its id or else its index."""
    by_id: dict[Any, Any] = {}
    by_index: dict[Any, Any] = {}
    for chunk in message.tool_call_chunks:
        by_id.setdefault(chunk["id"], chunk)
        by_index.setdefault(chunk["index"], chunk)

    def piece_of(block: Block) -> Block | None:
        id, index = block.get("id"), block.get("index")
        chunk = by_id.get(id) if isinstance(id, str) else None
        if chunk is None and isinstance(index, int | str):
            chunk = by_index.get(index)
        if chunk is None or (id is not None and chunk["id"] not in (id, None)):
            return None
        found = {"type": "tool_call_chunk", **{key: chunk[key] for key in ("name", "args", "id")}}
        return _with_extras(with_index(found, chunk), block)

    return piece_of


def _with_extras(call: Block, block: Block) -> Block:
    known = ("type", "id", "name", "input", "partial_json", "index", "extras", "args")
    extras = {key: each for key, each in block.items() if key not in known}
    if isinstance(own := block.get("extras"), dict):
        extras = {**own, **extras}
    return {**call, "extras": extras} if extras else call


def left_calls(message: Any, blocks: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The message's tool calls that are not among `blocks`."""
    calls = message.tool_calls
    if not calls:
        return []
    there = {
        id
        for block in blocks
        if block.get("type") in ("tool_call", "tool_call_chunk") and isinstance(id := block.get("id"), str)
    }
    return [tool_call_block(call) for call in calls if call["id"] is None or call["id"] not in there]


def object_of(text: Any) -> dict[str, Any] | None:
    """The JSON object that `text` is, nothing if it is none."""
    try:
        value = json.loads(text or "{}", strict=False) if isinstance(text, str) or text is None else text
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def reasoning_of(message: Any, blocks: Iterable[Mapping[str, Any]] = ()) -> list[Block]:
    """The reasoning that many providers send beside the content, if there is none among `blocks`."""
    reasoning = message.additional_kwargs.get("reasoning_content")
    if not isinstance(reasoning, str) or not reasoning or any(b.get("type") == "reasoning" for b in blocks):
        return []
    return [{"type": "reasoning", "reasoning": reasoning}]


def completed(message: Any, blocks: list[Block]) -> list[Block]:
    """The blocks of the content, and what of the message stands beside it: its reasoning before, the calls that are left after."""
    return [*reasoning_of(message, blocks), *blocks, *left_calls(message, blocks)]


def data_url(url: str) -> dict[str, str]:
    """Where the data of a block is: at `url`, or in it if it is a `data:` URL in base64 (RFC 2397)."""
    head, comma, data = url.partition(";base64,")
    if comma and head.startswith("data:"):
        return {"base64": data, "mime_type": head.removeprefix("data:").partition(";")[0]}
    return {"url": url}
