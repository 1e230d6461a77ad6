"""`streaming_report`: follows a chain from step to step, as a stream would, without running it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, ClassVar, NamedTuple

from riverrun._engine.adapt import stream_source
from riverrun._engine.config import EMPTY, NOTHING, RunnableConfig, Scope
from riverrun._engine.runnable import Runnable
from riverrun._pure.habit import Habit
from riverrun._pure.streaming import (
    INPUT_WORDS,
    OUTPUT_WORDS,
    Blocker,
    Flowing,
    Row,
    StreamingReport,
)

Step = Runnable[Any, Any]
Maybe = bool | None
"""True, False, or None where it is known only when it runs."""


def streaming_report(step: Step, config: RunnableConfig | None = None) -> StreamingReport:
    """How `step` streams when it is given one value, as `stream` and `astream` do."""
    trace = _Trace()
    output = trace.follow(step, Flowing(), _At(EMPTY.over(config or NOTHING)))
    return StreamingReport(trace.rows, output, trace.blockers)


class _At(NamedTuple):
    """Where a step stands, and what holds there."""

    scope: Scope
    kwargs: Mapping[str, Any] = NOTHING
    path: str = ""
    name: str | None = None

    def inside(self, place: str, kwargs: Mapping[str, Any] = NOTHING) -> _At:
        return _At(self.scope, kwargs, f"{self.path} > {place}" if self.path else place)


class _Trace:
    """Goes from step to step, and keeps a row for each. Its methods take what flows into a step, and return what flows out."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.blockers: list[Blocker] = []

    def follow(self, step: Step, given: Flowing, at: _At) -> Flowing:
        at = at._replace(name=at.name or step.get_name())
        habit = habit_by_overrides(step, at.kwargs)
        if habit is None and step._wiring == "inside":
            return self._inside(step, given, at)
        if habit is None and step._wiring in self._JOINTS:
            return self._composite(step, given, at)
        return self._leaf(step, habit or step._habit(at.kwargs), given, at)

    def _inside(self, step: Step, given: Flowing, at: _At) -> Flowing:
        if not step.is_lens:
            return self.follow(step._parts()[""], given, at)
        inner, scope, kwargs = step.through(at.scope)
        return self.follow(inner, given, at._replace(scope=scope, kwargs={**kwargs, **at.kwargs}))

    def _leaf(self, step: Step, habit: Habit, given: Flowing, at: _At) -> Flowing:
        transforms, yields, why, picks = habit
        if picks and given.keys:
            given = _together([given.keys[key if key in given.keys else ""] for key in picks])
        many = yields if transforms is False else _or(given.many, yields)
        if transforms is None and many is not yields:
            many = None
        if transforms and many is False:
            why += ", and is given one value"
        row = self._row(step, at, transforms, many, why)
        self.rows.append(row)
        if not transforms and given.sources:
            self.blockers.append(Blocker(row, given.sources))
        first = given.first if transforms else (row,)
        sources = given.sources if transforms else ()
        if yields is not False:
            first, sources = first or (row,), sources or (row,)
        keys = given.keys if transforms and yields is False else {}
        return Flowing(_and(given.early, transforms), many, first, sources, keys)

    def _composite(self, step: Step, given: Flowing, at: _At) -> Flowing:
        rows, blockers = len(self.rows), len(self.blockers)
        join, why = self._JOINTS[step._wiring]
        waits = not step.transforms
        output: Flowing = join(self, step._parts(), Flowing() if waits else given._replace(early=True), at)
        if waits:
            why = f"needs its whole input; {why}"
            output = output._replace(early=False)
        row = self._row(step, at, output.early, output.many, why)
        if waits:  # which of the steps inside will run is open
            output = Flowing(False, output.many, (row,), (row,) if output.sources else ())
            if given.sources:
                self.blockers.insert(blockers, Blocker(row, given.sources))
        if at.path or waits or step._wiring != "line":
            self.rows.insert(rows, row)
        return output._replace(early=_and(given.early, output.early))

    def _line(self, parts: Mapping[str, Step], given: Flowing, at: _At) -> Flowing:
        kwargs = at.kwargs
        for place, part in parts.items():
            given = self.follow(part, given, at.inside(place, kwargs))
            kwargs = NOTHING
        return given

    def _side(self, parts: Mapping[str, Step], given: Flowing, at: _At) -> Flowing:
        flows = {place: self.follow(part, given, at.inside(place)) for place, part in parts.items()}
        return _together(flows.values())._replace(keys=_keys(flows))

    def _choice(self, parts: Mapping[str, Step], given: Flowing, at: _At) -> Flowing:
        flows = [self.follow(part, given, at.inside(place, at.kwargs)) for place, part in parts.items()]
        outcomes = {flow.many for flow in flows}
        return _together(flows)._replace(many=outcomes.pop() if len(outcomes) == 1 else None)

    def _attempts(self, parts: Mapping[str, Step], given: Flowing, at: _At) -> Flowing:
        (place, first), *others = parts.items()
        tried = self.follow(first, given, at.inside(place, at.kwargs))
        blockers = len(self.blockers)
        for place, fallback in others:
            self.follow(fallback, given, at.inside(place, at.kwargs))
        del self.blockers[blockers:]  # what a fallback would block matters only when it is needed
        return tried

    _JOINTS: ClassVar[dict[str, tuple[Any, str]]] = {
        "line": (_line, "its steps run one after another"),
        "side": (_side, "puts out what each branch does, as it comes"),
        "choice": (_choice, "puts out what the chosen step does"),
        "attempts": (
            _attempts,
            "puts out what its first step does, unless that fails before its first chunk",
        ),
    }

    @staticmethod
    def _row(step: Step, at: _At, transforms: Maybe, many: Maybe, why: str) -> Row:
        return Row(at.path, str(at.name), step.kind, INPUT_WORDS[transforms], OUTPUT_WORDS[many], why)


