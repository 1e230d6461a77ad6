"""Documents in a store, each once and none outdated; the same in both colours."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from riverrun.document_loaders import BaseLoader
from riverrun.documents import Document
from riverrun.embeddings import DeterministicFakeEmbedding
from riverrun.exceptions import IndexingException, InputError
from riverrun.indexing import (
    DeleteResponse,
    DocumentIndex,
    InMemoryRecordManager,
    RecordManager,
    aindex,
    index,
)
from riverrun.indexing.in_memory import InMemoryDocumentIndex
from riverrun.vectorstores import InMemoryVectorStore, VectorStore


class Records(InMemoryRecordManager):
    """With a clock that moves on when a call of `index` begins."""

    def __init__(self) -> None:
        super().__init__("tests")
        self.now = 0.0

    def get_time(self) -> float:
        return self.now


class Store(InMemoryVectorStore):
    """Keeps what it was told to do."""

    def __init__(self) -> None:
        super().__init__(DeterministicFakeEmbedding(size=2))
        self.told: list[tuple[str, list[str]]] = []

    def add_documents(self, documents: list[Document], ids: Any = None, **kwargs: Any) -> list[str]:
        self.told.append(("add", [each.page_content for each in documents]))
        return super().add_documents(documents, ids)

    async def aadd_documents(self, documents: list[Document], ids: Any = None, **kwargs: Any) -> list[str]:
        return self.add_documents(documents, ids, **kwargs)

    def delete(self, ids: Any = None, **kwargs: Any) -> None:
        self.told.append(("delete", [each.page_content for each in self.get_by_ids(ids)]))
        super().delete(ids)

    def texts(self) -> str:
        return "".join(sorted(entry["text"] for entry in self.store.values()))


def documents(texts: str, source: str = "s") -> list[Document]:
    return [Document(text, metadata={"source": source}) for text in texts]


def call(is_async: bool, *args: Any, **kwargs: Any) -> tuple[int, ...]:
    """How many were added, updated, skipped and deleted."""
    done = asyncio.run(aindex(*args, **kwargs)) if is_async else index(*args, **kwargs)
    return tuple(done.values())  # type: ignore[arg-type]  # they are all numbers


@pytest.fixture(params=[False, True], ids=["index", "aindex"])
def indexed(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Calls of `index` one after another on one store: what each says, and the store."""

    def run(*sources: Any, **kwargs: Any) -> tuple[list[tuple[int, ...]], Store]:
        records, store = Records(), Store()
        said = []
        for source in sources:
            records.now += 1
            said.append(call(request.param, source, records, store, **kwargs))
        assert len(records.list_keys()) == len(store.store)
        return said, store

    return run


def test_what_is_there_already_is_not_put_in_again(indexed: Callable[..., Any]) -> None:
    said, store = indexed(documents("ab"), documents("ab"), documents("aca"))
    assert said == [(2, 0, 0, 0), (0, 0, 2, 0), (1, 0, 2, 0)]
    assert store.texts() == "abc" and store.told == [("add", ["a", "b"]), ("add", ["c"])]


def test_what_is_there_already_is_put_in_again_by_force(indexed: Callable[..., Any]) -> None:
    said, store = indexed(documents("ab"), documents("ab"), force_update=True)
    assert said == [(2, 0, 0, 0), (0, 2, 0, 0)] and store.texts() == "ab"


def test_full_cleanup_removes_all_that_did_not_come_again(indexed: Callable[..., Any]) -> None:
    said, store = indexed(documents("ab"), documents("bc"), [], cleanup="full")
    assert said == [(2, 0, 0, 0), (1, 0, 1, 1), (0, 0, 0, 2)] and store.texts() == ""


def test_scoped_cleanup_leaves_other_sources_alone(indexed: Callable[..., Any]) -> None:
    first = [*documents("ab"), *documents("pq", "t")]
    said, store = indexed(first, documents("bc"), [], cleanup="scoped_full", source_id_key="source")
    assert said == [(4, 0, 0, 0), (1, 0, 1, 1), (0, 0, 0, 0)] and store.texts() == "bcpq"


def test_incremental_cleanup_follows_each_batch(indexed: Callable[..., Any]) -> None:
    said, store = indexed(
        documents("abcdefg"),
        documents("bcdz"),
        batch_size=3,
        cleanup_batch_size=2,
        cleanup="incremental",
        source_id_key=lambda document: document.metadata["source"],
    )
    assert said == [(7, 0, 0, 0), (1, 0, 3, 4)] and store.texts() == "bcdz"
    assert store.told[3:] == [("delete", ["a", "e"]), ("delete", ["f", "g"]), ("add", ["z"])]


