"""The store in memory: what it finds, and what it keeps on disk."""

import asyncio
import json
import random
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy
import pytest

from growth import assert_linear
from riverrun.documents import Document
from riverrun.embeddings import DeterministicFakeEmbedding, Embeddings
from riverrun.exceptions import InputError, LoadError, MissingExtraError
from riverrun.vectorstores import InMemoryVectorStore
from riverrun.vectorstores.utils import cosine_similarity, maximal_marginal_relevance


class Letters(Embeddings):
    """How often each of four letters stands in a text."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        return [float(text.count(letter)) for letter in "abcd"]


TEXTS = ["aa", "ab", "bb", "cd"]


@pytest.fixture
def store() -> InMemoryVectorStore:
    metadatas = [{"n": n} for n in range(4)]
    return InMemoryVectorStore.from_texts(TEXTS, Letters(), metadatas, ids=["1", "2", "3", "4"])


def ids(documents: list[Document]) -> str:
    return "".join(str(document.id) for document in documents)


def test_search_gives_the_closest_first_and_of_equals_the_last(store: InMemoryVectorStore) -> None:
    assert ids(store.similarity_search("ab")) == "2314"
    assert ids(store.similarity_search("ab", k=2)) == "23"
    assert ids(store.similarity_search("ab", k=9)) == "2314"
    assert store.similarity_search("ab", k=0) == []
    [(document, score), _] = store.similarity_search_with_score("aab", k=2)
    assert document == Document("ab", id="2", metadata={"n": 1})
    assert score == pytest.approx(0.9486832980505138)
    assert ids(store.similarity_search_by_vector([1, 1, 0, 0], k=2)) == "23"
    assert InMemoryVectorStore(Letters()).similarity_search("a") == []


def test_g09_async_searches_find_the_same(store: InMemoryVectorStore) -> None:
    async def found() -> list[Any]:
        return [
            await store.asimilarity_search("ab", k=2),
            await store.asimilarity_search_with_score("ab", k=2),
            await store.asimilarity_search_by_vector([1, 1, 0, 0], k=2),
            await store.amax_marginal_relevance_search("aab", k=2),
            await store.aget_by_ids(["2"]),
        ]

    assert asyncio.run(found()) == [
        store.similarity_search("ab", k=2),
        store.similarity_search_with_score("ab", k=2),
        store.similarity_search_by_vector([1, 1, 0, 0], k=2),
        store.max_marginal_relevance_search("aab", k=2),
        store.get_by_ids(["2"]),
    ]


def test_filter_says_which_documents_count(store: InMemoryVectorStore) -> None:
    def late(document: Document) -> bool:
        return bool(document.metadata["n"] > 1)

    assert ids(store.similarity_search("ab", k=2, filter=late)) == "34"
    assert ids(store.similarity_search("ab", k=1, filter=late)) == "3"
    assert ids(store.max_marginal_relevance_search("ab", k=4, filter=late)) == "34"


def test_relevance_of_a_cosine_is_the_cosine(store: InMemoryVectorStore) -> None:
    retriever = store.as_retriever(
        search_type="similarity_score_threshold", search_kwargs={"score_threshold": 0.8}
    )
    assert ids(retriever.invoke("ab")) == "2"
    assert all(0 <= score <= 1 for _, score in store.similarity_search_with_relevance_scores("ab"))


def test_marginal_relevance_prefers_what_is_not_alike(store: InMemoryVectorStore) -> None:
    assert ids(store.max_marginal_relevance_search("aab", k=2, lambda_mult=0.1)) == "24"
    assert ids(store.max_marginal_relevance_search("aab", k=2, fetch_k=3, lambda_mult=0.1)) == "21"
    assert ids(store.max_marginal_relevance_search("aab", k=2, lambda_mult=1.0)) == "21"
    vectors = [[1.0, 0], [0.9, 0.1], [0, 1.0]]
    assert maximal_marginal_relevance(numpy.array([1.0, 0]), vectors, lambda_mult=0.3, k=2) == [0, 2]
    assert maximal_marginal_relevance([[1.0, 0]], vectors, lambda_mult=1, k=9) == [0, 1, 2]
    assert (
        maximal_marginal_relevance([1.0, 0], [], k=2) == maximal_marginal_relevance([1.0], [[1.0]], k=0) == []
    )


def test_cosines_of_what_cannot_be_compared() -> None:
    assert cosine_similarity([[1, 0], [0, 0]], [[1, 0], [1, 1]]).round(3).tolist() == [[1, 0.707], [0, 0]]
    with pytest.raises(InputError, match="2 numbers"):
        cosine_similarity([[1, 0]], [[1, 0, 0]])
    with pytest.raises(InputError, match="NaN"):
        cosine_similarity([[float("nan"), 0]], [[1, 0]])


def test_documents_are_added_under_their_ids_and_replaced(store: InMemoryVectorStore) -> None:
    assert store.add_documents([Document("cc", id="1"), Document("new"), Document("dd", id="9")])[::2] == [
        "1",
        "9",
    ]
    assert asyncio.run(store.aadd_documents([Document("bb", id="8")], ids=["7"])) == ["7"]
    assert store.get_by_ids(["7", "x", "1"]) == [Document("bb", id="7"), Document("cc", id="1")]
    assert ids(store.similarity_search("c", k=1)) == "1"
    assert len(store.store) == 7
    assert store.add_texts(["a", "b"], ids=["5", "5"]) == ["5", "5"]
    assert (
        store.get_by_ids(["5"]) == [Document("b", id="5")] and ids(store.similarity_search("b", k=1)) == "5"
    )
    assert store.add_documents([]) == store.add_texts([]) == []


def test_documents_are_deleted_and_their_room_is_used_again(store: InMemoryVectorStore) -> None:
    store.delete(["3", "nobody"])
    store.delete()
    assert ids(store.similarity_search("ab")) == "214" and store.get_by_ids(["3"]) == []
    asyncio.run(store.adelete(["1", "2"]))
    assert ids(store.similarity_search("ab")) == "4"
    store.add_texts(["bb", "aa"], ids=["5", "4"])
    assert ids(store.similarity_search("ab")) == "54" and list(store.store) == ["4", "5"]
    store.delete(["4", "5"])
    assert store.similarity_search("ab") == [] and store.max_marginal_relevance_search("ab") == []


def test_what_is_found_is_nobody_elses(store: InMemoryVectorStore) -> None:
    given = Document("dd", id="5", metadata={"n": 5})
    store.add_documents([given])
    given.metadata["n"] = given.page_content = "changed"
    [found] = store.similarity_search("d", k=1)
    assert found == Document("dd", id="5", metadata={"n": 5})
    found.metadata["n"] = found.page_content = "changed"
    assert store.get_by_ids(["5"]) == [Document("dd", id="5", metadata={"n": 5})]


def test_store_shows_all_that_it_holds(store: InMemoryVectorStore) -> None:
    assert store.store["1"] == {"id": "1", "vector": [2.0, 0.0, 0.0, 0.0], "text": "aa", "metadata": {"n": 0}}
    assert store.as_retriever().tags == ["InMemoryVectorStore", "Letters"]
    assert store.as_retriever()._get_ls_params().get("ls_embedding_provider") == "Letters"


def test_search_agrees_with_one_by_one_comparison() -> None:
    drawn = random.Random(7)
    vectors = [[drawn.gauss(0, 1) for _ in range(8)] for _ in range(300)]

    class Known(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return [vectors[int(text)] for text in texts]

        def embed_query(self, text: str) -> list[float]:
            return vectors[int(text)]

    known = InMemoryVectorStore.from_texts(
        [str(n) for n in range(300)], Known(), ids=[str(n) for n in range(300)]
    )
    known.delete([str(n) for n in range(0, 300, 3)])
    for query in ("0", "1", "2"):
        cosines = cosine_similarity([vectors[int(query)]], vectors)[0]
        wanted = sorted((n for n in range(300) if n % 3), key=lambda n: -cosines[n])
        assert [int(each.page_content) for each in known.similarity_search(query, k=20)] == wanted[:20]


@pytest.mark.parametrize(
    ("vector", "complaint"),
    [
        ([1.0], "1 numbers"),
        ([float("nan")] * 4, "NaN"),
        ([float("inf")] * 4, "infinity"),
        (["x"] * 4, "no row of numbers: could not"),
        ([[1.0]] * 4, "2 dimensions"),
        (None, "no row"),
    ],
)
def test_bad_input_of_a_vector_names_the_document(vector: Any, complaint: str) -> None:
    class Odd(Letters):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return [vector if text == "odd" else self.embed_query(text) for text in texts]

    store = InMemoryVectorStore.from_texts(["aa"], Odd(), ids=["1"])
    with pytest.raises(InputError, match=complaint) as caught:
        store.add_texts(["bb", "odd"], ids=["2", "3"])
    assert "'3'" in str(caught.value) and list(store.store) == ["1"]
    with pytest.raises(InputError, match="the query"):
        store.similarity_search_by_vector([1.0])
    with pytest.raises(InputError, match="not str; add_texts takes texts"):
        store.add_documents(["a"])  # type: ignore[list-item]
    with pytest.raises(InputError, match="2 ids, 1 documents"):
        store.add_documents([Document("a")], ids=["1", "2"])


def test_a_store_that_was_emptied_takes_vectors_of_another_length() -> None:
    class Long(Letters):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return [[1.0] * len(text) for text in texts]

    store = InMemoryVectorStore.from_texts(["aa", "bb"], Long(), ids=["1", "2"])
    store.delete(["1", "2"])
    store.add_texts(["ccc"], ids=["3"])
    assert ids(store.similarity_search_by_vector([1, 1, 1])) == "3"


def test_a_subclass_of_documents_stays_one() -> None:
    class Page(Document):
        number: int = 0

    store = InMemoryVectorStore(Letters())
    given = Page("aa", id="1", metadata={"n": 1}, number=7)
    store.add_documents([given, Document("b", id="2")])
    [found] = store.similarity_search("a", k=1)
    assert found == given and found is not given and found.metadata is not given.metadata


@pytest.mark.parametrize("search", ["similarity_search", "max_marginal_relevance_search"])
def test_a_filter_may_wait_for_another_thread_that_uses_the_store(
    store: InMemoryVectorStore, search: str
) -> None:
    def keep(document: Document) -> bool:
        other = threading.Thread(target=store.delete, args=(["1", "2", "4"],))
        other.start()
        other.join(5)
        return not other.is_alive()

    assert ids(getattr(store, search)("ab", k=2, filter=keep)) == "23"


def test_a_missing_numpy_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numpy", None)
    with pytest.raises(MissingExtraError, match=r"riverrun\[numpy\]"):
        InMemoryVectorStore(Letters()).add_texts(["a"])


def test_store_may_be_used_from_several_threads() -> None:
    store = InMemoryVectorStore(DeterministicFakeEmbedding(size=4))
    errors: list[BaseException] = []

    def work(name: str) -> None:
        try:
            for n in range(40):
                store.add_texts([f"{name}{n}"], ids=[f"{name}{n}"])
                store.similarity_search("a", k=3, filter=lambda document: True)
                if n % 2:
                    store.delete([f"{name}{n}"])
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == [] and len(store.store) == 60


def test_g05_adding_one_by_one_is_linear() -> None:
    def adding(size: int) -> Any:
        store = InMemoryVectorStore(Letters())
        return lambda: [store.add_texts([text], ids=[text]) for text in map(str, range(size))]

    assert_linear(adding, 200)


# --------------------------------------------------------------------------------------------------------- on disk


def test_store_comes_back_from_disk(store: InMemoryVectorStore, tmp_path: Path) -> None:
    path = tmp_path / "new" / "store.json"
    store.dump(str(path))
    again = InMemoryVectorStore.load(str(path), Letters())
    assert again.store == store.store and list(again.store) == list(store.store)
    assert again.similarity_search("ab") == store.similarity_search("ab")
    InMemoryVectorStore(Letters()).dump(str(path))
    assert InMemoryVectorStore.load(str(path), Letters()).store == {}
    assert [each.name for each in path.parent.iterdir()] == ["store.json"]
    with pytest.raises(FileNotFoundError):
        InMemoryVectorStore.load(str(tmp_path / "nothing"), Letters())


def test_store_reads_what_langchain_core_wrote(store: InMemoryVectorStore, tmp_path: Path) -> None:
    path = tmp_path / "theirs.json"
    for indent in (2, None):
        path.write_text(json.dumps(store.store, indent=indent))
        assert InMemoryVectorStore.load(str(path), Letters()).store == store.store


def test_a_file_that_is_cut_or_flipped_anywhere_is_a_load_error(
    store: InMemoryVectorStore, tmp_path: Path
) -> None:
    path = tmp_path / "store.json"
    store.dump(str(path))
    whole = path.read_bytes()
    broken = [whole[:n] for n in range(len(whole))]
    broken += [whole[:n] + bytes([whole[n] ^ 1 << n % 8]) + whole[n + 1 :] for n in range(len(whole))]
    for data in broken:
        path.write_bytes(data)
        with pytest.raises(LoadError, match=r"store\.json"):
            InMemoryVectorStore.load(str(path), Letters())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "3",
        "{" * 100_000,
        '{"1": ' * 50_000,
        '{"1": 3}',
        '{"1": {"text": "a"}}',
        '{"1": {"text": 3, "metadata": {}, "vector": [1]}}',
        '{"1": {"text": "a", "metadata": [], "vector": [1]}}',
        '{"1": {"text": "a", "metadata": {}, "vector": ["x"]}}',
        '{"1": {"text": "a", "metadata": {}, "vector": [NaN]}}',
        '{"1": {"text": "a", "metadata": {}, "vector": [1' + "0" * 400 + "]}}",
        '{"1": {"text": "a", "metadata": {}, "vector": [true]}}',
        '{"1": {"text": "a", "metadata": {}, "vector": [1]}, "2": {"text": "a", "metadata": {}, "vector": [1, 2]}}',
    ],
    ids=lambda text: text[:40],
)
def test_hostile_files_are_load_errors(text: str, tmp_path: Path) -> None:
    path = tmp_path / "store.json"
    path.write_text(text)
    with pytest.raises(LoadError):
        InMemoryVectorStore.load(str(path), Letters())


def test_threads_may_write_to_the_same_file(store: InMemoryVectorStore, tmp_path: Path) -> None:
    path = str(tmp_path / "store.json")
    with ThreadPoolExecutor(8) as pool:
        for written in [pool.submit(store.dump, path) for _ in range(40)]:
            written.result()
    assert InMemoryVectorStore.load(path, Letters()).store == store.store
    assert [each.name for each in tmp_path.iterdir()] == ["store.json"]


def test_metadata_that_json_has_not_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    path = tmp_path / "store.json"
    store = InMemoryVectorStore.from_texts(["a"], Letters(), [{"k": {1}}], ids=["odd"])
    with pytest.raises(InputError, match="'odd'"):
        store.dump(str(path))
    assert list(tmp_path.iterdir()) == []


def test_a_dict_for_a_query_is_refused_with_what_to_do() -> None:
    retriever = InMemoryVectorStore(DeterministicFakeEmbedding(size=3)).as_retriever()
    with pytest.raises(InputError, match="itemgetter"):
        retriever.invoke({"question": "x"})  # type: ignore[arg-type]  # what is tested


def test_an_embedding_or_a_filter_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match="embed_documents"):
        InMemoryVectorStore(len)  # type: ignore[arg-type]  # what is tested
    store = InMemoryVectorStore.from_texts(["a"], DeterministicFakeEmbedding(size=3))
    with pytest.raises(InputError, match="filter is a function"):
        store.similarity_search("a", filter={"a": 1})
