"""Vectors as the rows of one matrix, which is searched by one product."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from riverrun._pure.exceptions import InputError
from riverrun.embeddings._numpy import numpy_for

__all__ = ["NEEDS", "Rows"]

NEEDS = "vector stores"


class Rows:
    """Vectors in the order in which they came.

    The matrix doubles when it is full, so adding a vector costs the same at the end as at the beginning. A row that is
    removed stays, marked as dead, until half of them are.
    """

    __slots__ = ("_alive", "_matrix", "_norms", "count", "dead")

    def __init__(self) -> None:
        self._matrix: Any = None
        self._norms: Any = None
        self._alive: Any = None
        self.count = 0
        """How many rows there are, the dead ones too."""
        self.dead = 0

    def checked(self, vectors: Sequence[Sequence[float]], owner: Callable[[int], str]) -> Any:
        """`vectors` as rows that belong here; `owner` says whose the vector at an index is.

        Raises:
            InputError: one has another length than the others, or holds what is no number.
        """
        numpy = numpy_for(NEEDS)
        width = None if self._matrix is None else self._matrix.shape[1]
        try:
            rows = numpy.asarray(vectors, dtype=float)
        except (ValueError, TypeError, OverflowError):
            raise _misfit(vectors, width, owner) from None
        if rows.ndim != 2 or width not in (None, rows.shape[1]):
            raise _misfit(vectors, width, owner)
        finite = numpy.isfinite(rows).all(axis=1)
        if not finite.all():
            raise InputError(
                f"{owner(int(numpy.argmin(finite)))} holds NaN or infinity, which is close to nothing"
            )
        return rows

    def append(self, rows: Any) -> None:
        """Add rows, as `checked` gives them."""
        count = self.count + len(rows)
        self._reserve(count, rows.shape[1])
        self._matrix[self.count : count] = rows
        self._norms[self.count : count] = self._lengths(rows)
        self._alive[self.count : count] = True
        self.count = count

    def replace(self, place: int, row: Any) -> None:
        """Put another vector in the place of one."""
        self._matrix[place] = row
        self._norms[place] = self._lengths(row.reshape(1, -1))[0]

    def remove(self, place: int) -> None:
        """Mark a row as dead."""
        self._alive[place] = False
        self.dead += 1

    def compact(self) -> list[int]:
        """Drop the dead rows; the places of those that are left, in the order that they have now."""
        numpy = numpy_for(NEEDS)
        left = numpy.flatnonzero(self._alive[: self.count])
        self._matrix = self._matrix[left] if len(left) else None  # the next ones may have another length
        self._norms = self._norms[left]
        self._alive = numpy.ones(len(left), dtype=bool)
        self.count, self.dead = len(left), 0
        return left.tolist()  # type: ignore[no-any-return]  # numpy may not be there to tell

    def vector(self, place: int) -> list[float]:
        """The numbers of one."""
        return self._matrix[place].tolist()  # type: ignore[no-any-return]

    @property
    def matrix(self) -> Any:
        """All of them. Who keeps it finds in it the places of now, though more are added and the dead ones dropped."""
        return self._matrix

    def closest(self, query: Sequence[float], k: int | None) -> list[tuple[int, float]]:
        """The places of the `k` closest vectors by the cosine of the angle, or of all, each with its cosine, the closest first.

        Of those that are equally close the last comes first. A vector of zeros is close to nothing: 0.

        Raises:
            InputError: the query has another length than the vectors, or holds what is no number.
        """
        numpy = numpy_for(NEEDS)
        [wanted] = self.checked([query], lambda _: "the query")
        if self.count == self.dead or (k is not None and k <= 0):
            return []
        norms = self._norms[: self.count] * numpy.linalg.norm(wanted)
        cosines = numpy.zeros(self.count)
        numpy.divide(self._matrix[: self.count] @ wanted, norms, out=cosines, where=norms > 0)
        places = numpy.flatnonzero(self._alive[: self.count])
        cosines = cosines[places]
        if k is not None and k < len(places):  # sort no more than is asked for
            last = numpy.partition(cosines, len(places) - k)[len(places) - k]
            near = cosines >= last
            places, cosines = places[near], cosines[near]
        order = numpy.argsort(cosines, kind="stable")[::-1][:k]
        return list(zip(places[order].tolist(), cosines[order].tolist(), strict=True))

    def _reserve(self, count: int, width: int) -> None:
        numpy = numpy_for(NEEDS)
        if self._matrix is None:
            self._matrix, self._norms = numpy.empty((max(count, 8), width)), numpy.empty(max(count, 8))
            self._alive = numpy.empty(max(count, 8), dtype=bool)
        elif count > len(self._norms):
            room = max(count, 2 * len(self._norms))
            for name in ("_matrix", "_norms", "_alive"):
                old = getattr(self, name)
                new = numpy.empty((room, *old.shape[1:]), dtype=old.dtype)
                new[: self.count] = old[: self.count]
                setattr(self, name, new)

    @staticmethod
    def _lengths(rows: Any) -> Any:
        numpy = numpy_for(NEEDS)
        return numpy.sqrt(numpy.einsum("ij,ij->i", rows, rows))  # an eighth of the time of linalg.norm


def _misfit(vectors: Sequence[Any], width: int | None, owner: Callable[[int], str]) -> InputError:
    """What is wrong with `vectors`: which of them is the first that is no row, or of another length."""
    numpy = numpy_for(NEEDS)
    for i, vector in enumerate(vectors):
        try:
            row = numpy.asarray(vector, dtype=float)
        except (ValueError, TypeError, OverflowError) as error:
            return InputError(f"{owner(i)} is no row of numbers: {error}")
        if row.ndim != 1:
            return InputError(f"{owner(i)} is no row of numbers, but of {row.ndim} dimensions")
        if width is None:
            width = len(row)
        if len(row) != width:
            return InputError(f"{owner(i)} has {len(row)} numbers, where the vectors here have {width}")
    return InputError("the vectors are no rows of numbers")
