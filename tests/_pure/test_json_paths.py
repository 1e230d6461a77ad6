"""What has become complete in JSON that arrives."""

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from growth import assert_linear
from riverrun._pure.json_paths import Completions
from riverrun._pure.json_stream import Reader
from riverrun.exceptions import PathError

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)
COUNTRIES = (
    '{"countries": [{"name": "France", "population": 65273511}, {"name": "Spain", "population": 46754778}],'
    ' "name": "x", "first name": [1, [2, {"name": 3}]]}'
)


def completed(expression: str, pieces: Any) -> list[list[tuple[Any, Any]]]:
    reader, told = Reader(), Completions(expression)
    return [*(told.of(reader.feed(piece)) for piece in pieces), told.of(reader.finish())]


def places(value: Any, path: tuple[Any, ...] = ()) -> Any:
    children = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, child in children:
        yield from places(child, (*path, key))
    yield path, value


@settings(max_examples=100, deadline=None)
@given(VALUES, st.integers(1, 60))
def test_g10_each_path_completes_exactly_once(value: Any, size: int) -> None:
    text = json.dumps(value)
    told = completed("$..*", [text[i : i + size] for i in range(0, len(text), size)])
    found = [pair for pairs in told for pair in pairs] + [((), value)]
    assert max(Counter(path for path, _ in found).values()) == 1
    assert [(path, repr(v)) for path, v in found] == [(path, repr(v)) for path, v in places(value)]


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("countries[*].name", ["France", "Spain"]),
        ("$.countries[*].name", ["France", "Spain"]),
        ("$['countries'][1]['population']", [46754778]),
        ("..name", ["France", "Spain", "x", 3]),
        ("$..name", ["France", "Spain", "x", 3]),
        ('["first name"][1][0]', [2]),
        ("countries[*].*", ["France", 65273511, "Spain", 46754778]),
        ("countries[7]", []),
        ("name.x", []),
        ("$", [json.loads(COUNTRIES)]),
        ("*", list(json.loads(COUNTRIES).values())),
        ("countries..name", ["France", "Spain"]),
    ],
)
@pytest.mark.parametrize("size", [1, 5, 1000])
def test_a_path_gives_what_it_leads_to(expression: str, values: list[Any], size: int) -> None:
    pieces = [COUNTRIES[i : i + size] for i in range(0, len(COUNTRIES), size)]
    assert [value for pairs in completed(expression, pieces) for _, value in pairs] == values


def test_a_value_is_told_with_the_piece_that_completes_it() -> None:
    pieces = ['{"a": ["Sp', 'ain", 65', '2, true, "x"', "]}"]
    assert [[value for _, value in pairs] for pairs in completed("a[*]", pieces)] == [
        [],
        ["Spain"],
        [652, True, "x"],
        [],
        [],
    ]


@pytest.mark.parametrize("text", ["a", "[-1]"])
def test_names_and_indexes_are_not_confused(text: str) -> None:
    assert completed("['0']", ["[1]"]) == [[], []]
    assert completed("[0]", ['{"0": 1}']) == [[], []]


@pytest.mark.parametrize(
    "path", ["a.", "a b", "[-1]", "[1:2]", "[?@.a]", "a[", "$a", ".a.", "...a", ".[0]", "[01]"]
)
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(PathError, match="is no path that can be followed"):
        Completions(path)


@pytest.mark.parametrize(
    ("expression", "done_after"),
    [
        ("a", '{"a": 1,'),
        ("a[*].b", '{"a": [{"b": 1}, {}]'),
        ("a[1]", '{"a": [1, 2,'),
        ("$", '{"a": 1}'),
        ("..a", '{"a": 1}'),
    ],
)
def test_done_says_that_nothing_more_can_come(expression: str, done_after: str) -> None:
    reader, told = Reader(), Completions(expression)
    for letter in done_after[:-1]:
        told.of(reader.feed(letter))
        assert not told.done
    told.of(reader.feed(done_after[-1]))
    assert told.done


@pytest.mark.parametrize("size", [1, 3, 8, 100])
def test_characters_of_a_string_are_told_as_they_arrive(size: int) -> None:
    text = json.dumps({"other": "no", "answer": 'It is "é\U0001f600', "last": {"answer": "no"}})
    reader, told = Reader(), Completions("answer")
    found = [told.texts(reader.feed(text[i : i + size])) for i in range(0, len(text), size)]
    assert "".join(piece for pieces in found for piece in pieces) == 'It is "é\U0001f600'
    assert told.done
    assert size > 8 or sum(map(bool, found)) > 1


def test_characters_of_strings_in_lists_are_told() -> None:
    reader, told = Reader(), Completions("[*]")
    found = [told.texts(reader.feed(piece)) for piece in ('["', "a", "b", '", "c", "', "", 'd", 1]')]
    assert [piece for pieces in found for piece in pieces if piece] == ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    "make",
    [lambda n: json.dumps([{"name": "x", "i": i} for i in range(n // 30)]), lambda n: "[" * 30 + "1," * n],
)
def test_g05_completions_cost_what_is_new(make: Any) -> None:
    def work(size: int) -> Any:
        text = make(size)

        def tell() -> None:
            reader, told = Reader(), Completions("..name")
            for i in range(0, len(text), 8):
                told.of(reader.feed(text[i : i + 8]))

        return tell

    assert_linear(work, 6_000)
