"""A listener that writes everything down, and what must be true of what it wrote."""

import re
from collections import Counter
from typing import Any, NamedTuple

from riverrun._engine.run import MISSING, Chunks, Port, Run

ENDS = frozenset(("end", "error", "cancel"))
"""The kinds that end a run. Each run has exactly one of them."""

_RUN_ID = re.compile(r"lc_run-[-0-9a-f]+")
"""What a message that the provider didn't name is called: another name in each run."""

Course = tuple[tuple[str, Any], ...]
"""What happened in one run: its kinds with the looks of their values, then its chunks by their keys."""

History = tuple[tuple[str, ...], Course]
"""A path, and the course of a run on it."""


class Note(NamedTuple):
    """One thing that a listener was told."""

    kind: str
    """"start", "chunk", "end", "error" or "cancel"."""
    run: str
    """The run's id."""
    parent: str | None
    """The id of the run above; None at the root."""
    path: tuple[str, ...]
    """Where the run stands, the root first: names of runs, each with its tag in front if it has one."""
    name: str
    tag: str | None
    value: Any
    """The input of a start, the chunk, the output of an end, or the exception."""


class Collector:
    """A listener that keeps a `Note` of all it is told.

    collector = Collector()
    chain.invoke(x, {"callbacks": [collector]})
    collector.check()
    """

    def __init__(self) -> None:
        self.notes: list[Note] = []

    def port(self, run: Run) -> Port:
        """Write down what happens in `run`."""
        above = run.ancestors()
        parent = above[-1].id if above else None
        path = tuple(f"{each.tag}:{each.name}" if each.tag else each.name for each in (*above, run))
        known = (run.id, parent, path, run.name, run.tag)
        write = self.notes.append

        def port(kind: str, value: Any, input: Any) -> None:
            write(Note(kind, *known, value))

        return port

    def check(self, *, ended: bool = True) -> None:
        """Raise an AssertionError unless the events balance.

        Each run starts once, before its chunks and its children; it ends once, after its chunks and its children, with
        what its chunks were. With `ended=False` runs may still be under way.
        """
        faults = _faults(self.notes, ended)
        assert not faults, "\n".join(["the events do not balance:", *faults, "all of them:", *self._told()])

    def histories(self) -> Counter[History]:
        """How often which course of events was seen on which path: comparable between sync and async runs.

        Values are compared by their looks. Where chunks are dicts, only those of one key have an order.
        """
        runs: dict[str, list[Note]] = {}
        for note in self.notes:
            runs.setdefault(note.run, []).append(note)
        return Counter((notes[0].path, _course(notes)) for notes in runs.values())

    def _told(self) -> list[str]:
        return [f"    {' > '.join(note.path)}: {note.kind} {_looks(note.value)}" for note in self.notes]


def _faults(notes: list[Note], ended: bool) -> list[str]:
    faults: list[str] = []
    opened: dict[str, Note] = {}
    closed: set[str] = set()
    chunks: dict[str, list[Any]] = {}
    for note in notes:
        what = f"    {' > '.join(note.path)}: {note.kind}"
        if note.kind == "start":
            if note.run in opened:
                faults.append(f"{what} a second time")
            opened[note.run] = note
        elif note.run not in opened:
            faults.append(f"{what} before its start")
        if note.run in closed:
            faults.append(f"{what} after its end")
        if note.parent in closed:
            faults.append(f"{what} after the end of its parent")
        if note.kind == "chunk":
            chunks.setdefault(note.run, []).append(note.value)
        elif note.kind in ENDS:
            closed.add(note.run)
            if note.kind == "end" and isinstance(note.value, Chunks):
                handed_out = chunks.get(note.run, [])
                if [id(chunk) for chunk in note.value] != [id(chunk) for chunk in handed_out]:
                    faults.append(f"{what} with {note.value!r}, though its chunks were {handed_out!r}")
    place = {run: i for i, run in enumerate(opened)}
    for run, start in opened.items():
        what = f"    {' > '.join(start.path)}"
        if start.parent in place and place[start.parent] > place[run]:
            faults.append(f"{what}: start before its parent's")
        if ended and run not in closed:
            faults.append(f"{what}: no end")
    return faults


def _course(notes: list[Note]) -> Course:
    strands: dict[str, list[str]] = {}
    course: list[tuple[str, Any]] = []
    for note in notes:
        if note.kind == "chunk":
            _unravel(note.value, "", strands)
        else:
            course.append((note.kind, "" if isinstance(note.value, Chunks) else _looks(note.value)))
    return (*course, *((key, tuple(values)) for key, values in sorted(strands.items())))


def _unravel(chunk: Any, key: str, strands: dict[str, list[str]]) -> None:
    if isinstance(chunk, dict) and chunk:
        for inner, value in chunk.items():
            _unravel(value, f"{key}[{inner!r}]", strands)
    else:
        strands.setdefault(f"chunk{key}", []).append(_looks(chunk))


def _looks(value: Any) -> str:
    if value is MISSING:
        return "not known yet"
    if isinstance(value, BaseException):
        return type(value).__name__
    if isinstance(value, dict):
        return f"{type(value).__name__} {sorted((key, _looks(item)) for key, item in value.items())}"
    return f"{type(value).__name__} {_RUN_ID.sub('lc_run', repr(value))}"
