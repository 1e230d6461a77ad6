"""Graphs drawn with characters: boxes in layers from top to bottom, edges of stars, conditional ones of dots.

The layers are those of Sugiyama, Tagawa and Toda, "Methods for Visual Understanding of Hierarchical System Structures"
(1981): each node below all that lead to it, an edge that passes a layer bent at a point there, each layer sorted and placed
by where its neighbours are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

GAP = 5
"""Columns between two boxes of a layer."""
ROWS = 3
"""Rows of a box, and between two layers."""
SWEEPS = 8
"""How often the layers are gone through, down and up. More changes little."""


class _Place:
    """A box, or the point at which an edge passes a layer."""

    __slots__ = ("above", "below", "label", "layer", "width", "x")

    def __init__(self, label: str | None, layer: int) -> None:
        self.label = label
        self.layer = layer
        self.width = 1 if label is None else len(label) + 4
        self.x = 0.0
        """Its middle."""
        self.above: list[_Place] = []
        self.below: list[_Place] = []


def draw(labels: Mapping[str, str], edges: Iterable[tuple[str, str, bool]]) -> str:
    """The nodes, by their ids, and the edges (from, to, whether conditional) as lines of text.

    Edges that close a circle lead upwards.
    """
    edges = [edge for edge in edges if edge[0] != edge[1]]
    layers = _layers(labels, [(source, target) for source, target, _ in edges])
    places = {id: _Place(label, layers[id]) for id, label in labels.items()}
    rows: list[list[_Place]] = [[] for _ in range(max(layers.values(), default=-1) + 1)]
    for place in places.values():
        rows[place.layer].append(place)
    lines: list[tuple[_Place, _Place, str]] = []
    for source, target, conditional in edges:
        first, last = sorted((places[source], places[target]), key=lambda place: place.layer)
        for layer in range(first.layer + 1, last.layer + 1):
            then = last if layer == last.layer else _Place(None, layer)
            if then is not last:
                rows[layer].append(then)
            first.below.append(then)
            then.above.append(first)
            lines.append((first, then, "." if conditional else "*"))
            first = then
    _sort(rows)
    _spread(rows)
    return _drawn(rows, lines)


def _layers(ids: Iterable[str], edges: Sequence[tuple[str, str]]) -> dict[str, int]:
    """For each node the length of the longest way to it; an edge back to where a way came from doesn't count."""
    followers: dict[str, list[str]] = {id: [] for id in ids}
    for source, target in edges:
        followers[source].append(target)
    order: list[str] = []
    state: dict[str, bool] = {}  # False while the ways from it are followed, then True
    back: set[tuple[str, str]] = set()
    for start in followers:
        todo = [start]
        while todo:
            id = todo[-1]
            if state.get(id):
                todo.pop()
            elif id in state:
                state[id] = True
                order.append(todo.pop())
            else:
                state[id] = False
                for follower in followers[id]:
                    if state.get(follower) is False:
                        back.add((id, follower))
                    elif follower not in state:
                        todo.append(follower)
    layers = dict.fromkeys(followers, 0)
    for id in reversed(order):
        for follower in followers[id]:
            if (id, follower) not in back:
                layers[follower] = max(layers[follower], layers[id] + 1)
    return layers


def _sort(rows: list[list[_Place]]) -> None:
    """Order the places of each layer by the middle of their neighbours', so that few edges cross."""
    at = {place: i for row in rows for i, place in enumerate(row)}
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0

        def middle(place: _Place, down: bool = down) -> float:
            near = place.above if down else place.below
            return sum(at[other] for other in near) / len(near) if near else at[place]

        for row in rows if down else reversed(rows):
            row.sort(key=middle)
            at.update(zip(row, range(len(row)), strict=True))


def _spread(rows: list[list[_Place]]) -> None:
    """Give each place its column: as near to the middle of its neighbours as the others of its layer let it."""
    for row in rows:
        _put(row, lambda place: place.x)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        for row in rows if down else reversed(rows):

            def middle(place: _Place, down: bool = down) -> float:
                near = (place.above if down else place.below) or (place.below if down else place.above)
                return sum(other.x for other in near) / len(near) if near else place.x

            _put(row, middle)
    left = min((place.x - place.width / 2 for row in rows for place in row), default=0)
    for row in rows:
        for place in row:
            place.x -= left


def _put(row: list[_Place], wish: Callable[[_Place], float]) -> None:
    """Place a layer from left to right, no two too close, and all together as their wishes are on average."""
    wishes = [wish(place) for place in row]
    edge = float("-inf")
    for place, wished in zip(row, wishes, strict=True):
        place.x = max(wished, edge + place.width / 2)
        edge = place.x + place.width / 2 + GAP
    shift = sum(wished - place.x for place, wished in zip(row, wishes, strict=True)) / max(len(row), 1)
    for place in row:
        place.x += shift


def _drawn(rows: list[list[_Place]], lines: list[tuple[_Place, _Place, str]]) -> str:
    canvas: dict[tuple[int, int], str] = {}
    for first, then, star in lines:
        top = first.layer * 2 * ROWS + (ROWS if first.label is not None else 1)
        end = then.layer * 2 * ROWS
        for y in range(top, end + (then.label is None)):
            x1, x2 = (first.x + (then.x - first.x) * (at - top) / (end - top) for at in (y, min(y + 1, end)))
            for x in range(round(min(x1, x2)), max(round(max(x1, x2)), round(min(x1, x2)) + 1)):
                canvas[y, x] = star
    for row in rows:
        for place in row:
            if place.label is not None:
                _box(canvas, place)
    height = max((y for y, _ in canvas), default=-1) + 1
    width = max((x for _, x in canvas), default=-1) + 1
    return "\n".join("".join(canvas.get((y, x), " ") for x in range(width)).rstrip() for y in range(height))


def _box(canvas: dict[tuple[int, int], str], place: _Place) -> None:
    left, top = round(place.x - (place.width - 1) / 2), place.layer * 2 * ROWS
    rule = f"+{'-' * (place.width - 2)}+"
    for y, text in enumerate((rule, f"| {place.label} |", rule), top):
        for x, sign in enumerate(text, left):
            canvas[y, x] = sign


def labels_of(nodes: Mapping[str, Any]) -> dict[str, str]:
    """What is written in the boxes of a graph's nodes: their names, on one line."""
    return {id: " ".join(str(getattr(node, "name", node)).split()) for id, node in nodes.items()}
