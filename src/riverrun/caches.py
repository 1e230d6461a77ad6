"""Caches of what models have answered, so that the same question makes no second request.

A key has two parts, the prompt and a text that stands for the model with its settings. A value is what the model made of
the prompt. What is in a cache stays there as it was: models put copies in and take copies out.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from threading import Lock
from typing import Any, TypeAlias

from riverrun.outputs import Generation
from riverrun.runnables.config import run_in_executor

__all__ = ["RETURN_VAL_TYPE", "BaseCache", "InMemoryCache"]

RETURN_VAL_TYPE: TypeAlias = Sequence[Generation]
"""What a cache holds for a key: the generations for one prompt."""


class BaseCache(ABC):
    """Where models look before they make a request.

    A subclass defines `lookup`, `update` and `clear`, which may block: async runs call them in a thread, unless it also
    defines `alookup` and `aupdate`. What they raise fails the run.
    """

    @abstractmethod
    def lookup(self, prompt: str, llm_string: str) -> RETURN_VAL_TYPE | None:
        """What is held for this prompt and model; None if there is nothing."""

    @abstractmethod
    def update(self, prompt: str, llm_string: str, return_val: RETURN_VAL_TYPE) -> None:
        """Hold `return_val` for this prompt and model."""

    @abstractmethod
    def clear(self, **kwargs: Any) -> None:
        """Forget everything, or what the keyword arguments of a subclass say."""

    async def alookup(self, prompt: str, llm_string: str) -> RETURN_VAL_TYPE | None:
        """`lookup`, in a thread."""
        return await run_in_executor(None, self.lookup, prompt, llm_string)

    async def aupdate(self, prompt: str, llm_string: str, return_val: RETURN_VAL_TYPE) -> None:
        """`update`, in a thread."""
        await run_in_executor(None, self.update, prompt, llm_string, return_val)

    async def aclear(self, **kwargs: Any) -> None:
        """`clear`, in a thread."""
        await run_in_executor(None, self.clear, **kwargs)


class InMemoryCache(BaseCache):
    """A cache that lasts as long as the process.

    Args:
        maxsize: how many answers to hold; then each new one takes the place of the oldest. None for any number.

    Raises:
        ValueError: `maxsize` is no positive number.
    """

    def __init__(self, *, maxsize: int | None = None) -> None:
        if maxsize is not None and maxsize <= 0:
            raise ValueError(f"maxsize must be greater than 0, or None for no limit, not {maxsize!r}")
        self._held: dict[tuple[str, str], RETURN_VAL_TYPE] = {}
        self._maxsize = maxsize
        self._lock = Lock()

    def lookup(self, prompt: str, llm_string: str) -> RETURN_VAL_TYPE | None:
        return self._held.get((prompt, llm_string))

    def update(self, prompt: str, llm_string: str, return_val: RETURN_VAL_TYPE) -> None:
        key = (prompt, llm_string)
        with self._lock:
            if len(self._held) == self._maxsize and key not in self._held:
                del self._held[next(iter(self._held))]
            self._held[key] = return_val

    def clear(self, **kwargs: Any) -> None:
        with self._lock:
            self._held = {}

    # Nothing here waits, so nothing needs a thread.

    async def alookup(self, prompt: str, llm_string: str) -> RETURN_VAL_TYPE | None:
        return self.lookup(prompt, llm_string)

    async def aupdate(self, prompt: str, llm_string: str, return_val: RETURN_VAL_TYPE) -> None:
        self.update(prompt, llm_string, return_val)

    async def aclear(self, **kwargs: Any) -> None:
        self.clear(**kwargs)
