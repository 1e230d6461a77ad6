"""`StrOutputParser`: the text of what a model says."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any, ClassVar

from riverrun._engine.run import Run
from riverrun._pure.exceptions import InputError
from riverrun.messages import AIMessageChunk, BaseMessage
from riverrun.runnables import RunnableSerializable


class StrOutputParser(RunnableSerializable[str | BaseMessage, str]):
    """A step from messages, or strings, to their text.

    It works chunk by chunk: one text out for each message chunk in, also where that is empty. Of content given as blocks
    it takes the strings and text blocks. A subclass may override `parse`, which is given each text.

    Raises:
        InputError: the input is neither a message nor a string. It is a TypeError.
    """

    kind: ClassVar[str] = "parser"
    transforms: ClassVar[bool] = True
    yields: ClassVar[bool | None] = False

    def parse(self, text: str) -> str:
        """The text itself."""
        return text

    async def aparse(self, text: str) -> str:
        """Like `parse`."""
        return self.parse(text)

    @property
    def InputType(self) -> Any:
        """A string or a message."""
        return str | BaseMessage

    @property
    def OutputType(self) -> Any:
        """A string."""
        return str

    async def _call_kernel(self, x: str | BaseMessage, run: Run) -> str:
        return await self._parsed(_text(x), run) if self._parses() else _text(x)

    async def _flow_kernel(self, xs: Any, run: Run) -> AsyncIterator[str]:
        async with aclosing(xs):
            if self._parses():
                async for x in xs:
                    yield await self._parsed(_text(x), run)
                return
            locate = run.locating()
            async for x in xs:  # runs once per token, so the common cases go round a property and a call
                if type(x) is AIMessageChunk and x._summands is None and type(content := x._content) is str:
                    yield content
                elif type(x) is str:
                    yield x
                else:
                    with locate:
                        text = _text(x)
                    yield text

    def _parses(self) -> bool:
        cls = type(self)
        return cls.parse is not StrOutputParser.parse or cls.aparse is not StrOutputParser.aparse

    async def _parsed(self, text: str, run: Run) -> str:
        if run.backend.is_async and type(self).aparse is not StrOutputParser.aparse:
            parsed: str = await run.call(self.aparse, (text,), is_async=True)
        else:
            parsed = await run.call(self.parse, (text,))
        return parsed


def _text(x: Any) -> str:
    if isinstance(x, str):
        return str(x)
    if isinstance(x, BaseMessage):
        return str(x.text)
    raise InputError(f"StrOutputParser takes a message or a string, not {type(x).__name__}")
