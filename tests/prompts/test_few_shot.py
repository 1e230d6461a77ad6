"""Few-shot prompts: where the examples come from, what they are joined with, and in which thread they are chosen."""

import asyncio
import threading
from typing import Any

import pytest

from riverrun.example_selectors.base import BaseExampleSelector
from riverrun.exceptions import InputError, MissingVariableError, TemplateError
from riverrun.messages import AIMessage, HumanMessage, SystemMessage
from riverrun.prompts import (
    ChatPromptTemplate,
    FewShotChatMessagePromptTemplate,
    FewShotPromptTemplate,
    FewShotPromptWithTemplates,
    HumanMessagePromptTemplate,
    PromptTemplate,
)

EXAMPLES = [{"q": "1+1", "a": "2"}, {"q": "2+2", "a": "4", "more": "ignored"}]
EXAMPLE = PromptTemplate.from_template("Q: {q} A: {a}")
PAIR = ChatPromptTemplate([("human", "{q}"), ("ai", "{a}")])
BOTH = ("FewShotPromptTemplate", "FewShotPromptWithTemplates", "FewShotChatMessagePromptTemplate")


class Nearest(BaseExampleSelector):
    """Chooses what is asked for, and remembers in which thread."""

    def __init__(self) -> None:
        self.threads: list[int] = []
        self.asked: list[Any] = []

    def add_example(self, example: dict[str, str]) -> None:
        raise NotImplementedError

    def select_examples(self, input_variables: dict[str, str]) -> list[dict[str, Any]]:
        self.threads.append(threading.get_ident())
        self.asked.append(input_variables)
        return EXAMPLES[: int(input_variables["n"])]


class Awaiting(Nearest):
    async def aselect_examples(self, input_variables: dict[str, str]) -> list[dict[str, Any]]:
        await asyncio.sleep(0)
        return EXAMPLES[:1]


def few_shot(kind: str, **settings: Any) -> Any:
    if kind == "FewShotPromptTemplate":
        return FewShotPromptTemplate(example_prompt=EXAMPLE, suffix="{n}", **settings)
    if kind == "FewShotPromptWithTemplates":
        return FewShotPromptWithTemplates(
            example_prompt=EXAMPLE, suffix=PromptTemplate.from_template("{n}"), **settings
        )
    return FewShotChatMessagePromptTemplate(example_prompt=PAIR, **{"input_variables": ["n"], **settings})


def said(value: Any) -> str:
    return " ".join(str(message.content) for message in value.to_messages())


@pytest.mark.parametrize("kind", BOTH)
def test_a_selector_is_asked_in_a_thread_or_awaited(kind: str) -> None:
    selector = Nearest()
    prompt = few_shot(kind, example_selector=selector)
    assert "1+1" in said(prompt.invoke({"n": 1})) and "2+2" not in said(prompt.invoke({"n": 1}))
    assert set(selector.threads) == {threading.get_ident()}
    selector.threads.clear()
    assert "2+2" in said(asyncio.run(prompt.ainvoke({"n": 2})))
    assert threading.get_ident() not in selector.threads
    assert selector.asked[-1] == {"n": 2}
    awaiting = few_shot(kind, example_selector=Awaiting())
    assert "2+2" not in said(asyncio.run(awaiting.ainvoke({"n": 2})))


def test_a_selector_inside_a_chat_prompt_is_asked_in_a_thread() -> None:
    selector = Nearest()
    inner = few_shot("FewShotChatMessagePromptTemplate", example_selector=selector)
    prompt = ChatPromptTemplate([("system", "s"), inner, ("human", "{n}")])
    assert prompt.input_variables == ["n"]
    expected = [SystemMessage("s"), HumanMessage("1+1"), AIMessage("2"), HumanMessage("1")]
    assert prompt.invoke({"n": 1}).to_messages() == expected
    assert asyncio.run(prompt.ainvoke({"n": 1})).to_messages() == expected
    assert selector.threads[0] == threading.get_ident() != selector.threads[1]


