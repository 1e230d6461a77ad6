"""Chains as graphs. What is expected here is what users of langchain-core 1.8 know, but where `differs` says why not."""

import operator
from functools import partial
from itertools import cycle
from types import SimpleNamespace
from typing import Any

import pytest

from riverrun.language_models import GenericFakeChatModel
from riverrun.load import dumpd
from riverrun.output_parsers import StrOutputParser
from riverrun.prompts import ChatPromptTemplate, PromptTemplate
from riverrun.runnables import (
    ConfigurableField,
    RouterRunnable,
    Runnable,
    RunnableBranch,
    RunnableGenerator,
    RunnableLambda,
    RunnableParallel,
    RunnablePassthrough,
    RunnableSequence,
)
from riverrun.runnables.graph import CurveStyle, Edge, Graph, Node, NodeStyles


def add_one(x: int) -> int:
    return x + 1


def shout(s: str) -> str:
    return s.upper()


def long(x: Any) -> Any:
    return x


def letters(xs: Any) -> Any:
    yield from xs


prompt = ChatPromptTemplate([("system", "Be {tone}"), ("human", "{q}")])
model = GenericFakeChatModel(messages=cycle(["hello"]))
inner = RunnableLambda(add_one) | shout
holder = SimpleNamespace(model=model, deep=SimpleNamespace(prompt=prompt))


def flat(step: Any, config: Any = None) -> tuple[list[str], list[tuple[str, str]]]:
    """The names of the nodes, and the edges by names."""
    graph = step.get_graph(config).reid()
    return list(graph.nodes), [(edge.source, edge.target) for edge in graph.edges]


def drawn(step: Any) -> list[str]:
    """The lines between the front matter and the styles."""
    text = step.get_graph().draw_mermaid()
    return [line.strip() for line in text.split("graph TD;\n")[1].split("\tclassDef")[0].splitlines()]


# ---------------------------------------------------------------------------------------------------- what is drawn


def test_a_sequence_is_drawn_from_its_input_to_its_output() -> None:
    assert (prompt | model | StrOutputParser()).get_graph().draw_mermaid() == (
        "---\n"
        "config:\n"
        "  flowchart:\n"
        "    curve: linear\n"
        "---\n"
        "graph TD;\n"
        "\tPromptInput([PromptInput]):::first\n"
        "\tChatPromptTemplate(ChatPromptTemplate)\n"
        "\tGenericFakeChatModel(GenericFakeChatModel)\n"
        "\tStrOutputParser(StrOutputParser)\n"
        "\tStrOutputParserOutput([StrOutputParserOutput]):::last\n"
        "\tPromptInput --> ChatPromptTemplate;\n"
        "\tChatPromptTemplate --> GenericFakeChatModel;\n"
        "\tStrOutputParser --> StrOutputParserOutput;\n"
        "\tGenericFakeChatModel --> StrOutputParser;\n"
        "\tclassDef default fill:#f2f0ff,line-height:1.2\n"
        "\tclassDef first fill-opacity:0\n"
        "\tclassDef last fill:#bfb6fc\n"
    )


def test_a_step_alone_stands_between_its_types() -> None:
    assert flat(RunnableLambda(add_one)) == (
        ["add_one_input", "add_one", "add_one_output"],
        [("add_one_input", "add_one"), ("add_one", "add_one_output")],
    )
    assert flat(RunnableLambda(lambda x: x))[0] == ["LambdaInput", "Lambda", "LambdaOutput"]


def test_branches_stand_side_by_side() -> None:
    assert (
        drawn(RunnableParallel(a=inner, b=RunnablePassthrough()))
        == [
            "Parallel\\3ca\\2cb\\3eInput([Parallel#60;a,b#62;Input]):::first",  # differs: Mermaid would drop a bare <a,b>
            "Parallel\\3ca\\2cb\\3eOutput([Parallel#60;a,b#62;Output]):::last",
            "add_one(add_one)",
            "shout(shout)",
            "Passthrough(Passthrough)",
            "add_one --> shout;",
            "Parallel\\3ca\\2cb\\3eInput --> add_one;",
            "shout --> Parallel\\3ca\\2cb\\3eOutput;",
            "Parallel\\3ca\\2cb\\3eInput --> Passthrough;",
            "Passthrough --> Parallel\\3ca\\2cb\\3eOutput;",
        ]
    )


