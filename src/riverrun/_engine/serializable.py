"""Runnables whose settings are declared as pydantic fields.

The one module below floor 4 that imports pydantic. Nothing below floor 4 imports it; `riverrun.runnables` offers its name
on demand.
"""

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic._internal._model_construction import ModelMetaclass

from riverrun._engine.adapt import FACE, StepType, settle_instance
from riverrun._engine.runnable import Input, Output, Runnable
from riverrun._pure.shown import bounded, masked


class ModelStepType(StepType, ModelMetaclass):
    """The type of runnables that are pydantic models."""


class RunnableSerializable(BaseModel, Runnable[Input, Output], metaclass=ModelStepType):
    """A runnable whose settings are pydantic fields: validated when it is made, copied and dumped as a model is."""

    model_config = ConfigDict(arbitrary_types_allowed=True, protected_namespaces=())

    name: str | None = None
    """The name its runs go by, in place of its class's."""

    @bounded
    def __repr__(self) -> str:
        return super().__repr__()

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        fields = type(self).model_fields
        return [
            (key, masked(value, key))
            for key, value in super().__repr_args__()
            if key not in fields or not _is_default(value, fields[key].default)
        ]

    def __setattr__(self, name: str, value: Any) -> None:
        if name in FACE:  # a mock on an instance: no field, but an override like any other
            object.__setattr__(self, name, value)
            settle_instance(self)
        else:
            super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        if name in FACE:
            object.__delattr__(self, name)
            settle_instance(self)
        else:
            super().__delattr__(name)

    def __hash__(
        self,
    ) -> int:  # by identity, though models compare by value: steps are keys of per-run tables
        return id(self)


def _is_default(value: Any, default: Any) -> bool:
    return value is default or (type(value) is type(default) and bool(value == default))
