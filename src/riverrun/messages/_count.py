"""How many tokens messages come to, about: counted from their characters, without a tokenizer and without a network."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from riverrun._pure.exceptions import InputError
from riverrun.messages._convert import MessageLikeRepresentation, convert_to_messages
from riverrun.messages._openai import role_of
from riverrun.messages.ai import AIMessage
from riverrun.messages.base import BaseMessage
from riverrun.messages.tool import ToolMessage

__all__ = ["about", "count_tokens_approximately"]

_MOST = 1.25
"""A count is never scaled by more than this, so that one odd report doesn't spoil it."""


def count_tokens_approximately(
    messages: Iterable[MessageLikeRepresentation],
    *,
    chars_per_token: float = 4.0,
    extra_tokens_per_message: float = 3.0,
    count_name: bool = True,
    tokens_per_image: int = 85,
    use_usage_metadata_scaling: bool = False,
    tools: Sequence[Any] | None = None,
) -> int:
    """About how many tokens the messages come to, by their characters: content, role, name, tool calls and their ids.

    Args:
        chars_per_token: how many characters make a token.
        extra_tokens_per_message: what each message costs beyond its characters.
        count_name: whether the model is told the names of speakers.
        tokens_per_image: what an image costs, whatever its size.
        use_usage_metadata_scaling: whether to scale the count by what the provider reported with the last answer, if all
            answers are from one provider; by 1.25 at most, and never down.
        tools: tools, or dicts that describe them, that the model is told of.

    Raises:
        MessageError: something in `messages` stands for no message.
        InputError: `chars_per_token` is not above 0, or something in `tools` is no tool.
    """
    _check(chars_per_token)
    made = convert_to_messages(messages)
    total = 0.0
    if tools:
        total += math.ceil(sum(len(json.dumps(_described(tool))) for tool in tools) / chars_per_token)
    reported = None
    for message in made:
        total += about(
            message,
            chars_per_token=chars_per_token,
            extra_tokens_per_message=extra_tokens_per_message,
            count_name=count_name,
            tokens_per_image=tokens_per_image,
        )
        if isinstance(message, AIMessage) and message.usage_metadata is not None:
            reported = message.usage_metadata["total_tokens"] / total if total else None
    if use_usage_metadata_scaling and reported is not None and _have_one_provider(made):
        total *= min(max(reported, 1.0), _MOST)
    return math.ceil(total)


def about(
    message: BaseMessage,
    *,
    chars_per_token: float = 4.0,
    extra_tokens_per_message: float = 3.0,
    count_name: bool = True,
    tokens_per_image: int = 85,
) -> float:
    """About how many tokens one message comes to."""
    content, tokens = message.content, 0.0
    if isinstance(content, str):
        chars = len(content)
    else:
        chars = 0
        for block in content:
            if isinstance(block, str):
                chars += len(block)
            elif block.get("type") in ("image", "image_url"):
                tokens += tokens_per_image
            elif block.get("type") == "text":
                chars += len(block.get("text") or "")
            else:
                chars += len(repr(block))
    chars += len(role_of(message))
    if message._given() is not None:  # else it has nothing but its content
        if isinstance(message, AIMessage) and isinstance(content, str) and (calls := message.tool_calls):
            chars += len(repr(calls))  # blocks hold the calls themselves
        if isinstance(message, ToolMessage):
            chars += len(message.tool_call_id)
        if count_name and (name := message.name):
            chars += len(name)
    return tokens + math.ceil(chars / chars_per_token) + extra_tokens_per_message


def _check(chars_per_token: float) -> None:
    if not chars_per_token > 0:
        raise InputError(f"chars_per_token must be above 0, not {chars_per_token!r}")


def _described(tool: Any) -> Any:
    if isinstance(tool, Mapping):
        return dict(tool)
    schema = getattr(tool, "tool_call_schema", None)
    if schema is None:
        raise InputError(f"tools holds tools and dicts that describe them, not {type(tool).__name__}")
    described = schema if isinstance(schema, Mapping) else schema.model_json_schema()
    parameters = {key: value for key, value in described.items() if key not in ("title", "description")}
    return {"name": tool.name, "description": tool.description, "parameters": parameters}


def _have_one_provider(messages: Iterable[BaseMessage]) -> bool:
    """Whether all answers, from the first that names its provider, are from one."""
    known = None
    for message in messages:
        if isinstance(message, AIMessage):
            provider = message.response_metadata.get("model_provider")
            if known is not None and provider != known:
                return False
            known = provider
    return bool(known)
