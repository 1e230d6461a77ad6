"""What must hold of every step in every mode: laws for those who write steps of their own.

Each law takes a step and an input and raises an AssertionError that says what broke, where and how to see it again.
`obeys` applies them all:

    def test_my_step() -> None:
        obeys(MyStep(), "an input", chunks=["an ", "input"])

`chunks` are the same input in pieces, for steps that take a stream.
"""

import asyncio
import faulthandler
import tempfile
import threading
import time
from collections import deque
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Generator,
    Iterable,
    Iterator,
    Sequence,
)
from contextlib import contextmanager, suppress
from functools import partial
from itertools import count, islice, pairwise, repeat
from typing import Any, TypeVar

from riverrun._backends import aio
from riverrun._engine.runnable import Runnable
from riverrun._pure.exceptions import EmptyStreamError
from riverrun._pure.fold import fold
from riverrun.testing.clock import Clock
from riverrun.testing.collect import Collector
from riverrun.testing.ledger import Ledger

T = TypeVar("T")
Step = Runnable[Any, Any]
Check = Callable[[], None]


def obeys(
    step: Step,
    x: Any,
    *,
    chunks: Sequence[Any] | None = None,
    bound: int | None = None,
    after: Check | None = None,
) -> None:
    """All laws at once. `bound`, of `holds_back`, is left out by default; `after` is as for `closes`."""
    agrees(step, x, chunks=chunks)
    batches(step, [x] * 3)
    balances(step, x, chunks=chunks)
    closes(step, x, chunks=chunks, after=after)
    if bound is not None and chunks:
        holds_back(step, chunks[0], bound=bound)


# ------------------------------------------------------------------------------------------------------- values


class Outcome:
    """What came of a run: a value, or an exception and where it arose."""

    def __init__(self, run: Callable[[], Any]) -> None:
        self.value: Any = None
        self.error: Exception | None = None
        try:
            self.value = run()
        except Exception as error:
            self.error = error

    @property
    def notes(self) -> list[str]:
        """What the exception says of where it arose."""
        return getattr(self.error, "__notes__", [])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Outcome):
            return NotImplemented
        if self.error is not None or other.error is not None:
            return (type(self.error), str(self.error)) == (type(other.error), str(other.error))
        return bool(self.value == other.value)

    __hash__ = None  # type: ignore[assignment]  # compared, never a key

    def __repr__(self) -> str:
        return repr(self.value) if self.error is None else f"{self.error!r} {self.notes}"


def agrees(step: Step, x: Any, *, chunks: Sequence[Any] | None = None, config: Any = None) -> Outcome:
    """Law 1: every mode comes to the same value, or to the same type of error with a note that names the step.

    Returns what they all come to.
    """
    ways = modes(step, x, chunks, config)
    want = Outcome(ways["invoke"])
    for mode, way in ways.items():
        got = Outcome(way)
        assert got == want, f"{mode} comes to {got!r}, but invoke to {want!r}"
        if got.error is not None:
            assert any(note.startswith("in ") for note in got.notes), (
                f"{mode}: no note says in which step {got!r} arose"
            )
    return want


def batches(step: Step, inputs: Sequence[Any], *, config: Any = None) -> None:
    """Law 1 for many inputs: a batch of either colour is `invoke` of each, in order; so are their as-completed forms."""
    each = [Outcome(partial(step.invoke, x, config)) for x in inputs]
    failed = [outcome for outcome in each if outcome.error is not None]

    def compare(mode: str, results: Sequence[Any]) -> None:
        got = [Outcome(partial(_raised, y)) for y in results]
        assert got == each, f"{mode} comes to {got!r}, but invoke of each to {each!r}"

    def whole(mode: str, run: Callable[..., Any]) -> None:
        compare(f"{mode} with return_exceptions", run(return_exceptions=True))
        if failed:
            got = Outcome(run)
            assert got in failed, f"{mode} comes to {got!r}; of invoke, these fail: {failed!r}"
        else:
            compare(mode, run())

    async def acompletions(**kwargs: Any) -> dict[int, Any]:
        return dict(await _listed(step.abatch_as_completed(inputs, config, **kwargs)))

    places = range(len(inputs))
    whole("batch", lambda **kwargs: step.batch(inputs, config, **kwargs))
    whole("abatch", lambda **kwargs: asyncio.run(step.abatch(inputs, config, **kwargs)))
    whole(
        "batch_as_completed",
        lambda **kwargs: list(map(dict(step.batch_as_completed(inputs, config, **kwargs)).get, places)),
    )
    whole(
        "abatch_as_completed",
        lambda **kwargs: list(map(asyncio.run(acompletions(**kwargs)).get, places)),
    )


