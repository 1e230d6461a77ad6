"""The JSON in what a model says, whole or while it says it."""

import asyncio
import copy
import json
import pickle
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field, ValidationError

from growth import assert_linear
from riverrun.exceptions import (
    InputError,
    InvalidJSONError,
    ModelRefusalError,
    OutputParserException,
    PathError,
)
from riverrun.messages import AIMessage, AIMessageChunk
from riverrun.output_parsers import JsonOutputParser, SimpleJsonOutputParser
from riverrun.outputs import ChatGeneration, Generation

COUNTRIES = {
    "countries": [
        {"name": "France", "population": 65273511},
        {"name": "Spain", "population": 46754778},
        {"name": "Japan", "population": 126476461},
    ]
}
ANSWER = (
    "Here is the JSON representation of the countries:\n\n```json\n"
    + json.dumps(COUNTRIES, indent=2)
    + "\n```\n\nPlease note that the figures are estimates [1] and {may} vary."
)
TOKENS = [
    "Here", " is", " the", " list", ":\n\n", "```", "json", "\n", "{\n", " ", ' "', "countries", '":', " [\n", "   ", " {\n",
    "     ", ' "', "name", '":', ' "', "France", '",\n', "     ", ' "', "population", '":', " ", "652", "735", "11", "\n", "   ",
    " },\n", "   ", " {\n", "     ", ' "', "name", '":', ' "', "Sp", "ain", '"\n', "   ", " }\n", " ", " ]\n", "}\n", "```", "\n\nNote",
]  # fmt: skip


def pieces(text: str, size: int) -> list[str]:
    return [text[i : i + size] for i in range(0, len(text), size)]


def streamed(parser: Any, chunks: Any) -> list[Any]:
    return list(parser.transform(iter(chunks)))


def test_streams_the_partials_that_the_how_to_shows() -> None:
    assert streamed(JsonOutputParser(), TOKENS) == [
        {},
        {"countries": []},
        {"countries": [{}]},
        {"countries": [{"name": ""}]},
        {"countries": [{"name": "France"}]},
        {"countries": [{"name": "France", "population": 652}]},
        {"countries": [{"name": "France", "population": 652735}]},
        {"countries": [{"name": "France", "population": 65273511}]},
        {"countries": [{"name": "France", "population": 65273511}, {}]},
        {"countries": [{"name": "France", "population": 65273511}, {"name": ""}]},
        {"countries": [{"name": "France", "population": 65273511}, {"name": "Sp"}]},
        {"countries": [{"name": "France", "population": 65273511}, {"name": "Spain"}]},
    ]


def test_emits_only_values_that_are_complete_when_asked() -> None:
    assert streamed(JsonOutputParser(emit="values"), TOKENS) == [
        {},
        {"countries": []},
        {"countries": [{}]},
        {"countries": [{"name": "France"}]},
        {"countries": [{"name": "France", "population": 65273511}]},
        {"countries": [{"name": "France", "population": 65273511}, {}]},
        {"countries": [{"name": "France", "population": 65273511}, {"name": "Spain"}]},
    ]


def test_emits_the_items_that_have_become_complete_when_asked() -> None:
    parser = JsonOutputParser(emit="items")
    text = 'So: [{"a": 1}, "two", [3]] and so on'
    assert streamed(parser, pieces(text, 5)) == [[{"a": 1}], ["two"], [[3]]]
    assert parser.invoke(text) == [{"a": 1}, "two", [3]]
    assert streamed(parser, "[]") == [[]]
    assert parser.invoke('{"a": 1}') == [{"a": 1}] == streamed(parser, '{"a": 1}')[0]


def test_streams_patches_with_diff() -> None:
    chunks = ['{"a"', ': "x', 'y", "b": [1', "2]", "}"]
    assert streamed(JsonOutputParser(diff=True), chunks) == [
        [{"op": "replace", "path": "", "value": {}}],
        [{"op": "add", "path": "/a", "value": "x"}],
        [{"op": "replace", "path": "/a", "value": "xy"}, {"op": "add", "path": "/b", "value": [1]}],
        [{"op": "replace", "path": "/b/0", "value": 12}],
    ]
    assert JsonOutputParser(diff=True).invoke("".join(chunks)) == {"a": "xy", "b": [12]}
    with pytest.raises(ValidationError, match="give one of them"):
        JsonOutputParser(diff=True, emit="items")


