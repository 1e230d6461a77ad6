"""What dropping an async stream starts."""

import asyncio
import gc
from collections.abc import AsyncIterator

from riverrun.runnables import RunnableLambda


def test_g01_break_closes_at_once_what_need_not_wait() -> None:
    log: list[str] = []

    async def source(x: int) -> AsyncIterator[int]:
        try:
            while True:
                yield x
        finally:
            log.append("closed")

    async def main() -> None:
        async for _ in RunnableLambda(source).astream(1):
            break
        assert log == ["closed"]
        await asyncio.sleep(0)
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(main())


def test_g01_a_close_that_waits_is_one_task_from_its_first_step_to_its_last() -> None:
    tasks: list[object] = []

    async def source(x: int) -> AsyncIterator[int]:
        try:
            while True:
                yield x
        finally:
            tasks.append(asyncio.current_task())
            async with asyncio.timeout(5):  # a scope that must be left by the task that entered it
                await asyncio.sleep(0.001)
            tasks.append(asyncio.current_task())

    async def main() -> None:
        me = asyncio.current_task()
        async for _ in RunnableLambda(source).astream(1):
            break
        assert asyncio.current_task() is me
        while len(tasks) < 2:
            await asyncio.sleep(0.001)
        assert tasks[0] is tasks[1] and tasks[0] is not me
        await asyncio.sleep(0)
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(main())


def test_a_stream_dropped_by_another_thread_is_closed_on_its_loop() -> None:
    log: list[bool] = []

    async def source(x: int) -> AsyncIterator[int]:
        try:
            while True:
                yield x
        finally:
            log.append(asyncio.get_running_loop() is not None)

    async def main() -> None:
        box = [RunnableLambda(source).astream(1)]
        await box[0].__anext__()
        await asyncio.to_thread(lambda: (box.clear(), gc.collect()))
        while not log:
            await asyncio.sleep(0)

    asyncio.run(main())
    assert log == [True]
