"""Embeddings for tests, which need no model."""

from __future__ import annotations

import hashlib
from typing import Any

from pydantic import BaseModel

from riverrun.embeddings._numpy import numpy_for
from riverrun.embeddings.embeddings import Embeddings

__all__ = ["DeterministicFakeEmbedding", "FakeEmbeddings"]


class _Drawn(Embeddings, BaseModel):
    size: int
    """How many numbers a vector has."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.embed_query(text) for text in texts]


class FakeEmbeddings(_Drawn):
    """Vectors of normally distributed numbers, others each time.

    Raises:
        MissingExtraError: numpy is not installed.
    """

    def embed_query(self, text: str) -> list[float]:
        return normal(self.size, None)


class DeterministicFakeEmbedding(_Drawn):
    """Vectors of normally distributed numbers, always the same for the same text.

    Raises:
        MissingExtraError: numpy is not installed.
    """

    def embed_query(self, text: str) -> list[float]:
        data = text.encode(errors="surrogatepass")  # a text may be cut anywhere
        return normal(self.size, int(hashlib.sha256(data).hexdigest(), 16) % 10**8)


def normal(size: int, seed: int | None) -> list[float]:
    """`size` numbers of mean 0 and variance 1, the same for the same seed."""
    drawn: Any = numpy_for("fake embeddings").random.default_rng(seed).normal(size=size)
    return drawn.tolist()  # type: ignore[no-any-return]  # numpy may not be there to tell
