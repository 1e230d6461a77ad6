"""What a tool's arguments are checked against: a pydantic model of either version, a JSON Schema, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import cleandoc
from typing import Annotated, Any, get_type_hints

from pydantic import ValidationError

from riverrun._engine.schema import renamed_by
from riverrun._pure.exceptions import InputError
from riverrun.tools._hook import Hook
from riverrun.utils._arguments import InjectedToolArg, InjectedToolCallId, is_marked
from riverrun.utils.pydantic import (
    described_model,
    get_fields,
    is_basemodel_subclass,
    is_pydantic_v2_subclass,
    model_validate,
    v1,
)


class Arguments:
    """The arguments of a tool, as its schema says."""

    __slots__ = ("_renamed", "call_ids", "injected", "is_model", "names", "schema")

    def __init__(self, schema: Any) -> None:
        """
        Raises:
            TypeError: `schema` is neither None, nor a pydantic class, nor a dict.
        """
        self.schema = schema
        self.is_model = is_basemodel_subclass(schema)
        self._renamed: Mapping[str, str] = renamed_by(schema)
        """The parameters by the fields that had to be called otherwise."""
        fields: dict[str, Any] = {}
        if self.is_model:
            fields = get_fields(schema)
        elif schema is not None and not isinstance(schema, Mapping):
            raise TypeError(
                f"args_schema must be a subclass of pydantic's BaseModel or a dict of JSON Schema, not {schema!r}"
            )
        self.names = tuple(fields)
        marked = _annotations_of(schema, fields)
        self.injected = frozenset(name for name, kind in marked.items() if is_marked(kind, InjectedToolArg))
        self.call_ids = tuple(name for name, kind in marked.items() if is_marked(kind, InjectedToolCallId))

    @property
    def first(self) -> str | None:
        """What a string is the value of, where a tool is given one instead of its arguments."""
        name = next(iter(self.names), None)
        return self._renamed.get(name, name) if name else None

    def of(
        self, given: Any, call_id: str | None, hook: Hook, tool: str
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """What the hook is called with, where the tool of this name is given that.

        Raises:
            ValidationError: it doesn't fit; with a note that names the tool and the fields.
            InputError: it is no arguments, or lacks the id of the call. It is a ValueError and a TypeError.
        """
        if isinstance(given, dict):
            given = self._with_call_id(given, call_id, hook, tool)
        try:
            if isinstance(given, str):
                return self._of_text(given, hook, tool)
            if self.is_model:
                values = self.check(given)
                if hook.parameters.injected and isinstance(given, dict):
                    values |= {
                        name: given[name]
                        for name in hook.parameters.injected
                        if name in given and name not in values
                    }
                return (), values
        except Exception as error:
            if is_validation_error(error):
                error.add_note(explained(error, tool, self.hidden(hook)))
                if isinstance(given, dict) and {"name", "args"} <= given.keys():
                    error.add_note("this looks like a tool call: one has 'type': 'tool_call' too")
            raise
        if not isinstance(given, dict):
            raise InputError(
                f"tool {tool!r} takes a dict of arguments, a string or a tool call, not {type(given).__name__}"
            )
        return (), given

    def hidden(self, hook: Hook) -> frozenset[str]:
        """What the program adds to the arguments of a model's call."""
        return self.injected | frozenset(hook.parameters.injected)

    def _of_text(self, text: str, hook: Hook, tool: str) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """A string is the value of the first argument."""
        if isinstance(self.schema, dict):
            raise InputError(
                f"tool {tool!r} is described by a JSON Schema, so it takes a dict of arguments, not a string"
            )
        if not self.is_model:
            return (text,), {}
        if len(self.names) > 1 and text.lstrip().startswith("{"):
            raise InputError(
                f"tool {tool!r} was given its arguments as JSON text: parse them first, with json.loads"
            )
        if (first := self.first) is None:
            return (), {}
        value = self.check({first: text})[first]
        return ((), {first: value}) if first in hook.parameters.filled else ((value,), {})

    def _with_call_id(
        self, given: dict[str, Any], call_id: str | None, hook: Hook, tool: str
    ) -> dict[str, Any]:
        """The arguments with the id of the call, where the tool asks for it."""
        names = {*self.call_ids, *hook.parameters.call_ids}
        if not names:
            return given
        if call_id is None:
            raise InputError(
                f"tool {tool!r} asks for the id of the call ({', '.join(sorted(names))}), so it must be invoked with a "
                "whole tool call: {'type': 'tool_call', 'name': ..., 'args': {...}, 'id': ...}"
            )
        return {**given, **dict.fromkeys(names, call_id)}

    def check(self, given: Any) -> dict[str, Any]:
        """The arguments, checked and with the types of the model's fields.

        Raises:
            ValidationError: they don't fit.
        """
        if not is_pydantic_v2_subclass(self.schema):
            return dict(model_validate(self.schema, given))
        model = self.schema.model_validate(given)
        values = model.__dict__ if not model.model_extra else {**model.__dict__, **model.model_extra}
        if self._renamed:
            return {self._renamed.get(name, name): value for name, value in values.items()}
        return values if type(values) is dict else dict(values)

    def told(self, name: str, description: str, injected: frozenset[str]) -> Any:
        """What a model is told of them: without those that are injected, as they themselves say or the function does."""
        injected |= self.injected
        if not self.is_model:
            return _without(self.schema, injected, description)
        if not injected and self.schema.__name__ == name and self.schema.__doc__ == cleandoc(description):
            return self.schema
        fields = {key: field for key, field in get_fields(self.schema).items() if key not in injected}
        if is_pydantic_v2_subclass(self.schema):
            shown = {self._renamed.get(key, key): (field.annotation, field) for key, field in fields.items()}
            return described_model(name, shown, description)
        model = v1("create_model")(
            name, **{key: (field.outer_type_, field.field_info) for key, field in fields.items()}
        )
        model.__doc__ = description
        return model


