"""What a step takes, puts out and can be configured by, as pydantic models made on demand.

A schema is a class. One of a value wraps a type; one of an object has fields, can be taken apart and put together. They
are made with pydantic, which is imported when the first one is asked for.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from types import SimpleNamespace
from typing import (
    Annotated,
    Any,
    ForwardRef,
    NamedTuple,
    TypeAlias,
    TypeVar,
    get_args,
    get_origin,
    get_type_hints,
)

from riverrun._engine.config import RunnableConfig
from riverrun._pure.signature import Signature, target_of

Schema: TypeAlias = type[Any]
"""A pydantic model."""

Fields: TypeAlias = Mapping[str, Any]
"""The fields of an object by their names: each a type, or a pair of a type and a default or pydantic's `FieldInfo`."""


class ConfigurableFieldSpec(NamedTuple):
    """What a config can say under `configurable`: the key, the type of its value, and how to show it to people."""

    id: str
    annotation: Any
    name: str | None = None
    description: str | None = None
    default: Any = None
    is_shared: bool = False
    """Whether its id stays as it is inside alternatives that prefix their keys."""
    dependencies: list[str] | None = None


InnerSpecs: TypeAlias = Callable[[Any], list[ConfigurableFieldSpec]]
"""What a step inside can be configured by."""


# ------------------------------------------------------------------------------------------------------- types


def is_kind(annotation: Any, base: Any) -> bool:
    """Whether a type, with or without arguments, is a subclass of `base`."""
    origin = get_origin(annotation) or annotation
    return isinstance(origin, type) and issubclass(origin, base)


def type_arguments(cls: Any, base: type) -> tuple[Any, ...]:
    """What the class `cls`, perhaps with arguments, says the type variables of the generic class `base` stand for; Any where it says nothing."""
    return tuple(
        Any if isinstance(argument, TypeVar | ForwardRef | str) else argument
        for argument in _stated(cls, base)
    )


def _stated(cls: Any, base: Any) -> tuple[Any, ...]:
    origin = get_origin(cls) or cls
    return _filled(_arguments(origin, base), origin, get_args(cls))


def _arguments(cls: Any, base: Any) -> tuple[Any, ...]:
    if cls is base:
        return _variables(base)
    if made_of := _pydantic_generic(cls).get("origin"):  # `Model[int]` is a class of its own
        return _filled(_arguments(made_of, base), made_of, _pydantic_generic(cls)["args"])
    for above in cls.__dict__.get("__orig_bases__", cls.__bases__):
        if is_kind(above, base):
            return _stated(above, base)
    return _variables(base)


def _filled(arguments: tuple[Any, ...], cls: Any, given: tuple[Any, ...]) -> tuple[Any, ...]:
    """`arguments` with `given` in the place of the type variables of `cls`."""
    stands_for = dict(zip(_variables(cls), given, strict=False))

    def fill(argument: Any) -> Any:
        if isinstance(argument, TypeVar):
            return stands_for.get(argument, argument)
        if variables := getattr(argument, "__parameters__", ()):
            return argument[tuple(stands_for.get(variable, variable) for variable in variables)]
        return argument

    return tuple(map(fill, arguments))


def _variables(cls: Any) -> tuple[Any, ...]:
    variables: tuple[Any, ...] = _pydantic_generic(cls).get("parameters", ()) or getattr(
        cls, "__parameters__", ()
    )
    return variables


def _pydantic_generic(cls: Any) -> dict[str, Any]:
    return getattr(cls, "__pydantic_generic_metadata__", {})


def types_of(fn: Callable[..., Any]) -> tuple[Any, Any]:
    """The types of a function's first parameter and of what it returns; Any where it doesn't say."""
    hints = {} if inspect.isclass(fn) else hints_of(target_of(fn))
    first = next(iter(Signature(fn).parameters), "")
    return hints.get(first, Any), hints.get("return", Any)


def element_of(annotation: Any) -> Any:
    """The type of what an iterator of either colour yields."""
    return next(iter(get_args(annotation)), Any) if is_kind(annotation, Iterable | AsyncIterable) else Any


def hints_of(function: Any) -> dict[str, Any]:
    try:
        return get_type_hints(function)
    except _UNRESOLVED:
        hints = {}
        for name, annotation in getattr(function, "__annotations__", {}).items():
            alone = SimpleNamespace(__annotations__={name: annotation})
            with suppress(*_UNRESOLVED):
                hints.update(get_type_hints(alone, getattr(function, "__globals__", None)))
        return hints


_UNRESOLVED = (NameError, AttributeError, TypeError, SyntaxError)
"""What evaluating an annotation raises: a name that is not there, or something that is no type."""


# ----------------------------------------------------------------------------------------------------- schemas


