"""The face of a step: what users call, each a line over `call` and `flow`, written once and overridden nowhere."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, TypeVar, overload

from riverrun._backends.aio import ASYNC
from riverrun._backends.drive import drive, iterate
from riverrun._backends.stream import AsyncStream
from riverrun._backends.sync import SYNC
from riverrun._engine.adapt import FACE, StepType, lift, settle_instance
from riverrun._engine.config import NOTHING, RunnableConfig, Scope
from riverrun._engine.enter import (
    enter_batch,
    enter_call,
    enter_completions,
    enter_flow,
    helped_batch,
    helped_call,
    helped_flow,
)
from riverrun._engine.knot import knot
from riverrun._engine.lanes import Flow
from riverrun._engine.run import Once, Run
from riverrun._engine.schema import (
    ConfigurableFieldSpec,
    InnerSpecs,
    Schema,
    config_schema_of,
    schema_of,
    type_arguments,
    unique,
)
from riverrun._pure.fold import fold
from riverrun._pure.serialized import Serialized
from riverrun._pure.shown import bounded, call_repr

if TYPE_CHECKING:
    from riverrun._pure.graph import Graph
    from riverrun._pure.habit import Habit
    from riverrun._pure.streaming import StreamingReport

Input = TypeVar("Input", contravariant=True)
Output = TypeVar("Output", covariant=True)
Other = TypeVar("Other")

Step = (
    Callable[[Iterator[Any]], Iterator[Other]]
    | Callable[[AsyncIterator[Any]], AsyncIterator[Other]]
    | Callable[[Any], Coroutine[Any, Any, Other]]
    | Callable[[Any], Other]
)


class Runnable(Serialized, Generic[Input, Output], metaclass=StepType):
    """A step: something that can be invoked, batched, streamed and composed.

    Subclass it and override `invoke` (and `ainvoke`, `transform`, ... where they differ), or, to write a step that works
    in both colours, define one of its kernels:

    * `async def _call_kernel(self, x, run)` returns the value of a value;
    * `async def _flow_kernel(self, xs, run)` yields the chunks of a stream.

    Each has a default in terms of the other. A kernel awaits nothing but the engine: user code through `run.call` and
    `run.steps`, other steps through `call` and `flow`. One that reads `xs` closes it, also when it fails: with `await
    run.take(xs)` for the whole of it, or with `async with aclosing(xs)`.
    """

    __slots__ = ()

    kind: ClassVar[str] = "chain"
    """What events call it: chain, prompt, chat_model, llm, parser, tool, retriever."""

    transforms: ClassVar[bool] = False
    """Whether it makes chunks while its input still arrives."""

    silent: ClassVar[bool] = False
    """Whether its runs are reported to nobody, and what runs inside counts as its parent's."""

    is_lens: ClassVar[bool] = False
    """Whether it only changes how another step runs: the engine then runs what `through` gives, in its place."""

    yields: ClassVar[bool | None] = None
    """Whether it may put out several chunks for one value; None for what its kernels make likely."""

    one_by_one: ClassVar[bool] = False
    """Whether a batch of it is to run one input after the other: it answers from a script, in order."""

    _wiring: ClassVar[str] = "leaf"
    """How it is made of `_parts`: line (one after another), side (side by side), choice (one of them), attempts (the first
    that succeeds), inside (the one, as it is), each (the one, on every element), calls (a function may call them); or leaf.
    """

    _overrides: ClassVar[frozenset[str]] = frozenset()

    # -------------------------------------------------------------------------------------------------- kernels

    async def _call_kernel(self, x: Any, run: Run) -> Any:
        ys: Any = self._flow_kernel(Once(x), run)
        try:
            with run.locating():
                return fold([y async for y in ys])
        finally:
            await ys.aclose()

    async def _flow_kernel(self, xs: Any, run: Run) -> AsyncIterator[Any]:
        x = await run.take(xs)
        with run.locating():
            y = await self._call_kernel(x, run)
        yield y

    def through(self, scope: Scope) -> tuple[Any, Scope, dict[str, Any]]:
        """On a lens: the step inside, the scope to run it in where `scope` holds outside, and the arguments to add."""
        raise NotImplementedError

    # --------------------------------------------------------------------------------------------- running it

    def invoke(self, input: Input, config: RunnableConfig | None = None, **kwargs: Any) -> Output:
        """The output for one input. Blocks the calling thread; async steps run on a loop of another thread.

        Raises:
            Exception: whatever a step raises, unwrapped, with a note that names the step.
            ConfigError: a known config key holds a value of the wrong type.
        """
        return drive(enter_call(self, "invoke", input, SYNC, config, kwargs))  # type: ignore[no-any-return]

    async def ainvoke(self, input: Input, config: RunnableConfig | None = None, **kwargs: Any) -> Output:
        """The output for one input, awaited. Sync steps run in threads and never block the loop. Raises as `invoke`."""
        return await enter_call(self, "ainvoke", input, ASYNC, config, kwargs)  # type: ignore[no-any-return]

    def stream(self, input: Input, config: RunnableConfig | None = None, **kwargs: Any) -> Iterator[Output]:
        """The output in chunks, each as soon as it is there. Closing the iterator, or dropping it, stops everything
        upstream before it returns. Raises what a step raises, after the chunks that came before."""
        return iterate(enter_flow(self, "stream", Once(input), SYNC, config, kwargs))

    def astream(
        self, input: Input, config: RunnableConfig | None = None, **kwargs: Any
    ) -> AsyncStream[Output]:
        """The output in chunks, asynchronously. `aclose()`, or leaving `async with`, returns when everything upstream
        has ended; a `break` starts the same. Raises as `stream`."""
        return AsyncStream(enter_flow(self, "astream", Once(input), ASYNC, config, kwargs))

    def transform(
        self, input: Iterator[Input], config: RunnableConfig | None = None, **kwargs: Any
    ) -> Iterator[Output]:
        """The output in chunks for an input in chunks. A step that needs its whole input waits for it."""
        return iterate(enter_flow(self, "transform", lift(input), SYNC, config, kwargs))

    def atransform(
        self, input: AsyncIterator[Input], config: RunnableConfig | None = None, **kwargs: Any
    ) -> AsyncStream[Output]:
        """`transform`, asynchronously."""
        return AsyncStream(enter_flow(self, "atransform", lift(input), ASYNC, config, kwargs))

    @overload
    def batch(
        self,
        inputs: Sequence[Input],
        config: RunnableConfig | Sequence[RunnableConfig] | None = None,
        *,
        return_exceptions: Literal[False] = False,
        **kwargs: Any,
    ) -> list[Output]: ...
    @overload
    def batch(
        self,
        inputs: Sequence[Input],
        config: RunnableConfig | Sequence[RunnableConfig] | None = None,
        *,
        return_exceptions: bool,
        **kwargs: Any,
    ) -> list[Output | Exception]: ...
    def batch(
        self,
        inputs: Sequence[Input],
        config: RunnableConfig | Sequence[RunnableConfig] | None = None,
        *,
        return_exceptions: bool = False,
        **kwargs: Any,
    ) -> Any:
        """The outputs for many inputs, in their order, run in threads: at most `max_concurrency` of the config at once.

        With `return_exceptions` an input's exception stands in its place; otherwise the first one stops the others and
        is raised when they have ended. `config` is one for all inputs or a list with one for each.
        """
        return drive(enter_batch(self, inputs, SYNC, config, return_exceptions, kwargs))

    @overload
    async def abatch(
        self,
        inputs: Sequence[Input],
        config: RunnableConfig | Sequence[RunnableConfig] | None = None,
        *,
        return_exceptions: Literal[False] = False,
        **kwargs: Any,
    ) -> list[Output]: ...
    @overload
    async def abatch(
        self,
        inputs: Sequence[Input],
        config: RunnableConfig | Sequence[RunnableConfig] | None = None,
        *,
        return_exceptions: bool,
        **kwargs: Any,
    ) -> list[Output | Exception]: ...
    async def abatch(
        self,
        inputs: Sequence[Input],
        config: RunnableConfig | Sequence[RunnableConfig] | None = None,
        *,
        return_exceptions: bool = False,
        **kwargs: Any,
    ) -> Any:
        """`batch`, in tasks of the running loop; all at once when the config sets no `max_concurrency`."""
        return await enter_batch(self, inputs, ASYNC, config, return_exceptions, kwargs)

    def batch_as_completed(
        self,
        inputs: Sequence[Input],
        config: RunnableConfig | Sequence[RunnableConfig] | None = None,
        *,
        return_exceptions: bool = False,
        **kwargs: Any,
    ) -> Iterator[tuple[int, Output | Exception]]:
        """(index, output) pairs as they come. Closing the iterator stops what has not ended."""
        return iterate(enter_completions(self, inputs, SYNC, config, return_exceptions, kwargs))

    def abatch_as_completed(
        self,
        inputs: Sequence[Input],
        config: RunnableConfig | Sequence[RunnableConfig] | None = None,
        *,
        return_exceptions: bool = False,
        **kwargs: Any,
    ) -> AsyncStream[tuple[int, Output | Exception]]:
        """`batch_as_completed`, asynchronously."""
        ys = enter_completions(self, inputs, ASYNC, config, return_exceptions, kwargs)
        return AsyncStream(Flow(ys, Once(inputs)))

    # --------------------------------------------------------------------------------------------- composing it

    @overload
    def __or__(self, other: Runnable[Output, Other]) -> Runnable[Input, Other]: ...
    @overload
    def __or__(self, other: Callable[[Iterator[Output]], Iterator[Other]]) -> Runnable[Input, Other]: ...
    @overload
    def __or__(
        self, other: Callable[[AsyncIterator[Output]], AsyncIterator[Other]]
    ) -> Runnable[Input, Other]: ...
    @overload
    def __or__(self, other: Callable[[Output], Coroutine[Any, Any, Other]]) -> Runnable[Input, Other]: ...
    @overload
    def __or__(self, other: Callable[[Output], Other]) -> Runnable[Input, Other]: ...
    @overload
    def __or__(self, other: Mapping[str, Any]) -> Runnable[Input, dict[str, Any]]: ...
    def __or__(self, other: Any) -> Any:
        """A sequence: what this step puts out goes into `other`: a runnable, function, generator function or dict.

        Raises:
            NotAStepError: `other` is none of these.
        """
        return knot.bar(self, other)

    @overload
    def __ror__(self, other: Callable[[Iterator[Any]], Iterator[Any]]) -> Runnable[Any, Output]: ...
    @overload
    def __ror__(self, other: Callable[[AsyncIterator[Any]], AsyncIterator[Any]]) -> Runnable[Any, Output]: ...
    @overload
    def __ror__(self, other: Callable[[Other], Any]) -> Runnable[Other, Output]: ...
    @overload
    def __ror__(self, other: Mapping[str, Any]) -> Runnable[Any, Output]: ...
    def __ror__(self, other: Any) -> Any:
        return knot.bar(other, self)

    def pipe(self, *others: Any, name: str | None = None) -> Runnable[Input, Any]:
        """This step and `others` as one sequence: `a.pipe(b, c)` is `a | b | c`."""
        return knot.sequence(self, *others, name=name)  # type: ignore[no-any-return]

    def pick(self, keys: str | list[str]) -> Runnable[Input, Any]:
        """The value of one key of the dict this step puts out, or a dict of several."""
        return self | knot.pick(keys)  # type: ignore[no-any-return]

    def assign(self, **kwargs: Any) -> Runnable[Input, dict[str, Any]]:
        """The dict this step puts out, with more keys: each a step that is given the dict."""
        return self | knot.assign(**kwargs)  # type: ignore[no-any-return]

    def map(self) -> Runnable[Sequence[Input], list[Output]]:
        """A step from a list to a list, this one run on each element."""
        return knot.each(self)  # type: ignore[no-any-return]

    def bind(self, **kwargs: Any) -> Runnable[Input, Output]:
        """This step with keyword arguments that each run gets."""
        return knot.binding(self, kwargs=kwargs)  # type: ignore[no-any-return]

    def with_config(self, config: RunnableConfig | None = None, **kwargs: Any) -> Runnable[Input, Output]:
        """This step with a config that lies beneath what the caller says."""
        return knot.binding(self, config={**(config or {}), **kwargs})  # type: ignore[no-any-return]

    def with_types(self, *, input_type: Any = None, output_type: Any = None) -> Runnable[Input, Output]:
        """This step with stated types, which its schemas show."""
        return knot.binding(self, input_type=input_type, output_type=output_type)  # type: ignore[no-any-return]

    def with_retry(
        self,
        *,
        retry_if_exception_type: tuple[type[BaseException], ...] = (Exception,),
        wait_exponential_jitter: bool = True,
        exponential_jitter_params: Mapping[str, float] | None = None,
        stop_after_attempt: int = 3,
    ) -> Runnable[Input, Output]:
        """This step, tried again when it raises one of these before anything was handed out.

        The wait before attempt n is `initial * exp_base ** (n - 1)` seconds, `max` at most, and up to `jitter` more.
        """
        return knot.retry(  # type: ignore[no-any-return]
            self,
            retry_exception_types=retry_if_exception_type,
            wait_exponential_jitter=wait_exponential_jitter,
            exponential_jitter_params=exponential_jitter_params,
            max_attempt_number=stop_after_attempt,
        )

    def with_fallbacks(
        self,
        fallbacks: Sequence[Runnable[Any, Any]],
        *,
        exceptions_to_handle: tuple[type[BaseException], ...] = (Exception,),
        exception_key: str | None = None,
    ) -> Runnable[Input, Output]:
        """This step, and when it raises before anything was handed out, the fallbacks in their order."""
        return knot.fallbacks(  # type: ignore[no-any-return]
            self, fallbacks, exceptions_to_handle=exceptions_to_handle, exception_key=exception_key
        )

    def configurable_fields(self, **fields: Any) -> Runnable[Input, Output]:
        """This step with settings that a run's config may set: each keyword is one of its fields.

        Raises:
            ValueError: it has no such field.
        """
        return knot.configurable_fields(default=self, fields=fields)  # type: ignore[no-any-return]

    def configurable_alternatives(
        self, which: Any, *, default_key: str = "default", prefix_keys: bool = False, **alternatives: Any
    ) -> Runnable[Input, Output]:
        """This step, or another that a run's config names: each keyword is one, or a function that makes one.

        With `prefix_keys` what configures an alternative goes by `<id>==<key>/<its own id>`.
        """
        return knot.configurable_alternatives(  # type: ignore[no-any-return]
            which=which,
            default=self,
            alternatives=alternatives,
            default_key=default_key,
            prefix_keys=prefix_keys,
        )

    def as_tool(
        self,
        args_schema: type[Any] | None = None,
        *,
        name: str | None = None,
        description: str | None = None,
        arg_types: dict[str, type[Any]] | None = None,
    ) -> Any:
        """A tool (`riverrun.tools.BaseTool`) that runs this step: on the dict of its arguments, or on a string.

        `args_schema`, or `arg_types`, says what the arguments are where the step's input schema doesn't.

        Raises:
            TypeError: what the step takes is neither a string nor a dict whose keys are known.
        """
        return knot.as_tool(self, args_schema, name=name, description=description, arg_types=arg_types)

    def _run_metadata(self, run: Run) -> dict[str, Any]:
        """What a run of this step adds to its metadata."""
        return NOTHING

    # ------------------------------------------------------------------------------ overrides set on an instance

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name in FACE:
            settle_instance(self)

    def __delattr__(self, name: str) -> None:
        super().__delattr__(name)
        if name in FACE:
            settle_instance(self)

    # --------------------------------------------------------------------------------------------- describing it

    @bounded
    def __repr__(self) -> str:
        return call_repr(self)

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        """What its repr shows, as keyword arguments, or positional ones without a name."""
        return ()

    def get_name(self, suffix: str | None = None, *, name: str | None = None) -> str:
        """The name its runs go by: its own `name`, else its class's. `suffix` is joined on in the same style."""
        said = name or getattr(self, "name", None) or type(self).__name__
        if suffix is None:
            return str(said)
        return f"{said}{suffix.title()}" if said[0].isupper() else f"{said}_{suffix.lower()}"

    @property
    def InputType(self) -> Any:
        """The type of its input: what its class puts in for it, else Any."""
        return type_arguments(type(self), Runnable)[0]

    @property
    def OutputType(self) -> Any:
        """The type of its output, likewise."""
        return type_arguments(type(self), Runnable)[1]

    @property
    def input_schema(self) -> Schema:
        """What it takes, as a pydantic model: `input_schema.schema()` is its JSON Schema."""
        return self.get_input_schema()

    @property
    def output_schema(self) -> Schema:
        """What it puts out, likewise."""
        return self.get_output_schema()

    @property
    def config_specs(self) -> list[ConfigurableFieldSpec]:
        """What a config can say under `configurable`, to it and to the steps inside, by id.

        Raises:
            ValueError: two of them mean different things by one id.
        """
        return self._config_specs(())

    def get_input_schema(self, config: RunnableConfig | None = None) -> Schema:
        """What it takes when it is run with `config`, as a pydantic model."""
        return schema_of(self.InputType, self.get_name("Input"))

    def get_output_schema(self, config: RunnableConfig | None = None) -> Schema:
        """What it puts out when it is run with `config`, as a pydantic model."""
        return schema_of(self.OutputType, self.get_name("Output"))

    def config_schema(self, *, include: Sequence[str] | None = None) -> Schema:
        """The config it takes, as a pydantic model: what is configurable, and of the other keys those in `include`.

        Raises:
            ValueError: `include` names something that is no key of a config.
        """
        return config_schema_of(self.config_specs, include or (), self.get_name("Config"))

    def get_input_jsonschema(self, config: RunnableConfig | None = None) -> dict[str, Any]:
        """`get_input_schema` as JSON Schema (draft 2020-12). A type that it can't describe may be anything."""
        return self.get_input_schema(config).model_json_schema()  # type: ignore[no-any-return]

    def get_output_jsonschema(self, config: RunnableConfig | None = None) -> dict[str, Any]:
        """`get_output_schema`, likewise."""
        return self.get_output_schema(config).model_json_schema()  # type: ignore[no-any-return]

    def get_config_jsonschema(self, *, include: Sequence[str] | None = None) -> dict[str, Any]:
        """`config_schema`, likewise."""
        return self.config_schema(include=include).model_json_schema()  # type: ignore[no-any-return]

    def get_graph(self, config: RunnableConfig | None = None) -> Graph:
        """The steps inside as nodes and edges: `print(chain.get_graph().draw_mermaid())`."""
        return knot.graph(self, config)  # type: ignore[no-any-return]

    def get_prompts(self, config: RunnableConfig | None = None) -> list[Any]:
        """The prompt templates inside, in the order of the steps; also those that functions refer to."""
        return knot.prompts(self, config)  # type: ignore[no-any-return]

    def streaming_report(self, config: RunnableConfig | None = None) -> StreamingReport:
        """Which steps inside stream, which block, and why, told without running them. Print it."""
        return knot.streaming_report(self, config)  # type: ignore[no-any-return]

    def _habit(self, kwargs: Mapping[str, Any]) -> Habit:
        """How it streams in runs with these arguments."""
        return knot.habit(self)  # type: ignore[no-any-return]

    def _parts(self) -> Mapping[str, Runnable[Any, Any]]:
        """The steps that its output comes from, by their places, as `_wiring` says."""
        return NOTHING

    def _inner_steps(self) -> Iterable[Runnable[Any, Any]]:
        """The steps that it may run, those that only decide too. A function may refer to the very step that it is a part of."""
        return self._parts().values()

    def _config_specs(self, above: tuple[Runnable[Any, Any], ...]) -> list[ConfigurableFieldSpec]:
        """`config_specs`, where the steps `above` are asking."""
        if any(asking is self for asking in above):
            return []
        if type(self).config_specs is not Runnable.config_specs:  # a user's
            return self.config_specs
        return unique(self._specify(lambda step: step._config_specs((*above, self))))

    def _specify(self, inner: InnerSpecs) -> list[ConfigurableFieldSpec]:
        """`config_specs`, by those of the steps inside."""
        return [spec for step in self._inner_steps() for spec in inner(step)]

    def _takes_before(self, after: Callable[[], Schema], name: str, config: RunnableConfig | None) -> Schema:
        """What it takes where its output goes into what takes `after()`. Only a step that hands its input on can tell more."""
        return self.get_input_schema(config)

    def _gives_after(self, before: Callable[[], Schema], name: str, config: RunnableConfig | None) -> Schema:
        """What it puts out where it is given what `before()` describes, likewise."""
        return self.get_output_schema(config)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """As a field of a pydantic model, a step validates by being one. Called by pydantic, which is loaded then."""
        if hasattr(cls, "__pydantic_fields__"):
            return handler(source)
        from pydantic_core import core_schema

        return core_schema.is_instance_schema(cls)

    # ---------------------------------------------------------------------------------- for authors of subclasses

    def _call_with_config(
        self, func: Any, input: Any, config: RunnableConfig | None, run_type: str | None = None, **kwargs: Any
    ) -> Any:
        """Run `func(input)` as this step's own run; it may ask for `config` and `run_manager`."""
        return drive(helped_call(self, func, input, SYNC, config, kwargs))

    async def _acall_with_config(
        self, func: Any, input: Any, config: RunnableConfig | None, run_type: str | None = None, **kwargs: Any
    ) -> Any:
        """`_call_with_config` for an async function."""
        return await helped_call(self, func, input, ASYNC, config, kwargs)

    def _batch_with_config(
        self,
        func: Any,
        inputs: Sequence[Any],
        config: Any = None,
        *,
        return_exceptions: bool = False,
        run_type: str | None = None,
        **kwargs: Any,
    ) -> list[Any]:
        """Run `func(inputs)`, which gives a list of outputs, as one run of this step for each input."""
        return drive(helped_batch(self, func, inputs, SYNC, config, return_exceptions, kwargs))  # type: ignore[no-any-return]

    async def _abatch_with_config(
        self,
        func: Any,
        inputs: Sequence[Any],
        config: Any = None,
        *,
        return_exceptions: bool = False,
        run_type: str | None = None,
        **kwargs: Any,
    ) -> list[Any]:
        """`_batch_with_config` for an async function."""
        return await helped_batch(self, func, inputs, ASYNC, config, return_exceptions, kwargs)

    def _transform_stream_with_config(
        self, inputs: Iterator[Any], transformer: Any, config: Any, run_type: str | None = None, **kwargs: Any
    ) -> Iterator[Any]:
        """Run the generator function `transformer(inputs)` as this step's own run."""
        return iterate(helped_flow(self, transformer, lift(inputs), SYNC, config, kwargs))

    def _atransform_stream_with_config(
        self,
        inputs: AsyncIterator[Any],
        transformer: Any,
        config: Any,
        run_type: str | None = None,
        **kwargs: Any,
    ) -> AsyncStream[Any]:
        """`_transform_stream_with_config` for an async generator function."""
        return AsyncStream(helped_flow(self, transformer, lift(inputs), ASYNC, config, kwargs))
