"""Which vectors are close to a query, and far from each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from riverrun._pure.exceptions import InputError
from riverrun.embeddings._numpy import numpy_for

__all__ = ["cosine_similarity", "maximal_marginal_relevance"]

NEEDS = "vector searches"


def cosine_similarity(X: Any, Y: Any) -> Any:
    """The cosine of the angle between each row of `X` and each of `Y`, between -1 and 1, as a numpy array of two dimensions.

    A vector of zeros is similar to nothing: 0.

    Raises:
        InputError: their rows have not the same length, or a number is none.
        MissingExtraError: numpy is not installed.
    """
    numpy = numpy_for(NEEDS)
    rows, columns = numpy.asarray(X, dtype=float), numpy.asarray(Y, dtype=float)
    if not rows.size or not columns.size:
        return numpy.zeros((len(rows), len(columns)))
    rows, columns = numpy.atleast_2d(rows), numpy.atleast_2d(columns)
    if rows.shape[1] != columns.shape[1]:
        raise InputError(
            f"vectors of {rows.shape[1]} numbers can't be compared with vectors of {columns.shape[1]}"
        )
    if numpy.isnan(rows).any() or numpy.isnan(columns).any():
        raise InputError("a vector to be compared holds NaN, which is no number")
    norms = numpy.outer(numpy.linalg.norm(rows, axis=1), numpy.linalg.norm(columns, axis=1))
    return numpy.divide(rows @ columns.T, norms, out=numpy.zeros(norms.shape), where=norms > 0)


def maximal_marginal_relevance(
    query_embedding: Any, embedding_list: Sequence[Any], lambda_mult: float = 0.5, k: int = 4
) -> list[int]:
    """The indices of up to `k` vectors that are similar to the query and not to each other, the best first.

    Each time it takes the vector whose similarity to the query, times `lambda_mult`, exceeds by most its similarity to the
    closest of those taken, times `1 - lambda_mult` (Carbonell and Goldstein, SIGIR 1998).

    Raises:
        InputError: the vectors have not the length of the query.
        MissingExtraError: numpy is not installed.
    """
    numpy = numpy_for(NEEDS)
    wanted = min(k, len(embedding_list))
    if wanted <= 0:
        return []
    vectors = numpy.asarray(embedding_list, dtype=float)
    relevance = cosine_similarity(numpy.atleast_2d(query_embedding), vectors)[0]
    taken = [int(numpy.argmax(relevance))]
    repeats = numpy.full(len(vectors), -numpy.inf)
    left = numpy.ones(len(vectors), dtype=bool)
    while len(taken) < wanted:
        left[taken[-1]] = False
        repeats = numpy.maximum(repeats, cosine_similarity(vectors[taken[-1]], vectors)[0])
        gain = lambda_mult * relevance - (1 - lambda_mult) * repeats
        taken.append(int(numpy.argmax(numpy.where(left, gain, -numpy.inf))))
    return taken
