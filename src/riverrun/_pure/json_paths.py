"""What has become complete in a JSON text that is still arriving, by path.

Source: RFC 9535 (JSONPath), of which names, indexes, wildcards and descendants are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final, TypeAlias

from riverrun._pure.exceptions import PathError
from riverrun._pure.json_scan import ADD, BEGIN, CLOSE, END, GROW, OPEN, Op
from riverrun._pure.json_tree import Tree

__all__ = ["Completions", "Key", "Path", "parsed_path"]

Key: TypeAlias = str | int
Path: TypeAlias = tuple[Key, ...]


class _Any:
    def __repr__(self) -> str:
        return "*"


ANY: Final = _Any()
"""A step to any child."""


class _Below:
    def __repr__(self) -> str:
        return ".."


BELOW: Final = _Below()
"""A step to the same place, or any below it."""

Step: TypeAlias = str | int | _Any | _Below

_NAME = r"[A-Za-z_\u0080-\U0010ffff][\w\u0080-\U0010ffff-]*"
_STEP = (
    rf"(?P<below>\.\.)?(?P<dot>\.)?(?:(?P<name>{_NAME})|(?P<star>\*)|\[\s*(?:(?P<index>0|[1-9][0-9]*)|(?P<all>\*)|"
    r"'(?P<single>(?:[^'\\]|\\.)*)'|\"(?P<double>(?:[^\"\\]|\\.)*)\")\s*\])"
)


def parsed_path(expression: str) -> tuple[Step, ...]:
    """The steps of a JSONPath: `countries[*].name`, `$.answer`, `$..name`, `items[0]['first name']`. `$` may be left out.

    Raises:
        PathError: it is none, or holds what can't be told while a document arrives: filters, slices, indexes from the end.
    """
    steps: list[Step] = []
    pos = 1 if expression.startswith("$") else 0
    bare = pos == 0  # the first name needs no dot
    while pos < len(expression):
        match = re.compile(_STEP).match(expression, pos)
        plain = match is not None and (match["name"] or match["star"])
        dots = match is not None and ((match["below"] is not None) + (match["dot"] is not None))
        if match is None or dots > 1 or (plain and not dots and not bare) or (not plain and match["dot"]):
            raise PathError(
                f"{expression!r} is no path that can be followed while JSON arrives, from position {pos} on;"
                " it takes names, [index], [*] and .."
            )
        pos, bare = match.end(), False
        if match["below"]:
            steps.append(BELOW)
        if match["star"] or match["all"]:
            steps.append(ANY)
        elif match["index"]:
            steps.append(int(match["index"]))
        elif match["name"]:
            steps.append(match["name"])
        else:
            quoted = match["single"] if match["single"] is not None else match["double"]
            steps.append(re.sub(r"\\(.)", r"\1", quoted))
    return tuple(steps)


class Completions:
    """Says what the scanner's operations complete under a path. Each place completes once, children before their parents."""

    __slots__ = ("_fixed", "_keys", "_places", "_steps", "_tree", "done")

    done: bool
    """Whether nothing more can come: all that the path may lead to is complete."""

    def __init__(self, expression: str) -> None:
        self._steps = parsed_path(expression)
        wide = [i for i, step in enumerate(self._steps) if not isinstance(step, (str, int))]
        self._fixed = min(wide, default=len(self._steps))  # up to here the path leads to one place
        self._tree = Tree()
        self._keys: list[Key] = []
        self._places = [
            self._closure({0})
        ]  # of the root and the open containers: how far along the path they may be
        self.done = False

    def of(self, ops: list[Op]) -> list[tuple[Path, Any]]:
        """The paths and values that `ops` complete."""
        self._tree.apply(ops)
        found: list[tuple[Path, Any]] = []
        for kind, key, value in ops:
            if kind == OPEN:
                self._places.append(self._of_child(key))
                self._keys.append(key)
            elif kind == CLOSE:
                place = self._places.pop()
                self._complete(place, self._path(), value, found)
                self._keys.pop()
            elif kind in (ADD, END) and (place := self._of_child(key)):
                for path, inner, child in self._walk((*self._path(), *self._own(key)), place, value):
                    self._complete(inner, path, child, found)
        return found

    def texts(self, ops: list[Op]) -> list[str]:
        """The characters that `ops` bring of the strings that the path leads to."""
        found: list[str] = []
        for op in ops:
            kind, key, value = op
            whole = self.of([op])
            if kind == ADD:
                found += [text for _, text in whole if type(text) is str]
            elif kind in (BEGIN, GROW) and type(value) is str and len(self._steps) in self._of_child(key):
                found.append(value)
        return found

    def _path(self) -> Path:
        return tuple(self._keys[1:])

    def _own(self, key: Key) -> Path:
        return (key,) if self._keys else ()  # the root has no key

    def _of_child(self, key: Key) -> frozenset[int]:
        if not self._keys:
            return self._places[0]
        return self._under(self._places[-1], key)

    def _under(self, place: frozenset[int], key: Key) -> frozenset[int]:
        """How far along the path the child under `key` may be."""
        if not place:
            return place
        further = set()
        for at in place:
            if at < len(self._steps):
                step = self._steps[at]
                if step is BELOW:
                    further.add(at)
                elif step is ANY or (type(step) is type(key) and step == key):
                    further.add(at + 1)
        return self._closure(further)

    def _closure(self, place: set[int]) -> frozenset[int]:
        """`..` may also lead to where it starts from."""
        for at in range(len(self._steps)):
            if at in place and self._steps[at] is BELOW:
                place.add(at + 1)
        return frozenset(place)

    def _complete(self, place: frozenset[int], path: Path, value: Any, found: list[tuple[Path, Any]]) -> None:
        if len(self._steps) in place:
            found.append((path, value))
        if self._fixed in place and len(path) == self._fixed:
            self.done = True

    def _walk(
        self, path: Path, place: frozenset[int], value: Any
    ) -> Iterator[tuple[Path, frozenset[int], Any]]:
        """What is in a whole value and may be on the path, children first; without recursion, however deep it is."""
        stack: list[tuple[Path, frozenset[int], Any, Iterator[Any]]] = [
            (path, place, value, _children(value))
        ]
        while stack:
            path, place, value, children = stack[-1]
            for key, child in children:
                if inner := self._under(place, key):
                    stack.append(((*path, key), inner, child, _children(child)))
                    break
            else:
                stack.pop()
                yield path, place, value


def _children(value: Any) -> Iterator[tuple[Key, Any]]:
    if type(value) is dict:
        return iter(value.items())
    pairs: Iterable[tuple[Key, Any]] = enumerate(value) if type(value) is list else ()
    return iter(pairs)
