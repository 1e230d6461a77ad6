"""What models on Groq say: chat completions, with reasoning and the tools that Groq itself runs beside the text."""

from __future__ import annotations

from typing import Any

from riverrun.messages.block_translators._common import items_of, left_calls, object_of, reasoning_of
from riverrun.messages.block_translators._input import standard_input

__all__ = ["translate_content", "translate_content_chunk"]

Block = dict[str, Any]

_SERVER_TOOLS = {"search": "web_search", "python": "code_interpreter", "code_interpreter": "code_interpreter"}
"""Tools that Groq runs, where the standard has another name for them."""
_CALL = ("index", "type", "name", "arguments", "output")


def translate_content(message: Any) -> list[Any]:
    """The standard blocks of a whole message."""
    blocks = [*reasoning_of(message)]
    executed = message.additional_kwargs.get("executed_tools")
    for place, tool in enumerate(executed if isinstance(executed, list) else ()):
        if isinstance(tool, dict):
            blocks += _executed(tool, str(tool.get("index", place)))
    blocks += [standard_input(block) for block in items_of(message.content)]
    calls = left_calls(message, blocks)
    return [
        *blocks,
        *(
            {"type": "tool_call", "name": call["name"], "args": call["args"], "id": call["id"]}
            for call in calls
        ),
    ]


def translate_content_chunk(message: Any) -> list[Any]:
    """The standard blocks of a piece, in which calls have the arguments that have arrived."""
    return translate_content(message)


def _executed(tool: Block, id: str) -> list[Block]:
    """A tool that has been run: its call, and its result if that is there."""
    name = tool.get("name") if tool.get("type") in (None, "function") else tool["type"]
    args = object_of(tool.get("arguments"))
    call: Block = {
        "type": "server_tool_call",
        "name": _SERVER_TOOLS.get(str(name), name or "unknown"),
        "id": id,
        "args": args or {},
    }
    if args is None:
        call["extras"] = {"arguments": tool.get("arguments")}
    if tool.get("output") is None:
        return [call]
    result: Block = {
        "type": "server_tool_result",
        "tool_call_id": id,
        "output": tool["output"],
        "status": "success",
    }
    extras = {key: value for key, value in tool.items() if key not in _CALL and value is not None}
    return [call, {**result, "extras": extras} if extras else result]
