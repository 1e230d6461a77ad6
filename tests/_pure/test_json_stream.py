"""JSON that is read while it arrives."""

import copy
import itertools
import json
import math
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from growth import assert_linear
from riverrun._pure.json_stream import JSONStream, loads
from riverrun._pure.partial_json import UNREADABLE
from riverrun.exceptions import InvalidJSONError, OutputParserException

TEXTS = st.text(max_size=6) | st.sampled_from(
    [
        '"',
        "\\",
        "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
        "a\\u",
        "é\n\t",
        "```",
        "{[",
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
CORPUS = [
    '{"countries": [{"name": "France", "population": 65273511}, {"name": "Spain", "population": 46754778}]}',
    ' [ 1 , -2.5e+10 , 0.1E-3 , 0 , true , false , null , "" , [ ] , { } , [[]] , {"a":{"b":[]}} ] ',
    r'{"es\"c\\aped\u00e9": "\ud83d\ude00\n\\\"\/\b\f\r\t", "lone": "\\ud83d", "é": "😀"}',
    '"text"',
    "12",
    "-0.5e1",
    "null",
    '{"a": "x", "a": [1], "a": {"b": 2}, "c": 3}',
    "[NaN, Infinity, -Infinity, 1e400]",
]


def same(a: Any, b: Any) -> bool:
    """Equal, with the same types and the same order of names."""
    return repr(a) == repr(b)


def fed(pieces: Any, **options: Any) -> tuple[list[Any], Any]:
    """Each partial as it was when it was taken and as it is now, and the value."""
    stream, partials = JSONStream(**options), []
    for piece in pieces:
        if stream.push(piece):
            partials.append((copy.deepcopy(stream.snapshot()), stream.snapshot()))
    stream.close()
    return partials, stream.snapshot()


def cut(text: Any, places: list[int]) -> list[Any]:
    edges = [0, *sorted(place % (len(text) + 1) for place in places), len(text)]
    return [text[a:b] for a, b in itertools.pairwise(edges)]


def grows(part: Any, whole: Any) -> bool:
    """Whether `whole` is what `part` may grow into, in which every number and literal is final."""
    if isinstance(part, str):
        return isinstance(whole, str) and whole.startswith(part)
    if isinstance(part, list):
        return isinstance(whole, list) and len(part) <= len(whole) and all(map(grows, part, whole))
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(key in whole and grows(part[key], whole[key]) for key in part)
    return same(part, whole)


@settings(max_examples=150, deadline=None)
@given(VALUES, st.booleans(), st.lists(st.integers(0, 10_000), max_size=12), st.booleans(), st.booleans())
def test_g10_any_document_in_any_pieces_is_what_json_loads_gives(
    value: Any, ascii: bool, places: list[int], as_bytes: bool, numbers: bool
) -> None:
    text = json.dumps(value, ensure_ascii=ascii)
    pieces = cut(text.encode() if as_bytes else text, places)
    partials, found = fed(pieces, numbers=numbers)
    assert same(found, json.loads(text))
    for then, now in partials:
        assert same(then, now)


@settings(max_examples=100, deadline=None)
@given(VALUES, st.booleans(), st.lists(st.integers(0, 10_000), max_size=12))
def test_g10_partials_only_grow_and_hold_no_half_of_anything(
    value: Any, ascii: bool, places: list[int]
) -> None:
    text = json.dumps(value, ensure_ascii=ascii)
    partials = [now for _, now in fed(cut(text, places))[0]]
    assert all(itertools.starmap(grows, itertools.pairwise([*partials, json.loads(text)])))
    for partial in partials:
        json.dumps(partial, ensure_ascii=False).encode()  # a lone surrogate can't be encoded


@settings(max_examples=60, deadline=None)
@given(VALUES, st.lists(st.integers(0, 10_000), max_size=12))
def test_g10_a_partial_depends_on_what_arrived_and_not_on_the_pieces(value: Any, places: list[int]) -> None:
    text = json.dumps(value)
    stream, arrived = JSONStream(numbers=True), ""
    for piece in cut(text, places):
        arrived += piece
        stream.push(piece)
        at_once = JSONStream(numbers=True)
        at_once.push(arrived)
        assert same(stream.snapshot(), at_once.snapshot())


@pytest.mark.parametrize("text", CORPUS)
@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize("as_bytes", [False, True])
def test_g10_every_document_of_the_corpus_arrives(text: str, size: int, as_bytes: bool) -> None:
    data: Any = text.encode() if as_bytes else text
    _, value = fed([data[i : i + size] for i in range(0, len(data), size)])
    assert same(value, json.loads(text))


@pytest.mark.parametrize("text", CORPUS)
def test_g10_every_prefix_of_the_corpus_can_be_read(text: str) -> None:
    data = text.encode()
    for end in range(len(data)):
        stream = JSONStream()
        stream.push(data[:end])
        if end:
            stream.close()
        json.dumps(
            None if stream.snapshot() is UNREADABLE else stream.snapshot(), ensure_ascii=False
        ).encode()


def test_g10_no_received_character_of_a_string_is_lost() -> None:
    stream = JSONStream()
    for letter in '{"a": "So, é, \U0001f600':
        stream.push(letter)
    assert stream.snapshot() == {"a": "So, é, \U0001f600"}


@pytest.mark.parametrize(
    ("text", "partial"),
    [
        ('{"a": 12', {}),
        ('{"a": -', {}),
        ('{"a": tru', {}),
        ('{"a": true', {"a": True}),
        ('{"a": 12 ', {"a": 12}),
        ('{"a": "\\ud83d', {"a": ""}),
        ('{"a": "\\ud83d\\ude', {"a": ""}),
        ('{"a": "x\\\\ud83d\\ude', {"a": "x\\ud83d"}),
        ('{"a": "x\\', {"a": "x"}),
        ('{"a": "', {"a": ""}),
        ('{"a', {}),
        ('{"a"', {}),
        ('{"a":', {}),
        ("[1, 2", [1]),
        ("", UNREADABLE),
        ("12", UNREADABLE),
        ("nul", UNREADABLE),
    ],
)
def test_g10_nothing_unfinished_shows_as_final(text: str, partial: Any) -> None:
    for pieces in ([text], text):
        stream = JSONStream()
        for piece in pieces:
            stream.push(piece)
        assert same(stream.snapshot(), partial)


@pytest.mark.parametrize(
    ("text", "partial"),
    [
        ("-", UNREADABLE),
        ("[-1", [-1]),
        ("[-1.", [-1]),
        ("[1.5", [1.5]),
        ("[1.5e", [1.5]),
        ("[1.5e3", [1500.0]),
    ],
)
def test_numbers_show_as_received_when_asked_for(text: str, partial: Any) -> None:
    for pieces in ([text], text):
        stream = JSONStream(numbers=True)
        for piece in pieces:
            stream.push(piece)
        assert same(stream.snapshot(), partial)


def test_strings_show_when_they_are_complete_when_asked_for() -> None:
    partials = [now for _, now in fed('{"a": ["Spain", 12]}', strings=False)[0]]
    assert partials == [{}, {"a": []}, {"a": ["Spain"]}, {"a": ["Spain", 12]}]


# --------------------------------------------------------------------------------------------------- what is wrong


WRONG = [
    ("{'a': 1}", 1),
    ('{"a": 1,}', 8),
    ("[1,]", 3),
    ("[1 2]", 3),
    ('{"a" 1}', 5),
    ("[}", 1),
    ("nope", 0),
    ("01", 0),
    ("[1.]", 1),
    ("[--1]", 1),
    ('["\\q"]', 2),
    ('["\\u12x4"]', 2),
    ('["a\nb"]', 3),
    ("[1]]", 3),
    ("{} {}", 3),
    ("]", 0),
    ("\ufeff[]", 0),
    ("[tru]", 1),
    ("[" + "9" * 5000 + "]", 1),
]


@pytest.mark.parametrize(("text", "offset"), WRONG, ids=[text[:12] for text, _ in WRONG])
@pytest.mark.parametrize("size", [1, 3, 10_000])
def test_g10_wrong_json_raises_where_it_is_wrong_at_the_end(text: str, offset: int, size: int) -> None:
    with pytest.raises(ValueError):
        json.loads(text)
    stream = JSONStream()
    for i in range(0, len(text), size):
        stream.push(text[i : i + size])
    with pytest.raises(InvalidJSONError) as caught:
        stream.close()
    assert caught.value.offset == offset
    assert isinstance(caught.value, OutputParserException)


@pytest.mark.parametrize(("text", "offset"), WRONG, ids=[text[:12] for text, _ in WRONG])
def test_strict_raises_at_once(text: str, offset: int) -> None:
    stream = JSONStream(strict=True)
    with pytest.raises(InvalidJSONError) as caught:
        stream.push(text + " ")
    assert caught.value.offset == offset


def test_strict_refuses_a_document_that_is_cut() -> None:
    with pytest.raises(InvalidJSONError, match="before it is complete"):
        loads('{"a": [1', strict=True)


@pytest.mark.parametrize("size", [1, 4, 100])
def test_an_error_names_line_and_column(size: int) -> None:
    text = '{\n  "a": 1,\n  "b": nope\n}'
    stream = JSONStream()
    for i in range(0, len(text), size):
        stream.push(text[i : i + size])
    with pytest.raises(InvalidJSONError) as caught:
        stream.close()
    with pytest.raises(json.JSONDecodeError) as theirs:
        json.loads(text)
    assert (caught.value.offset, caught.value.line, caught.value.column) == (
        theirs.value.pos,
        theirs.value.lineno,
        theirs.value.colno,
    )
    assert stream.snapshot() == {"a": 1}


def test_bytes_that_are_no_utf8_are_a_typed_error() -> None:
    with pytest.raises(InvalidJSONError, match="UTF-8"):
        loads(b'["\xff"]')
    with pytest.raises(InvalidJSONError, match="UTF-8"):
        loads(b'["\xc3', strict=True)
    assert loads(b'["a\xc3') == ["a"]


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet='{}[],:"\\u0123ea-.tn \n', max_size=12), st.lists(st.integers(0, 100), max_size=4))
def test_what_json_loads_refuses_is_refused_or_cut(text: str, places: list[int]) -> None:
    try:
        expected = json.loads(text)
    except ValueError:
        with pytest.raises(InvalidJSONError):
            stream = JSONStream(strict=True)
            for piece in cut(text, places):
                stream.push(piece)
            stream.close()
    else:
        assert same(fed(cut(text, places))[1], expected)


