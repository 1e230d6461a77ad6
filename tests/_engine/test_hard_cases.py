"""Cases in which something once went wrong, or easily could: each reduced to what it takes."""

import asyncio
import gc
import threading
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from growth import assert_linear
from riverrun._pure.fold import fold
from riverrun.language_models import BaseChatModel
from riverrun.messages import AIMessageChunk
from riverrun.outputs import ChatGenerationChunk
from riverrun.runnables import (
    RunnableGenerator,
    RunnableLambda,
    RunnableParallel,
    RunnablePassthrough,
    on_stop,
)
from riverrun.testing import Collector


async def listed(ys: AsyncIterator[Any]) -> list[Any]:
    return [y async for y in ys]


@pytest.mark.parametrize("again", ["retry", "fallback"])
def test_g04_an_attempt_that_is_stopped_while_it_reads_takes_no_input_along(again: str) -> None:
    async def source(x: int) -> AsyncIterator[str]:
        for i in range(4):
            await asyncio.sleep(0)
            yield str(i)

    calls: list[int] = []

    async def fails_once(xs: AsyncIterator[str]) -> AsyncIterator[str]:
        async for x in xs:
            if not calls:
                calls.append(1)
                raise ValueError
            yield x

    both = RunnableParallel(a=RunnableGenerator(fails_once), b=RunnablePassthrough())
    tried = (
        both.with_retry(wait_exponential_jitter=False)
        if again == "retry"
        else both.with_fallbacks([RunnablePassthrough()])
    )
    got = asyncio.run((RunnableLambda(source) | tried).ainvoke(0))
    assert got == ({"a": "0123", "b": "0123"} if again == "retry" else "0123")


def test_g01_a_batch_of_generators_that_is_left_begins_no_more() -> None:
    begun: list[int] = []

    def generate(x: int) -> Iterator[int]:
        begun.append(x)
        time.sleep(0.002)
        yield x

    done = RunnableLambda(generate).batch_as_completed(list(range(60)), {"max_concurrency": 2})
    next(iter(done))
    done.close()  # type: ignore[attr-defined]
    count = len(begun)
    assert count < 20
    time.sleep(0.02)
    assert len(begun) == count


def test_g01_what_ends_the_program_stops_a_batch() -> None:
    ran: list[int] = []

    def job(x: int) -> int:
        ran.append(x)
        time.sleep(0.002)
        if x == 3:
            raise SystemExit
        return x

    with pytest.raises(SystemExit):
        RunnableLambda(job).batch(list(range(200)), {"max_concurrency": 4})
    assert len(ran) < 100


def test_g18_concurrent_runs_leave_no_cycles() -> None:
    class Result:
        pass

    async def make(x: int) -> Result:
        return Result()

    step = RunnableParallel(a=RunnableLambda(make), b=RunnableLambda(make))

    async def main() -> int:
        gc.collect()
        gc.disable()
        try:
            for _ in range(20):
                await step.ainvoke(0)
            return sum(type(o) is Result for o in gc.get_objects())
        finally:
            gc.enable()

    assert asyncio.run(main()) == 0


def test_g01_a_hook_that_raises_keeps_nobody_from_hearing(caplog: pytest.LogCaptureFixture) -> None:
    heard = threading.Event()
    ready = threading.Barrier(3, timeout=5)

    def broken(x: Any) -> None:
        on_stop(lambda: 1 / 0)
        ready.wait()
        heard.wait(5)

    def hears(x: Any) -> None:
        on_stop(heard.set)
        ready.wait()
        assert heard.wait(5)

    def fails(x: Any) -> None:
        ready.wait()
        raise ValueError

    with pytest.raises(ValueError):  # it has no text
        RunnableParallel(a=broken, b=hears, c=fails).invoke(0)
    assert heard.is_set()
    assert "raised" in caplog.text


def test_g22_a_stream_hook_that_works_before_it_returns_does_not_hold_up_the_loop() -> None:
    threads: list[str] = []

    class Eager(BaseChatModel):
        def _stream(
            self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any
        ) -> Iterator[Any]:
            threads.append(threading.current_thread().name)
            return iter([ChatGenerationChunk(message=AIMessageChunk("a"))])

    assert [chunk.content for chunk in asyncio.run(listed(Eager().astream("x")))] == ["a"]
    assert threads and threads[0] != threading.main_thread().name


def test_g14_a_listener_that_refuses_a_start_leaves_the_others_balanced() -> None:
    class Refuses:
        def port(self, run: Any) -> Any:
            def port(kind: str, value: Any, input: Any) -> None:
                if kind == "start":
                    raise PermissionError

            return port

    collector = Collector()
    with pytest.raises(PermissionError):
        RunnableLambda(str).invoke(0, {"callbacks": [collector, Refuses()]})
    assert [note.kind for note in collector.notes] == ["start", "error"]


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_g02_what_cleanup_raises_arrives_from_inside_a_parallel_too(mode: str) -> None:
    def source(x: Any) -> Iterator[str]:
        try:
            while True:
                yield "x"
        finally:
            raise KeyError("cleanup")

    step = RunnableParallel(a=RunnableLambda(source))
    if mode == "sync":
        ys = step.stream(0)
        next(ys)
        with pytest.raises(KeyError, match="cleanup"):
            ys.close()  # type: ignore[attr-defined]
        return

    async def main() -> None:
        stream = step.astream(0)
        await stream.__anext__()
        with pytest.raises(KeyError, match="cleanup"):
            await stream.aclose()

    asyncio.run(main())


@pytest.mark.parametrize("kind", [bytes, tuple, list, str])
def test_g05_folding_is_linear(kind: Any) -> None:
    piece = {bytes: b"x" * 4, tuple: (1,), list: [1], str: "x" * 4}[kind]

    def whole(count: int) -> Any:
        chunks = [piece] * count
        return lambda: fold(chunks)

    assert_linear(whole, 4_000)
