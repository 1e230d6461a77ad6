"""The template formats and the functions about them, and what mustache and jinja2 templates may do."""

import asyncio
import sys
import warnings
from typing import Any

import pytest

from riverrun.exceptions import InputError, MissingExtraError, MissingVariableError, TemplateError
from riverrun.messages import AIMessage, HumanMessage, SystemMessage
from riverrun.prompts import (
    ChatPromptTemplate,
    PromptTemplate,
    check_valid_template,
    jinja2_formatter,
    validate_jinja2,
)
from riverrun.prompts import _jinja2 as jinja
from riverrun.prompts.image import ImagePromptTemplate
from riverrun.prompts.string import mustache_formatter, mustache_template_vars, validate_f_string_template
from riverrun.utils.formatting import StrictFormatter, formatter
from riverrun.utils.mustache import ChevronError, render


def test_a_jinja2_template_loops_over_dicts_and_lists() -> None:
    template = "{% for k, v in a|items %}{{ k }}={{ v.x[0] }}{{ loop.last }} {% endfor %}{% set b = 2 %}{{ b * 3 }}{{ c.d }}"
    prompt = PromptTemplate.from_template(template, template_format="jinja2")
    assert prompt.input_variables == ["a", "c"]
    assert prompt.invoke({"a": {"k": {"x": ["v"]}}, "c": {}}).to_string() == "k=vTrue 6"
    macro = (
        "{% macro m(x) %}<{{ x }}>{% endmacro %}{{ m(a) }}{{ a|center(5) }}|{{ a|indent(2) }}|{{ '-' * 3 }}"
    )
    assert jinja2_formatter(macro, a="x") == "<x>  x  |x|---"


def test_a_jinja2_template_says_what_it_reached_for() -> None:
    with pytest.raises(
        TemplateError, match="'upper' of str is an attribute; give the value itself, or use a filter"
    ):
        jinja2_formatter("{{ a.upper() }}", a="x")
    with pytest.raises(TemplateError, match=r"'items' of dict is an attribute; .* use a filter \(\|items\)"):
        jinja2_formatter("{% for k, v in a.items() %}{{ k }}{% endfor %}", a={})
    assert jinja2_formatter("{{ a.items }}{{ a.missing }}", a={"items": 1}) == "1"
    with pytest.raises(TemplateError, match="refused in line 2: expected token"):
        jinja2_formatter("\n{{ a b }}")


def test_validate_jinja2_warns_of_missing_and_extra_variables() -> None:
    with pytest.warns(UserWarning, match=r"doesn't use variables: \['b'\]"):
        validate_jinja2("{{ a }}", ["a", "b"])
    with pytest.warns(UserWarning, match=r"lacks variables: \['a'\]"):
        validate_jinja2("{{ a }}", [])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        validate_jinja2("{{ a }}", ["a"])


def test_without_jinja2_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    jinja._environment.cache_clear()
    for make in (
        lambda: PromptTemplate.from_template("x", template_format="jinja2"),
        lambda: jinja2_formatter("x"),
        lambda: validate_jinja2("x", []),
    ):
        with pytest.raises(MissingExtraError, match=r"pip install 'riverrun\[jinja2\]'"):
            make()


def test_without_yaml_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'riverrun\[yaml\]'"):
        PromptTemplate.from_template("x").save(tmp_path / "x.yaml")


def test_mustache_functions_format_and_name_variables() -> None:
    assert mustache_formatter("{{a}}{{{a}}}", a="<") == "&lt;<"
    assert mustache_template_vars("{{a.b}}{{#c}}{{d}}{{/c}}") == {"a", "c"}
    assert render("<%a%>{{>p}}", {"a": 1}, {"p": "x"}, def_ldel="<%", def_rdel="%>") == "1{{>p}}"
    assert render("{{a}}{{>p}}", {"a": 1}, {"p": "({{a}})"}) == "1(1)"
    with pytest.raises(ChevronError, match="never closed"):
        render("{{a")


