"""What a model is told of a tool, in the format of OpenAI, made of whatever describes one."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Annotated, Any, Literal, NotRequired, Required, TypedDict, Union, get_args, get_origin
from typing import is_typeddict as is_stdlib_typeddict
from uuid import uuid4

from pydantic import BaseModel, Field
from typing_extensions import get_type_hints, is_typeddict

from riverrun._pure.exceptions import ConfigError
from riverrun.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from riverrun.utils._arguments import create_schema_from_function
from riverrun.utils._docstring import Docstring
from riverrun.utils.json_schema import dereference_refs
from riverrun.utils.pydantic import described_model, is_basemodel_subclass, model_json_schema

__all__ = [
    "FunctionDescription",
    "ToolDescription",
    "convert_to_json_schema",
    "convert_to_openai_function",
    "convert_to_openai_tool",
    "tool_example_to_messages",
]


class FunctionDescription(TypedDict):
    """A function that a model may call."""

    name: str
    description: str
    parameters: dict[str, Any]
    """Its arguments, as JSON Schema."""


class ToolDescription(TypedDict):
    """A tool of the type that is a function."""

    type: Literal["function"]
    function: FunctionDescription


SERVER_SIDE = frozenset(
    (
        "apply_patch",
        "code_interpreter",
        "computer",
        "computer_use_preview",
        "file_search",
        "function",
        "image_generation",
        "mcp",
        "namespace",
        "tool_search",
        "web_search",
    )
)
"""Types of tools that OpenAI runs itself, and that are told of as they are."""


def convert_to_openai_function(
    function: Mapping[str, Any] | type | Callable[..., Any] | Any, *, strict: bool | None = None
) -> dict[str, Any]:
    """A function in the format of OpenAI.

    Args:
        function: a tool, a pydantic class, a TypedDict, a function, or a dict: a function in the format of OpenAI, a tool
            in that of Anthropic or of Amazon Bedrock, or a JSON Schema with a title.
        strict: whether the arguments must match the schema. True makes every argument required and allows no others; None
            says nothing of it.

    Raises:
        ConfigError: `function` is none of these, or says otherwise of `strict`. It is a ValueError.
    """
    described = _described(function)
    if strict is None:
        return described
    if described.get("strict", strict) != strict:
        raise ConfigError(
            f"function {described['name']!r} says strict={described['strict']}, the call says strict={strict}"
        )
    described["strict"] = strict
    if strict and "parameters" in described:
        described["parameters"] = _strict(described["parameters"])
    return described


def convert_to_openai_tool(
    tool: Mapping[str, Any] | type | Callable[..., Any] | Any, *, strict: bool | None = None
) -> dict[str, Any]:
    """A tool in the format of OpenAI: one of those that OpenAI runs itself as it is, else as `convert_to_openai_function`.

    Raises:
        ConfigError: as `convert_to_openai_function`.
    """
    if isinstance(tool, Mapping) and _is_tool(tool):
        return dict(tool)
    return {"type": "function", "function": convert_to_openai_function(tool, strict=strict)}


def convert_to_json_schema(
    schema: Mapping[str, Any] | type | Callable[..., Any] | Any, *, strict: bool | None = None
) -> dict[str, Any]:
    """The arguments of a tool as a JSON Schema, with the tool's name as its title, and its description.

    Raises:
        ConfigError: as `convert_to_openai_tool`, or the tool is one that a provider runs itself.
    """
    function = convert_to_openai_tool(schema, strict=strict).get("function")
    if not isinstance(function, Mapping) or "name" not in function:
        raise ConfigError(f"a tool that a provider runs itself has no schema: {schema}")
    described = {"description": function["description"]} if "description" in function else {}
    return {"title": function["name"], **described, **(function.get("parameters") or {})}


def _is_tool(tool: Mapping[str, Any]) -> bool:
    kind = tool.get("type")
    return isinstance(kind, str) and (kind in SERVER_SIDE or kind.startswith("web_search_preview"))


# -------------------------------------------------------------------------------------------------- descriptions


def _described(function: Any) -> dict[str, Any]:
    if isinstance(function, Mapping):
        return _of_dict(function)
    if isinstance(function, type):
        if is_basemodel_subclass(function):
            return _of_model(function)
        if is_typeddict(function) or is_stdlib_typeddict(function):
            described = _of_model(model_of_typeddict(function, {}))
            return {**described, "description": Docstring(_own_doc(function)).description}
    elif hasattr(type(function), "tool_call_schema"):
        if (told := getattr(function, "_told_to_models", None)) is not None:
            return _of_json_schema(told)
        told = getattr(function, "_told_as_json", None) or function.tool_call_schema
        return _of_model(told, function.name, function.description)
    if callable(function) and not hasattr(function, "invoke"):
        return _of_function(function)
    raise ConfigError(
        f"{function!r} describes no function: give a tool, a pydantic class, a TypedDict, a function, or a dict in the "
        "format of a provider or of JSON Schema"
    )


def _of_dict(function: Mapping[str, Any]) -> dict[str, Any]:
    if "toolSpec" in function:  # Amazon Bedrock
        spec = function["toolSpec"]
        given = {**spec, "parameters": spec["inputSchema"]["json"]}
    elif "name" in function and "input_schema" in function:  # Anthropic
        given = {**function, "parameters": function["input_schema"]}
    elif "name" in function:
        given = dict(function)
    elif "title" in function:
        return _of_json_schema(function)
    else:
        raise ConfigError(
            f"{function!r} describes no function: it has neither a 'name' nor, as a JSON Schema, a 'title'"
        )
    return {key: given[key] for key in ("name", "description", "parameters", "strict") if key in given}


def _of_json_schema(
    schema: Mapping[str, Any], name: str | None = None, description: str | None = None
) -> dict[str, Any]:
    parameters = {key: value for key, value in schema.items() if key not in ("title", "description")}
    described: dict[str, Any] = {"name": name or schema.get("title", "")}
    if text := description or schema.get("description"):
        described["description"] = text
    if "properties" in schema:
        described["parameters"] = parameters
    return described


def _of_model(model: Any, name: str | None = None, description: str | None = None) -> dict[str, Any]:
    """Of a pydantic class, or of the dict that is a tool's schema. The titles that pydantic makes of names would only cost tokens."""
    schema = model if isinstance(model, dict) else model_json_schema(model)
    definitions = next((key for key in ("$defs", "definitions") if key in schema), None)
    if definitions is not None:
        schema = dereference_refs(schema, skip_keys=None if definitions == "$defs" else [definitions])
        schema = {key: value for key, value in schema.items() if key != definitions}
    parameters = _untitled(schema)
    said = parameters.pop("description", "")
    return {
        "name": name or schema.get("title", ""),
        "description": said if description is None else description,
        "parameters": parameters,
    }


