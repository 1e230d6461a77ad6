"""Templates put named values between literals, and refuse everything a template could be abused for."""

import copy
import pickle
import string
import time
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverrun._pure.exceptions import MissingVariableError, TemplateError
from riverrun._pure.template import MAX_WIDTH, Template


def written(template: str, **values: object) -> str:
    return Template(template).format(values)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("", ""),
        ("plain", "plain"),
        ("{a}", "x"),
        ("Tell {a} and {b_c}, {a}.", "Tell x and 3.14159, x."),
        ("{é} {变量} {class}", "1 2 3"),
        ("{{a}} {{{a}}}", "{a} {x}"),
        ("{a!r} {a!s} {a!a}", "'x' x 'x'"),
        ("{a:>4}|{a:*^5}|{b_c:.2f}|{a!r:>5}|{a:}", "   x|**x**|3.14|  'x'|x"),
        ("{day:%Y-%m-%d}", "2024-02-29"),
        ("{none}", "None"),
    ],
)
def test_template_writes_what_str_format_writes(template: str, text: str) -> None:
    values = {"a": "x", "b_c": 3.14159, "é": 1, "变量": 2, "class": 3, "day": date(2024, 2, 29), "none": None}
    assert Template(template).format(values) == text == template.format(**values)


def test_template_names_its_fields_once_in_order() -> None:
    assert Template("{b:>3}{a}{b}{c!r}{a}{{d}}").fields == ("b", "a", "c")


def test_template_never_parses_a_value_again() -> None:
    assert written("{a}{b}", a="{b} {a.x} {{ {", b="{a}") == "{b} {a.x} {{ {{a}"


def test_template_ignores_other_values() -> None:
    assert written("{a}", a=1, b=2) == "1"


@pytest.mark.parametrize(
    ("template", "complaint"),
    [
        ("{}", "'{}' at offset 0 is positional"),
        ("ab {0}", "offset 3 is positional"),
        ("{!r}", "positional"),
        ("{a.b}", "'{a.b}' at offset 0 reaches into its value"),
        ("{a.__class__.__init__.__globals__}", "reaches into its value"),
        ("{a[0]}", "reaches into its value"),
        ("{a[k].b}", "reaches into its value"),
        ("{0.x}", "reaches into its value"),
        ("{a-b}", "no plain identifier"),
        ("{ a }", "no plain identifier"),
        ('{"name": 1}', "no plain identifier .for a literal brace"),
        ("{a:{b}}", "offset 0 opens a field and another '{' stands in it at offset 3"),
        ("{a:{{}}}", "another '{'"),
        ("{a!x}", "conversion"),
        ("{a!}", "conversion"),
        ("{a!rr}", "conversion"),
        ("{a!r!s}", "conversion"),
        ("hi {", "'{' at offset 3 is never closed"),
        ("hi {a", "'{' at offset 3 is never closed"),
        ("hi }", "'}' at offset 3 closes nothing"),
        ("{{a}", "'}' at offset 3"),
        ("{a}}", "'}' at offset 3"),
        ("{a:>1000000000}", "width or precision above 1,000"),
        ("{a:.1000000000f}", "width or precision above"),
        ("{a:0>1001}", "width or precision above"),
        ("{a:1>٩٩٩٩}", "width or precision above"),
        ("{a:%1000000000Y}", "width or precision above"),
        ("{a:" + "1" * 100_000 + "}", "width or precision above"),
    ],
)
def test_template_refuses_when_made(template: str, complaint: str) -> None:
    with pytest.raises(TemplateError, match=complaint):
        Template(template)


def test_template_allows_widths_up_to_the_cap() -> None:
    assert len(written(f"{{a:>{MAX_WIDTH}}}", a="x")) == MAX_WIDTH


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda t: pickle.loads(pickle.dumps(t))])
def test_template_copies_are_parsed_anew(copied: Callable[[Template], Template]) -> None:
    template = Template("{a} {b!r}")
    twin = copied(template)
    assert twin == template and hash(twin) == hash(template) and twin.fields == ("a", "b")
    forged = Template("")
    forged.source = "{a.b}"
    with pytest.raises(TemplateError):
        copied(forged)


def test_missing_variables_names_what_is_missing_what_is_expected_and_what_was_given() -> None:
    with pytest.raises(MissingVariableError) as caught:
        written("{a} {b:>3} {c}", b=1, z=2)
    assert isinstance(caught.value, KeyError)
    assert str(caught.value) == (
        "the template is missing variables ['a', 'c']: it expects ['a', 'b', 'c'] and was given ['b', 'z']. "
        "If {a} is meant as text and not as a variable, double its braces: {{a}}."
    )


def test_template_passes_on_what_a_value_raises() -> None:
    class Broken:
        def __format__(self, spec: str) -> str:
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine") as caught:
        written("{a}", a=Broken())
    assert not isinstance(caught.value, MissingVariableError)


def test_template_notes_the_field_whose_spec_does_not_fit() -> None:
    with pytest.raises(ValueError, match="Unknown format code") as caught:
        written("{a:.2f}", a="x")
    assert caught.value.__notes__ == ["in the field 'a' of the template, with the format spec '.2f'"]


def test_template_shows_a_hostile_field_short_and_on_one_line() -> None:
    with pytest.raises(TemplateError) as caught:
        Template("{\n" + "x" * 10_000 + "}")
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 200


@pytest.mark.parametrize("piece", ["{{", "{", "}", "{a}", "{a", "{}", "{{}", "{a!", "{a:", "}{", "{a:>9}"])
def test_template_is_parsed_in_linear_time(piece: str) -> None:
    def parsed_in(times: int) -> float:
        best = 1.0
        for _ in range(3):
            begin = time.perf_counter()
            try:
                Template(piece * times)
            except TemplateError:
                pass
            best = min(best, time.perf_counter() - begin)
        return best

    assert parsed_in(20_000) < 10 * parsed_in(5_000) + 0.01  # quadratic would be 16 times, and seconds


@given(st.lists(st.sampled_from([*"{}.:[]!>09ar \n", "{{", "}}", "{a}", "{b!r}"])).map("".join))
def test_template_agrees_with_the_formatter_of_python_or_refuses(source: str) -> None:
    values = {"a": "A", "b": "{B}"}
    try:
        template = Template(source)
        text = template.format(values)
    except (ValueError, KeyError):
        return
    assert text == source.format(**values)
    parsed = {name for _, name, _, _ in string.Formatter().parse(source) if name is not None}
    assert set(template.fields) == parsed


@given(st.text(alphabet="x{}"), st.text(alphabet="a{}"))
def test_template_of_escaped_text_is_that_text(text: str, value: str) -> None:
    escaped = text.replace("{", "{{").replace("}", "}}")
    assert written(escaped + "{a}" + escaped, a=value) == text + value + text
