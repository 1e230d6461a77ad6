"""What a tool gives back: its result as it is, or the message that answers a model's call."""

from __future__ import annotations

import json
from typing import Any, Literal

from riverrun._pure.exceptions import InputError
from riverrun.messages import ToolMessage

Status = Literal["success", "error"]

KEPT = frozenset(
    ("text", "image_url", "image", "json", "search_result", "custom_tool_call_output", "document", "file")
)
"""The types of blocks that a tool message holds as they are; other data become text."""


def pair_of(result: Any, tool: str) -> tuple[Any, Any]:
    """The content and the artifact that a tool gives whose `response_format` is `content_and_artifact`.

    Raises:
        InputError: `result` is no pair. It is a ValueError.
    """
    if isinstance(result, tuple) and len(result) == 2:
        return result
    raise InputError(
        f"tool {tool!r} has response_format='content_and_artifact', so it must return a pair of the two, not "
        f"{type(result).__name__}: {result!r}"
    )


def answer(content: Any, artifact: Any, call_id: str | None, name: str, status: Status) -> Any:
    """The message that answers the call `call_id`; without a call, the content. A message that the tool made is kept."""
    if call_id is None or is_answer(content):
        return content
    if not is_content(content):
        content = as_text(content)
    return ToolMessage(content, artifact=artifact, tool_call_id=call_id, name=name, status=status)


def is_answer(content: Any) -> bool:
    """Whether it is a tool message, or a list of them."""
    if isinstance(content, list):
        return bool(content) and all(is_answer(each) for each in content)
    return isinstance(content, ToolMessage)


def is_content(value: Any) -> bool:
    """Whether a message can hold it as it is: text, or a list of texts and known blocks."""
    if isinstance(value, list):
        return all(
            isinstance(each, str) or (isinstance(each, dict) and each.get("type") in KEPT) for each in value
        )
    return isinstance(value, str)


def as_text(value: Any) -> str:
    """Data as JSON, other things as `str` shows them."""
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return str(value)
