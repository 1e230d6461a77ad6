"""Graphs drawn with characters, given as bare labels and edges."""

from collections.abc import Mapping, Sequence
from typing import Any

from riverrun._pure.ascii_graph import draw

__all__ = ["draw_ascii"]


def draw_ascii(vertices: Mapping[str, str], edges: Sequence[Any]) -> str:
    """The nodes, labels by their ids, and the `Edge`s between them as lines of text."""
    return draw(vertices, [(edge.source, edge.target, edge.conditional) for edge in edges])
