"""Mustache templates: the core of the public specification, and what a hostile template gets."""

import copy
import pickle
import time
from typing import Any

import pytest

from growth import assert_linear
from riverrun._pure.mustache import MAX_DEPTH, Mustache
from riverrun.exceptions import TemplateError

SPEC: list[tuple[str, str, dict[str, Any], str]] = [
    # comments
    ("inline comment", "12345{{! Comment Block! }}67890", {}, "1234567890"),
    ("multiline comment", "12345{{!\n  a\n  b\n}}67890\n", {}, "1234567890\n"),
    ("standalone comment", "Begin.\n{{! Comment }}\nEnd.\n", {}, "Begin.\nEnd.\n"),
    ("indented standalone comment", "Begin.\n  {{! Comment }}\nEnd.\n", {}, "Begin.\nEnd.\n"),
    ("standalone comment, line ends", "|\r\n{{! Comment }}\r\n|", {}, "|\r\n|"),
    ("standalone comment, first line", "  {{! Comment }}\n!", {}, "!"),
    ("standalone comment, last line", "!\n  {{! Comment }}", {}, "!\n"),
    ("standalone multiline comment", "Begin.\n{{!\nSomething.\n}}\nEnd.\n", {}, "Begin.\nEnd.\n"),
    ("indented inline comment", "  12 {{! 34 }}\n", {}, "  12 \n"),
    ("comment between blanks", "12345 {{! Comment }} 67890", {}, "12345  67890"),
    ("comment like a variable", "{{! a}}|{{!a}}", {"a": "x"}, "|"),
    # delimiters
    ("pair", "{{=<% %>=}}(<%text%>)", {"text": "Hey!"}, "(Hey!)"),
    ("special characters", "({{=[ ]=}}[text])", {"text": "It worked!"}, "(It worked!)"),
    (
        "sections",
        "[\n{{#section}}\n  {{data}}\n  |data|\n{{/section}}\n\n{{= | | =}}\n|#section|\n  {{data}}\n  |data|\n|/section|\n]\n",
        {"section": True, "data": "I got interpolated."},
        "[\n  I got interpolated.\n  |data|\n\n  {{data}}\n  I got interpolated.\n]\n",
    ),
    ("delimiters between blanks", "| {{=@ @=}} |", {}, "|  |"),
    ("standalone delimiters", "Begin.\n{{=@ @=}}\nEnd.\n", {}, "Begin.\nEnd.\n"),
    ("standalone delimiters, line ends", "|\r\n{{= @ @ =}}\r\n|", {}, "|\r\n|"),
    ("pair with padding", "|{{= @   @ =}}|", {}, "||"),
    ("back again", "{{=<% %>=}}<%={{ }}=%>{{a}}<%a%>", {"a": 1}, "1<%a%>"),
    # interpolation
    ("no interpolation", "Hello from {Mustache}!\n", {}, "Hello from {Mustache}!\n"),
    ("basic", "Hello, {{subject}}!\n", {"subject": "world"}, "Hello, world!\n"),
    ("no re-interpolation", "{{template}}: {{planet}}", {"template": "{{planet}}", "planet": "Earth"}, "{{planet}}: Earth"),
    ("escaping", "{{forbidden}}", {"forbidden": '& " < >'}, "&amp; &quot; &lt; &gt;"),
    ("triple", "{{{forbidden}}}", {"forbidden": '& " < >'}, '& " < >'),
    ("ampersand", "{{&forbidden}}", {"forbidden": '& " < >'}, '& " < >'),
    ("integer", "{{mph}} {{{mph}}} {{&mph}}", {"mph": 85}, "85 85 85"),
    ("decimal", "{{power}}", {"power": 1.21}, "1.21"),
    ("null", "I ({{cannot}}) be {{{seen}}}{{&x}}!", {"cannot": None, "seen": None, "x": None}, "I () be !"),
    ("missing", "I ({{cannot}}) be seen{{{x}}}!", {}, "I () be seen!"),
    ("dotted", '"{{person.name}}" == "{{#person}}{{name}}{{/person}}"', {"person": {"name": "Joe"}}, '"Joe" == "Joe"'),
    ("dotted, triple", "{{{person.name}}}{{&person.name}}", {"person": {"name": "<"}}, "<<"),
    ("dotted, any depth", "{{a.b.c.d.e.name}}", {"a": {"b": {"c": {"d": {"e": {"name": "Phil"}}}}}}, "Phil"),
    ("dotted, broken chain", "{{a.b.c}}", {"a": {}}, ""),
    ("dotted, broken chain in between", "{{a.b.c.name}}", {"a": {"b": {}}, "c": {"name": "Jim"}}, ""),
    ("dotted, first part decides", "{{#a}}{{b.c}}{{/a}}", {"a": {"b": {}}, "b": {"c": "ERROR"}}, ""),
    ("dotted, part by part", "{{#a}}{{b.name}}{{/a}}", {"a": {"b": {"name": "x"}}, "b": {"name": "y"}}, "x"),
    ("not a key with a dot", "{{a.b}}", {"a.b": "c"}, ""),
    ("blanks stay", "| {{string}} |  {{string}}\n", {"string": "---"}, "| --- |  ---\n"),
    ("standalone interpolation stays", "  {{string}}\n  {{{string}}}\n", {"string": "---"}, "  ---\n  ---\n"),
    ("padding", "|{{ string }}|{{{ string }}}|{{& string }}|", {"string": "---"}, "|---|---|---|"),
    ("implicit, escaped", "{{#list}}({{.}}){{/list}}", {"list": ["&", '"', "<", ">"]}, "(&amp;)(&quot;)(&lt;)(&gt;)"),
    ("implicit, triple", "{{#list}}({{{.}}}){{/list}}", {"list": ["&", '"']}, '(&)(")'),
    # sections
    ("truthy", '"{{#boolean}}This should be rendered.{{/boolean}}"', {"boolean": True}, '"This should be rendered."'),
    ("falsey", '"{{#boolean}}This should not be rendered.{{/boolean}}"', {"boolean": False}, '""'),
    ("null is falsey", '"{{#null}}x{{/null}}"', {"null": None}, '""'),
    ("context", '"{{#context}}Hi {{name}}.{{/context}}"', {"context": {"name": "Joe"}}, '"Hi Joe."'),
    ("parent contexts", "{{#sec}}{{a}}, {{b}}, {{c.d}}{{/sec}}", {"a": "foo", "b": "wrong", "sec": {"b": "bar"}, "c": {"d": "baz"}}, "foo, bar, baz"),
    ("variable test", "{{#foo}}{{.}} is {{foo}}{{/foo}}", {"foo": "bar"}, "bar is bar"),
    ("list contexts", "{{#tops}}{{#middles}}{{tname.lower}}{{mname}}.{{#bottoms}}{{tname.upper}}{{mname}}{{bname}}.{{/bottoms}}{{/middles}}{{/tops}}",
     {"tops": [{"tname": {"upper": "A", "lower": "a"}, "middles": [{"mname": "1", "bottoms": [{"bname": "x"}, {"bname": "y"}]}]}]}, "a1.A1x.A1y."),
    ("deeply nested", "{{#a}}{{one}}{{#b}}{{one}}{{two}}{{#c.d}}{{one}}{{two}}{{four}}{{/c.d}}{{/b}}{{/a}}",
     {"a": {"one": 1}, "b": {"two": 2}, "c": {"d": {"four": 4}}}, "112124"),
    ("list", '"{{#list}}{{item}}{{/list}}"', {"list": [{"item": 1}, {"item": 2}, {"item": 3}]}, '"123"'),
    ("empty list", '"{{#list}}Yay lists!{{/list}}"', {"list": []}, '""'),
    ("doubled", "{{#bool}}\n* first\n{{/bool}}\n* {{two}}\n{{#bool}}\n* third\n{{/bool}}\n", {"bool": True, "two": "second"}, "* first\n* second\n* third\n"),
    ("nested truthy", "| A {{#bool}}B {{#bool}}C{{/bool}} D{{/bool}} E |", {"bool": True}, "| A B C D E |"),
    ("nested falsey", "| A {{#bool}}B {{#bool}}C{{/bool}} D{{/bool}} E |", {"bool": False}, "| A  E |"),
    ("missing context", "[{{#missing}}Found key 'missing'!{{/missing}}]", {}, "[]"),
    ("implicit iterator", '"{{#list}}({{.}}){{/list}}"', {"list": ["a", 1, 1.1, False]}, '"(a)(1)(1.1)(False)"'),
    ("implicit iterator, lists", '"{{#list}}({{#.}}{{.}}{{/.}}){{/list}}"', {"list": [[1, 2, 3], ["a", "b"]]}, '"(123)(ab)"'),
    ("dotted truthy", '"{{#a.b.c}}Here{{/a.b.c}}" == "Here"', {"a": {"b": {"c": True}}}, '"Here" == "Here"'),
    ("dotted falsey", '"{{#a.b.c}}Here{{/a.b.c}}"', {"a": {"b": {"c": False}}}, '""'),
    ("surrounding blanks", " | {{#boolean}}\t|\t{{/boolean}} | \n", {"boolean": True}, " | \t|\t | \n"),
    ("internal blanks", " | {{#boolean}} {{! Important Whitespace }}\n {{/boolean}} | \n", {"boolean": True}, " |  \n  | \n"),
    ("indented inline sections", " {{#boolean}}YES{{/boolean}}\n {{#boolean}}GOOD{{/boolean}}\n", {"boolean": True}, " YES\n GOOD\n"),
    ("standalone lines", "| This Is\n{{#boolean}}\n|\n{{/boolean}}\n| A Line\n", {"boolean": True}, "| This Is\n|\n| A Line\n"),
    ("indented standalone lines", "| This Is\n  {{#boolean}}\n|\n  {{/boolean}}\n| A Line\n", {"boolean": True}, "| This Is\n|\n| A Line\n"),
    ("standalone line ends", "|\r\n{{#boolean}}\r\n{{/boolean}}\r\n|", {"boolean": True}, "|\r\n|"),
    ("standalone without previous line", "  {{#boolean}}\n#{{/boolean}}\n/", {"boolean": True}, "#\n/"),
    ("standalone without newline", "#{{#boolean}}\n/\n  {{/boolean}}", {"boolean": True}, "#\n/\n"),
    ("section padding", "|{{# boolean }}={{/ boolean }}|", {"boolean": True}, "|=|"),
    # inverted
    ("inverted falsey", '"{{^boolean}}This should be rendered.{{/boolean}}"', {"boolean": False}, '"This should be rendered."'),
    ("inverted truthy", '"{{^boolean}}x{{/boolean}}"', {"boolean": True}, '""'),
    ("inverted null", '"{{^null}}x{{/null}}"', {"null": None}, '"x"'),
    ("inverted context", '"{{^context}}Hi {{name}}.{{/context}}"', {"context": {"name": "Joe"}}, '""'),
    ("inverted list", '"{{^list}}{{n}}{{/list}}"', {"list": [{"n": 1}]}, '""'),
    ("inverted empty list", '"{{^list}}Yay lists!{{/list}}"', {"list": []}, '"Yay lists!"'),
    ("inverted missing", "[{{^missing}}Cannot find it!{{/missing}}]", {}, "[Cannot find it!]"),
    ("inverted dotted, broken", '"{{^a.b.c}}Not Here{{/a.b.c}}"', {"a": {}}, '"Not Here"'),
    ("inverted nested", "| A {{^bool}}B {{^bool}}C{{/bool}} D{{/bool}} E |", {"bool": False}, "| A B C D E |"),
    ("inverted standalone", "| This Is\n{{^boolean}}\n|\n{{/boolean}}\n| A Line\n", {"boolean": False}, "| This Is\n|\n| A Line\n"),
    ("inverted padding", "|{{^ boolean }}={{/ boolean }}|", {"boolean": False}, "|=|"),
]  # fmt: skip

