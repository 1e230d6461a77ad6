"""Mustache templates that look up values in dicts and lists and do nothing else.

The language is the core of the mustache specification (github.com/mustache/spec): comments, delimiters, interpolation,
sections, inverted sections and partials. A name is looked up in mappings, and in lists by its digits: never as an attribute,
and nothing is ever called. Parsing is linear in the template, and a template that repeats itself without end is stopped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from riverrun._pure.exceptions import TemplateError

MAX_DEPTH = 100
"""How deep sections and the parts of dotted names may lead together, and how deep partials may nest."""

MAX_REPEATED = 10_000_000
"""How much sections and partials may come to: characters of the template and of the values, and `_ROUND` for each round."""

_ROUND = 100

_REST_OF_LINE = re.compile(r"[ \t]*(?:\r?\n|\Z)")
_ESCAPES = str.maketrans({"&": "&amp;", '"': "&quot;", "<": "&lt;", ">": "&gt;"})
_MISSING = object()


class _Text(NamedTuple):
    text: str


class _Variable(NamedTuple):
    path: tuple[str, ...]
    escaped: bool


class _Section(NamedTuple):
    path: tuple[str, ...]
    inverted: bool
    nodes: list[Any]
    size: int
    """What rendering it once costs at most, its values apart."""


class _Partial(NamedTuple):
    name: str
    indent: str


class Mustache:
    """A mustache template, parsed once.

    `{{name}}` is a value with `& " < >` escaped, `{{{name}}}` and `{{&name}}` one without, `{{a.b}}` one inside another,
    `{{.}}` the item of a section. A name that leads nowhere, None and what is empty are no text. Copies and pickles carry the source
    only and are parsed, and refused, anew.

    Raises:
        TemplateError: a tag or section is not closed, a tag is empty or closes what isn't open, delimiters are wrong, or
            names and sections lead deeper than `MAX_DEPTH`. The message names the line.
    """

    __slots__ = ("_nodes", "delimiters", "fields", "source")

    source: str
    fields: tuple[str, ...]
    """The names outside of sections, the first parts of those with dots, each once in the order they first occur."""

    def __init__(self, source: str, delimiters: tuple[str, str] = ("{{", "}}")) -> None:
        self.source = source
        self.delimiters = delimiters
        self._nodes = _Parser(source, delimiters).nodes
        paths = (node.path for node in self._nodes if isinstance(node, _Variable | _Section))
        self.fields = tuple(dict.fromkeys(path[0] for path in paths if path))

    def format(self, values: Mapping[str, Any], /, partials: Mapping[str, str] | None = None) -> str:
        """The text with these values; other values are ignored. A partial that isn't given is empty.

        Raises:
            TemplateError: a partial is refused, they nest deeper than `MAX_DEPTH`, or sections and partials come to more
                than `MAX_REPEATED`.
        """
        return _Renderer(partials or {}).text_of(self._nodes, [values])

    def tree(self) -> dict[str, Any]:
        """The names that are looked up, each with those that are looked up inside it; None for what is not looked into."""
        return _tree_of(self._nodes)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Mustache):
            return NotImplemented
        return (self.source, self.delimiters) == (other.source, other.delimiters)

    def __hash__(self) -> int:
        return hash(self.source)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.source, self.delimiters)

    def __repr__(self) -> str:
        return f"Mustache({self.source!r})"


class _Parser:
    """One pass over the source; every character is looked at a bounded number of times."""

    def __init__(self, source: str, delimiters: tuple[str, str]) -> None:
        self.source = source
        self.opening, self.closing = delimiters
        self.nodes: list[Any] = []
        self.depth = 0
        self.open: list[tuple[str, bool, int, int, list[Any]]] = []
        """Of each open section: its name, whether it is inverted, where its tag starts and its body, and the nodes around it."""
        at = 0
        while (start := source.find(self.opening, at)) != -1:
            at = self._tag(at, start)
        self._add_text(source[at:])
        if self.open:
            name, _, start, *_ = self.open[-1]
            raise self._error(f"the section {name!r} is never closed", start)

    def _tag(self, at: int, start: int) -> int:
        """Read the tag at `start` and the text between it and `at`; where to go on."""
        source, inside = self.source, start + len(self.opening)
        kind = source[inside : inside + 1]
        if kind == "{" and self.opening != "{{":
            kind = ""
        closing = {"=": "=", "{": "}"}.get(kind, "") + self.closing
        kind = kind if kind in ("!", "=", "#", "^", "/", ">", "&", "{") else ""
        end = source.find(closing, inside + len(kind))
        if end == -1:
            raise self._error(f"the tag {source[start : start + 20]!r} is never closed", start)
        content, after = source[inside + len(kind) : end].strip(), end + len(closing)
        line_start, line_end = start, None
        if kind in ("!", "=", "#", "^", "/", ">"):
            line_start, line_end = self._line(at, start, after)
        if not content and kind not in ("!", "="):
            raise self._error("a tag names nothing", start)
        text = source[at:start]
        if line_end is not None:  # the tag has its line to itself, and the line goes with it
            text, after = source[at:line_start], line_end
        self._add_text(text)
        self._add_tag(kind, content, start, after, source[line_start:start])
        return after

    def _line(self, at: int, start: int, after: int) -> tuple[int, int | None]:
        """Where the line begins and ends that a tag has to itself, but for blanks; no end if it shares its line."""
        source = self.source
        first = start
        while first > at and source[first - 1] in " \t":
            first -= 1
        if first and source[first - 1] != "\n":
            return start, None
        rest = _REST_OF_LINE.match(source, after)
        return (first, rest.end()) if rest else (start, None)

    def _add_text(self, text: str) -> None:
        if text:
            self.nodes.append(_Text(text))

    def _add_tag(self, kind: str, content: str, start: int, after: int, indent: str) -> None:
        if kind in ("#", "^"):
            self.depth += self._levels(_path(content), start)
            self.open.append((content, kind == "^", start, after, self.nodes))
            self.nodes = []
        elif kind == "/":
            self._close(content, start)
        elif kind == "=":
            delimiters = content.split()
            if len(delimiters) != 2 or "=" in content:
                raise self._error(f"delimiters are given as a pair, {{{{=<% %>=}}}}, not {content!r}", start)
            self.opening, self.closing = delimiters
        elif kind == ">":
            self.nodes.append(_Partial(content, indent))
        elif kind != "!":
            path = _path(content)
            self._levels(path, start)
            self.nodes.append(_Variable(path, kind == ""))

    def _close(self, name: str, start: int) -> None:
        if not self.open:
            raise self._error(f"the tag closes {name!r}, and no section is open", start)
        opened, inverted, _, body, around = self.open.pop()
        if opened != name:
            raise self._error(f"the tag closes {name!r}, but the open section is {opened!r}", start)
        path = _path(name)
        around.append(_Section(path, inverted, self.nodes, _ROUND + start - body))
        self.nodes = around
        self.depth -= max(len(path), 1)

    def _levels(self, path: tuple[str, ...], start: int) -> int:
        """How many levels deeper a name leads."""
        levels = max(len(path), 1)
        if self.depth + levels > MAX_DEPTH:
            raise self._error(f"names and sections lead deeper than {MAX_DEPTH} levels", start)
        return levels

    def _error(self, fault: str, at: int) -> TemplateError:
        line = self.source.count("\n", 0, at) + 1
        return TemplateError(f"the mustache template is wrong in line {line}: {fault}")


class _Renderer:
    """One rendering: where the text goes, and what it has cost."""

    def __init__(self, partials: Mapping[str, str]) -> None:
        self.partials = partials
        self.parsed: dict[tuple[str, str], list[Any]] = {}
        self.out: list[str] = []
        self.depth = 0
        self.repeated = 0

    def text_of(self, nodes: list[Any], scopes: list[Any]) -> str:
        self.render(nodes, scopes)
        return "".join(self.out)

    def render(self, nodes: list[Any], scopes: list[Any]) -> None:
        for node in nodes:
            if isinstance(node, _Text):
                self.out.append(node.text)
            elif isinstance(node, _Variable):
                if text := _text(_find(node.path, scopes)):
                    if self.depth:
                        self.spend(len(text))
                    self.out.append(text.translate(_ESCAPES) if node.escaped else text)
            elif isinstance(node, _Partial):
                self.render_partial(node, scopes)
            else:
                self.render_section(node, scopes)

    def render_section(self, section: _Section, scopes: list[Any]) -> None:
        value = _find(section.path, scopes)
        there = value is not _MISSING and bool(value)
        self.depth += 1
        if section.inverted:
            if not there:
                self.spend(section.size)
                self.render(section.nodes, scopes)
        elif there:
            for item in value if isinstance(value, list | tuple) else (value,):
                self.spend(section.size)
                scopes.append(item)
                self.render(section.nodes, scopes)
                scopes.pop()
        self.depth -= 1

    def render_partial(self, partial: _Partial, scopes: list[Any]) -> None:
        source = self.partials.get(partial.name, "")
        if self.depth >= 2 * MAX_DEPTH:
            raise TemplateError(f"partials nest deeper than {MAX_DEPTH} levels, at {partial.name!r}")
        self.spend(_ROUND + len(source) + len(partial.indent) * source.count("\n"))
        key = (partial.name, partial.indent)
        if key not in self.parsed:
            indented = "".join(partial.indent + line for line in source.splitlines(keepends=True))
            self.parsed[key] = _Parser(indented, ("{{", "}}")).nodes
        self.depth += 1
        self.render(self.parsed[key], scopes)
        self.depth -= 1

    def spend(self, characters: int) -> None:
        self.repeated += characters
        if self.repeated > MAX_REPEATED:
            raise TemplateError(f"the mustache template repeats more than {MAX_REPEATED:,} characters")


def _path(name: str) -> tuple[str, ...]:
    """The parts of a dotted name; none for `.`, the item of the section."""
    return () if name == "." else tuple(name.split("."))


def _find(path: tuple[str, ...], scopes: Sequence[Any]) -> Any:
    """The value of a name: its first part in the innermost scope that has it, the others inside what was found."""
    if not path:
        return scopes[-1]
    for scope in reversed(scopes):
        if (value := _step(scope, path[0])) is not _MISSING:
            break
    else:
        return _MISSING
    for part in path[1:]:
        if (value := _step(value, part)) is _MISSING:
            return _MISSING
    return value


def _step(value: Any, part: str) -> Any:
    if type(value) is dict or isinstance(value, Mapping):
        return value.get(part, _MISSING)
    if isinstance(value, list | tuple) and part.isdecimal() and len(part) < 10 and int(part) < len(value):
        return value[int(part)]
    return _MISSING


def _text(value: Any) -> str:
    if type(value) is str:
        return value
    if value is _MISSING or value is None or (isinstance(value, Mapping | list | tuple) and not value):
        return ""
    return str(value)


def _tree_of(nodes: list[Any]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for path, inner in _looked_up(nodes):
        level, found = tree, path
        while len(found) > 1:
            level[found[0]] = level.get(found[0]) or {}
            level, found = level[found[0]], found[1:]
        if found:
            level[found[0]] = _merged(level.get(found[0]), inner)
    return tree


def _looked_up(nodes: list[Any]) -> Iterator[tuple[tuple[str, ...], dict[str, Any] | None]]:
    for node in nodes:
        if isinstance(node, _Variable):
            yield node.path, None
        elif isinstance(node, _Section):
            yield node.path, _tree_of(node.nodes)


def _merged(one: dict[str, Any] | None, other: dict[str, Any] | None) -> dict[str, Any] | None:
    if one is None or other is None:
        return other if one is None else one
    return {name: _merged(one.get(name), other.get(name)) for name in {**one, **other}}
