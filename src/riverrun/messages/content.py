"""The blocks that content is made of, in one form for every provider.

A block is a dict with a `type`. What a provider says beyond the keys that are declared stands under `extras`; what has no
standard form at all is the `value` of a non-standard block, so nothing is lost. Blocks of a stream carry an `index`: pieces
with the same one add up to one block.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeVar

from riverrun._pure.exceptions import MessageError
from riverrun.messages._blocks import (
    Annotation,
    AudioContentBlock,
    Citation,
    ContentBlock,
    DataContentBlock,
    FileContentBlock,
    ImageContentBlock,
    Index,
    NonStandardAnnotation,
    NonStandardContentBlock,
    PlainTextContentBlock,
    ReasoningContentBlock,
    RefusalContentBlock,
    ServerToolCall,
    ServerToolCallChunk,
    ServerToolResult,
    TextContentBlock,
    ToolContentBlock,
    VideoContentBlock,
)
from riverrun.messages._fields import wrong_type
from riverrun.messages._ids import ensure_id
from riverrun.messages._shapes import InvalidToolCall, ToolCall, ToolCallChunk

__all__ = [
    "KNOWN_BLOCK_TYPES",
    "Annotation",
    "AudioContentBlock",
    "Citation",
    "ContentBlock",
    "DataContentBlock",
    "FileContentBlock",
    "ImageContentBlock",
    "InvalidToolCall",
    "NonStandardAnnotation",
    "NonStandardContentBlock",
    "PlainTextContentBlock",
    "ReasoningContentBlock",
    "RefusalContentBlock",
    "ServerToolCall",
    "ServerToolCallChunk",
    "ServerToolResult",
    "TextContentBlock",
    "ToolCall",
    "ToolCallChunk",
    "ToolContentBlock",
    "VideoContentBlock",
    "checked_blocks",
    "create_audio_block",
    "create_citation",
    "create_file_block",
    "create_image_block",
    "create_non_standard_block",
    "create_plaintext_block",
    "create_reasoning_block",
    "create_text_block",
    "create_tool_call",
    "create_video_block",
    "ensure_id",
    "is_data_content_block",
]

B = TypeVar("B")

_OPTIONAL_TEXT = (str, type(None))
_DEMANDS: dict[str, dict[str, type | tuple[type, ...]]] = {
    "text": {"text": str},
    "reasoning": {},
    "refusal": {"refusal": str},
    "image": {},
    "video": {},
    "audio": {},
    "file": {},
    "text-plain": {},
    "tool_call": {"name": str, "args": dict, "id": _OPTIONAL_TEXT},
    "tool_call_chunk": {"name": _OPTIONAL_TEXT, "args": _OPTIONAL_TEXT, "id": _OPTIONAL_TEXT},
    "invalid_tool_call": {"name": _OPTIONAL_TEXT, "args": _OPTIONAL_TEXT, "id": _OPTIONAL_TEXT},
    "server_tool_call": {"name": str, "args": dict, "id": str},
    "server_tool_call_chunk": {},
    "server_tool_result": {"tool_call_id": str},
    "non_standard": {"value": dict},
}
"""The types there are, and the keys that a block of each must have, with the types of their values."""
_TEXTS = ("url", "base64", "file_id", "mime_type", "reasoning", "title")
"""Keys whose values, in a block of a known type, are text where they are given."""

KNOWN_BLOCK_TYPES: Final = set(_DEMANDS)
"""The types of the blocks that every provider's content is translated to."""

_DATA_TYPES = frozenset({"image", "video", "audio", "file", "text-plain"})


def checked_blocks(value: Any, field: str = "content_blocks") -> list[Any]:
    """`value` as content blocks. Blocks of a type that isn't known are taken for the provider's own.

    Raises:
        MessageError: it is no list of dicts, a block has no type, or one of a known type lacks a key or has a value of
            the wrong type; the message names the place.
    """
    if not isinstance(value, list | tuple):
        raise wrong_type(field, "a list of blocks", value)
    for place, block in enumerate(value):
        _check_block(f"{field}[{place}]", block)
    return list(value)


def _check_block(where: str, block: Any) -> None:
    if not isinstance(block, dict):
        raise wrong_type(where, "a dict", block)
    kind = block.get("type")
    if not isinstance(kind, str):
        raise wrong_type(f"{where}['type']", "a string", kind)
    demands = _DEMANDS.get(kind)
    if demands is None:
        return
    for key, types in demands.items():
        if key not in block:
            raise MessageError(f"{where}, a block of type {kind!r}, lacks the key {key!r}")
        if not isinstance(block[key], types):
            wanted = "a dict" if types is dict else "a string" if types is str else "a string or None"
            raise wrong_type(f"{where}[{key!r}]", wanted, block[key])
    for key in _TEXTS:
        if not isinstance(block.get(key, ""), str):
            raise wrong_type(f"{where}[{key!r}]", "a string", block[key])


def is_data_content_block(block: Mapping[str, Any]) -> bool:
    """Whether `block` is an image, a video, sound, a file or a document, in the standard form or the one before it."""
    if block.get("type") not in _DATA_TYPES:
        return False
    if any(key in block for key in ("url", "base64", "file_id", "text")):
        return True
    own = {"url": "url", "base64": "data", "id": "id", "text": "text"}.get(block.get("source_type", ""))
    return own is not None and own in block


