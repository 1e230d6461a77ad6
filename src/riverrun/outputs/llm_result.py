"""What requests to a model bring, one for each prompt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from riverrun._pure.exceptions import MessageError
from riverrun._pure.record import Record
from riverrun.outputs.chat_generation import ChatGeneration, ChatGenerationChunk
from riverrun.outputs.generation import Generation
from riverrun.outputs.run_info import RunInfo

__all__ = ["LLMResult"]


class LLMResult(Record):
    """The generations of a model for each of several prompts. Results are equal whatever the runs that made them.

    Args:
        generations: for each prompt, its generations.
        llm_output: what the provider reported about the requests.
        run: for each prompt, the run that answered it.

    Raises:
        MessageError: a value has the wrong type.
    """

    __slots__ = ("generations", "llm_output", "run")

    type: ClassVar[str] = "LLMResult"

    _fields: ClassVar[tuple[str, ...]] = ("generations", "llm_output", "run", "type")
    _required: ClassVar[tuple[str, ...]] = ("generations",)
    _schema: ClassVar[Mapping[str, Any]] = {
        "generations": {"type": "array", "items": {"type": "array", "items": {"type": "object"}}},
        "llm_output": {"anyOf": [{"type": "object"}, {"type": "null"}]},
        "run": {"anyOf": [{"type": "array", "items": {"type": "object"}}, {"type": "null"}]},
        "type": {"type": "string"},
    }

    def __init__(
        self,
        generations: Sequence[Sequence[Generation]],
        llm_output: dict[str, Any] | None = None,
        run: Sequence[RunInfo] | None = None,
        *,
        type: str | None = None,
    ) -> None:
        if type is not None and type != self.type:
            raise MessageError(f"type must be {self.type!r}, not {type!r}")
        if not isinstance(generations, list | tuple):
            raise MessageError(f"generations must be a list of lists, not {generations.__class__.__name__}")
        self.generations: list[list[Generation]] = []
        for place, each in enumerate(generations):
            if not isinstance(each, list | tuple):
                raise MessageError(f"generations[{place}] must be a list, not {each.__class__.__name__}")
            self.generations.append([_generation(generation) for generation in each])
        self.llm_output = llm_output
        self.run = None if run is None else [RunInfo.model_validate(info) for info in run]

    def flatten(self) -> list[LLMResult]:
        """A result for each prompt. The first has the token usage, so that a sum over them counts no token twice."""
        results = []
        for place, each in enumerate(self.generations):
            output = self.llm_output
            if place and output is not None:
                output = {**output, "token_usage": {}}
            results.append(LLMResult([each], output))
        return results

    def _shown(self) -> Iterator[tuple[str, Any]]:
        return ((name, getattr(self, name)) for name in self._fields)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, LLMResult):
            return NotImplemented
        return self.generations == other.generations and self.llm_output == other.llm_output


def _generation(value: Any) -> Generation:
    if not isinstance(value, Mapping):
        return Generation.model_validate(value)
    kinds: tuple[type[Generation], ...] = (Generation, ChatGeneration, ChatGenerationChunk)
    kind = next((kind for kind in kinds if kind.type == value.get("type")), None)
    return (kind or (ChatGeneration if "message" in value else Generation)).model_validate(value)