def test_documents_come_from_loaders_and_streams(indexed: Callable[..., Any]) -> None:
    class Loader:
        def lazy_load(self) -> Iterator[Document]:
            yield from documents("ab")

        async def alazy_load(self) -> AsyncIterator[Document]:
            for document in documents("ab"):
                yield document

    said, store = indexed(Loader(), iter(documents("bc")), batch_size=1)
    assert said == [(2, 0, 0, 0), (1, 0, 1, 0)] and store.texts() == "abc"
    asyncio.run(aindex(Loader().alazy_load(), Records(), store := Store()))
    assert store.texts() == "ab"


@pytest.mark.parametrize(
    ("encoder", "key"),
    [
        ("sha1", "129c63c3-6e95-5a90-9628-79feedae1111"),
        ("sha256", "6203bc86d441e970fe61044f1a703f94ddf9bfd4fe131603b71964b8d1aa98a4"),
        (lambda document: document.page_content, "a"),
    ],
)
def test_keys_are_those_of_records_made_by_langchain_core(encoder: Any, key: str) -> None:
    document = Document("a", id="7", metadata={"b": 1, "a": [2, {"z": 1}]})
    index([document], Records(), store := Store(), key_encoder=encoder)
    assert list(store.store) == [key] and document.id == "7"


def test_keywords_of_the_store_are_passed_on() -> None:
    class Asks(Store):
        def add_documents(self, documents: list[Document], ids: Any = None, **kwargs: Any) -> list[str]:
            assert kwargs == {"batch_size": 7, "x": 1}
            return super().add_documents(documents, ids)

    assert call(False, documents("a"), Records(), Asks(), batch_size=7, upsert_kwargs={"x": 1}) == (
        1,
        0,
        0,
        0,
    )


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"cleanup": "other"}, "cleanup"),
        ({"cleanup": "incremental"}, "source_id_key"),
        ({"cleanup": "scoped_full"}, "source_id_key"),
        ({"key_encoder": "md5"}, "key_encoder"),
        ({"vector_store": object()}, "not into object"),
        ({"batch_size": 0, "cleanup": "full"}, "batch_size must be a number, 1 or more"),
        ({"batch_size": "3"}, "batch_size must be"),
        ({"cleanup_batch_size": -1, "cleanup": "full"}, "cleanup_batch_size"),
        ({"key_encoder": lambda document: None}, "'a' it gave None"),
        ({"docs_source": ["text"]}, "not str"),
        ({"docs_source": [Document("long", metadata={"k": {1}})]}, "'long'"),
        (
            {"docs_source": documents("a", None), "cleanup": "incremental", "source_id_key": "source"},  # type: ignore[arg-type]
            "needs the source of each document",
        ),
    ],
)
def test_bad_input_of_an_index_is_named(is_async: bool, given: dict[str, Any], complaint: str) -> None:
    arguments = {"docs_source": documents("a"), "record_manager": Records(), "vector_store": Store(), **given}
    with pytest.raises(InputError, match=complaint):
        call(is_async, **arguments)
    if isinstance(store := arguments["vector_store"], Store):
        assert store.told == []


def test_any_text_has_a_key(indexed: Callable[..., Any]) -> None:
    said, store = indexed(documents(["cut in \ud83d", "whole"]))
    assert said == [(2, 0, 0, 0)] and len(store.store) == 2


@pytest.mark.parametrize("is_async", [False, True])
def test_g02_a_loader_that_fails_leaves_what_came_before(is_async: bool) -> None:
    closed: list[str] = []
    failure = OSError("unplugged")

    class Loader(BaseLoader):
        def lazy_load(self) -> Iterator[Document]:
            try:
                yield from documents("abc")
                raise failure
            finally:
                closed.append("loader")

    store, records = Store(), Records()
    call(False, documents("z"), records, store)
    with pytest.raises(OSError) as caught:
        call(is_async, Loader(), records, store, batch_size=2, cleanup="full")
    assert caught.value is failure and closed == ["loader"]
    assert store.texts() == "abz"  # nothing is outdated before all has come