def modes(
    step: Step, x: Any, chunks: Sequence[Any] | None = None, config: Any = None
) -> dict[str, Callable[[], Any]]:
    """Each way to run `step` on `x`, by its name; the even places are sync, the odd ones the same in async."""

    def on_loop(start: Callable[[], Awaitable[Any]]) -> Any:
        async def main() -> Any:
            return await start()

        return asyncio.run(main())

    async def folded(ys: Any) -> Any:
        return _whole(await _listed(ys))

    async def of_first(pairs: Any) -> Any:
        return dict(await _listed(pairs))[0]

    async def first(results: Any) -> Any:
        return (await results)[0]

    ways: dict[str, Callable[[], Any]] = {
        "invoke": lambda: step.invoke(x, config),
        "ainvoke": lambda: on_loop(lambda: step.ainvoke(x, config)),
        "stream": lambda: _whole(list(step.stream(x, config))),
        "astream": lambda: on_loop(lambda: folded(step.astream(x, config))),
        "batch": lambda: step.batch([x], config)[0],
        "abatch": lambda: on_loop(lambda: first(step.abatch([x], config))),
        "batch_as_completed": lambda: dict(step.batch_as_completed([x], config))[0],
        "abatch_as_completed": lambda: on_loop(lambda: of_first(step.abatch_as_completed([x], config))),
    }

    def transforms(name: str, pieces: Sequence[Any]) -> None:
        source = Source(pieces)
        ways[f"transform of {name}"] = lambda: _whole(list(step.transform(source.items(), config)))
        ways[f"atransform of {name}"] = lambda: on_loop(
            lambda: folded(step.atransform(source.aitems(), config))
        )

    transforms("its whole input", [x])
    if chunks:
        transforms("its input in pieces", chunks)
    return ways


def _whole(chunks: Sequence[Any]) -> Any:
    try:
        return fold(chunks)
    except EmptyStreamError as error:
        error.add_note("in the reader: a step may put out nothing, but nothing has no value")
        raise


def _raised(y: Any) -> Any:
    if isinstance(y, Exception):
        raise y
    return y


async def _listed(ys: AsyncIterator[Any]) -> list[Any]:
    return [y async for y in ys]


# ------------------------------------------------------------------------------------------------------- events


def balances(step: Step, x: Any, *, chunks: Sequence[Any] | None = None, same: bool = True) -> None:
    """Law 2: in every mode the events balance (`Collector.check`), and those of sync and async runs are equal.

    Equal is as `Collector.histories` has it. They are not compared where the run fails, for then it is chance how far a
    sibling came; nor where a method of the user's own is called, which reports nothing; nor with `same=False`.
    """
    seen = []
    for mode in modes(step, x, chunks):
        collector = Collector()
        outcome = Outcome(modes(step, x, chunks, {"callbacks": [collector]})[mode])
        _explained(collector.check, mode)
        seen.append((mode, outcome, collector.histories()))
    assert step.silent or any(events for _, _, events in seen), "in no mode was there any event"
    for (mode, outcome, events), (amode, _, aevents) in pairwise(seen):
        if same and outcome.error is None and amode == f"a{mode}" and events and aevents:
            assert events == aevents, (
                f"only in {mode}: {[*(events - aevents)]!r}\nonly in {amode}: {[*(aevents - events)]!r}"
            )


def _explained(check: Check, where: str) -> None:
    try:
        check()
    except AssertionError as error:
        raise AssertionError(f"{where}: {error}") from error


# ------------------------------------------------------------------------------------------------------ closing


