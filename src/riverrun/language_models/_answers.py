"""Between hooks and messages: what a chat model takes, and what it makes of what its hooks bring."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from riverrun._engine.run import Run
from riverrun._pure.exceptions import ModelError
from riverrun._pure.fold import fold
from riverrun.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    HumanMessage,
    convert_to_messages,
    message_chunk_to_message,
)
from riverrun.outputs import ChatGeneration, ChatGenerationChunk, ChatResult, Generation
from riverrun.prompt_values import PromptValue

RUN_ID_PREFIX = "lc_run-"
"""What the ids of messages begin with that the provider did not name."""


def to_messages(x: Any) -> list[BaseMessage]:
    """A model's input as messages.

    Raises:
        MessageError: it is neither a prompt's value, nor a text, nor a list of messages.
    """
    if type(x) is str:
        return [HumanMessage(x)]
    if isinstance(x, PromptValue):
        return list(x.to_messages())
    return convert_to_messages(x)


def settled(result: ChatResult, run: Run) -> ChatResult:
    """What a hook has made, each message with an id, and with what the provider said of it in its response_metadata."""
    if not isinstance(result, ChatResult):
        raise ModelError(f"{run.name} is to bring a ChatResult, not {type(result).__name__}")
    if not result.generations:
        raise ModelError(f"{run.name} brought no generation: the list in its ChatResult is empty")
    told = result.llm_output if len(result.generations) == 1 else None
    for i, generation in enumerate(result.generations):
        message = generation.message
        if said := {**(told or {}), **(generation.generation_info or {})}:
            message.response_metadata = {**said, **message.response_metadata}
        if message.id is None:
            message.id = f"{RUN_ID_PREFIX}-{run.id}-{i}"
    return result


def from_cache(held: Sequence[Generation]) -> list[ChatGeneration]:
    """What a cache held, as a model makes it. That it cost nothing stands in the usage."""
    generations = []
    for each in held:
        generation = each if isinstance(each, ChatGeneration) else ChatGeneration(AIMessage(each.text))
        message = generation.message
        if isinstance(message, AIMessage) and message.usage_metadata is not None:
            message.usage_metadata = cast(Any, {**message.usage_metadata, "total_cost": 0})
        generations.append(generation)
    return generations


def chunk_of(message: BaseMessage) -> BaseMessage:
    """A whole message as the one chunk of a stream."""
    if not isinstance(message, AIMessage) or isinstance(message, AIMessageChunk):
        return message
    fields = {name: message._value(name) for name in AIMessage._fields if name != "type"}
    return AIMessageChunk(**fields, chunk_position="last")


def result_of(chunks: list[ChatGenerationChunk]) -> ChatResult:
    whole: ChatGenerationChunk = fold(chunks)
    message = message_chunk_to_message(whole.message)
    return ChatResult(generations=[ChatGeneration(message=message, generation_info=whole.generation_info)])


def generation_of(chunks: list[Any]) -> ChatGeneration:
    return ChatGeneration(message=message_chunk_to_message(fold(chunks)))
