"""A document index in memory, for tests and examples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from riverrun._pure.exceptions import InputError
from riverrun._pure.ids import new_id
from riverrun.callbacks.manager import CallbackManagerForRetrieverRun
from riverrun.documents import Document
from riverrun.indexing.base import DeleteResponse, DocumentIndex, UpsertResponse

__all__ = ["InMemoryDocumentIndex"]


class InMemoryDocumentIndex(DocumentIndex):
    """Keeps documents in a dict, and finds those in which the query stands most often."""

    store: dict[str, Document] = Field(default_factory=dict)
    """The documents by their ids."""
    top_k: int = 4
    """How many it finds at most."""

    def upsert(self, items: Sequence[Document], /, **kwargs: Any) -> UpsertResponse:
        named = [each if each.id else each.model_copy(update={"id": new_id()}) for each in items]
        self.store.update({str(each.id): each for each in named})
        return UpsertResponse(succeeded=[str(each.id) for each in named], failed=[])

    def delete(self, ids: list[str] | None = None, **kwargs: Any) -> DeleteResponse:
        if ids is None:
            raise InputError("delete needs the ids of the documents to be removed")
        gone = [id for id in ids if self.store.pop(id, None) is not None]
        return DeleteResponse(succeeded=gone, num_deleted=len(gone), num_failed=0, failed=[])

    def get(self, ids: Sequence[str], /, **kwargs: Any) -> list[Document]:
        return [self.store[id] for id in ids if id in self.store]

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        documents = sorted(self.store.values(), key=lambda each: each.page_content.count(query), reverse=True)
        return [each.model_copy() for each in documents[: self.top_k]]