@cache
def _bases() -> tuple[Any, Any]:
    """The classes that schemas inherit from: of objects, and of values."""
    from pydantic import BaseModel, ConfigDict, RootModel
    from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

    class Tolerant(GenerateJsonSchema):
        """A type that JSON Schema can't describe may be anything, and a default that JSON can't say is left out."""

        ignored_warning_kinds = frozenset(("skipped-choice", "non-serializable-default"))  # type: ignore[assignment]

        def handle_invalid_for_json_schema(self, schema: Any, error_info: str) -> JsonSchemaValue:
            return {}

    class Described:
        @classmethod
        def model_json_schema(
            cls, *args: Any, schema_generator: Any = Tolerant, **kwargs: Any
        ) -> dict[str, Any]:
            return super().model_json_schema(*args, schema_generator=schema_generator, **kwargs)  # type: ignore[misc, no-any-return]  # BaseModel's

        @classmethod
        def schema(cls, *args: Any, **kwargs: Any) -> dict[str, Any]:
            return cls.model_json_schema(*args, **kwargs)

    class ObjectSchema(Described, BaseModel):
        model_config = ConfigDict(arbitrary_types_allowed=True, protected_namespaces=(), defer_build=True)

    class ValueSchema(Described, RootModel[Any]):
        model_config = ConfigDict(arbitrary_types_allowed=True)

    return ObjectSchema, ValueSchema


def schema_of(annotation: Any, name: str, default: Any = ...) -> Schema:
    """The schema of a type: itself if it is a pydantic model, else one of this name that wraps it."""
    from pydantic import BaseModel, create_model

    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    schema: Schema = create_model(name, __base__=_bases()[1], root=(annotation, default))
    return schema if schema.__pydantic_complete__ else schema_of(Any, name)  # a name in it can't be resolved


def object_of(fields: Fields, name: str, description: str | None = None) -> Schema:
    """The schema of a dict with these keys. A field that pydantic can't name goes by its key as an alias.

    The class is built, its validator when it is first used.
    """
    from pydantic import Field, create_model

    base = _bases()[0]
    definitions: dict[str, Any] = {}
    renamed: dict[str, str] = {}
    for key, field in fields.items():
        annotation, default = field if isinstance(field, tuple) else (field, ...)
        if key.startswith("_") or hasattr(base, key):
            title, alias = key.title().replace("_", " ").strip(), key
            annotation = Annotated[annotation, Field(alias=key, title=title)]
            while key in fields:
                key = f"field_{key}"
            renamed[key] = alias
        definitions[key] = (annotation, default)
    schema: Schema = create_model(name, __base__=base, __doc__=description, **definitions)
    if renamed:
        schema.__riverrun_renamed__ = renamed
    return schema


def renamed_by(schema: Schema) -> Mapping[str, str]:
    """The keys of the fields of a schema that `object_of` had to call otherwise."""
    renamed: Mapping[str, str] = getattr(schema, "__riverrun_renamed__", {})
    return renamed


def fields_of(schema: Schema) -> dict[str, Any] | None:
    """The fields of an object, to put together anew; None if it is of another kind, or nothing is known of it."""
    described = type_of(schema)
    if described is schema:
        return {info.alias or name: (info.annotation, info) for name, info in schema.model_fields.items()}
    if is_kind(described, dict) and hasattr(described, "__required_keys__"):  # a TypedDict
        required = described.__required_keys__
        return {
            key: hint if key in required else (hint, None) for key, hint in get_type_hints(described).items()
        }
    return None


def type_of(schema: Schema) -> Any:
    """The type that a schema wraps; an object stands for itself."""
    from pydantic import RootModel

    return schema.model_fields["root"].annotation if issubclass(schema, RootModel) else schema


def says_nothing(schema: Schema) -> bool:
    """Whether it is the schema of any value."""
    return type_of(schema) is Any


# ---------------------------------------------------------------------------------------------- configurability


def config_schema_of(specs: Sequence[ConfigurableFieldSpec], include: Sequence[str], name: str) -> Schema:
    """The schema of a config: what stands under `configurable`, and of the other keys those in `include`.

    Raises:
        ValueError: `include` names something that is no key of a config.
    """
    from pydantic import Field

    types = get_type_hints(RunnableConfig)
    fields: dict[str, Any] = {}
    if specs:
        configurable = {
            spec.id: (
                spec.annotation,
                Field(spec.default, title=spec.name, description=spec.description),
            )
            for spec in specs
        }
        fields["configurable"] = (object_of(configurable, "Configurable"), None)
    if unknown := [key for key in include if key not in types]:
        raise ValueError(f"a config has no key {unknown[0]!r}; its keys are {', '.join(types)}")
    for key in types:
        if key in include:
            fields.setdefault(key, (types[key], None))
    return object_of(fields, name)


def unique(specs: Iterable[ConfigurableFieldSpec]) -> list[ConfigurableFieldSpec]:
    """Each spec once, by their ids in order.

    Raises:
        ValueError: two that differ have one id.
    """
    found: dict[str, ConfigurableFieldSpec] = {}
    for spec in specs:
        if found.setdefault(spec.id, spec) != spec:
            raise ValueError(
                f"two steps mean different things by the configurable {spec.id!r}: {found[spec.id]} and {spec}"
            )
    return [found[key] for key in sorted(found)]
