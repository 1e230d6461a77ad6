"""Models of text that answer from a script, for tests and examples."""

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any, ClassVar

from riverrun._backends.aio import ASYNC
from riverrun._backends.drive import drive, iterate
from riverrun._backends.protocol import Backend
from riverrun._backends.sync import SYNC
from riverrun.language_models._script import letters, next_answer, paused
from riverrun.language_models.llms import LLM
from riverrun.outputs import GenerationChunk

__all__ = ["FakeListLLM", "FakeListLLMError", "FakeStreamingListLLM"]


class FakeListLLM(LLM):
    """Answers with the texts of a list, one after the other and then again from the first."""

    one_by_one: ClassVar[bool] = True

    responses: list[str]
    sleep: float | None = None
    """Seconds before each answer; where it streams, before each letter. The pause never blocks a loop."""
    i: int = 0
    """Which answer comes next."""

    @property
    def _llm_type(self) -> str:
        return "fake-list"

    @property
    def _identifying_params(self) -> Mapping[str, Any]:
        return {"responses": self.responses}

    def _call(
        self, prompt: str, stop: list[str] | None = None, run_manager: Any = None, **kwargs: Any
    ) -> str:
        return str(drive(self._answer(SYNC)))

    async def _acall(
        self, prompt: str, stop: list[str] | None = None, run_manager: Any = None, **kwargs: Any
    ) -> str:
        return await self._answer(ASYNC)

    async def _answer(self, backend: Backend) -> str:
        await paused(self.sleep, backend)
        return str(next_answer(self))


class FakeListLLMError(Exception):
    """What `FakeStreamingListLLM` raises when it is told to."""


class FakeStreamingListLLM(FakeListLLM):
    """A `FakeListLLM` that streams its answers letter by letter."""

    error_on_chunk_number: int | None = None
    """The index of the chunk in whose place a `FakeListLLMError` comes."""

    def _stream(
        self, prompt: str, stop: list[str] | None = None, run_manager: Any = None, **kwargs: Any
    ) -> Iterator[GenerationChunk]:
        return iterate(self._letters(SYNC))

    def _astream(
        self, prompt: str, stop: list[str] | None = None, run_manager: Any = None, **kwargs: Any
    ) -> AsyncIterator[GenerationChunk]:
        return self._letters(ASYNC)

    async def _letters(self, backend: Backend) -> AsyncIterator[GenerationChunk]:
        fails_at = self.error_on_chunk_number
        async for letter in letters(next_answer(self), self.sleep, backend, fails_at, FakeListLLMError):
            yield GenerationChunk(letter)
