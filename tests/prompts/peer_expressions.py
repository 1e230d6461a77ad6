"""Prompts as expressions, with what langchain-core 1.8.1 shows of each in `peer_prompts.json`.

Run by an interpreter that has langchain-core (and jinja2), this file writes the table anew.
"""

import json
from importlib import import_module
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_name("peer_prompts.json")

REPRS = [
    "PromptTemplate.from_template('Tell me about {topic}')",
    "PromptTemplate(template='{a:>5} {b!r}', partial_variables={'a': 1}, name='n', tags=['t'], metadata={'m': 1})",
    "PromptTemplate.from_template('{{#a}}{{b}}{{/a}}', template_format='mustache')",
    "PromptTemplate.from_template('{{ a }}', template_format='jinja2')",
    "PromptTemplate.from_template('{a}') + ' and {b}'",
    "PromptTemplate.from_template('{a}{b}').partial(b='x')",
    "PromptTemplate.from_examples(['a {x}', 'b'], 'suf {y}', ['x', 'y'], prefix='p')",
    "ChatPromptTemplate([('system', 's {a}'), ('human', '{b}'), ('ai', 'x')])",
    "ChatPromptTemplate(['{x}', {'role': 'user', 'content': '{y}'}])",
    "ChatPromptTemplate.from_template('{a}', partial_variables={'a': 1})",
    "ChatPromptTemplate([ChatPromptTemplate(['{a}']), '{b}'])",
    "ChatPromptTemplate(['{a}{b}', ('ai', '{c}')])[1:]",
    "ChatPromptTemplate(['a'])[0]",
    "ChatPromptTemplate(['a']) + [('ai', '{b}'), 'c']",
    "HumanMessage('a') + '{b}'",
    "HumanMessage('a') + HumanMessage('b')",
    "HumanMessage('a') + [('ai', '{b}')]",
    "SystemMessage('a') + HumanMessagePromptTemplate.from_template('{b}')",
    "SystemMessage('a') + ChatPromptTemplate(['x'])",
    "HumanMessagePromptTemplate.from_template('{x}') + 'y'",
    "HumanMessagePromptTemplate.from_template(['{a}', {'type': 'text', 'text': '{b}'}, {'type': 'image_url', 'image_url': '{d}'}])",
    "HumanMessagePromptTemplate.from_template([{'text': '{c}', 'cache_control': {'type': 'e{z}'}}])",
    "HumanMessagePromptTemplate.from_template([{'image_url': {'url': '{e}', 'detail': 'low'}}, {'type': 'image', 'data': '{f}'}])",
    "ChatMessagePromptTemplate.from_template('{x}', role='r')",
    "MessagesPlaceholder('h')",
    "MessagesPlaceholder('h', optional=True, n_messages=2)",
    "DictPromptTemplate(template={'a': '{x}', 'b': ['{y}', {'c': '{z}'}], 'n': 3, 't': ('{x}',)}, template_format='f-string')",
    "ImagePromptTemplate(template={'url': '{x}', 'detail': 'low'}, input_variables=['x'])",
    "FewShotPromptTemplate(examples=EXAMPLES, example_prompt=EXAMPLE, suffix='Q: {x}', prefix='P {p}')",
    "FewShotPromptWithTemplates(examples=EXAMPLES, example_prompt=EXAMPLE, suffix=PromptTemplate.from_template('S {x}'),"
    " prefix=PromptTemplate.from_template('P {p}'), input_variables=['x', 'p'])",
    "FewShotChatMessagePromptTemplate(examples=EXAMPLES, example_prompt=CHAT)",
    "StructuredPrompt([('human', '{x}')], {'title': 'T'}, method='m')",
    "StructuredPrompt([('human', '{x}')], {'title': 'T'}).partial(x=1)",
]
"""What is shown by `repr`; of those that are prompts also the input schema."""

