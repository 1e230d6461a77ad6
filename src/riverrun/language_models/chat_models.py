"""The base of chat models: an author writes one hook, and the model runs in every mode."""

import os
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Literal, cast
from uuid import UUID

from pydantic import Field

from riverrun._backends.aio import ASYNC
from riverrun._backends.drive import drive
from riverrun._backends.protocol import Backend, Stop
from riverrun._backends.stream import AsyncStream
from riverrun._backends.sync import SYNC
from riverrun._engine.config import RunnableConfig
from riverrun._engine.lanes import call
from riverrun._engine.run import Root, Run
from riverrun._engine.runnable import Runnable
from riverrun._pure.exceptions import ModelError
from riverrun._pure.habit import Habit
from riverrun.callbacks import Callbacks
from riverrun.language_models._answers import (
    RUN_ID_PREFIX,
    chunk_of,
    from_cache,
    generation_of,
    result_of,
    settled,
    to_messages,
)
from riverrun.language_models._caching import prompt_key
from riverrun.language_models._hooks import (
    FLOW_HOOKS,
    as_sync,
    is_async,
    items_of,
    own_hook,
    prepared,
    stop_of,
    with_manager,
)
from riverrun.language_models.base import BaseLanguageModel, LanguageModelInput, config_of
from riverrun.messages import AIMessage, AIMessageChunk, BaseMessage
from riverrun.outputs import ChatGeneration, ChatGenerationChunk, ChatResult, LLMResult, RunInfo
from riverrun.prompt_values import PromptValue
from riverrun.rate_limiters import BaseRateLimiter
from riverrun.runnables.config import run_in_executor, steps_in_thread


