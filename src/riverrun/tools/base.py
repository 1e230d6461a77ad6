"""The base of tools: an author writes a function or a hook, and models can be told of it, and programs run it."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from functools import cached_property, partial
from typing import Any, ClassVar, Literal, TypeAlias
from uuid import UUID

from pydantic import BaseModel, Field

from riverrun._engine.config import RunnableConfig
from riverrun._engine.run import Run
from riverrun._engine.schema import Schema
from riverrun._pure.exceptions import SchemaAnnotationError, ToolException
from riverrun._pure.habit import Habit
from riverrun.callbacks.manager import Callbacks
from riverrun.messages import ToolCall
from riverrun.runnables import RunnableSerializable
from riverrun.runnables.config import run_in_executor
from riverrun.tools._answer import Pieces, Status, answer, call_of, over, pair_of, read, said_instead
from riverrun.tools._arguments import (
    Arguments,
    concerns,
    get_all_basemodel_annotations,
    is_validation_error,
)
from riverrun.tools._hook import Hook
from riverrun.utils._arguments import (
    FILTERED_ARGS,
    InjectedToolArg,
    InjectedToolCallId,
    Parameters,
    create_schema_from_function,
)
from riverrun.utils.pydantic import model_json_schema

__all__ = [
    "FILTERED_ARGS",
    "ArgsSchema",
    "BaseTool",
    "BaseToolkit",
    "InjectedToolArg",
    "InjectedToolCallId",
    "SchemaAnnotationError",
    "ToolException",
    "ToolExceptionHandlerOutput",
    "create_schema_from_function",
    "get_all_basemodel_annotations",
]

ArgsSchema: TypeAlias = type[Any] | dict[str, Any]
"""What a tool's arguments are described by: a pydantic class, of version 2 or 1, or a dict of JSON Schema."""

ToolExceptionHandlerOutput: TypeAlias = str | Sequence[str | dict[str, Any]]
"""What a model is told in place of a `ToolException`: the content of a tool message."""