@pytest.mark.parametrize("kind", BOTH)
def test_examples_come_from_one_place(kind: str) -> None:
    with pytest.raises(TemplateError, match="neither was given"):
        few_shot(kind)
    with pytest.raises(TemplateError, match="both were given"):
        few_shot(kind, examples=EXAMPLES, example_selector=Nearest())
    with pytest.raises(TemplateError, match="select_examples, which int has not"):
        few_shot(kind, example_selector=3)
    assert few_shot(kind, examples=[]).invoke({"n": 1})


@pytest.mark.parametrize("kind", BOTH)
def test_an_example_that_lacks_a_variable_is_named(kind: str) -> None:
    prompt = few_shot(kind, examples=[{"q": "1"}])
    with pytest.raises(MissingVariableError, match=r"missing variables \['a'\].*given \['q'\]"):
        prompt.invoke({"n": 1})
    prompt.examples = ["q"]
    with pytest.raises(InputError, match="an example is a dict of variables, not str"):
        prompt.invoke({"n": 1})


def test_missing_variables_of_prefix_and_suffix_are_named_together() -> None:
    prompt = FewShotPromptTemplate(examples=EXAMPLES, example_prompt=EXAMPLE, prefix="{b}", suffix="{a}{c}")
    for run in (prompt.invoke, lambda values: prompt.format(**values)):
        with pytest.raises(MissingVariableError, match=r"\['a', 'b'\].*given \['c'\]"):
            run({"c": 1})


def test_few_shot_joins_what_is_there() -> None:
    prompt = FewShotPromptTemplate(
        examples=EXAMPLES, example_prompt=EXAMPLE, suffix="", example_separator="|"
    )
    assert prompt.format() == "Q: 1+1 A: 2|Q: 2+2 A: 4"
    assert prompt.model_copy(update={"prefix": "P{p}"}).format(p="") == "P|Q: 1+1 A: 2|Q: 2+2 A: 4"


def test_few_shot_partial_values_reach_the_selector_and_survive_calls() -> None:
    selector = Nearest()
    prompt = few_shot("FewShotPromptTemplate", example_selector=selector)
    prompt.invoke({"n": 1})
    partial = prompt.partial(n=lambda: "2")
    assert partial.format() == "Q: 1+1 A: 2\n\nQ: 2+2 A: 4\n\n2"
    assert selector.asked[-1] == {"n": "2"} and partial.input_variables == []


def test_few_shot_validation_finds_missing_and_extra_variables() -> None:
    for declared in (["y"], ["x", "y"], []):
        with pytest.raises(TemplateError, match=r"have the variables \['x'\], but .* were declared"):
            FewShotPromptTemplate(
                examples=[],
                example_prompt=EXAMPLE,
                suffix="{x}",
                input_variables=declared,
                validate_template=True,
            )
        with pytest.raises(TemplateError, match=r"have the variables \['x'\], but .* were declared"):
            FewShotPromptWithTemplates(
                examples=[],
                example_prompt=EXAMPLE,
                suffix=PromptTemplate.from_template("{x}"),
                input_variables=declared,
                validate_template=True,
            )
    FewShotPromptTemplate(
        examples=[], example_prompt=EXAMPLE, suffix="{x}", input_variables=["x"], validate_template=True
    )


def test_few_shot_chat_takes_message_templates_and_shows_itself() -> None:
    human = HumanMessagePromptTemplate.from_template("{q}")
    prompt = FewShotChatMessagePromptTemplate(examples=EXAMPLES, example_prompt=human)
    assert prompt.format_messages() == [HumanMessage("1+1"), HumanMessage("2+2")]
    assert prompt.pretty_repr().count("Human Message") == 2
    chosen = FewShotChatMessagePromptTemplate(example_selector=Nearest(), example_prompt=human)
    assert "{q}" in chosen.pretty_repr()
    assert "2+2" in ChatPromptTemplate([prompt]).pretty_repr()
