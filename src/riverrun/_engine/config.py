"""What a config says: checked and merged once, where a public method begins, and shared by all runs below."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from typing import Any, TypedDict, cast
from uuid import UUID

from riverrun._engine.limits import Limit
from riverrun._pure.exceptions import ConfigError
from riverrun._pure.slips import meant
from riverrun._pure.typed_dict import pydantic_field

DEFAULT_RECURSION_LIMIT = 25

NOTHING: dict[str, Any] = {}
"""The empty mapping that everybody shares. Never written to."""


@pydantic_field
class RunnableConfig(TypedDict, total=False):
    """How a step is to be run. Tags, metadata, callbacks and `configurable` pass on to everything that runs inside it.

    tags: names to filter runs by. metadata: values that describe the run, serialisable as JSON.
    callbacks: who listens. run_name, run_id: of this run only, not of those inside it. max_concurrency: how many
    calls of user code or requests may be in flight at once, however batch and parallel nest. recursion_limit: how
    deep functions may return runnables. configurable: values for configurable fields.
    """

    tags: list[str]
    metadata: dict[str, Any]
    callbacks: Any
    run_name: str
    max_concurrency: int | None
    recursion_limit: int
    configurable: dict[str, Any]
    run_id: UUID | None


CONFIG_KEYS = frozenset(RunnableConfig.__annotations__)


class Scope:
    """What a run and everything inside it share. Immutable: a run without a config of its own holds its parent's."""

    __slots__ = (
        "_layers",
        "configurable",
        "gates",
        "limit",
        "listeners",
        "max_concurrency",
        "metadata",
        "name",
        "recursion_limit",
        "run_id",
        "tags",
    )

    def __init__(
        self,
        tags: tuple[str, ...] = (),
        metadata: Mapping[str, Any] = NOTHING,
        listeners: tuple[Any, ...] = (),
        gates: tuple[Any, ...] = (),
        limit: Limit | None = None,
        max_concurrency: int | None = None,
        recursion_limit: int = DEFAULT_RECURSION_LIMIT,
        configurable: Mapping[str, Any] = NOTHING,
        name: str | None = None,
        run_id: str | None = None,
    ) -> None:
        self.tags = tags
        self.metadata = metadata
        self.listeners = listeners
        self.gates = gates
        """Channels that a watched stage waits for when they are crowded, so that nesting can't outrun the reader."""
        self.limit = limit
        self.max_concurrency = max_concurrency
        self.recursion_limit = recursion_limit
        self.configurable = configurable
        self.name = name
        self.run_id = run_id
        self._layers: tuple[Scope, Scope] | None = None
        """Of a call that user code makes, while lenses are looked through: what holds around it, and what it says itself."""

    def inside(self) -> Scope:
        """This scope for the runs inside: run_name and run_id name one run only."""
        return self if self.name is None and self.run_id is None else self.over(NOTHING)

    def over(
        self, config: Mapping[str, Any], listeners: tuple[Any, ...] = (), gates: tuple[Any, ...] = ()
    ) -> Scope:
        """`config` laid over this scope: what it says wins."""
        said = Said(config)
        return Scope(
            _union(self.tags, said.tags),
            {**self.metadata, **said.metadata} if said.metadata else self.metadata,
            (*self.listeners, *said.listeners, *listeners),
            (*self.gates, *gates),
            self.limit
            if said.max_concurrency is None or self.limit is not None
            else Limit(said.max_concurrency),
            said.max_concurrency or self.max_concurrency,
            said.recursion_limit or self.recursion_limit,
            {**self.configurable, **said.configurable} if said.configurable else self.configurable,
            said.run_name,
            said.run_id,
        )

    def under(self, config: Mapping[str, Any]) -> Scope:
        """`config` laid beneath this scope, as what `with_config` says is: what the caller says wins.

        A caller in user code says only what stands in its call: what holds around that lies beneath `config` too.
        """
        if self._layers is not None:
            around, own = self._layers
            return around.around(own.under(config))
        said = Said(config)
        explicit_limit = self.recursion_limit != DEFAULT_RECURSION_LIMIT or said.recursion_limit is None
        return Scope(
            tuple(sorted({*self.tags, *said.tags})),
            {**said.metadata, **self.metadata} if said.metadata else self.metadata,
            (*self.listeners, *said.listeners),
            self.gates,
            Limit(said.max_concurrency) if self.limit is None and said.max_concurrency else self.limit,
            self.max_concurrency or said.max_concurrency,
            self.recursion_limit if explicit_limit else cast(int, said.recursion_limit),
            {**said.configurable, **self.configurable} if said.configurable else self.configurable,
            self.name or said.run_name,
            self.run_id or said.run_id,
        )

    def around(self, own: Scope) -> Scope:
        """What holds for a call that user code makes where this scope holds, and that says `own`, kept apart for `under`."""
        scope = Scope(
            _union(self.tags, own.tags),
            {**self.metadata, **own.metadata},
            (*self.listeners, *own.listeners),
            (*self.gates, *own.gates),
            self.limit or own.limit,
            own.max_concurrency or self.max_concurrency,
            self.recursion_limit if own.recursion_limit == DEFAULT_RECURSION_LIMIT else own.recursion_limit,
            {**self.configurable, **own.configurable},
            own.name,
            own.run_id,
        )
        scope._layers = (self, own)
        return scope

    def in_one(self) -> Scope:
        """This scope, its layers forgotten: what runs inside sees one."""
        if self._layers is None:
            return self
        scope = copy(self)
        scope._layers = None
        return scope

    def configured(self, values: Mapping[str, Any]) -> Scope:
        """This scope with `values` laid over what it says is configurable."""
        if self._layers is not None:
            around, own = self._layers
            return around.around(own.configured(values))
        scope = copy(self)
        scope.configurable = {**self.configurable, **values}
        return scope


