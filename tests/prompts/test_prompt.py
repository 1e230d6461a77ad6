"""A prompt of one text: its variables, its text, and what it refuses, when it is made and afterwards."""

import asyncio
import copy
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from riverrun.exceptions import MissingVariableError, TemplateError
from riverrun.prompt_values import StringPromptValue
from riverrun.prompts import (
    PromptTemplate,
    StringPromptTemplate,
    check_valid_template,
    get_template_variables,
)


def test_prompt_finds_its_variables_in_the_template() -> None:
    prompt = PromptTemplate.from_template("Tell {b} about {a}, {b}.")
    assert prompt.input_variables == ["a", "b"]
    assert prompt.format(a=1, b="Ann") == "Tell Ann about 1, Ann."
    assert PromptTemplate(template="{a}", input_variables=["x"]).input_variables == ["a"]


def test_prompt_shows_what_it_is_made_of() -> None:
    prompt = PromptTemplate.from_template("Hi {a}")
    shown = "input_variables=['a'], input_types={}, partial_variables={}, template='Hi {a}'"
    assert repr(prompt) == f"PromptTemplate({shown})"
    named = PromptTemplate.from_template(
        "x", name="n", tags=["t"], metadata={"k": 1}, partial_variables={"z": 1}
    )
    assert repr(named) == (
        "PromptTemplate(name='n', input_variables=[], input_types={}, partial_variables={'z': 1}, "
        "metadata={'k': 1}, tags=['t'], template='x')"
    )


def test_prompt_is_a_step_from_variables_to_a_prompt_value() -> None:
    prompt = PromptTemplate.from_template("Hi {a}")
    expected = StringPromptValue(text="Hi you")
    assert prompt.invoke({"a": "you", "more": 1}) == expected
    assert asyncio.run(prompt.ainvoke({"a": "you"})) == expected
    assert list(prompt.stream({"a": "you"})) == [expected]
    assert prompt.format_prompt(a="you") == asyncio.run(prompt.aformat_prompt(a="you")) == expected
    assert asyncio.run(prompt.aformat(a="you")) == "Hi you"


def test_prompt_may_have_variables_named_like_its_parameters() -> None:
    prompt = PromptTemplate.from_template("{self} {template} {kwargs} {values}")
    values = {"self": 1, "template": 2, "kwargs": 3, "values": 4}
    assert prompt.format(**values) == "1 2 3 4"
    assert prompt.invoke(values).to_string() == "1 2 3 4"


def test_partial_variables_are_filled_in_called_and_overridden() -> None:
    calls: list[int] = []
    prompt = PromptTemplate.from_template("{a} {b} {c}", partial_variables={"a": "A"})
    partial = prompt.partial(b=lambda: calls.append(1) or f"b{len(calls)}")
    assert prompt.input_variables == ["b", "c"] and partial.input_variables == ["c"]
    assert [partial.format(c=1), partial.format(c=2)] == ["A b1 1", "A b2 2"]
    assert partial.format(a="x", b="y", c=3) == "x y 3" and len(calls) == 2
    assert partial.invoke("only").to_string() == "A b3 only"


def test_prompts_add_up() -> None:
    first = PromptTemplate.from_template("{a}{b} ").partial(a="A")
    both = first + "and {{c}} {c} " + PromptTemplate.from_template("{b}")
    assert both.input_variables == ["b", "c"]
    assert both.format(b="B", c="C") == "AB and {c} C B"
    with pytest.raises(TypeError):
        first + 3  # type: ignore[operator]  # what is tested


@pytest.mark.parametrize(
    "refused", ["{a.b}", "{a[0]}", "{}", "{0}", "{a:{b}}", "{a:>1000000000}", "{", "{a!x}"]
)
def test_prompt_refuses_a_template_when_made_and_when_formatted(refused: str) -> None:
    class Own(PromptTemplate):
        pass

    made: list[Callable[[], Any]] = [
        lambda: PromptTemplate.from_template(refused),
        lambda: Own(template=refused),
        lambda: PromptTemplate.from_template("x") + refused,
        lambda: get_template_variables(refused, "f-string"),
        lambda: check_valid_template(refused, "f-string", ["a"]),
    ]
    for make in made:
        with pytest.raises(TemplateError):
            make()
    changed = Own.from_template("{a}")
    assert changed.format(a=1) == "1"
    changed.template = refused
    forged: list[PromptTemplate] = [
        changed,
        copy.copy(changed),
        copy.deepcopy(changed),
        pickle.loads(
            pickle.dumps(PromptTemplate.from_template("x").model_copy(update={"template": refused}))
        ),
        PromptTemplate.from_template("{a}").model_copy(update={"template": refused}),
        PromptTemplate.model_construct(template=refused, input_variables=[]),
    ]
    for prompt in forged:
        for run in (lambda p=prompt: p.format(a="x"), lambda p=prompt: p.invoke({"a": "x"})):
            with pytest.raises(TemplateError):
                run()


