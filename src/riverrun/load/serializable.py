"""A base for users' classes that dumps can hold, and what dumps look like."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict, cast

from pydantic import BaseModel, ConfigDict

from riverrun._pure.record import Record
from riverrun._pure.serialized import Serialized, not_implemented

__all__ = [
    "BaseSerialized",
    "Serializable",
    "SerializedConstructor",
    "SerializedNotImplemented",
    "SerializedSecret",
    "to_json_not_implemented",
    "try_neq_default",
]


class BaseSerialized(TypedDict):
    """What all dumps of an object have."""

    lc: int
    id: list[str]
    name: NotRequired[str]
    graph: NotRequired[dict[str, Any]]


class SerializedConstructor(BaseSerialized):
    """A dump of an object that can be made again, of its settings."""

    type: Literal["constructor"]
    kwargs: dict[str, Any]


class SerializedSecret(BaseSerialized):
    """In place of a secret."""

    type: Literal["secret"]


class SerializedNotImplemented(BaseSerialized):
    """A dump of an object that can't be made again: how it looks."""

    type: Literal["not_implemented"]
    repr: str | None


class _SerializableType(type(BaseModel)):  # type: ignore[misc]  # pydantic's metaclass, whatever its name
    def __instancecheck__(cls, value: Any) -> bool:
        """Steps, messages and documents are serializable too, though they are no models of this kind."""
        if cls is Serializable:
            return isinstance(value, Serialized | Record)
        return bool(super().__instancecheck__(value))


class Serializable(Serialized, BaseModel, metaclass=_SerializableType):
    """A pydantic model that dumps can hold, if `is_lc_serializable` says so.

    `lc_secrets` names the fields that must not be in a dump, `lc_attributes` gives what it has beyond the fields. What is
    read back is data: `load` makes no object of a class of your own.
    """

    model_config = ConfigDict(extra="ignore")

    def __repr_args__(self) -> Any:
        fields = type(self).model_fields
        return [(k, v) for k, v in super().__repr_args__() if k not in fields or try_neq_default(v, k, self)]


def try_neq_default(value: Any, key: str, model: BaseModel) -> bool:
    """Whether `value` is another than the default of the field `key`; where they can't be compared, it is."""
    field = type(model).model_fields[key]
    if field.is_required():
        return True
    try:
        return bool(value != field.get_default())
    except Exception:  # arrays, for one, compare to no truth value
        return True


def to_json_not_implemented(obj: object) -> SerializedNotImplemented:
    """How an object looks that can't be made again: the name of its class, or its own, and its repr."""
    return cast(SerializedNotImplemented, not_implemented(obj))
