"""Iterators in batches and side by side, in both colours."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import nullcontext
from typing import Any

import pytest

from riverrun.utils import abatch_iterate, batch_iterate
from riverrun.utils.aiter import Tee as ATee
from riverrun.utils.aiter import aclosing, atee, py_anext
from riverrun.utils.iter import Tee, safetee


class Source:
    """Numbers, and whether somebody closed them."""

    def __init__(self, count: int = 5) -> None:
        self.count, self.made, self.closed = count, 0, False

    def sync(self) -> Iterator[int]:
        try:
            for i in range(self.count):
                self.made += 1
                yield i
        finally:
            self.closed = True

    async def slow(self) -> AsyncIterator[int]:
        try:
            for i in range(self.count):
                await asyncio.sleep(0)
                self.made += 1
                yield i
        finally:
            self.closed = True


async def everything(items: Any) -> list[Any]:
    return [item async for item in items]


BATCHES: list[Callable[[int | None, int], list[list[int]]]] = [
    lambda size, count: list(batch_iterate(size, range(count))),
    lambda size, count: asyncio.run(everything(abatch_iterate(size, Source(count).slow()))),
]


@pytest.mark.parametrize("batches", BATCHES, ids=["sync", "async"])
def test_items_come_in_batches(batches: Any) -> None:
    assert batches(2, 5) == [[0, 1], [2, 3], [4]]
    assert batches(5, 5) == [[0, 1, 2, 3, 4]]
    assert batches(None, 3) == [[0, 1, 2]]
    assert batches(2, 0) == batches(None, 0) == []
    with pytest.raises(ValueError, match="at least 1 item, not 0"):
        batches(0, 3)


def test_a_batch_is_handed_on_as_soon_as_it_is_full() -> None:
    source = Source()
    batches = batch_iterate(2, source.sync())
    assert (next(batches), source.made) == ([0, 1], 2)

    async def main() -> None:
        source = Source()
        batches: Any = abatch_iterate(2, source.slow())
        assert (await anext(batches), source.made) == ([0, 1], 2)
        await batches.aclose()
        assert source.closed

    asyncio.run(main())


def test_each_reader_of_a_tee_gets_every_item() -> None:
    source = Source()
    readers = Tee(source.sync(), 3)
    assert [next(readers[0]), next(readers[0]), next(readers[1])] == [0, 1, 0]
    assert source.made == 2
    assert [list(reader) for reader in readers] == [[2, 3, 4], [1, 2, 3, 4], [0, 1, 2, 3, 4]]
    assert source.closed
    assert (len(readers), len(readers[0:2]), safetee) == (3, 2, Tee)


def test_the_source_of_a_tee_is_closed_with_it() -> None:
    source = Source()
    with Tee(source.sync()) as readers:
        next(readers[0])
    assert source.closed
    assert list(readers[1]) == []


def test_a_tee_may_be_read_in_several_threads() -> None:
    readers = Tee(iter(range(2_000)), 4)
    got: list[list[int]] = [[] for _ in readers]
    threads = [
        threading.Thread(target=lambda reader=reader, into=into: into.extend(reader))
        for reader, into in zip(readers, got, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(items == list(range(2_000)) for items in got)


def test_a_tee_may_be_given_a_lock() -> None:
    assert [list(reader) for reader in Tee([1, 2], lock=nullcontext())] == [[1, 2], [1, 2]]


def test_each_reader_of_an_async_tee_gets_every_item_also_at_once() -> None:
    async def main() -> None:
        source = Source()
        readers = atee(source.slow(), 3)
        got = await asyncio.gather(*map(everything, readers))
        assert got == [[0, 1, 2, 3, 4]] * 3
        assert (source.made, source.closed) == (5, True)
        assert (len(readers), len(readers[0:2]), atee) == (3, 2, ATee)

    asyncio.run(main())


def test_the_source_of_an_async_tee_is_closed_with_it() -> None:
    async def main() -> None:
        source = Source()
        async with atee(source.slow()) as readers:
            assert await anext(readers[0]) == 0
        assert source.closed
        assert await everything(readers[1]) == []

    asyncio.run(main())


def test_a_reader_that_is_cancelled_holds_up_no_other() -> None:
    async def main() -> None:
        source = Source()
        readers = atee(source.slow())
        first = asyncio.ensure_future(everything(readers[0]))
        second = asyncio.ensure_future(everything(readers[1]))
        await asyncio.sleep(0)
        second.cancel()
        assert await asyncio.wait_for(first, 5) == [0, 1, 2, 3, 4]

    asyncio.run(main())


def test_the_old_names_of_builtins_work() -> None:
    async def main() -> None:
        async with aclosing(Source(1).slow()) as items:  # type: ignore[type-var]  # an async generator, said to be less
            assert await py_anext(items) == 0
            assert await py_anext(items, "none") == "none"

    asyncio.run(main())