PARTIALS: list[tuple[str, str, dict[str, Any], dict[str, str], str]] = [
    ("basic", '"{{>text}}"', {}, {"text": "from partial"}, '"from partial"'),
    ("missing", '"{{>text}}"', {}, {}, '""'),
    ("context", '"{{>partial}}"', {"text": "content"}, {"partial": "*{{text}}*"}, '"*content*"'),
    ("recursion", "{{>node}}", {"content": "X", "nodes": [{"content": "Y", "nodes": []}]},
     {"node": "{{content}}<{{#nodes}}{{>node}}{{/nodes}}>"}, "X<Y<>>"),
    ("nested", "{{>outer}}", {"a": "hello", "b": "world"}, {"outer": "*{{a}} {{>inner}}*", "inner": "{{b}}!"}, "*hello world!*"),
    ("blanks", "| {{>partial}} |", {}, {"partial": "\t|\t"}, "| \t|\t |"),
    ("inline indentation", "  {{data}}  {{> partial}}\n", {"data": "|"}, {"partial": ">\n>"}, "  |  >\n>\n"),
    ("line ends", "|\r\n{{>partial}}\r\n|", {}, {"partial": ">"}, "|\r\n>|"),
    ("without previous line", "  {{>partial}}\n>", {}, {"partial": ">\n>"}, "  >\n  >>"),
    ("without newline", ">\n  {{>partial}}", {}, {"partial": ">\n>"}, ">\n  >\n  >"),
    ("indentation", "\\\n {{>partial}}\n/\n", {"content": "<\n->"}, {"partial": "|\n{{{content}}}\n|\n"}, "\\\n |\n <\n->\n |\n/\n"),
    ("padding", "|{{> partial }}|", {"boolean": True}, {"partial": "[]"}, "|[]|"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("source", "values", "text"), [case[1:] for case in SPEC], ids=[case[0] for case in SPEC]
)
def test_mustache_keeps_to_the_specification(source: str, values: dict[str, Any], text: str) -> None:
    assert Mustache(source).format(values) == text


@pytest.mark.parametrize(
    ("source", "values", "partials", "text"),
    [case[1:] for case in PARTIALS],
    ids=[case[0] for case in PARTIALS],
)
def test_mustache_partials_keep_to_the_specification(
    source: str, values: dict[str, Any], partials: dict[str, str], text: str
) -> None:
    assert Mustache(source).format(values, partials) == text


class Guarded:
    """What must not be looked into or called."""

    content = "secret"

    def __call__(self, *args: object) -> str:
        raise AssertionError("called")

    def __str__(self) -> str:
        return "itself"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{a.content}}", ""),
        ("{{a.__class__}}", ""),
        ("{{a.__init__.__globals__}}", ""),
        ("{{#a}}{{content}}{{__class__}}{{/a}}", ""),
        ("{{#a}}{{.}}{{/a}}", "itself"),
        ("{{s.upper}}", ""),
        ("{{s.0}}", ""),
        ("{{list.append}}{{list.-1}}{{list.9}}{{list.١}}", "y"),
        ("{{list.1}}", "y"),
    ],
)
def test_mustache_walks_dicts_and_lists_only(source: str, text: str) -> None:
    assert Mustache(source).format({"a": Guarded(), "s": "text", "list": ["x", "y"]}) == text


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("a\n{{b", "line 2: the tag '{{b' is never closed"),
        ("{{{b}}", "is never closed"),
        ("{{#a}}\n{{#b}}\n{{/b}}", "line 1: the section 'a' is never closed"),
        ("{{/a}}", "closes 'a', and no section is open"),
        ("{{#a}}{{/b}}", "closes 'b', but the open section is 'a'"),
        ("{{}}", "a tag names nothing"),
        ("{{# }}{{/ }}", "a tag names nothing"),
        ("{{=a=}}", "delimiters are given as a pair"),
        ("{{== ==}}", "delimiters are given as a pair"),
        ("{{#a}}" * (MAX_DEPTH + 1), f"deeper than {MAX_DEPTH} levels"),
        ("{{" + ".".join("a" * (MAX_DEPTH + 1)) + "}}", f"deeper than {MAX_DEPTH} levels"),
        ("{{#a.b.c}}" * 50, f"deeper than {MAX_DEPTH} levels"),
        ("{{#a}}" * 100_000, f"deeper than {MAX_DEPTH} levels"),
    ],
)
def test_mustache_refuses_wrong_templates(source: str, complaint: str) -> None:
    with pytest.raises(TemplateError, match=complaint):
        Mustache(source)


