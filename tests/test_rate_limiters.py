"""How many requests may begin in a second."""

import asyncio
from typing import Any

import pytest

from modes import MODES, Mode
from riverrun.language_models import FakeListChatModel
from riverrun.rate_limiters import BaseRateLimiter, InMemoryRateLimiter
from riverrun.runnables import RunnableLambda
from riverrun.testing import Clock


def limiter(**options: float) -> InMemoryRateLimiter:
    return InMemoryRateLimiter(**{"requests_per_second": 2, "check_every_n_seconds": 0.125, **options})


def test_the_bucket_begins_empty_and_fills_with_the_time() -> None:
    with Clock() as clock:
        bucket = limiter(max_bucket_size=2)
        assert not bucket.acquire(blocking=False)
        clock.sleep(0.5)
        assert [bucket.acquire(blocking=False) for _ in range(2)] == [True, False]
        clock.sleep(100)
        assert [bucket.acquire(blocking=False) for _ in range(3)] == [True, True, False]


def test_acquire_waits_for_its_turn_in_either_colour() -> None:
    with Clock() as clock:
        bucket = limiter()
        assert [bucket.acquire() for _ in range(3)] == [True] * 3
        assert clock.time() == 1.5

        async def main() -> None:
            assert await bucket.aacquire()
            assert not await bucket.aacquire(blocking=False)

        clock.run(main())
        assert clock.time() == 2


@pytest.mark.parametrize("mode", MODES)
def test_a_model_waits_before_each_request(mode: Mode, monkeypatch: pytest.MonkeyPatch) -> None:
    with Clock() as clock:
        monkeypatch.setattr(asyncio, "run", clock.run)
        model = FakeListChatModel(responses=["a"], rate_limiter=limiter())
        for _ in range(4):
            mode(model, "x")
        assert clock.time() == 2


def test_g22_waiting_does_not_block_the_loop() -> None:
    beats = []

    async def beat() -> None:
        while True:
            await asyncio.sleep(0.25)
            beats.append(True)

    async def main() -> None:
        heart = asyncio.ensure_future(beat())
        await FakeListChatModel(responses=["a"], rate_limiter=limiter(requests_per_second=0.5)).ainvoke("x")
        heart.cancel()

    with Clock() as clock:
        clock.run(main())
    assert len(beats) >= 7


def test_g01_waiting_ends_when_the_run_is_stopped() -> None:
    slow = FakeListChatModel(responses=["a"], rate_limiter=limiter(requests_per_second=0.0001))

    def fail(x: Any) -> Any:
        clock.sleep(1)
        raise LookupError

    with Clock() as clock:
        both: Any = {"slow": slow, "bad": RunnableLambda(fail)} | RunnableLambda(lambda x: x)
        with pytest.raises(LookupError):
            both.invoke("x")
        assert clock.time() < 1.5

        async def main() -> None:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(slow.ainvoke("x"), 1)

        clock.run(main())
        assert clock.time() < 3


def test_g24_who_waits_for_its_turn_holds_no_permit() -> None:
    begun: list[float] = []

    async def quick(x: str) -> None:
        begun.append(clock.time())

    async def main() -> None:
        model = FakeListChatModel(responses=["a"], rate_limiter=limiter(requests_per_second=0.25))
        both: Any = {"model": model, "quick": RunnableLambda(quick)} | RunnableLambda(lambda x: x)
        await both.ainvoke("x", {"max_concurrency": 1})

    with Clock() as clock:
        clock.run(main())
        assert (begun, clock.time()) == ([0], 4)


def test_a_limiter_defines_both_ways_to_ask() -> None:
    class Half(BaseRateLimiter):
        def acquire(self, *, blocking: bool = True) -> bool:
            return True

    with pytest.raises(TypeError, match="abstract"):
        Half()  # type: ignore[abstract]  # that is the point


@pytest.mark.parametrize(
    "setting",
    [
        {"requests_per_second": 0},
        {"requests_per_second": -1},
        {"requests_per_second": float("nan")},
        {"max_bucket_size": 0.5},
        {"check_every_n_seconds": -1},
    ],
)
def test_a_bucket_that_nobody_would_ever_get_a_token_of_is_refused(setting: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(setting))):
        InMemoryRateLimiter(**setting)
