"""Helpers for models of pydantic 2, and for those of the version 1 that it brings along.

`pydantic.v1` is never imported here: who has a model of it has imported it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeGuard, TypeVar

import pydantic
from pydantic import BaseModel, model_validator

from riverrun._engine.schema import object_of, schema_of

__all__ = [
    "TBaseModel",
    "create_model",
    "create_model_v2",
    "get_fields",
    "get_pydantic_major_version",
    "is_basemodel_instance",
    "is_basemodel_subclass",
    "is_pydantic_v1_subclass",
    "is_pydantic_v2_subclass",
    "model_json_schema",
    "model_validate",
    "pre_init",
]

TBaseModel = TypeVar("TBaseModel", bound=type[Any])
"""The class of a model of either version."""


def get_pydantic_major_version() -> int:
    """The first number of the version of pydantic that is installed."""
    return int(pydantic.VERSION.partition(".")[0])


def is_pydantic_v2_subclass(cls: Any) -> TypeGuard[type[BaseModel]]:
    """Whether `cls` is a model of pydantic 2."""
    return isinstance(cls, type) and issubclass(cls, BaseModel)


def is_pydantic_v1_subclass(cls: Any) -> bool:
    """Whether `cls` is a model of pydantic 1, as `pydantic.v1` has them."""
    base = v1("BaseModel")
    return base is not None and isinstance(cls, type) and issubclass(cls, base)


def is_basemodel_subclass(cls: Any) -> bool:
    """Whether `cls` is a model of either version."""
    return is_pydantic_v2_subclass(cls) or is_pydantic_v1_subclass(cls)


def is_basemodel_instance(obj: Any) -> bool:
    """Whether `obj` is an instance of a model of either version."""
    return is_basemodel_subclass(type(obj))


def v1(name: str) -> Any:
    """What `pydantic.v1` calls so; None where nobody has imported it."""
    return getattr(sys.modules.get("pydantic.v1"), name, None)


def model_json_schema(model: Any) -> dict[str, Any]:
    """The JSON Schema of a model of either version."""
    schema: dict[str, Any] = model.model_json_schema() if is_pydantic_v2_subclass(model) else model.schema()
    return schema


def model_validate(model: Any, obj: Any) -> Any:
    """An instance of a model of either version, made of `obj`.

    Raises:
        ValidationError: `obj` doesn't fit; the class is that of the model's version.
    """
    return model.model_validate(obj) if is_pydantic_v2_subclass(model) else model.parse_obj(obj)


def get_fields(model: Any) -> dict[str, Any]:
    """The fields of a model, or of an instance, by their names.

    Raises:
        TypeError: `model` is neither.
    """
    cls = model if isinstance(model, type) else type(model)
    if is_pydantic_v2_subclass(cls):
        return dict(cls.model_fields)
    if is_pydantic_v1_subclass(cls):
        return dict(cls.__fields__)  # type: ignore[attr-defined]  # of pydantic 1
    raise TypeError(f"a pydantic model is needed, not {cls}")


def create_model(
    model_name: str, module_name: str | None = None, /, **field_definitions: Any
) -> type[BaseModel]:
    """A model with these fields: each a type, or a pair of a type and a default.

    A field may be called as no attribute can, `_x` or `schema`: its name is then the alias. `__root__` makes a model that
    wraps one type. `module_name` is accepted, and of no effect.
    """
    if "__root__" in field_definitions:
        root = field_definitions.pop("__root__")
        return create_model_v2(model_name, field_definitions=field_definitions, root=root)
    return create_model_v2(model_name, field_definitions=field_definitions)


def create_model_v2(
    model_name: str,
    *,
    module_name: str | None = None,
    field_definitions: dict[str, Any] | None = None,
    root: Any | None = None,
) -> type[BaseModel]:
    """`create_model` with the fields as a dict, or the one type that it wraps as `root`.

    Raises:
        NotImplementedError: both are given.
    """
    if root is None:
        return described_model(model_name, field_definitions or {})
    if field_definitions:
        raise NotImplementedError(
            f"model {model_name!r} wraps one type, so it can't have fields: {sorted(field_definitions)}"
        )
    annotation, default = root if isinstance(root, tuple) else (root, ...)
    model: type[BaseModel] = schema_of(annotation, model_name, default)
    model.__module__ = module_name or __name__
    return model


def described_model(name: str, fields: dict[str, Any], description: str | None = None) -> type[BaseModel]:
    """A model with these fields, as `create_model` makes it, and a docstring, which its JSON Schema shows."""
    model: type[BaseModel] = object_of(fields, name, description)
    model.__module__ = __name__
    return model


def pre_init(func: Callable[[Any, dict[str, Any]], Any]) -> Any:
    """Let a method of a model see what an instance is made of, the defaults filled in, and give what is used instead."""

    @wraps(func)
    def before(cls: Any, values: dict[str, Any]) -> Any:
        filled = dict(values)
        for name, field in cls.model_fields.items():
            given = name in filled or (field.alias is not None and field.alias in filled)
            if not given and not field.is_required():
                filled[name] = field.get_default(call_default_factory=True)
        return func(cls, filled)

    return model_validator(mode="before")(classmethod(before))  # type: ignore[arg-type]  # pydantic takes both