def _together(flows: Collection[Flowing]) -> Flowing:
    """Several at once. Each brings a chunk at least."""
    early: Maybe = False
    for flow in flows:
        early = _or(early, flow.early)
    many = next((flow.many for flow in flows), False) if len(flows) < 2 else True
    at_once = any(not flow.first for flow in flows)
    first = () if at_once else tuple(dict.fromkeys(row for flow in flows for row in flow.first))
    return Flowing(early, many, first, tuple(dict.fromkeys(row for flow in flows for row in flow.sources)))


def _keys(flows: Mapping[str, Flowing]) -> dict[str, Flowing]:
    """What comes under each key of a dict: of `branch a` the key a, and of what was given the keys that it had."""
    given = flows.get("given", Flowing())
    made = {place.removeprefix("branch "): flow for place, flow in flows.items() if place != "given"}
    return {"": given, **given.keys, **made}


def _and(one: Maybe, other: Maybe) -> Maybe:
    return False if False in (one, other) else None if None in (one, other) else True


def _or(one: Maybe, other: Maybe) -> Maybe:
    return True if True in (one, other) else None if None in (one, other) else False


# ----------------------------------------------------------------------------------- what steps say of themselves


def habit_of(step: Step) -> Habit:
    """How a step streams by the kernels and attributes of its class."""
    if step.transforms:
        return Habit(True, step.yields, "works on each chunk as it comes")
    if step.yields is not False and type(step)._flow_kernel is not Runnable._flow_kernel:
        return Habit(False, True, "needs its whole input, and puts out chunks")
    return Habit(False, False, _NEEDS.get(step.kind, "needs its whole input, and puts out one value"))


_NEEDS = {
    "prompt": "a prompt needs the values of all its variables",
    "retriever": "a retriever needs the whole query",
    "tool": "a tool needs all its arguments",
    "parser": "this parser needs the whole text",
}


def habit_by_overrides(step: Step, kwargs: Mapping[str, Any]) -> Habit | None:
    """How a step streams by what a user's class, or a mock, overrides; None where that leaves its stream alone."""
    methods = [stream_source(step, is_async)[0] for is_async in (False, True)]
    if methods == [None, None]:
        return None
    sync, other = (_HABITS[method] if method else step._habit(kwargs) for method in methods)
    if sync == other:
        return sync
    return Habit(
        sync.transforms if sync.transforms == other.transforms else None,
        sync.yields if sync.yields == other.yields else None,
        f"in sync runs {sync.why}; in async runs {other.why}",
    )


_TRANSFORM = Habit(True, None, "its own transform gets the chunks as they come")
_STREAM = Habit(False, True, "its own stream needs the whole input, and puts out chunks")
_HABITS = {"transform": _TRANSFORM, "atransform": _TRANSFORM, "stream": _STREAM, "astream": _STREAM}
