"""Running a step in each of its modes, for tests that want the same of all."""

import asyncio
from collections.abc import Callable
from typing import Any

from riverrun.runnables import Runnable

Step = Runnable[Any, Any]


def invoke(step: Step, x: Any, **kwargs: Any) -> list[Any]:
    return [step.invoke(x, **kwargs)]


def ainvoke(step: Step, x: Any, **kwargs: Any) -> list[Any]:
    return [asyncio.run(step.ainvoke(x, **kwargs))]


def stream(step: Step, x: Any, **kwargs: Any) -> list[Any]:
    return list(step.stream(x, **kwargs))


def astream(step: Step, x: Any, **kwargs: Any) -> list[Any]:
    async def read() -> list[Any]:
        return [y async for y in step.astream(x, **kwargs)]

    return asyncio.run(read())


def batch(step: Step, x: Any, **kwargs: Any) -> list[Any]:
    return step.batch([x], **kwargs)


def abatch(step: Step, x: Any, **kwargs: Any) -> list[Any]:
    return asyncio.run(step.abatch([x], **kwargs))


Mode = Callable[..., list[Any]]

STREAMS: list[Mode] = [stream, astream]
MODES: list[Mode] = [invoke, ainvoke, stream, astream, batch, abatch]
