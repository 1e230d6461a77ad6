"""Reprs for people: they never raise, stay short however deep a thing goes, and show no secrets."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from types import BuiltinFunctionType, FunctionType
from typing import Any, TypeVar

T = TypeVar("T")

LENGTH = 10_000
"""How many characters one repr has at most, the things inside included."""

DEPTH = 12
"""How many things inside each other it shows."""

VALUE_LENGTH = 300
"""How many characters of a plain value it shows."""

STARS = "**********"


def is_secret(name: Any) -> bool:
    """Whether what goes by this name should not be seen: keys, tokens, passwords."""
    return isinstance(name, str) and re.search(_SECRET, name, re.IGNORECASE) is not None


_SECRET = r"(api|access|private|secret)[_-]?key|token$|secret|passw|credential|authorization"


def masked(value: Any, name: Any = None, mask: Callable[[Any], Any] = lambda name: STARS) -> Any:
    """`value` with `mask(name)`, stars, for the texts in it that go by the name of a secret: by a key of a dict, the first
    of a pair, or the name of the list they stand in."""
    if isinstance(value, str | bytes):
        return mask(name) if value and is_secret(name) else value
    if type(value) is dict:
        return {key: masked(item, key, mask) for key, item in value.items()}
    if type(value) is tuple and len(value) == 2 and is_secret(value[0]):
        return (value[0], masked(value[1], value[0], mask))
    if type(value) in (list, tuple):
        return type(value)([masked(item, name, mask) for item in value])
    if type(value) in (set, frozenset) and value:
        return mask(name) if is_secret(name) else value
    return value


class _Room(threading.local):
    """What is left of the room for the repr that is being written in this thread."""

    depth = 0
    length = 0


_room = _Room()


def bounded(write: Callable[[T], str]) -> Callable[[T], str]:
    """A `__repr__` made of one that may raise, or never come to an end."""

    @wraps(write)
    def __repr__(self: T) -> str:
        if _room.depth == 0:
            _room.length = LENGTH
        if _room.depth == DEPTH or _room.length <= 0:
            return f"{type(self).__name__}(...)"
        before = _room.length
        _room.depth += 1
        try:
            text = write(self)
        except Exception:  # half-made, or it holds what has no repr; who looks at it is debugging
            text = f"{type(self).__name__}(...)"
        finally:
            _room.depth -= 1
        _room.length = before - len(text)
        return cut(text, LENGTH)

    return __repr__


class Verbatim(str):
    """Text that stands in a repr as it is, without quotes."""

    __slots__ = ()


def call_repr(thing: Any) -> str:
    """`Name(key=value, ...)` of the pairs that `__repr_args__` gives; a pair without a key is a positional argument."""
    args = (f"{key}={_show(value, key)}" if key else _show(value) for key, value in thing.__repr_args__())
    return f"{type(thing).__name__}({', '.join(args)})"


def chain_repr(steps: Iterable[Any]) -> str:
    """`a`, and on a line of its own each that follows: `| b`."""
    lines = _some(map(repr, steps))
    return "\n| ".join(_indented(text, 2 if n else 0) for n, text in enumerate(lines))


def dict_repr(steps: Mapping[str, Any]) -> str:
    """`{`, a line for each key, `}`."""
    lines = _some(f"{key}: {_indented(repr(step), len(key) + 2)}" for key, step in steps.items())
    inside = "".join(f"\n  {_indented(text, 2)}," for text in lines)
    return f"{{{inside[:-1]}\n}}" if inside else "{}"


def _show(value: Any, name: str | None = None) -> str:
    """A value among the arguments in a repr, on one line if it is short."""
    value = masked(value, name)
    if isinstance(value, Verbatim):
        return _plain(value)
    if isinstance(value, str | bytes):
        return _plain(repr(value[:VALUE_LENGTH]))
    if isinstance(value, Mapping):
        return f"{{{', '.join(_some(f'{key!r}: {_show(item, key)}' for key, item in value.items()))}}}"
    if type(value) in (list, tuple):
        opening, closing = "[]" if type(value) is list else "()"
        items = ", ".join(_some(_show(item) for item in value))
        return f"{opening}{items}{',' if type(value) is tuple and len(value) == 1 else ''}{closing}"
    if isinstance(value, type | FunctionType | BuiltinFunctionType):
        return _plain(value.__name__)
    room = _room.length
    text = repr(value)
    if _room.length == room:  # what is `bounded` has taken its own
        return _plain(text)
    flat = re.sub(r"\n\s*", " ", re.sub(r"(?<=\{)\n\s*|\n\s*(?=\})", "", text))
    return flat if len(flat) <= 100 else text


def _plain(text: str) -> str:
    text = cut(text, VALUE_LENGTH)
    _room.length -= len(text)
    return text


def _some(texts: Iterable[str]) -> Iterable[str]:
    for text in texts:
        yield text
        if _room.length <= 0:
            yield "..."
            return


def _indented(text: str, by: int) -> str:
    """`text`, its lines but the first moved to the right."""
    return text.replace("\n", "\n" + " " * by)


def cut(text: str, length: int) -> str:
    """`text`, of `length` characters at most."""
    return text if len(text) <= length else f"{text[: length - 3]}..."