class Source:
    """A stream of `chunks`, in either colour, that keeps account of itself: how many it made, whether it is open."""

    def __init__(
        self, chunks: Iterable[Any], *, delay: float = 0, error: BaseException | None = None
    ) -> None:
        self.chunks = chunks
        self.delay = delay
        """Seconds before each chunk."""
        self.error = error
        """What it raises after its last chunk."""
        self.made = 0
        self.open = 0

    def items(self) -> Iterator[Any]:
        """The chunks, for `transform`."""
        self.open += 1
        try:
            for chunk in self.chunks:
                if self.delay:
                    time.sleep(self.delay)
                self.made += 1
                yield chunk
            if self.error is not None:
                raise self.error
        finally:
            self.open -= 1

    async def aitems(self) -> AsyncIterator[Any]:
        """The chunks, for `atransform`."""
        self.open += 1
        try:
            for chunk in self.chunks:
                await asyncio.sleep(self.delay)
                self.made += 1
                yield chunk
            if self.error is not None:
                raise self.error
        finally:
            try:
                await asyncio.sleep(0)  # closing may have to wait
            finally:
                self.open -= 1


class ReaderError(Exception):
    """What a reader, or an input, raises in the law of closing."""


def closes(
    step: Step, x: Any, *, chunks: Sequence[Any] | None = None, after: Check | None = None, points: int = 30
) -> None:
    """Law 3: whenever and however a run is left, nothing of it remains.

    It is left before its first chunk, after each and after the last; by closing the stream, by dropping it, by an error
    of the reader, by an error of its input, by a timeout, and by cancelling its task at each of the first `points` points
    where it waits. Each time its input is closed and made one chunk more at most, its events balance, and the ledger is
    clean. `after` is called each time: check there what is to hold of the step itself.
    """
    many, failure = _whole_course(step, x, chunks)
    with asyncio.Runner() as runner:
        for listening in (False, True):
            trial = _Trial(step, x, chunks, after, listening, runner.run, type(failure))
            for k in range(many + 1):
                for way in _SYNC_WAYS:
                    trial.of_stream(way, k)
                for away in _ASYNC_WAYS:
                    trial.of_astream(away, k)
            for k in range(len(chunks) + 1 if chunks else 0):
                trial.of_failing_input(k)
            for k in range(points):
                if not trial.of_cancelling(k):
                    break
            for k in range(points):
                trial.of_cancelling_after_ticks(k)
            for k in range(len(chunks) if chunks else 0):
                trial.of_timeout(k)


class _Trial:
    """Runs of one step that are left early, and what must hold afterwards."""

    def __init__(
        self,
        step: Step,
        x: Any,
        chunks: Sequence[Any] | None,
        after: Check | None,
        listening: bool,
        run: Callable[[Coroutine[Any, Any, Any]], Any],
        fails_with: type[Any],
    ) -> None:
        self.step, self.x, self.chunks, self.after, self.run = step, x, chunks, after, run
        self.fails_with = fails_with
        self.listening = listening
        self.source = Source(())
        self.config: Any = None
        self.made: int | None = None

    def of_stream(self, way: Callable[..., None], k: int) -> None:
        with self.held(f"stream: {_said(way)} after {k} chunk(s)"), Ledger(), self.failing_as_ever():
            way(self.opened, k, self.leaving)

    def of_astream(self, way: Callable[..., Coroutine[Any, Any, None]], k: int) -> None:
        with self.held(f"astream: {_said(way)} after {k} chunk(s)"):
            self.run(self.settled(way(self.aopened, k, self.leaving)))

    def of_failing_input(self, k: int) -> None:
        with (
            self.held(f"stream: its input fails after {k} chunk(s)", fails_after=k),
            Ledger(),
            self.failing_as_ever(),
        ):
            list(self.opened())
        with self.held(f"astream: its input fails after {k} chunk(s)", fails_after=k):
            self.run(self.settled(_listed(self.aopened())))

    def of_cancelling(self, k: int) -> bool:
        """False when none of the runs waits that often."""
        waited = False
        for what, begun in {
            "astream": lambda: _listed(self.aopened()),
            "ainvoke": lambda: self.step.ainvoke(self.x, self.config),
            "abatch": lambda: self.step.abatch([self.x] * 2, self.config),
        }.items():
            with self.held(f"{what}: cancelled where it waits for the {k + 1}. time"):
                cancelled = _CancelledAt(k, begun)
                self.run(self.settled(cancelled.main()))
                waited = waited or cancelled.done
        return waited

    def of_cancelling_after_ticks(self, k: int) -> None:
        with self.held(f"astream: cancelled after {k} ticks of the loop"):
            self.run(self.settled(_cancelled_after(k, lambda: _listed(self.aopened()))))

    def of_timeout(self, k: int) -> None:
        async def main() -> None:
            with suppress(TimeoutError):
                async with asyncio.timeout(k + 0.5):
                    await _listed(self.aopened())

        with (
            self.held(f"astream: timeout while its input waits before chunk {k + 1}", delay=1),
            Clock() as clock,
        ):
            clock.run(self.settled(main()))

    # what the trials have in common

    @contextmanager
    def held(self, what: str, *, fails_after: int | None = None, delay: float = 0) -> Iterator[None]:
        """Check afterwards what must hold, and say what was tried if it does not."""
        collector = Collector()
        self.config = {"callbacks": [collector]} if self.listening else None
        error = None if fails_after is None else ReaderError()
        self.source = source = Source((self.chunks or ())[:fails_after], delay=delay, error=error)
        self.made = None
        try:
            yield
            assert not source.open, "its input was not closed"
            if self.made is not None:
                assert source.made <= self.made + 1, (
                    f"its input made {source.made - self.made} chunks after it was left"
                )
            collector.check()
            if self.after is not None:
                self.after()
        except AssertionError as error:
            raise AssertionError(f"{what}{', with a listener' if self.listening else ''}: {error}") from error

    @contextmanager
    def failing_as_ever(self) -> Iterator[None]:
        """A step may fail as it does when nobody leaves it; of its input's error it must be the very same object."""
        try:
            yield
        except AssertionError:
            raise
        except Exception as error:
            assert error is self.source.error or type(error) is self.fails_with, f"{error!r} came out"

    async def settled(self, leave: Awaitable[Any]) -> None:
        with Ledger():
            with self.failing_as_ever():
                await leave
            while closing := set(aio._begun):  # what a `break` began
                await asyncio.wait(closing, timeout=1)

    def opened(self) -> Iterator[Any]:
        if self.chunks:
            return self.step.transform(self.source.items(), self.config)
        return self.step.stream(self.x, self.config)

    def aopened(self) -> Any:
        if self.chunks:
            return self.step.atransform(self.source.aitems(), self.config)
        return self.step.astream(self.x, self.config)

    def leaving(self) -> None:
        """Called by each way right before it leaves."""
        self.made = self.source.made


