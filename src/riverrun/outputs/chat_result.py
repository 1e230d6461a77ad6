"""What one request to a chat model brings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from riverrun._pure.exceptions import MessageError
from riverrun._pure.record import Record
from riverrun.outputs.chat_generation import ChatGeneration

__all__ = ["ChatResult"]


class ChatResult(Record):
    """The answers of a chat model to one request.

    Args:
        generations: the answers; more than one only if more were asked for.
        llm_output: what the provider reported about the request as a whole.

    Raises:
        MessageError: a value has the wrong type.
    """

    __slots__ = ("generations", "llm_output")

    _fields: ClassVar[tuple[str, ...]] = ("generations", "llm_output")
    _required: ClassVar[tuple[str, ...]] = ("generations",)
    _schema: ClassVar[Mapping[str, Any]] = {
        "generations": {"type": "array", "items": {"type": "object"}},
        "llm_output": {"anyOf": [{"type": "object"}, {"type": "null"}]},
    }

    def __init__(
        self, generations: Sequence[ChatGeneration], llm_output: dict[str, Any] | None = None
    ) -> None:
        if not isinstance(generations, list | tuple):
            raise MessageError(f"generations must be a list, not {type(generations).__name__}")
        self.generations = [ChatGeneration.model_validate(each) for each in generations]
        self.llm_output = llm_output

    def _shown(self) -> Iterator[tuple[str, Any]]:
        return ((name, getattr(self, name)) for name in self._fields)
