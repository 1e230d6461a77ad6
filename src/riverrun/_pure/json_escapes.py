"""Where a JSON string that is still arriving ends, and up to where its escapes can be told."""

from __future__ import annotations

import re

__all__ = ["before_unfinished_escape", "has_end", "may_be_escapes"]

_escape_so_far = re.compile(r"\\(?:u[0-9a-fA-F]{0,3})?").fullmatch
_is_high = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}").fullmatch


def before_unfinished_escape(text: str, pos: int) -> int:
    """Up to where the string that goes on at `pos` can be decoded: an escape, or a pair of surrogates, may lack its end."""
    last = text.rfind("\\", max(pos, len(text) - 6))
    if last < 0 or not begins_escape(text, last, pos):
        return len(text)
    escape = text[last:]
    if len(escape) > 6 or (len(escape) == 6 and escape[1] == "u" and not _is_high(escape)):
        return len(text)
    if len(escape) >= 2 and escape[1] != "u":
        return len(text)
    if len(escape) < 6 and last - 6 >= pos and _is_high(text[last - 6 : last]):
        return last - 6 if begins_escape(text, last - 6, pos) else last
    return last


def has_end(text: str, pos: int) -> bool:
    """Whether the string that goes on at `pos` ends in `text`. Asking costs less than the error of a string that doesn't."""
    quote = text.find('"', pos)
    while quote > pos and text[quote - 1] == "\\" and begins_escape(text, quote - 1, pos):
        quote = text.find('"', quote + 1)
    return quote >= 0


def begins_escape(text: str, at: int, pos: int) -> bool:
    """Whether the backslash at `at` begins an escape, and is not itself what one before it escapes."""
    before = at
    while before > pos and text[before - 1] == "\\":
        before -= 1
    return (at - before) % 2 == 0


def may_be_escapes(held: str) -> bool:
    """Whether what `before_unfinished_escape` left out is the beginning of escapes."""
    if _is_high(held[:6]) and len(held) >= 6:
        held = held[6:]
    return not held or _escape_so_far(held) is not None