@pytest.mark.parametrize("is_async", [False, True])
def test_what_a_store_refused_is_put_in_the_next_time(is_async: bool) -> None:
    class Full(Store):
        is_full = True

        def add_documents(self, documents: list[Document], ids: Any = None, **kwargs: Any) -> list[str]:
            if self.is_full and len(self.told) == 1:
                raise OSError("full")
            return super().add_documents(documents, ids)

    store, records = Full(), Records()
    with pytest.raises(OSError, match="full"):
        call(is_async, documents("abcd"), records, store, batch_size=2)
    assert store.texts() == "ab" and len(records.records) == 2
    store.is_full = False
    assert call(is_async, documents("abcd"), records, store) == (2, 0, 2, 0) and store.texts() == "abcd"


def test_a_store_without_delete_is_refused() -> None:
    class Keeps(VectorStore):
        def similarity_search(self, query: str, k: int = 4, **kwargs: Any) -> list[Document]:
            return []

        @classmethod
        def from_texts(cls, *args: Any, **kwargs: Any) -> Any:
            return cls()

    with pytest.raises(InputError, match="Keeps defines no delete"):
        index(documents("a"), Records(), Keeps())


def test_a_document_without_its_source_is_named() -> None:
    with pytest.raises(KeyError, match="place") as caught:
        index(documents("a"), Records(), Store(), source_id_key="place")
    assert "'a'" in caught.value.__notes__[0]


def test_a_store_that_does_not_remove_is_an_error() -> None:
    class Keeps(InMemoryDocumentIndex):
        def delete(self, ids: list[str] | None = None, **kwargs: Any) -> DeleteResponse:
            return DeleteResponse(num_failed=len(ids or ()))

    records, store = Records(), Keeps()
    index(documents("a"), records, store)
    records.now += 1
    with pytest.raises(IndexingException, match="Keeps did not remove 1"):
        index(documents("b"), records, store, cleanup="full")


def test_a_document_index_takes_documents_and_finds_them() -> None:
    store = InMemoryDocumentIndex(top_k=2)
    records = Records()
    assert call(False, documents("ab"), records, store) == (2, 0, 0, 0)
    records.now += 1
    assert call(True, documents("bc"), records, store, cleanup="full") == (1, 0, 1, 1)
    assert sorted(each.page_content for each in store.store.values()) == ["b", "c"]
    assert [each.page_content for each in store.invoke("c")] == ["c", "b"]


def test_a_document_index_keeps_what_it_is_given_in_both_colours() -> None:
    store = InMemoryDocumentIndex()
    assert store.upsert([Document("aa", id="1"), Document("b", id="2")]) == {
        "succeeded": ["1", "2"],
        "failed": [],
    }
    [made] = asyncio.run(store.aupsert([Document("a")]))["succeeded"]
    assert [each.page_content for each in asyncio.run(store.ainvoke("a"))] == ["aa", "a", "b"]
    assert (
        store.get(["2", "x", "1"])
        == asyncio.run(store.aget(["2", "1"]))
        == [store.store["2"], store.store["1"]]
    )
    assert store.delete(["2", "x"]) == {"succeeded": ["2"], "num_deleted": 1, "num_failed": 0, "failed": []}
    assert asyncio.run(store.adelete([made])).get("num_deleted") == 1
    with pytest.raises(InputError, match="ids"):
        store.delete()
    with pytest.raises(TypeError, match="abstract"):
        DocumentIndex()  # type: ignore[abstract]  # that is the test


def test_records_remember_when_and_from_where() -> None:
    records = Records()
    records.create_schema()
    records.now = 1
    records.update(["a", "b"], group_ids=["g", None])
    records.now = 5
    asyncio.run(records.aupdate(["c"], time_at_least=2))
    assert records.exists(["a", "x"]) == asyncio.run(records.aexists(["b", "x"])) == [True, False]
    assert records.list_keys() == asyncio.run(records.alist_keys()) == ["a", "b", "c"]
    assert records.list_keys(before=5) == ["a", "b"] and records.list_keys(before=1) == []
    assert records.list_keys(after=1) == ["c"] and records.list_keys(after=5) == []
    assert records.list_keys(group_ids=["g"]) == records.list_keys(limit=1) == ["a"]
    records.delete_keys(["a", "x"])
    asyncio.run(records.adelete_keys(["b"]))
    assert records.list_keys() == ["c"]
    assert InMemoryRecordManager("x").get_time() > 1.7e9


def test_records_refuse_a_clock_that_is_wrong_and_unequal_lists() -> None:
    records = Records()
    with pytest.raises(InputError, match="yet to come"):
        records.update(["a"], time_at_least=1)
    with pytest.raises(InputError, match="group_ids"):
        records.update(["a", "b"], group_ids=["g"])
    with pytest.raises(TypeError, match="abstract"):
        RecordManager("x")  # type: ignore[abstract]  # that is the test