def _said(way: Callable[..., Any]) -> str:
    return (way.__doc__ or "").rstrip(".")


def _whole_course(step: Step, x: Any, chunks: Sequence[Any] | None) -> tuple[int, Exception | None]:
    """How many chunks come of themselves, and the error after them."""
    many = 0
    try:
        for _ in step.transform(iter(chunks)) if chunks else step.stream(x):
            many += 1
    except Exception as error:
        return many, error
    return many, None


def _close(opened: Callable[[], Any], k: int, leaving: Check) -> None:
    """Closed."""
    ys = opened()
    deque(islice(ys, k), 0)
    leaving()
    ys.close()


def _drop(opened: Callable[[], Any], k: int, leaving: Check) -> None:
    """Dropped."""
    ys = opened()
    deque(islice(ys, k), 0)
    leaving()
    del ys


def _reader_fails(opened: Callable[[], Any], k: int, leaving: Check) -> None:
    """Left by an error of the reader."""
    with suppress(ReaderError):
        for i, _ in enumerate(opened(), 1):
            if i >= k:
                leaving()
                raise ReaderError


def _throw(opened: Callable[[], Any], k: int, leaving: Check) -> None:
    """Left by an error thrown into it."""
    ys = opened()
    deque(islice(ys, k), 0)
    leaving()
    with suppress(ReaderError):
        ys.throw(ReaderError)


async def _aclose(opened: Callable[[], Any], k: int, leaving: Check) -> None:
    """Closed."""
    ys = opened()
    for _ in range(k):
        await anext(ys, None)
    leaving()
    await ys.aclose()


async def _abreak(opened: Callable[[], Any], k: int, leaving: Check) -> None:
    """Left by a break."""
    i = 0
    async for _ in opened():
        i += 1
        if i >= k:
            leaving()
            break


async def _areader_fails(opened: Callable[[], Any], k: int, leaving: Check) -> None:
    """Left by an error of the reader."""
    i = 0
    with suppress(ReaderError):
        async with opened() as ys:
            async for _ in ys:
                i += 1
                if i >= k:
                    leaving()
                    raise ReaderError


_SYNC_WAYS = (_close, _drop, _reader_fails, _throw)
_ASYNC_WAYS = (_aclose, _abreak, _areader_fails)


