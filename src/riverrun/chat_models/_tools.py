"""What a model is told of a tool: the function format of OpenAI, made of what the tool was given as."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, get_type_hints, is_typeddict

from pydantic import BaseModel, create_model

from riverrun._pure.exceptions import ConfigError

__all__ = ["Tool", "tool_choice_of", "tool_of"]

Tool: TypeAlias = Mapping[str, Any] | type[Any] | Callable[..., Any]


def tool_of(tool: Tool, strict: bool | None = None) -> dict[str, Any]:
    """The tool in the format of the API: a dict as it is or completed, a pydantic class, a TypedDict or a function.

    Args:
        tool: what the model may call.
        strict: whether the arguments must match the schema; None leaves it to the provider.

    Raises:
        ConfigError: `tool` is none of these, or has no name.
    """
    if isinstance(tool, Mapping) and "type" in tool and not {"properties", "title"} & tool.keys():
        return dict(tool)
    function = _function(tool)
    if strict is not None:
        function["strict"] = strict
        if strict:
            function["parameters"] = {**function["parameters"], "additionalProperties": False}
    return {"type": "function", "function": function}


def _function(tool: Tool) -> dict[str, Any]:
    if isinstance(tool, Mapping):
        if "name" in tool:
            return dict(tool)
        schema = dict(tool)
        if "title" not in schema:
            raise ConfigError(f"a tool needs a name; this one has only {sorted(schema)}")
        return _named(schema["title"], schema)
    if isinstance(tool, type) and issubclass(tool, BaseModel):
        return _named(tool.__name__, tool.model_json_schema())
    if is_typeddict(tool) or inspect.isroutine(tool):
        return _named(tool.__name__, {**_arguments(tool), "description": inspect.getdoc(tool) or ""})
    raise ConfigError(
        f"a tool is a dict, a pydantic class, a TypedDict or a function, not {type(tool).__name__}"
    )


def _arguments(tool: Any) -> dict[str, Any]:
    hints = get_type_hints(tool, include_extras=True)
    if is_typeddict(tool):
        fields = {name: (hints[name], ... if name in tool.__required_keys__ else None) for name in hints}
    else:
        fields = {
            name: (hints.get(name, Any), ... if parameter.default is parameter.empty else parameter.default)
            for name, parameter in inspect.signature(tool).parameters.items()
        }
    model: type[BaseModel] = create_model(tool.__name__, **fields)  # type: ignore[call-overload]  # made of data
    return model.model_json_schema()


def _named(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """A function of this name. The titles that pydantic derives from names would only cost tokens."""
    parameters = {key: value for key, value in schema.items() if key not in ("title", "description")}
    parameters["properties"] = {
        key: {part: value for part, value in field.items() if part != "title"}
        for key, field in parameters.get("properties", {}).items()
    }
    return {"name": name, "description": schema.get("description", ""), "parameters": parameters}


def tool_choice_of(choice: "str | bool | Mapping[str, Any]") -> Any:
    """The choice in the format of the API: `"any"` and True are `"required"`, another word is the name of a tool."""
    if choice in ("any", True):
        return "required"
    if isinstance(choice, str) and choice not in ("auto", "none", "required"):
        return {"type": "function", "function": {"name": choice}}
    return choice
