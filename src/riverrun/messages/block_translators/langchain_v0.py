"""Blocks of data as they were written before 1.0, when `source_type` said which key holds the data."""

from __future__ import annotations

from typing import Any

from riverrun.messages.block_translators._common import DATA_KEYS, renamed

__all__ = ["read_v0"]

Block = dict[str, Any]


def read_v0(block: Block) -> Block | None:
    """The standard form before 1.0: `source_type` says which key holds the data."""
    form, kind = block["source_type"], block["type"]
    if form == "id" and "id" in block:
        rest = {key: value for key, value in block.items() if key != "id"}
        return renamed({**rest, "file_id": block["id"]}, kind, DATA_KEYS, drop=["source_type"])
    if form == "base64" and "data" in block:
        return renamed({**block, "base64": block["data"]}, kind, DATA_KEYS, drop=["source_type", "data"])
    if form == "url" and "url" in block:
        return renamed(block, kind, DATA_KEYS, drop=["source_type"])
    if form == "text" and "text" in block:
        if kind == "text":
            return renamed(block, kind, {"text": "text"}, drop=["source_type"])
        mime_type = block.get("mime_type") or "text/plain"
        return renamed({**block, "mime_type": mime_type}, "text-plain", DATA_KEYS, drop=["source_type"])
    return None