def test_a_parallel_keeps_its_ends_inside_a_sequence() -> None:
    nodes, edges = flat(RunnableLambda(add_one) | {"x": inner, "y": letters} | RunnableLambda(long))
    assert nodes == [
        "add_one_input",
        "add_one_1",
        "Parallel<x,y>Input",
        "Parallel<x,y>Output",
        "add_one_2",
        "shout",
        "letters",
        "long",
        "long_output",
    ]
    assert edges == [
        ("add_one_input", "add_one_1"),
        ("add_one_2", "shout"),
        ("Parallel<x,y>Input", "add_one_2"),
        ("shout", "Parallel<x,y>Output"),
        ("Parallel<x,y>Input", "letters"),
        ("letters", "Parallel<x,y>Output"),
        ("add_one_1", "Parallel<x,y>Input"),
        ("long", "long_output"),
        ("Parallel<x,y>Output", "long"),
    ]


def test_assign_hands_on_what_it_is_given_beside_what_it_makes() -> None:
    nodes, edges = flat(RunnablePassthrough.assign(n=lambda d: len(d)))
    assert nodes == ["Assign<n>Input", "Assign<n>Output", "Lambda", "Passthrough"]
    assert ("Assign<n>Input", "Passthrough") in edges
    assert ("Passthrough", "Assign<n>Output") in edges


@pytest.mark.parametrize(
    ("step", "names"),
    [
        (RunnableBranch((add_one, inner), shout), ["Branch"]),
        (RouterRunnable({"a": inner}), ["RouterRunnable"]),
        (model.with_fallbacks([RunnableLambda(shout)]), ["WithFallbacks"]),
        (RunnableGenerator(letters), ["letters"]),
        (inner.with_retry(), ["add_one", "shout"]),
        (inner.map(), ["add_one", "shout"]),
        (inner.bind(x=1), ["add_one", "shout"]),
        (inner.with_config(run_name="named"), ["add_one", "shout"]),
        (RunnableSequence(add_one, shout, name="mine"), ["add_one", "shout"]),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Runnable) else "",
)
def test_what_only_runs_another_step_is_drawn_as_that(step: Any, names: list[str]) -> None:
    assert flat(step)[0][1:-1] == names


def test_the_types_stand_for_pydantic_models() -> None:
    graph = inner.get_graph()
    first, last = graph.first_node(), graph.last_node()
    assert first is not None
    assert last is not None
    assert first.data.model_json_schema() == {"title": "add_one_input", "type": "integer"}
    assert last.data.model_json_schema() == {"title": "shout_output", "type": "string"}


def test_metadata_is_drawn_on_the_steps_it_holds_for() -> None:
    step = inner.with_config(metadata={"a": 1, "b": "<x>"}).with_config(metadata={"a": 2})
    assert (
        "\tadd_one(add_one<hr/><small><em>a = 2\nb = #60;x#62;</em></small>)"
        in step.get_graph().draw_mermaid()
    )
    assert [node.metadata for node in step.get_graph().nodes.values()] == [
        None,
        *[{"a": 2, "b": "<x>"}] * 2,
        None,
    ]
    assert flat(inner, {"metadata": {"k": "v"}})[0] == flat(inner)[0]


def test_a_graph_follows_a_config() -> None:
    step = RunnableLambda(add_one).configurable_alternatives(
        ConfigurableField("which"), other=RunnableLambda(shout)
    )
    assert flat(step)[0][1] == "add_one"
    assert flat(step, {"configurable": {"which": "other"}})[0][1] == "shout"
    assert flat(step.with_config(configurable={"which": "other"}) | RunnableLambda(long))[0][1] == "shout"


