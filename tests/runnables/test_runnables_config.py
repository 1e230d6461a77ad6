"""Configs as plain dicts, and functions called under one."""

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from typing import Any

import pytest

from riverrun.exceptions import ConfigError
from riverrun.runnables import RunnableLambda, ensure_config, get_config_list, patch_config, run_in_executor
from riverrun.runnables.config import (
    ContextThreadPoolExecutor,
    acall_func_with_variable_args,
    call_func_with_variable_args,
    get_executor_for_config,
    merge_configs,
    set_config_context,
)
from riverrun.runnables.utils import gated_coro, gather_with_concurrency

DEFAULTS = {"tags": [], "metadata": {}, "callbacks": None, "recursion_limit": 25, "configurable": {}}
variable: ContextVar[str] = ContextVar("variable", default="unset")


def test_ensure_config_gives_every_key_a_value() -> None:
    assert ensure_config() == DEFAULTS
    assert ensure_config({"tags": None, "metadata": None}) == DEFAULTS  # type: ignore[typeddict-item]
    assert ensure_config({"run_name": "n", "recursion_limit": 3}) == {
        **DEFAULTS,
        "run_name": "n",
        "recursion_limit": 3,
    }


def test_ensure_config_puts_what_no_config_has_under_configurable_and_what_describes_a_run_in_its_metadata() -> (
    None
):
    config: Any = {"foo": 1, "configurable": {"model": "m", "x": 1}}
    assert ensure_config(config) == {
        **DEFAULTS,
        "configurable": {"model": "m", "x": 1, "foo": 1},
        "metadata": {"model": "m"},
    }


def test_ensure_config_inherits_what_holds_where_it_is_called() -> None:
    def step(x: int) -> Any:
        return ensure_config({"run_name": "inner"})

    config = RunnableLambda(step).invoke(1, {"tags": ["t"], "configurable": {"a": 1}})
    assert config["tags"] == ["t"] and config["configurable"] == {"a": 1}
    assert config["run_name"] == "inner"


def test_ensure_config_refuses_a_wrong_type_by_name() -> None:
    with pytest.raises(ConfigError, match="tags"):
        ensure_config({"tags": 3})  # type: ignore[typeddict-item]


def test_get_config_list_gives_the_run_id_to_the_first_alone() -> None:
    run_id = "00000000-0000-7000-8000-000000000000"
    first, second = get_config_list({"run_id": run_id, "tags": ["a"]}, 2)  # type: ignore[typeddict-item]
    assert first["run_id"] == run_id and "run_id" not in second
    assert first["tags"] == second["tags"] == ["a"]


def test_get_config_list_refuses_another_length() -> None:
    with pytest.raises(ValueError, match="1 configs for 2 inputs"):
        get_config_list([{}], 2)
    with pytest.raises(ValueError, match="-1"):
        get_config_list(None, -1)


def test_patch_config_drops_name_and_id_with_the_run_they_name() -> None:
    config: Any = {"run_name": "a", "tags": ["t"]}
    assert patch_config(config, callbacks=[]) == {**DEFAULTS, "tags": ["t"], "callbacks": []}
    assert patch_config(config, run_name="b", configurable={"z": 1}) == {
        **DEFAULTS,
        "tags": ["t"],
        "run_name": "b",
        "configurable": {"z": 1},
    }


def test_merge_configs_joins_tags_and_merges_dicts() -> None:
    assert merge_configs() == {}
    assert merge_configs(
        {"tags": ["a", "b"], "metadata": {"a": 1}, "configurable": {"x": 1}},
        None,
        {"tags": ["b", "c"], "metadata": {"b": 1}, "run_name": "n"},
    ) == {
        "tags": ["a", "b", "c"],
        "metadata": {"a": 1, "b": 1},
        "configurable": {"x": 1},
        "run_name": "n",
    }


def test_a_function_gets_the_config_only_if_it_asks() -> None:
    assert call_func_with_variable_args(lambda x: x + 1, 1, {}) == 2
    assert call_func_with_variable_args(lambda x, config: config["tags"], 1, {"tags": ["a"]}) == ["a"]
    assert call_func_with_variable_args(lambda x, run_manager=None: run_manager, 1, {}) is None

    async def function(x: int, config: Any) -> Any:
        return config["tags"]

    assert asyncio.run(_awaited(acall_func_with_variable_args(function, 1, {"tags": ["a"]}))) == ["a"]


async def _awaited(value: Any) -> Any:
    return await value


def test_what_is_invoked_in_a_config_context_inherits_it() -> None:
    seen: list[Any] = []

    def step(x: int, config: Any) -> None:
        seen.append(config["tags"])

    with set_config_context({"tags": ["outer"]}) as context:
        context.run(RunnableLambda(step).invoke, 1)
    RunnableLambda(step).invoke(1)
    assert seen == [["outer"], []]


def test_g08_a_pool_for_a_config_hands_on_the_context() -> None:
    variable.set("mine")
    with get_executor_for_config({"max_concurrency": 1}) as executor:
        assert executor.submit(variable.get).result() == "mine"
        assert list(executor.map(lambda x: (x, variable.get()), [1, 2])) == [(1, "mine"), (2, "mine")]
    with ContextThreadPoolExecutor(max_workers=2) as pool:
        assert pool.submit(lambda a, b: (a, b, variable.get()), 1, b=2).result() == (1, 2, "mine")


def test_g08_run_in_executor_hands_on_the_context_and_the_error() -> None:
    def work(a: int, b: int) -> Any:
        return a, b, variable.get(), threading.current_thread() is threading.main_thread()

    async def main() -> None:
        variable.set("mine")
        assert await run_in_executor(None, work, 1, b=2) == (1, 2, "mine", False)
        assert await run_in_executor({"tags": []}, work, 1, 2) == (1, 2, "mine", False)
        with ThreadPoolExecutor(1) as pool:
            assert await run_in_executor(pool, work, 1, 2) == (1, 2, "mine", False)
            with pytest.raises(ZeroDivisionError):
                await run_in_executor(pool, lambda: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            await run_in_executor(None, lambda: 1 / 0)

    asyncio.run(main())


def test_g22_run_in_executor_leaves_the_loop_free() -> None:
    async def main() -> None:
        gate = threading.Event()
        work = asyncio.ensure_future(run_in_executor(None, gate.wait, 5))
        await asyncio.sleep(0)
        gate.set()  # could not be reached if the loop were blocked
        assert await work

    begin = time.monotonic()
    asyncio.run(main())
    assert time.monotonic() - begin < 4


def test_gather_with_concurrency_holds_the_limit_and_the_order() -> None:
    at_work = most = 0

    async def job(i: int) -> int:
        nonlocal at_work, most
        at_work += 1
        most = max(most, at_work)
        await asyncio.sleep(0)
        at_work -= 1
        return i

    async def main() -> None:
        assert await gather_with_concurrency(2, *map(job, range(6))) == list(range(6))
        assert most == 2
        assert await gather_with_concurrency(None, *map(job, range(3))) == [0, 1, 2]
        assert await gated_coro(asyncio.Semaphore(1), job(7)) == 7

    asyncio.run(main())
