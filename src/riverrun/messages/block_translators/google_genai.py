"""What Gemini says: text, thoughts and code in a list, and where it has something from beside it, in the metadata."""

from __future__ import annotations

from typing import Any

from riverrun.messages.block_translators._common import (
    completed,
    items_of,
    non_standard,
    object_of,
    renamed,
)
from riverrun.messages.block_translators._input import standard_input
from riverrun.messages.content import create_citation

__all__ = ["translate_content", "translate_content_chunk", "translate_grounding_metadata_to_citations"]

Block = dict[str, Any]

_SUCCEEDED = (1, "1", "OUTCOME_OK")
"""How Google's API says that code ran well (google.genai.types.Outcome)."""


def translate_content(message: Any) -> list[Any]:
    """The standard blocks of a whole message."""
    blocks = [_block(block) for block in items_of(message.content)]
    grounding = message.response_metadata.get("grounding_metadata")
    citations = translate_grounding_metadata_to_citations(grounding) if isinstance(grounding, dict) else []
    blocks = _with_citations(blocks, citations) if citations else blocks
    return completed(message, blocks)


def translate_content_chunk(message: Any) -> list[Any]:
    """The standard blocks of a piece; Gemini sends its tool calls whole."""
    return translate_content(message)


def translate_grounding_metadata_to_citations(grounding_metadata: dict[str, Any]) -> list[Any]:
    """A citation for each source that bears out a part of the text. What lacks a source is passed over.

    Each is named by the part and the source, so that the same metadata gives the same citations.
    """
    chunks = _get(grounding_metadata, "grounding_chunks") or []
    queries = _get(grounding_metadata, "web_search_queries") or []
    citations = []
    for support in _get(grounding_metadata, "grounding_supports") or []:
        segment = support.get("segment") or {}
        for number in _get(support, "grounding_chunk_indices") or []:
            if not isinstance(number, int) or not 0 <= number < len(chunks):
                continue
            source = chunks[number].get("web") or chunks[number].get("maps") or {}
            said = {
                "web_search_queries": queries,
                "grounding_chunk_index": number,
                "confidence_scores": _get(support, "confidence_scores") or [],
            }
            if place := _get(source, "place_id"):
                said["place_id"] = place
            start, end = _get(segment, "start_index"), _get(segment, "end_index")
            citations.append(
                create_citation(
                    id=f"lc_grounding_{start or 0}_{end}_{number}",
                    url=source.get("uri"),
                    title=source.get("title"),
                    start_index=0 if start is None and end is not None else start,
                    end_index=end,
                    cited_text=segment.get("text"),
                    google_ai_metadata=said,
                )
            )
    return citations


def _get(held: dict[str, Any], name: str) -> Any:
    """A value by its name in Python's or in JSON's spelling, as the API is called by one or the other."""
    head, *rest = name.split("_")
    return held[name] if name in held else held.get(head + "".join(map(str.title, rest)))


def _with_citations(blocks: list[Block], citations: list[Any]) -> list[Block]:
    """The blocks, with the citations at the first text: their places count from its beginning."""
    place = next((place for place, block in enumerate(blocks) if block.get("type") == "text"), None)
    if place is None:
        return blocks
    text = blocks[place]
    cited = {**text, "annotations": [*text.get("annotations", ()), *citations]}
    return [*blocks[:place], cited, *blocks[place + 1 :]]


def _block(block: Block) -> Block:
    kind = block.get("type")
    if kind == "thinking":
        return renamed(block, "reasoning", {"thinking": "reasoning"})
    if kind == "function_call":
        args = object_of(block["args"] if "args" in block else block.get("arguments"))
        if args is None:
            return non_standard(block)
        call = {**block, "args": args}
        return renamed(call, "tool_call", {"name": "name", "args": "args"}, drop=["arguments"])
    if kind == "executable_code":
        args = {"code": block.get("executable_code"), "language": block.get("language", "python")}
        call = {"name": "code_interpreter", "args": args, **block, "id": block.get("id") or ""}
        drop = ["executable_code", "language"]
        return renamed(call, "server_tool_call", {"name": "name", "args": "args"}, drop=drop)
    if kind == "code_execution_result":
        return _code_result(block)
    if kind == "file_data":
        return renamed(block, "file", {"file_uri": "url", "mime_type": "mime_type"})
    return standard_input(block)


def _code_result(block: Block) -> Block:
    outcome = block.get("outcome")
    said = {
        **block,
        "tool_call_id": block.get("tool_call_id") or "",
        "status": "success" if outcome is None or outcome in _SUCCEEDED else "error",
        "block_type": block["type"],
    }
    names = {"tool_call_id": "tool_call_id", "status": "status", "code_execution_result": "output"}
    return renamed(said, "server_tool_result", names)
