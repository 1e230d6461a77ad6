"""Facts about functions, and sums of chunks."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from riverrun.runnables import AddableDict, ConfigurableFieldSpec, aadd, add
from riverrun.runnables.passthrough import aidentity, identity
from riverrun.runnables.utils import (
    accepts_config,
    accepts_run_manager,
    get_function_first_arg_dict_keys,
    get_function_nonlocals,
    get_lambda_source,
    get_unique_config_specs,
    indent_lines_after_first,
    is_async_callable,
    is_async_generator,
)


async def coroutine() -> None: ...


async def generator() -> AsyncIterator[int]:
    yield 1


class Called:
    async def __call__(self) -> None: ...


class Yielding:
    async def __call__(self) -> AsyncIterator[int]:
        yield 1


def test_chunks_add_up_and_nothing_adds_up_to_none() -> None:
    assert add([]) is None
    assert add(["a", "b"]) == "ab"
    assert add([AddableDict(a="x"), AddableDict(a="y", b=1)]) == {"a": "xy", "b": 1}

    async def chunks() -> AsyncIterator[int]:
        for i in range(4):
            yield i

    assert asyncio.run(aadd(chunks())) == 6


def test_identity_is_what_it_was_given() -> None:
    thing = object()
    assert identity(thing) is thing
    assert asyncio.run(aidentity(thing)) is thing


@pytest.mark.parametrize(
    ("thing", "awaits", "yields"),
    [
        (coroutine, True, False),
        (generator, False, True),
        (Called(), True, False),
        (Yielding(), False, True),
        (len, False, False),
        (lambda: None, False, False),
    ],
)
def test_the_colour_of_a_callable_is_told(thing: Any, awaits: bool, yields: bool) -> None:
    assert is_async_callable(thing) is awaits
    assert is_async_generator(thing) is yields


def test_what_a_function_asks_for_is_told() -> None:
    assert accepts_config(lambda x, config: x) and not accepts_config(lambda x: x)
    assert accepts_run_manager(lambda x, run_manager: x) and not accepts_run_manager(len)


def test_what_a_function_reads_is_told() -> None:
    outside = [1]
    assert get_function_first_arg_dict_keys(lambda x: x["b"] + x["a"]) == ["a", "b"]
    assert get_function_first_arg_dict_keys(lambda x: x) is None
    assert outside in get_function_nonlocals(lambda x: outside)
    assert get_lambda_source(lambda x: x + 1) == "lambda x: x + 1"
    assert get_lambda_source(identity) == "identity"


def test_lines_after_the_first_are_indented_by_the_prefix() -> None:
    assert indent_lines_after_first("a\nb\nc", "> ") == "a\n  b\n  c"


def test_specs_that_differ_under_one_id_are_refused() -> None:
    one, same = ConfigurableFieldSpec("b", int), ConfigurableFieldSpec("b", int)
    assert get_unique_config_specs([one, ConfigurableFieldSpec("a", str), same]) == [
        ConfigurableFieldSpec("a", str),
        one,
    ]
    with pytest.raises(ValueError, match="'b'"):
        get_unique_config_specs([one, ConfigurableFieldSpec("b", str)])
