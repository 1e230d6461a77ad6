"""Parsers that work while the answer arrives: on each chunk, or on all that has arrived so far."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Any, ClassVar, Generic

from riverrun._engine.adapt import lazily, lazily_async, transformed
from riverrun._engine.run import Once, Run
from riverrun._pure.exceptions import InputError
from riverrun.messages import AIMessageChunk, BaseMessage, BaseMessageChunk
from riverrun.output_parsers.base import ASYNC_HOOKS, BaseOutputParser, T, generation_of, is_own
from riverrun.outputs import ChatGenerationChunk, Generation, GenerationChunk

__all__ = ["BaseCumulativeTransformOutputParser", "BaseTransformOutputParser"]


class BaseTransformOutputParser(BaseOutputParser[T], Generic[T]):
    """A parser that reads each chunk by itself. A subclass defines `parse`.

    It may define `_transform` or `_atransform`, generators that are given the whole stream; either serves every mode.
    """

    transforms: ClassVar[bool] = True

    def _transform(self, input: Iterator[str | BaseMessage]) -> Iterator[T]:
        """What each chunk says."""
        for x in input:
            yield self.parse_result([generation_of(x, self)])

    async def _atransform(self, input: AsyncIterator[str | BaseMessage]) -> AsyncIterator[T]:
        """What each chunk says, by the async hooks."""
        async for x in input:
            yield await self.aparse_result([generation_of(x, self)])

    def _flow_kernel(self, xs: Any, run: Run) -> AsyncIterator[T]:
        if type(xs) is Once:  # all of it is here
            return super()._flow_kernel(xs, run)
        hooks = (
            ("_atransform", "_transform", *ASYNC_HOOKS)
            if run.backend.is_async
            else ("_transform", "_atransform")
        )
        own = next((name for name in hooks if is_own(self, name)), "_transform")
        if own == "_transform":
            return transformed(lambda items: lazily(partial(self._transform, items)), xs, run, False)
        return transformed(lambda items: lazily_async(partial(self._atransform, items)), xs, run, True)


class BaseCumulativeTransformOutputParser(BaseTransformOutputParser[T], Generic[T]):
    """A parser that reads all that has arrived so far, at each chunk, and puts out what it says when that has changed.

    A subclass defines `parse`, or `parse_result`, which is told `partial=True` while the answer arrives. A result of None
    says that nothing can be told yet. What has arrived is joined only when the subclass looks at it.
    """

    diff: bool = False
    """Put out what has changed since the last output, by `_diff`, in place of all of it."""

    def _diff(self, prev: T | None, next: T) -> T:
        """What has changed from `prev`, which is None at first, to `next`. Needed for `diff`."""
        raise NotImplementedError(f"{type(self).__name__} defines no _diff, which diff=True needs")

    def _transform(self, input: Iterator[str | BaseMessage]) -> Iterator[Any]:
        """What all that has arrived says, as often as that changes."""
        arrived, told = Arrived(self), Told(self)
        for x in input:
            yield from told.of(self.parse_result([arrived.with_(x)], partial=True))

    async def _atransform(self, input: AsyncIterator[str | BaseMessage]) -> AsyncIterator[T]:
        """Likewise, by the async hooks."""
        arrived, told = Arrived(self), Told(self)
        async for x in input:
            for y in told.of(await self.aparse_result([arrived.with_(x)], partial=True)):
                yield y


class Arrived:
    """The sum of what has arrived, as generations. Adding to it costs the same at the end as at the beginning."""

    __slots__ = ("_parser", "_sum")

    def __init__(self, parser: Any) -> None:
        self._parser = parser
        self._sum: Any = None

    def with_(self, x: Any) -> Generation:
        """The sum so far, `x` being the last of it.

        Raises:
            InputError: `x` is neither a message nor a string, or it is one of these where the other has arrived.
        """
        piece: Any = self._piece(x)
        if self._sum is None:
            self._sum = piece
        elif type(piece) is type(self._sum):
            self._sum += piece
        else:
            raise InputError(
                f"{type(self._parser).__name__} was given {type(x).__name__} in the middle of a stream of"
                f" {'messages' if isinstance(self._sum, ChatGenerationChunk) else 'strings'}, which don't add up"
            )
        return self._sum  # type: ignore[no-any-return]

    def _piece(self, x: Any) -> GenerationChunk | ChatGenerationChunk:
        if isinstance(x, BaseMessage):
            return ChatGenerationChunk(message=x if isinstance(x, BaseMessageChunk) else _as_chunk(x))
        return GenerationChunk(text=generation_of(x, self._parser).text)


class Told:
    """What a parser has said so far, so that it says only what is new."""

    __slots__ = ("_last", "_parser")

    def __init__(self, parser: Any) -> None:
        self._parser = parser
        self._last: Any = None

    def of(self, parsed: Any) -> Iterator[Any]:
        """`parsed`, if it is something, and something else than before; what has changed, if the parser says that."""
        last = self._last
        if parsed is not None and parsed != last:
            self._last = parsed
            yield self._parser._diff(last, parsed) if self._parser.diff else parsed


def _as_chunk(message: BaseMessage) -> BaseMessageChunk:
    """A message that stands in a stream of chunks, as the one chunk that it is."""
    kinds = (kind for kind in BaseMessageChunk.__subclasses__() if kind.whole is type(message))
    kind = next(kinds, AIMessageChunk)
    own = (name for name in kind.whole._fields if name not in ("content", "type"))
    return kind(message.content, **{name: message._value(name) for name in own if name in message._fields})
