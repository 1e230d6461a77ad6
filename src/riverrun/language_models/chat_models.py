"""The base of chat models: an author writes one hook, and the model runs in every mode."""

import inspect
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from riverrun._backends.stream import AsyncStream
from riverrun._engine.adapt import lazily, lazily_async
from riverrun._engine.config import RunnableConfig
from riverrun._engine.run import Once, Run
from riverrun._engine.runnable import Runnable
from riverrun._pure.fold import fold
from riverrun._pure.habit import Habit
from riverrun.language_models.base import BaseLanguageModel, LanguageModelInput
from riverrun.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage
from riverrun.messages.utils import convert_to_messages, message_chunk_to_message
from riverrun.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from riverrun.prompt_values import PromptValue

RUN_ID_PREFIX = "lc_run-"
"""What the ids of messages begin with that the provider did not name."""


class BaseChatModel(BaseLanguageModel[AIMessage]):
    """A model that answers messages with a message.

    A subclass defines at least one of `_generate`, `_stream`, `_agenerate` and `_astream`. Whatever it defines serves
    every mode: a sync hook serves async runs from a thread, an async hook serves sync runs from a loop's thread, a
    streaming hook serves `invoke` by the fold of its chunks. Each chunk of `_stream` is one chunk of the stream, empty
    ones too; a model without it streams its answer as one chunk.
    """

    kind: ClassVar[str] = "chat_model"

    disable_streaming: bool | Literal["tool_calling"] = False
    """Answer in one chunk even where the model could stream: always, or in runs that have tools."""

    @property
    def _llm_type(self) -> str:
        """A short name of the kind of model, for metadata."""
        return type(self).__name__.lower()

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
        """The whole answer, asynchronously."""
        raise NotImplementedError

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: Any = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        """The answer in chunks. May block between them; closed when nobody reads on."""
        raise NotImplementedError

    def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: Any = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        """The answer in chunks, asynchronously. An async generator."""
        raise NotImplementedError

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> dict[str, Any]:
        """The metadata by which traces describe this model's runs: the `ls_*` keys."""
        params: dict[str, Any] = {"ls_provider": _provider_of(type(self).__name__), "ls_model_type": "chat"}
        for key, names in _LS_SOURCES.items():
            for name in names:
                value = kwargs.get(name, getattr(self, name, None))
                if value is not None:
                    params[key] = value
                    break
        if stop:
            params["ls_stop"] = stop
        return params

    def bind_tools(
        self, tools: Sequence[Any], *, tool_choice: str | None = None, **kwargs: Any
    ) -> Runnable[Any, Any]:
        """This model with tools it may call. A class whose provider has tools overrides it."""
        raise NotImplementedError(f"{type(self).__name__} has no tools")

    # ------------------------------------------------------------------------------------------------- running it

    if TYPE_CHECKING:  # chunks of a chat model are message chunks, which the base class can't say

        def stream(
            self, input: LanguageModelInput, config: RunnableConfig | None = None, **kwargs: Any
        ) -> Iterator[AIMessageChunk]: ...

        def astream(
            self, input: LanguageModelInput, config: RunnableConfig | None = None, **kwargs: Any
        ) -> AsyncStream[AIMessageChunk]: ...

    async def _call_kernel(self, x: Any, run: Run) -> Any:
        hook = self._first_hook(_VALUE_HOOKS[run.backend.is_async])
        if hook in _STREAM_HOOKS:
            async with aclosing(self._chunks(hook, Once(x), run)) as chunks:
                return message_chunk_to_message(fold([chunk async for chunk in chunks]))
        stop, kwargs = _stop_of(run)
        method = partial(getattr(self, hook), stop=stop, **kwargs)
        return _answer(await run.call(method, (to_messages(x),), hook == "_agenerate"), run)

    def _flow_kernel(self, xs: Any, run: Run) -> AsyncIterator[Any]:
        hook = self._first_hook(_FLOW_HOOKS[run.backend.is_async], needed=False)
        if hook is None or self._is_told_not_to_stream(run.kwargs):
            return super()._flow_kernel(xs, run)
        return self._chunks(hook, xs, run)

    async def _chunks(self, hook: str, xs: Any, run: Run) -> AsyncGenerator[AIMessageChunk, None]:
        """The message chunks of a streaming hook, each with the run's id unless the provider gave one."""
        x = await run.take(xs)
        stop, kwargs = _stop_of(run)
        made_id = f"{RUN_ID_PREFIX}-{run.id}"
        is_async = hook == "_astream"
        method = getattr(self, hook)
        with run.locating():
            begin = partial(method, to_messages(x), stop=stop, **kwargs)
            if _generates(method):
                items = begin()
            else:  # it may block before it returns its iterator
                items = lazily_async(begin) if is_async else lazily(begin)
        async with aclosing(run.steps(items, is_async)) as chunks:
            async for chunk in chunks:
                message = chunk.message
                if message.id is None:
                    message.id = made_id
                if chunk._info is not None and (
                    info := chunk.generation_info
                ):  # a property, and seldom there
                    message.response_metadata = {**info, **message.response_metadata}
                yield message

    def _first_hook(self, names: tuple[str, ...], needed: bool = True) -> Any:
        cls = type(self)
        for name in names:
            if getattr(cls, name) is not getattr(BaseChatModel, name):
                return name
        if needed:
            raise NotImplementedError(
                f"{cls.__name__} defines none of _generate, _stream, _agenerate and _astream: one of them is needed"
            )
        return None

    def _is_told_not_to_stream(self, kwargs: Mapping[str, Any]) -> bool:
        disabled = self.disable_streaming
        return disabled is True or (disabled == "tool_calling" and bool(kwargs.get("tools")))

    def _habit(self, kwargs: Mapping[str, Any]) -> Habit:
        needs = "a model needs the whole prompt"
        if self._first_hook(_FLOW_HOOKS[False], needed=False) is None:
            return Habit(False, False, f"{needs}; this one defines no _stream, so it answers in one piece")
        if self._is_told_not_to_stream(kwargs):
            return Habit(
                False, False, f"{needs}; disable_streaming={self.disable_streaming!r} keeps it from streaming"
            )
        return Habit(False, True, f"{needs}, and answers token by token")

    def _run_metadata(self, run: Run) -> dict[str, Any]:
        stop, kwargs = _stop_of(run)
        return self._get_ls_params(stop=stop, **kwargs)


