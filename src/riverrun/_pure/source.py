"""The source of a lambda, for people.

The compiler notes for each instruction the place in the source that it comes from, so of several lambdas on one line
the right one is found.
"""

from __future__ import annotations

import ast
import linecache
from collections.abc import Callable
from functools import lru_cache, partial
from operator import attrgetter, itemgetter, methodcaller
from types import CodeType, FunctionType
from typing import Any

from riverrun._pure.shown import STARS, Verbatim, is_secret


def function_repr(fn: Any) -> Verbatim:
    """What stands for a function in a repr: its name, the source of a lambda, `...` where neither is known."""
    if isinstance(fn, partial):
        return Verbatim(f"partial({function_repr(fn.func)}{', ...' if fn.args or fn.keywords else ''})")
    if isinstance(fn, itemgetter | attrgetter | methodcaller):
        return Verbatim(repr(fn).removeprefix("operator."))
    name = getattr(fn, "__name__", None)
    if name == "<lambda>":
        return Verbatim(lambda_source(fn) or "...")
    return Verbatim(name if isinstance(name, str) else f"{type(fn).__name__}(...)")


def lambda_source(fn: Callable[..., Any]) -> str | None:
    """The source of a lambda, on one line; None where it can't be had, or `fn` is none.

    Strings that are passed under the name of a secret are shown as stars.
    """
    if not isinstance(fn, FunctionType) or fn.__name__ != "<lambda>":
        return None
    lines = linecache.getlines(fn.__code__.co_filename, fn.__globals__)
    try:
        found = _lambdas("".join(lines)).get(fn.__code__.co_firstlineno, [])
        node = _that_of(fn.__code__, found)
        return None if node is None else ast.unparse(node)
    except (
        SyntaxError,
        ValueError,
        RecursionError,
        MemoryError,
    ):  # what the parser makes of a file that is none
        return None


@lru_cache(maxsize=8)
def _lambdas(source: str) -> dict[int, list[ast.Lambda]]:
    """The lambdas of a module, by the lines on which they begin, without secrets."""
    found: dict[int, list[ast.Lambda]] = {}
    for node in ast.walk(ast.parse(source)):
        _mask(node)
        if isinstance(node, ast.Lambda):
            found.setdefault(node.lineno, []).append(node)
    return found


def _that_of(code: CodeType, found: list[ast.Lambda]) -> ast.Lambda | None:
    """The lambda that `code` was compiled from: of those whose body holds all of it the shortest."""
    names = code.co_varnames[: code.co_argcount]
    found = [
        node for node in found if tuple(arg.arg for arg in (*node.args.posonlyargs, *node.args.args)) == names
    ]
    places = [place for place in code.co_positions() if None not in place and place[3] != 0]
    if places:  # else no columns were kept: python -X no_debug_ranges
        begin = min((line, column) for line, _, column, _ in places)
        end = max((line, column) for _, line, _, column in places)
        found = [node for node in found if _begin(node.body) <= begin and end <= _end(node.body)]
        found = sorted(found, key=lambda node: _begin(node.body), reverse=True)[:1]
    return found[0] if len(found) == 1 else None


def _begin(node: ast.expr) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _end(node: ast.expr) -> tuple[int, int]:
    return node.end_lineno or node.lineno, node.end_col_offset or 0


def _mask(node: ast.AST) -> None:
    """Put stars for the strings that a call or a dict gives under the name of a secret."""
    if isinstance(node, ast.keyword) and is_secret(node.arg):
        node.value = _masked(node.value)
    elif isinstance(node, ast.Dict):
        node.values = [
            _masked(value) if isinstance(key, ast.Constant) and is_secret(key.value) else value
            for key, value in zip(node.keys, node.values, strict=True)
        ]


def _masked(value: ast.expr) -> ast.expr:
    if not isinstance(value, ast.Constant | ast.JoinedStr):
        return value
    return ast.copy_location(ast.Constant(STARS), value)
