"""What keeps of retrieved documents only what a query needs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from riverrun._engine.config import RunHandle
from riverrun.documents.base import Document
from riverrun.runnables.config import run_in_executor

__all__ = ["BaseDocumentCompressor"]


class BaseDocumentCompressor(BaseModel, ABC):
    """Shortens, drops or reorders documents by what is asked. A subclass defines `compress_documents`."""

    @abstractmethod
    def compress_documents(
        self, documents: Sequence[Document], query: str, callbacks: list[Any] | RunHandle | None = None
    ) -> Sequence[Document]:
        """What of `documents` is worth showing for `query`. May block."""

    async def acompress_documents(
        self, documents: Sequence[Document], query: str, callbacks: list[Any] | RunHandle | None = None
    ) -> Sequence[Document]:
        """`compress_documents` in a thread."""
        return await run_in_executor(None, self.compress_documents, documents, query, callbacks)
