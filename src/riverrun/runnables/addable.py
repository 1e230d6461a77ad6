"""A dict of chunks that adds up key by key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from riverrun._pure.fold import fold


class AddableDict(dict[str, Any]):
    """A dict whose `+` adds the values of equal keys, and takes the later one where they don't add. None counts as absent."""

    __slots__ = ()

    def __add__(self, other: Mapping[str, Any]) -> AddableDict:
        return self.__fold__([self, other])

    def __radd__(self, other: Mapping[str, Any]) -> AddableDict:
        return self.__fold__([other, self])

    @classmethod
    def __fold__(cls, chunks: Sequence[Mapping[str, Any]]) -> AddableDict:
        parts: dict[str, list[Any]] = {}
        for chunk in chunks:
            for key, value in chunk.items():
                values = parts.setdefault(key, [])
                if value is not None:
                    values.append(value)
        return cls({key: fold(values) if values else None for key, values in parts.items()})
