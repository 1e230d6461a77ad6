"""What programs that write steps of their own import from here: addable chunks, configurable fields, facts about functions."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Coroutine, Iterable
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, TypeGuard, TypeVar

from riverrun._backends.aio import gather_with_concurrency
from riverrun._engine.runnable import Input, Output
from riverrun._engine.schema import ConfigurableFieldSpec, unique
from riverrun._pure.bytecode import keys_read, values_read
from riverrun._pure.fold import fold
from riverrun._pure.signature import Signature, target_of
from riverrun._pure.source import lambda_source
from riverrun.runnables.addable import AddableDict
from riverrun.runnables.configurable import (
    AnyConfigurableField,
    ConfigurableField,
    ConfigurableFieldMultiOption,
    ConfigurableFieldSingleOption,
)

__all__ = [
    "Addable",
    "AddableDict",
    "AnyConfigurableField",
    "ConfigurableField",
    "ConfigurableFieldMultiOption",
    "ConfigurableFieldSingleOption",
    "ConfigurableFieldSpec",
    "Input",
    "Output",
    "SupportsAdd",
    "aadd",
    "accepts_config",
    "accepts_run_manager",
    "add",
    "gated_coro",
    "gather_with_concurrency",
    "get_function_first_arg_dict_keys",
    "get_function_nonlocals",
    "get_lambda_source",
    "get_unique_config_specs",
    "indent_lines_after_first",
    "is_async_callable",
    "is_async_generator",
]

T = TypeVar("T")


class SupportsAdd(Protocol):
    """What adds up with `+`."""

    def __add__(self, x: Any, /) -> Any: ...


Addable = TypeVar("Addable", bound=SupportsAdd)


def add(addables: Iterable[Addable]) -> Addable | None:
    """The fold of some chunks: their sum, found without copying; None if there are none."""
    chunks = list(addables)
    return fold(chunks) if chunks else None


async def aadd(addables: AsyncIterable[Addable]) -> Addable | None:
    """Likewise of an async iterable."""
    return add([chunk async for chunk in addables])


def accepts_config(callable: Callable[..., Any]) -> bool:
    """Whether it has a parameter `config`."""
    return Signature(callable).takes_config


def accepts_run_manager(callable: Callable[..., Any]) -> bool:
    """Whether it has a parameter `run_manager`."""
    return Signature(callable).takes_run_manager


def is_async_generator(func: Any) -> TypeGuard[Callable[..., AsyncIterator[Any]]]:
    """Whether calling it gives an async generator; also of objects with `__call__`."""
    return inspect.isasyncgenfunction(target_of(func))


def is_async_callable(func: Any) -> TypeGuard[Callable[..., Awaitable[Any]]]:
    """Whether calling it gives a coroutine; also of objects with `__call__`."""
    return inspect.iscoroutinefunction(target_of(func))


def get_unique_config_specs(specs: Iterable[ConfigurableFieldSpec]) -> list[ConfigurableFieldSpec]:
    """Each spec once, by their ids in order.

    Raises:
        ValueError: two that differ have one id.
    """
    return unique(specs)


def get_function_first_arg_dict_keys(func: Callable[..., Any]) -> list[str] | None:
    """The keys that a function reads of the dict that is its first argument; None if it reads none."""
    return list(keys_read(func)) or None


def get_function_nonlocals(func: Callable[..., Any]) -> list[Any]:
    """What a function refers to outside itself."""
    return list(values_read(func))


def get_lambda_source(func: Callable[..., Any]) -> str | None:
    """The source of a lambda on one line, else the function's name; strings given under a secret's name are stars."""
    return lambda_source(func) or getattr(func, "__name__", None)


def indent_lines_after_first(text: str, prefix: str) -> str:
    """`text`, its lines but the first indented by as many blanks as `prefix` is long."""
    return text.replace("\n", "\n" + " " * len(prefix))


async def gated_coro(semaphore: AbstractAsyncContextManager[Any], coro: Coroutine[Any, Any, T]) -> T:
    """The result of `coro`, run while `semaphore` is held."""
    async with semaphore:
        return await coro
