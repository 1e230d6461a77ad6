"""The base of vector stores, and the retriever that searches one."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar, Self, TypeVar

from pydantic import ConfigDict, Field, model_validator

from riverrun.callbacks.manager import AsyncCallbackManagerForRetrieverRun, CallbackManagerForRetrieverRun
from riverrun.documents import Document
from riverrun.embeddings import Embeddings
from riverrun.retrievers import BaseRetriever, LangSmithRetrieverParams
from riverrun.runnables.config import run_in_executor
from riverrun.vectorstores._shared import (
    checked_query,
    documents_of,
    parts_of,
    relevant,
    search_of,
    without_scores,
)

__all__ = ["VST", "VectorStore", "VectorStoreRetriever"]

VST = TypeVar("VST", bound="VectorStore")


class VectorStore(ABC):
    """Keeps documents by vectors of what they mean, and finds those that are close to a query.

    A subclass defines `from_texts`, `similarity_search`, one of `add_texts` and `add_documents`, and what else it can do.
    The async forms run the sync ones in a thread, unless it defines them too.
    """

    @property
    def embeddings(self) -> Embeddings | None:
        """What makes its vectors, if it tells."""
        return None

    # ------------------------------------------------------------------------------------------ adding and removing

    def add_texts(
        self,
        texts: Iterable[str],
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        **kwargs: Any,
    ) -> list[str]:
        """Add `texts`, with their metadata and ids, and tell their ids.

        Raises:
            InputError: there are not as many metadatas or ids as texts.
        """
        _require(self, "add_texts", "add_documents")
        documents = documents_of(texts, metadatas, ids)
        return self.add_documents(documents, **({**kwargs, "ids": ids} if ids is not None else kwargs))

    async def aadd_texts(
        self,
        texts: Iterable[str],
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        **kwargs: Any,
    ) -> list[str]:
        """`add_texts`, asynchronously."""
        if type(self).aadd_documents is VectorStore.aadd_documents:
            return await run_in_executor(None, self.add_texts, texts, metadatas, ids=ids, **kwargs)
        documents = documents_of(texts, metadatas, ids)
        return await self.aadd_documents(documents, **({**kwargs, "ids": ids} if ids is not None else kwargs))

    def add_documents(self, documents: list[Document], **kwargs: Any) -> list[str]:
        """Add `documents`, and tell their ids. One whose id is there already takes its place, in most stores."""
        _require(self, "add_documents", "add_texts")
        texts, metadatas, ids = parts_of(documents, kwargs)
        return self.add_texts(texts, metadatas, **ids)

    async def aadd_documents(self, documents: list[Document], **kwargs: Any) -> list[str]:
        """`add_documents`, asynchronously."""
        if type(self).aadd_texts is VectorStore.aadd_texts:
            return await run_in_executor(None, self.add_documents, documents, **kwargs)
        texts, metadatas, ids = parts_of(documents, kwargs)
        return await self.aadd_texts(texts, metadatas, **ids)

    def delete(self, ids: list[str] | None = None, **kwargs: Any) -> bool | None:
        """Remove the documents of these ids. True if that was done, None if the store can't tell."""
        raise _not_there(self, "delete")

    async def adelete(self, ids: list[str] | None = None, **kwargs: Any) -> bool | None:
        """`delete`, asynchronously."""
        return await run_in_executor(None, self.delete, ids, **kwargs)

    def get_by_ids(self, ids: Sequence[str], /) -> list[Document]:
        """The documents of these ids. Those that aren't there are left out."""
        raise _not_there(self, "get_by_ids")

    async def aget_by_ids(self, ids: Sequence[str], /) -> list[Document]:
        """`get_by_ids`, asynchronously."""
        return await run_in_executor(None, self.get_by_ids, ids)

    # ----------------------------------------------------------------------------------------------------- searching

    @abstractmethod
    def similarity_search(self, query: str, k: int = 4, **kwargs: Any) -> list[Document]:
        """The `k` documents that are closest to `query`, the closest first."""

    async def asimilarity_search(self, query: str, k: int = 4, **kwargs: Any) -> list[Document]:
        """`similarity_search`, asynchronously."""
        return await run_in_executor(None, self.similarity_search, query, k=k, **kwargs)

    def similarity_search_with_score(self, *args: Any, **kwargs: Any) -> list[tuple[Document, float]]:
        """Likewise, each with its distance or similarity: which of them depends on the store."""
        raise _not_there(self, "similarity_search_with_score")

    async def asimilarity_search_with_score(self, *args: Any, **kwargs: Any) -> list[tuple[Document, float]]:
        """`similarity_search_with_score`, asynchronously."""
        return await run_in_executor(None, self.similarity_search_with_score, *args, **kwargs)

    def similarity_search_by_vector(
        self, embedding: list[float], k: int = 4, **kwargs: Any
    ) -> list[Document]:
        """The `k` documents that are closest to a vector, the closest first."""
        raise _not_there(self, "similarity_search_by_vector")

    async def asimilarity_search_by_vector(
        self, embedding: list[float], k: int = 4, **kwargs: Any
    ) -> list[Document]:
        """`similarity_search_by_vector`, asynchronously."""
        return await run_in_executor(None, self.similarity_search_by_vector, embedding, k=k, **kwargs)

    def max_marginal_relevance_search(
        self, query: str, k: int = 4, fetch_k: int = 20, lambda_mult: float = 0.5, **kwargs: Any
    ) -> list[Document]:
        """Of the `fetch_k` documents closest to `query` the `k` that are least alike.

        Args:
            lambda_mult: what counts: 1 for closeness to the query only, 0 for variety only.
        """
        raise _not_there(self, "max_marginal_relevance_search")

    async def amax_marginal_relevance_search(
        self, query: str, k: int = 4, fetch_k: int = 20, lambda_mult: float = 0.5, **kwargs: Any
    ) -> list[Document]:
        """`max_marginal_relevance_search`, asynchronously."""
        search = self.max_marginal_relevance_search
        return await run_in_executor(
            None, search, query, k=k, fetch_k=fetch_k, lambda_mult=lambda_mult, **kwargs
        )

    def max_marginal_relevance_search_by_vector(
        self, embedding: list[float], k: int = 4, fetch_k: int = 20, lambda_mult: float = 0.5, **kwargs: Any
    ) -> list[Document]:
        """Likewise for a vector."""
        raise _not_there(self, "max_marginal_relevance_search_by_vector")

    async def amax_marginal_relevance_search_by_vector(
        self, embedding: list[float], k: int = 4, fetch_k: int = 20, lambda_mult: float = 0.5, **kwargs: Any
    ) -> list[Document]:
        """`max_marginal_relevance_search_by_vector`, asynchronously."""
        search = self.max_marginal_relevance_search_by_vector
        return await run_in_executor(
            None, search, embedding, k=k, fetch_k=fetch_k, lambda_mult=lambda_mult, **kwargs
        )

    def search(self, query: str, search_type: str, **kwargs: Any) -> list[Document]:
        """The search of a kind: "similarity", "mmr", or "similarity_score_threshold".

        Raises:
            InputError: there is no such kind.
        """
        found: Any = getattr(self, search_of(search_type))(query, **kwargs)
        return without_scores(search_type, found)

    async def asearch(self, query: str, search_type: str, **kwargs: Any) -> list[Document]:
        """`search`, asynchronously."""
        found: Any = await getattr(self, f"a{search_of(search_type)}")(query, **kwargs)
        return without_scores(search_type, found)

    # ----------------------------------------------------------------------------------------------------- relevance

    def similarity_search_with_relevance_scores(
        self, query: str, k: int = 4, **kwargs: Any
    ) -> list[tuple[Document, float]]:
        """The `k` documents that are closest to `query`, each with its relevance between 0 and 1, the best first.

        Args:
            kwargs: `score_threshold` leaves out what is less relevant than that.
        """
        threshold = kwargs.pop("score_threshold", None)
        return relevant(self._similarity_search_with_relevance_scores(query, k=k, **kwargs), threshold)

    async def asimilarity_search_with_relevance_scores(
        self, query: str, k: int = 4, **kwargs: Any
    ) -> list[tuple[Document, float]]:
        """`similarity_search_with_relevance_scores`, asynchronously."""
        threshold = kwargs.pop("score_threshold", None)
        found = await self._asimilarity_search_with_relevance_scores(query, k=k, **kwargs)
        return relevant(found, threshold)

    def _similarity_search_with_relevance_scores(
        self, query: str, k: int = 4, **kwargs: Any
    ) -> list[tuple[Document, float]]:
        """The closest documents with the relevance that their scores mean."""
        relevance = self._select_relevance_score_fn()
        return [
            (document, relevance(score))
            for document, score in self.similarity_search_with_score(query, k, **kwargs)
        ]

    async def _asimilarity_search_with_relevance_scores(
        self, query: str, k: int = 4, **kwargs: Any
    ) -> list[tuple[Document, float]]:
        """Likewise, asynchronously."""
        relevance = self._select_relevance_score_fn()
        found = await self.asimilarity_search_with_score(query, k, **kwargs)
        return [(document, relevance(score)) for document, score in found]

    def _select_relevance_score_fn(self) -> Callable[[float], float]:
        """What makes a relevance between 0 and 1 of this store's scores: one of the functions below, or a subclass's own."""
        raise _not_there(self, "_select_relevance_score_fn")

    @staticmethod
    def _euclidean_relevance_score_fn(distance: float) -> float:
        """The relevance of a Euclidean distance between vectors of length 1 whose coordinates are not negative."""
        return 1.0 - distance / math.sqrt(2)

    @staticmethod
    def _cosine_relevance_score_fn(distance: float) -> float:
        """The relevance of a cosine distance."""
        return 1.0 - distance

    @staticmethod
    def _max_inner_product_relevance_score_fn(distance: float) -> float:
        """The relevance of a distance that is an inner product's negative, or its difference from 1."""
        return 1.0 - distance if distance > 0 else -1.0 * distance

    # -------------------------------------------------------------------------------------------------- making one

    @classmethod
    @abstractmethod
    def from_texts(
        cls,
        texts: list[str],
        embedding: Embeddings,
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        **kwargs: Any,
    ) -> Self:
        """A store of `texts`."""

    @classmethod
    async def afrom_texts(
        cls,
        texts: list[str],
        embedding: Embeddings,
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        **kwargs: Any,
    ) -> Self:
        """`from_texts`, asynchronously."""
        if ids is not None:
            kwargs["ids"] = ids
        return await run_in_executor(None, cls.from_texts, texts, embedding, metadatas, **kwargs)

    @classmethod
    def from_documents(cls, documents: list[Document], embedding: Embeddings, **kwargs: Any) -> Self:
        """A store of `documents`."""
        texts, metadatas, ids = parts_of(documents, kwargs)
        return cls.from_texts(texts, embedding, metadatas=metadatas, **ids)

    @classmethod
    async def afrom_documents(cls, documents: list[Document], embedding: Embeddings, **kwargs: Any) -> Self:
        """`from_documents`, asynchronously."""
        texts, metadatas, ids = parts_of(documents, kwargs)
        return await cls.afrom_texts(texts, embedding, metadatas=metadatas, **ids)

    def as_retriever(self, **kwargs: Any) -> VectorStoreRetriever:
        """A step that searches this store.

        Args:
            kwargs: the fields of a `VectorStoreRetriever`: `search_type`, `search_kwargs` such as `k`, `tags`.

        Raises:
            pydantic.ValidationError: they contradict each other. It is a ValueError.
        """
        tags = kwargs.pop("tags", None) or self._get_retriever_tags()
        return VectorStoreRetriever(vectorstore=self, tags=tags, **kwargs)

    def _get_retriever_tags(self) -> list[str]:
        """The tags of its retrievers: its class and that of its embeddings."""
        return [type(each).__name__ for each in (self, self.embeddings) if each is not None]