# ----------------------------------------------------------------------------------------------- what it costs


def words(size: int) -> str:
    return json.dumps(
        {"items": [{"name": f"country {i}", "n": i, "l": ["a", 1.5, None]} for i in range(size)]}
    )


def dropping(size: int) -> Any:
    text = words(size)

    def work() -> None:
        stream = JSONStream()
        for i in range(0, len(text), 8):
            if stream.push(text[i : i + 8]):
                stream.snapshot()

    return work


def test_g05_a_reader_that_drops_its_snapshots_pays_for_what_is_new() -> None:
    assert_linear(dropping, 100)


@pytest.mark.skipif(sys.implementation.name != "cpython", reason="references are not counted")
def test_g05_two_snapshots_take_turns() -> None:
    stream, seen = JSONStream(), set()
    for letter in '["' + "x" * 50:
        if stream.push(letter):
            seen.add(id(stream.snapshot()))
    assert len(seen) <= 3


@pytest.mark.parametrize("held", ["root", "child", "iterator"])
def test_a_snapshot_never_changes_while_anybody_holds_any_of_it(held: str) -> None:
    stream, kept = JSONStream(), []
    for letter in '{"a": [{"b": ["xyz", 1, 2]}, 3], "c": 4}':
        if stream.push(letter):
            snapshot = stream.snapshot()
            part = snapshot if held == "root" else snapshot.get("a", [])
            kept.append((iter(part) if held == "iterator" else part, copy.deepcopy(part)))
    for part, then in kept:
        assert same(list(part), list(then)) if held == "iterator" else same(part, then)


