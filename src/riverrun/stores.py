"""Stores of values by their keys."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from typing import Any, Generic, TypeAlias, TypeVar

from riverrun._pure.exceptions import RiverrunError
from riverrun.runnables.config import run_in_executor, steps_in_thread

__all__ = [
    "BaseStore",
    "ByteStore",
    "InMemoryBaseStore",
    "InMemoryByteStore",
    "InMemoryStore",
    "InvalidKeyException",
]

K = TypeVar("K")
V = TypeVar("V")


class InvalidKeyException(RiverrunError, ValueError):
    """A store can't have such a key, for instance because it would name a file outside of its directory."""


class BaseStore(ABC, Generic[K, V]):
    """Values by their keys, read and written many at a time.

    A store defines the four methods of sync code. The async ones run these in a thread; a store that can wait without one
    overrides them.
    """

    @abstractmethod
    def mget(self, keys: Sequence[K]) -> list[V | None]:
        """The values of `keys`, in their order; None for a key that isn't there."""

    @abstractmethod
    def mset(self, key_value_pairs: Sequence[tuple[K, V]]) -> None:
        """Set the values of several keys."""

    @abstractmethod
    def mdelete(self, keys: Sequence[K]) -> None:
        """Delete `keys`. One that isn't there is no error."""

    @abstractmethod
    def yield_keys(self, *, prefix: str | None = None) -> Iterator[K] | Iterator[str]:
        """The keys, those that begin with `prefix` if one is given."""

    async def amget(self, keys: Sequence[K]) -> list[V | None]:
        """`mget`, in a thread."""
        return await run_in_executor(None, self.mget, keys)

    async def amset(self, key_value_pairs: Sequence[tuple[K, V]]) -> None:
        """`mset`, in a thread."""
        await run_in_executor(None, self.mset, key_value_pairs)

    async def amdelete(self, keys: Sequence[K]) -> None:
        """`mdelete`, in a thread."""
        await run_in_executor(None, self.mdelete, keys)

    async def ayield_keys(self, *, prefix: str | None = None) -> AsyncIterator[K | str]:
        """`yield_keys`, in a thread, one ahead."""
        keys: Any
        async with aclosing(steps_in_thread(self.yield_keys, prefix=prefix)) as keys:
            async for key in keys:
                yield key


ByteStore: TypeAlias = BaseStore[str, bytes]
"""A store of bytes by text."""


class InMemoryBaseStore(BaseStore[str, V], Generic[V]):
    """Values kept in a dict of this process, in the order in which their keys came."""

    def __init__(self) -> None:
        self.store: dict[str, V] = {}

    def mget(self, keys: Sequence[str]) -> list[V | None]:
        return [self.store.get(key) for key in keys]

    def mset(self, key_value_pairs: Sequence[tuple[str, V]]) -> None:
        self.store.update(key_value_pairs)

    def mdelete(self, keys: Sequence[str]) -> None:
        for key in keys:
            self.store.pop(key, None)

    def yield_keys(self, *, prefix: str | None = None) -> Iterator[str]:
        """The keys that begin with `prefix`, all if it is None. The store may be changed meanwhile."""
        return iter([key for key in self.store if prefix is None or key.startswith(prefix)])

    async def amget(self, keys: Sequence[str]) -> list[V | None]:
        """`mget`: there is nothing to wait for."""
        return self.mget(keys)

    async def amset(self, key_value_pairs: Sequence[tuple[str, V]]) -> None:
        """`mset`, at once."""
        self.mset(key_value_pairs)

    async def amdelete(self, keys: Sequence[str]) -> None:
        """`mdelete`, at once."""
        self.mdelete(keys)

    async def ayield_keys(self, *, prefix: str | None = None) -> AsyncIterator[str]:
        """`yield_keys`, at once."""
        for key in self.yield_keys(prefix=prefix):
            yield key


class InMemoryStore(InMemoryBaseStore[Any]):
    """Values of any kind, kept in a dict of this process."""


class InMemoryByteStore(InMemoryBaseStore[bytes]):
    """Bytes, kept in a dict of this process."""