def test_mustache_stops_templates_that_repeat_themselves() -> None:
    bomb = Mustache("{{#a}}" * 20 + "x" + "{{/a}}" * 20)
    began = time.perf_counter()
    with pytest.raises(TemplateError, match="repeats more than 10,000,000 characters"):
        bomb.format({"a": list(range(1, 11))})
    with pytest.raises(TemplateError, match="nest deeper"):
        Mustache("{{>p}}").format({}, {"p": "{{>p}}"})
    with pytest.raises(TemplateError, match="repeats more than 10,000,000 characters"):
        Mustache("{{#a}}{{b}}{{/a}}").format({"a": [1] * 1000, "b": "x" * 100_000})
    with pytest.raises(TemplateError, match="repeats more than 10,000,000 characters"):
        Mustache(" " * 100_000 + "{{>p}}").format({}, {"p": "x\n" * 100_000})
    assert time.perf_counter() - began < 2


def test_mustache_is_linear_in_the_template() -> None:
    def parse(n: int) -> Any:
        source = "{{#a}} {{b}}\n  {{/a}}\n\t{{! c }}  " * n
        return lambda: Mustache(source).format({"a": {"b": 1}})

    assert_linear(parse, 200)


@pytest.mark.parametrize("piece", ["{", "}", "{{", "}}", "{{{", " ", "\n", "{{!", "{{=", "=}}"])
def test_mustache_survives_runs_of_anything(piece: str) -> None:
    try:
        Mustache(piece * 100_000).format({})
    except TemplateError:
        pass


def test_mustache_names_what_it_looks_up() -> None:
    template = Mustache(
        "{{a}}{{b.c}}{{#d}}{{e}}{{.}}{{#f}}{{g.h}}{{/f}}{{/d}}{{^i}}{{j}}{{/i}}{{{k}}}{{&l}}{{!m}}{{>n}}{{a}}"
    )
    assert template.fields == ("a", "b", "d", "i", "k", "l")
    assert template.tree() == {
        "a": None,
        "b": {"c": None},
        "d": {"e": None, "f": {"g": {"h": None}}},
        "i": {"j": None},
        "k": None,
        "l": None,
    }


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda t: pickle.loads(pickle.dumps(t))])
def test_mustache_copies_are_equal(copied: Any) -> None:
    template = Mustache("<%a%>", ("<%", "%>"))
    assert copied(template) == template and copied(template).format({"a": 1}) == "1"
    assert template != Mustache("<%a%>")
