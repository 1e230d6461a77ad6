"""The chat.completions wire format without any waiting: messages and answers in, payloads and chunks out.

Source: https://platform.openai.com/docs/api-reference/chat, and for what others make of it the recordings of their
answers in tests/recorded.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from pydantic_core import from_json

from riverrun._pure.exceptions import ConfigError, IncompleteStreamError, MessageError, ProviderError
from riverrun._pure.sse import EventStream
from riverrun.messages import AIMessage, AIMessageChunk, BaseMessage, message_chunk_to_message
from riverrun.messages.ai import UsageMetadata

__all__ = ["ChatStream", "answers_of", "payload_of", "tool_choice_of", "usage_of"]

Json: TypeAlias = Mapping[str, Any]

PROVIDER = "openai"


class ChatStream:
    """Makes message chunks of a streamed chat completion, wherever its bytes are cut.

    Each event that carries a piece of the answer becomes one chunk; the announced role makes the first, empty one.
    Finish reason, usage and what else concerns the whole answer are kept for one last, empty chunk, so no usage is
    counted twice, however often the provider repeats it. Of several answers (`n`) a stream shows the first.

    Args:
        framed: the transport tells where the body ends (by chunks or by a length). If only the closing connection
            does, a body without `[DONE]` may have been cut, however finished the answer looks.
    """

    def __init__(self, *, framed: bool = True) -> None:
        self.done = False
        """Whether `[DONE]` was read: what follows does not belong to the answer."""
        self._framed = framed
        self._events = EventStream()
        self._latest: Json = {}
        self._usage: Json | None = None
        self._finish_reason: str | None = None
        self._ended = False

    def feed(self, piece: Any) -> Iterator[AIMessageChunk]:
        """The chunks that `piece` completes: bytes as they arrived, or an event that somebody else has decoded.

        Raises:
            ProviderError: the provider reports an error, or sent an event that can't be read.
        """
        if isinstance(piece, bytes):
            for name, data in self._events.feed(piece):
                if (chunk := self._read(name, data)) is not None:
                    yield chunk
        elif (chunk := self._chunk(_plain(piece))) is not None:
            yield chunk

    def flush(self) -> Iterator[AIMessageChunk]:
        """What the end of the stream completes, and the last chunk.

        Raises:
            IncompleteStreamError: the stream ended before the answer did.
            ProviderError: as `feed`.
        """
        for name, data in self._events.flush():
            try:
                chunk = self._read(name, data)
            except _Unreadable:  # cut in the middle of an event
                self._ended = False
                break
            if chunk is not None:
                yield chunk
        if not self.done and not (self._ended and self._framed):
            if not self._latest:
                raise IncompleteStreamError(
                    "what the provider sent holds no chat completion: is base_url right?"
                )
            raise IncompleteStreamError(
                "the provider's stream ended before it said that its answer is complete"
            )
        yield self._last()

    def _read(self, name: str, data: bytes) -> AIMessageChunk | None:
        if self.done:
            return None
        if data.startswith(b"[DONE]"):
            self.done = True
            return None
        event = _parse(data)
        if name == "error":
            raise _reported(event.get("error") or event)
        return self._chunk(event)

    def _chunk(self, event: Json) -> AIMessageChunk | None:
        if error := event.get("error"):
            raise _reported(error)
        choices = event.get("choices")
        if usage := event.get("usage"):
            self._usage = usage
            self._ended = self._ended or not choices
        if not choices:
            return None
        choice = choices[0]
        if choice.get("index"):
            return None
        self._latest = event
        if reason := choice.get("finish_reason"):
            self._finish_reason = reason
            self._ended = True
        delta = choice.get("delta") or {}
        content = delta.get("content") or ""
        rest = _rest(delta)
        if self._ended and not (content or rest):
            return None
        metadata: dict[str, Any] = {"model_provider": PROVIDER}
        if (logprobs := choice.get("logprobs")) and any(logprobs.values()):
            metadata["logprobs"] = logprobs
        chunk = AIMessageChunk(content, **rest)
        chunk.response_metadata = metadata  # set afterwards, it leaves chunks of mere text their short way
        return chunk

    def _last(self) -> AIMessageChunk:
        return AIMessageChunk(
            content="",
            response_metadata=_metadata(self._latest, self._finish_reason, self._usage),
            usage_metadata=usage_of(self._usage) if self._usage else None,
            chunk_position="last",
        )


class _Unreadable(ProviderError):
    """An event is no JSON object."""


def _parse(data: bytes) -> Json:
    try:
        event = from_json(data)
    except ValueError:
        event = _parse_leniently(data)
    if not isinstance(event, dict):
        raise _Unreadable(f"the provider sent an event that is no JSON object: {data[:200]!r}")
    return event


def _parse_leniently(data: bytes) -> Any:
    """As `json` reads it, which takes half a surrogate pair for a character; some servers cut pairs in two."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _plain(event: Any) -> Json:
    plain = event if isinstance(event, Mapping) else event.model_dump()
    return plain if isinstance(plain, Mapping) else {}


