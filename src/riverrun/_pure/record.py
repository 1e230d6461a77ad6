"""Plain slotted values that print, compare, copy, dump and validate by their fields, with pydantic only where it calls us.

Messages, generations and prompt values are made by the million, so they are no pydantic models. They still stand in the
fields of one, and have the few methods of one that programs use on them.
"""

from __future__ import annotations

import builtins
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal, Self

from riverrun._pure.exceptions import MessageError, RiverrunError

__all__ = ["Record", "plain"]


class Record:
    """A value that is its fields: attributes by which it is equal, and keywords of which it is made."""

    __slots__ = ()

    _fields: ClassVar[tuple[str, ...]] = ()
    """The names of the fields, in the order in which they are shown and dumped."""
    _schema: ClassVar[Mapping[str, Any]] = {}
    """The JSON Schema of each field; one that isn't named may hold anything."""
    _required: ClassVar[tuple[str, ...]] = ()
    _error: ClassVar[type[RiverrunError]] = MessageError
    """What is raised where a value of this kind can't be made."""
    _lc_path: ClassVar[tuple[str, ...]] = ()
    """Where dumps say that the class stands; none for what isn't stored. It names the class, and nothing is imported by it."""

    def _names(self) -> Sequence[str]:
        """The names of this value's fields."""
        return self._fields

    def _value(self, name: str) -> Any:
        """The field's value, without making one that isn't there."""
        return getattr(self, name)

    def _is_default(self, name: str, value: Any) -> bool:
        return value is None or name == "type"

    def _shown(self) -> Iterator[tuple[str, Any]]:
        """The fields that a repr shows: those that are set."""
        for name in self._names():
            value = self._value(name)
            if name != "type" and value is not None:
                yield name, value

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self._shown())})"

    def __str__(self) -> str:
        return " ".join(f"{name}={value!r}" for name, value in self._shown())

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(self._value(name) == other._value(name) for name in self._fields)

    def model_dump(
        self,
        *,
        mode: Literal["python", "json"] = "python",
        include: Collection[str] | None = None,
        exclude: Collection[str] | None = None,
        exclude_none: bool = False,
        exclude_unset: bool = False,
        exclude_defaults: bool = False,
        **options: Any,
    ) -> builtins.dict[str, Any]:
        """The fields as a dict of plain values; in mode "json" every value is one that JSON knows.

        Which fields were given is not remembered, so those that are empty count as unset. `options` are pydantic's others
        (`by_alias`, `round_trip`, `warnings`, ...); they change nothing here.
        """
        dump = self._dump()
        if include is not None:
            dump = {name: value for name, value in dump.items() if name in include}
        if exclude:
            dump = {name: value for name, value in dump.items() if name not in exclude}
        if exclude_none:
            dump = {name: value for name, value in dump.items() if value is not None}
        if exclude_unset or exclude_defaults:
            needed = self._required
            dump = {k: v for k, v in dump.items() if k in needed or not self._is_default(k, v)}
        if mode == "json":
            from pydantic_core import to_jsonable_python

            dump = to_jsonable_python(dump)
        return dump

    def _dump(self) -> builtins.dict[str, Any]:
        """All fields, with dicts and lists of the dump's own."""
        return {name: plain(self._value(name)) for name in self._names()}

    def model_dump_json(self, *, indent: int | None = None, **options: Any) -> str:
        """`model_dump` as JSON text."""
        from pydantic_core import to_json

        return to_json(self.model_dump(**options), indent=indent).decode()

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy, with the fields in `update` set anew; a deep one has its own dicts and lists, all the way down."""
        twin = self._twin(_own if deep else lambda value: value)
        for name, value in (update or {}).items():
            twin._set(name, value)
        return twin

    def _set(self, name: str, value: Any) -> None:
        setattr(self, name, value)

    def _twin(self, copied: Callable[[Any], Any]) -> Self:
        return type(self)(**{name: copied(self._value(name)) for name in self._fields})

    def dict(self, **options: Any) -> builtins.dict[str, Any]:
        """`model_dump`, by its old name."""
        return self.model_dump(**options)

    def json(self, **options: Any) -> str:
        """`model_dump_json`, by its old name."""
        return self.model_dump_json(**options)

    def copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """`model_copy`, by its old name."""
        return self.model_copy(update=update, deep=deep)

    @classmethod
    def get_lc_namespace(cls) -> list[str]:
        """Where dumps say that the class stands."""
        return list(cls._lc_path)

    @classmethod
    def lc_id(cls) -> list[str]:
        """By what name dumps call the class."""
        return [*cls.get_lc_namespace(), cls.__name__]

    @classmethod
    def is_lc_serializable(cls) -> bool:
        """Whether dumps hold the fields, from which the value can be made again."""
        return bool(cls._lc_path)

    @property
    def lc_secrets(self) -> builtins.dict[str, str]:
        """The fields that are secret, of which there are none."""
        return {}

    @property
    def lc_attributes(self) -> builtins.dict[str, Any]:
        """What dumps hold even where it is empty."""
        return {}

    def to_json(self) -> builtins.dict[str, Any]:
        """What dumps hold of it: the name of its class and the fields that are set, which may hold records again."""
        values = {name: self._value(name) for name in self._names()}
        kwargs = {
            name: value
            for name, value in values.items()
            if name in self._required or value or not self._is_default(name, value)
        }
        return {
            "lc": 1,
            "type": "constructor",
            "id": self.lc_id(),
            "kwargs": {**kwargs, **self.lc_attributes},
        }

    @classmethod
    def model_validate(cls, value: Any, **options: Any) -> Self:
        """`value` itself if it is of this kind, else what a dict of the fields describes.

        `options` are pydantic's (`strict`, `context`, ...); they change nothing here.

        Raises:
            MessageError: `value` is neither, or lacks a field, or has one that is unknown or of the wrong type. Records
                that are no part of a dialogue raise an InputError.
        """
        if isinstance(value, cls):
            return value
        if not isinstance(value, Mapping):
            raise cls._error(f"{cls.__name__} is made of a dict of its fields, not of {type(value).__name__}")
        return cls._from_fields(value)

    @classmethod
    def model_validate_json(cls, text: str | bytes) -> Self:
        """What a JSON object of the fields describes.

        Raises:
            MessageError: as `model_validate`, or `text` is no JSON.
        """
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise cls._error(f"{cls.__name__} can't be read from text that is no JSON: {error}") from None
        return cls.model_validate(value)

    @classmethod
    def parse_obj(cls, value: Any) -> Self:
        """`model_validate`, by its old name."""
        return cls.model_validate(value)

    @classmethod
    def parse_raw(cls, text: str | bytes) -> Self:
        """`model_validate_json`, by its old name."""
        return cls.model_validate_json(text)

    @classmethod
    def model_construct(cls, _fields_set: Any = None, **values: Any) -> Self:
        """What `values` describe. They are checked all the same, as that costs next to nothing."""
        return cls(**values)

    construct = model_construct

    @classmethod
    def model_json_schema(cls, **options: Any) -> builtins.dict[str, Any]:
        """The JSON Schema of a dump."""
        return cls.__get_pydantic_json_schema__(None, None)

    schema = model_json_schema

    @classmethod
    def _from_fields(cls, fields: Mapping[str, Any]) -> Self:
        if unknown := [name for name in fields if name not in cls._fields]:
            raise cls._error(
                f"{cls.__name__} has no field {unknown[0]!r}; its fields are {list(cls._fields)}"
            )
        if missing := [name for name in cls._required if name not in fields]:
            raise cls._error(f"{cls.__name__} lacks the field {missing[0]!r}")
        return cls(**fields)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(
            cls.model_validate,
            ref=f"{cls.__module__}.{cls.__qualname__}:{id(cls)}",  # a schema that holds it defines it once
            serialization=core_schema.plain_serializer_function_ser_schema(plain),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> builtins.dict[str, Any]:
        properties = {
            name: {**cls._schema.get(name, {}), "title": name.replace("_", " ").title()}
            for name in cls._fields
        }
        return {
            "title": cls.__name__,
            "type": "object",
            "properties": properties,
            "required": list(cls._required),
        }


_ATOMS = frozenset((str, int, float, bool, type(None)))
"""What nobody can change, and most values are."""


def plain(value: Any) -> Any:
    """`value` as a dump has it: records as dicts, tuples as lists, and every dict and list its own."""
    if value.__class__ in _ATOMS:
        return value
    if isinstance(value, dict):
        own = {**value}
        for key, each in value.items():
            if each.__class__ not in _ATOMS:
                own[key] = plain(each)
        return own
    if value.__class__ is list or isinstance(value, list | tuple):
        return [each if each.__class__ in _ATOMS else plain(each) for each in value]
    return value.model_dump() if isinstance(value, Record) else value


def _own(value: Any) -> Any:
    if isinstance(value, Record):
        return value.model_copy(deep=True)
    if isinstance(value, dict):
        return {key: _own(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_own(each) for each in value]
    if type(value) is tuple:
        return tuple(_own(each) for each in value)
    return value