class BaseTool(RunnableSerializable[str | dict[str, Any] | ToolCall, Any]):
    """Something that a model may ask for: a step with a name, a description, and arguments.

    A subclass defines `_run` or `_arun`, or both. Whichever it defines serves every mode: `_run` serves async runs from a
    thread, `_arun` serves sync runs from a loop's thread. A hook may ask for `run_manager`, `callbacks`, and, by the type
    `RunnableConfig`, for the config; models are not told of these. Where `args_schema` is None the arguments are not
    checked, and described by the hook's own parameters.

    Invoked with arguments (a dict, or a string for the first one) a tool gives what its hook gives; with a `ToolCall`, the
    `ToolMessage` that answers it. A hook that is a generator function gives the fold of what it yields, and streams it
    where it is not a message that is asked for; with `content_and_artifact` each yield is a pair of a piece of the
    content, and an artifact, the last of which counts.

    Raises:
        ValidationError: pydantic's, with a note that names tool and fields: the arguments don't fit.
        InputError: a tool that asks for the id of a call is invoked without one, or `content_and_artifact` is promised and
            no pair comes. It is a ValueError and a TypeError.
    """

    kind: ClassVar[str] = "tool"

    name: str  # pyright: ignore[reportIncompatibleVariableOverride]  # a tool always has one
    """What models call it by."""

    description: str
    """What models are told: what it does, and when and how to use it."""

    args_schema: Any = None
    """Its arguments, as a pydantic class or a dict of JSON Schema; what a dict describes is not checked."""

    return_direct: bool = False
    """Whether an agent ends with what it gives."""

    verbose: bool = False
    """Of no effect."""

    callbacks: Any = Field(default=None, exclude=True)
    """Of no effect; `with_config(callbacks=...)` makes a tool that is listened to."""

    tags: list[str] | None = None
    """Tags of its runs."""

    metadata: dict[str, Any] | None = None
    """Metadata of its runs."""

    handle_tool_error: bool | str | Callable[[ToolException], ToolExceptionHandlerOutput] | None = False
    """What is given where it raises `ToolException`: what the exception says, this text, or what this function gives."""

    handle_validation_error: bool | str | Callable[[Any], str] | None = False
    """What is given in place of a `ValidationError`, likewise."""

    response_format: Literal["content", "content_and_artifact"] = "content"
    """Whether the hook gives the content of the answer, or a pair of that and what only the program is to see."""

    extras: dict[str, Any] | None = None
    """What else a provider may want to know of it."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if inspect.get_annotations(cls).get("args_schema") in (BaseModel, "BaseModel"):
            raise SchemaAnnotationError(
                f"tool class {cls.__name__} annotates args_schema with BaseModel: a class is meant, so write "
                "`args_schema: type[BaseModel] = ...`"
            )

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if cls._arun is not BaseTool._arun:  # one of the two is enough
            cls.__abstractmethods__ -= {"_run"}

    def __init__(self, **kwargs: Any) -> None:
        """
        Raises:
            ValidationError: a field is missing or has the wrong type.
            TypeError: `args_schema` is neither a pydantic class nor a dict.
        """
        super().__init__(**kwargs)
        vars(self)["_arguments"] = Arguments(self.args_schema)

    # ---------------------------------------------------------------------------------------- hooks for authors

    @abstractmethod
    def _run(self, *args: Any, **kwargs: Any) -> Any:
        """Do it. May block."""

    async def _arun(self, *args: Any, **kwargs: Any) -> Any:
        """Do it, asynchronously."""
        return await run_in_executor(None, partial(self._run, *args, **kwargs))

    def _functions(self) -> tuple[Callable[..., Any] | None, Callable[..., Any] | None]:
        """What runs it in sync runs, and what in async ones; None where only the other is there."""
        cls = type(self)
        return (
            self._run if cls._run is not BaseTool._run else None,
            self._arun if cls._arun is not BaseTool._arun else None,
        )

    @cached_property
    def _hooks(self) -> dict[bool, Hook]:
        """The hooks by the colour of a run."""
        fn, afn = self._functions()
        if fn is None and afn is None:
            raise NotImplementedError(f"tool {self.name!r} has no function to run")
        sync = Hook(fn) if fn is not None else None
        own = Hook(afn, is_async=True) if afn is not None else None
        return {False: sync or own, True: own or sync}  # type: ignore[dict-item]  # one of the two is there

    @cached_property
    def _arguments(self) -> Arguments:
        return Arguments(self.args_schema)

    # --------------------------------------------------------------------------------------------- describing it

    @cached_property
    def _described(self) -> Schema:
        """What it is described by where no schema was given: the parameters of its hook."""
        schema: Schema = create_schema_from_function(self.name, self._hooks[False].fn)
        return schema

    @cached_property
    def _told(self) -> Any:
        arguments = self._arguments if self.args_schema is not None else Arguments(self._described)
        hooks = {} if self._functions() == (None, None) else self._hooks
        injected = frozenset(name for hook in hooks.values() for name in hook.parameters.injected)
        return arguments.told(self.name, self.description, injected)

    @cached_property
    def _told_as_json(self) -> dict[str, Any]:
        told = self._told
        return told if isinstance(told, dict) else model_json_schema(told)

    @property
    def tool_call_schema(self) -> ArgsSchema:
        """What a model is told of its arguments: as `args_schema`, without those that are injected, and with its description."""
        return self._told  # type: ignore[no-any-return]

    @property
    def args(self) -> dict[str, Any]:
        """The arguments that a model is told of, each as JSON Schema."""
        properties: dict[str, Any] = self._told_as_json.get("properties", {})
        return properties

    @property
    def is_single_input(self) -> bool:
        """Whether a model is told of one argument."""
        return len({key for key in self.args if key != "kwargs"}) == 1

    def get_input_schema(self, config: RunnableConfig | None = None) -> Schema:
        """Its arguments, those that are injected too, as a pydantic class."""
        if self.args_schema is None:
            return self._described
        return super().get_input_schema(config) if isinstance(self.args_schema, dict) else self.args_schema

    def _habit(self, kwargs: Mapping[str, Any]) -> Habit:
        if any(hook.is_generator for hook in self._hooks.values()):
            return Habit(False, True, "a tool needs all of its arguments; this one yields what it gives")
        return Habit(False, False, "a tool needs all of its arguments, and gives its result in one piece")

    # ------------------------------------------------------------------------------------------------- running it

    async def _call_kernel(self, x: Any, run: Run) -> Any:
        given, call_id = read(x)
        hook = self._hooks[run.backend.is_async]
        if hook.is_generator:
            pieces = Pieces(self.response_format)
            status: Status = "success"
            async with aclosing(self._pieces(given, call_id, hook, run)) as found:
                async for piece, status in found:
                    pieces.append(piece, status)
            return answer(*pieces.whole(), call_id, self.name, status)
        artifact = None
        status = "success"
        try:
            begin = hook.bound(*self._checked(given, call_id, hook), run)
            content = await run.call(begin, (), hook.is_async)
            if self.response_format == "content_and_artifact":
                content, artifact = pair_of(content, self.name)
        except Exception as error:
            if (handler := self._handler(error)) is None:
                run.locate(error)
                raise
            content, status = await handler(run), "error"
        return answer(content, artifact, call_id, self.name, status)

    async def _flow_kernel(self, xs: Any, run: Run) -> AsyncIterator[Any]:
        x = await run.take(xs)
        given, call_id = read(x)
        hook = self._hooks[run.backend.is_async]
        if not hook.is_generator or call_id is not None:
            yield await self._call_kernel(x, run)
            return
        async with aclosing(self._pieces(given, call_id, hook, run)) as found:
            async for piece, status in found:
                yield (
                    piece[0]
                    if self.response_format == "content_and_artifact" and status == "success"
                    else piece
                )

    async def _pieces(
        self, given: Any, call_id: str | None, hook: Hook, run: Run
    ) -> AsyncGenerator[tuple[Any, Status], None]:
        """What a generator function yields, and last, if it fails, what is to be said of that."""
        is_paired = self.response_format == "content_and_artifact"
        item: Any = (None, None) if is_paired else None
        came = False
        try:
            begin = hook.bound(*self._checked(given, call_id, hook), run)
            async with aclosing(run.steps(begin(), hook.is_async)) as items:
                async for item in items:
                    came = True
                    yield pair_of(item, self.name) if is_paired else item, "success"
            if not came:  # as of a function that returns nothing
                yield item, "success"
        except Exception as error:
            if (handler := self._handler(error)) is None:
                run.locate(error)
                raise
            said = await handler(run)
            yield said, "error"

    def _checked(self, given: Any, call_id: str | None, hook: Hook) -> tuple[tuple[Any, ...], dict[str, Any]]:
        return self._arguments.of(given, call_id, hook, self.name)

    def _handler(self, error: Exception) -> Callable[[Run], Any] | None:
        """What gives what is to be said in place of `error`; None if that is to pass."""
        flag: Any
        if is_validation_error(error):
            if concerns(error, self._arguments.hidden(self._hooks[False])):
                return None  # the model knows nothing of them
            flag, default = self.handle_validation_error, "Tool input validation error"
        elif isinstance(error, ToolException):
            flag, default = self.handle_tool_error, error.args[0] if error.args else "Tool execution error"
        else:
            return None
        return partial(said_instead, flag, default, error) if flag else None

    def run(
        self,
        tool_input: str | dict[str, Any],
        verbose: bool | None = None,
        start_color: str | None = "green",
        color: str | None = "green",
        callbacks: Callbacks = None,
        *,
        tags: list[str] | None = None,
        metadata: dict[str, Any] | None = None,
        run_name: str | None = None,
        run_id: UUID | None = None,
        config: RunnableConfig | None = None,
        tool_call_id: str | None = None,
        **kwargs: Any,
    ) -> Any:
        """`invoke`, with the parts of the config apart, and with the id of the call that is answered, if there is one.

        `verbose` and the colours are of no effect. Raises as `invoke`.
        """
        said = over(
            config, tags=tags, metadata=metadata, run_name=run_name, run_id=run_id, callbacks=callbacks
        )
        return self.invoke(call_of(self.name, tool_input, tool_call_id), said, **kwargs)

    async def arun(
        self,
        tool_input: str | dict[str, Any],
        verbose: bool | None = None,
        start_color: str | None = "green",
        color: str | None = "green",
        callbacks: Callbacks = None,
        *,
        tags: list[str] | None = None,
        metadata: dict[str, Any] | None = None,
        run_name: str | None = None,
        run_id: UUID | None = None,
        config: RunnableConfig | None = None,
        tool_call_id: str | None = None,
        **kwargs: Any,
    ) -> Any:
        """`run`, asynchronously."""
        said = over(
            config, tags=tags, metadata=metadata, run_name=run_name, run_id=run_id, callbacks=callbacks
        )
        return await self.ainvoke(call_of(self.name, tool_input, tool_call_id), said, **kwargs)

    # -------------------------------------------------------------------- what was found out, when something changes

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name in _DESCRIBING:
            self._forget()

    def __copy__(self) -> BaseTool:
        twin = super().__copy__()
        twin._forget()
        return twin

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> BaseTool:
        self._forget()
        return super().__deepcopy__(memo)

    def __getstate__(self) -> dict[Any, Any]:
        state = super().__getstate__()
        kept = {name: value for name, value in state["__dict__"].items() if name not in _FOUND_OUT}
        return {**state, "__dict__": kept}

    def _forget(self) -> None:
        for name in _FOUND_OUT:
            vars(self).pop(name, None)


_FOUND_OUT = frozenset(("_arguments", "_described", "_hooks", "_told", "_told_as_json"))
"""What is known of a tool once it was looked at."""

_DESCRIBING = frozenset(("name", "description", "args_schema", "func", "coroutine"))
"""The fields by which a tool is described and run."""


class BaseToolkit(BaseModel, ABC):
    """Tools that belong together, and what they share."""

    @abstractmethod
    def get_tools(self) -> list[BaseTool]:
        """The tools."""


def _get_runnable_config_param(func: Callable[..., Any]) -> str | None:
    """The name of the parameter that gets the config; None if there is none."""
    return Parameters(func).config