def test_a_class_may_draw_itself() -> None:
    class Drawn(RunnablePassthrough[Any]):
        def get_graph(self, config: Any = None) -> Graph:
            graph = Graph()
            graph.add_node(None, id="mine")
            return graph

    assert flat(RunnableLambda(add_one) | Drawn() | RunnableLambda(shout))[0] == [
        "add_one_input",
        "add_one",
        "mine",
        "shout",
        "shout_output",
    ]


# ----------------------------------------------------------------------------------------- functions and prompts


def test_a_function_is_drawn_as_the_steps_it_refers_to() -> None:
    def calls(x: Any) -> Any:
        return inner.invoke(x)

    assert flat(RunnableLambda(calls)) == (
        ["calls_input", "calls_output", "add_one", "shout"],
        [("add_one", "shout"), ("calls_input", "add_one"), ("shout", "calls_output")],
    )


def test_dependencies_are_found_wherever_a_function_reaches() -> None:
    local = RunnableLambda(shout)
    bound_method = model.invoke

    class Agent:
        def __init__(self) -> None:
            self.step = local

        def run(self, x: Any) -> Any:
            return self.step.invoke(x)

    def nested(x: Any) -> Any:
        return [prompt.invoke(i) for i in x], (lambda y: model.invoke(y))(x)

    def shadowed(x: Any) -> Any:
        prompt = x
        return [prompt]

    def default(x: Any, step: Any = local) -> Any:
        return step.invoke(x)

    found = {
        "global": RunnableLambda(lambda x: model.invoke(x)),
        "closure": RunnableLambda(lambda x: local.invoke(x)),
        "attribute": RunnableLambda(lambda x: holder.deep.prompt.invoke(x)),
        "method": RunnableLambda(Agent().run),
        "bound method": RunnableLambda(lambda x: bound_method(x)),
        "nested": RunnableLambda(nested),
        "default": RunnableLambda(default),
        "partial": RunnableLambda(partial(default, step=model)),
        "shadowed": RunnableLambda(shadowed),
        "none": RunnableLambda(operator.itemgetter("x")),
    }
    assert {name: step.deps for name, step in found.items()} == {
        "global": [model],
        "closure": [local],
        "attribute": [prompt],
        "method": [local],
        "bound method": [model],
        "nested": [prompt, model],
        "default": [local],
        "partial": [model, local],
        "shadowed": [],
        "none": [],
    }


def test_looking_for_dependencies_runs_nothing() -> None:
    class Lazy:
        @property
        def step(self) -> Any:
            raise AssertionError

    lazy = Lazy()
    assert RunnableLambda(lambda x: lazy.step.invoke(x)).deps == []


def test_a_function_that_refers_to_its_own_chain_is_drawn_once() -> None:
    def again(x: Any) -> Any:
        return mine.whole

    mine = SimpleNamespace()
    mine.whole = RunnableLambda(again) | prompt
    assert flat(mine.whole)[0] == [
        "again_input",
        "Sequence",
        "ChatPromptTemplate",
        "ChatPromptTemplateOutput",
    ]
    assert mine.whole.get_prompts() == [prompt]


def test_get_prompts_finds_every_prompt() -> None:
    other = PromptTemplate.from_template("say {x}")
    assert (prompt | model).get_prompts() == [prompt]
    assert RunnableParallel(a=other, b=prompt | model).get_prompts() == [other, prompt]
    assert RunnableLambda(lambda x: holder.deep.prompt.invoke(x)).get_prompts() == [prompt]
    assert (prompt | model).with_config(tags=["t"]).map().get_prompts() == [prompt]
    # differs: the prompts in alternatives are part of the chain too
    assert model.with_fallbacks([prompt | model]).get_prompts() == [prompt]
    assert RunnableBranch((lambda x: True, prompt), other).get_prompts() == [other, prompt]
    assert RouterRunnable({"a": prompt}).get_prompts() == [prompt]
    assert inner.get_prompts() == []


