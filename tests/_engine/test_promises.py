"""The promises of the engine that a single scene shows best. The laws in tests/laws hold them over every kind of step."""

import asyncio
import contextvars
import gc
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from riverrun._backends.workers import workers
from riverrun._engine.run import current
from riverrun.runnables import (
    Runnable,
    RunnableGenerator,
    RunnableLambda,
    RunnableParallel,
    RunnablePassthrough,
    on_stop,
    stop_requested,
)
from riverrun.testing import Collector

variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="unset")


async def listed(ys: AsyncIterator[Any]) -> list[Any]:
    return [y async for y in ys]


def at_work() -> int:
    """Threads of the pool that have a job."""
    return len(workers.threads) - workers.idle()


def settled(condition: Any, seconds: float = 1.0) -> bool:
    """Whether `condition` comes true within the time that closing may take."""
    late = time.monotonic() + seconds
    while not condition() and time.monotonic() < late:
        time.sleep(0.001)
    return bool(condition())


# ------------------------------------------------------------------------------------------------- G1 stop, G2 errors


class Source:
    """A generator of either colour that writes down what happened to it."""

    def __init__(self) -> None:
        self.made = 0
        self.closed = 0
        self.begun = 0

    def sync(self, x: Any) -> Iterator[str]:
        self.begun += 1
        try:
            while True:
                self.made += 1
                yield "x"
        finally:
            self.closed += 1

    async def later(self, x: Any) -> AsyncIterator[str]:
        self.begun += 1
        try:
            while True:
                await asyncio.sleep(0)
                self.made += 1
                yield "x"
        finally:
            await asyncio.sleep(0)
            self.closed += 1


@pytest.mark.parametrize("colour", ["sync", "later"])
@pytest.mark.parametrize("k", [1, 2, 5])
def test_g01_a_stream_that_is_left_makes_one_chunk_more_at_most(colour: str, k: int) -> None:
    source = Source()
    step = RunnableLambda(getattr(source, colour))
    ys = step.stream(0)
    for _ in range(k):
        next(ys)
    ys.close()  # type: ignore[attr-defined]
    assert source.made <= k + 1 and source.closed == 1

    async def main() -> None:
        asource = Source()
        stream = RunnableLambda(getattr(asource, colour)).astream(0)
        for _ in range(k):
            await stream.__anext__()
        await stream.aclose()
        assert asource.made <= k + 1 and asource.closed == 1
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(main())
    assert settled(lambda: at_work() == 0)


@pytest.mark.parametrize("colour", ["sync", "later"])
def test_g01_a_parallel_that_is_left_ends_every_branch(colour: str) -> None:
    sources = [Source(), Source(), Source()]
    step = RunnableParallel({str(i): RunnableLambda(getattr(s, colour)) for i, s in enumerate(sources)})
    ys = step.stream(0)
    next(ys)
    ys.close()  # type: ignore[attr-defined]
    assert all(source.closed == source.begun for source in sources)

    async def main() -> None:
        async with step.astream(0) as stream:
            await stream.__anext__()
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(main())
    assert settled(lambda: at_work() == 0)


def test_g01_a_branch_that_blocks_is_told_and_ends_before_the_error_leaves() -> None:
    told = threading.Event()
    waiting = threading.Event()

    def blocks(x: Any) -> str:
        unhook = on_stop(told.set)
        try:
            waiting.set()
            assert told.wait(5)
            assert stop_requested()
            return "told"
        finally:
            unhook()

    def fails(x: Any) -> str:
        assert waiting.wait(5)
        raise ValueError("sibling")

    with pytest.raises(ValueError, match="sibling"):
        RunnableParallel(a=RunnableLambda(blocks), b=RunnableLambda(fails)).invoke(0)
    assert told.is_set()
    assert settled(lambda: at_work() == 0)


