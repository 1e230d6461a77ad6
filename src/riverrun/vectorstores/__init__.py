"""Vector stores: documents found by what they mean."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from riverrun.vectorstores.base import VST, VectorStore, VectorStoreRetriever

if TYPE_CHECKING:
    from riverrun.vectorstores.in_memory import InMemoryVectorStore as InMemoryVectorStore

__all__ = ["VST", "InMemoryVectorStore", "VectorStore", "VectorStoreRetriever"]


def __getattr__(name: str) -> Any:
    if name == "InMemoryVectorStore":  # who has a store of another kind need not pay for it
        return import_module("riverrun.vectorstores.in_memory").InMemoryVectorStore
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