FOUND = [
    ('{"a": 1}', {"a": 1}),
    ("  [1, 2]\n", [1, 2]),
    ("12", 12),
    (" -1.5e3 ", -1500.0),
    ("true", True),
    ("null", None),
    ('"abc"', "abc"),
    ('Sure! {"a": 1} Bye', {"a": 1}),
    ("Sure: [1, 2, 3].", [1, 2, 3]),
    ('See [1] and {this}: {"a": 1}', {"a": 1}),
    ("```json\n[1]\n```", [1]),
    ("```\n[1]\n```", [1]),
    ("```JSON\n{}```", {}),
    ("```python\n[1, 2]\n```", [1, 2]),
    ('```json {"a": 1}```', {"a": 1}),
    ('Run:\n```python\nx = {"no": 1}\n```\nand get\n```json\n{"a": 1}\n```', {"a": 1}),
    ("```json\ntrue\n```", True),
    ("The answer is\n```\n42\n```\n", 42),
    ("42\n\nI counted them.", 42),
    ("true story: [1, 2]", [1, 2]),
    ("12 countries: [1, 2]", [1, 2]),
    ("The items: []", []),
    ("Only [1].", [1]),
    ('{"a": "```", "b": "{[\\""} x', {"a": "```", "b": '{["'}),
    ('{"a": "line\nbreak"}', {"a": "line\nbreak"}),
    ('{"a": 1}{"b": 2}', {"a": 1}),
    ('{"a": [1, 2', {"a": [1, 2]}),
    ('{"a": nul', {}),
    ("x ```json\n[1]``` y ```json\n[2]```", [1]),
    ("Call f(`x`) then `` and ``` \n [3, 4]", [3, 4]),
    ("[[1]]", [[1]]),
]


@pytest.mark.parametrize(("text", "value"), FOUND, ids=[text[:20] for text, _ in FOUND])
@pytest.mark.parametrize("size", [1, 2, 3, 5, 1000])
def test_finds_the_json_in_what_a_model_says(text: str, value: Any, size: int) -> None:
    assert repr(JsonOutputParser().invoke(text)) == repr(value)
    assert repr(streamed(JsonOutputParser(), pieces(text, size))[-1]) == repr(value)


@pytest.mark.parametrize(
    "text", ["", "no json", "I [can't] say {that}", "```\nnothing\n```", "```python\nf(x)\n```", "{x", "```"]
)
@pytest.mark.parametrize("size", [1, 1000])
def test_text_without_json_raises_the_same_in_stream_and_invoke(text: str, size: int) -> None:
    parser = JsonOutputParser()

    async def ainvoke() -> Any:
        return await parser.ainvoke(text)

    def each() -> Iterator[Any]:
        yield lambda: parser.invoke(text)
        yield lambda: parser.parse(text)
        yield lambda: asyncio.run(ainvoke())
        yield lambda: streamed(parser, pieces(text, size) or [""])

    said = set()
    for run in each():
        with pytest.raises(OutputParserException) as caught:
            run()
        said.add((type(caught.value), str(caught.value), caught.value.llm_output))
    assert len(said) == 1
    assert said.pop()[2] == text


def test_wrong_json_raises_at_the_end_and_says_where() -> None:
    seen: list[Any] = []
    text = 'So:\n{"a": 1,\n"b": nope}'
    with pytest.raises(InvalidJSONError) as caught:
        for partial in JsonOutputParser().transform(iter(text)):
            seen.append(copy.deepcopy(partial))
    assert seen == [{}, {"a": 1}]
    error = caught.value
    assert (error.line, error.column, error.offset, error.llm_output) == (3, 6, text.index("nope"), text)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    with pytest.raises(InvalidJSONError):
        JsonOutputParser().invoke(text)


def test_partial_results_are_never_wrong() -> None:
    parser = JsonOutputParser()
    found = [
        parser.parse_result([Generation(text=text)], partial=True)
        for text in ("x", "", '{"a": "b', '{"a": nope')
    ]
    assert found == [None, None, {"a": "b"}, {}]


