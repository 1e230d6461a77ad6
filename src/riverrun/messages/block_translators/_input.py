"""Content as programs write it for one provider or another, read by the look of each block.

What people say has no provider. A block that has a known type and nothing foreign in it is standard already; the others are
told by their keys. Nothing is lost: what can't be read stands in a non-standard block.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any

from riverrun.messages.block_translators._common import (
    DATA_KEYS,
    data_url,
    items_of,
    non_standard,
    renamed,
    text_block,
)
from riverrun.messages.block_translators.langchain_v0 import read_v0
from riverrun.messages.content import KNOWN_BLOCK_TYPES

__all__ = ["read_anthropic", "read_converse", "standard_content", "standard_input"]

Block = dict[str, Any]
_FOREIGN = ("source", "source_type", "file", "image", "video")
"""Keys that blocks of a standard type don't have."""
_CONVERSE_KINDS = {"image": "image", "video": "video", "document": "file"}
_APPLICATION = ("pdf", "json", "xml", "zip")


def standard_content(content: Any) -> list[Any]:
    """The standard blocks of a content that no provider's name is known of."""
    return [standard_input(block) for block in items_of(content)]


def standard_input(block: Block) -> Block:
    """The block in its standard form, itself if it has it."""
    kind = block.get("type")
    if isinstance(kind, str) and kind in KNOWN_BLOCK_TYPES and not any(key in block for key in _FOREIGN):
        return block
    if not isinstance(kind, str):
        return read_converse(block) or non_standard(block)
    reader = _READERS.get(kind)
    return (reader and reader(block)) or non_standard(block)


def _read_image_url(block: Block) -> Block | None:
    """Chat completions: `{"type": "image_url", "image_url": {"url": ..., "detail": ...}}`, or the URL alone."""
    image = block.get("image_url")
    if isinstance(image, str):
        image = {"url": image}
    if not isinstance(image, dict) or not isinstance(image.get("url"), str):
        return None
    extras = {key: value for key, value in image.items() if key != "url"}
    return renamed({**block, **data_url(image["url"]), **extras}, "image", DATA_KEYS, drop=["image_url"])


def _read_input_image(block: Block) -> Block | None:
    """The Responses API: `{"type": "input_image", "image_url": "..."}`, or with a `file_id`."""
    url = block.get("image_url")
    if not isinstance(url, str):
        return renamed(block, "image", DATA_KEYS) if "file_id" in block else None
    return renamed({**block, **data_url(url)}, "image", DATA_KEYS, drop=["image_url"])


def _read_input_audio(block: Block) -> Block | None:
    """`{"type": "input_audio", "input_audio": {"data": ..., "format": "wav"}}`."""
    audio = block.get("input_audio")
    if not isinstance(audio, dict) or not {"data", "format"} <= audio.keys():
        return None
    where = {"base64": audio["data"], "mime_type": f"audio/{audio['format']}"}
    return renamed({**block, **where}, "audio", DATA_KEYS, drop=["input_audio"])


def _read_file(block: Block) -> Block | None:
    """`{"type": "file", "file": {"file_data": "data:...", "filename": ...}}`, or a `file_id`; and data before 1.0."""
    if "source_type" in block:
        return read_v0(block)
    file = block.get("file")
    return _read_input_file({**block, **file}) if isinstance(file, dict) else None


def _read_input_file(block: Block) -> Block | None:
    """The Responses API: `file_data`, `file_url` or `file_id`."""
    where: dict[str, Any] = {}
    if isinstance(data := block.get("file_data"), str):
        where = data_url(data)
        if "url" in where:  # no data URL: the data itself
            where = {"base64": data}
    elif isinstance(url := block.get("file_url"), str):
        where = {"url": url}
    elif not isinstance(block.get("file_id"), str):
        return None
    return renamed({**block, **where}, "file", DATA_KEYS, drop=["file", "file_data", "file_url"])


def _read_image(block: Block) -> Block | None:
    if "source_type" in block:
        return read_v0(block)
    return read_anthropic(block) or read_converse(block)


def read_anthropic(block: Mapping[str, Any]) -> Block | None:
    """Anthropic's images and documents, which tell by their `source` where they are."""
    source = block.get("source")
    if not isinstance(source, dict):
        return None
    kind = "image" if block.get("type") == "image" else "file"
    form = source.get("type")
    if form == "base64" and "data" in source:
        where = {"base64": source["data"], "mime_type": source.get("media_type")}
    elif form == "url" and "url" in source:
        where = {"url": source["url"]}
    elif form == "file" and "file_id" in source:
        where = {"file_id": source["file_id"]}
    elif form == "text" and "data" in source:
        kind, where = "text-plain", {"text": source["data"], "mime_type": "text/plain"}
    else:
        return None
    return renamed({**block, **where}, kind, DATA_KEYS, drop=["source"])


def _read_media(block: Block) -> Block | None:
    """Google's `{"type": "media", "mime_type": ..., "data" or "file_uri": ...}`."""
    mime_type = block.get("mime_type")
    main = mime_type.partition("/")[0] if isinstance(mime_type, str) else ""
    kind = main if main in ("image", "video", "audio") else "file"
    if "data" in block:
        data = block["data"]
        where = {"base64": b64encode(data).decode() if isinstance(data, bytes) else data}
    elif "file_uri" in block:
        where = {"url": block["file_uri"]}
    else:
        return None
    return renamed({**block, **where}, kind, DATA_KEYS, drop=["data", "file_uri"])


def read_converse(block: Mapping[str, Any]) -> Block | None:
    """Bedrock's Converse API: blocks without a type, told by their one key."""
    if isinstance(text := block.get("text"), str):
        return text_block(text)
    for key, kind in _CONVERSE_KINDS.items():
        held = block.get(key)
        source = held.get("source") if isinstance(held, dict) else None
        if isinstance(held, dict) and isinstance(source, dict):
            return _read_converse_data(kind, held, source)
    return None


def _read_converse_data(kind: str, held: Block, source: Block) -> Block | None:
    extras = {key: value for key, value in held.items() if key not in ("format", "source")}
    where: dict[str, Any]
    location = source.get("s3Location") or source.get("s3_location")
    if isinstance(data := source.get("bytes"), bytes | bytearray):
        where = {"base64": b64encode(data).decode()}
    elif isinstance(data, str):
        where = {"base64": data}
    elif isinstance(location, dict) and "uri" in location:
        where = {"url": location["uri"]}
    elif isinstance(text := source.get("text"), str):
        kind, where = "text-plain", {"text": text}
    else:
        return None
    form = held.get("format")
    if isinstance(form, str):
        main = "application" if form in _APPLICATION else "text" if kind == "file" else kind
        where["mime_type"] = "text/plain" if kind == "text-plain" or form == "txt" else f"{main}/{form}"
    return renamed({**extras, **where}, kind, DATA_KEYS)


_READERS: dict[str, Callable[[Block], Block | None]] = {
    "image_url": _read_image_url,
    "input_image": _read_input_image,
    "input_audio": _read_input_audio,
    "input_file": _read_input_file,
    "file": _read_file,
    "image": _read_image,
    "audio": _read_image,
    "video": _read_image,
    "text": _read_image,
    "document": _read_image,
    "media": _read_media,
    "input_text": lambda block: renamed(block, "text", {"text": "text"}) if "text" in block else None,
}
"""By the type of the block: what makes a standard block of it, or nothing if the block isn't what it looks like."""
