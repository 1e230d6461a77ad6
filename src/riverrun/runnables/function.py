"""Functions as steps: on values (`RunnableLambda`, `chain`) and on streams (`RunnableGenerator`)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator, Mapping
from contextlib import aclosing
from functools import partial
from operator import itemgetter
from types import CoroutineType
from typing import Any, ClassVar, cast, overload

from riverrun._engine.adapt import transformed
from riverrun._engine.config import RunHandle, RunnableConfig
from riverrun._engine.lanes import call, flow
from riverrun._engine.run import Once, Run
from riverrun._engine.runnable import Input, Other, Output, Runnable
from riverrun._engine.schema import Schema, element_of, is_kind, object_of, type_arguments, types_of
from riverrun._pure.bytecode import keys_read, values_read
from riverrun._pure.exceptions import NotAStepError
from riverrun._pure.habit import Habit
from riverrun._pure.signature import Signature
from riverrun._pure.source import function_repr


class RunnableLambda(Runnable[Input, Output]):
    """A function of one value as a step.

    `func` may be sync, async or a generator function of either kind; `afunc` is what async runs call instead. It may ask
    for `config` and `run_manager`, and for whatever `bind` gives. When it returns a runnable, that is run on the same
    input. A generator function gets the whole value and streams what it yields.

    Raises:
        NotAStepError: `func` can't be called.
    """

    _wiring: ClassVar[str] = "calls"

    @overload
    def __init__(
        self: RunnableLambda[Any, Other],
        func: Callable[..., AsyncIterator[Other]],
        afunc: Any = None,
        name: str | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self: RunnableLambda[Any, Other],
        func: Callable[..., Iterator[Other]],
        afunc: Any = None,
        name: str | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self, func: Callable[[Input], Coroutine[Any, Any, Output]], afunc: Any = None, name: str | None = None
    ) -> None: ...
    @overload
    def __init__(
        self, func: Callable[[Input], Runnable[Any, Output]], afunc: Any = None, name: str | None = None
    ) -> None: ...
    @overload
    def __init__(
        self, func: Callable[[Input], Output], afunc: Any = None, name: str | None = None
    ) -> None: ...
    @overload
    def __init__(self, func: Callable[..., Output], afunc: Any = None, name: str | None = None) -> None: ...
    def __init__(self, func: Any, afunc: Any = None, name: str | None = None) -> None:
        for given in (func, afunc) if afunc is not None else (func,):
            if not callable(given):
                raise NotAStepError(f"RunnableLambda takes a callable, not {type(given).__name__}: {given!r}")
        facts = Signature(func)
        if facts.is_async:
            if afunc is not None:
                raise NotAStepError(
                    "RunnableLambda takes one async function: give it as func or as afunc, not both"
                )
            func, afunc = None, func
        self.func = func
        self.afunc = afunc
        self.name = name or facts.name
        given = (func, facts) if func is not None else (afunc, facts)
        self._in_sync_runs: tuple[Any, Signature] = given
        self._in_async_runs: tuple[Any, Signature] = (afunc, Signature(afunc)) if afunc is not None else given

    async def _call_kernel(self, x: Any, run: Run) -> Any:
        fn, facts = self._in_async_runs if run.backend.is_async else self._in_sync_runs
        if facts.is_generator:
            return await Runnable._call_kernel(self, x, run)
        if facts.asks or run.kwargs:
            fn = _bound(fn, facts, run)
        if facts.is_async or run.backend.is_async or run.scope.limit is not None:
            y = await run.call(fn, (x,), facts.is_async)
        else:
            y = run.call_now(fn, x)
        if y.__class__ is CoroutineType:  # of a function that doesn't look async: `lambda x: asks(x)`
            y = await run.call(lambda: y, (), True)
        if isinstance(y, Runnable):
            return await call(y, x, _deeper(self, x, run))
        return y

    async def _flow_kernel(self, xs: Any, run: Run) -> AsyncIterator[Any]:
        x = await run.take(xs)
        fn, facts = self._in_async_runs if run.backend.is_async else self._in_sync_runs
        bound = _bound(fn, facts, run)
        if facts.is_generator:
            ys: Any = run.steps(bound(x), facts.is_async)
        else:
            y = await run.call(bound, (x,), facts.is_async)
            if y.__class__ is CoroutineType:
                y = await run.call(lambda: y, (), True)
            if not isinstance(y, Runnable):
                yield y
                return
            ys = flow(y, Once(x), _deeper(self, x, run))
        async with aclosing(ys):
            async for y in ys:
                yield y

    @property
    def deps(self) -> list[Runnable[Any, Any]]:
        """The runnables that its function refers to, each once: globals, variables around it, their attributes."""
        fn, _ = self._in_sync_runs
        return list({id(value): value for value in values_read(fn) if isinstance(value, Runnable)}.values())

    def _habit(self, kwargs: Mapping[str, Any]) -> Habit:
        yields = {facts.is_generator for _, facts in (self._in_sync_runs, self._in_async_runs)}
        if yields == {True}:
            return Habit(
                False, True, "a generator function is given the whole input here, and streams its chunks"
            )
        if yields == {True, False}:
            return Habit(
                False, None, "its function for one colour is a generator function, that for the other is not"
            )
        plain = "a plain function needs its whole input"
        if self.deps or is_kind(types_of(self._in_sync_runs[0])[1], Runnable):
            return Habit(
                False, None, f"{plain}; if it returns a runnable, that decides whether chunks come out"
            )
        return Habit(False, False, f"{plain}; make it a generator function to stream")

    def _parts(self) -> dict[str, Runnable[Any, Any]]:
        return {f"call {i}": step for i, step in enumerate(self.deps, 1)}

    @property
    def InputType(self) -> Any:
        """What the function's first parameter is annotated with."""
        fn, _ = self._in_sync_runs
        return list[Any] if isinstance(fn, itemgetter) and not _items(fn) else types_of(fn)[0]

    @property
    def OutputType(self) -> Any:
        """What the function's return is annotated with: of a generator its chunks, of a runnable what that puts out."""
        fn, facts = self._in_sync_runs
        said = types_of(fn)[1]
        if facts.is_generator:
            return element_of(said)
        return type_arguments(said, Runnable)[1] if is_kind(said, Runnable) else said

    def get_input_schema(self, config: RunnableConfig | None = None) -> Schema:
        """Its type; where that isn't stated, the keys that the function reads of its input."""
        fn, _ = self._in_sync_runs
        if self.InputType is not Any or not (keys := _items(fn) or keys_read(fn)):
            return super().get_input_schema(config)
        fields = {key: Any if is_needed else (Any, None) for key, is_needed in keys.items()}
        return object_of(fields, self.get_name("Input"))

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        for key, fn in ((None, self.func), ("afunc", self.afunc)):
            if fn is not None:
                yield key, function_repr(fn)
        if self.name != self._in_sync_runs[1].name:
            yield "name", self.name

    def __eq__(self, other: object) -> bool:
        if isinstance(other, RunnableLambda):
            return (self.func, self.afunc) == (other.func, other.afunc)
        return NotImplemented

    __hash__ = Runnable.__hash__


