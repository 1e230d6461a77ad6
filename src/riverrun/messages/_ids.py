"""Ids: those that are made here begin so that they can be told from a provider's."""

from __future__ import annotations

from collections.abc import Iterable

from riverrun._pure.ids import new_id

__all__ = ["LC_AUTO_PREFIX", "LC_ID_PREFIX", "ensure_id", "preferred_id"]

LC_AUTO_PREFIX = "lc_"
"""How an id begins that was made because there was none."""
LC_ID_PREFIX = "lc_run-"
"""How the id of a message begins that got it from the run it was made in."""


def ensure_id(id_val: str | None) -> str:
    """`id_val`, or if there is none an id that nothing else has."""
    return id_val or f"{LC_AUTO_PREFIX}{new_id()}"


def preferred_id(ids: Iterable[str | None]) -> str | None:
    """The id of a sum: the first that a provider gave, else the first made for a run, else the first there is."""
    return min(filter(None, ids), key=_rank, default=None)


def _rank(id: str) -> int:
    if id.startswith(("run-", LC_ID_PREFIX)):
        return 1
    return 2 if id.startswith(LC_AUTO_PREFIX) else 0
