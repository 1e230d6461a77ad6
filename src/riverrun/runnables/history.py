"""A conversation round a chain: what was said before goes in with the input, and each turn is stored when it has ended.

A turn is stored once, whole: the input and the answer, when the answer is there. Of an answer that was cut short, by its
reader or by an error, what the reader has seen is stored with the input, marked `incomplete` in its `response_metadata`;
its tool calls count as invalid, since nobody will ever answer them. A turn of which nothing was seen leaves no trace.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from functools import partial
from inspect import Parameter, getattr_static, isawaitable
from typing import Any, ClassVar, TypeAlias

from riverrun._backends.aio import CANCELLATIONS
from riverrun._backends.protocol import log
from riverrun._engine.config import NOTHING, RunnableConfig, Scope
from riverrun._engine.knot import knot
from riverrun._engine.lanes import call, flow
from riverrun._engine.run import Chunks, Once, Run
from riverrun._engine.runnable import Input, Output, Runnable
from riverrun._engine.schema import ConfigurableFieldSpec, InnerSpecs, Schema, object_of, schema_of
from riverrun._pure.exceptions import ConfigError, InputError
from riverrun._pure.fold import fold
from riverrun._pure.signature import Signature
from riverrun.chat_history import BaseChatMessageHistory
from riverrun.messages import (
    AIMessage,
    BaseMessage,
    HumanMessage,
    InvalidToolCall,
    ToolCall,
    convert_to_messages,
    message_chunk_to_message,
)
from riverrun.runnables.parallel import RunnableParallel
from riverrun.runnables.passthrough import RunnableAssign
from riverrun.runnables.wrapper import Wrapper

__all__ = ["GetSessionHistoryCallable", "MessagesOrDictWithMessages", "RunnableWithMessageHistory"]

GetSessionHistoryCallable: TypeAlias = Callable[
    ..., BaseChatMessageHistory | Awaitable[BaseChatMessageHistory]
]
"""What gives the store of a conversation, given what tells it from others."""
MessagesOrDictWithMessages: TypeAlias = Sequence[BaseMessage] | dict[str, Any]
"""What a chain with a history takes and puts out."""

HISTORY = "message_history"
"""Where the store of the conversation stands in the config of what runs inside."""


class MissingMessagesError(InputError, KeyError):
    """The key that is to hold the messages is not in the dict; the message names those that are."""

    __str__ = Exception.__str__  # KeyError would show the repr of the sentence


class RunnableWithMessageHistory(Runnable[Input, Output]):
    """`runnable` with the messages of a conversation: those so far go in with the input, and each turn is added to them.

    Args:
        runnable: a model, or a chain, that takes messages or a dict.
        get_session_history: gives the store of a conversation; sync or async. It is given the values that the config
            has for the keys of `history_factory_config`, by name, or by position if there is one.
        input_messages_key: the key of the input that holds what is said; needed if the input is a dict of several.
        output_messages_key: the key of the output that holds the answer, likewise.
        history_messages_key: the key under which `runnable` wants the messages so far. Without it they come before those
            of the input, in one list.
        history_factory_config: what tells one conversation from others; a `session_id` if not given.

    A stream passes on chunk by chunk, and the turn is stored before it ends. The store is read and written in a thread
    under a running loop, unless it has async methods of its own.

    Raises:
        ConfigError: a run's config lacks a key (a ValueError), or `get_session_history` takes other parameters.
        InputError: the input or the answer holds no messages (a ValueError; a KeyError where a key is missing).
        EmptyStreamError: `runnable` put out nothing, so there is no answer to store.
    """

    transforms: ClassVar[bool] = True
    _wiring: ClassVar[str] = "line"

    def __init__(
        self,
        runnable: Any,
        get_session_history: GetSessionHistoryCallable,
        *,
        input_messages_key: str | None = None,
        output_messages_key: str | None = None,
        history_messages_key: str | None = None,
        history_factory_config: Sequence[ConfigurableFieldSpec] | None = None,
        name: str | None = None,
    ) -> None:
        self.runnable: Runnable[Any, Any] = knot.coerce(runnable)
        if not callable(get_session_history):
            raise ConfigError(
                "get_session_history is a function that gives the store of a conversation, not "
                f"{type(get_session_history).__name__}"
            )
        self.get_session_history = get_session_history
        self.input_messages_key = input_messages_key
        self.output_messages_key = output_messages_key
        self.history_messages_key = history_messages_key
        self.history_factory_config = list(
            _SESSION if history_factory_config is None else history_factory_config
        )
        self.name = name
        self._factory = Signature(get_session_history)
        self._keys = [spec.id for spec in self.history_factory_config]
        self._by_name = self._are_names(self._keys)
        load: Runnable[Any, Any] = _LoadHistory(input_messages_key, history_messages_key)
        self._load = self._entry = load
        if history_messages_key is not None:
            self._entry = RunnableAssign(
                RunnableParallel({history_messages_key: load}), name="insert_history"
            )
        self._inside: Runnable[Any, Any] = _Inside(self.runnable)

    def _are_names(self, keys: list[str]) -> bool:
        """Whether `get_session_history` is given its values by name."""
        parameters = self._factory.parameters
        if len(keys) == 1 or not parameters:
            return False
        named = [each for each in parameters.values() if each.kind not in _VARIADIC]
        needed = {each.name for each in named if each.default is Parameter.empty}
        unknown = set() if self._factory.takes_any_keyword else {*keys} - {each.name for each in named}
        if unknown or not needed <= {*keys}:
            raise ConfigError(
                f"get_session_history takes {sorted(each.name for each in named)}, and history_factory_config has "
                f"{sorted(keys)}: give both the same names"
            )
        return True

    async def _call_kernel(self, x: Any, run: Run) -> Any:
        said, history, scope = await self._begin(x, run)
        loaded = await call(self._entry, x, run, "seq:step:1", NOTHING, scope)
        y = await call(self._inside, loaded, run, "seq:step:2", run.kwargs, scope)
        with run.locating():
            answer = self._answer(y)
        await _store(history, [*said, *answer], run)
        return y

    async def _flow_kernel(self, xs: Any, run: Run) -> AsyncIterator[Any]:
        x = await run.take(xs)
        said, history, scope = await self._begin(x, run)
        seen = Chunks()
        loaded = flow(self._entry, Once(x), run, "seq:step:1", NOTHING, scope)
        try:
            async with aclosing(flow(self._inside, loaded, run, "seq:step:2", run.kwargs, scope)) as ys:
                async for y in ys:
                    seen.append(y)
                    yield y
        except BaseException as error:
            if seen:
                await self._store_what_was_seen(said, seen, history, run, error)
            raise
        with run.locating():
            answer = self._answer(fold(seen))
        await _store(history, [*said, *answer], run)

    async def _begin(self, x: Any, run: Run) -> tuple[list[BaseMessage], Any, Scope]:
        """What the input says, the store of its conversation, and the scope of what runs inside."""
        with run.locating():
            said = _said(x, self.input_messages_key)
            values = self._session(run.scope.configurable)
        get: Callable[[], Any]
        if self._by_name:
            get = partial(self.get_session_history, **values)
        else:
            get = partial(self.get_session_history, *(values.values() if self._factory.parameters else ()))
        history = await run.call(get, (), self._factory.is_async)
        if isawaitable(history):  # of a function that doesn't look async
            history = await run.call(partial(_awaited, history), (), True)
        with run.locating():
            if not (hasattr(history, "add_messages") or hasattr(history, "aadd_messages")):
                raise InputError(
                    "get_session_history is to give a chat message history (a store with `messages` and `add_messages`), "
                    f"not {type(history).__name__}"
                )
        return said, history, run.scope.inside().configured({HISTORY: history})

    def _session(self, configurable: Mapping[str, Any]) -> dict[str, Any]:
        missing = [
            spec.id
            for spec in self.history_factory_config
            if spec.id not in configurable or (configurable[spec.id] is None and spec.default is not None)
        ]
        if missing:  # None tells nobody from anybody: all who have none would share one conversation
            wanted = {key: f"[your {key}]" for key in missing}
            raise ConfigError(
                f"the config lacks {sorted(missing)} under 'configurable', which tells the conversation from others "
                f"(needed: {sorted(self._keys)}): pass it as config={{'configurable': {wanted}}}"
            )
        return {key: configurable[key] for key in self._keys}

    def _answer(self, y: Any) -> list[BaseMessage]:
        """The messages of an output."""
        if isinstance(y, Mapping):
            y = _under(y, self.output_messages_key, "output", "output_messages_key")
        if not isinstance(y, str | BaseMessage | list | tuple):
            raise InputError(
                "the answer is stored as messages, so the runnable is to put out text, a message, a list of messages or "
                f"a dict with these under one key (output_messages_key), not {y!r} ({type(y).__name__})"
            )
        return [message_chunk_to_message(message) for message in _messages(y, AIMessage)]

    async def _store_what_was_seen(
        self, said: list[BaseMessage], seen: Chunks, history: Any, run: Run, error: BaseException
    ) -> None:
        """Store a turn whose answer `error` cut short, if what was seen of it amounts to an answer."""
        try:
            answer = self._answer(fold(seen))
        except (ValueError, TypeError):  # the part of the output that is stored hadn't begun
            return
        answer = [_cut_short(message) if message is answer[-1] else message for message in answer]
        if not answer or not _says_something(answer[-1]):
            return
        run.stop = None  # the branch was told to stop; that is no reason to forget
        try:
            await _store(history, [*said, *answer], run)
        except Exception as failed:
            if isinstance(error, CANCELLATIONS):  # nobody is left to raise it to
                log.exception("%s could not store a turn that was cut short", self.get_name())
            else:
                error.add_note(f"the turn that this cut short could not be stored: {failed!r}")

    @property
    def InputType(self) -> Any:
        """A dict if it has a key for the input or the history, else anything that stands for messages."""
        return dict[str, Any] if self._takes_dict else Any

    @property
    def OutputType(self) -> Any:
        """A dict where it takes one, else messages."""
        return dict[str, Any] if self._takes_dict else list[BaseMessage]

    @property
    def _takes_dict(self) -> bool:
        return self.input_messages_key is not None or self.history_messages_key is not None

    def get_input_schema(self, config: RunnableConfig | None = None) -> Schema:
        """The key that holds what is said; where there is none, messages."""
        if (key := self.input_messages_key) is None:
            return schema_of(Sequence[BaseMessage], _INPUT)
        several = Sequence[BaseMessage]
        held: Any = several if self.history_messages_key is None else str | BaseMessage | several
        return object_of({key: held}, _INPUT)

    def get_output_schema(self, config: RunnableConfig | None = None) -> Schema:
        return schema_of(self.OutputType, _OUTPUT)

    def _parts(self) -> dict[str, Runnable[Any, Any]]:
        return {"step 1": self._load, "step 2": self.runnable}

    def _specify(self, inner: InnerSpecs) -> list[ConfigurableFieldSpec]:
        return [*super()._specify(inner), *self.history_factory_config]

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        yield "runnable", self.runnable
        yield "get_session_history", self.get_session_history
        for name in ("input_messages_key", "output_messages_key", "history_messages_key"):
            if (key := getattr(self, name)) is not None:
                yield name, key
        if self.history_factory_config != _SESSION:
            yield "history_factory_config", self.history_factory_config

    def __eq__(self, other: object) -> bool:
        if isinstance(other, RunnableWithMessageHistory):
            return all(getattr(self, name) == getattr(other, name) for name in _FIELDS)
        return NotImplemented

    __hash__ = Runnable.__hash__


class _LoadHistory(Runnable[Any, list[BaseMessage]]):
    """The messages so far; where they have no key of their own, with those of the input after them."""

    name = "load_history"

    def __init__(self, input_key: str | None, history_key: str | None) -> None:
        self._input_key, self._history_key = input_key, history_key

    async def _call_kernel(self, x: Any, run: Run) -> Any:
        messages = await _read(run.scope.configurable[HISTORY], run)
        if self._history_key is not None:
            return messages
        messages += _said(x, self._input_key)
        return messages if self._input_key is None else {**x, self._input_key: messages}


class _Inside(Wrapper[Any, Any]):
    """The runnable, in a run that goes by the name which listeners of such chains know."""

    name = "check_sync_or_async"
    transforms: ClassVar[bool] = True

    def __init__(self, runnable: Runnable[Any, Any]) -> None:
        self._runnable = runnable

    @property
    def _wrapped(self) -> Runnable[Any, Any]:
        return self._runnable

    async def _call_kernel(self, x: Any, run: Run) -> Any:
        return await call(self._runnable, x, run, None, run.kwargs)

    async def _flow_kernel(self, xs: Any, run: Run) -> AsyncIterator[Any]:
        async with aclosing(flow(self._runnable, xs, run, None, run.kwargs)) as ys:
            async for y in ys:
                yield y


_SESSION = [
    ConfigurableFieldSpec(
        id="session_id",
        annotation=str,
        name="Session ID",
        description="Unique identifier for a session.",
        default="",
        is_shared=True,
    )
]
_VARIADIC = (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)
_INPUT, _OUTPUT = "RunnableWithChatHistoryInput", "RunnableWithChatHistoryOutput"
_FIELDS = (
    "runnable",
    "get_session_history",
    "input_messages_key",
    "output_messages_key",
    "history_messages_key",
    "history_factory_config",
)


# ------------------------------------------------------------------------------------------------- messages of values


def _said(x: Any, key: str | None) -> list[BaseMessage]:
    """The messages of an input."""
    if isinstance(x, Mapping):
        x = _under(x, key, "input", "input_messages_key")
    if not isinstance(x, str | BaseMessage | list | tuple):
        raise InputError(
            f"expected text, a message or a list of messages as input, not {x!r} ({type(x).__name__})"
        )
    return _messages(x, HumanMessage)


def _under(values: Mapping[str, Any], key: str | None, usual: str, parameter: str) -> Any:
    """What stands under `key`; without one, the only value there is, or that under the usual key."""
    named = f"{parameter} is {key!r}" if key is not None else f"name the key that holds them as {parameter}"
    if key is None:
        key = next(iter(values)) if len(values) == 1 else usual
    if key not in values:
        raise MissingMessagesError(
            f"no messages: the {usual} has no key {key!r}, it has {list(values)}; {named}"
        )
    return values[key]


def _messages(value: Any, speaker: Callable[[str], BaseMessage]) -> list[BaseMessage]:
    """The messages that text, a message or a list of these stands for; text is what `speaker` says."""
    several = value if isinstance(value, list | tuple) else [value]
    if (
        len(several) == 1
        and isinstance(several[0], list)
        and all(isinstance(m, BaseMessage) for m in several[0])
    ):
        several = several[0]  # a batch of one
    return convert_to_messages([speaker(each) if isinstance(each, str) else each for each in several])


def _cut_short(message: BaseMessage) -> BaseMessage:
    """The message, marked as incomplete; its tool calls are none that can be followed."""
    marked = message.model_copy(
        update={"response_metadata": {**message.response_metadata, "incomplete": True}}
    )
    if isinstance(marked, AIMessage) and (calls := marked.tool_calls):
        marked.tool_calls = []
        marked.invalid_tool_calls = [*marked.invalid_tool_calls, *map(_unanswered, calls)]
    return marked


def _unanswered(call: ToolCall) -> InvalidToolCall:
    return InvalidToolCall(
        type="invalid_tool_call",
        name=call["name"],
        args=json.dumps(call["args"]),
        id=call["id"],
        error="the answer was cut short",
    )


def _says_something(message: BaseMessage) -> bool:
    return bool(message.content or (isinstance(message, AIMessage) and message.invalid_tool_calls))


# ------------------------------------------------------------------------------------------------- reading and storing


async def _read(history: Any, run: Run) -> list[BaseMessage]:
    """The messages so far, in a list of its own."""
    can_block = getattr_static(history, "messages", None) is not None
    if _defines(history, "aget_messages") and (run.backend.is_async or not can_block):
        return list(await run.call(history.aget_messages, (), True))
    return list(await run.call(lambda: history.messages, ()))


async def _store(history: Any, messages: list[BaseMessage], run: Run) -> None:
    can_block = _defines(history, "add_messages") or _defines(history, "add_message")
    if _defines(history, "aadd_messages") and (run.backend.is_async or not can_block):
        await run.call(history.aadd_messages, (messages,), True)
    else:
        await run.call(history.add_messages, (messages,))


def _defines(history: Any, method: str) -> bool:
    """Whether a store has a method of its own, not only the default that goes by others."""
    own = getattr(type(history), method, None)
    return own is not None and own is not getattr(BaseChatMessageHistory, method)


async def _awaited(value: Awaitable[Any]) -> Any:
    return await value