# --------------------------------------------------------------------------------------------------- graphs as such


def small() -> tuple[Graph, Node, Node]:
    graph = Graph()
    one, two = graph.add_node(RunnableLambda(add_one), id="x"), graph.add_node(None, id="y")
    return graph, one, two


def test_nodes_and_edges_are_added_and_removed() -> None:
    graph, one, two = small()
    assert graph
    assert not Graph()
    assert graph.add_edge(one, two, data="why", conditional=True) == Edge("x", "y", "why", True)
    assert graph.to_json() == {
        "nodes": [
            {
                "id": "x",
                "type": "runnable",
                "data": {"id": ["riverrun", "runnables", "function", "RunnableLambda"], "name": "x"},
            },
            {"id": "y"},
        ],
        "edges": [{"source": "x", "target": "y", "data": "why", "conditional": True}],
    }
    graph.remove_node(two)
    assert list(graph.nodes) == ["x"]
    assert graph.edges == []


def test_json_numbers_the_nodes_and_may_hold_schemas() -> None:
    said = inner.get_graph().to_json()
    assert said["nodes"][0] == {"id": 0, "type": "schema", "data": "add_one_input"}
    assert said["edges"] == [
        {"source": 0, "target": 1},
        {"source": 2, "target": 3},
        {"source": 1, "target": 2},
    ]
    assert inner.get_graph().to_json(with_schemas=True)["nodes"][0]["data"] == {
        "title": "add_one_input",
        "type": "integer",
    }
    assert inner.get_graph({"metadata": {"a": 1}}).to_json()["nodes"][1]["metadata"] == {"a": 1}


def test_a_graph_as_json_calls_steps_as_dumps_do() -> None:
    chain = PromptTemplate.from_template("{x}") | StrOutputParser()
    ids = [node["data"]["id"] for node in chain.get_graph().to_json()["nodes"] if node["type"] == "runnable"]
    assert ids == [dumpd(step)["id"] for step in chain.steps]
    assert ids[0] == ["langchain", "prompts", "prompt", "PromptTemplate"]


def test_ids_are_unique_and_edges_have_ends() -> None:
    graph, one, _ = small()
    with pytest.raises(ValueError, match="the id 'x'"):
        graph.add_node(None, id="x")
    stranger = Node("z", "z", None)
    with pytest.raises(ValueError, match="the target 'z'"):
        graph.add_edge(one, stranger)
    with pytest.raises(ValueError, match="the source 'z'"):
        graph.add_edge(stranger, one)
    other = Graph()
    other.add_node(None, id="x")
    with pytest.raises(ValueError, match="the id 'x'"):
        graph.extend(other)


def test_the_ends_of_a_graph_are_trimmed_only_where_one_way_leads() -> None:
    graph, one, two = small()
    assert (graph.first_node(), graph.last_node()) == (None, None)
    graph.add_edge(one, two)
    assert (graph.first_node(), graph.last_node()) == (one, two)
    graph.trim_first_node()
    assert list(graph.nodes) == ["y"]
    graph.trim_last_node()
    assert list(graph.nodes) == ["y"]

    graph, one, two = small()
    three = graph.add_node(None, id="z")
    graph.add_edge(one, two)
    graph.add_edge(one, three)
    graph.trim_first_node()
    assert list(graph.nodes) == ["x", "y", "z"]


def test_extend_takes_a_graph_in_under_a_prefix() -> None:
    inside, one, two = small()
    inside.add_edge(one, two)
    graph = Graph()
    top = graph.add_node(None, id="top")
    first, last = graph.extend(inside, prefix="sub")
    assert first is not None
    assert last is not None
    graph.add_edge(top, first)
    assert list(graph.nodes) == ["top", "sub:x", "sub:y"]
    assert (first.name, last.name) == ("x", "y")
    assert graph.draw_mermaid(with_styles=False).splitlines() == [
        "graph TD;",
        "\ttop --> sub\\3ax;",
        "\tsubgraph sub",
        "\tsub\\3ax(x)",
        "\tsub\\3ay(y)",
        "\tsub\\3ax --> sub\\3ay;",
        "\tend",
    ]