EMPTY = Scope()


class Said:
    """One config, checked: each key has its type, and unknown keys stand under `configurable`, as users rely on."""

    __slots__ = (
        "configurable",
        "listeners",
        "max_concurrency",
        "metadata",
        "recursion_limit",
        "run_id",
        "run_name",
        "tags",
    )

    def __init__(self, config: Mapping[str, Any]) -> None:
        get = _mapping(config).get
        self.tags: Sequence[str] = _checked("tags", get("tags"), _is_strings, "a list of strings") or ()
        metadata = _checked("metadata", get("metadata"), _is_mapping, "a dict") or NOTHING
        configurable = _checked("configurable", get("configurable"), _is_mapping, "a dict") or NOTHING
        if unknown := config.keys() - CONFIG_KEYS:
            for key in unknown:
                if isinstance(key, str) and (near := meant(key, CONFIG_KEYS)) is not None:
                    raise ConfigError(f"a config has no key {key!r}; did you mean {near!r}?")
            configurable = {**configurable, **{key: config[key] for key in config if key in unknown}}
        self.configurable: Mapping[str, Any] = configurable
        self.metadata: Mapping[str, Any] = (
            {**_described(configurable), **metadata} if configurable else metadata
        )
        self.listeners: tuple[Any, ...] = listeners_of(get("callbacks"))
        self.run_name: str | None = _checked("run_name", get("run_name"), _is_string, "a string")
        self.run_id: str | None = _run_id(get("run_id"))
        self.max_concurrency: int | None = _checked(
            "max_concurrency", get("max_concurrency"), _is_count, "a positive whole number"
        )
        self.recursion_limit: int | None = _checked(
            "recursion_limit", get("recursion_limit"), _is_count, "a positive whole number"
        )


def callbacks_of(config: Mapping[str, Any]) -> Any:
    """The `callbacks` of a config.

    Raises:
        ConfigError: `config` is no dict.
    """
    return _mapping(config).get("callbacks")


def _mapping(config: Any) -> Mapping[str, Any]:
    if isinstance(config, Mapping):
        return config
    raise ConfigError(f"a config is a dict, not {type(config).__name__}")


def listeners_of(callbacks: Any) -> tuple[Any, ...]:
    """The listeners that a `callbacks` value names.

    Raises:
        ConfigError: one of them has no `port` method.
    """
    if callbacks is None or isinstance(callbacks, RunHandle):
        return ()
    if not isinstance(callbacks, list | tuple) or not all(hasattr(item, "port") for item in callbacks):
        raise ConfigError(
            f"config key 'callbacks' takes a list of listeners (objects with a `port` method), not {callbacks!r}"
        )
    return tuple(callbacks)


class RunHandle:
    """What user code gets as `config["callbacks"]` and `run_manager`: the run it is part of.

    Whoever passes it on (in a config, to another thread) says explicitly what the ambient context says by itself.
    """

    __slots__ = ("run",)

    def __init__(self, run: Any) -> None:
        self.run = run

    @property
    def run_id(self) -> UUID:
        return UUID(self.run.id)

    def get_child(self, tag: str | None = None) -> RunHandle:
        """The parent that a nested call is to name: this run. `tag` is accepted as the peer does."""
        return self


def _union(first: tuple[str, ...], then: Sequence[str]) -> tuple[str, ...]:
    return (*first, *(tag for tag in dict.fromkeys(then) if tag not in first)) if then else first


def _described(configurable: Mapping[str, Any]) -> dict[str, Any]:
    """The configurable values that describe the run too. No others: who knows which of them are secrets."""
    return {key: configurable[key] for key in _DESCRIBING if isinstance(configurable.get(key), str)}


_DESCRIBING = ("model", "checkpoint_ns")


def _checked(key: str, value: Any, fits: Callable[[Any], bool], expected: str) -> Any:
    if value is None or fits(value):
        return value
    raise ConfigError(f"config key {key!r} takes {expected}, not {value!r} ({type(value).__name__})")


def _is_strings(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)


def _is_mapping(value: Any) -> bool:
    return isinstance(value, Mapping)


def _is_string(value: Any) -> bool:
    return isinstance(value, str)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _run_id(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, UUID):
        return str(value)
    try:
        return str(UUID(value))
    except (ValueError, AttributeError, TypeError):
        raise ConfigError(f"config key 'run_id' takes a UUID, not {value!r}") from None


def config_list(
    config: RunnableConfig | Sequence[RunnableConfig] | None, length: int
) -> Sequence[RunnableConfig | None]:
    """One config for each of `length` inputs. A run_id names one run, so only the first input gets it.

    Raises:
        ConfigError: a list of configs whose length is not that of the inputs.
    """
    if isinstance(config, Mapping):
        if config.get("run_id") is not None and length > 1:
            rest = cast(RunnableConfig, {key: value for key, value in config.items() if key != "run_id"})
            return [config, *([rest] * (length - 1))]
        return [config] * length
    if config is None:
        return [None] * length
    if len(config) != length:
        raise ConfigError(
            f"{len(config)} configs for {length} inputs: give one config, or one for each input"
        )
    return config
