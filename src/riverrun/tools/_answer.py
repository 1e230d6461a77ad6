"""What a tool is given and gives: arguments and results as they are, or a model's call and the message that answers it."""

from __future__ import annotations

import json
from typing import Any, Literal

from riverrun._engine.config import RunnableConfig
from riverrun._engine.run import Run
from riverrun._pure.exceptions import InputError
from riverrun._pure.fold import fold
from riverrun._pure.shown import cut
from riverrun._pure.signature import Signature
from riverrun.messages import ToolMessage
from riverrun.messages.tool import ToolOutputMixin

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
        f"{type(result).__name__}: {cut(repr(result), 200)}"
    )


def answer(content: Any, artifact: Any, call_id: str | None, name: str, status: Status) -> Any:
    """The message that answers the call `call_id`; without a call, the content. A message that the tool made is kept."""
    if call_id is None or is_answer(content):
        return content
    if not is_content(content):
        content = as_text(content)
    return ToolMessage(content, artifact=artifact, tool_call_id=call_id, name=name, status=status)


def is_answer(content: Any) -> bool:
    """Whether it is a tool message, or something else that stands for itself, or a list of these."""
    if isinstance(content, list):
        return bool(content) and all(isinstance(each, ToolOutputMixin) for each in content)
    return isinstance(content, ToolOutputMixin)


def is_content(value: Any) -> bool:
    """Whether a message can hold it as it is: text, or several texts and known blocks."""
    if isinstance(value, list | tuple):
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


class Pieces:
    """What a generator has yielded: contents, and artifacts."""

    def __init__(self, response_format: str) -> None:
        self._paired = response_format == "content_and_artifact"
        self._contents: list[Any] = []
        self._artifact: Any = None

    def append(self, piece: Any, status: Status) -> None:
        if self._paired and status == "success":
            piece, self._artifact = piece
        self._contents.append(piece)

    def whole(self) -> tuple[Any, Any]:
        """The content, and the artifact."""
        return fold(self._contents), self._artifact


async def said_instead(flag: Any, default: Any, error: Exception, run: Run) -> Any:
    """What is said in place of `error`."""
    if callable(flag):
        return await run.call(flag, (error,), Signature(flag).is_async)
    return default if flag is True else flag


def read(x: Any) -> tuple[Any, str | None]:
    """The arguments, and the id of the call if it is one."""
    if isinstance(x, dict) and x.get("type") == "tool_call" and "args" in x:
        return x["args"], x.get("id")
    return x, None


def call_of(name: str, given: Any, call_id: str | None) -> Any:
    """The call that these are the arguments of, if it has an id."""
    return given if call_id is None else {"type": "tool_call", "name": name, "args": given, "id": call_id}


def over(config: RunnableConfig | None, **said: Any) -> Any:
    """`config` with what is said besides, which goes before it."""
    return {**(config or {}), **{key: value for key, value in said.items() if value is not None}}
