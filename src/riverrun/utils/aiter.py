"""Async iterators in batches and side by side."""

from __future__ import annotations

import builtins
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, aclosing
from typing import Any, Generic, Self, TypeVar, overload

from riverrun._backends.aio import Lock

__all__ = ["Tee", "abatch_iterate", "aclosing", "atee", "py_anext"]

T = TypeVar("T")

py_anext = builtins.anext
"""The next item, or the default if there is none: `anext`, by a name older than it."""


async def abatch_iterate(size: int | None, iterable: AsyncIterable[T]) -> AsyncIterator[list[T]]:
    """The items in lists of `size`, the last one shorter perhaps; in one list if `size` is None.

    Raises:
        ValueError: `size` is less than 1; raised when the first list is asked for.
    """
    if size is not None and size < 1:
        raise ValueError(f"a batch has at least 1 item, not {size}")
    items = aiter(iterable)
    batch: list[T] = []
    try:
        async for item in items:
            batch.append(item)
            if len(batch) == size:
                yield batch
                batch = []
        if batch:
            yield batch
    finally:
        await _close(items)


class Tee(Generic[T]):
    """`n` async iterators of the same items, each of which may be read in a task of its own.

    What one has read and another hasn't is kept, however much that is. The source is closed with the last of them. `lock`
    is held while the source is asked; a lock of its own if not given.
    """

    def __init__(
        self,
        iterable: AsyncIterator[T],
        n: int = 2,
        *,
        lock: AbstractAsyncContextManager[Any] | None = None,
    ) -> None:
        self._source = aiter(iterable)
        self._lock: AbstractAsyncContextManager[Any] = Lock() if lock is None else lock
        self._unread: list[deque[T]] = [deque() for _ in range(n)]
        self._readers = tuple(self._read(unread) for unread in list(self._unread))

    async def _read(self, unread: deque[T]) -> AsyncGenerator[T, None]:
        try:
            while True:
                if not unread:
                    async with self._lock:
                        if not unread:  # else somebody has asked meanwhile
                            try:
                                item = await anext(self._source)
                            except StopAsyncIteration:
                                return
                            for each in self._unread:
                                each.append(item)
                yield unread.popleft()
        finally:
            self._unread = [each for each in self._unread if each is not unread]
            if not self._unread:
                await _close(self._source)

    def __len__(self) -> int:
        return len(self._readers)

    @overload
    def __getitem__(self, item: int) -> AsyncIterator[T]: ...
    @overload
    def __getitem__(self, item: slice) -> tuple[AsyncIterator[T], ...]: ...
    def __getitem__(self, item: int | slice) -> AsyncIterator[T] | tuple[AsyncIterator[T], ...]:
        return self._readers[item]

    def __iter__(self) -> Iterator[AsyncIterator[T]]:
        return iter(self._readers)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> bool:
        await self.aclose()
        return False

    async def aclose(self) -> None:
        """Close the iterators and the source."""
        for reader in self._readers:
            await reader.aclose()
        await _close(self._source)


atee = Tee


async def _close(items: Any) -> None:
    if (close := getattr(items, "aclose", None)) is not None:
        await close()
