"""What OpenAI says: chat completions, whose parts stand beside the text, and responses, which are lists of items."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from riverrun.messages.block_translators._common import (
    items_of,
    left_calls,
    non_standard,
    object_of,
    reasoning_of,
    renamed,
    text_block,
    whole_calls,
    with_index,
)
from riverrun.messages.block_translators._input import standard_input
from riverrun.messages.block_translators._openai_input import (
    convert_to_openai_data_block,
    convert_to_openai_image_block,
)

__all__ = [
    "convert_to_openai_data_block",
    "convert_to_openai_image_block",
    "translate_content",
    "translate_content_chunk",
]

Block = dict[str, Any]


def translate_content(message: Any) -> list[Any]:
    """The standard blocks of a whole message."""
    find = whole_calls(message)
    blocks = _blocks(message, lambda item: _whole_call(item, find))
    return [*blocks, *map(_call_last, left_calls(message, blocks))]


def translate_content_chunk(message: Any) -> list[Any]:
    """The standard blocks of a piece: tool calls are pieces too, until the last one makes them whole."""
    if message.chunk_position == "last":
        return translate_content(message)
    blocks = _blocks(message, _piece_of_call)
    if isinstance(message.content, str):
        blocks += [_call_piece(chunk) for chunk in message.tool_call_chunks]
    return blocks


def _blocks(message: Any, call: Callable[[Block], Block | None]) -> list[Block]:
    content = message.content
    if isinstance(content, str):
        return _beside_text(message, content)
    blocks: list[Block] = []
    for item in items_of(content):
        blocks += [call(item) or non_standard(item)] if item.get("type") == "function_call" else _item(item)
    return [*reasoning_of(message, blocks), *blocks]


def _beside_text(message: Any, text: str) -> list[Block]:
    """Chat completions: one text, and what stands beside it."""
    beside = message.additional_kwargs
    blocks = reasoning_of(message)
    if text:
        block = text_block(text)
        if isinstance(annotations := beside.get("annotations"), list) and annotations:
            block["annotations"] = [_annotation(each) for each in annotations]
        blocks.append(block)
    if beside.get("refusal"):
        blocks.append({"type": "refusal", "refusal": beside["refusal"]})
    if isinstance(audio := beside.get("audio"), dict) and audio:
        blocks.append(renamed(audio, "audio", {"data": "base64"}))
    return blocks


def _item(item: Block) -> list[Block]:
    """An item of a response. Most are one block; a tool that OpenAI itself runs is a call and its result."""
    kind = item.get("type")
    if (tool := _TOOLS.get(str(kind))) is not None:
        return tool(item)
    if kind == "reasoning":
        return _reasoning(item)
    if kind == "text":
        return [_text(item)]
    if kind == "refusal":
        return [item]
    if kind == "image_generation_call":
        return [_image(item)]
    return [standard_input(item)]


def _placed(block: Block, item: Mapping[str, Any], prefix: str, offset: int = 0) -> Block:
    """`block` with an index of its own kind: items and the blocks that are made of them are not counted alike."""
    index = item.get("index")
    if isinstance(index, int):
        block["index"] = f"lc_{prefix}_{index + offset}"
    elif index is not None:
        block["index"] = index
    return block


def _text(item: Block) -> Block:
    block = {"text": "", **item}
    block = {"type": "text", "text": block.pop("text"), **block}
    if isinstance(annotations := item.get("annotations"), list):
        block["annotations"] = [_annotation(each) for each in annotations]
    return _placed(block, item, "txt")


def _annotation(said: Any) -> Block:
    if not isinstance(said, dict):
        return {"type": "non_standard_annotation", "value": {"annotation": said}}
    kind = said.get("type")
    inner = said.get("url_citation")
    if kind == "url_citation":
        return renamed(inner if isinstance(inner, dict) else said, "citation", _URL_CITATION)
    if kind == "file_citation":
        citation = {"type": "citation", "title": said.get("filename")}
        extras = {key: value for key, value in said.items() if key not in ("type", "filename")}
        return {key: value for key, value in citation.items() if value is not None} | {"extras": extras}
    if kind in ("citation", "non_standard_annotation"):
        return said
    return {"type": "non_standard_annotation", "value": said}


def _reasoning(item: Block) -> list[Block]:
    """One block for each part of the summary: they are paragraphs, not pieces."""
    summary = item.get("summary")
    rest = {key: value for key, value in item.items() if key not in ("summary", "index")}
    if not isinstance(summary, list):
        if (
            isinstance(texts := item.get("content"), list) and "reasoning" not in item
        ):  # of open models: the thoughts
            said = "".join(each.get("text", "") for each in texts if isinstance(each, dict))
            rest = {"type": "reasoning", "reasoning": said, **rest}
            rest.pop("content")
        return [with_index(rest, item)]
    parts = [part for part in summary if isinstance(part, dict)]
    if not parts:
        return [_part(rest, item, 0)]
    identity: Block = {key: rest[key] for key in ("type", "id") if key in rest}
    return [
        {**_part(identity, item, part.get("index", place)), "reasoning": part.get("text", "")}
        | ({} if place else {key: value for key, value in rest.items() if key not in identity})
        for place, part in enumerate(parts)
    ]


def _part(block: Block, item: Block, place: Any) -> Block:
    if (index := item.get("index")) is None:
        return {**block}
    return {**block, "index": f"lc_rs_{f'{index}_{place}'.encode().hex()}"}


def _image(item: Block) -> Block:
    form = item.get("output_format")
    where = {"mime_type": f"image/{form}"} if isinstance(form, str) else {}
    block = renamed({**item, **where}, "image", {"result": "base64", "mime_type": "mime_type"})
    return _placed(block, item, "img")


def _call_last(call: Block) -> Block:
    """A tool call, its id last, as chat completions are read."""
    return {"type": "tool_call", "name": call["name"], "args": call["args"], "id": call["id"]}


def _call_piece(chunk: Mapping[str, Any]) -> Block:
    block = {"type": "tool_call_chunk", "id": chunk["id"], "name": chunk["name"], "args": chunk["args"]}
    return with_index(block, chunk)


def _whole_call(item: Block, find: Callable[[Any], Block | None]) -> Block | None:
    """The message's own tool call that the item is about: its arguments have been read already."""
    id = item.get("call_id")
    if (block := find(id)) is not None:
        return _placed(_with_extras(block, item), item, "tc")
    args = object_of(item.get("arguments"))
    if args is None or not isinstance(item.get("name"), str):
        return None
    block = {"type": "tool_call", "name": item["name"], "args": args, "id": id}
    return _placed(_with_extras(block, item), item, "tc")


