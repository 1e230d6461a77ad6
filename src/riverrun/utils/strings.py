"""Values as text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

__all__ = ["comma_list", "sanitize_for_postgres", "stringify_dict", "stringify_value"]


def stringify_value(val: Any) -> str:
    """`val` as text: a dict as lines `key: value`, a list as its items on a line each."""
    if isinstance(val, dict):
        return f"\n{stringify_dict(val)}"
    if isinstance(val, list):
        return "\n".join(map(stringify_value, val))
    return str(val)


def stringify_dict(data: dict[Any, Any]) -> str:
    """A dict as lines `key: value`."""
    return "".join(f"{key}: {stringify_value(value)}\n" for key, value in data.items())


def comma_list(items: Iterable[Any]) -> str:
    """The items as text, with commas between them."""
    return ", ".join(map(str, items))


def sanitize_for_postgres(text: str, replacement: str = "") -> str:
    """`text` without NUL characters, which PostgreSQL's text type can't hold."""
    return text.replace("\0", replacement)
