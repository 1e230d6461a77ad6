"""What hostile templates get, in every class that has one and by every way that leads to one."""

import asyncio
import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from riverrun.exceptions import TemplateError
from riverrun.messages import HumanMessage
from riverrun.prompts import (
    AIMessagePromptTemplate,
    ChatMessagePromptTemplate,
    ChatPromptTemplate,
    DictPromptTemplate,
    FewShotChatMessagePromptTemplate,
    FewShotPromptTemplate,
    FewShotPromptWithTemplates,
    HumanMessagePromptTemplate,
    PromptTemplate,
    SystemMessagePromptTemplate,
)
from riverrun.prompts.image import ImagePromptTemplate
from riverrun.prompts.structured import StructuredPrompt


class Secretive:
    key = "secret"

    def __repr__(self) -> str:
        return "Secretive()"

    def __call__(self) -> str:
        return self.key


VALUES = {"a": Secretive(), "b": 1, "c": b"x"}
SAFE = {"f-string": "{a}", "mustache": "{{a}}", "jinja2": "{{ a }}"}

HOSTILE = {
    "attribute": "{a.key}",
    "dunder": "{a.__class__.__init__.__globals__}",
    "index": "{a[0]}",
    "positional": "{}",
    "number": "{0}",
    "nested": "{a:{b}}",
    "nested attribute": "{a:{a.key}}",
    "width": "{a:>1000000000}",
    "precision": "{a:.1000000000}",
    "conversion": "{a!z}",
    "unbalanced": "{a",
    "expression": "{a + b}",
    "call": "{a()}",
}
HOSTILE_MUSTACHE = {"unclosed": "{{#a}}", "deep": "{{#a}}" * 1_000, "wrong close": "{{#a}}{{/b}}"}
HOSTILE_JINJA2 = {
    "attribute": "{{ a.key }}",
    "dunder": "{{ a.__class__ }}",
    "class of a text": "{{ ''.__class__.__mro__ }}",
    "filter": "{{ a|attr('key') }}",
    "item": "{{ a['key'] }}",
    "map": "{{ [a]|map(attribute='key')|list }}",
    "method": "{{ 'x'.upper() }}",
    "format": "{{ '%1000000000d'|format(1) }}",
    "percent": "{{ '%1000000000d' % 1 }}",
    "str.format": "{{ '{0.__class__}'.format(a) }}",
    "product": "{{ 'x' * 1000000000 }}",
    "product, turned": "{{ 1000000000 * [1] }}",
    "power": "{{ 9 ** 9 ** 9 }}",
    "center": "{{ 'x'|center(1000000000) }}",
    "include": "{% include '/etc/passwd' %}",
    "import": "{% import 'os' as os %}",
    "called": "{{ a() }}",
    "called by a macro": "{% macro m(f) %}{{ f() }}{% endmacro %}{{ m(a) }}",
    "called in a block": "{% call a() %}x{% endcall %}",
    "bytes": "{{ c * 1000000000 }}",
    "replace": "{% set x = 'x' * 1000000 %}{{ x|replace('x', x) }}",
    "join": "{{ range(100000)|join('x' * 1000000) }}",
    "indent": "{{ ('\\n' * 1000000)|indent('x' * 1000000, blank=true) }}",
    "wrap": "{{ ('x ' * 1000)|wordwrap(1, wrapstring='x' * 1000000) }}",
    "tojson": "{{ {'a': 1}|tojson(indent=1000000000) }}",
    "zero": "{{ 1 / 0 }}",
    "globals": "{{ lipsum(n=1000000) }}",
    "loop": "{% for i in range(1000000000) %}x{% endfor %}",
    "macro": "{% macro m() %}{% endmacro %}{{ m.__call__.__globals__ }}",
    "cycler": "{{ cycler.__init__.__globals__ }}",
    "self": "{{ self.__init__.__globals__ }}",
    "syntax": "{{ a",
    "nested": "{{" + "(" * 1_000 + "1" + ")" * 1_000 + "}}",
    "blocks": "{% for i in [1] %}" * 21 + "{% endfor %}" * 21,
}


def few_shot_with_templates(template: str, template_format: Any) -> FewShotPromptWithTemplates:
    return FewShotPromptWithTemplates(
        examples=[],
        example_prompt=PromptTemplate.from_template("x"),
        suffix=PromptTemplate.from_template(template, template_format=template_format),
    )


def few_shot_chat(template: str, template_format: Any) -> FewShotChatMessagePromptTemplate:
    example_prompt = ChatPromptTemplate([("human", template)], template_format=template_format)
    return FewShotChatMessagePromptTemplate(examples=[VALUES], example_prompt=example_prompt)


Maker = Callable[[str, Any], Any]