def test_prompt_formats_a_template_that_was_set_later() -> None:
    prompt = PromptTemplate.from_template("Hi {a}")
    prompt.template = "Bye {a} {b}"
    assert prompt.format(a=1, b=2) == "Bye 1 2"


def test_prompt_refuses_a_format_or_template_that_is_none() -> None:
    with pytest.raises(TemplateError, match="'nonsense' is not supported; "):
        PromptTemplate.from_template("x", template_format="nonsense")  # type: ignore[arg-type]  # what is tested
    with pytest.raises((TemplateError, ValueError)):
        PromptTemplate.from_template(3)  # type: ignore[arg-type]  # what is tested


def test_missing_variables_are_named_with_those_that_were_given() -> None:
    prompt = PromptTemplate.from_template("{a} {b} {c}").partial(c=1)
    with pytest.raises(
        MissingVariableError, match=r"\['b'\]: it expects \['a', 'b'\] and was given \['a', 'z'\]"
    ):
        prompt.invoke({"a": 1, "z": 2})
    with pytest.raises(KeyError, match=r"missing variables \['a', 'b'\]"):
        prompt.format()


def test_validate_template_checks_the_declared_variables() -> None:
    PromptTemplate(
        template="{a}{b}", input_variables=["a"], partial_variables={"b": 1}, validate_template=True
    )
    with pytest.raises(TemplateError, match=r"variables \['a', 'b'\], but \['a'\] were declared"):
        PromptTemplate(template="{a}{b}", input_variables=["a"], validate_template=True)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda p: pickle.loads(pickle.dumps(p))])
def test_prompt_copies_are_equal_and_work(copied: Callable[[PromptTemplate], PromptTemplate]) -> None:
    prompt = PromptTemplate.from_template("{a} {b}", metadata={"k": 1}).partial(b="B")
    for original in (prompt, PromptTemplate.model_construct(**dict(prompt))):
        twin = copied(original)
        assert twin == prompt and repr(twin) == repr(prompt) and twin.format(a=1) == "1 B"
    assert prompt != PromptTemplate.from_template("{a} {b}")


def test_prompt_reads_a_file_and_examples(tmp_path: Path) -> None:
    file = tmp_path / "prompt.txt"
    file.write_text("é {a}", encoding="utf-8")
    assert PromptTemplate.from_file(file, encoding="utf-8").format(a=1) == "é 1"
    examples = PromptTemplate.from_examples(["x {a}", "y"], "suffix {b}", ["a", "b"], prefix="prefix")
    assert examples.format(a=1, b=2) == "prefix\n\nx 1\n\ny\n\nsuffix 2"


def test_pretty_repr_shows_variables_in_their_braces(capsys: pytest.CaptureFixture[str]) -> None:
    prompt = PromptTemplate.from_template("{{}} {a!r} {b:.2f} {c}").partial(c="C")
    assert prompt.pretty_repr() == "{} '{a}' {b} C"
    assert PromptTemplate.from_template("{a}").pretty_repr(html=True) == "\033[33;1m\033[1;3m{a}\033[0m"
    prompt.pretty_print()
    assert capsys.readouterr().out == "{} '{a}' {b} C\n"


def test_subclass_defines_format_alone() -> None:
    class Shout(StringPromptTemplate):
        def format(self, **kwargs: Any) -> str:
            values = self._merge_partial_and_user_variables(**kwargs)
            return f"{values['a']}{values['b']}!"

    prompt = Shout(input_variables=["a", "b"]).partial(b=lambda: "B")
    assert prompt.invoke("x") == asyncio.run(prompt.ainvoke({"a": "x"})) == StringPromptValue(text="xB!")
    with pytest.raises(MissingVariableError, match="Shout is missing variables"):
        prompt.invoke({})


def test_subclass_states_its_own_template() -> None:
    class Greeting(PromptTemplate):
        template: str = "Hi {a}"

    class Refused(PromptTemplate):
        template: str = "Hi {a.b}"

    assert Greeting().invoke("you").to_string() == "Hi you"
    assert Greeting(template="Bye {a}").format(a=1) == "Bye 1"
    with pytest.raises(TemplateError, match="reaches into its value"):
        Refused()
    with pytest.raises(TemplateError, match="a template is a string"):
        PromptTemplate()
