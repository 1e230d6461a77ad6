"""What every output parser is: a step that makes something of what a model says."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeAlias, TypeVar

from riverrun._engine.run import Run
from riverrun._pure.exceptions import InputError
from riverrun.messages import BaseMessage
from riverrun.outputs import ChatGeneration, Generation
from riverrun.runnables import RunnableSerializable
from riverrun.runnables.config import run_in_executor

if TYPE_CHECKING:
    from riverrun.prompt_values import PromptValue

__all__ = ["BaseGenerationOutputParser", "BaseLLMOutputParser", "BaseOutputParser", "generation_of"]

T = TypeVar("T")
Dict: TypeAlias = dict[str, Any]
"""Named here, since `dict` means another thing in the body of a parser."""


def generation_of(x: Any, parser: Any) -> Generation:
    """What a parser is given in a run, a message or a text, as the generation of a model.

    Raises:
        InputError: `x` is neither.
    """
    return ChatGeneration(message=x) if isinstance(x, BaseMessage) else Generation(text=text_of(x, parser))


def text_of(x: Any, parser: Any) -> str:
    """The text of it.

    Raises:
        InputError: `x` is neither a message nor a text.
    """
    if isinstance(x, str):
        return str(x)
    if isinstance(x, BaseMessage):
        return str(x.text)
    raise InputError(f"{type(parser).__name__} takes a message or a string, not {type(x).__name__}")


class BaseLLMOutputParser(ABC, Generic[T]):
    """Something that reads what a model says. A subclass defines `parse_result`."""

    @abstractmethod
    def parse_result(self, result: list[Generation], *, partial: bool = False) -> T:
        """What the best of `result`, its first, says.

        Args:
            result: candidates of one answer; what a step is given is one.
            partial: whether the answer is still arriving, so that what is unfinished is no error.
        """

    async def aparse_result(self, result: list[Generation], *, partial: bool = False) -> T:
        """`parse_result` in a thread."""
        return await run_in_executor(None, self.parse_result, result, partial=partial)


class ParserStep:
    """What makes a step of a parser, which is given messages or texts.

    Async runs await `aparse_result` or `aparse` where a subclass defines one, and else call `parse_result` in a thread.
    """

    kind: ClassVar[str] = "parser"
    yields: ClassVar[bool | None] = False

    @property
    def InputType(self) -> Any:
        """A string or a message."""
        return str | BaseMessage

    async def _call_kernel(self, x: Any, run: Run) -> Any:
        step: Any = self
        awaits = run.backend.is_async and is_own(step, *ASYNC_HOOKS)
        hook = step.aparse_result if awaits else step.parse_result
        return await run.call(hook, ([generation_of(x, self)],), awaits)


class BaseGenerationOutputParser(
    BaseLLMOutputParser[T], ParserStep, RunnableSerializable[str | BaseMessage, T], Generic[T]
):
    """A parser that looks at the whole generation: its message, its metadata. A subclass defines `parse_result`."""


class BaseOutputParser(
    BaseLLMOutputParser[T], ParserStep, RunnableSerializable[str | BaseMessage, T], Generic[T]
):
    """A parser of text. A subclass defines `parse`; or `parse_result` too, to see the message."""

    @abstractmethod
    def parse(self, text: str) -> T:
        """What `text` says.

        Raises:
            OutputParserException: it can't be read, if the subclass says so in this way.
        """

    async def aparse(self, text: str) -> T:
        """`parse` in a thread."""
        return await run_in_executor(None, self.parse, text)

    def parse_result(self, result: list[Generation], *, partial: bool = False) -> T:
        """What the text of the first of `result` says."""
        return self.parse(result[0].text)

    async def aparse_result(self, result: list[Generation], *, partial: bool = False) -> T:
        """Likewise, by `aparse` where a subclass defines that, else in a thread."""
        if is_own(self, "aparse") and not is_own(self, "parse_result"):
            return await self.aparse(result[0].text)
        return await run_in_executor(None, self.parse_result, result, partial=partial)

    def parse_with_prompt(self, completion: str, prompt: PromptValue) -> Any:
        """What `completion` says. A subclass that asks again may look at the prompt that it answers."""
        return self.parse(completion)

    def get_format_instructions(self) -> str:
        """What to tell a model, so that it answers in a form that this parser reads."""
        raise NotImplementedError(f"{type(self).__name__} has no format instructions")

    @property
    def _type(self) -> str:
        """The kind of parser, in stored data."""
        raise NotImplementedError(f"{type(self).__name__} defines no _type, which stored data needs")

    def asdict(self, **kwargs: Any) -> Dict:
        """Its settings, and its `_type` if it has one."""
        settings = self.model_dump(**kwargs)
        return {**settings, **dict(_said_type(self))}

    def dict(self, **kwargs: Any) -> Dict:
        """`asdict`, under its older name."""
        return self.asdict(**kwargs)


ASYNC_HOOKS = ("aparse_result", "aparse")


def is_own(parser: Any, *names: str) -> bool:
    """Whether a method of one of these names is the author's, and not the library's."""
    cls = type(parser)
    return any(
        not method.__module__.startswith("riverrun.")
        for name in names
        if (method := getattr(cls, name, None))
    )


def _said_type(parser: BaseOutputParser[Any]) -> Iterator[tuple[str, str]]:
    try:
        yield "_type", parser._type
    except NotImplementedError:
        return