class RunnableGenerator(Runnable[Input, Output]):
    """A generator function over a stream as a step: it gets the chunks of its input as they come.

    Raises:
        NotAStepError: neither `transform` nor `atransform` is a generator function.
    """

    transforms: ClassVar[bool] = True

    @overload
    def __init__(
        self,
        transform: Callable[[Iterator[Input]], Iterator[Output]],
        atransform: Callable[[AsyncIterator[Input]], AsyncIterator[Output]] | None = None,
        *,
        name: str | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self,
        transform: Callable[[AsyncIterator[Input]], AsyncIterator[Output]],
        atransform: None = None,
        *,
        name: str | None = None,
    ) -> None: ...
    def __init__(self, transform: Any, atransform: Any = None, *, name: str | None = None) -> None:
        facts = Signature(transform)
        afacts = Signature(atransform) if atransform is not None else None
        if facts.is_async and afacts is None:
            transform, atransform, facts, afacts = None, transform, None, facts  # type: ignore[assignment]
        for given, found in ((transform, facts), (atransform, afacts)):
            if (given is not None or transform is atransform) and not (found and found.is_generator):
                raise NotAStepError(f"RunnableGenerator takes a generator function, not {given!r}")
        self._generators = {False: (transform, facts), True: (atransform, afacts)}
        self.name = name or (facts or afacts).name  # type: ignore[union-attr]

    def _flow_kernel(self, xs: Any, run: Run) -> AsyncIterator[Any]:
        fn, facts = self._generators[run.backend.is_async]
        if fn is None:
            fn, facts = self._generators[not run.backend.is_async]
        return transformed(_bound(fn, cast(Signature, facts), run), xs, run, cast(Signature, facts).is_async)

    def _habit(self, kwargs: Mapping[str, Any]) -> Habit:
        return Habit(True, None, "a generator function gets the chunks as they come")

    @property
    def InputType(self) -> Any:
        """The type of the chunks that the function reads."""
        return element_of(types_of(self._one())[0])

    @property
    def OutputType(self) -> Any:
        """The type of the chunks that it yields."""
        return element_of(types_of(self._one())[1])

    def _one(self) -> Any:
        return next(fn for fn, _ in self._generators.values() if fn is not None)

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        (transform, facts), (atransform, afacts) = self._generators.values()
        if transform is not None:
            yield None, function_repr(transform)
        if atransform is not None:
            yield "atransform" if transform is not None else None, function_repr(atransform)
        if self.name != cast(Signature, facts or afacts).name:
            yield "name", self.name

    def __eq__(self, other: object) -> bool:
        if isinstance(other, RunnableGenerator):
            return [fn for fn, _ in self._generators.values()] == [fn for fn, _ in other._generators.values()]
        return NotImplemented

    __hash__ = Runnable.__hash__


