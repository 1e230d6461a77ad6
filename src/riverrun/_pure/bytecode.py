"""What a function reads, told from its bytecode, which needs no source and can't mistake one lambda of a line for another.

Nothing is run. What can't be told, as in a function written in C, counts as not read.
"""

from __future__ import annotations

import dis
import inspect
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import CodeType, FunctionType, MethodType
from typing import Any

from riverrun._pure.signature import Signature, target_of

_NOISE = frozenset(("CACHE", "EXTENDED_ARG", "NOP", "PRECALL", "PUSH_NULL", "RESUME"))
_ATTRIBUTE = ("LOAD_ATTR", "LOAD_METHOD")
_UNKNOWN: Any = object()


def keys_read(fn: Callable[..., Any]) -> dict[str, bool]:
    """The keys that `fn` reads of its first argument, sorted: True for `x["key"]`, False for `x.get("key")`."""
    function = _function(fn)
    parameter = next(iter(Signature(fn).parameters.values()), None)
    if function is None or parameter is None or parameter.kind is parameter.VAR_POSITIONAL:
        return {}
    keys: dict[str, bool] = {}
    for key, is_needed in _keys(function.__code__, parameter.name):
        keys[key] = keys.get(key, False) or is_needed
    return dict(sorted(keys.items()))


def _keys(code: CodeType, name: str) -> Iterator[tuple[str, bool]]:
    operations = list(_operations(code))
    for at, bound in enumerate(operations):
        if bound.opname.startswith("STORE_") and bound.argval == name:
            operations = operations[:at]  # from here on the name stands for something else
            break
    for first, then, last in zip(operations, operations[1:], operations[2:], strict=False):
        if not _loads(first, name):
            continue
        if then.opname == "LOAD_CONST" and isinstance(then.argval, str) and _is_subscript(last):
            yield then.argval, True
        elif then.opname in _ATTRIBUTE and then.argval == "get" and isinstance(last.argval, str):
            yield last.argval, False
    for inner in code.co_consts:
        if isinstance(inner, CodeType) and name in inner.co_freevars:
            yield from _keys(inner, name)


def _loads(operation: dis.Instruction, name: str) -> bool:
    """Whether it puts the variable on the stack. Since 3.13 one operation may load two variables, or store and load."""
    loaded = operation.argval[-1] if isinstance(operation.argval, tuple) else operation.argval
    return loaded == name and ("LOAD_FAST" in operation.opname or operation.opname == "LOAD_DEREF")


def _is_subscript(operation: dis.Instruction) -> bool:
    return operation.opname == "BINARY_SUBSCR" or (  # since 3.14 one of the binary operations
        operation.opname == "BINARY_OP" and operation.argrepr == "[]"
    )


def values_read(fn: Callable[..., Any]) -> Iterator[Any]:
    """What `fn` refers to outside itself: globals, variables of functions around it, `self`, and their attributes;
    defaults and what a partial adds; of a bound method also its object.

    Attributes are looked up without running properties.
    """
    for value in _all_values(fn):
        yield value
        if isinstance(value, MethodType):
            yield value.__self__


def _all_values(fn: Any) -> Iterator[Any]:
    wrapped = fn
    while isinstance(wrapped, partial):
        yield from (*wrapped.args, *wrapped.keywords.values())
        wrapped = wrapped.func
    if (function := _function(fn)) is None:
        return
    yield from (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values())
    around: dict[str, Any] = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            around[name] = cell.cell_contents
        except ValueError:  # not assigned yet
            pass
    if (owner := _owner(fn)) is not None:
        around[function.__code__.co_varnames[0]] = owner
    yield from _values(function.__code__, function.__globals__, around)


def _values(code: CodeType, outside: Mapping[str, Any], around: Mapping[str, Any]) -> Iterator[Any]:
    value = _UNKNOWN
    for operation in _operations(code):
        if operation.opname in _ATTRIBUTE and value is not _UNKNOWN:
            value = inspect.getattr_static(value, operation.argval, _UNKNOWN)
        elif operation.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            value = outside.get(operation.argval, _UNKNOWN)
        else:
            value = next((found for name, found in around.items() if _loads(operation, name)), _UNKNOWN)
        if value is not _UNKNOWN:
            yield value
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            seen = {name: found for name, found in around.items() if name not in inner.co_varnames}
            yield from _values(inner, outside, seen)


def _operations(code: CodeType) -> Iterator[dis.Instruction]:
    return (operation for operation in dis.get_instructions(code) if operation.opname not in _NOISE)


def _function(fn: Any) -> FunctionType | None:
    """The Python function that runs when `fn` is called, if there is one."""
    target = target_of(fn)
    function = inspect.unwrap(getattr(target, "__func__", target))
    return function if isinstance(function, FunctionType) else None


def _owner(fn: Any) -> Any:
    """The `self` of a method, or of an object with `__call__`; None for other functions."""
    while isinstance(fn, partial):
        fn = fn.func
    return getattr(fn, "__self__", None) if inspect.isroutine(fn) or inspect.isclass(fn) else fn
