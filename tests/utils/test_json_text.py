"""JSON as models write it: cut anywhere, wrapped in Markdown, or broken."""

import json
from json import JSONDecodeError
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from growth import assert_linear
from riverrun.exceptions import OutputParserException
from riverrun.utils.json import parse_and_check_json_markdown, parse_json_markdown, parse_partial_json

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9999, 9999)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=6),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=4), inside, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1, "b": [1, 2', {"a": 1, "b": [1]}),
        ('{"a": "x', {"a": "x"}),
        ('{"a": "x\ny"}', {"a": "x\ny"}),
        ('{"a": tru', {}),
        ('{"a": 12,', {"a": 12}),
        ('{"a', {}),
        ('{"a":', {}),
        ('{"a": 1} and so on', {"a": 1}),
        ('"abc', "abc"),
        ("12", 12),
        ("[1.5, 2.", [1.5]),
        ("[1e", []),
        ('{"a":"\\', {"a": ""}),
        ('{"a":"\\u00', {"a": ""}),
    ],
)
def test_g10_a_beginning_is_read_as_far_as_it_is_certain(text: str, value: Any) -> None:
    assert parse_partial_json(text) == value


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("", 0),
        ("nope", 0),
        ("n", 0),
        ('{"a": nope', 6),
        ('{"a": 1]', 7),
        ('{"a": 1 2}', 8),
        ("[1,,", 3),
        ('{"a": "say "hi" there"}', 12),
        ('{"a":"\\q b"', 6),
        ('["x".', 4),
        ("[1.x", 2),
    ],
)
def test_g10_what_is_wrong_is_an_error_with_its_offset(text: str, offset: int) -> None:
    with pytest.raises(JSONDecodeError) as caught:
        parse_partial_json(text)
    assert caught.value.pos == offset


@given(values, st.booleans())
def test_g10_a_document_may_be_cut_anywhere(value: Any, is_ascii: bool) -> None:
    text = json.dumps({"k": value}, ensure_ascii=is_ascii)
    assert parse_partial_json(text) == {"k": value}
    for end in range(1, len(text)):
        assert isinstance(parse_partial_json(text[:end]), dict)


def test_strict_reading_knows_no_line_breaks_in_strings() -> None:
    with pytest.raises(JSONDecodeError):
        parse_partial_json('{"a": "x\ny"}', strict=True)


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, '{"a":' * 50_000, "1" * 5_000, "[" + "1" * 5_000, "\\" * 1_000_000, "```" * 100_000],
)
def test_hostile_text_is_a_typed_error(text: str) -> None:
    for read in (parse_partial_json, parse_json_markdown):
        with pytest.raises(JSONDecodeError):
            read(text)
    with pytest.raises(OutputParserException):
        parse_and_check_json_markdown(text, [])


@pytest.mark.parametrize("piece", ["[1, ", '"\\\\', "``` ", '{"a": "b', "\\u00"])
def test_g05_reading_json_is_linear(piece: str) -> None:
    def read(text: str) -> None:
        try:
            parse_json_markdown(text)
        except JSONDecodeError:
            pass

    assert_linear(lambda size: (lambda text: lambda: read(text))(piece * size), 100)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1}',
        '```json\n{"a": 1}\n```',
        '```\n{"a": 1}\n```',
        'Here:\n```json\n{"a": 1}\n```\nThere.',
        'Here: ```json {"a": 1}```',
        '```JSON\n{"a": 1}\n```',
        '{"a": 1}\n```',
        '```json\n{"a": 1, ',
        '```python\nx\n```\nthen\n```json\n{"a": 1}\n```',
    ],
)
def test_json_is_found_in_its_block(text: str) -> None:
    assert parse_json_markdown(text) == {"a": 1}


def test_a_block_may_stand_in_a_string() -> None:
    assert parse_json_markdown('```json\n{"a": "```py\\nx```"}\n```') == {"a": "```py\nx```"}


def test_another_parser_may_read_the_block() -> None:
    assert parse_json_markdown('```json\n{"a": 1}\n```', parser=json.loads) == {"a": 1}
    assert parse_json_markdown("anything", parser=str.upper) == "ANYTHING"
    with pytest.raises(JSONDecodeError):
        parse_json_markdown('```json\n{"a": 1\n```', parser=json.loads)


def test_keys_that_are_expected_must_be_there() -> None:
    assert parse_and_check_json_markdown('```json\n{"a": 1}```', ["a"]) == {"a": 1}
    for text, problem in (
        ('{"a": 1}', r"lacks the key 'b'; it has \['a'\]"),
        ("nope", "no JSON"),
        ("[1]", "not a list"),
    ):
        with pytest.raises(OutputParserException, match=problem) as caught:
            parse_and_check_json_markdown(text, ["b"])
        assert caught.value.llm_output == text
