"""Putting documents into an index: each once, and what is outdated out of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterable, Callable, Iterable, Iterator, Sequence
from typing import Any, Literal, Protocol, TypeAlias, TypedDict
from uuid import UUID, uuid5

from riverrun._backends.drive import drive
from riverrun._engine.adapt import lazily
from riverrun._pure.exceptions import IndexingException, InputError
from riverrun.documents import Document
from riverrun.indexing.base import DocumentIndex, RecordManager
from riverrun.runnables.config import steps_in_thread
from riverrun.utils.aiter import abatch_iterate
from riverrun.utils.iter import batch_iterate
from riverrun.vectorstores import VectorStore

__all__ = ["IndexingException", "IndexingResult", "aindex", "index"]


class Loads(Protocol):
    """A loader of documents."""

    def lazy_load(self) -> Iterator[Document]:
        """The documents, one after another."""
        ...


Cleanup: TypeAlias = Literal["incremental", "full", "scoped_full"] | None
SourceKey: TypeAlias = str | Callable[[Document], str] | None
KeyEncoder: TypeAlias = Literal["sha1", "sha256", "sha512", "blake2b"] | Callable[[Document], str]


class IndexingResult(TypedDict):
    """What became of the documents that were to be indexed."""

    num_added: int
    """New ones."""
    num_updated: int
    """Those that were there, and were put in again by force."""
    num_skipped: int
    """Those that were there already, or came twice in one batch."""
    num_deleted: int
    """Outdated ones that were removed."""


def index(
    docs_source: Loads | Iterable[Document],
    record_manager: RecordManager,
    vector_store: VectorStore | DocumentIndex,
    *,
    batch_size: int = 100,
    cleanup: Cleanup = None,
    source_id_key: SourceKey = None,
    cleanup_batch_size: int = 1_000,
    force_update: bool = False,
    key_encoder: KeyEncoder = "sha1",
    upsert_kwargs: dict[str, Any] | None = None,
) -> IndexingResult:
    """Put documents into a vector store or index, leaving out those whose content and metadata are there already.

    Args:
        docs_source: a loader, or the documents.
        record_manager: remembers what was indexed.
        vector_store: where the documents go, each under the key that its content and metadata have.
        batch_size: how many are looked up, and put in, at a time.
        cleanup: which of the documents indexed earlier are removed. "incremental": after each batch, those of its sources
            that have not come again so far; "scoped_full": at the end, those of all sources that came; "full": at the end,
            all that did not come again; None: none.
        source_id_key: the key of the metadata that names a document's source, or a function that tells it.
        cleanup_batch_size: how many are removed at a time.
        force_update: put in again what is there already, as after a change of the embeddings.
        key_encoder: the hash that makes the keys, or a function that tells the key of a document. "sha1" is no protection
            against those who want two documents to have one key.
        upsert_kwargs: more keywords for the method of the store that takes the documents.

    Raises:
        InputError: the arguments contradict each other, or a document has no source or metadata that JSON has not. It is
            a TypeError and a ValueError.
        KeyError: the metadata of a document lacks `source_id_key`.
        IndexingException: the store did not remove what is outdated.
    """
    work = Indexing(
        record_manager, vector_store, cleanup, source_id_key, cleanup_batch_size, force_update, key_encoder,
        batch_size, upsert_kwargs or {}, is_async=False,
    )  # fmt: skip
    return drive(work.run(docs_source))  # type: ignore[no-any-return]


async def aindex(
    docs_source: Loads | Iterable[Document] | AsyncIterable[Document],
    record_manager: RecordManager,
    vector_store: VectorStore | DocumentIndex,
    *,
    batch_size: int = 100,
    cleanup: Cleanup = None,
    source_id_key: SourceKey = None,
    cleanup_batch_size: int = 1_000,
    force_update: bool = False,
    key_encoder: KeyEncoder = "sha1",
    upsert_kwargs: dict[str, Any] | None = None,
) -> IndexingResult:
    """`index`, asynchronously: it calls the async methods of everything. The documents may come asynchronously too."""
    work = Indexing(
        record_manager, vector_store, cleanup, source_id_key, cleanup_batch_size, force_update, key_encoder,
        batch_size, upsert_kwargs or {}, is_async=True,
    )  # fmt: skip
    return await work.run(docs_source)


class Indexing:
    """One call of `index`, in either colour."""

    def __init__(
        self,
        records: RecordManager,
        store: VectorStore | DocumentIndex,
        cleanup: Cleanup,
        source_id_key: SourceKey,
        cleanup_batch_size: int,
        force_update: bool,
        key_encoder: KeyEncoder,
        batch_size: int,
        upsert_kwargs: dict[str, Any],
        *,
        is_async: bool,
    ) -> None:
        self.records, self.store = records, store
        self.cleanup, self.source_id_key = cleanup, source_id_key
        self.cleanup_batch_size, self.batch_size = cleanup_batch_size, batch_size
        self.force_update = force_update
        self.key_encoder: KeyEncoder = key_encoder
        self.upsert_kwargs = upsert_kwargs
        self.is_async = is_async
        self.result = IndexingResult(num_added=0, num_updated=0, num_skipped=0, num_deleted=0)
        self._check()

    def _check(self) -> None:
        if self.cleanup not in ("incremental", "full", "scoped_full", None):
            raise InputError(
                f"cleanup must be 'incremental', 'full', 'scoped_full' or None, not {self.cleanup!r}"
            )
        if self._is_by_source and self.source_id_key is None:
            raise InputError(f"cleanup={self.cleanup!r} needs a source_id_key, to know what belongs together")
        if not callable(self.key_encoder) and self.key_encoder not in _HASHES:
            raise InputError(
                f"key_encoder must be one of {', '.join(map(repr, _HASHES))} or a function, not {self.key_encoder!r}"
            )
        for name in ("batch_size", "cleanup_batch_size"):
            size = getattr(self, name)
            if not isinstance(size, int) or size < 1:
                raise InputError(f"{name} must be a number, 1 or more, not {size!r}")
        if not isinstance(self.store, VectorStore | DocumentIndex):
            raise InputError(
                f"documents go into a VectorStore or a DocumentIndex, not into {type(self.store).__name__}"
            )
        if isinstance(self.store, VectorStore):
            names = ("delete", "adelete") if self.is_async else ("delete",)
            if all(getattr(type(self.store), name) is getattr(VectorStore, name) for name in names):
                raise InputError(f"{type(self.store).__name__} defines no delete, which an index needs")

    @property
    def _is_by_source(self) -> bool:
        return self.cleanup in ("incremental", "scoped_full")

    async def do(self, owner: Any, name: str, *args: Any, **kwargs: Any) -> Any:
        """Call a method of `owner`, the one of our colour."""
        if self.is_async:
            return await getattr(owner, f"a{name}")(*args, **kwargs)
        return getattr(owner, name)(*args, **kwargs)

    async def run(self, source: Any) -> IndexingResult:
        start = await self.do(self.records, "get_time")
        sources: set[str] = set()
        batches = Batches(source, self.batch_size, self.is_async)
        try:
            while batch := await batches.take():
                named = self._keyed(batch)
                ids = await self._put(named, start)
                sources |= ids
                if self.cleanup == "incremental":
                    await self._remove(start, sorted(ids))
        finally:
            await batches.aclose()
        if self.cleanup == "full" or (self.cleanup == "scoped_full" and sources):
            await self._remove(start, sorted(sources) if self.cleanup == "scoped_full" else None)
        return self.result

    def _keyed(self, batch: Sequence[Document]) -> list[Document]:
        """Each document of `batch` once, under its key."""
        by_key: dict[str, Document] = {}
        for document in batch:
            if not isinstance(document, Document):
                raise InputError(f"documents are what can be indexed, not {type(document).__name__}")
            key = key_of(document, self.key_encoder)
            by_key.setdefault(key, Document(document.page_content, id=key, metadata=document.metadata))
        self.result["num_skipped"] += len(batch) - len(by_key)
        return list(by_key.values())

    async def _put(self, documents: list[Document], start: float) -> set[str]:
        """Put in those that are new, record all, and tell their sources."""
        keys = [str(document.id) for document in documents]
        sources = [self._source_of(document) for document in documents]
        known: list[bool] = await self.do(self.records, "exists", keys)
        wanted = [
            each for each, is_known in zip(documents, known, strict=True) if self.force_update or not is_known
        ]
        if wanted:
            if isinstance(self.store, VectorStore):
                named = {"ids": [str(each.id) for each in wanted], "batch_size": self.batch_size}
                await self.do(self.store, "add_documents", wanted, **named, **self.upsert_kwargs)
            else:
                await self.do(self.store, "upsert", wanted, **self.upsert_kwargs)
        await self.do(self.records, "update", keys, group_ids=sources, time_at_least=start)
        self.result["num_added"] += known.count(False)
        self.result["num_updated" if self.force_update else "num_skipped"] += known.count(True)
        return {source for source in sources if source is not None}

    def _source_of(self, document: Document) -> str | None:
        key = self.source_id_key
        if key is None:
            return None
        if callable(key):
            source: str | None = key(document)
        else:
            try:
                source = document.metadata[key]
            except KeyError as error:
                error.add_note(f"the metadata of this document lacks it: {document.page_content[:40]!r}")
                raise
        if source is None and self._is_by_source:
            raise InputError(
                f"cleanup={self.cleanup!r} needs the source of each document; this one has none:"
                f" {document.page_content[:40]!r}"
            )
        return source

    async def _remove(self, start: float, sources: list[str] | None) -> None:
        """Remove what was indexed before this call, of these sources or of all."""
        if sources == []:
            return
        limit = self.cleanup_batch_size
        while keys := await self.do(self.records, "list_keys", group_ids=sources, before=start, limit=limit):
            answer = await self.do(self.store, "delete", keys)
            failed = answer.get("num_failed", 0) if isinstance(answer, dict) else answer is False
            if failed:
                raise IndexingException(
                    f"{type(self.store).__name__} did not remove {len(keys)} outdated documents"
                )
            await self.do(self.records, "delete_keys", keys)
            self.result["num_deleted"] += len(keys)


class Batches:
    """Documents from anywhere, some at a time. Where they come from may block: under asyncio a thread asks it, one ahead."""

    def __init__(self, source: Any, size: int, is_async: bool) -> None:
        self._is_async = is_async
        self._batches: Any
        if is_async and hasattr(source, "alazy_load"):
            source = source.alazy_load()
        elif hasattr(source, "lazy_load"):
            source = lazily(source.lazy_load)
        if is_async and hasattr(source, "__aiter__"):
            self._batches = abatch_iterate(size, source)
        else:
            items = iter(source)
            self._batches = steps_in_thread(_batches, items, size) if is_async else _batches(items, size)

    async def take(self) -> list[Document]:
        """The next ones; none at the end."""
        batch: list[Document] = await anext(self._batches, []) if self._is_async else next(self._batches, [])
        return batch

    async def aclose(self) -> None:
        if self._is_async:
            await self._batches.aclose()
        else:
            self._batches.close()


def _batches(items: Iterator[Document], size: int) -> Iterator[list[Document]]:
    try:
        yield from batch_iterate(size, items)
    finally:
        if (close := getattr(items, "close", None)) is not None:
            close()


# -------------------------------------------------------------------------------------------------------- the keys

_HASHES = ("sha1", "sha256", "sha512", "blake2b")
_NAMESPACE = UUID(int=1984)
"""Of the keys by SHA-1. It is langchain-core's, so that records made by it are still good."""


def key_of(document: Document, encoder: KeyEncoder) -> str:
    """The key of a document: of its text and metadata, and nothing else.

    Raises:
        InputError: the metadata is not what JSON has, or a function gave no key.
    """
    if callable(encoder):
        if not isinstance(key := encoder(document), str) or not key:
            raise InputError(
                f"key_encoder must give a key for each document, a string that is not empty; for"
                f" {document.page_content[:40]!r} it gave {key!r}"
            )
        return key
    try:
        metadata = json.dumps(document.metadata, sort_keys=True)
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(
            f"the metadata of the document {document.page_content[:40]!r} can't be hashed as JSON: {error}"
        ) from None
    return _hashed(_hashed(document.page_content, encoder) + _hashed(metadata, encoder), encoder)


def _hashed(text: str, name: str) -> str:
    data = text.encode(errors="surrogatepass")  # a text may be cut anywhere
    digest = hashlib.new(name, data, usedforsecurity=False).hexdigest()
    return str(uuid5(_NAMESPACE, digest)) if name == "sha1" else digest