MAKERS: dict[str, tuple[Maker, Callable[[Any], tuple[Any, str, Any]]]] = {
    # how a template is made, and where it keeps its text: the owner, the field, and what the field holds for a text
    "PromptTemplate": (
        lambda t, f: PromptTemplate.from_template(t, template_format=f),
        lambda t: (lambda p: p, "template", t),
    ),
    "from_examples": (
        lambda t, f: PromptTemplate.from_examples(["x"], t, [], template_format=f),
        lambda t: (lambda p: p, "template", t),
    ),
    "sum": (
        lambda t, f: PromptTemplate.from_template("x", template_format=f) + t,
        lambda t: (lambda p: p, "template", t),
    ),
    "DictPromptTemplate": (
        lambda t, f: DictPromptTemplate(template={"k": [{"d": t}]}, template_format=f),
        lambda t: (lambda p: p, "template", {"k": [{"d": t}]}),
    ),
    "ImagePromptTemplate": (
        lambda t, f: ImagePromptTemplate(template={"url": "u" + t}, template_format=f),
        lambda t: (lambda p: p, "template", {"url": "u" + t}),
    ),
    "ChatPromptTemplate": (
        lambda t, f: ChatPromptTemplate([("human", t)], template_format=f),
        lambda t: (lambda p: p.messages[0].prompt, "template", t),
    ),
    "blocks": (
        lambda t, f: ChatPromptTemplate([("human", [{"type": "text", "text": t}])], template_format=f),
        lambda t: (lambda p: p.messages[0].prompt[0], "template", t),
    ),
    "image block": (
        lambda t, f: ChatPromptTemplate(
            [("human", [{"type": "image_url", "image_url": {"url": "u" + t}}])], template_format=f
        ),
        lambda t: (lambda p: p.messages[0].prompt[0], "template", {"url": "u" + t}),
    ),
    "any block": (
        lambda t, f: ChatPromptTemplate([("human", [{"type": "audio", "data": t}])], template_format=f),
        lambda t: (lambda p: p.messages[0].prompt[0], "template", {"data": t}),
    ),
    "StructuredPrompt": (
        lambda t, f: StructuredPrompt([("human", t)], {"title": "T"}, template_format=f),
        lambda t: (lambda p: p.messages[0].prompt, "template", t),
    ),
    "HumanMessagePromptTemplate": (
        lambda t, f: HumanMessagePromptTemplate.from_template(t, f),
        lambda t: (lambda p: p.prompt, "template", t),
    ),
    "AIMessagePromptTemplate": (
        lambda t, f: AIMessagePromptTemplate.from_template(t, f),
        lambda t: (lambda p: p.prompt, "template", t),
    ),
    "SystemMessagePromptTemplate": (
        lambda t, f: SystemMessagePromptTemplate.from_template([t], f),
        lambda t: (lambda p: p.prompt[0], "template", t),
    ),
    "ChatMessagePromptTemplate": (
        lambda t, f: ChatMessagePromptTemplate.from_template(t, f, role="r"),
        lambda t: (lambda p: p.prompt, "template", t),
    ),
    "FewShotPromptTemplate, suffix": (
        lambda t, f: FewShotPromptTemplate(
            examples=[], example_prompt=PromptTemplate.from_template("x"), suffix=t, template_format=f
        ),
        lambda t: (lambda p: p, "suffix", t),
    ),
    "FewShotPromptTemplate, prefix": (
        lambda t, f: FewShotPromptTemplate(
            examples=[], example_prompt=PromptTemplate.from_template("x"), prefix=t, suffix="", template_format=f
        ),
        lambda t: (lambda p: p, "prefix", t),
    ),
    "FewShotPromptWithTemplates": (few_shot_with_templates, lambda t: (lambda p: p.suffix, "template", t)),
    "FewShotChatMessagePromptTemplate": (
        few_shot_chat,
        lambda t: (lambda p: p.example_prompt.messages[0].prompt, "template", t),
    ),
}  # fmt: skip

CASES = [
    pytest.param(kind, template, template_format, id=f"{kind}-{template_format}-{name}")
    for kind in MAKERS
    for template_format, hostile in (
        ("f-string", HOSTILE),
        ("mustache", HOSTILE_MUSTACHE),
        ("jinja2", HOSTILE_JINJA2),
    )
    for name, template in hostile.items()
    if template_format != "jinja2" or kind == "PromptTemplate" or name in ("attribute", "item", "syntax")
]  # the sandbox is one, and compiling for it slow: all of jinja2 is tried once, the way to it everywhere


def formatted(prompt: Any) -> Any:
    return prompt.format(**VALUES)


def changed(
    prompt: Any, how: Callable[[Any], Any], owner_of: Callable[[Any], Any], value: dict[str, Any]
) -> Any:
    """A copy of the prompt whose template was replaced behind its back."""
    twin = how(prompt)
    vars(owner_of(twin)).update(value)
    return twin


