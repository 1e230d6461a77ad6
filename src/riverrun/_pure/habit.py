"""How a step streams, as it says of itself to those who ask before it runs."""

from __future__ import annotations

from typing import NamedTuple


class Habit(NamedTuple):
    """How a step streams, whatever chain it stands in. None is for what is known only when it runs."""

    transforms: bool | None
    """Whether it puts out its first chunk while its input still arrives."""
    yields: bool | None
    """Whether it may put out several chunks for a single value."""
    why: str
    """The reason, for people: a clause without a full stop."""
    picks: tuple[str, ...] = ()
    """The keys of a dict of which alone its output is made."""
