"""Texts as vectors."""

import asyncio
import sys
import threading

import pytest

from riverrun.embeddings import DeterministicFakeEmbedding, Embeddings, FakeEmbeddings
from riverrun.exceptions import MissingExtraError


class Where(Embeddings):
    """Tells in which thread it is asked."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        return [float(threading.get_ident())]


def test_g22_embeddings_are_made_off_the_loop() -> None:
    [[vector], [other]] = asyncio.run(Where().aembed_documents(["a", "b"]))
    [queried] = asyncio.run(Where().aembed_query("a"))
    assert float(threading.get_ident()) not in (vector, other, queried)


def test_fake_embeddings_have_the_size_that_was_asked_for() -> None:
    fake = FakeEmbeddings(size=3)
    assert repr(fake) == "FakeEmbeddings(size=3)"
    assert [len(vector) for vector in fake.embed_documents(["a", "a"])] == [3, 3]
    assert fake.embed_query("a") != fake.embed_query("a")
    assert {type(number) for number in fake.embed_query("a")} == {float}


def test_deterministic_embeddings_are_the_same_everywhere() -> None:
    fake = DeterministicFakeEmbedding(size=6)
    recorded = [1.470448, -1.371042, 1.487267, 0.060404, -1.134331, -0.941777]  # by langchain-core 1.8.1
    assert fake.embed_query("a") == pytest.approx(recorded, abs=1e-6)
    assert fake.embed_documents(["b", "a"])[1] == fake.embed_query("a") == asyncio.run(fake.aembed_query("a"))
    assert fake.embed_query("b") != fake.embed_query("a")


def test_a_missing_numpy_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numpy", None)
    with pytest.raises(MissingExtraError, match=r"riverrun\[numpy\]"):
        FakeEmbeddings(size=2).embed_query("a")


def test_embeddings_need_their_methods() -> None:
    with pytest.raises(TypeError, match="embed_query"):
        Embeddings()  # type: ignore[abstract]  # that is the test
