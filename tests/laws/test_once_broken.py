"""What a law once found broken, each reduced to the few lines that show it."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

from riverrun.runnables import RunnableLambda


def letters(x: Any) -> Iterator[str]:
    yield from "abc"


async def hand_on(xs: AsyncIterator[Any]) -> AsyncIterator[Any]:
    async for x in xs:
        yield x


def test_closing_a_sync_stream_with_an_async_transformer_is_no_error() -> None:
    stream = (RunnableLambda(letters) | hand_on).stream(0)
    assert next(stream) == "a"
    stream.close()  # type: ignore[attr-defined]
