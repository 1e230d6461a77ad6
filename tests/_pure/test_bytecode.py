"""What a function reads, told from its bytecode."""

import functools
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from riverrun._pure.bytecode import keys_read, values_read


class Reader:
    held = "class"

    def __init__(self) -> None:
        self.own = "instance"
        self.reader = self

    @property
    def computed(self) -> str:
        raise AssertionError("a property was run")

    def method(self, x: Any) -> Any:
        return x["in_method"], self.own

    def __call__(self, x: Any) -> Any:
        return x["in_call"], self.held


reader = Reader()
here = "global"


def plain(x: Any, other: Any = None) -> Any:
    return x["b"], x["a"], other["c"]


def with_default(x: Any) -> Any:
    return x.get("may"), x.get("must"), x["must"], x.pop("gone", None)


def in_nested(x: Any) -> Any:
    return [x["a"] for _ in range(2)], {y: (y, x["b"]) for y in x["c"]}, (lambda: x["d"])()


def shadowed(x: Any) -> Any:
    return (lambda x: x["inner"])(x["outer"])


def bound_anew(x: Any) -> Any:
    x = x["first"]
    return x["then"]


def written(x: Any) -> Any:
    x["new"] = 1
    del x["old"]
    return f"{x['text']}{x[0]}{x[1:2]}"


def branching(x: Any) -> Any:
    if x["kind"] == "a":
        return x["one"]["deep"]
    return x["two"]


def yielding(x: Any) -> Iterator[Any]:
    yield x["y"]


async def awaiting(x: Any) -> Any:
    return x["w"]


async def both(x: Any) -> AsyncIterator[Any]:
    yield x["v"]


def unpacked(*x: Any) -> Any:
    return x["no"]  # type: ignore[call-overload]


def handed_on(x: Any) -> Any:
    return plain(x)


@functools.wraps(plain)
def wrapped(*args: Any) -> Any:
    return plain(*args)


@pytest.mark.parametrize(
    ("fn", "keys"),
    [
        (plain, {"a": True, "b": True}),
        (with_default, {"may": False, "must": True}),
        (in_nested, {"a": True, "b": True, "c": True, "d": True}),
        (shadowed, {"outer": True}),
        (bound_anew, {"first": True}),
        (written, {"text": True}),
        (branching, {"kind": True, "one": True, "two": True}),
        (yielding, {"y": True}),
        (awaiting, {"w": True}),
        (both, {"v": True}),
        (reader.method, {"in_method": True}),
        (reader, {"in_call": True}),
        (wrapped, {"a": True, "b": True}),
        (functools.partial(plain, other={}), {"a": True, "b": True}),
        (functools.partial(plain, {}), {"c": True}),
        (unpacked, {}),
        (handed_on, {}),
        (len, {}),
        (str, {}),
        (lambda: 1, {}),
    ],
)
def test_keys_read_are_those_of_the_first_argument(fn: Callable[..., Any], keys: dict[str, bool]) -> None:
    assert keys_read(fn) == keys
    assert list(keys_read(fn)) == sorted(keys)


def test_lambdas_on_one_line_are_told_apart() -> None:
    first, second = (lambda x: x["a"]), (lambda x: x["b"])
    assert (keys_read(first), keys_read(second)) == ({"a": True}, {"b": True})


def test_keys_are_read_without_source() -> None:
    names: dict[str, Any] = {}
    exec("def made(x): return x['key']", names)
    assert keys_read(names["made"]) == {"key": True}


def closure(value: str) -> Callable[[Any], Any]:
    def fn(x: Any) -> Any:
        return value, reader.own, reader.reader.held

    return fn


def unassigned() -> Callable[[Any], Any]:
    def fn(x: Any) -> Any:
        return later, here

    if here == "":
        later = 1
    return fn


def runs_nothing(x: Any) -> Any:
    return reader.computed, here


def inner_function(x: Any) -> Any:
    def inner() -> Any:
        return here

    return inner()


def hidden(here: Any) -> Any:
    return here


@pytest.mark.parametrize(
    ("fn", "values"),
    [
        (closure("enclosed"), ["enclosed", "instance", "class"]),
        (unassigned(), ["global"]),
        (reader.method, ["instance"]),
        (reader, ["class"]),
        (runs_nothing, ["global"]),
        (inner_function, ["global"]),
        (hidden, []),
        (functools.partial(inner_function, 1), ["global"]),
        (len, []),
    ],
)
def test_values_read_are_what_a_function_refers_to(fn: Callable[..., Any], values: list[str]) -> None:
    assert [value for value in values_read(fn) if isinstance(value, str)] == values
