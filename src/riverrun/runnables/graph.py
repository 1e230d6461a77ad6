"""`get_graph` and `get_prompts`: what a chain is made of, found without running it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from riverrun._engine.config import EMPTY, NOTHING, RunnableConfig, Scope
from riverrun._engine.runnable import Runnable
from riverrun._pure.graph import Edge, Graph, Node, is_generated, node_data_json, node_data_str
from riverrun._pure.mermaid import CurveStyle, NodeStyles

__all__ = ["CurveStyle", "Edge", "Graph", "Node", "NodeStyles", "is_uuid", "node_data_json", "node_data_str"]

Step = Runnable[Any, Any]


def is_uuid(value: str) -> bool:
    """Whether a node's id is a UUID, which nobody chose."""
    return is_generated(value)


def graph_of(step: Step, config: RunnableConfig | None = None) -> Graph:
    """What `Runnable.get_graph` gives: `step` between the types of its input and output, and the steps inside for it."""
    return _graph(step, EMPTY.over(config or NOTHING), (), True, True)


def _graph(step: Step, scope: Scope, above: tuple[Step, ...], head: bool, tail: bool) -> Graph:
    """The graph of a step; with its input type if `head`, with its output type if `tail`, or where several ways meet there."""
    if any(step is other for other in above):  # a function may refer to the chain that it is a part of
        return _alone(step, scope, head, tail)
    above = (*above, step)
    if step.is_lens:
        inner, scope, _ = step.through(scope)
        return _inner_graph(inner, scope, above, head, tail)
    parts = list(step._parts().values())
    match step._wiring:
        case "inside" | "each":
            return _inner_graph(parts[0], scope, above, head, tail)
        case "line":
            last = len(parts) - 1
            return _in_line(
                _inner_graph(part, scope, above, head and n == 0, tail and n == last)
                for n, part in enumerate(parts)
            )
        case "calls" if not parts:
            return _alone(step, scope, head, tail)
        case "side" | "calls":
            several = len(parts) != 1
            return _side_by_side(
                step,
                (_inner_graph(part, scope, above, False, False) for part in parts),
                scope,
                head or several,
                tail or several,
            )
        case _:
            return _alone(step, scope, head, tail)


def _inner_graph(step: Step, scope: Scope, above: tuple[Step, ...], head: bool, tail: bool) -> Graph:
    """The graph of a step inside another, drawn by itself if its class knows how."""
    if type(step).get_graph is Runnable.get_graph:
        return _graph(step, scope, above, head, tail)
    graph = step.get_graph(_config(scope))
    if not head:
        graph.trim_first_node()
    if not tail:
        graph.trim_last_node()
    return graph


def _alone(step: Step, scope: Scope, head: bool, tail: bool) -> Graph:
    graph, config = Graph(), _config(scope)
    source = graph.add_node(step.get_input_schema(config)) if head else None
    node = graph.add_node(step, metadata=dict(scope.metadata) or None)
    if source:
        graph.add_edge(source, node)
    if tail:
        graph.add_edge(node, graph.add_node(step.get_output_schema(config)))
    return graph


def _in_line(graphs: Iterable[Graph]) -> Graph:
    whole = Graph()
    before: Node | None = None
    for graph in graphs:
        first, last = whole.extend(graph)
        if before and first:
            whole.add_edge(before, first)
        before = last
    return whole


def _side_by_side(step: Step, graphs: Iterable[Graph], scope: Scope, head: bool, tail: bool) -> Graph:
    """All between the types of the input and output of `step`."""
    whole, config = Graph(), _config(scope)
    source = _end(whole, step.get_input_schema(config), step.get_name("Input")) if head else None
    target = _end(whole, step.get_output_schema(config), step.get_name("Output")) if tail else None
    for graph in graphs:
        first, last = whole.extend(graph)
        if source and first:
            whole.add_edge(source, first)
        if last and target:
            whole.add_edge(last, target)
    return whole


def _end(graph: Graph, schema: Any, name: str) -> Node:
    node = graph.add_node(schema).copy(name=name.removeprefix("Runnable"))
    graph.nodes[node.id] = node
    return node


def _config(scope: Scope) -> RunnableConfig | None:
    """What a graph or a schema depends on, as a config."""
    config: RunnableConfig = {}
    if scope.metadata:
        config["metadata"] = dict(scope.metadata)
    if scope.configurable:
        config["configurable"] = dict(scope.configurable)
    return config or None


def prompts_in(step: Step, config: RunnableConfig | None = None) -> list[Any]:
    """What `Runnable.get_prompts` gives."""
    return list(_prompts(step, EMPTY.over(config or NOTHING), ()))


def _prompts(step: Step, scope: Scope, above: tuple[Step, ...]) -> Iterator[Any]:
    if any(step is other for other in above):  # a function may refer to the chain that it is a part of
        return
    above = (*above, step)
    if step.kind == "prompt" and not step.is_lens:
        yield step
    elif step.is_lens:
        inner, scope, _ = step.through(scope)
        yield from _prompts(inner, scope, above)
    else:
        for inner in step._inner_steps():
            yield from _prompts(inner, scope, above)
