"""The bases of what loads documents, and of what reads them from raw data."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from typing import Any

from riverrun._pure.exceptions import MissingExtraError
from riverrun.documents import Document
from riverrun.documents.base import Blob
from riverrun.runnables.config import steps_in_thread

__all__ = ["BaseBlobParser", "BaseLoader"]


class BaseLoader(ABC):  # noqa: B024  # either of two methods will do, so none is abstract
    """Loads documents from somewhere. A subclass defines `lazy_load`, a generator; or `alazy_load` too, where it can await."""

    def lazy_load(self) -> Iterator[Document]:
        """The documents, one after another, each when it is asked for. May block."""
        if type(self).load is not BaseLoader.load:
            return iter(self.load())
        raise NotImplementedError(f"{type(self).__name__} defines no lazy_load")

    async def alazy_load(self) -> AsyncIterator[Document]:
        """Likewise, loaded in a thread, one ahead."""
        async with aclosing(steps_in_thread(self.lazy_load)) as documents:
            async for document in documents:
                yield document

    def load(self) -> list[Document]:
        """All the documents."""
        return list(self.lazy_load())

    async def aload(self) -> list[Document]:
        """All the documents, asynchronously."""
        return [document async for document in self.alazy_load()]

    def load_and_split(self, text_splitter: Any = None) -> list[Document]:
        """All the documents, split.

        Args:
            text_splitter: what splits them, by its method `split_documents`.

        Raises:
            MissingExtraError: none was given; riverrun comes without text splitters.
        """
        if text_splitter is None:
            raise MissingExtraError(
                "load_and_split needs a text_splitter, such as one of the package langchain-text-splitters"
            )
        split: list[Document] = text_splitter.split_documents(self.load())
        return split


class BaseBlobParser(ABC):
    """Reads documents from raw data. A subclass defines `lazy_parse`, a generator."""

    @abstractmethod
    def lazy_parse(self, blob: Blob) -> Iterator[Document]:
        """The documents in `blob`, one after another."""

    def parse(self, blob: Blob) -> list[Document]:
        """All the documents in `blob`."""
        return list(self.lazy_parse(blob))
