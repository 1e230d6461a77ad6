"""`StrOutputParser`: the text of what a model says."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from riverrun._engine.run import Run
from riverrun.messages import AIMessageChunk, BaseMessage
from riverrun.output_parsers.base import is_own, text_of
from riverrun.output_parsers.transform import BaseTransformOutputParser


class StrOutputParser(BaseTransformOutputParser[str]):
    """A step from messages, or strings, to their text.

    It works chunk by chunk: one text out for each message chunk in, also where that is empty. Of content given as blocks
    it takes the strings and text blocks. A subclass may override `parse`, which is given each text.

    Raises:
        InputError: the input is neither a message nor a string. It is a TypeError.
    """

    def parse(self, text: str) -> str:
        """The text itself."""
        return text

    @property
    def _type(self) -> str:
        return "default"

    @classmethod
    def is_lc_serializable(cls) -> bool:
        """Whether it may be stored as data: it may."""
        return True

    @classmethod
    def get_lc_namespace(cls) -> list[str]:
        """Where stored data says that it comes from."""
        return ["langchain", "schema", "output_parser"]

    async def _call_kernel(self, x: str | BaseMessage, run: Run) -> str:
        if self._takes_the_text():
            return text_of(x, self)
        parsed: str = await super()._call_kernel(x, run)
        return parsed

    def _flow_kernel(self, xs: Any, run: Run) -> AsyncIterator[str]:
        return self._texts(xs, run) if self._takes_the_text() else super()._flow_kernel(xs, run)

    def _takes_the_text(self) -> bool:
        return type(self) is StrOutputParser or not is_own(self, *_OWN)

    async def _texts(self, xs: Any, run: Run) -> AsyncIterator[str]:
        async with aclosing(xs):
            locate = run.locating()
            async for x in xs:  # runs once per token, so the common cases go round a property and a call
                if type(x) is AIMessageChunk and x._summands is None and type(content := x._content) is str:
                    yield content
                elif type(x) is str:
                    yield x
                else:
                    with locate:
                        text = text_of(x, self)
                    yield text


_OWN = ("parse", "aparse", "parse_result", "aparse_result", "_transform", "_atransform")
"""What an author overrides who wants more than the text."""