def test_takes_messages_and_refuses_other_things() -> None:
    parser = JsonOutputParser()
    chunks = [AIMessageChunk(piece) for piece in pieces(ANSWER, 4)]
    assert streamed(parser, chunks)[-1] == COUNTRIES == parser.invoke(AIMessage(ANSWER))
    assert list(parser.stream(AIMessage(ANSWER))) == [COUNTRIES]
    assert parser.invoke(AIMessage([{"type": "text", "text": "[1]"}])) == [1]
    wrong: Any
    for wrong in (3, None, ["[1]"]):
        with pytest.raises(InputError, match="JsonOutputParser takes a message or a string"):
            parser.invoke(wrong)


def test_a_model_that_declines_is_no_wrong_json() -> None:
    block = {"type": "refusal", "refusal": "I can't"}
    for message in (
        AIMessage([block]),
        AIMessage([block, {"type": "text", "text": "{}"}]),
        AIMessage("", additional_kwargs={"refusal": "I can't"}),
    ):
        for run in (
            JsonOutputParser().invoke,
            lambda x: list(JsonOutputParser().stream(x)),
            lambda x: JsonOutputParser().parse_result([ChatGeneration(message=x)]),
        ):
            with pytest.raises(ModelRefusalError, match="I can't"):
                run(message)
    kept = AIMessage('{"a": 1}', additional_kwargs={"refusal": "I can't"})
    assert JsonOutputParser().invoke(kept) == {"a": 1}


def test_an_author_may_override_parse_result() -> None:
    class Names(JsonOutputParser):
        def parse_result(self, result: Any, *, partial: bool = False) -> Any:
            return sorted(super().parse_result(result, partial=partial) or ())

    assert Names().invoke('{"b": 1, "a": 2}') == ["a", "b"]
    assert streamed(Names(), ['{"b": 1, ', '"a": 2}']) == [["b"], ["a", "b"]]


def test_format_instructions_show_the_schema() -> None:
    class Country(BaseModel):
        """A country."""

        name: str = Field(description="The näme")

    text = JsonOutputParser(pydantic_object=Country).get_format_instructions()
    shown = json.loads(text.rstrip("`\n").rpartition("```\n")[2])
    assert shown == {
        "description": "A country.",
        "properties": {"name": {"description": "The näme", "title": "Name", "type": "string"}},
        "required": ["name"],
    }
    assert "näme" in text
    assert JsonOutputParser().get_format_instructions() == "Return a JSON object."


def test_g22_a_long_answer_is_read_in_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[int] = []
    read = JsonOutputParser._read

    def seen(self: Any, x: Any) -> Any:
        threads.append(threading.get_ident())
        return read(self, x)

    monkeypatch.setattr(JsonOutputParser, "_read", seen)
    long = json.dumps(["x" * 200_000])
    for text in (long, "[1]"):
        assert asyncio.run(JsonOutputParser().ainvoke(text)) == json.loads(text)
    assert JsonOutputParser().invoke(long) == json.loads(long)
    assert [thread == threading.get_ident() for thread in threads] == [False, True, True]


def test_is_known_by_its_older_name_too() -> None:
    assert SimpleJsonOutputParser is JsonOutputParser
    assert JsonOutputParser()._type == "simple_json_output_parser"
    assert repr(JsonOutputParser(diff=True)) == "JsonOutputParser(diff=True)"


# ------------------------------------------------------------------------------------------------------------ paths


def test_paths_stream_what_has_become_complete() -> None:
    names = JsonOutputParser().paths("countries[*].name")
    assert streamed(names, TOKENS) == [["France"], ["Spain"]]
    assert names.invoke(ANSWER) == ["France", "Spain", "Japan"]
    pairs = JsonOutputParser().paths("$.countries[*].population", with_path=True)
    assert streamed(pairs, TOKENS) == [[(("countries", 0, "population"), 65273511)]]
    assert (
        streamed(JsonOutputParser().paths("towns"), TOKENS)
        == [[]]
        == [JsonOutputParser().paths("towns").invoke(ANSWER)]
    )


