"""Tools as text, for prompts of models that can't be told of tools otherwise."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TypeAlias

from riverrun.tools.base import BaseTool

__all__ = ["ToolsRenderer", "render_text_description", "render_text_description_and_args"]

ToolsRenderer: TypeAlias = Callable[[list[BaseTool]], str]
"""What makes a text of tools."""


def render_text_description(tools: list[BaseTool]) -> str:
    """A line for each tool: its name, the signature of its function if it has one, and its description.

    ```text
    search(query: str) -> str - Search the archive.
    ```
    """
    return "\n".join(map(_line, tools))


def render_text_description_and_args(tools: list[BaseTool]) -> str:
    """Likewise, with the arguments as JSON Schema.

    ```text
    search(query: str) -> str - Search the archive., args: {'query': {'title': 'Query', 'type': 'string'}}
    ```
    """
    return "\n".join(f"{_line(tool)}, args: {tool.args}" for tool in tools)


def _line(tool: BaseTool) -> str:
    function = getattr(tool, "func", None)
    return f"{tool.name}{inspect.signature(function) if function else ''} - {tool.description}"
