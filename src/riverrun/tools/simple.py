"""Functions of one argument as tools, which take a string."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import cached_property
from typing import Any

from riverrun._engine.schema import Schema
from riverrun._pure.exceptions import ConfigError, ToolException
from riverrun._pure.shown import cut
from riverrun.tools._functions import Function, OfFunctions
from riverrun.tools._hook import Hook
from riverrun.tools.base import ArgsSchema, BaseTool
from riverrun.utils.pydantic import described_model

__all__ = ["Tool"]


class Tool(OfFunctions, BaseTool):
    """A function of one argument as a tool. Without a schema that is a string.

    Raises:
        ToolException: it is given several arguments, or none.
    """

    description: str = ""
    func: Function
    """What sync runs call, and async ones too where there is no `coroutine`."""
    coroutine: Function = None
    """What async runs call, and sync ones too where there is no `func`."""

    def __init__(self, name: str, func: Callable[..., Any] | None, description: str, **kwargs: Any) -> None:
        super().__init__(name=name, func=func, description=description, **kwargs)

    @property
    def args(self) -> dict[str, Any]:
        """The argument that a model is told of, as JSON Schema."""
        return super().args if self.args_schema is not None else {"tool_input": {"type": "string"}}

    @cached_property
    def _described(self) -> Schema:
        return described_model(self.name, {"__arg1": str}, self.description)

    @property
    def _told_to_models(self) -> Any:
        if self.args_schema is not None:
            return None
        return {
            "title": self.name,
            "description": self.description,
            "type": "object",
            "properties": {"__arg1": {"title": "__arg1", "type": "string"}},
            "required": ["__arg1"],
        }

    def _checked(self, given: Any, call_id: str | None, hook: Hook) -> tuple[tuple[Any, ...], dict[str, Any]]:
        args, kwargs = super()._checked(given, call_id, hook)
        values = [*args, *kwargs.values()]
        if len(values) != 1:
            raise ToolException(
                f"tool {self.name!r} takes one argument, and was given {len(values)}: {cut(repr(values), 200)}. "
                "StructuredTool makes a tool that takes several"
            )
        return tuple(values), {}

    @classmethod
    def from_function(
        cls,
        func: Callable[..., Any] | None,
        name: str,
        description: str,
        return_direct: bool = False,
        args_schema: ArgsSchema | None = None,
        coroutine: Callable[..., Awaitable[Any]] | None = None,
        **kwargs: Any,
    ) -> Tool:
        """A tool of a function of one argument.

        Raises:
            ConfigError: there is no function. It is a ValueError.
        """
        if func is None and coroutine is None:
            raise ConfigError(f"tool {name!r} needs a function: give func, coroutine, or both")
        return cls(
            name=name,
            func=func,
            coroutine=coroutine,
            description=description,
            return_direct=return_direct,
            args_schema=args_schema,
            **kwargs,
        )