@overload
def chain(func: Callable[[Input], Coroutine[Any, Any, Output]]) -> Runnable[Input, Output]: ...
@overload
def chain(func: Callable[[Input], Iterator[Output]]) -> Runnable[Input, Output]: ...
@overload
def chain(func: Callable[[Input], AsyncIterator[Output]]) -> Runnable[Input, Output]: ...
@overload
def chain(func: Callable[[Input], Output]) -> Runnable[Input, Output]: ...
def chain(func: Any) -> Any:
    """Make a step of a function; what it calls with the same names nests inside its run. Use it as a decorator."""
    return RunnableLambda(func)


def _bound(fn: Callable[..., Any], facts: Signature, run: Run) -> Callable[..., Any]:
    """`fn` with what it asks for: bound arguments, the config, the run."""
    if not (run.kwargs or facts.asks):
        return fn
    asked: dict[str, Any] = dict(run.kwargs)
    if facts.takes_config:
        asked.setdefault("config", run.config())
    if facts.takes_run_manager:
        asked.setdefault("run_manager", RunHandle(run))
    return partial(fn, **asked)


def _items(fn: Any) -> dict[str, bool]:
    """The keys that an `operator.itemgetter` reads, if it reads a dict."""
    keys = fn.__reduce__()[1] if isinstance(fn, itemgetter) else ()
    return dict.fromkeys(keys, True) if all(isinstance(key, str) for key in keys) else {}


def _deeper(step: Runnable[Any, Any], x: Any, run: Run) -> Run:
    """`run` as the parent of the runnable its function returned, one level deeper."""
    run.depth += 1
    limit = run.scope.recursion_limit
    if run.depth > limit:
        with run.locating():
            raise RecursionError(
                f"{step.get_name()} returned a runnable {run.depth} levels deep: recursion_limit {limit} is passed with "
                f"input {x!r}. Set config['recursion_limit'] if the recursion does end."
            )
    return run