def test_finished_values_are_shared() -> None:
    stream = JSONStream()
    stream.push('[{"a": [1]}, ')
    first = stream.snapshot()
    stream.push("2, ")
    second = stream.snapshot()
    assert first is not second
    assert first[0] is second[0]


@pytest.mark.parametrize(
    "make", [lambda n: '["' + "x" * n + '"]', lambda n: '["' + '\\"' * n + '"]', lambda n: f'["{"é" * n}"]']
)
def test_g05_a_long_string_costs_what_arrives_of_it(make: Any) -> None:
    def work(size: int) -> Any:
        text = make(size)

        def feed() -> None:
            stream = JSONStream()
            for i in range(0, len(text), 8):
                if stream.push(text[i : i + 8]):
                    stream.snapshot()

        return feed

    assert_linear(work, 8_000)


HOSTILE = {
    "lists": lambda n: "[" * n,
    "objects": lambda n: '{"a":' * n,
    "backslashes": lambda n: '"' + "\\" * n,
    "digits": lambda n: "[" + "1" * n,
    "fraction": lambda n: "[0." + "1" * n,
    "spaces": lambda n: "[" + " " * n,
    "key": lambda n: '{"' + "k" * n,
    "half documents": lambda n: '[{"a":[' * (n // 7),
    "lists in lists": lambda n: "[[1,2,3,4,5,6,7,8,9,10,11,12]," * (n // 30),
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("pieces", ["one", "many"])
def test_g05_hostile_text_is_read_in_linear_time(name: str, pieces: str) -> None:
    def work(size: int) -> Any:
        text = HOSTILE[name](size)
        step = len(text) if pieces == "one" else 4

        def feed() -> None:
            stream = JSONStream()
            for i in range(0, len(text), step):
                stream.push(text[i : i + step])

        return feed

    assert_linear(work, 6_000)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 50_000, "[" * 100_000 + "]" * 100_000])
def test_nesting_is_bounded(text: str) -> None:
    with pytest.raises(InvalidJSONError, match="nested deeper than 1000 levels") as caught:
        loads(text)
    assert text[caught.value.offset] in "[{"


@pytest.mark.parametrize("depth", [1, 3, 60])
def test_the_bound_of_nesting_is_exact_by_any_route(depth: int) -> None:
    fits, deeper = "[" * depth + "]" * depth, "[" * (depth + 1) + "]" * (depth + 1)
    for pad in ("", "[],"):  # with the container's own depth behind what the C scanner reads
        text = fits.replace("[", "[" + pad * (depth > 1), 1)
        assert loads(text, max_depth=depth) == json.loads(text)
    for pieces in ([deeper], deeper):
        stream = JSONStream(max_depth=depth, strict=True)
        with pytest.raises(InvalidJSONError, match="nested deeper"):
            for piece in pieces:
                stream.push(piece)


def test_a_long_number_is_a_typed_error() -> None:
    with pytest.raises(InvalidJSONError, match="5000 digits is too long"):
        loads("1" * 5000)
    assert math.isclose(loads("0." + "1" * 5000), 1 / 9)


def test_a_deep_document_leaves_nothing_to_a_recursion() -> None:
    text = "[" * 999 + "1" + "]" * 999
    stream = JSONStream()
    for i in range(0, len(text), 100):
        stream.push(text[i : i + 100])
        stream.snapshot()
    depth, inner = 0, stream.snapshot()
    while type(inner) is list:
        depth, inner = depth + 1, inner[0]
    assert (depth, inner) == (999, 1)


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | TEXTS,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
        max_leaves=12,
    ),
    st.integers(0, 200),
)
def test_g10_partials_without_numbers_are_those_of_jiter(value: Any, end: int) -> None:
    jiter = pytest.importorskip("jiter")
    text = json.dumps([value])[: end + 1]
    stream = JSONStream()
    stream.push(text)
    assert same(stream.snapshot(), jiter.from_json(text.encode(), partial_mode="trailing-strings"))
