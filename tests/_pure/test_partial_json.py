"""Reading of JSON text that was cut."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riverrun._pure.partial_json import UNREADABLE, parse_partial

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1, "b": [1, 2, "xx', {"a": 1, "b": [1, 2, "xx"]}),
        ('{"a": 1, "b": tr', {"a": 1}),
        ('{"a": 1, "b', {"a": 1}),
        ('{"a": 1, "b":', {"a": 1}),
        ('{"a": 12', {}),
        ('{"a": 12,', {"a": 12}),
        ("[1.", []),
        ("[-", []),
        ("[true", [True]),
        ('{"a": "x\\', {"a": "x"}),
        ('{"a": "x\\u12', {"a": "x"}),
        ('{"a": "\\ud83d', {"a": ""}),
        ('{"a": "\\ud83d\\ude00', {"a": "\U0001f600"}),
        ('{"a": "line\nbreak', {"a": "line\nbreak"}),
        ('{"a": [', {"a": []}),
        ('{"a": 1} trailing', {"a": 1}),
        ('{"a": 1,}', {"a": 1}),
        ("[1,,2]", [1]),
        ('{"a": nope, "b": 1}', {}),
        ('{"a"}', {}),
        ("[}", []),
        ('[1, "a\\q", "b"]', [1, "a"]),
        ('"abc', "abc"),
        ("12 ", 12),
    ],
)
def test_shows_what_is_certain(text: str, value: Any) -> None:
    assert parse_partial(text) == value


@pytest.mark.parametrize(
    "text", ["", "  ", "nope", "12", "}", ",", ":", '"' * 0, "[" * 100_000, "1" * 5000 + " "]
)
def test_shows_nothing_where_nothing_is_certain(text: str) -> None:
    assert parse_partial(text) is UNREADABLE


@settings(max_examples=80, deadline=None)
@given(VALUES, st.data())
def test_any_beginning_of_a_document_is_a_beginning_of_its_value(value: Any, data: st.DataObject) -> None:
    text = json.dumps(value, ensure_ascii=data.draw(st.booleans())) + " "
    assert parse_partial(text) == value
    cut = parse_partial(text[: data.draw(st.integers(0, len(text)))])
    assert cut is UNREADABLE or begins(cut, value)


def begins(part: Any, whole: Any) -> bool:
    """Whether `whole` is what `part` may grow into."""
    if isinstance(whole, str):
        return isinstance(part, str) and whole.startswith(part)
    if isinstance(whole, list):
        return isinstance(part, list) and len(part) <= len(whole) and all(map(begins, part, whole))
    if isinstance(whole, dict):
        return isinstance(part, dict) and all(key in whole and begins(part[key], whole[key]) for key in part)
    return type(part) is type(whole) and bool(part == whole)


@settings(max_examples=200, deadline=None)
@given(st.text('{}[],:"\\ \n0123e-tfu', max_size=30))
def test_never_raises(text: str) -> None:
    parse_partial(text)
