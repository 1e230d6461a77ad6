"""Reads JSON text that may have been cut anywhere: what is certain of the value so far.

Each call reads the whole text once. It is for text that is short or read seldom, such as the arguments of a tool call.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

__all__ = ["UNREADABLE", "parse_partial"]


class _Unreadable:
    __slots__ = ()

    def __repr__(self) -> str:
        return "UNREADABLE"


UNREADABLE: Final = _Unreadable()
"""What `parse_partial` makes of a text in which no value has begun."""

# Compiled, and kept by `re`, when first used: most programs that import this never do.
# No possessive quantifiers: before Python 3.11.3 they lose their place inside a group (python/cpython#101955).
_TOKEN = r'\s+|"[^"\\]*(?:\\[\s\S][^"\\]*)*"|[\[\]{},:]|[^\s"\[\]{},:]+|"'
_STRING_SO_FAR = r'"[^"\\]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\]*)*'
_STRING = _STRING_SO_FAR + '"'
_CLOSER = {"{": "}", "[": "]"}
_NUMBER = r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?"


def parse_partial(text: str) -> Any:
    """The JSON value that `text` is the beginning of, as far as it is certain, or `UNREADABLE`; it never raises.

    An unfinished string shows what has arrived of it, an unfinished number, literal or key does not show at all. Text that
    is no JSON ends the value where it begins, and so does a nesting deeper than the interpreter's recursion limit allows.
    """
    closers: list[str] = []
    sure = 0  # up to here the text, closed by `closers`, is a value
    tail = ""  # a string whose end hasn't arrived
    wanted = "value"  # or: key (or the end of an object), first (an item or the end of a list), colon, more (a comma or the end)
    for match in re.finditer(_TOKEN, text):
        token = match.group()
        mark = token[0]
        if mark.isspace():
            continue
        if mark in "{[":
            if wanted not in ("value", "first"):
                break
            closers.append(_CLOSER[mark])
            wanted = "key" if mark == "{" else "first"
        elif mark in "}]":
            if wanted not in ("more", "first" if mark == "]" else "key") or closers[-1] != mark:
                break
            closers.pop()
            wanted = "more"
        elif mark == ",":
            if wanted != "more":
                break
            wanted = "another key" if closers[-1] == "}" else "value"
            continue
        elif mark == ":":
            if wanted != "colon":
                break
            wanted = "value"
            continue
        elif wanted in ("key", "another key"):
            if mark != '"' or not _is_string(token):
                break
            wanted = "colon"
            continue
        elif wanted not in ("value", "first"):
            break
        elif mark == '"' and not _is_string(token):
            tail = _string_so_far(text, match.start())
            if tail:
                tail = text[sure : match.start()] + tail
            break
        elif mark != '"' and not _is_final(token, match.end() == len(text)):
            break
        else:
            wanted = "more"
        sure = match.end()
        if not closers:
            break
    if not sure and not tail:
        return UNREADABLE
    try:
        return json.loads(text[:sure] + tail + "".join(reversed(closers)), strict=False)
    except (ValueError, RecursionError):  # a number of thousands of digits, a nesting too deep
        return UNREADABLE


def _is_string(token: str) -> bool:
    return token != '"' and ("\\" not in token or re.fullmatch(_STRING, token) is not None)


def _is_final(token: str, at_end: bool) -> bool:
    return token in ("true", "false", "null") or (not at_end and re.fullmatch(_NUMBER, token) is not None)


def _string_so_far(text: str, start: int) -> str:
    match = re.match(_STRING_SO_FAR, text[start:])
    assert match is not None  # it begins with a quote
    string: str = json.loads(match.group() + '"', strict=False)
    if string and "\ud800" <= string[-1] <= "\udbff":  # half of a pair
        string = string[:-1]
    return json.dumps(string)
