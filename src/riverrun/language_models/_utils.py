"""What models have in common that read blocks of content."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

__all__ = ["is_openai_data_block"]


def is_openai_data_block(
    block: Mapping[str, Any], filter_: Literal["image", "audio", "file"] | None = None
) -> bool:
    """Whether `block` holds an image, audio or a file in the form of OpenAI's chat.completions; with `filter_`, that kind.

    https://platform.openai.com/docs/api-reference/chat/create
    """
    name = block.get("type")
    if not isinstance(name, str) or name not in _DATA_BLOCKS:
        return False
    kind, holds = _DATA_BLOCKS[name]
    if filter_ not in (None, kind) or (kind == "image" and block.keys() - {"type", "image_url", "detail"}):
        return False  # an image with more keys has another form that is also called image_url
    inside = block.get(name)
    return isinstance(inside, Mapping) and any(
        all(isinstance(inside.get(key), str) for key in keys) for keys in holds
    )


_DATA_BLOCKS: Mapping[str, tuple[str, tuple[tuple[str, ...], ...]]] = {
    "image_url": ("image", (("url",),)),
    "input_audio": ("audio", (("data", "format"),)),
    "file": ("file", (("file_data",), ("file_id",))),
}