def test_g01_a_cancelled_task_tells_the_thread_it_waits_for() -> None:
    told = threading.Event()
    waiting = threading.Event()

    def blocks(x: Any) -> None:
        on_stop(told.set)
        waiting.set()
        assert told.wait(5)

    async def main() -> None:
        task = asyncio.create_task(RunnableLambda(blocks).ainvoke(0))
        await asyncio.to_thread(waiting.wait, 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert told.is_set()

    asyncio.run(main())
    assert settled(lambda: at_work() == 0)


def test_g01_a_step_that_overruns_is_reported(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("riverrun._backends.aio.CLOSE_LIMIT", 0.02)
    release = threading.Event()
    waiting = threading.Event()

    def deaf(x: Any) -> None:
        waiting.set()
        release.wait(5)

    async def main() -> None:
        task = asyncio.create_task(RunnableLambda(deaf).ainvoke(0))
        await asyncio.to_thread(waiting.wait, 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    release.set()
    assert "deaf" in caplog.text and "did not stop" in caplog.text
    assert settled(lambda: at_work() == 0)


def test_g01_cleanup_may_call_other_steps() -> None:
    saved: list[str] = []
    save = RunnableLambda(saved.append)

    def source(x: Any) -> Iterator[str]:
        try:
            while True:
                yield "x"
        finally:
            save.invoke("sync")

    async def asource(x: Any) -> AsyncIterator[str]:
        try:
            while True:
                yield "x"
        finally:
            await save.ainvoke("async")

    ys = RunnableParallel(a=RunnableLambda(source)).stream(0)
    next(ys)
    ys.close()  # type: ignore[attr-defined]
    assert saved == ["sync"]

    async def main() -> None:
        for fn in (source, asource):
            async with RunnableParallel(a=RunnableLambda(fn)).astream(0) as stream:
                await stream.__anext__()

    asyncio.run(main())
    assert saved == ["sync", "sync", "async"]


@pytest.mark.parametrize("k", [0, 1, 3])
def test_g02_an_error_comes_after_the_chunks_before_it_and_is_the_same_object(k: int) -> None:
    error = KeyError("mine")

    def source(x: Any) -> Iterator[int]:
        yield from range(k)
        raise error

    for fn in (source, as_async(source)):
        chain = RunnableLambda(fn) | RunnablePassthrough()
        for stream in (iter(chain.stream(0)), synchronous(chain)):
            got = []
            with pytest.raises(KeyError) as caught:
                for y in stream:
                    got.append(y)  # what came before counts
            assert got == list(range(k)) and caught.value is error


def as_async(fn: Any) -> Any:
    async def asource(x: Any) -> AsyncIterator[Any]:
        for y in fn(x):
            yield y

    return asource


def synchronous(chain: Runnable[Any, Any]) -> Iterator[Any]:
    """`astream`, read by a loop that runs only between its chunks."""
    with asyncio.Runner() as runner:
        stream = chain.astream(0)

        async def step() -> list[Any]:
            try:
                return [await stream.__anext__()]
            except StopAsyncIteration:
                return []

        while got := runner.run(step()):
            yield got[0]


# -------------------------------------------------------------------------------------------------------- G8 context


def test_g08_a_variable_is_seen_by_every_step_and_unchanged_after() -> None:
    seen: list[str] = []

    def see(x: Any) -> Any:
        seen.append(variable.get())
        variable.set("changed inside")
        return x

    async def asee(x: Any) -> Any:
        return see(x)

    def generate(x: Any) -> Iterator[Any]:
        see(x)
        yield x
        assert variable.get() == "changed inside"  # its own context, from step to step
        seen.append("set")

    async def agenerate(x: Any) -> AsyncIterator[Any]:
        for y in generate(x):
            yield y

    chain = (
        RunnableLambda(see)
        | RunnableLambda(asee)
        | RunnableLambda(generate)
        | RunnableLambda(agenerate)
        | RunnableParallel(a=RunnableLambda(see), b=RunnableLambda(asee))
    )
    token = variable.set("set")
    try:
        for run_it in (
            lambda: chain.invoke(1),
            lambda: list(chain.stream(1)),
            lambda: chain.batch([1, 1]),
            lambda: asyncio.run(chain.ainvoke(1)),
            lambda: asyncio.run(listed(chain.astream(1))),
        ):
            seen.clear()
            run_it()
            assert set(seen) == {"set"} and len(seen) in (8, 16)
            assert variable.get() == "set"
            assert current.get() is None
    finally:
        variable.reset(token)


def test_g08_calls_in_user_code_nest_by_themselves() -> None:
    inner = RunnableLambda(lambda x: x + 1, name="inner")

    def outer(x: int) -> int:
        return inner.invoke(x)

    async def aouter(x: int) -> int:
        return await inner.ainvoke(x)

    def gouter(x: int) -> Iterator[int]:
        yield from inner.stream(x)

    def touter(xs: Iterator[int]) -> Iterator[int]:
        for x in xs:
            yield inner.invoke(x)

    for fn in (
        RunnableLambda(outer),
        RunnableLambda(aouter),
        RunnableLambda(gouter),
        RunnableGenerator(touter),
    ):
        for mode in ("sync", "async"):
            collector = Collector()
            config: Any = {"callbacks": [collector]}
            if mode == "sync":
                assert list(fn.stream(1, config)) == [2]
            else:
                assert asyncio.run(listed(fn.astream(1, config))) == [2]
            starts = [note.path for note in collector.notes if note.kind == "start"]
            assert starts == [(fn.get_name(),), (fn.get_name(), "inner")]
            collector.check()


# --------------------------------------------------------------------------------- G18 residue, G21 loops, G22 threads


def test_g18_ten_thousand_runs_leave_nothing_behind() -> None:
    def source(x: int) -> Iterator[str]:
        yield "a"
        if x % 3 == 1:
            raise ValueError
        yield "b"

    class Counts:
        """A shared listener that keeps what is open, as a trace would."""

        def __init__(self) -> None:
            self.open: dict[str, int] = {}

        def port(self, run: Any) -> Any:
            def port(kind: str, value: Any, input: Any) -> None:
                if kind == "start":
                    self.open[run.id] = 1
                elif kind != "chunk":
                    del self.open[run.id]

            return port

    chain = RunnableLambda(source) | RunnablePassthrough()
    listener = Counts()

    def runs(count: int) -> None:
        for i in range(count):
            ys = chain.stream(i, {"callbacks": [listener]})
            try:
                for _ in ys:
                    if i % 3 == 2:
                        break
            except ValueError:
                pass
            del ys

    runs(300)
    gc.collect()
    before = Counter(type(o).__name__ for o in gc.get_objects())
    runs(10_000)
    gc.collect()
    grown = {
        name: count - before[name]
        for name, count in Counter(type(o).__name__ for o in gc.get_objects()).items()
        if count - before[name] > 50
    }
    assert grown == {}
    assert listener.open == {}


def test_g21_sync_calls_work_under_a_running_loop_and_leave_it_alone() -> None:
    async def add(x: int) -> int:
        await asyncio.sleep(0)
        return x + 1

    def letters(x: Any) -> Iterator[str]:
        yield from "ab"

    async def upper(xs: AsyncIterator[str]) -> AsyncIterator[str]:
        async for x in xs:
            yield x.upper()

    async def main() -> None:
        loop = asyncio.get_running_loop()
        assert (RunnableLambda(add) | RunnableLambda(add)).invoke(1) == 3
        stream = (RunnableLambda(letters) | upper).stream(0)
        assert next(stream) == "A"
        assert len(loop._asyncgens) == 0  # type: ignore[attr-defined]  # it did not adopt the generators of a sync stream
        stream.close()  # type: ignore[attr-defined]
        assert list((RunnableLambda(letters) | upper).stream(0)) == ["A", "B"]
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(main())


def test_g21_async_functions_called_from_sync_code_share_one_loop() -> None:
    loops: set[int] = set()

    async def note(x: int) -> int:
        loops.add(id(asyncio.get_running_loop()))
        await asyncio.sleep(0)
        return x

    step = RunnableLambda(note)
    step.invoke(1)
    (step | step).batch([1, 2, 3])
    RunnableParallel(a=step, b=step).invoke(1)
    assert len(loops) == 1


def test_g22_a_step_that_blocks_never_stalls_the_loop() -> None:
    def blocks(x: Any) -> Any:
        time.sleep(0.1)
        return x

    async def main() -> bool:
        gaps: list[float] = []

        async def heartbeat() -> None:
            last = time.monotonic()
            while True:
                await asyncio.sleep(0.01)
                now = time.monotonic()
                gaps.append(now - last - 0.01)
                last = now

        beat = asyncio.create_task(heartbeat())
        begun = time.monotonic()
        await RunnableParallel({str(i): RunnableLambda(blocks) for i in range(5)}).ainvoke(0)
        took = time.monotonic() - begun
        beat.cancel()
        return took < 0.3 and max(gaps) < 0.05

    assert any(asyncio.run(main()) for _ in range(3))  # another process may take the processor once


def test_g22_sync_branches_take_the_longest_not_the_sum() -> None:
    def blocks(x: Any) -> Any:
        time.sleep(0.05)
        return x

    begun = time.monotonic()
    RunnableParallel({str(i): RunnableLambda(blocks) for i in range(8)}).invoke(0)
    RunnableLambda(blocks).batch(list(range(8)))
    assert time.monotonic() - begun < 0.3


# ------------------------------------------------------------------------------------------------------- G24 limits


class Gauge:
    """How many are inside at once, and how many were at most."""

    def __init__(self) -> None:
        self.now = self.most = 0
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)

    def __exit__(self, *exc_info: object) -> None:
        with self._lock:
            self.now -= 1


def test_g24_a_limit_holds_however_calls_nest_and_is_used_up() -> None:
    gauge = Gauge()

    def leaf(x: int) -> int:
        with gauge:
            time.sleep(0.002)
        return x

    async def aleaf(x: int) -> int:
        with gauge:
            await asyncio.sleep(0.002)
        return x

    wide = RunnableParallel({str(i): RunnableLambda(leaf) for i in range(4)})
    nested = RunnableLambda(lambda x: wide.batch([x] * 3))
    assert nested.batch([1] * 3, {"max_concurrency": 3}) == [[{str(i): 1 for i in range(4)}] * 3] * 3
    assert gauge.most == 3
    awide = RunnableParallel({str(i): RunnableLambda(aleaf) for i in range(4)})

    async def fan_out(x: int) -> Any:
        return await asyncio.gather(*[awide.ainvoke(x) for _ in range(3)])

    gauge.most = 0
    assert len(asyncio.run(RunnableLambda(fan_out).abatch([1] * 3, {"max_concurrency": 3}))) == 3
    assert gauge.most == 3


def test_g24_nesting_deeper_than_the_limit_does_not_deadlock() -> None:
    deep: Runnable[int, Any] = RunnableLambda(lambda x: x)
    for _ in range(6):
        inner = deep
        deep = RunnableLambda(lambda x, inner=inner: inner.batch([x, x])[0])
    done: list[Any] = []
    thread = threading.Thread(target=lambda: done.append(deep.invoke(1, {"max_concurrency": 1})), daemon=True)
    thread.start()
    thread.join(10)
    assert done == [1]
