"""What authors of models call who keep caches or make attempts by themselves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from functools import partial, wraps
from inspect import iscoroutinefunction
from typing import Any, cast

from riverrun._backends.aio import ASYNC
from riverrun._backends.drive import drive
from riverrun._backends.protocol import Backend
from riverrun._backends.sync import SYNC
from riverrun._engine.stopping import pause
from riverrun.caches import BaseCache
from riverrun.language_models._caching import cache_of
from riverrun.outputs import Generation, LLMResult

Asked = tuple[dict[int, list[Generation]], str, list[int], list[str]]


def get_prompts(params: dict[str, Any], prompts: list[str], cache: BaseCache | bool | None = None) -> Asked:
    """What a cache holds by the index of the prompt, the key of `params`, and the indices and texts of the others."""
    return cast(Asked, drive(_asked(params, prompts, cache_of(cache), is_async=False)))


async def aget_prompts(
    params: dict[str, Any], prompts: list[str], cache: BaseCache | bool | None = None
) -> Asked:
    """`get_prompts`, asynchronously."""
    return await _asked(params, prompts, cache_of(cache), is_async=True)


async def _asked(
    params: dict[str, Any], prompts: list[str], cache: BaseCache | None, is_async: bool
) -> Asked:
    llm_string = str(sorted(params.items()))
    existing: dict[int, list[Generation]] = {}
    if cache is not None:
        for i, prompt in enumerate(prompts):
            held = await cache.alookup(prompt, llm_string) if is_async else cache.lookup(prompt, llm_string)
            if held is not None:
                existing[i] = list(held)
    missing = [i for i in range(len(prompts)) if i not in existing]
    return existing, llm_string, missing, [prompts[i] for i in missing]


def update_cache(
    cache: BaseCache | bool | None,
    existing_prompts: dict[int, list[Generation]],
    llm_string: str,
    missing_prompt_idxs: list[int],
    new_results: LLMResult,
    prompts: list[str],
) -> dict[str, Any] | None:
    """Put new results among those that a cache held, and into the cache. Returns their `llm_output`."""
    missing = zip(missing_prompt_idxs, new_results.generations, strict=True)
    drive(_updated(cache_of(cache), existing_prompts, llm_string, missing, prompts, is_async=False))
    return new_results.llm_output


async def aupdate_cache(
    cache: BaseCache | bool | None,
    existing_prompts: dict[int, list[Generation]],
    llm_string: str,
    missing_prompt_idxs: list[int],
    new_results: LLMResult,
    prompts: list[str],
) -> dict[str, Any] | None:
    """`update_cache`, asynchronously."""
    missing = zip(missing_prompt_idxs, new_results.generations, strict=True)
    await _updated(cache_of(cache), existing_prompts, llm_string, missing, prompts, is_async=True)
    return new_results.llm_output


async def _updated(
    cache: BaseCache | None,
    existing: dict[int, list[Generation]],
    llm_string: str,
    missing: Iterable[tuple[int, list[Generation]]],
    prompts: list[str],
    is_async: bool,
) -> None:
    for i, made in missing:
        existing[i] = made
        if cache is not None and is_async:
            await cache.aupdate(prompts[i], llm_string, made)
        elif cache is not None:
            cache.update(prompts[i], llm_string, made)


def create_base_retry_decorator(
    error_types: list[type[BaseException]], max_retries: int = 1, run_manager: Any = None
) -> Callable[[Any], Any]:
    """A decorator for functions of either colour: up to `max_retries` attempts while they raise one of these errors.

    The waits between them grow from 4 to 10 seconds.
    """
    wanted = tuple(error_types)

    async def attempts(begin: Callable[[], Awaitable[Any]], backend: Backend) -> Any:
        for attempt in range(1, max_retries):
            try:
                return await begin()
            except wanted:
                await pause(min(10.0, max(4.0, 2.0 ** (attempt - 1))), backend)
        return await begin()

    def decorate(fn: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(fn)
        async def retried_async(*args: Any, **kwargs: Any) -> Any:
            return await attempts(partial(fn, *args, **kwargs), ASYNC)

        @wraps(fn)
        def retried(*args: Any, **kwargs: Any) -> Any:
            async def begin() -> Any:
                return fn(*args, **kwargs)

            return drive(attempts(begin, SYNC))

        return retried_async if iscoroutinefunction(fn) else retried

    return decorate