@pytest.mark.parametrize(("kind", "template", "template_format"), CASES)
def test_hostile_templates_are_refused_everywhere(kind: str, template: str, template_format: Any) -> None:
    make, place = MAKERS[kind]
    with pytest.raises(TemplateError):
        formatted(make(template, template_format))  # jinja2 knows some of it only when it runs
    if template_format != "jinja2":
        with pytest.raises(TemplateError):
            make(template, template_format)
    prompt = make(SAFE[template_format], template_format)
    formatted(prompt)
    owner_of, field, value = place(template)
    for how in (
        copy.copy,
        copy.deepcopy,
        lambda p: pickle.loads(pickle.dumps(p)),
        lambda p: p.model_copy(deep=True),
    ):
        with pytest.raises(TemplateError):
            formatted(changed(copy.deepcopy(prompt), how, owner_of, {field: value}))
    owner: Any = owner_of(copy.deepcopy(prompt))
    with pytest.raises(TemplateError):
        formatted(owner.model_copy(update={field: value}))
    built = type(owner).model_construct(**{**dict(owner), field: value})
    with pytest.raises(TemplateError):
        formatted(built)
    with pytest.raises(TemplateError):
        asyncio.run(built.aformat(**VALUES))


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("template_format", SAFE)
def test_values_are_never_parsed_again(kind: str, template_format: Any) -> None:
    make, _ = MAKERS[kind]
    for value in ("{a}", "{b}", "{{b}}", "{{ b }}", "{b.__class__}", "{% for %}"):
        prompt = make(SAFE[template_format], template_format)
        if isinstance(prompt, FewShotChatMessagePromptTemplate):
            prompt.examples = [{"a": value, "b": "B"}]
        made = prompt.format_messages if hasattr(prompt, "format_messages") else prompt.format
        assert value in str(made(a=value, b="B"))


@pytest.mark.parametrize("kind", [kind for kind in MAKERS if kind != "sum"])
def test_subclasses_refuse_hostile_templates(kind: str) -> None:
    make, place = MAKERS[kind]
    safe = make("{a}", "f-string")
    base: Any = type(safe)
    own: Any = type("Own", (base,), {"__module__": __name__})
    prompt = own.model_construct(**dict(safe))
    formatted(prompt)
    owner_of, field, value = place("{a.key}")
    vars(owner_of(prompt))[field] = value
    with pytest.raises(TemplateError):
        formatted(prompt)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{% for x in [1, 2] %}{{ loop.cycle('a', 'b') }}{{ loop.index }}{% endfor %}", "a1b2"),
        ("{% for x in [[1], []] recursive %}{{ x|length }}{{ loop(x[:0]) }}{% endfor %}", "10"),
        ("{% macro m(x) %}<{{ x }}{{ caller() }}>{% endmacro %}{% call m(1) %}!{% endcall %}", "<1!>"),
        ("{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}", "ab"),
        ("{% set ns = namespace(n=1) %}{% set ns.n = ns.n + 1 %}{{ ns.n }}{{ dict(k=3).k }}", "23"),
        ("{{ 5000|tojson }}{{ ('x' * 2000)|wordwrap(500)|length }}", "50002003"),
        ("{{ 'a-b'|replace('-', '+') }}{{ [1, 2]|join(', ') }}{{ 2 ** 3 }}", "a+b1, 28"),
    ],
)
def test_jinja2_templates_have_what_jinja2_gives_them(template: str, text: str) -> None:
    assert PromptTemplate.from_template(template, template_format="jinja2").format() == text


def test_what_an_operator_of_jinja2_cannot_do_says_where() -> None:
    with pytest.raises(TypeError) as caught:
        PromptTemplate.from_template("{{ 1 + 'a' }}", template_format="jinja2").format()
    assert caught.value.__notes__ == ["in a jinja2 template"]


def test_a_template_that_is_set_anew_each_time_does_not_grow() -> None:
    prompt = PromptTemplate.from_template("{a}")
    for i in range(300):
        prompt.template = f"{i} {{a}}"
        assert prompt.format(a=1) == f"{i} 1"
        twin = prompt.model_copy(update={"template": f"twin {i} {{a}}"})
        assert twin.format(a=1) == f"twin {i} 1"
    assert len(vars(prompt)["_made"]) <= 100


def test_a_template_format_that_is_no_text_is_refused() -> None:
    formats: list[Any] = [None, 3, ["f-string"], "F-STRING"]
    for template_format in formats:
        with pytest.raises(TemplateError, match="is not supported"):
            PromptTemplate.from_template("{a}", template_format=template_format)


def test_examples_and_messages_are_no_templates() -> None:
    example_prompt = PromptTemplate.from_template("{q}")
    prompt = FewShotPromptTemplate(
        examples=[{"q": "{a.key} {{x}} {"}], example_prompt=example_prompt, suffix="{a}"
    )
    assert prompt.format(a="A") == "{a.key} {{x}} {\n\nA"
    chat = ChatPromptTemplate([HumanMessage("{a.key}"), "{a}"])
    assert [m.content for m in chat.format_messages(a="A")] == ["{a.key}", "A"]
