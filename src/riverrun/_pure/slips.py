"""Which name was meant by one that nobody knows."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["meant"]


def meant(name: str, known: Iterable[str]) -> str | None:
    """The known name that `name` is a slip of; None if it is too far from all of them.

    A slip is a letter too many, too few or wrong, or two that changed places; in names of more than seven letters, two of
    them. Names of one or two letters are never slips of others.
    """
    nearest = min(((_distance(name, each), each) for each in known), default=None)
    return nearest[1] if nearest is not None and nearest[0] <= (len(name) > 2) + (len(name) > 7) else None


def _distance(a: str, b: str) -> int:
    """The least number of slips that make `b` of `a` (optimal string alignment; 3 stands for any larger number)."""
    if abs(len(a) - len(b)) > 2:
        return 3
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        above, row = row, [i]
        for j, right in enumerate(b, 1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (left != right))
            if i > 1 and j > 1 and left == b[j - 2] and a[i - 2] == right:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before = above
    return min(row[-1], 3)
