"""What makes documents of documents: splitters, filters, translators."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from riverrun.documents.base import Document
from riverrun.runnables.config import run_in_executor

__all__ = ["BaseDocumentTransformer"]


class BaseDocumentTransformer(ABC):
    """Documents in, documents out. A subclass defines `transform_documents`."""

    @abstractmethod
    def transform_documents(self, documents: Sequence[Document], **kwargs: Any) -> Sequence[Document]:
        """What `documents` become. May block."""

    async def atransform_documents(self, documents: Sequence[Document], **kwargs: Any) -> Sequence[Document]:
        """`transform_documents` in a thread."""
        return await run_in_executor(None, self.transform_documents, documents, **kwargs)
