"""An answer that is read while it arrives: its pieces as text, and the errors that say what it was."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from typing import Any

from riverrun._engine.run import Run
from riverrun._pure.exceptions import InvalidJSONError, ModelRefusalError
from riverrun._pure.fold import fold
from riverrun._pure.later import later
from riverrun.messages import AIMessageChunk, BaseMessage
from riverrun.output_parsers.base import text_of

__all__ = ["Answer", "opened", "streamed", "whole"]


class Answer:
    """What has arrived of one answer. Taking a piece costs the same however many have been taken."""

    __slots__ = ("_parser", "_pieces")

    def __init__(self, parser: Any) -> None:
        self._parser = parser
        self._pieces: list[Any] = []

    def text_of(self, x: Any) -> str:
        """The text of a piece, which is kept.

        Raises:
            InputError: it is neither a message nor a string.
        """
        self._pieces.append(x)
        if type(x) is str:
            return x
        if type(x) is AIMessageChunk and x._summands is None and type(content := x._content) is str:
            return content
        return text_of(x, self._parser)

    def end(self, stream: Any) -> bool:
        """Close the machine that reads the answer: whether that brings something new.

        Raises:
            InvalidJSONError: the answer can't be read; it holds the answer.
            ModelRefusalError: the model declined, in its content; or beside it, which is why there is no JSON.
        """
        try:
            changed: bool = stream.close()
        except InvalidJSONError as error:
            raise self._complaint(error) from None
        if (refusal := self.refusal()) is not None:
            raise refusal
        return changed

    def _complaint(self, error: InvalidJSONError) -> InvalidJSONError | ModelRefusalError:
        """What to raise for `error`: that, with the answer, or the refusal that explains it."""
        if (refusal := self.refusal(beside=True)) is not None:
            return refusal
        error.llm_output = "".join([text_of(x, self._parser) for x in self._pieces])
        return error

    def refusal(self, beside: bool = False) -> ModelRefusalError | None:
        """The error of a model that declined, if it did: in its content, or `beside` it too."""
        reasons = [
            reason for x in self._pieces if isinstance(x, BaseMessage) for reason in _reasons(x, beside)
        ]
        if not reasons:
            return None
        said = {"refusal": "".join(map(str, reasons))}
        return ModelRefusalError.from_refusal(said, raw_message=fold(self._pieces))


def _reasons(message: BaseMessage, beside: bool) -> Iterator[Any]:
    if beside and message.additional_kwargs.get("refusal"):
        yield message.additional_kwargs["refusal"]
    for block in message.content if isinstance(message.content, list) else ():
        if isinstance(block, dict):
            inner = block.get("value") if block.get("type") == "non_standard" else block
            if isinstance(inner, dict) and inner.get("type") == "refusal":
                yield inner.get("refusal") or ""


def opened(kind: str, **options: Any) -> Any:
    """A machine that reads the JSON in what a model says. Its code is loaded when it is first needed."""
    module = "_pure.json_stream" if kind == "JSONStream" else "_pure.json_views"
    return later(module, kind)(find=True, control_characters=True, **options)


async def whole(read: Callable[[Any], Any], x: Any, run: Run) -> Any:
    """What `read` makes of a whole answer; of a long one in a thread, so that no loop waits for it."""
    said = x.content if isinstance(x, BaseMessage) else x
    if run.backend.is_async and isinstance(said, str) and len(said) > _LONG:
        return await run.call(read, (x,))
    with run.locating():
        return read(x)


async def streamed(
    xs: Any,
    run: Run,
    answer: Answer,
    stream: Any,
    nothing: Any = None,
    done: Callable[[], bool] | None = None,
) -> AsyncGenerator[Any, None]:
    """What `stream` shows of the answer in `xs`, as it arrives; until `done`, if that is given; else `nothing`, likewise."""
    quiet = nothing is not None
    push, show, text_of = stream.push, stream.show, answer.text_of
    async with aclosing(xs):
        async for x in xs:
            try:  # runs once per token, and costs nothing
                changed = push(text_of(x))
            except BaseException as error:
                run.locate(error)
                raise
            if changed:
                quiet = False
                yield show()
            if done is not None and done():
                break
        else:
            with run.locating():
                changed = answer.end(stream)
            if changed:
                quiet = False
                yield show()
    if quiet:
        yield nothing


_LONG = 100_000
"""Characters, which take some milliseconds."""
