"""JSON that arrives, told as JSON Patch."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from growth import assert_linear
from riverrun._pure.json_patch import Patches
from riverrun._pure.json_stream import Reader

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(alphabet='ab/~"\\é', max_size=6),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(alphabet="a/~0", max_size=3), inner, max_size=4)
    ),
    max_leaves=12,
)


def patches(pieces: Any) -> list[list[dict[str, Any]]]:
    reader, told = Reader(numbers=True), Patches()
    found = [told.of(reader.feed(piece)) for piece in pieces]
    return [patch for patch in [*found, told.of(reader.finish())] if patch]


def applied(patch: list[dict[str, Any]], document: Any) -> Any:
    """RFC 6902, as far as it is used: `add` and `replace`."""
    for op in copy.deepcopy(patch):
        path = [part.replace("~1", "/").replace("~0", "~") for part in op["path"].split("/")[1:]]
        if not path:
            assert op["op"] == "replace"
            document = op["value"]
            continue
        target = document
        for part in path[:-1]:
            target = target[int(part)] if isinstance(target, list) else target[part]
        if isinstance(target, list):
            index = int(path[-1])
            if op["op"] == "add":
                assert index <= len(target)
                target.insert(index, op["value"])
            else:
                assert index < len(target)
                target[index] = op["value"]
        else:
            assert op["op"] == "add" or path[-1] in target
            target[path[-1]] = op["value"]
    return document


@settings(max_examples=150, deadline=None)
@given(VALUES, st.integers(1, 30))
def test_applied_in_order_patches_make_the_document(value: Any, size: int) -> None:
    text, document = json.dumps(value), None
    told = patches([text[i : i + size] for i in range(0, len(text), size)])
    kept = copy.deepcopy(told)
    for patch in told:
        document = applied(patch, document)
    assert repr(document) == repr(value)
    assert told == kept


def test_what_arrives_together_is_told_together() -> None:
    assert patches(['{"a": [1, {"b": "x', 'y"}, "z', '"], "c/~": 2}']) == [
        [{"op": "replace", "path": "", "value": {"a": [1, {"b": "x"}]}}],
        [
            {"op": "replace", "path": "/a/1/b", "value": "xy"},
            {"op": "add", "path": "/a/2", "value": "z"},
        ],
        [{"op": "add", "path": "/c~1~0", "value": 2}],
    ]


def test_numbers_that_grow_are_replaced() -> None:
    assert patches(["[1", "2", "]"]) == [
        [{"op": "replace", "path": "", "value": [1]}],
        [{"op": "replace", "path": "/0", "value": 12}],
    ]


@pytest.mark.parametrize(
    "make",
    [lambda n: json.dumps([{"name": f"n{i}", "i": i} for i in range(n // 30)]), lambda n: f'["{"x" * n}"]'],
)
def test_g05_patches_cost_what_is_new(make: Any) -> None:
    def work(size: int) -> Any:
        text = make(size)

        def tell() -> None:
            reader, told = Reader(), Patches()
            last = None
            for i in range(0, len(text), 8):
                last = told.of(reader.feed(text[i : i + 8])) or last

        return tell

    assert_linear(work, 8_000)
