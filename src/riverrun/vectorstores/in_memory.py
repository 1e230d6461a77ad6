"""A vector store in this process's memory: one matrix, searched by one product."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from threading import RLock
from typing import Any, Self

from riverrun._pure.exceptions import InputError, LoadError
from riverrun._pure.ids import new_id
from riverrun.documents import Document
from riverrun.embeddings import Embeddings
from riverrun.runnables.config import run_in_executor
from riverrun.vectorstores._file import read_store, write_store
from riverrun.vectorstores._rows import Rows
from riverrun.vectorstores.base import VectorStore
from riverrun.vectorstores.utils import maximal_marginal_relevance

__all__ = ["InMemoryVectorStore"]

Filter = Callable[[Document], bool]


class InMemoryVectorStore(VectorStore):
    """Documents in memory, found by the cosine of the angle between vectors. It needs numpy.

    It may be used from several threads. What it gives are documents of their own: to change one, add it again under its
    id. Scores are similarities: 1 for the same direction, 0 for nothing in common.

    Args:
        embedding: what makes vectors of texts.
    """

    def __init__(self, embedding: Embeddings) -> None:
        if not (hasattr(embedding, "embed_documents") and hasattr(embedding, "embed_query")):
            raise InputError(
                "embedding is an object with embed_documents and embed_query (a subclass of Embeddings), not "
                f"{type(embedding).__name__}"
            )
        self.embedding = embedding
        self._clear()
        self._lock = RLock()

    def _clear(self) -> None:
        self._rows = Rows()
        self._documents: list[Document] = []
        """By row; those of dead rows too."""
        self._places: dict[str, int] = {}
        """The row of each id that is there."""

    @property
    def embeddings(self) -> Embeddings:
        """What makes its vectors."""
        return self.embedding

    @property
    def store(self) -> dict[str, dict[str, Any]]:
        """All that it holds, by id: dicts of `id`, `vector`, `text` and `metadata`. A copy, made when it is asked for."""
        with self._lock:
            return {
                id: {
                    "id": id,
                    "vector": self._rows.vector(place),
                    "text": self._documents[place].page_content,
                    "metadata": dict(self._documents[place].metadata),
                }
                for id, place in self._places.items()
            }

    # ------------------------------------------------------------------------------------------ adding and removing

    def add_documents(
        self, documents: list[Document], ids: list[str] | None = None, **kwargs: Any
    ) -> list[str]:
        """Add `documents`; one whose id is there already takes its place. One without an id gets one.

        Raises:
            InputError: there are not as many ids as documents, or a vector can't be compared with those that are here.
            MissingExtraError: numpy is not installed.
        """
        named = _named(documents, ids)
        return self._put(named, self.embedding.embed_documents([each.page_content for each in named]))

    async def aadd_documents(
        self, documents: list[Document], ids: list[str] | None = None, **kwargs: Any
    ) -> list[str]:
        """`add_documents`, asynchronously."""
        named = _named(documents, ids)
        vectors = await self.embedding.aembed_documents([each.page_content for each in named])
        return await run_in_executor(None, self._put, named, vectors)

    def _put(self, documents: list[Document], vectors: Sequence[Sequence[float]]) -> list[str]:
        ids = [str(document.id) for document in documents]
        if len(vectors) != len(ids):
            raise InputError(
                f"{type(self.embedding).__name__} made {len(vectors)} vectors of {len(ids)} texts"
            )
        if not ids:
            return ids
        with self._lock:
            rows = self._rows.checked(vectors, lambda i: f"the vector of document {ids[i]!r}")
            first_new = self._rows.count
            new: list[int] = []
            for i, (id, document) in enumerate(zip(ids, documents, strict=True)):
                place = self._places.get(id)
                if place is None:
                    self._places[id] = first_new + len(new)
                    self._documents.append(document)
                    new.append(i)
                elif place < first_new:
                    self._rows.replace(place, rows[i])
                    self._documents[place] = document
                else:  # twice in one call: the last stands
                    new[place - first_new] = i
                    self._documents[place] = document
            self._rows.append(rows if len(new) == len(rows) else rows[new])
        return ids

    def delete(self, ids: Sequence[str] | None = None, **kwargs: Any) -> None:
        """Remove the documents of these ids. Those that aren't there are none to remove."""
        with self._lock:
            for id in ids or ():
                if (place := self._places.pop(id, None)) is not None:
                    self._rows.remove(place)
            if self._rows.dead > self._rows.count // 2:
                left = self._rows.compact()
                self._documents = [self._documents[place] for place in left]
                self._places = {str(document.id): place for place, document in enumerate(self._documents)}

    def get_by_ids(self, ids: Sequence[str], /) -> list[Document]:
        """The documents of these ids, in their order. Those that aren't there are left out."""
        with self._lock:
            return [_copy(self._documents[self._places[id]]) for id in ids if id in self._places]

    # ----------------------------------------------------------------------------------------------------- searching

    def similarity_search_with_score_by_vector(
        self, embedding: list[float], k: int = 4, filter: Filter | None = None, **_kwargs: Any
    ) -> list[tuple[Document, float]]:
        """The `k` documents closest to a vector, each with its similarity, the closest first.

        Args:
            filter: which documents count; called with those that are closest until `k` have passed.
        """
        found, _ = self._closest(embedding, k, filter)
        return [(document, score) for _, document, score in found]

    def _closest(
        self, embedding: Sequence[float], k: int | None, filter: Filter | None
    ) -> tuple[list[tuple[int, Document, float]], Any]:
        """The closest with their places, and the matrix that these are places in."""
        near: Iterable[tuple[int, float]]
        with self._lock:
            near = self._rows.closest(embedding, None if filter else k) if self._places else []
            documents, matrix = self._documents, self._rows.matrix
        if filter is not None and not callable(filter):
            raise InputError(f"filter is a function that takes a document, not {type(filter).__name__}")
        if filter is not None:  # which is not ours, and may block
            near = islice((hit for hit in near if filter(documents[hit[0]])), k if k is None else max(k, 0))
        return [(place, _copy(documents[place]), score) for place, score in near], matrix

    def similarity_search_with_score(
        self, query: str, k: int = 4, **kwargs: Any
    ) -> list[tuple[Document, float]]:
        """The `k` documents closest to `query`, each with its similarity, the closest first; `filter` as above."""
        return self.similarity_search_with_score_by_vector(self.embedding.embed_query(query), k, **kwargs)

    async def asimilarity_search_with_score(
        self, query: str, k: int = 4, **kwargs: Any
    ) -> list[tuple[Document, float]]:
        """`similarity_search_with_score`, asynchronously."""
        vector = await self.embedding.aembed_query(query)
        return await run_in_executor(None, self.similarity_search_with_score_by_vector, vector, k, **kwargs)

    def similarity_search_by_vector(
        self, embedding: list[float], k: int = 4, **kwargs: Any
    ) -> list[Document]:
        """The `k` documents closest to a vector."""
        return _documents(self.similarity_search_with_score_by_vector(embedding, k, **kwargs))

    def similarity_search(self, query: str, k: int = 4, **kwargs: Any) -> list[Document]:
        """The `k` documents closest to `query`, the closest first.

        Args:
            kwargs: `filter` says which documents count.
        """
        return _documents(self.similarity_search_with_score(query, k, **kwargs))

    async def asimilarity_search(self, query: str, k: int = 4, **kwargs: Any) -> list[Document]:
        """`similarity_search`, asynchronously."""
        return _documents(await self.asimilarity_search_with_score(query, k, **kwargs))

    def max_marginal_relevance_search_by_vector(
        self,
        embedding: list[float],
        k: int = 4,
        fetch_k: int = 20,
        lambda_mult: float = 0.5,
        *,
        filter: Filter | None = None,
        **kwargs: Any,
    ) -> list[Document]:
        """Of the `fetch_k` documents closest to a vector the `k` that are least alike."""
        near, matrix = self._closest(embedding, fetch_k, filter)
        vectors = matrix[[place for place, _, _ in near]] if near else []
        chosen = maximal_marginal_relevance(embedding, vectors, lambda_mult, k)
        return [near[i][1] for i in chosen]

    def max_marginal_relevance_search(
        self, query: str, k: int = 4, fetch_k: int = 20, lambda_mult: float = 0.5, **kwargs: Any
    ) -> list[Document]:
        """Of the `fetch_k` documents closest to `query` the `k` that are least alike."""
        vector = self.embedding.embed_query(query)
        return self.max_marginal_relevance_search_by_vector(vector, k, fetch_k, lambda_mult, **kwargs)

    async def amax_marginal_relevance_search(
        self, query: str, k: int = 4, fetch_k: int = 20, lambda_mult: float = 0.5, **kwargs: Any
    ) -> list[Document]:
        """`max_marginal_relevance_search`, asynchronously."""
        vector = await self.embedding.aembed_query(query)
        search = self.max_marginal_relevance_search_by_vector
        return await run_in_executor(None, search, vector, k, fetch_k, lambda_mult, **kwargs)

    def _select_relevance_score_fn(self) -> Callable[[float], float]:
        """What points away from the query is as irrelevant as what has nothing in common with it; rounding counts for nothing."""
        return lambda similarity: min(1.0, max(0.0, similarity))

    # ----------------------------------------------------------------------------------------- making and keeping it

    @classmethod
    def from_texts(
        cls,
        texts: list[str],
        embedding: Embeddings,
        metadatas: list[dict[str, Any]] | None = None,
        **kwargs: Any,
    ) -> Self:
        """A store of `texts`. `ids` may be given."""
        store = cls(embedding)
        store.add_texts(texts, metadatas, **kwargs)
        return store

    @classmethod
    async def afrom_texts(
        cls,
        texts: list[str],
        embedding: Embeddings,
        metadatas: list[dict[str, Any]] | None = None,
        **kwargs: Any,
    ) -> Self:
        """`from_texts`, asynchronously."""
        store = cls(embedding)
        await store.aadd_texts(texts, metadatas, **kwargs)
        return store

    def dump(self, path: str) -> None:
        """Write the store to a file, as JSON with a checksum; directories on the way are made.

        The file appears when it is complete. It holds no embeddings: `load` is given them again.

        Raises:
            InputError: metadata holds what JSON has not; the message names the document.
            OSError: the file can't be written.
        """
        write_store(path, self.store)

    @classmethod
    def load(cls, path: str, embedding: Embeddings, **kwargs: Any) -> Self:
        """The store that `dump` wrote, or that langchain-core's did. Nothing is made of the file but texts, numbers and dicts.

        Raises:
            LoadError: the file is broken, or no vector store.
            OSError: the file can't be read.
        """
        store = cls(embedding, **kwargs)
        documents, vectors = read_store(path)
        try:
            store._put(documents, vectors)
        except InputError as error:
            raise LoadError(f"{path}: {error}") from None
        return store


def _named(documents: Sequence[Document], ids: Sequence[str | None] | None) -> list[Document]:
    """Copies of `documents` with ids: those given, their own, or new ones."""
    documents = list(documents)
    if ids is not None and len(ids) != len(documents):
        raise InputError(
            f"the number of ids must be that of the documents: {len(ids)} ids, {len(documents)} documents"
        )
    for document in documents:
        if not isinstance(document, Document):
            raise InputError(
                f"add_documents takes documents, not {type(document).__name__}; add_texts takes texts"
            )
    said = ids if ids is not None else [document.id for document in documents]
    return [
        _copy(document, str(id) if id else new_id()) for document, id in zip(documents, said, strict=True)
    ]


def _copy(document: Document, id: str | None = None) -> Document:
    id, metadata = id or document.id, dict(document.metadata)
    if type(document) is Document:  # as nearly all are; this takes a third of the time
        return Document(document.page_content, id=id, metadata=metadata)
    return document.model_copy(update={"id": id, "metadata": metadata})


def _documents(found: Sequence[tuple[Document, float]]) -> list[Document]:
    return [document for document, _ in found]
