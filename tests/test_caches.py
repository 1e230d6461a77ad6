"""Caches, and the settings of the whole process."""

import asyncio
import threading
from collections.abc import Sequence
from typing import Any

import pytest

from riverrun.caches import BaseCache, InMemoryCache
from riverrun.globals import (
    get_debug,
    get_llm_cache,
    get_verbose,
    set_debug,
    set_llm_cache,
    set_verbose,
)
from riverrun.language_models import FakeListLLM
from riverrun.language_models.llms import aget_prompts, aupdate_cache, get_prompts, update_cache
from riverrun.outputs import Generation, LLMResult

A, B = [Generation("a")], [Generation("b")]


def test_memory_holds_by_prompt_and_model_until_it_is_cleared() -> None:
    cache = InMemoryCache()
    cache.update("p", "m", A)
    cache.update("p", "n", B)
    assert (cache.lookup("p", "m"), cache.lookup("p", "n"), cache.lookup("q", "m")) == (A, B, None)
    cache.clear()
    assert cache.lookup("p", "m") is None


def test_full_memory_forgets_the_oldest() -> None:
    cache = InMemoryCache(maxsize=2)
    for prompt in "abc":
        cache.update(prompt, "m", A)
    cache.update("c", "m", B)  # in the place that it has
    assert [cache.lookup(prompt, "m") for prompt in "abc"] == [None, A, B]


@pytest.mark.parametrize("maxsize", [0, -1])
def test_memory_without_room_is_refused(maxsize: int) -> None:
    with pytest.raises(ValueError, match="maxsize must be greater than 0"):
        InMemoryCache(maxsize=maxsize)


class Sync(BaseCache):
    """Has sync methods alone."""

    def __init__(self) -> None:
        self.held: dict[Any, Any] = {}
        self.threads: set[threading.Thread] = set()

    def lookup(self, prompt: str, llm_string: str) -> Sequence[Generation] | None:
        self.threads.add(threading.current_thread())
        return self.held.get((prompt, llm_string))

    def update(self, prompt: str, llm_string: str, return_val: Sequence[Generation]) -> None:
        self.threads.add(threading.current_thread())
        self.held[prompt, llm_string] = return_val

    def clear(self, **kwargs: Any) -> None:
        self.threads.add(threading.current_thread())
        self.held = {}


@pytest.mark.parametrize("make", [Sync, InMemoryCache])
def test_async_methods_do_what_the_sync_ones_do(make: Any) -> None:
    cache = make()

    async def main() -> None:
        await cache.aupdate("p", "m", A)
        assert await cache.alookup("p", "m") == A
        await cache.aclear()
        assert await cache.alookup("p", "m") is None

    asyncio.run(main())
    assert threading.main_thread() not in getattr(cache, "threads", set())


def test_authors_look_up_and_update_several_prompts() -> None:
    for in_async in (False, True):
        cache = Sync()
        cache.update("p", "[('a', 1), ('b', 2)]", A)
        asked: Any = (aget_prompts if in_async else get_prompts)({"b": 2, "a": 1}, ["p", "q"], cache)
        existing, llm_string, missing, texts = asyncio.run(asked) if in_async else asked
        assert (existing, llm_string, missing, texts) == ({0: A}, "[('a', 1), ('b', 2)]", [1], ["q"])
        new = LLMResult([B], {"n": 1})
        told: Any = (aupdate_cache if in_async else update_cache)(
            cache, existing, llm_string, missing, new, ["p", "q"]
        )
        assert (asyncio.run(told) if in_async else told) == {"n": 1}
        assert existing == {0: A, 1: B} and cache.lookup("q", llm_string) == B
    assert get_prompts({}, ["p"], None) == ({}, "[]", [0], ["p"])
    with pytest.raises(ValueError, match="set_llm_cache"):
        get_prompts({}, ["p"], True)


def test_settings_of_the_process_are_what_was_set() -> None:
    assert (get_verbose(), get_debug(), get_llm_cache()) == (False, False, None)
    cache = InMemoryCache()
    try:
        set_verbose(True)
        set_debug(True)
        set_llm_cache(cache)
        assert (get_verbose(), get_debug(), get_llm_cache()) == (True, True, cache)
        assert FakeListLLM(responses=[]).verbose is True
        assert FakeListLLM(responses=[], verbose=False).verbose is False
    finally:
        set_verbose(False)
        set_debug(False)
        set_llm_cache(None)


def test_globals_of_the_package_do_not_hide_its_names() -> None:
    import riverrun

    riverrun.__dict__.pop("chain", None)
    assert callable(riverrun.chain)