class VectorStoreRetriever(BaseRetriever):
    """A step that searches a vector store for a query. Keywords of a call go before `search_kwargs`."""

    vectorstore: VectorStore
    search_type: str = "similarity"
    """Which search: "similarity", "mmr" (the best that are not alike) or "similarity_score_threshold"."""
    search_kwargs: dict[str, Any] = Field(default_factory=dict)
    """Its keywords: `k`, `filter`, `fetch_k` and `lambda_mult`; `score_threshold`, between 0 and 1."""

    allowed_search_types: ClassVar[Sequence[str]] = ("similarity", "similarity_score_threshold", "mmr")

    model_config = ConfigDict(arbitrary_types_allowed=True)

    @model_validator(mode="before")
    @classmethod
    def validate_search_type(cls, values: dict[str, Any]) -> Any:
        """Check that there is such a search, and that a threshold comes with it where it needs one."""
        search_type = values.get("search_type", cls.model_fields["search_type"].default)
        if search_type not in cls.allowed_search_types:
            raise ValueError(f"search_type must be one of {cls.allowed_search_types}, not {search_type!r}")
        threshold = (values.get("search_kwargs") or {}).get("score_threshold")
        if search_type == "similarity_score_threshold" and not isinstance(threshold, float):
            raise ValueError(
                "search_kwargs lacks score_threshold, a float between 0 and 1, which this search_type needs"
            )
        return values

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun, **kwargs: Any
    ) -> list[Document]:
        checked_query(query)
        return self.vectorstore.search(query, self.search_type, **{**self.search_kwargs, **kwargs})

    async def _aget_relevant_documents(
        self, query: str, *, run_manager: AsyncCallbackManagerForRetrieverRun, **kwargs: Any
    ) -> list[Document]:
        checked_query(query)
        return await self.vectorstore.asearch(query, self.search_type, **{**self.search_kwargs, **kwargs})

    def _get_ls_params(self, **kwargs: Any) -> LangSmithRetrieverParams:
        params = super()._get_ls_params(**kwargs)
        params["ls_vector_store_provider"] = type(self.vectorstore).__name__
        if (embeddings := self.vectorstore.embeddings) is not None:
            params["ls_embedding_provider"] = type(embeddings).__name__
        return params

    def add_documents(self, documents: list[Document], **kwargs: Any) -> list[str]:
        """Add documents to the store."""
        return self.vectorstore.add_documents(documents, **kwargs)

    async def aadd_documents(self, documents: list[Document], **kwargs: Any) -> list[str]:
        """`add_documents`, asynchronously."""
        return await self.vectorstore.aadd_documents(documents, **kwargs)


def _require(store: VectorStore, name: str, other: str) -> None:
    if getattr(type(store), other) is getattr(VectorStore, other):
        raise NotImplementedError(f"{type(store).__name__} defines neither {name} nor {other}: one is needed")


def _not_there(store: VectorStore, name: str) -> NotImplementedError:
    return NotImplementedError(f"{type(store).__name__} defines no {name}")