def _reported(error: Any) -> ProviderError:
    """The error that a provider reported in its stream, in its own words."""
    said = error.get("message") if isinstance(error, Mapping) else error
    code = (error.get("code") or error.get("type")) if isinstance(error, Mapping) else None
    return ProviderError(
        f"the provider broke off its answer: {said or error}" + (f" ({code})" if code else "")
    )


def _rest(message: Json) -> dict[str, Any]:
    """What a message or a delta has beside its content, as the arguments of a chunk: calls of tools, a refusal, and
    reasoning as other providers send it."""
    rest: dict[str, Any] = {}
    if calls := message.get("tool_calls"):
        rest["tool_call_chunks"] = [_call_chunk(call) for call in calls]
    if refusal := message.get("refusal"):
        rest["additional_kwargs"] = {"refusal": refusal}
    if reasoning := message.get("reasoning_content") or message.get("reasoning"):
        rest.setdefault("additional_kwargs", {})["reasoning_content"] = reasoning
    return rest


def _call_chunk(call: Json) -> dict[str, Any]:
    function = call.get("function") or {}
    return {
        "name": function.get("name"),
        "args": function.get("arguments"),
        "id": call.get("id"),
        "index": call.get("index"),
        "type": "tool_call_chunk",
    }


def _metadata(answer: Json, finish_reason: str | None, usage: Json | None) -> dict[str, Any]:
    metadata = {
        "finish_reason": finish_reason,
        "model_name": answer.get("model"),
        "system_fingerprint": answer.get("system_fingerprint"),
        "service_tier": answer.get("service_tier"),
        "id": answer.get("id"),
        "token_usage": usage,
    }
    return {key: value for key, value in metadata.items() if value} | {"model_provider": PROVIDER}


def usage_of(usage: Json) -> UsageMetadata:
    """The usage that a provider reports, under the names that all providers share; what it does not say is left out."""
    asked, answered = usage.get("prompt_tokens") or 0, usage.get("completion_tokens") or 0
    return UsageMetadata(
        input_tokens=asked,
        output_tokens=answered,
        total_tokens=usage.get("total_tokens") or asked + answered,
        input_token_details=_details(usage.get("prompt_tokens_details"), _ASKED),  # type: ignore[typeddict-item]  # by its table
        output_token_details=_details(usage.get("completion_tokens_details"), _ANSWERED),  # type: ignore[typeddict-item]  # likewise
    )


_ASKED = {"audio": "audio_tokens", "cache_read": "cached_tokens", "cache_creation": "cache_write_tokens"}
_ANSWERED = {"audio": "audio_tokens", "reasoning": "reasoning_tokens"}


