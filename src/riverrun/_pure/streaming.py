"""The report on how a chain streams: its rows, and what they come to in plain sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, overload


class Row(NamedTuple):
    """How one step streams in its chain."""

    path: str
    """Where it stands: `step 2 > branch a`; empty for the whole."""
    name: str
    kind: str
    input: str
    """`"chunks"` if it begins to put out while its input still arrives, else `"whole"`; or `"either"`."""
    output: str
    """`"chunks"`, `"one value"`, or `"either"` where that is known only when it runs."""
    why: str

    def __str__(self) -> str:
        return f"{self.path} ({self.name})" if self.path else self.name


INPUT_WORDS = {True: "chunks", False: "whole", None: "either"}
OUTPUT_WORDS = {True: "chunks", False: "one value", None: "either"}


class Flowing(NamedTuple):
    """What goes from one step to the next."""

    early: bool | None = True
    """Whether its first chunk comes while the input of the whole still arrives."""
    many: bool | None = False
    """Whether it comes in more than one chunk."""
    first: tuple[Row, ...] = ()
    """Whose first chunk is its first; nobody's where it begins with the input of the whole."""
    sources: tuple[Row, ...] = ()
    """Who brings chunk after chunk."""
    keys: Mapping[str, Flowing] = {}
    """Of a dict whose keys come from several steps: what comes under each; under "" what comes under the others."""


class Blocker(NamedTuple):
    """A step that ends a stream by waiting for all of it."""

    row: Row
    sources: tuple[Row, ...]


class StreamingReport(Sequence[Row]):
    """Which steps of a chain stream, which block and why, for `stream` and `astream`. Print it.

    A row for each step, those inside a step after it; `input` and `output` are those of the whole chain.
    """

    def __init__(self, rows: Iterable[Row], output: Flowing, blockers: Iterable[Blocker]) -> None:
        self.rows = tuple(rows)
        self.input = INPUT_WORDS[output.early]
        self.output = OUTPUT_WORDS[output.many]
        self.first = output.first
        """The steps whose first chunk is the first output; none where the input itself is handed on at once."""
        self.sources = output.sources
        """The steps whose chunks reach the output as they come."""
        self._blockers = tuple(blockers)

    @property
    def blockers(self) -> tuple[Row, ...]:
        """The steps that end a stream by waiting for all of it."""
        return tuple(blocker.row for blocker in self._blockers)

    @property
    def summary(self) -> str:
        """What the chain as a whole does, in plain sentences."""
        return " ".join(self._sentences())

    def _sentences(self) -> Iterator[str]:
        if self.output == "chunks":
            yield f"First output: {_moment(self.first)}."
            if not self.first and self.sources:
                yield f"The rest follows as {_listed(self.sources)} {_verb(self.sources)}."
        elif self.output == "either":
            open_rows = [row for row in self.rows if row.output == "either"]
            yield f"It depends on {_listed(open_rows[-1:])}: {open_rows[-1].why}."
        elif not self.first:
            yield "It hands on what it is given: chunks from a step before it that streams, one value from stream()."
        elif not self._blockers:
            yield f"One value, {_moment(self.first)}: no step puts out chunks."
        elif not any(map(_is_certain, self._blockers)):
            yield f"One value, {_moment(self.first)}."
        for blocker in self._blockers:
            row, sources = blocker
            if self.output == "one value" and _is_certain(blocker):
                yield f"Blocked by {row}: {row.why}."
            else:
                yield f"{_capital(str(row))} waits for all of {_listed(sources)}: {row.why}."
        blocked_at = min((self.rows.index(row) for row in self.blockers), default=len(self.rows))
        if again := [source for source in self.sources if self.rows.index(source) > blocked_at]:
            yield f"Streaming starts again with {_listed(again)}."

    def __str__(self) -> str:
        lines = [("step", "name", "kind", "input", "output", "why")]
        lines += [(_place(row.path), _cut(row.name), *row[2:]) for row in self.rows]
        columns = list(zip(*lines, strict=True))
        if not any(row.path for row in self.rows):
            del columns[0]
        return "\n".join([*_aligned(columns), "", self.summary])

    def __repr__(self) -> str:
        return f"<StreamingReport: {self.summary}>"

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | Sequence[Row]:
        return self.rows[index]


def _is_certain(blocker: Blocker) -> bool:
    return any(source.output == "chunks" for source in blocker.sources)


def _moment(first: Sequence[Row]) -> str:
    if not first:
        return "at once, with what is there already"
    if len(first) > 1:
        return f"as soon as the first of {_listed(first)} puts something out"
    row = first[0]
    if row.output == "one value":
        return f"when {row} is done"
    return f"as soon as {row} brings its first {'token' if row.kind in ('chat_model', 'llm') else 'chunk'}"


def _verb(rows: Sequence[Row]) -> str:
    return "brings it" if len(rows) == 1 else "bring it"


def _listed(rows: Sequence[Row]) -> str:
    *before, last = map(str, dict.fromkeys(rows))
    return f"{', '.join(before)} and {last}" if before else last


def _capital(text: str) -> str:
    return (
        text[0].upper() + text[1:] if text.startswith(("step ", "branch ", "route ", "fallback ")) else text
    )


def _place(path: str) -> str:
    *above, place = path.split(" > ")
    return "  " * len(above) + place


def _cut(name: str, width: int = 48) -> str:
    return name if len(name) <= width else f"{name[: width - 1]}…"


def _aligned(columns: Sequence[Sequence[str]]) -> Iterator[str]:
    """The lines of a table, a rule below its header. The last column is not padded."""
    *padded, last = columns
    widths = [max(map(len, column)) for column in padded]
    for n, cells in enumerate(zip(*padded, strict=True)):
        yield "  ".join([*(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)), last[n]])
        if n == 0:
            yield "  ".join(["-" * width for width in [*widths, len(last[0])]])
