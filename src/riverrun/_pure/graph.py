"""What a chain looks like: nodes and edges, as data to look through, to change and to draw."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Collection
from typing import Any, NamedTuple

from riverrun._pure.ascii_graph import draw, labels_of
from riverrun._pure.mermaid import CurveStyle, NodeStyles, mermaid


class Node(NamedTuple):
    """A step, or the type of what goes in or comes out."""

    id: str
    name: str
    data: Any
    """The step itself, a pydantic model class, or None."""
    metadata: dict[str, Any] | None = None

    def copy(self, *, id: str | None = None, name: str | None = None) -> Node:
        """This node under another id or name."""
        return self._replace(id=id or self.id, name=name or self.name)


class Edge(NamedTuple):
    """A way from one node to another, by their ids."""

    source: str
    target: str
    data: Any = None
    """What to write on it."""
    conditional: bool = False

    def copy(self, *, source: str | None = None, target: str | None = None) -> Edge:
        """This edge between other nodes."""
        return self._replace(source=source or self.source, target=target or self.target)


class Graph:
    """Nodes by their ids, and the edges between them."""

    __slots__ = ("edges", "nodes")

    def __init__(self, nodes: dict[str, Node] | None = None, edges: list[Edge] | None = None) -> None:
        self.nodes = {} if nodes is None else nodes
        self.edges = [] if edges is None else edges

    def __bool__(self) -> bool:
        return bool(self.nodes)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Graph):
            return (self.nodes, self.edges) == (other.nodes, other.edges)
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __repr__(self) -> str:
        return f"Graph(nodes={self.nodes!r}, edges={self.edges!r})"

    # ----------------------------------------------------------------------------------------------- making it

    def next_id(self) -> str:
        """An id that no node has: 32 hexadecimal digits. `to_json` and `reid` replace it with something readable."""
        return os.urandom(16).hex()

    def add_node(self, data: Any, id: str | None = None, *, metadata: dict[str, Any] | None = None) -> Node:
        """A new node, named by its id; without one, as the step or type that `data` is.

        Raises:
            ValueError: there is a node of this id.
        """
        if id is not None and id in self.nodes:
            raise ValueError(f"there is a node with the id {id!r} already")
        own_id = id or self.next_id()
        node = Node(own_id, own_id if id or data is None else name_of(data), data, metadata)
        self.nodes[node.id] = node
        return node

    def add_edge(self, source: Node, target: Node, data: Any = None, conditional: bool = False) -> Edge:
        """A new edge.

        Raises:
            ValueError: one of the nodes is not in the graph.
        """
        for end, node in (("source", source), ("target", target)):
            if node.id not in self.nodes:
                raise ValueError(f"the {end} {node.id!r} of the edge is not in the graph")
        edge = Edge(source.id, target.id, data, conditional)
        self.edges.append(edge)
        return edge

    def remove_node(self, node: Node) -> None:
        """Take a node out, with its edges.

        Raises:
            KeyError: it is not in the graph.
        """
        del self.nodes[node.id]
        self.edges = self._without(node).edges

    def extend(self, graph: Graph, *, prefix: str = "") -> tuple[Node | None, Node | None]:
        """Take in all of `graph`; its first and last node are returned as they are called here.

        With a prefix the ids that somebody chose become `prefix:id`, and such nodes are drawn as a subgraph.

        Raises:
            ValueError: two nodes would have one id.
        """
        if all(map(is_generated, graph.nodes)):
            prefix = ""
        ids = {id: f"{prefix}:{id}" if prefix else id for id in graph.nodes}
        for id, node in graph.nodes.items():
            if self.nodes.get(ids[id], node) is not node:
                raise ValueError(f"there is a node with the id {ids[id]!r} already")
        self.nodes.update({ids[id]: node.copy(id=ids[id]) for id, node in graph.nodes.items()})
        if graph is not self:
            self.edges += [
                edge.copy(source=ids[edge.source], target=ids[edge.target]) for edge in graph.edges
            ]
        first, last = graph.first_node(), graph.last_node()
        return (self.nodes[ids[first.id]] if first else None, self.nodes[ids[last.id]] if last else None)

    # ------------------------------------------------------------------------------------------------ its ends

    def first_node(self) -> Node | None:
        """The node that no edge leads to; None if there is no such node, or more than one."""
        return self._end({edge.target for edge in self.edges})

    def last_node(self) -> Node | None:
        """The node that no edge leaves; None if there is no such node, or more than one."""
        return self._end({edge.source for edge in self.edges})

    def trim_first_node(self) -> None:
        """Take the first node out, if one edge leaves it and another node is the first then."""
        first = self.first_node()
        if first and sum(edge.source == first.id for edge in self.edges) == 1:
            rest = self._without(first)
            if rest.first_node():
                self.nodes, self.edges = rest.nodes, rest.edges

    def trim_last_node(self) -> None:
        """Take the last node out, if one edge leads to it and another node is the last then."""
        last = self.last_node()
        if last and sum(edge.target == last.id for edge in self.edges) == 1:
            rest = self._without(last)
            if rest.last_node():
                self.nodes, self.edges = rest.nodes, rest.edges

    def _end(self, inside: Collection[str]) -> Node | None:
        found = [node for id, node in self.nodes.items() if id not in inside]
        return found[0] if len(found) == 1 else None

    def _without(self, node: Node) -> Graph:
        return Graph(
            {id: other for id, other in self.nodes.items() if id != node.id},
            [edge for edge in self.edges if node.id not in (edge.source, edge.target)],
        )

    # ---------------------------------------------------------------------------------------------- showing it

    def reid(self) -> Graph:
        """This graph with readable ids: the names of the nodes, with a number where several have the same."""
        ids = self._readable_ids()
        return Graph(
            {ids[id]: node.copy(id=ids[id]) for id, node in self.nodes.items()},
            [edge.copy(source=ids[edge.source], target=ids[edge.target]) for edge in self.edges],
        )

    def _readable_ids(self) -> dict[str, str]:
        named = {
            id: _prefix(id) + node.name.replace(":", "_") if is_generated(id) else id
            for id, node in self.nodes.items()
        }
        counts = Counter(named.values())
        taken = {name for name, count in counts.items() if count == 1}
        ids: dict[str, str] = {}
        numbers: Counter[str] = Counter()
        for id, name in named.items():
            readable = name
            while counts[name] > 1 and (readable == name or readable in taken):
                numbers[name] += 1
                readable = f"{name}_{numbers[name]}"
            taken.add(readable)
            ids[id] = readable
        return ids

    def to_json(self, *, with_schemas: bool = False) -> dict[str, list[dict[str, Any]]]:
        """The graph as JSON: nodes whose ids nobody chose are numbered. Types go by name, or as JSON Schema."""
        ids: dict[str, Any] = {id: n if is_generated(id) else id for n, id in enumerate(self.nodes)}
        return {
            "nodes": [
                {"id": ids[id], **node_data_json(node, with_schemas=with_schemas)}
                for id, node in self.nodes.items()
            ],
            "edges": [
                {
                    "source": ids[edge.source],
                    "target": ids[edge.target],
                    **({} if edge.data is None else {"data": edge.data}),
                    **({"conditional": True} if edge.conditional else {}),
                }
                for edge in self.edges
            ],
        }

    def draw_mermaid(
        self,
        *,
        with_styles: bool = True,
        curve_style: CurveStyle = CurveStyle.LINEAR,
        node_colors: NodeStyles | None = None,
        wrap_label_n_words: int = 9,
        frontmatter_config: dict[str, Any] | None = None,
    ) -> str:
        """The graph in the language of Mermaid (https://mermaid.js.org/syntax/flowchart.html).

        `wrap_label_n_words` breaks what is written on edges into lines; `frontmatter_config` is Mermaid's own
        configuration, `{"config": {"theme": "neutral"}}`. Without styles there is neither this nor a colour.
        """
        return mermaid(
            self,
            self._readable_ids(),
            with_styles=with_styles,
            curve_style=curve_style,
            node_colors=node_colors or NodeStyles(),
            wrap_label_n_words=wrap_label_n_words,
            frontmatter_config=frontmatter_config or {},
        )

    def draw_ascii(self) -> str:
        """The graph drawn with characters: boxes from top to bottom, edges of stars, conditional ones of dots."""
        edges = [(edge.source, edge.target, edge.conditional) for edge in self.edges]
        return draw(labels_of(self.nodes), edges)

    def print_ascii(self) -> None:
        """Print `draw_ascii`."""
        print(self.draw_ascii())


def is_generated(id: str) -> bool:
    """Whether an id is a bare number, as `next_id` or a UUID is, and says nothing to people."""
    own = id.removeprefix(_prefix(id))
    return re.fullmatch(r"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}", own) is not None


def _prefix(id: str) -> str:
    return "".join(id.rpartition(":")[:2])


def name_of(data: Any) -> str:
    """What a node with this data is called: the name of the step or type, without the `Runnable` before it."""
    name = data.__name__ if isinstance(data, type) else _step_name(data) or type(data).__name__
    return name.removeprefix("Runnable") or name


def _step_name(data: Any) -> str | None:
    return str(data.get_name()) if callable(getattr(data, "get_name", None)) else None


def node_data_str(id: str, data: Any) -> str:
    """What to call the node `id` that holds `data`: by its data if nobody chose the id."""
    return name_of(data) if data is not None and is_generated(id) else id


def node_data_json(node: Node, *, with_schemas: bool = False) -> dict[str, Any]:
    """What `Graph.to_json` says of a node besides its id."""
    data = node.data
    said: dict[str, Any] = {}
    if isinstance(data, type) and hasattr(data, "model_json_schema"):
        said = {"type": "schema", "data": data.model_json_schema() if with_schemas else node.name}
    elif _step_name(data) is not None:
        cls = type(data)
        known = data.lc_id() if hasattr(cls, "lc_id") else [*cls.__module__.split("."), cls.__name__]
        said = {"type": "runnable", "data": {"id": known, "name": node.name}}
    elif data is not None:
        said = {"type": "unknown", "data": node.name}
    return {**said, **({"metadata": node.metadata} if node.metadata else {})}