def _details(details: Json | None, names: Mapping[str, str]) -> dict[str, int]:
    details = details or {}
    return {ours: details[theirs] for ours, theirs in names.items() if details.get(theirs) is not None}


def answers_of(completion: Json) -> list[BaseMessage]:
    """The messages of an answer that came in one piece, one per choice; the first one carries the usage.

    Raises:
        ProviderError: the provider reports an error in place of an answer, or sent no choice.
    """
    if error := completion.get("error"):
        raise _reported(error)
    choices = completion.get("choices")
    if not choices:
        raise ProviderError("the provider sent an answer without a choice")
    usage = completion.get("usage")
    messages = []
    for choice in choices:
        message = choice.get("message") or {}
        metadata = _metadata(completion, choice.get("finish_reason"), usage)
        if logprobs := choice.get("logprobs"):
            metadata["logprobs"] = logprobs
        whole = AIMessageChunk(
            content=message.get("content") or "",
            response_metadata=metadata,
            usage_metadata=usage_of(usage) if usage else None,
            chunk_position="last",
            **_rest(message),
        )
        messages.append(message_chunk_to_message(whole))
        usage = None
    return messages


_ROLES = {"system": "system", "human": "user", "ai": "assistant", "tool": "tool", "function": "function"}

_NOT_SENT_BACK = frozenset(
    ("tool_use", "input_json_delta", "thinking", "redacted_thinking", "reasoning", "reasoning_content")
)
"""Blocks of an answer's content that this API knows in other places, or not at all."""


def payload_of(messages: Sequence[BaseMessage]) -> list[dict[str, Any]]:
    """The messages as the API takes them.

    Raises:
        MessageError: a message of a kind that the API has no role for, or without the call that it answers.
    """
    return [_message(message) for message in messages]


def tool_choice_of(choice: str | bool | Mapping[str, Any], names: Sequence[str]) -> Any:
    """The choice in the format of the API: `"any"` and True are `"required"`, another word is the name of a tool.

    Raises:
        ConfigError: it is the name of none of them.
    """
    if choice in ("any", True):
        return "required"
    if isinstance(choice, str) and choice not in ("auto", "none", "required"):
        if choice not in names:
            raise ConfigError(
                f"tool_choice {choice!r} is no tool of {list(names)}, and none of auto, none, required, any"
            )
        return {"type": "function", "function": {"name": choice}}
    return choice


def _message(message: BaseMessage) -> dict[str, Any]:
    kind = message.type.removesuffix("MessageChunk").lower()
    role = (
        getattr(message, "role", None) or message.additional_kwargs.get("__openai_role__") or _ROLES.get(kind)
    )
    if role is None:
        raise MessageError(
            f"a message of type {message.type!r} has no role in this API; it knows {sorted(_ROLES)}"
        )
    payload: dict[str, Any] = {"role": role, "content": _content(message.content)}
    if message.name:
        payload["name"] = message.name
    if isinstance(message, AIMessage):
        calls = [
            _sent_call(call["id"], call["name"], json.dumps(call["args"], ensure_ascii=False))
            for call in message.tool_calls
        ]
        calls += [_sent_call(call["id"], call["name"], call["args"]) for call in message.invalid_tool_calls]
        if calls := calls or message.additional_kwargs.get("tool_calls", []):
            payload["tool_calls"] = calls
            payload["content"] = payload["content"] or None
    elif role == "tool":
        payload["tool_call_id"] = getattr(message, "tool_call_id", None)
    return payload


def _sent_call(call_id: str | None, name: str | None, arguments: str | None) -> dict[str, Any]:
    return {
        "id": call_id,
        "type": "function",
        "function": {"name": name or "", "arguments": arguments or ""},
    }


def _content(content: Any) -> str | list[Any]:
    if isinstance(content, str):
        return content
    blocks = [{"type": "text", "text": block} if isinstance(block, str) else block for block in content]
    return [block for block in blocks if block.get("type") not in _NOT_SENT_BACK]