VALUES = [
    "PromptTemplate.from_template('{a} {b}').invoke({'a': 1, 'b': 'x'})",
    "PromptTemplate.from_template('{a}').invoke('x')",
    "ChatPromptTemplate([('system', 's {a}'), ('human', '{b}')]).format(a=1, b=2)",
    "ChatPromptTemplate([('human', '{{#a}}{{b}}{{/a}} {{c.d}} {{{e}}} {{e}}')], template_format='mustache')"
    ".format_messages(a=[{'b': 1}, {'b': 2}], c={'d': 2}, e='<&>')",
    "PromptTemplate.from_template('{% for i in a %}{{ loop.index }}{{ i.k }} {% endfor %}{{ b|upper }}',"
    " template_format='jinja2').format(a=[{'k': 'x'}, {'k': 'y'}], b='z')",
    "PromptTemplate.from_template('{{ missing }}|', template_format='jinja2').format()",
    "PromptTemplate.from_template('{{missing}}|', template_format='mustache').format()",
    "HumanMessagePromptTemplate.from_template(['{a}', {'type': 'image_url', 'image_url': '{d}'}, {'type': 'image', 'data': '{f}'}])"
    ".format(a='', d='u', f=6)",
    "ChatMessagePromptTemplate.from_template('{x}', role='r').format(x=1)",
    "DictPromptTemplate(template={'a': '{x}', 'b': ['{y}', {'c': '{z}'}], 'n': 3, 't': ('{x}',)}, template_format='f-string')"
    ".format(x=1, y=2, z=3)",
    "ImagePromptTemplate(template={'url': '{x}'}, input_variables=['x']).format(x='u', detail='low')",
    "ImagePromptTemplate(template={'url': '{x}'}, input_variables=['x']).invoke({'x': 'u'})",
    "FewShotPromptTemplate(examples=EXAMPLES, example_prompt=EXAMPLE, suffix='Q: {x}', prefix='P {p}').format(x=1, p=2)",
    "FewShotPromptTemplate(examples=[], example_prompt=EXAMPLE, suffix='{x}').format(x='')",
    "FewShotPromptTemplate(examples=EXAMPLES, example_prompt=EXAMPLE, suffix='Q: {x}', prefix='{{p}}').pretty_repr()",
    "FewShotPromptWithTemplates(examples=EXAMPLES, example_prompt=EXAMPLE, suffix=PromptTemplate.from_template('S {x}'),"
    " input_variables=['x']).invoke({'x': 1})",
    "[m.content for m in ChatPromptTemplate([('system', 's'), FewShotChatMessagePromptTemplate("
    "examples=EXAMPLES, example_prompt=CHAT), '{x}']).format_messages(x=1)]",
    "MessagesPlaceholder('h', n_messages=1).format_messages(h=[('human', 'x'), ('user', 'y')])",
    "ChatPromptTemplate([('system', 's {a}'), MessagesPlaceholder('h'), HumanMessage('hi')]).pretty_repr()",
    "ChatPromptTemplate([('system', 's {a}'), MessagesPlaceholder('h'), HumanMessage('hi')]).pretty_repr(html=True)",
    "HumanMessagePromptTemplate.from_template('{x}').pretty_repr()",
    "PromptTemplate.from_template('{x:>9}').pretty_repr(html=True)",
    "PromptTemplate.from_template('{a}').asdict()",
    "FewShotPromptTemplate(examples=EXAMPLES, example_prompt=EXAMPLE, suffix='Q: {x}').asdict()",
    "ChatPromptTemplate(['x']).get_graph().draw_mermaid()",
    "get_template_variables('{{a}}{{b.c}}{% for x in y %}{{x}}{% endfor %}', 'jinja2')",
    "get_template_variables('{{a}}{{b.c}}{{#d}}{{e}}{{/d}}', 'mustache')",
    "get_template_variables('{b}{a}{b}', 'f-string')",
    "[is_subsequence(*pair) for pair in [('ab', 'abc'), ('bc', 'abc'), ('abc', 'ab'), ('', 'a'), ('', ''), ('abc', 'abc')]]",
    "mustache_schema('{{a}}{{b.c}}{{#d}}{{e}}{{.}}{{#m}}{{n.o}}{{/m}}{{/d}}{{^f}}{{g}}{{/f}}{{#h.i}}{{j}}{{/h.i}}{{#k}}{{/k}}')"
    ".model_json_schema()",
    "LengthBasedExampleSelector(examples=EXAMPLES, example_prompt=EXAMPLE, max_length=9).select_examples({'x': 'a'})",
    "LengthBasedExampleSelector(examples=EXAMPLES, example_prompt=EXAMPLE, max_length=8).select_examples({'x': 'a b\\nc d e'})",
    "LengthBasedExampleSelector(examples=EXAMPLES, example_prompt=EXAMPLE).example_text_lengths",
    "ImagePromptValue(image_url={'url': 'u'})",
    "ImagePromptValue(image_url={'url': 'u'}).to_string()",
    "ChatPromptValueConcrete(messages=[HumanMessage('x')])",
    "ChatPromptValueConcrete(messages=[HumanMessage('x')]).model_dump()",
    "format_document(Document(page_content='pc', metadata={'a': 1}), PromptTemplate.from_template('{a} {page_content}'))",
]
"""What comes out of prompts."""


def names_of(package: str) -> dict[str, Any]:
    """Everything that the expressions name, out of `package`."""
    names: dict[str, Any] = {}
    for module in (
        "prompts",
        "prompts.base",
        "prompts.chat",
        "prompts.few_shot",
        "prompts.few_shot_with_templates",
        "prompts.image",
        "prompts.loading",
        "prompts.string",
        "prompts.structured",
        "prompt_values",
        "messages",
        "example_selectors.length_based",
    ):
        names.update(vars(import_module(f"{package}.{module}")))
    names["Document"] = import_module(f"{package}.documents").Document
    names["EXAMPLES"] = [{"q": "1+1", "a": "2"}, {"q": "2+2", "a": "4"}]
    names["EXAMPLE"] = names["PromptTemplate"].from_template("Q: {q} A: {a}")
    names["CHAT"] = names["ChatPromptTemplate"]([("human", "{q}"), ("ai", "{a}")])
    return names


def schema_of(prompt: Any) -> Any:
    schema = getattr(prompt, "input_schema", None)
    return schema.model_json_schema() if schema else None


def main() -> None:
    names = names_of("langchain_core")
    shown: dict[str, Any] = {}
    for expression in REPRS:
        value = eval(expression, names)
        shown[expression] = {"repr": repr(value), "input_schema": schema_of(value)}
    for expression in VALUES:
        shown[expression] = {"repr": repr(eval(expression, names))}
    TABLE.write_text(json.dumps(shown, indent=1) + "\n")


if __name__ == "__main__":
    main()
