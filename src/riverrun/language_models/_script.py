"""How models answer from a script: each in its turn, after a pause that ends when the run is stopped."""

from __future__ import annotations

from collections.abc import AsyncIterator
from threading import Lock
from typing import Any

from riverrun._backends.protocol import Backend
from riverrun._engine.stopping import pause

_turn = Lock()


def next_answer(model: Any) -> Any:
    """The answer whose turn it is: `responses[i]`. After the last comes the first again."""
    with _turn:
        answer = model.responses[model.i]
        model.i = model.i + 1 if model.i < len(model.responses) - 1 else 0
    return answer


async def paused(seconds: float | None, backend: Backend) -> None:
    """Let time pass, if any is asked for."""
    if seconds is not None:
        await pause(seconds, backend)


async def letters(
    answer: str, seconds: float | None, backend: Backend, fails_at: int | None, error: type[Exception]
) -> AsyncIterator[str]:
    """The letters of an answer, a pause before each; in place of the one with the index `fails_at`, an error."""
    for i, letter in enumerate(answer):
        if seconds is not None:
            await pause(seconds, backend)
        if i == fails_at:
            raise error
        yield letter
