"""What values become when they are dumped: plain data that JSON knows."""

from __future__ import annotations

import json
from typing import Any

from riverrun._pure.exceptions import LoadError
from riverrun._pure.record import Record
from riverrun._pure.serialized import Secret, Serialized, constructor, not_implemented, path_of
from riverrun.load.serializable import Serializable

__all__ = ["DEPTH", "ESCAPED", "Serializable", "default", "dumpd", "dumps"]

DEPTH = 150
"""How many things inside each other a dump may have."""
LEAVES = frozenset((str, int, float, bool, type(None)))
"""The classes of values that have nothing inside, told apart at no cost."""
_ENDLESS = f"more than {DEPTH} things inside each other can't be dumped; is one inside itself?"

ESCAPED = "__lc_escaped__"
"""The only key of a dict in place of one that is data, but looks as dumps of objects do."""


def dumpd(obj: Any) -> Any:
    """`obj` as plain data.

    Messages, documents, prompts, outputs and steps become the name of their class and their settings; what can't be made
    again becomes its name and its repr. Secrets become the name of the variable that holds them. A dict of a user's that
    looks like any of these is wrapped, so that it is read back as what it is.

    Raises:
        LoadError: things inside each other without end, or too many. It is a ValueError.
    """
    try:
        return _plain(obj, 0)
    except RecursionError:
        raise LoadError(_ENDLESS) from None


def dumps(obj: Any, *, pretty: bool = False, **kwargs: Any) -> str:
    """`dumpd` as JSON text, on several lines if `pretty`. `kwargs` are those of `json.dumps`.

    Raises:
        ValueError: `default` is among them, or things are inside each other without end.
    """
    if "default" in kwargs:
        raise ValueError("dumps says itself what becomes of an object: it takes no `default`")
    if pretty:
        kwargs.setdefault("indent", 2)
    return json.dumps(dumpd(obj), **kwargs)


def default(obj: Any) -> Any:
    """What stands for an object that JSON doesn't know: `json.dumps(..., default=default)`."""
    if _is_serialized(obj):
        return _plain(obj, 0)
    return not_implemented(obj)


def _plain(value: Any, depth: int) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return str(value)
    if depth >= DEPTH:
        raise LoadError(_ENDLESS)
    if isinstance(value, dict):
        return _plain_dict(value, depth)
    if isinstance(value, list | tuple):
        return [each if each.__class__ in LEAVES else _plain(each, depth + 1) for each in value]
    if not _is_serialized(value):
        return not_implemented(value)
    said = value.to_json() if hasattr(type(value), "to_json") else constructor(value)
    if said.get("type") != "constructor":
        return said
    kwargs = {
        str(name): each if each.__class__ in LEAVES else _plain(each, depth + 1)
        for name, each in said.get("kwargs", {}).items()
    }
    return {**said, "kwargs": kwargs}


def _plain_dict(value: dict[Any, Any], depth: int) -> Any:
    if type(value) is Secret:
        return dict(value)
    if not all(isinstance(key, str | int | float | None) for key in value):
        return not_implemented(value)
    plain = {_key(key): _plain(each, depth + 1) for key, each in value.items()}
    if "lc" in plain or list(plain) == [ESCAPED]:
        return {ESCAPED: {_key(key): _verbatim(each, depth + 1) for key, each in value.items()}}
    return plain


def _verbatim(value: Any, depth: int) -> Any:
    """What stands inside a wrapped dict, which is read back as it is: nothing in it is wrapped again."""
    if depth >= DEPTH:
        raise LoadError(_ENDLESS)
    if isinstance(value, dict) and all(isinstance(key, str | int | float | None) for key in value):
        return {_key(key): _verbatim(each, depth + 1) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_verbatim(each, depth + 1) for each in value]
    return _plain(value, depth)


def _key(key: Any) -> str:
    """A key as JSON writes it."""
    return key if isinstance(key, str) else json.dumps(key)


def _is_serialized(value: Any) -> bool:
    cls = type(value)
    return (
        isinstance(value, Serialized)
        or (isinstance(value, Record) and cls.is_lc_serializable())
        or bool(path_of(cls))
    )