def _untitled(schema: dict[str, Any]) -> dict[str, Any]:
    """`schema` without titles; a property may be called title."""
    return {
        key: {name: _untitled_value(part) for name, part in value.items()}
        if key == "properties" and isinstance(value, dict)
        else _untitled_value(value)
        for key, value in schema.items()
        if key != "title" or not isinstance(value, str)
    }


def _untitled_value(value: Any) -> Any:
    return _untitled(value) if isinstance(value, dict) else deepcopy(value)


def _of_function(function: Callable[..., Any]) -> dict[str, Any]:
    name = getattr(function, "__name__", None)
    if name is None:
        raise ConfigError(
            f"{function!r} has no name that a model could call it by: make a tool of it, with a name"
        )
    try:
        inspect.signature(function)
    except (ValueError, TypeError) as error:
        raise ConfigError(f"{function!r} describes no function: its arguments are not known") from error
    model = create_schema_from_function(name, function, parse_docstring=True, include_injected=False)
    return _of_model(model, name)


# ------------------------------------------------------------------------------------------------------ TypedDicts


def model_of_typeddict(kind: Any, known: dict[Any, Any]) -> Any:
    """A TypedDict as a pydantic model, those inside too. `known` are those that are being made.

    A key is described by the docstring in Google's style, or `Annotated` with a string, or with a default (`...` for
    none) and a string.
    """
    if kind in known:
        return known[kind]
    known[kind] = dict[str, Any]  # in itself
    docstring = Docstring(_own_doc(kind))
    fields: dict[str, Any] = {}
    for name, annotation in get_type_hints(kind, include_extras=True).items():
        default: Any = ... if name in kind.__required_keys__ else None
        annotation, metadata = _taken_apart(annotation)
        said = docstring.arguments.get(name)
        match metadata:
            case [default, str(said), *_]:
                pass
            case [str(said)]:
                pass
        annotation = _with_models(annotation, known)
        if default is None:  # may be left out; there is nothing to tell of a default
            fields[name] = annotation, Field(default_factory=lambda: None, description=said)
        else:
            fields[name] = annotation, Field(default, description=said)
    known[kind] = described_model(kind.__name__, fields, docstring.description or None)
    return known[kind]