class BaseChatModel(BaseLanguageModel[AIMessage]):
    """A model that answers messages with a message.

    A subclass defines at least one of `_generate`, `_stream`, `_agenerate` and `_astream`. Whatever it defines serves
    every mode: a sync hook serves async runs from a thread, an async hook serves sync runs from a loop's thread, a
    streaming hook serves `invoke` by the fold of its chunks. Each chunk of `_stream` is one chunk of the stream, empty
    ones too; a model without it streams its answer as one chunk.
    """

    kind: ClassVar[str] = "chat_model"

    rate_limiter: BaseRateLimiter | None = Field(default=None, exclude=True)
    """Asked before each request, for its permission."""

    disable_streaming: bool | Literal["tool_calling"] = False
    """Answer in one chunk even where the model could stream: always, or in runs that have tools."""

    output_version: str | None = Field(default_factory=lambda: os.environ.get("LC_OUTPUT_VERSION"))
    """In which form a provider's class is to put out content, where it knows several. From `LC_OUTPUT_VERSION`."""

    profile: Any = Field(default=None, exclude=True)
    """A `ModelProfile`: what is known of the model."""

    _ls_type: ClassVar[str] = "chat"
    _ls_affix: ClassVar[str] = "Chat"

    # ---------------------------------------------------------------------------------------- hooks for authors

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: Any = None,
        **kwargs: Any,
    ) -> ChatResult:
        """The whole answer. May block."""
        raise NotImplementedError

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: Any = None,
        **kwargs: Any,
    ) -> ChatResult:
        """The whole answer, asynchronously; by default `_generate` in a thread."""
        result: ChatResult = await run_in_executor(
            None, as_sync(self._generate, stop, run_manager, kwargs), messages
        )
        return result

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: Any = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        """The answer in chunks. May block between them; closed when nobody reads on."""
        raise NotImplementedError

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: Any = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        """The answer in chunks, asynchronously. An async generator; by default `_stream` in threads."""
        stream = as_sync(self._stream, stop, run_manager, kwargs)
        async with aclosing(steps_in_thread(stream, messages)) as chunks:
            async for chunk in chunks:
                yield chunk

    def bind_tools(
        self, tools: Sequence[Any], *, tool_choice: str | None = None, **kwargs: Any
    ) -> Runnable[Any, Any]:
        """This model with tools it may call. A class whose provider has tools overrides it."""
        raise NotImplementedError(f"{type(self).__name__} has no tools")

    def with_structured_output(
        self, schema: dict[str, Any] | type, *, include_raw: bool = False, **kwargs: Any
    ) -> Runnable[Any, Any]:
        """This model, held to answer in the form of `schema`. A class whose provider can do so overrides it."""
        raise NotImplementedError(f"{type(self).__name__} has no with_structured_output")

    # ------------------------------------------------------------------------------------------------- running it

    if TYPE_CHECKING:  # chunks of a chat model are message chunks, which the base class can't say

        def stream(
            self, input: LanguageModelInput, config: RunnableConfig | None = None, **kwargs: Any
        ) -> Iterator[AIMessageChunk]: ...

        def astream(
            self, input: LanguageModelInput, config: RunnableConfig | None = None, **kwargs: Any
        ) -> AsyncStream[AIMessageChunk]: ...

    async def _call_kernel(self, x: Any, run: Run) -> Any:
        return (await self._result(x, run)).generations[0].message

    async def _result(self, x: Any, run: Run) -> ChatResult:
        """What one request brings, or what a cache holds in its place. There is at least one generation."""
        with run.locating():
            messages = to_messages(x)
        place = self._place_of(prompt_key(messages), run) if self._may_cache() else None
        if place is not None and (held := await place.look()) is not None:
            return ChatResult(generations=from_cache(held))
        result = await self._ask(messages, run)
        if place is not None:
            await place.fill(result.generations)
        return result

    async def _ask(self, messages: list[BaseMessage], run: Run) -> ChatResult:
        """The whole answer, from whichever hook there is."""
        in_async = run.backend.is_async
        stop, kwargs = stop_of(run)
        if self._should_stream(async_api=in_async, **kwargs):
            hook: str | None = own_hook(self, BaseChatModel, FLOW_HOOKS[in_async])
        else:
            hook = own_hook(self, BaseChatModel, _VALUE_HOOKS[in_async])
        if hook is None:
            raise NotImplementedError(
                f"{type(self).__name__} defines none of _generate, _stream, _agenerate and _astream: one of them is needed"
            )
        if hook in _STREAM_HOOKS:
            async with aclosing(self._chunks(hook, messages, run)) as chunks:
                return ChatResult([generation_of([chunk async for chunk in chunks])])
        await self._wait_for_turn(run)
        result = await run.call(prepared(self, hook, run, stop, kwargs), (messages,), is_async(hook))
        return settled(result, run)

    def _flow_kernel(self, xs: Any, run: Run) -> AsyncIterator[Any]:
        hook = own_hook(self, BaseChatModel, FLOW_HOOKS[run.backend.is_async])
        if hook is None or self._is_told_not_to_stream(run.kwargs):
            return super()._flow_kernel(xs, run)
        return self._remembered(hook, xs, run) if self._may_cache() else self._chunks(hook, xs, run)

    async def _chunks(self, hook: str, xs: Any, run: Run) -> AsyncGenerator[AIMessageChunk, None]:
        """The message chunks of a streaming hook, each with the run's id unless the provider gave one."""
        messages = xs  # a list of them, where the input was taken already
        if type(xs) is not list:
            x = await run.take(xs)
            with run.locating():
                messages = to_messages(x)
        stop, kwargs = stop_of(run)
        made_id = f"{RUN_ID_PREFIX}-{run.id}"
        with run.locating():
            await self._wait_for_turn(run)
            items = items_of(self, hook, messages, run, stop, kwargs)
        async with aclosing(run.steps(items, is_async(hook))) as chunks:
            async for chunk in chunks:
                try:
                    message = chunk.message
                except AttributeError:
                    raise ModelError(
                        f"{hook} of {run.name} is to yield ChatGenerationChunks, not {type(chunk).__name__}"
                    ) from None
                if message.id is None:
                    message.id = made_id
                if chunk._info is not None and (
                    info := chunk.generation_info
                ):  # a property, and seldom there
                    message.response_metadata = {**info, **message.response_metadata}
                yield message

    async def _remembered(self, hook: str, xs: Any, run: Run) -> AsyncGenerator[Any, None]:
        """The chunks of a hook, which fill the cache when all have been read; or what it holds, as one chunk."""
        x = await run.take(xs)
        with run.locating():
            messages = to_messages(x)
        place = self._place_of(prompt_key(messages), run)
        if place is not None and (held := await place.look()) is not None:
            yield chunk_of(from_cache(held)[0].message)
            return
        seen: list[Any] = []
        async with aclosing(self._chunks(hook, messages, run)) as chunks:
            async for chunk in chunks:
                seen.append(chunk)
                yield chunk
        if seen and place is not None:
            await place.fill([generation_of(seen)])

    async def _wait_for_turn(self, run: Run) -> None:
        """Ask the rate limiter, holding no permit meanwhile: who waits is not at work."""
        limiter = self.rate_limiter
        if limiter is not None:
            in_async = run.backend.is_async
            acquire = limiter.aacquire if in_async else limiter.acquire
            await run.backend.call(partial(acquire, blocking=True), (), run, in_async)

    def _should_stream(self, *, async_api: bool, run_manager: Any = None, **kwargs: Any) -> bool:
        """Whether a call that wants the whole answer is to have it from the stream: it says `stream=True`, or the model
        was made with `streaming=True`."""
        if own_hook(self, BaseChatModel, FLOW_HOOKS[async_api]) is None or self._is_disabled(kwargs):
            return False
        if "stream" in kwargs:
            return bool(kwargs["stream"])
        return self._said_streaming() is True

    def _is_told_not_to_stream(self, kwargs: Mapping[str, Any]) -> bool:
        return self._is_disabled(kwargs) or (self._said_streaming() is False and "stream" not in kwargs)

    def _is_disabled(self, kwargs: Mapping[str, Any]) -> bool:
        disabled = self.disable_streaming
        return disabled is True or (disabled == "tool_calling" and bool(kwargs.get("tools")))

    def _said_streaming(self) -> Any:
        """What a model with a field `streaming` was told when it was made; None if nothing."""
        return getattr(self, "streaming", None) if "streaming" in self.model_fields_set else None

    def _habit(self, kwargs: Mapping[str, Any]) -> Habit:
        needs = "a model needs the whole prompt"
        if own_hook(self, BaseChatModel, FLOW_HOOKS[False]) is None:
            return Habit(False, False, f"{needs}; this one defines no _stream, so it answers in one piece")
        if self._is_disabled(kwargs):
            return Habit(
                False, False, f"{needs}; disable_streaming={self.disable_streaming!r} keeps it from streaming"
            )
        if self._is_told_not_to_stream(kwargs):
            return Habit(False, False, f"{needs}; streaming=False keeps it from streaming")
        return Habit(False, True, f"{needs}, and answers token by token")

    def __repr_args__(self) -> Any:
        return [pair for pair in super().__repr_args__() if pair != ("output_version", None)]

    # ----------------------------------------------------------------------------------------------- many prompts

    def generate(
        self,
        messages: list[list[BaseMessage]],
        stop: list[str] | None = None,
        callbacks: Callbacks = None,
        *,
        tags: list[str] | None = None,
        metadata: dict[str, Any] | None = None,
        run_name: str | None = None,
        run_id: UUID | None = None,
        **kwargs: Any,
    ) -> LLMResult:
        """The answers to several lists of messages, one after the other, each with all that its request brought.

        Raises:
            Exception: whatever a hook raises; no request is made after that.
        """
        configs = config_of(callbacks, tags, metadata, run_name, run_id, len(messages))
        return cast(LLMResult, drive(self._generated(SYNC, messages, stop, configs, kwargs)))

    async def agenerate(
        self,
        messages: list[list[BaseMessage]],
        stop: list[str] | None = None,
        callbacks: Callbacks = None,
        *,
        tags: list[str] | None = None,
        metadata: dict[str, Any] | None = None,
        run_name: str | None = None,
        run_id: UUID | None = None,
        **kwargs: Any,
    ) -> LLMResult:
        """`generate`, all requests at once. The first error stops the others."""
        configs = config_of(callbacks, tags, metadata, run_name, run_id, len(messages))
        return await self._generated(ASYNC, messages, stop, configs, kwargs)

    def generate_prompt(
        self,
        prompts: list[PromptValue],
        stop: list[str] | None = None,
        callbacks: Callbacks = None,
        **kwargs: Any,
    ) -> LLMResult:
        return self.generate([prompt.to_messages() for prompt in prompts], stop, callbacks, **kwargs)

    async def agenerate_prompt(
        self,
        prompts: list[PromptValue],
        stop: list[str] | None = None,
        callbacks: Callbacks = None,
        **kwargs: Any,
    ) -> LLMResult:
        return await self.agenerate([prompt.to_messages() for prompt in prompts], stop, callbacks, **kwargs)

    async def _generated(
        self,
        backend: Backend,
        inputs: Sequence[Any],
        stop: list[str] | None,
        configs: Sequence[RunnableConfig],
        kwargs: dict[str, Any],
    ) -> LLMResult:
        given = kwargs if stop is None else {**kwargs, "stop": stop}
        made: dict[int, tuple[ChatResult, RunInfo]] = {}
        todo = iter(range(len(inputs)))
        begun = 0
        told = Stop(Root(backend).stop)

        async def kernel(i: int, x: Any, run: Run) -> BaseMessage:
            result = await self._result(x, run)
            made[i] = result, RunInfo(run.id)
            return result.generations[0].message

        async def work() -> None:
            nonlocal begun
            for i in todo:
                begun = i + 1
                root = Root(backend, configs[i])
                await call(self, inputs[i], root, None, given, stop=told, kernel=partial(kernel, i))

        if inputs:
            width = len(inputs) if backend.is_async else 1
            await backend.together(work, width, lambda: begun < len(inputs), told)
        results = [made[i] for i in range(len(inputs))]
        return LLMResult(
            [result.generations for result, _ in results],
            self._combine_llm_outputs([result.llm_output for result, _ in results]),
            [info for _, info in results] or None,
        )

    def _combine_llm_outputs(self, llm_outputs: list[dict[str, Any] | None], /) -> dict[str, Any]:
        """What the `llm_output`s of several requests come to. A class whose provider reports something overrides it."""
        return {}