def test_a_prefix_leaves_ids_alone_that_nobody_chose() -> None:
    whole = Graph()
    whole.extend(inner.get_graph(), prefix="sub")
    assert not any(":" in node_id for node_id in whole.nodes)


def test_reid_numbers_equal_names_and_avoids_those_that_are_taken() -> None:
    graph = Graph()
    for name in ("add_one", "add_one", "add_one_1"):
        graph.add_node(RunnableLambda(add_one, name=name))
    assert list(graph.reid().nodes) == ["add_one_2", "add_one_3", "add_one_1"]


def test_edges_carry_labels() -> None:
    graph, one, two = small()
    graph.add_edge(one, two, data="one two three")
    graph.add_edge(one, two, data='"a" -->', conditional=True)
    graph.add_edge(one, two, conditional=True)
    assert graph.draw_mermaid(wrap_label_n_words=2).splitlines()[8:11] == [
        "\tx -- &nbsp;one two&nbsp;<br>&nbsp;three&nbsp; --> y;",
        "\tx -. &nbsp;#34;a#34; #45;#45;#62;&nbsp; .-> y;",
        "\tx -.-> y;",
    ]


def test_styles_and_the_front_matter_are_the_users() -> None:
    graph, one, two = small()
    graph.add_edge(one, two)
    assert graph.draw_mermaid(
        curve_style=CurveStyle.BASIS,
        node_colors=NodeStyles(first="fill:#fff"),
        frontmatter_config={
            "title": "a: b",
            "config": {"theme": "neutral", "themeVariables": {"c": "#fff", "on": True}},
        },
    ) == (
        "---\n"
        "config:\n"
        "  flowchart:\n"
        "    curve: basis\n"
        "  theme: neutral\n"
        "  themeVariables:\n"
        '    c: "#fff"\n'
        "    on: true\n"
        'title: "a: b"\n'
        "---\n"
        "graph TD;\n"
        "\tx([x]):::first\n"
        "\ty([y]):::last\n"
        "\tx --> y;\n"
        "\tclassDef default fill:#f2f0ff,line-height:1.2\n"
        "\tclassDef first fill:#fff\n"
        "\tclassDef last fill:#bfb6fc\n"
    )
    assert graph.draw_mermaid(with_styles=False) == "graph TD;\n\tx --> y;\n"


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("end", "\\65nd(end)"),  # differs: Mermaid takes these words for its own
        ("style", "\\73tyle(style)"),
        ("end-x", "\\65nd-x(end-x)"),
        ("endpoint", "endpoint(endpoint)"),
        ("a b", "a\\20b(a b)"),
        ("a(b)", 'a\\28b\\29("a(b)")'),
        ("[x]", '\\5bx\\5d("[x]")'),
        ('say "x"', "say\\20\\22x\\22(say #34;x#34;)"),
        ("openai:gpt-4", "openai_gpt-4(openai:gpt-4)"),
        ("__start__", "__start__(<p>__start__</p>)"),
        ("a--b", "a-\\2db(a--b)"),
        ("é", "\\e9(é)"),
    ],
)
def test_any_name_can_be_drawn(name: str, line: str) -> None:
    graph = Graph()
    for each in ("before", name, "after"):
        graph.add_node(RunnableLambda(add_one, name=each))
    assert graph.draw_mermaid().splitlines()[7] == f"\t{line}"


def test_a_graph_shows_itself() -> None:
    graph, one, _ = small()
    assert repr(graph).startswith("Graph(nodes={'x': Node(id='x', name='x', ")
    assert graph == Graph({"x": one, "y": Node("y", "y", None)}, [])
    assert one.copy(name="z") == Node("x", "z", one.data)