def create_text_block(
    text: str,
    *,
    id: str | None = None,
    annotations: list[Annotation] | None = None,
    index: Index | None = None,
    **kwargs: Any,
) -> TextContentBlock:
    """A `TextContentBlock`; as in every block made here, an id is made if none is given, `kwargs` go to `extras`."""
    return _block(
        TextContentBlock, "text", {"text": text}, id, {"annotations": annotations, "index": index}, kwargs
    )


def create_reasoning_block(
    reasoning: str | None = None, id: str | None = None, index: Index | None = None, **kwargs: Any
) -> ReasoningContentBlock:
    """A `ReasoningContentBlock`."""
    return _block(
        ReasoningContentBlock, "reasoning", {"reasoning": reasoning or ""}, id, {"index": index}, kwargs
    )


def create_image_block(
    *,
    url: str | None = None,
    base64: str | None = None,
    file_id: str | None = None,
    mime_type: str | None = None,
    id: str | None = None,
    index: Index | None = None,
    **kwargs: Any,
) -> ImageContentBlock:
    """An `ImageContentBlock`.

    Raises:
        MessageError: neither `url` nor `base64` nor `file_id` is given.
    """
    return _data_block(ImageContentBlock, "image", url, base64, file_id, mime_type, id, index, kwargs)


def create_video_block(
    *,
    url: str | None = None,
    base64: str | None = None,
    file_id: str | None = None,
    mime_type: str | None = None,
    id: str | None = None,
    index: Index | None = None,
    **kwargs: Any,
) -> VideoContentBlock:
    """A `VideoContentBlock`.

    Raises:
        MessageError: neither `url` nor `base64` nor `file_id` is given, or `base64` without `mime_type`.
    """
    return _data_block(VideoContentBlock, "video", url, base64, file_id, mime_type, id, index, kwargs)


def create_audio_block(
    *,
    url: str | None = None,
    base64: str | None = None,
    file_id: str | None = None,
    mime_type: str | None = None,
    id: str | None = None,
    index: Index | None = None,
    **kwargs: Any,
) -> AudioContentBlock:
    """An `AudioContentBlock`.

    Raises:
        MessageError: neither `url` nor `base64` nor `file_id` is given, or `base64` without `mime_type`.
    """
    return _data_block(AudioContentBlock, "audio", url, base64, file_id, mime_type, id, index, kwargs)


def create_file_block(
    *,
    url: str | None = None,
    base64: str | None = None,
    file_id: str | None = None,
    mime_type: str | None = None,
    id: str | None = None,
    index: Index | None = None,
    **kwargs: Any,
) -> FileContentBlock:
    """A `FileContentBlock`.

    Raises:
        MessageError: neither `url` nor `base64` nor `file_id` is given, or `base64` without `mime_type`.
    """
    return _data_block(FileContentBlock, "file", url, base64, file_id, mime_type, id, index, kwargs)


def create_plaintext_block(
    text: str | None = None,
    url: str | None = None,
    base64: str | None = None,
    file_id: str | None = None,
    title: str | None = None,
    context: str | None = None,
    id: str | None = None,
    index: Index | None = None,
    **kwargs: Any,
) -> PlainTextContentBlock:
    """A `PlainTextContentBlock`."""
    more = {
        "text": text,
        "url": url,
        "base64": base64,
        "file_id": file_id,
        "title": title,
        "context": context,
        "index": index,
    }
    return _block(PlainTextContentBlock, "text-plain", {"mime_type": "text/plain"}, id, more, kwargs)


def create_tool_call(
    name: str, args: dict[str, Any], *, id: str | None = None, index: Index | None = None, **kwargs: Any
) -> ToolCall:
    """A `ToolCall`."""
    return _block(ToolCall, "tool_call", {"name": name, "args": args}, id, {"index": index}, kwargs)


def create_citation(
    *,
    url: str | None = None,
    title: str | None = None,
    start_index: int | None = None,
    end_index: int | None = None,
    cited_text: str | None = None,
    id: str | None = None,
    **kwargs: Any,
) -> Citation:
    """A `Citation`."""
    more = {
        "url": url,
        "title": title,
        "start_index": start_index,
        "end_index": end_index,
        "cited_text": cited_text,
    }
    return _block(Citation, "citation", {}, id, more, kwargs)


def create_non_standard_block(
    value: dict[str, Any], *, id: str | None = None, index: Index | None = None
) -> NonStandardContentBlock:
    """A `NonStandardContentBlock`."""
    return _block(NonStandardContentBlock, "non_standard", {"value": value}, id, {"index": index}, {})


def _data_block(
    cls: type[B],
    kind: str,
    url: str | None,
    base64: str | None,
    file_id: str | None,
    mime_type: str | None,
    id: str | None,
    index: Index | None,
    extras: dict[str, Any],
) -> B:
    if url is None and base64 is None and file_id is None:
        raise MessageError(f"a block of type {kind!r} needs a url, base64 or file_id")
    if base64 is not None and mime_type is None and kind != "image":  # providers can tell what image it is
        raise MessageError(f"a block of type {kind!r} with base64 needs its mime_type")
    more = {"url": url, "base64": base64, "file_id": file_id, "mime_type": mime_type, "index": index}
    return _block(cls, kind, {}, id, more, extras)


def _block(
    cls: type[B],
    kind: str,
    must: dict[str, Any],
    id: str | None,
    may: dict[str, Any],
    extras: dict[str, Any],
) -> B:
    block = {"type": kind, **must, "id": ensure_id(id)}
    block.update((key, value) for key, value in may.items() if value is not None)
    extras = {key: value for key, value in extras.items() if value is not None}
    if extras:
        block["extras"] = extras
    return block  # type: ignore[return-value]  # a typed dict is a dict
