"""Steps whose settings, or which themselves, a run's config decides. They have no runs of their own."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from functools import wraps
from typing import Any, NamedTuple, TypeAlias, cast
from weakref import WeakValueDictionary

from riverrun._engine.config import EMPTY, RunnableConfig, Said, Scope
from riverrun._engine.knot import knot
from riverrun._engine.runnable import Input, Output, Runnable
from riverrun._engine.schema import ConfigurableFieldSpec, InnerSpecs, hints_of
from riverrun._pure.exceptions import UnknownOptionError
from riverrun._pure.signature import Signature
from riverrun.runnables.binding import Lens, merged


class ConfigurableField(NamedTuple):
    """A setting that a config may give any value, under `configurable` by its `id`."""

    id: str
    name: str | None = None
    description: str | None = None
    annotation: Any = None
    is_shared: bool = False


class ConfigurableFieldSingleOption(NamedTuple):
    """A setting for which a config may name one of some options; without that the option named by `default` holds."""

    id: str
    options: Mapping[str, Any]
    default: str
    name: str | None = None
    description: str | None = None
    is_shared: bool = False

    def __hash__(self) -> int:
        return hash((self.id, *self.options, self.default))

    def chosen(self, said: Any) -> Any:
        """The value of the option that a config names."""
        return _option(self, "option", self.options, said)

    def described(self) -> tuple[Any, Any]:
        """The type of what a config says, and what holds without."""
        names = _enum(self, self.options)
        return names, names(self.default)


class ConfigurableFieldMultiOption(NamedTuple):
    """A setting for which a config may name several of some options; without that those in `default` hold. It gets a list."""

    id: str
    options: Mapping[str, Any]
    default: Sequence[str]
    name: str | None = None
    description: str | None = None
    is_shared: bool = False

    def __hash__(self) -> int:
        return hash((self.id, *self.options, *self.default))

    def chosen(self, said: Any) -> Any:
        """The values of the options that a config names."""
        if isinstance(said, str) or not isinstance(said, Sequence):
            raise UnknownOptionError(f"{self.name or self.id} takes a list of its options, not {said!r}")
        return [_option(self, "option", self.options, name) for name in said]

    def described(self) -> tuple[Any, Any]:
        """The type of what a config says, and what holds without."""
        names = _enum(self, self.options)
        return Sequence[names], [names(name) for name in self.default]  # type: ignore[valid-type]  # made just now


AnyConfigurableField: TypeAlias = (
    ConfigurableField | ConfigurableFieldSingleOption | ConfigurableFieldMultiOption
)


class Configurable(Lens[Input, Output]):
    """What both kinds share: `default`, the step where the config says nothing, and a config that lies beneath.

    Attributes that it doesn't have itself are those of `default`; a method that takes a `config` is that of the step
    which this config decides on.
    """

    default: Runnable[Any, Any]
    config: dict[str, Any]

    def decide(self, scope: Scope) -> tuple[Any, Scope]:
        """The step for what `scope` says is configurable, and the scope to run it in."""
        raise NotImplementedError

    def through(self, scope: Scope) -> tuple[Any, Scope, dict[str, Any]]:
        return *self.decide(scope.under(self.config) if self.config else scope), {}

    def prepare(self, config: RunnableConfig | None = None) -> tuple[Runnable[Any, Any], RunnableConfig]:
        """The step that a run with `config` comes down to, and the config for that step.

        Raises:
            UnknownOptionError: the config names an option or alternative that there isn't.
        """
        said = merged(self.config, config or {})
        scope, step = EMPTY.over(said), cast(Any, self)
        while isinstance(step, Configurable):
            step, scope, _ = step.through(scope)
        return step, cast(RunnableConfig, {**said, "configurable": dict(scope.configurable)})

    @property
    def transforms(self) -> bool:  # type: ignore[override]
        return self.default.transforms

    @property
    def kind(self) -> str:  # type: ignore[override]
        return self.default.kind

    @property
    def _wrapped(self) -> Runnable[Any, Any]:
        return self.default

    def get_name(self, suffix: str | None = None, *, name: str | None = None) -> str:
        """The name that its runs go by; with a `suffix`, that of what describes this step rather than the default."""
        if suffix is None:
            return name or self.name or self.config.get("run_name") or self.default.get_name()
        return super().get_name(suffix, name=name)

    def _described(self, config: RunnableConfig | None) -> tuple[Runnable[Any, Any], RunnableConfig | None]:
        return self.prepare(config)

    def with_config(self, config: RunnableConfig | None = None, **kwargs: Any) -> Runnable[Input, Output]:
        return self._with(config=merged(self.config, {**(config or {}), **kwargs}))

    def _with(self, **changes: Any) -> Runnable[Input, Output]:
        return type(self)(**{**{field: getattr(self, field) for field in _keywords(type(self))}, **changes})

    def __getattr__(self, name: str) -> Any:
        is_empty = "default" not in self.__dict__  # as while it is copied or unpickled
        if is_empty or name.startswith("__"):
            raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}")
        found = getattr(self.default, name)
        if not callable(found) or "config" not in Signature(found).parameters:
            return found

        @wraps(found)
        def configured(*args: Any, **kwargs: Any) -> Any:
            given = inspect.signature(found).bind_partial(*args, **kwargs).arguments.get("config")
            step, _ = self.prepare(given)
            return getattr(step, name)(*args, **kwargs)

        return configured

    def __repr_args__(self) -> list[tuple[str | None, Any]]:
        return [(name, value) for name in _keywords(type(self)) if (value := getattr(self, name))]

    def __eq__(self, other: object) -> bool:
        if type(other) is type(self):
            return all(getattr(self, name) == getattr(other, name) for name in _keywords(type(self)))
        return NotImplemented

    __hash__ = Runnable.__hash__


DynamicRunnable = Configurable
"""The name that ported programs know it by."""


class RunnableConfigurableFields(Configurable[Input, Output]):
    """`default` with some of its fields set by the config of a run: it is made anew from its fields, once for each run.

    A field is a pydantic field of the step, also by its alias; on other steps a keyword of its class that is an
    attribute too.

    Raises:
        ValueError: the step has no such field.
        TypeError: what is given for a field does not describe one.
        UnknownOptionError: the default of a field is none of its options.
    """

    def __init__(
        self,
        *,
        default: Any,
        fields: Mapping[str, AnyConfigurableField],
        config: RunnableConfig | Mapping[str, Any] | None = None,
        name: str | None = None,
    ) -> None:
        self.default = knot.coerce(default)
        settings = _settings(self.default)
        by_alias = {setting.alias: key for key, setting in settings.items() if setting.alias is not None}
        self.fields = {key if key in settings else by_alias.get(key, key): fields[key] for key in fields}
        self.config = dict(config or {})
        self.name = name
        Said(self.config)
        for key, field in self.fields.items():
            if key not in settings:
                known = ", ".join(settings) or "none"
                raise ValueError(
                    f"{self.default.get_name()} has no field {key!r} to configure; its fields: {known}"
                )
            if not isinstance(field, AnyConfigurableField):
                raise TypeError(f"a ConfigurableField describes {key}, not {field!r}")
        self._options = {k: f for k, f in self.fields.items() if not isinstance(f, ConfigurableField)}
        self._unconfigured = _remade(self.default, {k: f.chosen(f.default) for k, f in self._options.items()})

    def decide(self, scope: Scope) -> tuple[Any, Scope]:
        said = scope.configurable
        values = {key: said[field.id] for key, field in self.fields.items() if field.id in said}
        for key in values.keys() & self._options.keys():
            values[key] = self._options[key].chosen(values[key])
        return _remade(self._unconfigured, values), scope

    def configurable_fields(self, **fields: Any) -> Runnable[Input, Output]:
        return self._with(fields={**self.fields, **fields})

    def _specify(self, inner: InnerSpecs) -> list[ConfigurableFieldSpec]:
        settings = _settings(self.default)
        return [*(_spec(field, settings[key]) for key, field in self.fields.items()), *inner(self.default)]


class RunnableConfigurableAlternatives(Configurable[Input, Output]):
    """`default`, or the one of `alternatives` that the config of a run names by its key, under the id of `which`.

    An alternative may be a function without arguments that makes the step; it is called anew for each run. With
    `prefix_keys` what configures an alternative goes by `<id>==<key>/<its own id>` unless it is shared; in a run its
    own id does too.

    Raises:
        ValueError: an alternative goes by the key of the default.
        NotAStepError: an alternative is no step and can't become one.
    """

    def __init__(
        self,
        *,
        which: ConfigurableField,
        default: Any,
        alternatives: Mapping[str, Any],
        default_key: str = "default",
        prefix_keys: bool = False,
        config: RunnableConfig | Mapping[str, Any] | None = None,
        name: str | None = None,
    ) -> None:
        if default_key in alternatives:
            raise ValueError(f"{default_key!r} is the key of the default; give the alternative another one")
        self.which = which
        self.default = knot.coerce(default)
        self.alternatives: dict[str, Any] = {
            key: step if callable(step) else knot.coerce(step) for key, step in alternatives.items()
        }
        self.default_key = default_key
        self.prefix_keys = prefix_keys
        self.config = dict(config or {})
        self.name = name
        Said(self.config)
        self._choices = {**self.alternatives, default_key: self.default}

    def decide(self, scope: Scope) -> tuple[Any, Scope]:
        key = scope.configurable.get(self.which.id, self.default_key)
        step = _option(self.which, "alternative", self._choices, key)
        if self.prefix_keys:
            said, prefix = scope.configurable, self._prefix(key)
            if own := {key.removeprefix(prefix): said[key] for key in said if key.startswith(prefix)}:
                scope = scope.configured(own)
        return step if isinstance(step, Runnable) else knot.coerce(step()), scope

    def configurable_fields(self, **fields: Any) -> Runnable[Input, Output]:
        """Fields of the default."""
        return self._with(default=self.default.configurable_fields(**fields))

    def _inner_steps(self) -> list[Runnable[Any, Any]]:
        return [self.default, *(step for step in self.alternatives.values() if isinstance(step, Runnable))]

    def _specify(self, inner: InnerSpecs) -> list[ConfigurableFieldSpec]:
        which = self.which
        keys = _enum(which, self._choices)
        default = keys(self.default_key)
        specs = [
            ConfigurableFieldSpec(which.id, keys, which.name, which.description, default, which.is_shared)
        ]
        for key, step in self._choices.items():
            prefix = self._prefix(key) if self.prefix_keys else ""
            for spec in inner(step) if isinstance(step, Runnable) else ():
                specs.append(_prefixed(spec, prefix))
        return specs

    def _prefix(self, key: str) -> str:
        return f"{self.which.id}=={key}/"


# -------------------------------------------------------------------------------------------- options by their names

_enums: WeakValueDictionary[tuple[str, ...], type[StrEnum]] = WeakValueDictionary()


def _enum(field: Any, options: Iterable[str]) -> Any:
    """The type of a value that names one of `options`: one for equal options, so that specs of equal fields are equal."""
    key = (field.name or field.id, *options)
    enum: Any = _enums.get(key)
    if enum is None:
        plain = [name if name[:1].isalnum() and name != "mro" else f"option_{name}" for name in options]
        members = list(zip(plain, options, strict=True))
        enum = _enums.setdefault(key, cast(Any, StrEnum)(key[0], members))
    return enum


def _option(field: Any, kind: str, options: Mapping[str, Any], said: Any) -> Any:
    if isinstance(said, str) and said in options:
        return options[said]
    known = ", ".join(map(repr, options))
    raise UnknownOptionError(f"the configurable {field.id!r} has no {kind} {said!r}; there are {known}")


def _spec(field: AnyConfigurableField, setting: Setting) -> ConfigurableFieldSpec:
    if not isinstance(field, ConfigurableField):
        return make_options_spec(field, setting.description)
    annotation = setting.annotation if field.annotation is None else field.annotation
    description = field.description or setting.description
    return ConfigurableFieldSpec(
        field.id, annotation, field.name, description, setting.value, field.is_shared
    )


def make_options_spec(
    spec: ConfigurableFieldSingleOption | ConfigurableFieldMultiOption, description: str | None
) -> ConfigurableFieldSpec:
    """What a config can say of a field with options; `description` is for one that has none of its own."""
    annotation, default = spec.described()
    return ConfigurableFieldSpec(
        spec.id, annotation, spec.name, spec.description or description, default, spec.is_shared
    )


def prefix_config_spec(spec: ConfigurableFieldSpec, prefix: str) -> ConfigurableFieldSpec:
    """`spec` under `prefix/its id`, unless it is shared."""
    return _prefixed(spec, f"{prefix}/")


def _prefixed(spec: ConfigurableFieldSpec, prefix: str) -> ConfigurableFieldSpec:
    return spec if spec.is_shared else spec._replace(id=prefix + spec.id)


# ------------------------------------------------------------------------------------- what a step was made from


class Setting(NamedTuple):
    """A field of a step."""

    annotation: Any
    value: Any
    description: str | None = None
    alias: str | None = None


def _settings(step: Runnable[Any, Any]) -> dict[str, Setting]:
    """The fields that a step was made from, by their names."""
    cls: Any = type(step)
    if (declared := getattr(cls, "__pydantic_fields__", None)) is not None:
        return {
            name: Setting(info.annotation, getattr(step, name), info.description, info.alias)
            for name, info in declared.items()
        }
    hints = hints_of(cls.__init__)
    return {
        name: Setting(hints.get(name, Any), getattr(step, name))
        for name in _keywords(cls)
        if hasattr(step, name)
    }


def _keywords(cls: type) -> list[str]:
    """The keywords that a class is called with."""
    parameters = inspect.signature(cls).parameters.values()
    return [each.name for each in parameters if each.kind in (each.KEYWORD_ONLY, each.POSITIONAL_OR_KEYWORD)]


def _remade(step: Runnable[Any, Any], values: Mapping[str, Any]) -> Any:
    """`step` made anew, as its class makes and validates it, with some of its fields set to `values`."""
    if not values:
        return step
    cls: Any = type(step)
    settings = _settings(step)
    given = {**{name: setting.value for name, setting in settings.items()}, **values}
    said: Mapping[str, Any] = getattr(cls, "model_config", {})
    if not (said.get("populate_by_name") or said.get("validate_by_name")):
        given = {settings[name].alias or name: value for name, value in given.items()}
    return cls(**(getattr(step, "__pydantic_extra__", None) or {}), **given)
