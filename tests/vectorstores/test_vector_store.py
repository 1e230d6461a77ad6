"""Vector stores that users write, and the retrievers over them."""

import asyncio
import logging
from typing import Any

import pytest
from pydantic import ValidationError

from riverrun.documents import Document
from riverrun.embeddings import Embeddings
from riverrun.exceptions import InputError
from riverrun.vectorstores import VectorStore, VectorStoreRetriever


class Letters(Embeddings):
    """How often each of four letters stands in a text."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        return [float(text.count(letter)) for letter in "abcd"]


class Bare(VectorStore):
    """No more than is needed; keeps what it is called with."""

    def __init__(self) -> None:
        self.calls: list[Any] = []

    def similarity_search(self, query: str, k: int = 4, **kwargs: Any) -> list[Document]:
        return [Document(f"{query} {k} {kwargs}")]

    @classmethod
    def from_texts(
        cls, texts: Any, embedding: Any, metadatas: Any = None, *, ids: Any = None, **kwargs: Any
    ) -> "Bare":
        store = cls()
        store.calls.append((texts, metadatas, ids, kwargs))
        return store


class TakesTexts(Bare):
    def add_texts(self, texts: Any, metadatas: Any = None, *, ids: Any = None, **kwargs: Any) -> list[str]:
        self.calls.append((list(texts), metadatas, ids, kwargs))
        return ["made"]


class TakesDocuments(Bare):
    def add_documents(self, documents: list[Document], **kwargs: Any) -> list[str]:
        self.calls.append((documents, kwargs))
        return ["made"]


class Scored(Bare):
    def similarity_search_with_score(self, *args: Any, **kwargs: Any) -> list[tuple[Document, float]]:
        return [(Document("a"), 0.1), (Document("b"), 0.9)]

    def _select_relevance_score_fn(self) -> Any:
        return self._cosine_relevance_score_fn


def test_a_store_that_takes_texts_takes_documents() -> None:
    documents = [Document("a", id="1", metadata={"m": 1}), Document("b")]
    store = TakesTexts()
    assert store.add_documents(documents, x=1) == ["made"]
    assert asyncio.run(store.aadd_documents(documents)) == ["made"]
    store.add_documents(documents, ids=["7", "8"])
    store.add_documents(documents[1:])
    texts, metadatas = ["a", "b"], [{"m": 1}, {}]
    assert store.calls == [
        (texts, metadatas, ["1", None], {"x": 1}),
        (texts, metadatas, ["1", None], {}),
        (texts, metadatas, ["7", "8"], {}),
        (["b"], [{}], None, {}),
    ]


def test_a_store_that_takes_documents_takes_texts() -> None:
    store = TakesDocuments()
    assert store.add_texts(iter(["a", "b"]), [{"m": 1}, {"m": 2}], ids=["1", "2"]) == ["made"]
    assert asyncio.run(store.aadd_texts(["a"])) == ["made"]
    made = [Document("a", id="1", metadata={"m": 1}), Document("b", id="2", metadata={"m": 2})]
    assert store.calls == [(made, {"ids": ["1", "2"]}), ([Document("a")], {})]


def test_the_async_methods_that_a_store_defines_serve_each_other() -> None:
    class Async(Bare):
        async def aadd_texts(
            self, texts: Any, metadatas: Any = None, *, ids: Any = None, **kwargs: Any
        ) -> Any:
            return [*texts, metadatas, ids]

    assert asyncio.run(Async().aadd_documents([Document("a", id="1")])) == ["a", [{}], ["1"]]


@pytest.mark.parametrize("odd", [{"metadatas": [{}]}, {"ids": ["1"]}])
def test_bad_input_of_unequal_lists_names_the_list(odd: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=next(iter(odd))):
        TakesDocuments().add_texts(["a", "b"], **odd)


def test_a_store_is_made_of_documents() -> None:
    documents = [Document("a", id="1", metadata={"m": 1}), Document("b")]
    given: list[Any] = [(["a", "b"], [{"m": 1}, {}], ["1", None], {"x": 1})]
    assert Bare.from_documents(documents, Letters(), x=1).calls == given
    assert asyncio.run(Bare.afrom_documents(documents, Letters(), x=1)).calls == given
    assert Bare.from_documents([Document("a")], Letters()).calls == [(["a"], [{}], None, {})]


def test_what_a_store_does_not_define_is_named() -> None:
    store = Bare()
    for name, args in [
        ("add_texts", (["a"],)),
        ("add_documents", ([Document("a")],)),
        ("delete", (["1"],)),
        ("get_by_ids", (["1"],)),
        ("similarity_search_with_score", ("q",)),
        ("similarity_search_by_vector", ([1.0],)),
        ("max_marginal_relevance_search", ("q",)),
        ("max_marginal_relevance_search_by_vector", ([1.0],)),
    ]:
        with pytest.raises(NotImplementedError, match=f"Bare defines.* {name}"):
            getattr(store, name)(*args)
        with pytest.raises(NotImplementedError, match=f"Bare defines.* {name}"):
            asyncio.run(getattr(store, f"a{name}")(*args))
    with pytest.raises(NotImplementedError, match="_select_relevance_score_fn"):
        store.similarity_search_with_relevance_scores("q")


def test_search_is_named_by_its_kind() -> None:
    assert Bare().search("q", "similarity", k=2) == [Document("q 2 {}")]
    assert asyncio.run(Bare().asearch("q", "similarity", x=1)) == [Document("q 4 {'x': 1}")]
    assert Scored().search("q", "similarity_score_threshold", score_threshold=0.5) == [Document("a")]
    for run in (Bare().search, lambda *args: asyncio.run(Bare().asearch(*args))):
        with pytest.raises(InputError, match=r"search_type must be one of 'similarity'.*'other'"):
            run("q", "other")


def test_relevance_is_what_the_score_means(caplog: pytest.LogCaptureFixture) -> None:
    store = Scored()
    found = store.similarity_search_with_relevance_scores("q")
    assert [(each.page_content, round(score, 3)) for each, score in found] == [("a", 0.9), ("b", 0.1)]
    assert asyncio.run(store.asimilarity_search_with_relevance_scores("q", score_threshold=0.5)) == found[:1]
    with caplog.at_level(logging.WARNING, "riverrun"):
        assert store.similarity_search_with_relevance_scores("q", score_threshold=0.95) == []
    assert "0.95" in caplog.text


def test_relevance_outside_of_its_range_is_warned_of() -> None:
    class Odd(Scored):
        def _select_relevance_score_fn(self) -> Any:
            return lambda score: score * 2

    with pytest.warns(UserWarning, match=r"\[1\.8\]"):
        Odd().similarity_search_with_relevance_scores("q")


@pytest.mark.parametrize(
    ("name", "distance", "relevance"),
    [
        ("_euclidean_relevance_score_fn", 0.5, 0.6464466094067263),
        ("_cosine_relevance_score_fn", 0.3, 0.7),
        ("_max_inner_product_relevance_score_fn", 0.3, 0.7),
        ("_max_inner_product_relevance_score_fn", -0.3, 0.3),
    ],
)
def test_relevance_of_a_distance(name: str, distance: float, relevance: float) -> None:
    assert getattr(VectorStore, name)(distance) == pytest.approx(relevance)


def test_retriever_of_a_store_passes_its_keywords() -> None:
    retriever = Bare().as_retriever(search_kwargs={"k": 7, "x": 1})
    assert retriever.invoke("q") == [Document("q 7 {'x': 1}")]
    assert (
        retriever.invoke("q", k=2) == asyncio.run(retriever.ainvoke("q", k=2)) == [Document("q 2 {'x': 1}")]
    )
    threshold = Scored().as_retriever(
        search_type="similarity_score_threshold", search_kwargs={"score_threshold": 0.5}
    )
    assert threshold.invoke("q") == asyncio.run(threshold.ainvoke("q")) == [Document("a")]


def test_retriever_of_a_store_adds_documents_and_says_where_it_searches() -> None:
    store = TakesTexts()
    retriever = store.as_retriever()
    assert retriever.add_documents([Document("a")]) == ["made"]
    assert asyncio.run(retriever.aadd_documents([Document("a")])) == ["made"]
    assert (retriever.tags, store.as_retriever(tags=["t"]).tags) == (["TakesTexts"], ["t"])
    assert retriever._get_ls_params() == {
        "ls_retriever_name": "vectorstore",
        "ls_vector_store_provider": "TakesTexts",
    }


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"search_type": "other"}, "search_type must be one of .*'other'"),
        ({"search_type": "similarity_score_threshold"}, "score_threshold"),
        (
            {"search_type": "similarity_score_threshold", "search_kwargs": {"score_threshold": "x"}},
            "score_threshold",
        ),
    ],
)
def test_bad_input_of_a_retriever_names_the_field(fields: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        Bare().as_retriever(**fields)
    with pytest.raises(ValidationError, match="vectorstore"):
        VectorStoreRetriever(vectorstore=3)


def test_a_store_without_its_methods_cannot_be_made() -> None:
    with pytest.raises(TypeError, match="similarity_search"):
        VectorStore()  # type: ignore[abstract]  # that is the test
