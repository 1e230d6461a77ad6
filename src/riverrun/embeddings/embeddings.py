"""The base of what turns texts into vectors."""

from __future__ import annotations

from abc import ABC, abstractmethod

from riverrun.runnables.config import run_in_executor

__all__ = ["Embeddings"]


class Embeddings(ABC):
    """Turns texts into vectors that lie close together where the texts mean the same.

    A subclass defines `embed_documents` and `embed_query`, which may block; and the async forms, where it can await.
    """

    @abstractmethod
    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """A vector for each of `texts`, to be searched for."""

    @abstractmethod
    def embed_query(self, text: str) -> list[float]:
        """The vector of a query, to search with."""

    async def aembed_documents(self, texts: list[str]) -> list[list[float]]:
        """`embed_documents` in a thread."""
        return await run_in_executor(None, self.embed_documents, texts)

    async def aembed_query(self, text: str) -> list[float]:
        """`embed_query` in a thread."""
        return await run_in_executor(None, self.embed_query, text)