class _CancelledAt:
    """Cancels its task where it waits for the k-th time, counted from 0."""

    def __init__(self, k: int, begun: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        self.k, self.begun = k, begun
        self.done = False

    async def main(self) -> None:
        with suppress(asyncio.CancelledError, Exception):
            await asyncio.create_task(self._wrapped())

    async def _wrapped(self) -> None:
        await self

    def __await__(self) -> Generator[Any, Any, None]:
        coro = self.begun()
        with suppress(StopIteration):
            waits_for = coro.send(None)
            for waits in count():
                if waits == self.k:
                    self.done = True
                    task = asyncio.current_task()
                    assert task is not None
                    task.cancel()
                try:
                    got = yield waits_for
                except BaseException as error:
                    waits_for = coro.throw(error)
                else:
                    waits_for = coro.send(got)


async def _cancelled_after(ticks: int, begun: Callable[[], Coroutine[Any, Any, Any]]) -> None:
    task = asyncio.create_task(begun())
    for _ in range(ticks):
        await asyncio.sleep(0)
    task.cancel()
    with suppress(asyncio.CancelledError, Exception):
        await task


# ------------------------------------------------------------------------------------------------- backpressure


def holds_back(step: Step, chunk: Any, *, bound: int, reads: int = 100) -> None:
    """Law 4: however slow its reader, the input has never made more than `bound` chunks beyond those that were read.

    `bound` is a promise of the step. A step of one colour that hands each chunk on has 0; a change of colour, and each
    place where streams are merged, adds what it buffers.
    """

    def check(mode: str, source: Source, read: int) -> None:
        ahead = source.made - read
        assert ahead <= bound, (
            f"{mode}: {ahead} chunks ahead of its reader after {read}; its bound is {bound}"
        )

    def opened() -> Source:
        return Source(repeat(chunk))

    async def main() -> None:
        source = opened()
        async with step.atransform(source.aitems()) as ys:
            for read in range(1, reads + 1):
                await anext(ys)
                await asyncio.sleep(1)
                check("atransform", source, read)

    with Clock() as clock:
        source = opened()
        ys = step.transform(source.items())
        for read, _ in enumerate(islice(ys, reads), 1):
            clock.sleep(1)
            check("transform", source, read)
        ys.close()  # type: ignore[attr-defined]  # a generator
        clock.run(main())


# ----------------------------------------------------------------------------------------------------- machines


def rechunks(
    make: Callable[[], Any], pieces: Sequence[Any], *, join: Callable[[list[Any]], Any] = fold
) -> Any:
    """Law 5: what a machine makes of `pieces` adds up to what it makes of them joined. Returns that.

    `make` gives a new machine: an object with `feed(chunk)` and `flush()`, each of which gives an iterable of chunks.
    """

    def fed(pieces: Iterable[Any]) -> Any:
        machine = make()
        return join([y for piece in pieces for y in machine.feed(piece)] + list(machine.flush()))

    want, got = fed([fold(pieces)]), fed(pieces)
    assert got == want, f"in the pieces {pieces!r} it comes to {got!r}, whole to {want!r}"
    return want


def is_linear(work: Callable[[int], Any], size: int, *, factor: int = 4, slack: float = 1.6) -> None:
    """Law 5: `factor` times the size takes at most `factor * slack` times as long. CPU time, the best of several."""

    def took(n: int) -> float:
        before = time.process_time()
        work(n)
        return time.process_time() - before

    tries = 5
    ratio = min(took(size * factor) for _ in range(tries)) / min(took(size) for _ in range(tries))
    assert ratio <= factor * slack, f"{factor} times the size takes {ratio:.1f} times as long"


# ------------------------------------------------------------------------------------------------------ hanging


def ends(run: Callable[[], T], within: float = 20) -> T:
    """What `run()` gives, or an AssertionError with the stacks of all threads when it hasn't ended in time (seconds)."""
    result: list[T] = []
    errors: list[BaseException] = []

    def main() -> None:
        try:
            result.append(run())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=main, daemon=True, name="under-watch")
    thread.start()
    thread.join(within)
    if thread.is_alive():
        with tempfile.TemporaryFile("w+") as stacks:
            faulthandler.dump_traceback(stacks)
            stacks.seek(0)
            raise AssertionError(f"not ended after {within} s:\n{stacks.read()}")
    if errors:
        raise errors.pop()
    return result.pop()
