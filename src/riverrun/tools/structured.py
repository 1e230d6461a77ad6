"""Functions as tools."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal

from pydantic import PlainSerializer

from riverrun._pure.exceptions import ConfigError
from riverrun.tools._functions import Function, OfFunctions
from riverrun.tools.base import FILTERED_ARGS, ArgsSchema, BaseTool, create_schema_from_function
from riverrun.utils._arguments import Parameters, describe, doc_of
from riverrun.utils.pydantic import is_basemodel_subclass, is_pydantic_v2_subclass, model_json_schema

__all__ = ["FILTERED_ARGS", "StructuredTool"]


def _as_json(schema: Any) -> Any:
    return model_json_schema(schema) if is_basemodel_subclass(schema) else schema


class StructuredTool(OfFunctions, BaseTool):
    """A function, or one for each colour, as a tool with any number of arguments. `from_function` makes one."""

    description: str = ""
    args_schema: Annotated[Any, PlainSerializer(_as_json, when_used="json-unless-none")]
    func: Function = None
    """What sync runs call, and async ones too where there is no `coroutine`."""
    coroutine: Function = None
    """What async runs call, and sync ones too where there is no `func`."""

    @classmethod
    def from_function(
        cls,
        func: Callable[..., Any] | None = None,
        coroutine: Callable[..., Awaitable[Any]] | None = None,
        name: str | None = None,
        description: str | None = None,
        return_direct: bool = False,
        args_schema: ArgsSchema | None = None,
        infer_schema: bool = True,
        *,
        response_format: Literal["content", "content_and_artifact"] = "content",
        parse_docstring: bool = False,
        error_on_invalid_docstring: bool = False,
        **kwargs: Any,
    ) -> StructuredTool:
        """A tool of a function: what models are told is read off its signature and docstring.

        Args:
            func: what sync runs call.
            coroutine: what async runs call.
            name: the function's name by default.
            description: its docstring by default, else that of `args_schema`.
            return_direct: whether an agent ends with what it gives.
            args_schema: what the arguments are checked against, in place of the signature.
            infer_schema: whether to check the arguments against the signature where there is no `args_schema`.
            response_format: what the function gives: the content, or a pair of content and artifact.
            parse_docstring: whether to read descriptions of the arguments in a docstring in Google's style.
            error_on_invalid_docstring: whether a docstring that can't be read so is an error.
            kwargs: other fields of the tool.

        Raises:
            ConfigError: there is no function, or no description is to be had. It is a ValueError.
            ValueError: the docstring can't be read, and that is an error.
        """
        source: Any = func if func is not None else coroutine
        if source is None:
            raise ConfigError("a tool needs a function: give func, coroutine, or both")
        name = name or getattr(source, "__name__", None)
        if not name:
            raise ConfigError(f"{source!r} has no name that a model could call it by: give the tool a name")
        said = _described(
            name, source, args_schema, infer_schema, parse_docstring, error_on_invalid_docstring
        )
        if description is None and not said:
            raise ConfigError(
                f"tool {name!r} needs a description, by which a model decides to call it: give its function a "
                "docstring, or pass description="
            )
        if args_schema is None and infer_schema:
            args_schema = create_schema_from_function(
                name,
                source,
                parse_docstring=parse_docstring,
                error_on_invalid_docstring=error_on_invalid_docstring,
            )
        return cls(
            name=name,
            func=func,
            coroutine=coroutine,
            args_schema=args_schema,
            description=(description if description is not None else said or "").strip(),
            return_direct=return_direct,
            response_format=response_format,
            **kwargs,
        )


def _described(
    name: str, source: Any, schema: Any, infer_schema: bool, parse_docstring: bool, strictly: bool
) -> str | None:
    """What is said of a function: by its docstring, else by its schema."""
    if schema is None and infer_schema and parse_docstring:
        return describe(source, Parameters(source), parse_docstring=True, strictly=strictly)[0]
    if text := doc_of(source):
        return text
    if schema is None:
        return None
    if isinstance(schema, dict):
        return schema.get("description")
    if not is_basemodel_subclass(schema):
        raise TypeError(
            f"tool {name!r}: args_schema must be a subclass of pydantic's BaseModel or a dict of JSON Schema, not {schema!r}"
        )
    return schema.__doc__ if is_pydantic_v2_subclass(schema) or schema.__doc__ else None
