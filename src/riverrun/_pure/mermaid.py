"""Graphs in the language of Mermaid, whatever their nodes are called.

Mermaid reads some words and signs as its own. In an id they are written as `\\3c` (an escape it takes for plain
letters), in a label as `#60;` (an entity that it shows as the sign).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any, NamedTuple


class CurveStyle(Enum):
    """How edges bend."""

    BASIS = "basis"
    BUMP_X = "bumpX"
    BUMP_Y = "bumpY"
    CARDINAL = "cardinal"
    CATMULL_ROM = "catmullRom"
    LINEAR = "linear"
    MONOTONE_X = "monotoneX"
    MONOTONE_Y = "monotoneY"
    NATURAL = "natural"
    STEP = "step"
    STEP_AFTER = "stepAfter"
    STEP_BEFORE = "stepBefore"


class NodeStyles(NamedTuple):
    """The CSS of the nodes."""

    default: str = "fill:#f2f0ff,line-height:1.2"
    first: str = "fill-opacity:0"
    last: str = "fill:#bfb6fc"


def mermaid(
    graph: Any,
    ids: Mapping[str, str],
    *,
    with_styles: bool,
    curve_style: CurveStyle,
    node_colors: NodeStyles,
    wrap_label_n_words: int,
    frontmatter_config: dict[str, Any],
) -> str:
    """`graph` as a flowchart from top to bottom, its nodes under the readable `ids`."""
    first, last = graph.first_node(), graph.last_node()
    groups = _Group()
    for id, node in graph.nodes.items():
        line = _node(ids[id], node, with_styles, node is first, node is last)
        if line:
            groups.at(_path(id)).nodes.append(line)
    for edge in graph.edges:
        both = _shared(_path(edge.source), _path(edge.target))
        line = _edge(ids[edge.source], ids[edge.target], edge, wrap_label_n_words)
        groups.at(both).edges.append(line)
    lines = ["graph TD;", *groups.lines()]
    if with_styles:
        lines = ["---", *_yaml(_front_matter(curve_style, frontmatter_config)), "---", *lines]
        lines += [f"\tclassDef {name} {style}" for name, style in node_colors._asdict().items()]
    return "\n".join(lines) + "\n"


# ------------------------------------------------------------------------------------------------- nodes and edges


class _Group:
    """The lines of one subgraph; those inside it come last."""

    def __init__(self) -> None:
        self.nodes: list[str] = []
        self.edges: list[str] = []
        self.inside: dict[str, _Group] = {}

    def at(self, path: tuple[str, ...]) -> _Group:
        return self.inside.setdefault(path[0], _Group()).at(path[1:]) if path else self

    def lines(self) -> Iterator[str]:
        yield from self.nodes
        yield from self.edges
        for name, group in self.inside.items():
            yield f"\tsubgraph {name}" if _id(name) == name else f'\tsubgraph {_id(name)}["{_text(name)}"]'
            yield from group.lines()
            yield "\tend"


def _path(id: str) -> tuple[str, ...]:
    return tuple(id.split(":")[:-1])


def _shared(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    for n, (mine, theirs) in enumerate(zip(one, other, strict=False)):
        if mine != theirs:
            return one[:n]
    return min(one, other, key=len)


def _node(id: str, node: Any, with_styles: bool, is_first: bool, is_last: bool) -> str:
    label, plain = _label(node)
    if not with_styles:
        return "" if _id(id) == label else f"\t{_id(id)}({plain})"
    if is_first or is_last:
        return f"\t{_id(id)}([{plain}]):::{'last' if is_last else 'first'}"
    return f"\t{_id(id)}({plain})"


def _label(node: Any) -> tuple[str, str]:
    """What is written on a node, bare and as Mermaid takes it: quoted where it is more than words."""
    name = _text(node.name)
    said = "\n".join(
        f"{_text(str(key))} = {_text(_plain(value))}" for key, value in (node.metadata or {}).items()
    )
    is_bare = re.fullmatch(r"\w[\w\s.,:;=#/-]*", name + said) is not None
    if re.fullmatch(r"([*_]).*\1", name):
        name = f"<p>{name}</p>"  # else Mermaid reads it as emphasis
    if said:
        name += f"<hr/><small><em>{said}</em></small>"
    return name, name if is_bare else f'"{name}"'


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple | set) else str(value)


def _edge(source: str, target: str, edge: Any, words_a_line: int) -> str:
    line, head = ("-.", ".->") if edge.conditional else ("--", "-->")
    arrow = "-.->" if edge.conditional else "-->"
    if words := str("" if edge.data is None else edge.data).split():
        rows = [" ".join(words[n : n + words_a_line]) for n in range(0, len(words), words_a_line)]
        said = "&nbsp;<br>&nbsp;".join(map(_edge_text, rows))
        arrow = f"{line} &nbsp;{said}&nbsp; {head}"
    return f"\t{_id(source)} {arrow} {_id(target)};"


# ------------------------------------------------------------------------------------------------------- escaping

_WORDS = "call|class|classDef|click|default|direction|end|flowchart|flowchart-elk|graph|href|interpolate|linkStyle|style|subgraph"
_RESERVED = re.compile(rf"(?:{_WORDS}|_self|_blank|_parent|_top)(?!\w)")


def _id(name: str) -> str:
    escaped = re.sub(r"[^\w-]|(?<=-)-|^-|-$", lambda sign: f"\\{ord(sign[0]):x}", name, flags=re.ASCII)
    return f"\\{ord(name[0]):x}{escaped[1:]}" if _RESERVED.match(escaped) else escaped


def _text(text: str) -> str:
    return re.sub(r'[#&<>"`]', lambda sign: f"#{ord(sign[0])};", text)


def _edge_text(text: str) -> str:
    return re.sub(
        r"[^\w\s,:;/()'?!+*=-]|--+", lambda signs: "".join(f"#{ord(sign)};" for sign in signs[0]), text
    )


# --------------------------------------------------------------------------------------------------- front matter


def _front_matter(curve_style: CurveStyle, given: dict[str, Any]) -> dict[str, Any]:
    config = given.get("config") or {}
    flowchart = {**(config.get("flowchart") or {}), "curve": curve_style.value}
    return {**given, "config": {**config, "flowchart": flowchart}}


def _yaml(value: dict[str, Any], indent: str = "") -> Iterator[str]:
    for key, item in sorted(value.items()):
        if isinstance(item, dict) and item:
            yield f"{indent}{key}:"
            yield from _yaml(item, indent + "  ")
        else:
            yield f"{indent}{key}: {_scalar(item)}"


def _scalar(item: Any) -> str:
    """A word as it is, all else as JSON, which YAML reads too."""
    words = ("true", "false", "yes", "no", "on", "off", "null")
    is_plain = (
        isinstance(item, str) and re.fullmatch(r"[A-Za-z][\w -]*\w", item) and item.lower() not in words
    )
    return str(item) if is_plain else json.dumps(item)
