"""Stores of values by keys."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from riverrun.exceptions import LangChainException
from riverrun.stores import (
    BaseStore,
    ByteStore,
    InMemoryBaseStore,
    InMemoryByteStore,
    InMemoryStore,
    InvalidKeyException,
)


class Blocking(BaseStore[str, int]):
    """Keeps its values in a dict, and the threads it is asked in."""

    def __init__(self) -> None:
        self.values: dict[str, int] = {}
        self.threads: list[int] = []
        self.closed = False

    def mget(self, keys: Sequence[str]) -> list[int | None]:
        self.threads.append(threading.get_ident())
        return [self.values.get(key) for key in keys]

    def mset(self, key_value_pairs: Sequence[tuple[str, int]]) -> None:
        self.threads.append(threading.get_ident())
        self.values.update(key_value_pairs)

    def mdelete(self, keys: Sequence[str]) -> None:
        self.threads.append(threading.get_ident())
        for key in keys:
            self.values.pop(key, None)

    def yield_keys(self, *, prefix: str | None = None) -> Iterator[str]:
        try:
            for key in self.values:
                self.threads.append(threading.get_ident())
                if key.startswith(prefix or ""):
                    yield key
        finally:
            self.threads.append(threading.get_ident())
            self.closed = True


@pytest.mark.parametrize("make", [Blocking, InMemoryStore, InMemoryByteStore, InMemoryBaseStore])
def test_values_are_found_by_their_keys(make: Any) -> None:
    store = make()
    store.mset([("a1", 1), ("b1", 2), ("a2", 3)])
    assert store.mget(["a2", "nobody", "a1"]) == [3, None, 1]
    assert list(store.yield_keys()) == ["a1", "b1", "a2"]
    assert list(store.yield_keys(prefix="a")) == ["a1", "a2"]
    store.mdelete(["a1", "nobody"])
    assert list(store.yield_keys()) == ["b1", "a2"]


@pytest.mark.parametrize("make", [Blocking, InMemoryStore])
def test_the_async_methods_of_a_store_do_the_same(make: Any) -> None:
    async def main() -> None:
        store = make()
        await store.amset([("a1", 1), ("b1", 2), ("a2", 3)])
        assert await store.amget(["a2", "nobody"]) == [3, None]
        await store.amdelete(["a1", "nobody"])
        assert [key async for key in store.ayield_keys()] == ["b1", "a2"]
        assert [key async for key in store.ayield_keys(prefix="a")] == ["a2"]

    asyncio.run(main())


def test_g22_a_store_of_values_is_asked_in_a_thread() -> None:
    store = Blocking()

    async def main() -> None:
        await store.amset([("a", 1)])
        await store.amget(["a"])
        assert [key async for key in store.ayield_keys()] == ["a"]
        await store.amdelete(["a"])

    asyncio.run(main())
    assert len(store.threads) == 5
    assert threading.get_ident() not in store.threads


def test_g01_keys_that_nobody_reads_on_are_closed() -> None:
    store = Blocking()
    store.mset([("a", 1), ("b", 2)])

    async def main() -> None:
        keys: Any = store.ayield_keys()
        assert await anext(keys) == "a"
        await keys.aclose()

    asyncio.run(main())
    assert store.closed


def test_a_store_in_memory_may_change_while_its_keys_are_read() -> None:
    store = InMemoryStore()
    store.mset([("a", 1), ("b", 2)])
    for key in store.yield_keys():
        store.mdelete([key])
    assert list(store.yield_keys()) == []


def test_a_store_defines_all_four_methods() -> None:
    with pytest.raises(TypeError, match="abstract"):
        BaseStore()  # type: ignore[abstract]


def test_a_byte_store_is_a_store_of_bytes() -> None:
    assert ByteStore == BaseStore[str, bytes]
    assert isinstance(InMemoryByteStore(), BaseStore)


def test_an_invalid_key_is_an_error_of_the_library() -> None:
    assert issubclass(InvalidKeyException, LangChainException)
    assert issubclass(InvalidKeyException, ValueError)