def test_paths_stream_the_characters_of_a_text() -> None:
    answer = JsonOutputParser().paths("answer", as_text=True)
    text = '{"sources": ["no"], "answer": "It is\\nso \\ud83d\\ude00", "more": "no"}'
    found = streamed(answer, pieces(text, 4))
    assert "".join(found) == "It is\nso \U0001f600" == answer.invoke(text)
    assert len(found) > 3
    assert streamed(answer, "{}") == [""] == [answer.invoke("{}")]


def test_g01_paths_close_upstream_when_all_is_complete_if_told_to() -> None:
    made: list[str] = []

    def source() -> Iterator[str]:
        try:
            for letter in '{"a": {"b": 1}, "c": 2}':
                made.append(letter)
                yield letter
        finally:
            made.append("closed")

    assert list(JsonOutputParser().paths("a.b", early_stop=True).transform(source())) == [[1]]
    assert made == [*'{"a": {"b": 1}', "closed"]
    assert JsonOutputParser().paths("a.b", early_stop=True).invoke('{"a": {"b": 1}, nope') == [1]


def test_paths_that_cant_be_followed_are_refused_at_once() -> None:
    with pytest.raises((PathError, ValidationError), match="is no path that can be followed"):
        JsonOutputParser().paths("a[-1]")


# ------------------------------------------------------------------------------------------------------------- cost


@pytest.mark.parametrize(
    "parser",
    [
        JsonOutputParser(),
        JsonOutputParser(diff=True),
        JsonOutputParser(emit="values"),
        JsonOutputParser(emit="items"),
        JsonOutputParser().paths("items[*].name"),
        JsonOutputParser().paths("..name", as_text=True),
    ],
    ids=repr,
)
def test_g05_an_answer_costs_what_is_new_in_each_piece(parser: Any) -> None:
    def work(size: int) -> Any:
        text = json.dumps({"items": [{"name": f"country {i}", "population": i} for i in range(size)]})

        def read() -> None:
            for _ in parser.transform(iter(pieces(text, 8))):
                pass

        return read

    assert_linear(work, 60)


def test_g05_snapshots_of_a_stream_take_turns() -> None:
    seen = {id(x) for x in JsonOutputParser().transform(iter('["' + "x" * 100))}
    assert len(seen) <= 3


@pytest.mark.parametrize(
    "text",
    [
        "```" * 6_000,
        "`" * 20_000,
        "{ " * 9_000,
        "[ " * 9_000,
        "So {" + " " * 18_000,
        "1" * 18_000,
        "[1] " * 5_000,
        "```json\n" * 2_500,
    ],
)
def test_g05_hostile_prose_is_read_in_linear_time(text: str) -> None:
    def work(size: int) -> Any:
        part = text[: size * len(text) // 4]

        def read() -> None:
            with_error = pytest.raises(OutputParserException)
            if part.startswith("[1]"):
                JsonOutputParser().invoke(part)
            else:
                with with_error:
                    list(JsonOutputParser().transform(iter(pieces(part, 3))))

        return read

    assert_linear(work, 1)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"a":' * 50_000,
        '"' + "\\" * 1_000_001 + "x",
        "[" + "9" * 5_000 + "]",
        "```" * 100_000,
        "9" * 5_000,
    ],
    ids=["lists", "objects", "backslashes", "digits", "fences", "number"],
)
def test_hostile_answers_are_a_typed_error(text: str) -> None:
    with pytest.raises(OutputParserException):
        JsonOutputParser().invoke(text)


def outcome(run: Any) -> Any:
    try:
        return repr(run())
    except OutputParserException as error:
        return str(error)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "{",
                "}",
                "[",
                "]",
                '"',
                "`",
                "```",
                "json",
                "py",
                ":",
                "1",
                ",",
                "a",
                " ",
                "\n",
                "true",
                "-",
                '{"a": 1}',
                "\\",
            ]
        ),
        max_size=14,
    ).map("".join),
    st.integers(1, 5),
)
def test_g10_where_the_json_begins_depends_on_no_pieces(text: str, size: int) -> None:
    parser = JsonOutputParser()
    whole = outcome(lambda: parser.invoke(text))
    assert outcome(lambda: streamed(parser, pieces(text, size) or [""])[-1]) == whole
