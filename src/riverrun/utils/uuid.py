"""Ids that tell when they were made."""

from __future__ import annotations

import time
from uuid import UUID

from riverrun._pure.ids import new_id

__all__ = ["uuid7"]


def uuid7(nanoseconds: int | None = None) -> UUID:
    """A UUID of version 7 (RFC 9562), of this moment or that many nanoseconds after 1970.

    Behind the milliseconds stands their fraction, in steps of a quarter of a microsecond (section 6.2, method 3), so ids made
    one after another are in order as far as the clock tells them apart.
    """
    moment = time.time_ns() if nanoseconds is None else nanoseconds
    milliseconds, rest = divmod(moment, 1_000_000)
    random = UUID(new_id()).int & ~(0xFFF << 64) & ((1 << 80) - 1)
    return UUID(int=(milliseconds & ((1 << 48) - 1)) << 80 | random | (rest << 12) // 1_000_000 << 64)
