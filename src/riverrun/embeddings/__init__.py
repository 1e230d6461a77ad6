"""Embeddings: texts as vectors."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from riverrun.embeddings.embeddings import Embeddings

if TYPE_CHECKING:
    from riverrun.embeddings.fake import DeterministicFakeEmbedding as DeterministicFakeEmbedding
    from riverrun.embeddings.fake import FakeEmbeddings as FakeEmbeddings

__all__ = ["DeterministicFakeEmbedding", "Embeddings", "FakeEmbeddings"]


def __getattr__(name: str) -> Any:
    if name in ("DeterministicFakeEmbedding", "FakeEmbeddings"):  # for tests: programs need not pay for them
        return getattr(import_module("riverrun.embeddings.fake"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
