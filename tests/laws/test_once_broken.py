"""What a law once found broken, each reduced to the few lines that show it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from riverrun._backends.channel import Channel
from riverrun._backends.drive import drive
from riverrun._backends.portal import call_on_loop, steps_on_loop
from riverrun._backends.protocol import Closed, Stop
from riverrun._backends.sync import SYNC
from riverrun._engine.run import Root
from riverrun._pure.exceptions import InputError
from riverrun._pure.fold import fold
from riverrun.output_parsers import StrOutputParser
from riverrun.runnables import (
    RouterRunnable,
    RunnableGenerator,
    RunnableLambda,
    RunnableParallel,
    RunnablePassthrough,
    RunnablePick,
)
from riverrun.testing import Clock, Collector, Ledger, Source, ends


def letters(x: Any) -> Iterator[str]:
    yield from "abc"


async def hand_on(xs: AsyncIterator[Any]) -> AsyncIterator[Any]:
    async for x in xs:
        yield x


def test_closing_a_sync_stream_with_an_async_transformer_is_no_error() -> None:
    stream = (RunnableLambda(letters) | hand_on).stream(0)
    assert next(stream) == "a"
    stream.close()  # type: ignore[attr-defined]


class OddError(Exception):
    pass


async def wait_forever(x: Any) -> None:
    await asyncio.Event().wait()


async def spell_forever(xs: Any) -> AsyncIterator[str]:
    while True:
        await asyncio.sleep(0)
        yield "a"


def fail(x: Any) -> None:
    raise OddError


@pytest.mark.parametrize("other", [wait_forever, spell_forever])
def test_an_async_sibling_that_is_cancelled_hides_no_error(other: Any) -> None:
    parallel = RunnableParallel(a=other, b=fail)
    for run in (lambda: parallel.invoke(0), lambda: list(parallel.stream(0)), lambda: parallel.batch([0, 0])):
        with pytest.raises(OddError):
            ends(run)


def test_what_is_stopped_before_its_task_begins_does_not_wait_for_it() -> None:
    run = Root(SYNC)
    run.stop = Stop()
    run.stop.tell()
    with pytest.raises(Closed):
        ends(lambda: call_on_loop(wait_forever, (0,), run))
    with pytest.raises(Closed):
        ends(lambda: list(steps_on_loop(spell_forever(0), run)))


async def leave(x: Any) -> None:
    raise SystemExit


def test_async_code_that_exits_leaves_the_portal_open() -> None:
    with pytest.raises(SystemExit):
        RunnableLambda(leave).invoke(0)
    assert ends(lambda: RunnableLambda(hand_back).invoke(0)) == 0


async def hand_back(x: Any) -> Any:
    return x


def test_a_channel_that_gets_crowded_while_its_reader_parks_is_drained() -> None:
    channel = Channel(1)

    class Meanwhile:
        """A backend in whose `parker` a writer, interrupted in the middle of its push, goes on."""

        parkers = 0

        def parker(self) -> None:
            self.parkers += 1
            if self.parkers == 1:
                channel.crowded = True
            else:
                channel.push("next")

        async def wait(self, parker: None) -> None:
            raise AssertionError("the reader waits for a writer that waits for it")

    assert drive(channel.more(Meanwhile()))  # type: ignore[arg-type]  # as much of a backend as `more` needs
    assert not channel.closed


def nothing(x: Any) -> Iterator[str]:
    yield from ""


@pytest.mark.parametrize(
    ("run", "note"),
    [
        (lambda: RunnableLambda(nothing).batch([0, 0]), "in nothing"),
        (
            lambda: list((RunnableLambda(nothing) | RunnableLambda(str, name="text")).stream(0)),
            "in step 2: text",
        ),
        (lambda: RouterRunnable({}).batch([{"key": "nowhere", "input": 0}] * 2), "in RouterRunnable"),
        (lambda: RunnableLambda(returns_itself).batch([0, 0]), "in returns_itself"),
    ],
)
def test_an_error_of_the_librarys_own_names_its_step(run: Any, note: str) -> None:
    with pytest.raises(Exception) as raised:  # each its own
        run()
    assert raised.value.__notes__ == [note]


def returns_itself(x: Any) -> Any:
    return RunnableLambda(returns_itself)


async def letters_that_close(log: list[str]) -> AsyncIterator[str]:
    try:
        for letter in "abc":
            yield letter
    finally:
        await asyncio.sleep(0)
        log.append("closed")


@pytest.mark.parametrize("listening", [False, True])
@pytest.mark.parametrize(
    "step",
    [
        RunnablePick("key"),
        RunnablePassthrough(fail),
        RunnableGenerator(hand_on).with_retry() | RunnablePick("key"),
        RunnablePassthrough().with_fallbacks([RunnablePassthrough()]) | RunnablePick("key"),
        StrOutputParser() | RunnablePick("key"),
    ],
    ids=repr,
)
def test_when_a_step_fails_all_upstream_is_closed_before_the_error_arrives(
    step: Any, listening: bool
) -> None:
    log: list[str] = []

    async def main() -> None:
        stream = step.atransform(letters_that_close(log), {"callbacks": [Collector()] if listening else None})
        with pytest.raises((InputError, OddError)):
            async for _ in stream:
                pass
        assert log == ["closed"]

    asyncio.run(main())


def test_a_parallel_of_nothing_streams_what_it_returns() -> None:
    step = RunnableParallel[Any]({})
    assert step.invoke(0) == {} == fold(list(step.stream(0)))


def letters_that_fail(x: Any) -> Iterator[str]:
    yield "a"
    raise OddError


def say_sorry(xs: Iterator[Any]) -> Iterator[str]:
    yield "sorry"


@pytest.mark.parametrize("again", ["retry", "fallback"])
def test_an_error_of_the_input_is_not_the_steps_to_handle(again: str) -> None:
    attempts: list[int] = []

    def hand_on_at_last(xs: Iterator[Any]) -> Iterator[str]:
        attempts.append(1)
        yield "".join(xs)

    step = RunnableGenerator(hand_on_at_last)
    tried = step.with_retry() if again == "retry" else step.with_fallbacks([RunnableGenerator(say_sorry)])
    with pytest.raises(OddError):
        list((RunnableLambda(letters_that_fail) | tried).stream(0))
    assert len(attempts) == 1


def hand_on_sync(xs: Iterator[Any]) -> Iterator[Any]:
    yield from xs


def test_a_sync_transformer_that_waits_for_input_does_not_hold_up_the_close() -> None:
    with Clock() as clock:

        async def main() -> None:
            source = Source("abc", delay=10)
            with Ledger(), pytest.raises(TimeoutError):
                async with asyncio.timeout(5):
                    async for _ in RunnableGenerator(hand_on_sync).atransform(source.aitems()):
                        pass

        clock.run(main())
        assert clock.time() == pytest.approx(5, abs=0.01)


def test_a_transformer_that_fails_leaves_nothing_to_the_collector() -> None:
    def fail_at_once(xs: Iterator[Any]) -> Iterator[Any]:
        for _ in xs:
            raise OddError
        yield

    kept: list[BaseException] = []
    with Ledger():
        try:
            list((RunnableLambda(letters) | RunnableGenerator(fail_at_once)).stream(0))
        except OddError as error:
            kept.append(error)  # and with it its frames
