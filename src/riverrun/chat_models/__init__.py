"""Chat models of the providers, each imported when it is first asked for: one provider imports no other."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from riverrun.chat_models.openai import ChatOpenAI

__all__ = ["ChatOpenAI"]

_HOMES = {"ChatOpenAI": "riverrun.chat_models.openai"}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
