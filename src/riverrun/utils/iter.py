"""Iterators in batches and side by side."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from itertools import islice
from typing import Any, Generic, Self, TypeVar, overload

__all__ = ["Tee", "batch_iterate", "safetee"]

T = TypeVar("T")


def batch_iterate(size: int | None, iterable: Iterable[T]) -> Iterator[list[T]]:
    """The items in lists of `size`, the last one shorter perhaps; in one list if `size` is None.

    Raises:
        ValueError: `size` is less than 1; raised when the first list is asked for.
    """
    if size is not None and size < 1:
        raise ValueError(f"a batch has at least 1 item, not {size}")
    items = iter(iterable)
    while batch := list(islice(items, size)):
        yield batch


class Tee(Generic[T]):
    """`n` iterators of the same items, each of which may be read in a thread of its own.

    What one has read and another hasn't is kept, however much that is. The source is closed with the last of them. `lock`
    is held while the source is asked; a lock of its own if not given.
    """

    def __init__(
        self, iterable: Iterable[T], n: int = 2, *, lock: AbstractContextManager[Any] | None = None
    ) -> None:
        self._source = iter(iterable)
        self._lock = threading.Lock() if lock is None else lock
        self._unread: list[deque[T]] = [deque() for _ in range(n)]
        self._readers = tuple(self._read(unread) for unread in list(self._unread))

    def _read(self, unread: deque[T]) -> Iterator[T]:
        try:
            while True:
                if not unread:
                    with self._lock:
                        if not unread:  # else somebody has asked meanwhile
                            try:
                                item = next(self._source)
                            except StopIteration:
                                return
                            for each in self._unread:
                                each.append(item)
                yield unread.popleft()
        finally:
            self._leave(unread)

    def _leave(self, unread: deque[T]) -> None:
        self._unread = [each for each in self._unread if each is not unread]
        if not self._unread and (close := getattr(self._source, "close", None)) is not None:
            close()

    def __len__(self) -> int:
        return len(self._readers)

    @overload
    def __getitem__(self, item: int) -> Iterator[T]: ...
    @overload
    def __getitem__(self, item: slice) -> tuple[Iterator[T], ...]: ...
    def __getitem__(self, item: int | slice) -> Iterator[T] | tuple[Iterator[T], ...]:
        return self._readers[item]

    def __iter__(self) -> Iterator[Iterator[T]]:
        return iter(self._readers)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the iterators and the source."""
        for reader in self._readers:
            reader.close()  # type: ignore[attr-defined]  # they are generators
        if (close := getattr(self._source, "close", None)) is not None:
            close()


safetee = Tee
