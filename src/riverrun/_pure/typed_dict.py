"""Typed dicts of the standard library as pydantic takes them."""

from __future__ import annotations

from typing import Any, TypeVar, get_type_hints

__all__ = ["pydantic_field"]

D = TypeVar("D", bound=type)


def pydantic_field(cls: D) -> D:
    """The typed dict `cls`, made fit for pydantic, which before Python 3.12 refuses those of the standard library.

    The twin that pydantic takes instead is made when it asks for it. Keys that aren't declared are kept.
    """
    setattr(cls, "__get_pydantic_core_schema__", classmethod(_core_schema))  # noqa: B010  # a typed dict declares no methods
    return cls


def _core_schema(cls: Any, source: Any, handler: Any) -> Any:
    from typing_extensions import TypedDict  # what pydantic itself depends on

    make: Any = TypedDict  # with names and types that no type checker sees
    twin = make(cls.__name__, get_type_hints(cls, include_extras=True), total=cls.__total__)
    twin.__pydantic_config__ = {"extra": "allow"}
    return handler.generate_schema(twin)
