"""Ids that nothing else has, without the import of `uuid`, which costs more than many a module that needs one."""

from __future__ import annotations

import os
import time

__all__ = ["new_id"]


def new_id() -> str:
    """A UUID of version 7, as text: 48 bits of Unix time in milliseconds, then random bits (RFC 9562, 5.7)."""
    random = os.urandom(10).hex()
    moment = f"{time.time_ns() // 1_000_000:012x}"
    return f"{moment[:8]}-{moment[8:]}-7{random[:3]}-{'89ab'[int(random[3], 16) & 3]}{random[4:7]}-{random[7:19]}"
