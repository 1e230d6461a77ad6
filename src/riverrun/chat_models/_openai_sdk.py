"""The official `openai` package: where it is imported, what it is asked, and how its answers are read and closed.

Source: https://github.com/openai/openai-python, versions 2 and 3.
"""

import re
import sys
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from functools import cache
from types import ModuleType
from typing import Any

from riverrun._pure.exceptions import IncompleteStreamError, MissingExtraError
from riverrun._pure.fold import fold
from riverrun.chat_models import _http
from riverrun.chat_models._openai_chat import ChatStream, answers_of
from riverrun.messages import BaseMessage, BaseMessageChunk, message_chunk_to_message
from riverrun.outputs import ChatGeneration, ChatGenerationChunk, ChatResult

__all__ = [
    "aread",
    "http_library",
    "known_to_create",
    "read",
    "result_of",
    "result_of_chunks",
    "scrub",
    "sdk",
    "without_user",
]


@cache
def sdk() -> ModuleType:
    try:
        import openai
    except ImportError as error:
        raise MissingExtraError(
            "ChatOpenAI needs the package openai: pip install 'riverrun[openai]'"
        ) from error
    return openai


@cache
def http_library() -> ModuleType:
    """The HTTP library whose clients the installed SDK takes."""
    base: type = sdk().DefaultHttpxClient.__mro__[1]
    return sys.modules[base.__module__.partition(".")[0]]


@cache
def known_to_create() -> frozenset[str]:
    """The keywords of `create`: the parameters of the API, and the options of a request."""
    sdk()
    from openai.types.chat.completion_create_params import CompletionCreateParamsBase

    options = ("stream", "extra_headers", "extra_query", "extra_body", "timeout")
    return frozenset((*CompletionCreateParamsBase.__annotations__, *options))


# ---- answers


def _response_of(answer: Any) -> Any:
    """The HTTP response behind an untouched stream of the SDK, to be read as bytes.

    What a patched `create` returns is iterated instead, so that whoever wraps streams sees their events.
    """
    return answer.response if type(answer) in (sdk().Stream, sdk().AsyncStream) else None


def read(answer: Any) -> Iterator[ChatGenerationChunk]:
    """The chunks of a streamed answer, which is closed however it ends."""
    response = _response_of(answer)
    machine = ChatStream(framed=response is None or _http.is_framed(response))
    pieces = iter(answer) if response is None else response.iter_bytes()
    try:
        for piece in pieces:
            for chunk in machine.feed(piece):
                yield ChatGenerationChunk(chunk)
            if machine.done:
                break
        for chunk in machine.flush():
            yield ChatGenerationChunk(chunk, _info_of(chunk))
        if response is not None:
            _http.drain(response, pieces)
    except _http.transport_errors() as error:
        raise _broken_off(error) from error
    finally:
        if (close := getattr(answer, "close", None)) is not None:
            close()


async def aread(answer: Any) -> AsyncGenerator[ChatGenerationChunk, None]:
    """As `_read`."""
    response = _response_of(answer)
    machine = ChatStream(framed=response is None or _http.is_framed(response))
    pieces = aiter(answer) if response is None else response.aiter_bytes()
    try:
        async for piece in pieces:
            for chunk in machine.feed(piece):
                yield ChatGenerationChunk(chunk)
            if machine.done:
                break
        for chunk in machine.flush():
            yield ChatGenerationChunk(chunk, _info_of(chunk))
        if response is not None:
            await _http.drain_async(pieces)
    except _http.transport_errors() as error:
        raise _broken_off(error) from error
    finally:
        # Who drops a stream begins to close it, and a task of the loop goes on from the first wait. The scopes that the
        # HTTP library opens while it closes must be left by the task that entered them, so the first wait is here.
        await _http.turns(1)
        for each in (pieces, answer):
            if (close := getattr(each, "aclose", None) or getattr(each, "close", None)) is not None:
                await close()
        # Generators of the HTTP library that were dropped half read are closed by tasks that the loop makes in its next
        # turn and that end in the turn after it.
        del pieces
        await _http.turns(2)


def _broken_off(error: Any) -> Exception:
    """What a failed connection means in the middle of an answer."""
    if _http.is_timeout(error):
        timeout: Exception = sdk().APITimeoutError(request=error.request)
        return timeout
    return IncompleteStreamError(f"the connection broke in the middle of the answer: {error}")


def _info_of(message: BaseMessage) -> dict[str, Any]:
    """What a generation repeats of its message's metadata."""
    metadata = message.response_metadata
    return {name: metadata[name] for name in ("finish_reason", "logprobs") if name in metadata}


def result_of(answer: Any) -> ChatResult:
    """The result that an answer in one piece holds. Some gateways stream though nobody asked them to."""
    if isinstance(answer, str):
        machine = ChatStream(framed=False)
        return result_of_chunks([*machine.feed(answer.encode()), *machine.flush()])
    completion = (
        answer if isinstance(answer, Mapping) else answer.model_dump(exclude_unset=True, warnings=False)
    )
    messages = answers_of(completion)
    said = {name: completion[key] for name, key in _LLM_OUTPUT.items() if completion.get(key)}
    return ChatResult(generations=[_generation(message) for message in messages], llm_output=said)


_LLM_OUTPUT = {"token_usage": "usage", "model_name": "model", "system_fingerprint": "system_fingerprint"}


def result_of_chunks(chunks: Sequence[BaseMessageChunk]) -> ChatResult:
    whole = fold(chunks)
    said = {name: whole.response_metadata[name] for name in _LLM_OUTPUT if name in whole.response_metadata}
    return ChatResult(generations=[_generation(message_chunk_to_message(whole))], llm_output=said)


def _generation(message: BaseMessage) -> ChatGeneration:
    return ChatGeneration(message, _info_of(message))


# ---- what errors may say


def scrub(error: BaseException | None, secret: str) -> None:
    """Take the key out of an error and its causes: servers repeat what they were sent, and HTTP libraries what they
    refuse to send."""
    while error is not None and secret:
        error.args = tuple(_without(secret, value) for value in error.args)
        for name in ("message", "body"):
            if hasattr(error, name):
                setattr(error, name, _without(secret, getattr(error, name)))
        error = error.__cause__ or error.__context__


def _without(secret: str, value: Any) -> Any:
    if isinstance(value, str):
        return value.replace(secret, "**********")
    if isinstance(value, Mapping):
        return {key: _without(secret, each) for key, each in value.items()}
    return [_without(secret, each) for each in value] if isinstance(value, (list, tuple)) else value


def without_user(url: str) -> str:
    return re.sub(r"//[^/@]*@", "//", url)
