"""Functions and runnables made tools of: the decorator `tool`, and what `as_tool` does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, overload

from pydantic import BaseModel, Field
from typing_extensions import get_type_hints

from riverrun._engine.runnable import Runnable
from riverrun._pure.exceptions import ConfigError
from riverrun._pure.signature import Signature
from riverrun.tools.base import ArgsSchema, BaseTool
from riverrun.tools.simple import Tool
from riverrun.tools.structured import StructuredTool
from riverrun.utils._arguments import doc_of
from riverrun.utils.pydantic import create_model, is_basemodel_subclass, model_json_schema

__all__ = ["convert_runnable_to_tool", "tool"]

ResponseFormat = Literal["content", "content_and_artifact"]


@overload
def tool(
    *,
    description: str | None = None,
    return_direct: bool = False,
    args_schema: ArgsSchema | None = None,
    infer_schema: bool = True,
    response_format: ResponseFormat = "content",
    parse_docstring: bool = False,
    error_on_invalid_docstring: bool = True,
    extras: dict[str, Any] | None = None,
) -> Callable[[Callable[..., Any] | Runnable[Any, Any]], BaseTool]: ...
@overload
def tool(
    name_or_callable: str,
    runnable: Runnable[Any, Any] | Callable[..., Any],
    *,
    description: str | None = None,
    return_direct: bool = False,
    args_schema: ArgsSchema | None = None,
    infer_schema: bool = True,
    response_format: ResponseFormat = "content",
    parse_docstring: bool = False,
    error_on_invalid_docstring: bool = True,
    extras: dict[str, Any] | None = None,
) -> BaseTool: ...
@overload
def tool(
    name_or_callable: str,
    *,
    description: str | None = None,
    return_direct: bool = False,
    args_schema: ArgsSchema | None = None,
    infer_schema: bool = True,
    response_format: ResponseFormat = "content",
    parse_docstring: bool = False,
    error_on_invalid_docstring: bool = True,
    extras: dict[str, Any] | None = None,
) -> Callable[[Callable[..., Any] | Runnable[Any, Any]], BaseTool]: ...
@overload
def tool(
    name_or_callable: Callable[..., Any],
    *,
    description: str | None = None,
    return_direct: bool = False,
    args_schema: ArgsSchema | None = None,
    infer_schema: bool = True,
    response_format: ResponseFormat = "content",
    parse_docstring: bool = False,
    error_on_invalid_docstring: bool = True,
    extras: dict[str, Any] | None = None,
) -> BaseTool: ...
def tool(
    name_or_callable: Any = None,
    runnable: Any = None,
    *args: Any,
    description: str | None = None,
    return_direct: bool = False,
    args_schema: ArgsSchema | None = None,
    infer_schema: bool = True,
    response_format: ResponseFormat = "content",
    parse_docstring: bool = False,
    error_on_invalid_docstring: bool = True,
    extras: dict[str, Any] | None = None,
) -> Any:
    """Make a tool of a function or of a runnable: `@tool`, `@tool("name")`, `@tool(return_direct=True)`, `tool("name", step)`.

    Args:
        name_or_callable: the function, or the tool's name.
        runnable: what the tool of that name runs: a step that takes a dict, or a function.
        args: there are none.
        description: what models are told; by default the docstring, else that of `args_schema`.
        return_direct: whether an agent ends with what it gives.
        args_schema: what the arguments are checked against, in place of the signature.
        infer_schema: whether to read the arguments off the signature; without, the tool takes one string.
        response_format: what the function gives: the content, or a pair of content and artifact.
        parse_docstring: whether to read descriptions of the arguments in a docstring in Google's style.
        error_on_invalid_docstring: whether a docstring that can't be read so is an error.
        extras: what else a provider may want to know of it.

    Raises:
        ConfigError: there is no name or no description, or a runnable doesn't take a dict. It is a ValueError.
        TypeError: what is to be run can't be called, or `args_schema` is neither a pydantic class nor a dict.
        ValueError: the docstring can't be read, and that is an error.
    """
    if args:
        raise ConfigError(f"tool takes a name and what it runs by position, and nothing else: {args!r}")
    settings: dict[str, Any] = {
        "return_direct": return_direct,
        "response_format": response_format,
        "extras": extras,
    }

    def make(name: str, source: Any) -> BaseTool:
        if isinstance(source, Runnable):
            return _of_runnable(name, source, description, args_schema, settings)
        if not callable(source):
            raise TypeError(f"tool {name!r} needs a function or a runnable, not {source!r}")
        by_colour = {"coroutine" if Signature(source).is_async else "func": source}
        if infer_schema or args_schema is not None:
            return StructuredTool.from_function(
                **by_colour,
                name=name,
                description=description,
                args_schema=args_schema,
                infer_schema=infer_schema,
                parse_docstring=parse_docstring,
                error_on_invalid_docstring=error_on_invalid_docstring,
                **settings,
            )
        said = description or doc_of(source)
        if not said:
            raise ConfigError(
                f"tool {name!r} needs a description, by which a model decides to call it: give its function a docstring, "
                "or pass description="
            )
        return Tool(name=name, func=None, description=said.strip(), **settings).model_copy(update=by_colour)

    def named(source: Any) -> BaseTool:
        name = source.get_name() if isinstance(source, Runnable) else getattr(source, "__name__", None)
        if not isinstance(name, str):
            raise ConfigError(
                f"{source!r} has no name that a model could call it by: give the tool one, tool('name')(...)"
            )
        return make(name, source)

    if runnable is not None:
        if not isinstance(name_or_callable, str):
            raise ConfigError(f"the name of a tool is a string, not {name_or_callable!r}")
        return make(name_or_callable, runnable)
    if name_or_callable is None:
        return named
    if isinstance(name_or_callable, str):
        return lambda source: make(name_or_callable, source)
    if not callable(name_or_callable):
        raise ConfigError(f"a tool is made of a function, a runnable or a name, not of {name_or_callable!r}")
    return named(name_or_callable)


def _of_runnable(
    name: str, runnable: Runnable[Any, Any], description: str | None, schema: Any, settings: dict[str, Any]
) -> BaseTool:
    if model_json_schema(runnable.input_schema).get("type") != "object":
        raise ConfigError(
            f"tool {name!r} can be made of a runnable that takes a dict; say what this one takes: "
            "runnable.with_types(input_type=...)"
        )
    return _wrapped(runnable, name, description or repr(runnable), schema or runnable.input_schema, settings)


def _wrapped(
    runnable: Runnable[Any, Any], name: str, description: str, schema: Any, settings: dict[str, Any]
) -> BaseTool:
    def invoke(**kwargs: Any) -> Any:
        return runnable.invoke(_given(kwargs))

    async def ainvoke(**kwargs: Any) -> Any:
        return await runnable.ainvoke(_given(kwargs))

    return StructuredTool.from_function(
        invoke, ainvoke, name=name, description=description, args_schema=schema, **settings
    )


def convert_runnable_to_tool(
    runnable: Runnable[Any, Any],
    args_schema: type[BaseModel] | None = None,
    *,
    name: str | None = None,
    description: str | None = None,
    arg_types: dict[str, type] | None = None,
) -> BaseTool:
    """A tool that runs `runnable`: on the dict of its arguments, or, where it takes a string, on that.

    Args:
        runnable: the step.
        args_schema: what its arguments are checked against; by default what the step's input schema says.
        name: the step's name by default.
        description: by default what the step takes.
        arg_types: the types of the arguments, where the step's input schema doesn't say.

    Raises:
        TypeError: what the step takes is neither a string nor a dict whose keys are known.
    """
    if args_schema is not None:
        runnable = runnable.with_types(input_type=args_schema)
    schema = model_json_schema(runnable.input_schema)
    description = description or f"Takes {schema}."
    name = name or runnable.get_name()
    if schema.get("type") == "string":
        return Tool(
            name=name,
            func=runnable.invoke,
            coroutine=runnable.ainvoke,
            description=description,
        )
    model = args_schema or _model_of(runnable, schema, name, arg_types)
    return _wrapped(runnable, name, description, model, {})


def _model_of(
    runnable: Runnable[Any, Any], schema: dict[str, Any], name: str, arg_types: dict[str, type] | None
) -> Any:
    """The arguments of a step that takes a dict."""
    if arg_types:
        return create_model(name, **{key: (kind, ...) for key, kind in arg_types.items()})
    kind = runnable.InputType
    if hasattr(kind, "__required_keys__"):  # a TypedDict
        return create_model(name, **_fields_of_typeddict(kind))
    if is_basemodel_subclass(runnable.input_schema) and schema.get("properties"):
        return runnable.input_schema
    if kind is Any:  # it may well take nothing
        return create_model(name)
    raise TypeError(
        f"the input of a tool is a string or a dict whose keys are known, and {runnable.get_name()!r} takes {kind!r}: "
        "annotate its function with a TypedDict or a pydantic class, or pass arg_types= or args_schema="
    )


def _fields_of_typeddict(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {
        key: (hints[key], ... if key in kind.__required_keys__ else Field(default_factory=lambda: LEFT_OUT))
        for key in hints
    }


LEFT_OUT: Any = object()
"""In place of a key of a TypedDict that need not be there, and is not."""


def _given(arguments: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in arguments.items() if value is not LEFT_OUT}