def _own_doc(kind: Any) -> str | None:
    """The docstring of a TypedDict, which else has that of dict."""
    return None if kind.__doc__ == dict.__doc__ else kind.__doc__


def _taken_apart(annotation: Any) -> tuple[Any, list[Any]]:
    """A type, and what it is `Annotated` with; whether the key is required is known already."""
    metadata: list[Any] = []
    while get_origin(annotation) in (Required, NotRequired, Annotated):
        metadata += getattr(annotation, "__metadata__", ()) if get_origin(annotation) is Annotated else ()
        annotation = get_args(annotation)[0]
    return annotation, metadata


def _with_models(annotation: Any, known: dict[Any, Any]) -> Any:
    """A type with models in place of TypedDicts, and without None, which models take for "leave it out"."""
    if is_typeddict(annotation) or is_stdlib_typeddict(annotation):
        return model_of_typeddict(annotation, known)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Literal, None):
        return annotation
    inside = tuple(
        _with_models(each, known) if not isinstance(each, list) else each
        for each in arguments
        if origin not in (Union, types.UnionType) or each is not type(None)
    )
    if origin in (Union, types.UnionType):
        return Union[inside]  # noqa: UP007  # of a number of types that is not known
    generic: Any = origin
    return generic[inside] if inspect.isclass(origin) and inside else annotation


# ---------------------------------------------------------------------------------------------------------- strict


def _strict(schema: dict[str, Any]) -> dict[str, Any]:
    """`schema` with every property required and no others allowed, also inside."""
    strict: dict[str, Any] = {}
    for key, value in schema.items():
        if key in ("properties", "$defs", "definitions") and isinstance(value, dict):
            strict[key] = {name: _strict_value(part) for name, part in value.items()}
        elif key not in ("additionalProperties", "required", "default"):
            strict[key] = _strict_value(value)
        else:
            strict[key] = value
    if isinstance(properties := schema.get("properties"), dict) and properties:
        strict["required"] = list(properties)
    if "properties" in schema or "additionalProperties" in schema:
        strict["additionalProperties"] = False
    return strict


def _strict_value(value: Any) -> Any:
    if isinstance(value, list):
        return [_strict_value(item) for item in value]
    return _strict(value) if isinstance(value, dict) else value


# -------------------------------------------------------------------------------------------------------- examples


def tool_example_to_messages(
    input: str,
    tool_calls: list[BaseModel],
    tool_outputs: list[str] | None = None,
    *,
    ai_response: str | None = None,
) -> list[BaseMessage]:
    """An example of tools being called, as the messages that show it to a model.

    Args:
        input: what the user said.
        tool_calls: the calls: each an instance of the pydantic class that describes the tool.
        tool_outputs: what the tools said; by default that they were called as they should be.
        ai_response: what the model said at last, if it said something.

    Raises:
        ValueError: there are not as many outputs as calls.
    """
    outputs = tool_outputs or ["You have correctly called this tool."] * len(tool_calls)
    if len(outputs) != len(tool_calls):
        raise ValueError(
            f"tool_outputs has {len(outputs)} outputs for the {len(tool_calls)} calls in tool_calls"
        )
    calls = [(str(uuid4()), call) for call in tool_calls]
    asked = AIMessage(
        "",
        additional_kwargs={
            "tool_calls": [
                {
                    "id": id,
                    "type": "function",
                    "function": {"name": type(call).__name__, "arguments": _json_of(call)},
                }
                for id, call in calls
            ]
        },
    )
    answers = [
        ToolMessage(content=output, tool_call_id=id) for output, (id, _) in zip(outputs, calls, strict=True)
    ]
    said = [AIMessage(ai_response)] if ai_response else []
    return [HumanMessage(input), asked, *answers, *said]


def _json_of(call: Any) -> str:
    text: str = call.model_dump_json() if isinstance(call, BaseModel) else call.json()
    return text
