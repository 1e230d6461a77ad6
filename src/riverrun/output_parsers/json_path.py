"""`JsonPathParser`: what has become complete under a path into an answer. Loaded when the first is made."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from pydantic import model_validator

from riverrun._engine.run import Run
from riverrun.output_parsers._answer import Answer, opened, streamed, whole
from riverrun.output_parsers.transform import BaseTransformOutputParser
from riverrun.outputs import ChatGeneration, Generation

__all__ = ["JsonPathParser"]


class JsonPathParser(BaseTransformOutputParser[Any]):
    """What `JsonOutputParser.paths` makes: a step that streams what has just become complete under a path."""

    expression: str
    with_path: bool = False
    as_text: bool = False
    early_stop: bool = False

    @model_validator(mode="after")
    def _check(self) -> JsonPathParser:
        self._opened()
        return self

    def parse(self, text: str) -> Any:
        """All that `text` has under the path."""
        return self._read(text)

    def parse_result(self, result: list[Generation], *, partial: bool = False) -> Any:
        """All that the first of `result` has under the path."""
        first = result[0]
        return self._read(first.message if isinstance(first, ChatGeneration) else first.text)

    def _opened(self) -> Any:
        return opened(
            "PathStream", expression=self.expression, with_path=self.with_path, as_text=self.as_text
        )

    def _read(self, x: Any) -> Any:
        answer, stream = Answer(self), self._opened()
        found = stream.show() if stream.push(answer.text_of(x)) else self._nothing()
        if self.early_stop and stream.done:
            return found
        return found + stream.show() if answer.end(stream) else found

    def _nothing(self) -> Any:
        return "" if self.as_text else []

    async def _call_kernel(self, x: Any, run: Run) -> Any:
        return await whole(self._read, x, run)

    def _flow_kernel(self, xs: Any, run: Run) -> AsyncIterator[Any]:
        stream = self._opened()
        done = (lambda: stream.done) if self.early_stop else None
        return streamed(xs, run, Answer(self), stream, self._nothing(), done)
