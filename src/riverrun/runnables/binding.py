"""A step with arguments, a config or types laid on. It has no run of its own: the step inside is what runs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from typing import Any, ClassVar, cast

from riverrun._engine.config import RunnableConfig, Said, Scope
from riverrun._engine.knot import knot
from riverrun._engine.lanes import call, flow
from riverrun._engine.run import Run
from riverrun._engine.runnable import Input, Output, Runnable
from riverrun._engine.schema import Schema, schema_of
from riverrun.runnables.wrapper import Wrapper


class Lens(Wrapper[Input, Output]):
    """A step that only changes how another one runs. The engine looks through it; what overrides it sees these kernels."""

    is_lens: ClassVar[bool] = True

    async def _call_kernel(self, x: Any, run: Run) -> Any:
        step, scope, kwargs = self.through(run.scope.inside())
        return await call(step, x, run, None, {**kwargs, **run.kwargs}, scope)

    async def _flow_kernel(self, xs: Any, run: Run) -> AsyncIterator[Any]:
        step, scope, kwargs = self.through(run.scope.inside())
        async with aclosing(flow(step, xs, run, None, {**kwargs, **run.kwargs}, scope)) as ys:
            async for y in ys:
                yield y


class RunnableBinding(Lens[Input, Output]):
    """`bound` with keyword arguments that each run gets and a config that lies beneath what the caller says.

    Attributes that it doesn't have itself are those of `bound`.
    """

    def __init__(
        self,
        bound: Any,
        kwargs: Mapping[str, Any] | None = None,
        config: RunnableConfig | Mapping[str, Any] | None = None,
        config_factories: Sequence[Callable[[RunnableConfig], RunnableConfig]] | None = None,
        custom_input_type: Any = None,
        custom_output_type: Any = None,
    ) -> None:
        self.bound: Runnable[Any, Any] = knot.coerce(bound)
        self.kwargs = dict(kwargs or {})
        self.config: dict[str, Any] = dict(config or {})
        Said(self.config)  # a value of the wrong type is an error here, not at the first run
        self.config_factories = list(config_factories or [])
        self.custom_input_type = custom_input_type
        self.custom_output_type = custom_output_type

    @property
    def transforms(self) -> bool:  # type: ignore[override]
        return self.bound.transforms

    @property
    def kind(self) -> str:  # type: ignore[override]
        return self.bound.kind

    def through(self, scope: Scope) -> tuple[Any, Scope, dict[str, Any]]:
        config: Mapping[str, Any] = self.config
        for factory in self.config_factories:
            config = {**config, **factory(config)}  # type: ignore[arg-type]
        return self.bound, scope.under(config) if config else scope, self.kwargs

    def get_name(self, suffix: str | None = None, *, name: str | None = None) -> str:
        return self.bound.get_name(suffix, name=name or self.config.get("run_name"))

    @property
    def _wrapped(self) -> Runnable[Any, Any]:
        return self.bound

    @property
    def InputType(self) -> Any:
        return self.bound.InputType if self.custom_input_type is None else self.custom_input_type

    @property
    def OutputType(self) -> Any:
        return self.bound.OutputType if self.custom_output_type is None else self.custom_output_type

    def get_input_schema(self, config: RunnableConfig | None = None) -> Schema:
        if self.custom_input_type is None:
            return super().get_input_schema(config)
        return schema_of(self.custom_input_type, self.bound.get_name("Input"))

    def get_output_schema(self, config: RunnableConfig | None = None) -> Schema:
        if self.custom_output_type is None:
            return super().get_output_schema(config)
        return schema_of(self.custom_output_type, self.bound.get_name("Output"))

    def _takes_before(self, after: Callable[[], Schema], name: str, config: RunnableConfig | None) -> Schema:
        if self.custom_input_type is None:
            return super()._takes_before(after, name, config)
        return self.get_input_schema(config)

    def _gives_after(self, before: Callable[[], Schema], name: str, config: RunnableConfig | None) -> Schema:
        if self.custom_output_type is None:
            return super()._gives_after(before, name, config)
        return self.get_output_schema(config)

    def _described(self, config: RunnableConfig | None) -> tuple[Runnable[Any, Any], RunnableConfig | None]:
        return self.bound, cast(RunnableConfig, merged(self.config, config or {}))

    def bind(self, **kwargs: Any) -> RunnableBinding[Input, Output]:
        return self._with(kwargs={**self.kwargs, **kwargs})

    def with_config(
        self, config: RunnableConfig | None = None, **kwargs: Any
    ) -> RunnableBinding[Input, Output]:
        said = {**(config or {}), **kwargs}
        Said(said)  # what is merged with what was said before may look right
        return self._with(config=merged(self.config, said))

    def with_types(
        self, *, input_type: Any = None, output_type: Any = None
    ) -> RunnableBinding[Input, Output]:
        return self._with(
            custom_input_type=input_type or self.custom_input_type,
            custom_output_type=output_type or self.custom_output_type,
        )

    def with_retry(self, **kwargs: Any) -> Runnable[Input, Output]:
        return self._with(bound=self.bound.with_retry(**kwargs))

    def _with(self, **changes: Any) -> RunnableBinding[Input, Output]:
        fields = {name: getattr(self, name) for name in _FIELDS}
        return type(self)(**{**fields, **changes})

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name == "bound":
            raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}")
        return getattr(self.bound, name)

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        yield "bound", self.bound
        for name in _FIELDS[1:]:
            if value := getattr(self, name):
                yield name, value

    def __eq__(self, other: object) -> bool:
        if isinstance(other, RunnableBinding):
            return all(getattr(self, name) == getattr(other, name) for name in _FIELDS)
        return NotImplemented

    __hash__ = Runnable.__hash__


_FIELDS = ("bound", "kwargs", "config", "config_factories", "custom_input_type", "custom_output_type")


def binding(
    bound: Any, kwargs: Any = None, config: Any = None, input_type: Any = None, output_type: Any = None
) -> RunnableBinding[Any, Any]:
    """What `bind`, `with_config` and `with_types` make."""
    return RunnableBinding(bound, kwargs, config, None, input_type, output_type)


def merged(first: Mapping[str, Any], then: Mapping[str, Any]) -> dict[str, Any]:
    """Two configs as one: tags and callbacks joined, metadata and configurable merged, the rest from the later."""
    merged = {**first, **{key: value for key, value in then.items() if value is not None}}
    for key in ("metadata", "configurable"):
        if first.get(key) and then.get(key):
            merged[key] = {**first[key], **then[key]}
    for key in ("tags", "callbacks"):
        if first.get(key) and then.get(key):
            merged[key] = [*first[key], *(item for item in then[key] if item not in first[key])]
    return merged