def _piece_of_call(item: Block) -> Block:
    block = {
        "type": "tool_call_chunk",
        "name": item.get("name"),
        "args": item.get("arguments"),
        "id": item.get("call_id"),
    }
    return _placed(_with_extras(block, item), item, "tc")


def _with_extras(block: Block, item: Block) -> Block:
    known = ("type", "name", "arguments", "call_id", "index", "id", "extras")
    extras = {"item_id": item.get("id"), **{key: each for key, each in item.items() if key not in known}}
    extras = {key: value for key, value in extras.items() if value is not None}
    return {**block, "extras": extras} if extras else block


# ------------------------------------------------------------------------------ tools that OpenAI itself runs


def _called(
    item: Block, name: str, prefix: str, args: Any, extras: Iterable[str], output: Any
) -> list[Block]:
    """The call of a tool and its result."""
    call: Block = {"type": "server_tool_call", "name": name, "args": args, "id": item.get("id")}
    said = {key: item[key] for key in extras if item.get(key) is not None}
    if said:
        call["extras"] = said
    result: Block = {"type": "server_tool_result", "tool_call_id": item.get("id")}
    if output is not None:
        result["output"] = output
    status, error = item.get("status"), item.get("error")
    if error is not None:
        result["extras"] = {"error": error}
    if error is not None or status in ("failed", "incomplete"):
        result["status"] = "error"
    elif status is None or status == "completed":
        result["status"] = "success"
    else:
        result["extras"] = {"status": status}  # it still runs
    return [_placed(call, item, f"{prefix}c"), _placed(result, item, f"{prefix}r", 1)]


def _web_search(item: Block) -> list[Block]:
    action = item.get("action")
    args = dict(action) if isinstance(action, dict) else {}
    sources = args.pop("sources", None)
    return _called(item, "web_search", "ws", args, (), {"sources": sources} if sources else None)


def _file_search(item: Block) -> list[Block]:
    return _called(
        item, "file_search", "fs", {"queries": item.get("queries") or []}, (), item.get("results") or None
    )


def _code(item: Block) -> list[Block]:
    outputs = item.get("outputs") or item.get("output") or None
    return _called(item, "code_interpreter", "ci", {"code": item.get("code")}, ["container_id"], outputs)


def _mcp(item: Block) -> list[Block]:
    args = object_of(item.get("arguments"))
    said = {**item, "tool_name": item.get("name")}
    extras = ["tool_name", "server_label", "status", *(["arguments"] if args is None else [])]
    return _called(said, "remote_mcp", "mcp", args or {}, extras, item.get("output"))


def _mcp_list(item: Block) -> list[Block]:
    return _called(item, "mcp_list_tools", "mlt", {}, ["server_label"], item.get("tools"))


def _tool_search(item: Block) -> list[Block]:
    args = item.get("arguments")
    call: Block = {
        "type": "server_tool_call",
        "name": "tool_search",
        "id": item.get("id"),
        "args": args if isinstance(args, dict) else {},
        "extras": {key: item[key] for key in ("call_id", "execution", "status") if key in item},
    }
    return [_placed(call, item, "tsc")]


def _tool_search_output(item: Block) -> list[Block]:
    result: Block = {
        "type": "server_tool_result",
        "tool_call_id": item.get("id"),
        "output": {"tools": item.get("tools")},
        "status": "success" if item.get("status") in (None, "completed") else "error",
        "extras": {
            "name": "tool_search",
            **{key: item[key] for key in ("call_id", "execution") if key in item},
        },
    }
    return [_placed(result, item, "tsr")]


_URL_CITATION = {key: key for key in ("end_index", "start_index", "title")} | {"url": "url"}
_TOOLS: dict[str, Callable[[Block], list[Block]]] = {
    "web_search_call": _web_search,
    "file_search_call": _file_search,
    "code_interpreter_call": _code,
    "mcp_call": _mcp,
    "mcp_list_tools": _mcp_list,
    "tool_search_call": _tool_search,
    "tool_search_output": _tool_search_output,
}
"""The items that are calls of a tool that OpenAI itself runs."""
