"""Answers from a cache: what stands for a model and its settings in a key, and what is put in and taken out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import partial
from operator import is_not
from pathlib import PurePath
from typing import Any
from uuid import UUID, uuid4

from pydantic import BaseModel, SecretBytes, SecretStr

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

    __slots__ = ("_cache", "_llm_string", "_prompt", "_run")

    def __init__(self, cache: BaseCache, prompt: str, llm_string: str, run: Run) -> None:
        self._cache, self._prompt, self._llm_string, self._run = cache, prompt, llm_string, run

    async def look(self) -> list[Generation] | None:
        """Copies of what is there; None if there is nothing, or an empty list, which is no answer."""
        held = await self._call("lookup", self._prompt, self._llm_string)
        if not held:
            return None
        self._run.emit(CACHED)
        return _copies(held)

    async def fill(self, made: Sequence[Generation]) -> None:
        """Put copies of what was made there."""
        await self._call("update", self._prompt, self._llm_string, _copies(made))

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


class Notes:
    """What is known of one model between its runs. It is no part of the model's value, and no copy has it."""

    __slots__ = ("as_made", "mark", "objects")

    def __init__(self) -> None:
        self.as_made: dict[str, Any] = {}
        """What fields were before a hook of the model set them. A counter of calls, say, is no other setting after each
        call."""
        self.objects: list[Any] = []
        """The objects among its settings. They are kept, so none takes another's place."""
        self.mark = ""
        """What stands for them."""


def _notes_of(model: Any) -> Notes:
    notes: Notes | None = getattr(model, "_notes", None)
    if notes is None:
        notes = Notes()
        object.__setattr__(model, "_notes", notes)
    return notes


def key_of(model: Any, stop: list[str] | None, kwargs: Mapping[str, Any]) -> str:
    """What stands for a model, its settings and the arguments of one call: models with equal keys answer alike.

    It is a digest, so it shows nothing, and what is declared a secret (`SecretStr`, `SecretBytes`) is not even in it: who
    asks does not change the answer. A setting that is no plain data (a client, an iterator, a lambda) counts as itself: no
    other model shares such entries.
    """
    cls = type(model)
    notes = _notes_of(model)
    made = notes.as_made
    fields = [name for name in (*cls.model_fields, *(model.model_extra or ())) if name not in _NOT_SETTINGS]
    settings = {name: made[name] if name in made else getattr(model, name) for name in fields}
    identifying = {name: made.get(name, value) for name, value in model._identifying_params.items()}
    objects: list[Any] = []
    said: list[Any] = [f"{cls.__module__}.{cls.__qualname__}"]
    said += [_plain(each, objects) for each in (identifying, settings, stop, kwargs)]
    if objects:
        if len(notes.objects) != len(objects) or any(map(is_not, notes.objects, objects)):
            notes.objects, notes.mark = objects, uuid4().hex
        said.append(notes.mark)
    return f"{model._llm_type}:{hashlib.sha256(json.dumps(said).encode()).hexdigest()}"


def is_set(model: Any, name: str, by_itself: bool) -> None:
    """Take note that a field is about to be set, by a hook of its own model or by somebody else."""
    if by_itself:
        _notes_of(model).as_made.setdefault(name, getattr(model, name, None))
    elif (notes := getattr(model, "_notes", None)) is not None:
        notes.as_made.pop(name, None)


def _plain(value: Any, objects: list[Any], depth: int = 0) -> Any:
    """`value` as JSON knows it; what can't be told so is added to `objects`."""
    if value is None or isinstance(value, bool | float | str):
        return value
    if isinstance(value, int):
        return value if -_LARGE < value < _LARGE else hex(value)
    if isinstance(value, SecretStr | SecretBytes):
        return None
    inside = partial(_plain, objects=objects, depth=depth + 1)
    if depth < DEPTH:
        if isinstance(value, Mapping):
            return {"items": sorted(([inside(k), inside(v)] for k, v in value.items()), key=repr)}
        if isinstance(value, list | tuple):
            return [inside(each) for each in value]
        if isinstance(value, set | frozenset):
            return {"set": sorted((inside(each) for each in value), key=repr)}
        if isinstance(value, Record):
            return [type(value).__name__, inside(value.model_dump())]
        if isinstance(value, BaseModel):
            fields = {name: getattr(value, name) for name in type(value).model_fields}
            return [type(value).__name__, inside(fields)]
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, _TOLD_BY_REPR):
        return {"value": f"{type(value).__qualname__} {value!r}"}
    name = getattr(value, "__qualname__", None)
    if name is not None and "<" not in name:
        return {"name": f"{value.__module__}.{name}"}
    objects.append(value)
    return {"object": len(objects)}


DEPTH = 50
"""How many things inside each other are told in a key. What is further inside, or in itself, counts as itself."""
_LARGE = 1 << 64  # decimal digits cost quadratic time, and Python refuses thousands of them
_TOLD_BY_REPR = (Enum, PurePath, UUID, Decimal, date, time, timedelta, range, complex)