class SimpleChatModel(BaseChatModel):
    """A chat model whose answer is a text: a subclass defines `_call`, and may define the hooks that stream."""

    def _call(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: Any = None,
        **kwargs: Any,
    ) -> str:
        """The answer. May block."""
        raise NotImplementedError(f"{type(self).__name__} defines no _call")

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: Any = None,
        **kwargs: Any,
    ) -> ChatResult:
        text = self._call(messages, stop=stop, **with_manager(self._call, run_manager, kwargs))
        return ChatResult(generations=[ChatGeneration(message=AIMessage(content=text))])


def generate_from_stream(stream: Iterator[ChatGenerationChunk]) -> ChatResult:
    """What the chunks of `_stream` come to, for authors whose `_generate` asks it.

    Raises:
        EmptyStreamError: there is no chunk.
    """
    return result_of(list(stream))


async def agenerate_from_stream(stream: AsyncIterator[ChatGenerationChunk]) -> ChatResult:
    """Likewise of `_astream`."""
    return result_of([chunk async for chunk in stream])


_STREAM_HOOKS = ("_stream", "_astream")
_VALUE_HOOKS = {
    False: ("_generate", "_stream", "_agenerate", "_astream"),
    True: ("_agenerate", "_generate", "_astream", "_stream"),
}
