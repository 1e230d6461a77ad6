"""Chat models that answer from a script, for tests and examples."""

import json
import re
from collections.abc import Iterator
from typing import Any

from riverrun._pure.exceptions import EmptyStreamError
from riverrun.language_models.chat_models import BaseChatModel
from riverrun.messages import AIMessage, AIMessageChunk, BaseMessage
from riverrun.outputs import ChatGeneration, ChatGenerationChunk, ChatResult


class GenericFakeChatModel(BaseChatModel):
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
        return ChatResult(generations=[ChatGeneration(message=message)])

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
