"""Tools: what a model may ask for, described to it, checked, and run."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from riverrun.tools.base import (
    FILTERED_ARGS,
    ArgsSchema,
    BaseTool,
    BaseToolkit,
    InjectedToolArg,
    InjectedToolCallId,
    SchemaAnnotationError,
    ToolException,
    _get_runnable_config_param,
    create_schema_from_function,
)
from riverrun.tools.convert import convert_runnable_to_tool, tool
from riverrun.tools.render import ToolsRenderer, render_text_description, render_text_description_and_args
from riverrun.tools.simple import Tool
from riverrun.tools.structured import StructuredTool

if TYPE_CHECKING:
    from riverrun.tools.retriever import RetrieverInput as RetrieverInput
    from riverrun.tools.retriever import create_retriever_tool as create_retriever_tool

__all__ = [
    "FILTERED_ARGS",
    "ArgsSchema",
    "BaseTool",
    "BaseToolkit",
    "InjectedToolArg",
    "InjectedToolCallId",
    "RetrieverInput",
    "SchemaAnnotationError",
    "StructuredTool",
    "Tool",
    "ToolException",
    "ToolsRenderer",
    "_get_runnable_config_param",
    "convert_runnable_to_tool",
    "create_retriever_tool",
    "create_schema_from_function",
    "render_text_description",
    "render_text_description_and_args",
    "tool",
]


def __getattr__(name: str) -> Any:
    if name in ("RetrieverInput", "create_retriever_tool"):  # prompts and retrievers come with them
        return getattr(import_module("riverrun.tools.retriever"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