def _annotations_of(schema: Any, fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """The types of a model's fields, with what they are `Annotated` with."""
    if not is_pydantic_v2_subclass(schema):
        return get_type_hints(schema, include_extras=True) if fields else {}
    return {
        name: Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
        for name, field in fields.items()
    }


def _without(schema: Mapping[str, Any], names: frozenset[str], description: str) -> dict[str, Any]:
    """A JSON Schema without some of its properties, and with a description."""
    told = {**schema, "description": description} if description else dict(schema)
    properties = told.get("properties")
    if isinstance(properties, Mapping) and names & properties.keys():
        told["properties"] = {key: value for key, value in properties.items() if key not in names}
        told["required"] = [key for key in told.get("required", ()) if key not in names]
    return told


def is_validation_error(error: BaseException) -> bool:
    """Whether pydantic, of either version, says that something doesn't fit."""
    old = v1("ValidationError")
    return isinstance(error, ValidationError) or (old is not None and isinstance(error, old))


def explained(error: Any, tool: str, hidden: frozenset[str] = frozenset()) -> str:
    """What doesn't fit, field by field, for people."""
    found = []
    for each in error.errors():
        place = ".".join(map(str, each["loc"])) or "input"
        help = f" (injected: set call['args'][{place!r}] before you invoke it)" if place in hidden else ""
        found.append(f"{place}: {each['msg']}{help}")
    return f"tool {tool!r} was given wrong arguments: {'; '.join(found)}"


def concerns(error: Any, names: frozenset[str]) -> bool:
    """Whether nothing but these arguments is wrong."""
    return all(each["loc"] and each["loc"][0] in names for each in error.errors())


def get_all_basemodel_annotations(cls: Any, *, default_to_bound: bool = True) -> dict[str, Any]:
    """The types of the fields of a model, those that it inherits too, by their names.

    Args:
        cls: the class of the model, also with arguments.
        default_to_bound: whether a type variable that nothing stands for is shown as its bound.
    """
    fields = getattr(cls, "model_fields", None) or getattr(cls, "__fields__", {})
    hints = get_type_hints(getattr(cls, "__origin__", cls), include_extras=True)
    found = {}
    for name in fields:
        annotation = hints.get(name, getattr(fields[name], "annotation", Any))
        if default_to_bound and (bound := getattr(annotation, "__bound__", None)) is not None:
            annotation = bound
        found[name] = annotation
    return found