def test_a_mustache_prompt_takes_what_is_missing_for_empty_but_its_step_wants_it() -> None:
    prompt = ChatPromptTemplate([("human", "{{a}}|{{#b}}{{c}}{{/b}}")], template_format="mustache")
    assert prompt.input_variables == ["a", "b"]
    assert prompt.format_messages() == asyncio.run(prompt.aformat_messages()) == [HumanMessage("|")]
    with pytest.raises(MissingVariableError, match=r"\['a', 'b'\]"):
        prompt.invoke({})
    assert prompt.invoke({"a": 1, "b": [{"c": 2}, {"c": 3}]}).to_messages() == [HumanMessage("1|23")]


def test_checks_find_missing_and_extra_variables() -> None:
    check_valid_template("{a}", "f-string", ["a", "b"])
    with pytest.raises(TemplateError, match=r"variables \['a', 'b'\], but \['a'\] were declared"):
        check_valid_template("{a}{b}", "f-string", ["a"])
    with pytest.raises(TemplateError, match="can't be checked"):
        check_valid_template("{{a}}", "mustache", ["a"])
    assert validate_f_string_template("{b}{a}{b}") == ["a", "b"]
    PromptTemplate(template="{a}", input_variables=["a"], validate_template=True)
    PromptTemplate.from_template("{a}", validate_template=True)
    with pytest.raises(TemplateError, match=r"\['b'\] were declared and aren't in it"):
        PromptTemplate(template="{a}", input_variables=["a", "b"], validate_template=True)


def test_a_sum_of_prompts_keeps_one_value_for_a_variable() -> None:
    one, other = (PromptTemplate.from_template("{a}").partial(a=value) for value in "xy")
    with pytest.raises(TemplateError, match=r"\['a'\] are partial in both"):
        one + other
    with pytest.raises(TemplateError, match="can't be joined"):
        one + PromptTemplate.from_template("x", template_format="mustache")
    assert (one + "{a}").format() == "xx"


def test_messages_and_prompts_add_up_from_the_left() -> None:
    prompt = SystemMessage("{s}") + "{a}" + AIMessage("b") + [("ai", "{c}")] + ChatPromptTemplate(["{d}"])
    assert [m.content for m in prompt.format_messages(a=1, c=2, d=3)] == ["{s}", "1", "b", "2", "3"]
    assert [m.type for m in prompt.format_messages(a=1, c=2, d=3)] == ["system", "human", "ai", "ai", "human"]
    with pytest.raises(TypeError):
        HumanMessage("a") + 3


def test_images_are_given_by_url_only() -> None:
    prompt = ImagePromptTemplate(template={"detail": "{d}"})
    assert prompt.format(d="low", url="u") == asyncio.run(prompt.aformat(d="low", url="u"))
    assert prompt.format(d="low", url="u") == {"url": "u", "detail": "low"}
    with pytest.raises(InputError, match="has no 'url'"):
        prompt.format(d="low")
    with pytest.raises(InputError, match="a 'path' is refused"):
        prompt.format(d="low", url="u", path="/etc/passwd")
    block = {"type": "image_url", "image_url": {"url": "{u}"}}
    chat = ChatPromptTemplate([("human", [block, "{detail}"])])
    (message,) = chat.format_messages(u="x", detail="high", url="other")
    assert message.content == [
        {"type": "image_url", "image_url": {"url": "x"}},
        {"type": "text", "text": "high"},
    ]


def test_the_strict_formatter_takes_names_only() -> None:
    assert formatter.format("{a}{b:>3}", a=1, b=2) == "1  2"
    with pytest.raises(InputError, match="by their names; 1 were given by position"):
        formatter.format("{a}", 1, a=2)
    with pytest.raises(MissingVariableError, match=r"\['a'\]"):
        formatter.format("{a}")
    with pytest.raises(TemplateError):
        StrictFormatter().format("{a.real}", a=1)
    formatter.validate_input_variables("{a}", ["a", "b"])
    with pytest.raises(MissingVariableError, match=r"\['b'\]"):
        formatter.validate_input_variables("{a}{b}", ["a"])