def generate_from_stream(stream: Iterator[ChatGenerationChunk]) -> ChatResult:
    """What the chunks of `_stream` come to, for authors whose `_generate` asks it.

    Raises:
        EmptyStreamError: there is no chunk.
    """
    return _result_of(list(stream))


async def agenerate_from_stream(stream: AsyncIterator[ChatGenerationChunk]) -> ChatResult:
    """Likewise of `_astream`."""
    return _result_of([chunk async for chunk in stream])


def _result_of(chunks: list[ChatGenerationChunk]) -> ChatResult:
    whole: ChatGenerationChunk = fold(chunks)
    message = message_chunk_to_message(whole.message)
    return ChatResult(generations=[ChatGeneration(message=message, generation_info=whole.generation_info)])


_STREAM_HOOKS = ("_stream", "_astream")
_VALUE_HOOKS = {
    False: ("_generate", "_stream", "_agenerate", "_astream"),
    True: ("_agenerate", "_generate", "_astream", "_stream"),
}
_FLOW_HOOKS = {False: ("_stream", "_astream"), True: ("_astream", "_stream")}

_LS_SOURCES = {
    "ls_model_name": ("model", "model_name"),
    "ls_temperature": ("temperature",),
    "ls_max_tokens": ("max_tokens",),
}


def _generates(method: Any) -> bool:
    return inspect.isgeneratorfunction(method) or inspect.isasyncgenfunction(method)


def to_messages(x: Any) -> list[BaseMessage]:
    """A model's input as messages.

    Raises:
        MessageError: it is neither a prompt's value, nor a text, nor a list of messages.
    """
    if type(x) is str:
        return [HumanMessage(x)]
    if isinstance(x, PromptValue):
        return x.to_messages()
    return convert_to_messages(x)


def _stop_of(run: Run) -> tuple[list[str] | None, dict[str, Any]]:
    """The stop sequences of a run, apart from its other arguments."""
    kwargs = run.kwargs
    if "stop" not in kwargs:
        return None, kwargs
    return kwargs["stop"], {key: value for key, value in kwargs.items() if key != "stop"}


def _answer(result: ChatResult, run: Run) -> BaseMessage:
    """The message of the first generation, with what the provider said of the call in its response_metadata."""
    generation = result.generations[0]
    message = generation.message
    said = {**(result.llm_output or {})} if len(result.generations) == 1 else {}
    said |= generation.generation_info or {}
    if said:
        message.response_metadata = {**said, **message.response_metadata}
    if message.id is None:
        message.id = f"{RUN_ID_PREFIX}-{run.id}-0"
    return message


def _provider_of(class_name: str) -> str:
    return class_name.removeprefix("Chat").removesuffix("Chat").lower()
