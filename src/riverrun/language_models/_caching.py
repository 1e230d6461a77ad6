"""Answers from a cache: what stands for a model and its settings in a key, and what is put in and taken out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from operator import is_not
from typing import Any
from uuid import uuid4
from weakref import WeakKeyDictionary

from pydantic import BaseModel, SecretStr

from riverrun._engine.run import Run
from riverrun._pure.exceptions import ConfigError
from riverrun._pure.record import Record
from riverrun.caches import BaseCache
from riverrun.globals import get_llm_cache
from riverrun.load.dump import dumps
from riverrun.messages import BaseMessage
from riverrun.outputs import Generation

CACHED = "cached"
"""What a run reports, before its first chunk, when its answer comes from a cache."""


def cache_of(said: BaseCache | bool | None) -> BaseCache | None:
    """The cache to use where a model's `cache` says this.

    Raises:
        ConfigError: it says True, and there is no cache for all models.
    """
    if isinstance(said, BaseCache):
        return said
    if said is False:
        return None
    cache = get_llm_cache()
    if said is True and cache is None:
        raise ConfigError(
            "cache=True asks for the cache of all models, but there is none: call set_llm_cache"
        )
    return cache


class Place:
    """Where in a cache the answer to one prompt belongs."""

    __slots__ = ("_cache", "_key", "_prompt", "_run")

    def __init__(self, cache: BaseCache, prompt: str, key: ModelKey, run: Run) -> None:
        self._cache, self._prompt, self._key, self._run = cache, prompt, key, run

    async def look(self) -> list[Generation] | None:
        """Copies of what is there; None if there is nothing."""
        held = await self._call("lookup", self._prompt, self._key.text())
        if held is None:
            return None
        self._run.emit(CACHED)
        return _copies(held)

    async def fill(self, made: Sequence[Generation]) -> None:
        """Put copies of what was made there."""
        await self._call("update", self._prompt, self._key.text(), _copies(made))

    async def _call(self, name: str, *args: Any) -> Any:
        """A method of the cache: the async one where the run is and the cache has its own, else in a thread."""
        cache, run = self._cache, self._run
        if run.backend.is_async and getattr(type(cache), f"a{name}") is not getattr(BaseCache, f"a{name}"):
            return await run.call(getattr(cache, f"a{name}"), args, True)
        return await run.call(getattr(cache, name), args)


def _copies(generations: Sequence[Generation]) -> list[Generation]:
    return [generation.model_copy(deep=True) for generation in generations]


def prompt_key(messages: Sequence[BaseMessage]) -> str:
    """What stands for messages in a key: their JSON, which a cache may read. Their ids don't count."""
    return dumps(
        [message if message.id is None else message.model_copy(update={"id": None}) for message in messages]
    )


# ------------------------------------------------------------------------------------ a model with its settings

_NOT_SETTINGS = frozenset(
    [
        "cache",
        "callbacks",
        "custom_get_token_ids",
        "disable_streaming",
        "metadata",
        "name",
        "profile",
        "rate_limiter",
        "tags",
        "verbose",
    ]
)
"""Fields of all models that don't bear on what they answer."""

_state: dict[type, set[str]] = {}
"""Fields that the hooks of a class have set themselves, such as a counter of calls: they are no settings."""


class ModelKey:
    """What stands for a model, its settings and the arguments of one call: models with equal texts answer alike.

    The text is a digest, so it shows nothing, and what is declared a `SecretStr` is not even in it: who asks does not
    change the answer. A setting that is no plain data (a client, an iterator, a lambda) counts as itself: no other model
    shares such entries.
    """

    __slots__ = ("_model", "_said", "_settings")

    def __init__(self, model: Any, stop: list[str] | None, kwargs: Mapping[str, Any]) -> None:
        cls = type(model)
        self._model = model
        self._settings = {
            name: _Setting(getattr(model, name)) for name in cls.model_fields if name not in _NOT_SETTINGS
        }
        self._said = [
            _Setting(each)
            for each in (f"{cls.__module__}.{cls.__qualname__}", model._identifying_params, stop, kwargs)
        ]

    def text(self) -> str:
        """The digest of what was so when this was made. The fields that have turned out to be state since don't count."""
        state = _state.get(type(self._model), ())
        settings = {name: each for name, each in self._settings.items() if name not in state}
        said: list[Any] = [each.plain for each in self._said]
        said.append({name: each.plain for name, each in settings.items()})
        if objects := [each for one in (*self._said, *settings.values()) for each in one.objects]:
            said.append(_mark_of(self._model, objects))
        return f"{self._model._llm_type}:{hashlib.sha256(json.dumps(said).encode()).hexdigest()}"


def set_by_itself(model: Any, name: str) -> None:
    """Take note that a hook of `model` has set this field."""
    _state.setdefault(type(model), set()).add(name)


class _Setting:
    """A value, as JSON knows it, and what of it can't be told so."""

    __slots__ = ("objects", "plain")

    def __init__(self, value: Any) -> None:
        self.objects: list[Any] = []
        self.plain = _plain(value, self.objects)


def _plain(value: Any, objects: list[Any]) -> Any:
    """`value` as JSON knows it; what can't be told so is added to `objects`."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, SecretStr):
        return None
    if isinstance(value, Mapping):
        items = [[_plain(k, objects), _plain(v, objects)] for k, v in value.items()]
        return {"items": sorted(items, key=repr)}
    if isinstance(value, list | tuple):
        return [_plain(each, objects) for each in value]
    if isinstance(value, set | frozenset):
        return {"set": sorted((_plain(each, objects) for each in value), key=repr)}
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, Record):
        return [type(value).__name__, _plain(value.model_dump(), objects)]
    if isinstance(value, BaseModel):
        fields = {name: getattr(value, name) for name in type(value).model_fields}
        return [type(value).__name__, _plain(fields, objects)]
    name = getattr(value, "__qualname__", None)
    if name is not None and "<" not in name:
        return f"{value.__module__}.{name}"
    objects.append(value)
    return {"object": len(objects)}


_marks: WeakKeyDictionary[Any, tuple[list[Any], str]] = WeakKeyDictionary()
"""The objects that were among a model's settings, and what stands for them. They are kept, so none takes another's place."""


def _mark_of(model: Any, objects: list[Any]) -> str:
    known = _marks.get(model)
    if known is None or len(known[0]) != len(objects) or any(map(is_not, known[0], objects)):
        _marks[model] = known = objects, uuid4().hex
    return known[1]
