"""Chat models that answer from a script, for tests and examples."""

import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from riverrun._backends.aio import ASYNC
from riverrun._backends.drive import drive, iterate
from riverrun._backends.protocol import Backend
from riverrun._backends.sync import SYNC
from riverrun._engine.runnable import Runnable
from riverrun._pure.exceptions import EmptyStreamError, InputError
from riverrun.language_models._script import letters, next_answer, paused
from riverrun.language_models.chat_models import BaseChatModel, SimpleChatModel
from riverrun.messages import AIMessage, AIMessageChunk, BaseMessage
from riverrun.outputs import ChatGeneration, ChatGenerationChunk, ChatResult


class ToldOfTools(BaseChatModel):
    """A scripted model that may be told of tools, so that a chain with tools can be tested with it."""

    def bind_tools(
        self, tools: Sequence[Any], *, tool_choice: str | None = None, **kwargs: Any
    ) -> Runnable[Any, Any]:
        """This model, with the tools among the arguments of each call. It calls those that its script says."""
        choice = {} if tool_choice is None else {"tool_choice": tool_choice}
        return self.bind(tools=list(tools), **choice, **kwargs)


class FakeMessagesListChatModel(ToldOfTools):
    """Answers with the messages of a list, one after the other and then again from the first.

    Each answer is a copy, so that what happens to it doesn't change the list.
    """

    one_by_one: ClassVar[bool] = True

    responses: list[BaseMessage]
    sleep: float | None = None
    """Seconds before each answer. The pause never blocks a loop."""
    i: int = 0
    """Which answer comes next."""

    @property
    def _llm_type(self) -> str:
        return "fake-messages-list-chat-model"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: Any = None,
        **kwargs: Any,
    ) -> ChatResult:
        drive(paused(self.sleep, SYNC))
        return _result(next_answer(self).model_copy(deep=True))


class FakeListChatModelError(Exception):
    """What `FakeListChatModel` raises when it is told to."""


class FakeListChatModel(SimpleChatModel):
    """Answers with the texts of a list, one after the other and then again from the first; streams letter by letter."""

    one_by_one: ClassVar[bool] = True

    responses: list[str]
    sleep: float | None = None
    """Seconds before each answer; where it streams, before each letter. The pause never blocks a loop."""
    i: int = 0
    """Which answer comes next."""
    error_on_chunk_number: int | None = None
    """The index of the chunk in whose place a `FakeListChatModelError` comes."""

    @property
    def _llm_type(self) -> str:
        return "fake-list-chat-model"

    @property
    def _identifying_params(self) -> Mapping[str, Any]:
        return {"responses": self.responses}

    def _call(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: Any = None,
        **kwargs: Any,
    ) -> str:
        drive(paused(self.sleep, SYNC))
        return str(next_answer(self))

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: Any = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        return iterate(self._letters(SYNC))

    def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: Any = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        return self._letters(ASYNC)

    async def _letters(self, backend: Backend) -> AsyncIterator[ChatGenerationChunk]:
        answer = next_answer(self)
        left = len(answer)
        async for letter in letters(
            answer, self.sleep, backend, self.error_on_chunk_number, FakeListChatModelError
        ):
            left -= 1
            message = AIMessageChunk(letter) if left else AIMessageChunk(letter, chunk_position="last")
            yield ChatGenerationChunk(message=message)


class FakeChatModel(SimpleChatModel):
    """Answers "fake response" to everything."""

    @property
    def _llm_type(self) -> str:
        return "fake-chat-model"

    @property
    def _identifying_params(self) -> Mapping[str, Any]:
        return {"key": "fake"}

    def _call(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: Any = None,
        **kwargs: Any,
    ) -> str:
        return "fake response"


class ParrotFakeChatModel(BaseChatModel):
    """Answers with the last message that it was given."""

    sleep: float | None = None
    """Seconds before each answer. The pause never blocks a loop."""

    @property
    def _llm_type(self) -> str:
        return "parrot-fake-chat-model"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: Any = None,
        **kwargs: Any,
    ) -> ChatResult:
        if not messages:
            raise InputError(
                "ParrotFakeChatModel repeats the last message, but the messages are an empty list"
            )
        drive(paused(self.sleep, SYNC))
        return _result(messages[-1])


class GenericFakeChatModel(ToldOfTools):
    """Answers with the next of `messages`, and streams it word by word.

    The words and the blanks between them are chunks of their own. Then come the tool calls, whole, and the additional
    keyword arguments, one chunk for each key; those of a function call are split at their commas.
    """

    messages: Iterator[AIMessage | str]
    """An iterator, so that it may also make the answers up as it goes."""

    @property
    def _llm_type(self) -> str:
        return "generic-fake-chat-model"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: Any = None,
        **kwargs: Any,
    ) -> ChatResult:
        try:
            answer = next(self.messages)
        except StopIteration:
            raise EmptyStreamError(
                "GenericFakeChatModel has no answer left: it gives each of `messages` once"
            ) from None
        message = AIMessage(content=answer) if isinstance(answer, str) else answer
        return _result(message)

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: Any = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        message = self._generate(messages, stop=stop, **kwargs).generations[0].message
        pieces = [*_words(message), *_calls(message), *_extras(message)]
        for i, piece in enumerate(pieces, 1):
            last = "last" if i == len(pieces) else None
            chunk = AIMessageChunk(**{"content": "", "id": message.id, "chunk_position": last, **piece})
            yield ChatGenerationChunk(message=chunk)


def _result(message: BaseMessage) -> ChatResult:
    return ChatResult(generations=[ChatGeneration(message=message)])


def _words(message: BaseMessage) -> Iterator[dict[str, Any]]:
    if isinstance(message.content, str):
        for word in re.split(r"(\s)", message.content) if message.content else ():
            yield {"content": word}
    else:
        for block in message.content:
            yield {"content": [block]}


def _calls(message: BaseMessage) -> Iterator[dict[str, Any]]:
    if tool_calls := getattr(message, "tool_calls", None):
        yield {
            "tool_call_chunks": [
                {
                    "name": call["name"],
                    "args": json.dumps(call["args"]),
                    "id": call["id"],
                    "index": i,
                    "type": "tool_call_chunk",
                }
                for i, call in enumerate(tool_calls)
            ]
        }


def _extras(message: BaseMessage) -> Iterator[dict[str, Any]]:
    for key, value in message.additional_kwargs.items():
        if key == "function_call":
            for name, part in value.items():
                for piece in re.split(r"(,)", part) if isinstance(part, str) else [part]:
                    yield {"additional_kwargs": {"function_call": {name: piece}}}
        else:
            yield {"additional_kwargs": {key: value}}
