"""Steps that hand their input on: as it is, with more keys, or with fewer."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Mapping
from contextlib import aclosing
from typing import Any, ClassVar

from riverrun._backends.protocol import Stop
from riverrun._engine.config import NOTHING, RunnableConfig
from riverrun._engine.lanes import Flow, call, flow
from riverrun._engine.run import Chunks, Once, Run
from riverrun._engine.runnable import Other, Runnable
from riverrun._engine.schema import Schema, fields_of, object_of, schema_of
from riverrun._engine.weave import Feed, merge
from riverrun._pure.exceptions import InputError
from riverrun._pure.habit import Habit
from riverrun._pure.signature import Signature
from riverrun._pure.source import function_repr
from riverrun.runnables.addable import AddableDict
from riverrun.runnables.function import _bound
from riverrun.runnables.parallel import RunnableParallel


def identity(x: Other) -> Other:
    """`x` itself."""
    return x


async def aidentity(x: Other) -> Other:
    """`x` itself."""
    return x


class RunnablePassthrough(Runnable[Other, Other]):
    """Hands its input on unchanged, chunk by chunk. `func` (`afunc` in async runs) is called with the whole of it."""

    transforms: ClassVar[bool] = True
    yields: ClassVar[bool | None] = False

    def __init__(
        self,
        func: Callable[..., Any] | None = None,
        afunc: Callable[..., Any] | None = None,
        *,
        input_type: Any = None,
        name: str | None = None,
    ) -> None:
        if func is not None and Signature(func).is_async:
            func, afunc = None, func
        self.func, self.afunc = func, afunc
        self._facts = {id(fn): Signature(fn) for fn in (func, afunc) if fn is not None}
        self.input_type = input_type
        self.name = name

    async def _call_kernel(self, x: Any, run: Run) -> Any:
        await self._tell(x, run)
        return x

    async def _flow_kernel(self, xs: Any, run: Run) -> AsyncIterator[Any]:
        async with aclosing(xs):
            if self.func is None and self.afunc is None:
                async for x in xs:
                    yield x
                return
            seen = Chunks()
            async for x in xs:
                seen.append(x)
                yield x
            if seen:
                await self._tell(seen.value(), run)

    async def _tell(self, x: Any, run: Run) -> None:
        is_async = self.afunc is not None and (run.backend.is_async or self.func is None)
        if (fn := self.afunc if is_async else self.func) is not None:
            await run.call(_bound(fn, self._facts[id(fn)], run), (x,), is_async)

    @classmethod
    def assign(cls, **kwargs: Any) -> RunnableAssign:  # type: ignore[override]  # of the class, as users call it
        """A step that hands a dict on with more keys, each a step that is given the dict."""
        return RunnableAssign(RunnableParallel(kwargs))

    @property
    def InputType(self) -> Any:
        return self.input_type or Any

    @property
    def OutputType(self) -> Any:
        return self.InputType

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        fn = self.func if self.func is not None else self.afunc
        return [] if fn is None else [(None, function_repr(fn))]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, RunnablePassthrough):
            return (self.func, self.afunc) == (other.func, other.afunc)
        return NotImplemented

    __hash__ = Runnable.__hash__


class RunnableAssign(Runnable[dict[str, Any], dict[str, Any]]):
    """Hands a dict on with more keys: those of `mapper`, which is given the dict.

    What is there already streams on at once, and before anything that is made of it.

    Raises:
        TypeError: the input is no dict.
    """

    transforms: ClassVar[bool] = True
    _wiring: ClassVar[str] = "side"

    def __init__(self, mapper: RunnableParallel[Any], *, name: str | None = None) -> None:
        self.mapper = mapper
        self.name = name

    def get_name(self, suffix: str | None = None, *, name: str | None = None) -> str:
        return super().get_name(
            suffix, name=name or self.name or f"RunnableAssign<{','.join(self.mapper.steps__)}>"
        )

    async def _call_kernel(self, x: Any, run: Run) -> Any:
        return {**_dict(x, "RunnableAssign", run), **await call(self.mapper, x, run)}

    async def _flow_kernel(self, xs: Any, run: Run) -> AsyncIterator[Any]:
        if type(xs) is Once:
            if kept := self._kept(xs.value, run):
                yield kept
            async with aclosing(flow(self.mapper, xs, run)) as ys:
                async for y in ys:
                    yield y
            return
        feed = Feed(run.backend)

        async def given() -> AsyncGenerator[Any, None]:
            with feed:
                async for x in xs:
                    if kept := self._kept(x, run):
                        yield kept
                    await feed.put(x)  # not before it is handed on, so that nothing made of it comes earlier

        def mapped(stop: Stop) -> Flow:
            return flow(self.mapper, feed, run, None, NOTHING, None, stop)

        branches: dict[str, Callable[[Stop], Flow]] = {
            "given": lambda stop: Flow(given(), xs),
            "mapped": mapped,
        }
        async with aclosing(merge(branches, run)) as pairs:
            async for _, y in pairs:
                yield y

    def _kept(self, x: Any, run: Run) -> AddableDict:
        assigned = self.mapper.steps__
        given = _dict(x, "RunnableAssign", run)
        return AddableDict({key: value for key, value in given.items() if key not in assigned})

    def get_input_schema(self, config: RunnableConfig | None = None) -> Schema:
        """The keys that are read to make new ones; there may be more."""
        asked = self.mapper.get_input_schema(config)
        return asked if fields_of(asked) is not None else super().get_input_schema(config)

    def get_output_schema(self, config: RunnableConfig | None = None) -> Schema:
        """The keys that were read, and the new ones."""
        return self._gives_after(lambda: self.mapper.get_input_schema(config), "RunnableAssignOutput", config)

    def _takes_before(self, after: Callable[[], Schema], name: str, config: RunnableConfig | None) -> Schema:
        asked, own = fields_of(after()), self.get_input_schema(config)
        if asked is None:
            return own
        handed_on = {key: field for key, field in asked.items() if key not in self.mapper.steps__}
        return object_of({**handed_on, **(fields_of(own) or {}), **handed_on}, name)

    def _gives_after(self, before: Callable[[], Schema], name: str, config: RunnableConfig | None) -> Schema:
        given, made = fields_of(before()), self.mapper.get_output_schema(config)
        return object_of({**given, **(fields_of(made) or {})}, name) if given is not None else made

    def _parts(self) -> dict[str, Runnable[Any, Any]]:
        return {**self.mapper._parts(), "given": RunnablePassthrough()}

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        return [("mapper", self.mapper)]

    def __eq__(self, other: object) -> bool:
        return self.mapper == other.mapper if isinstance(other, RunnableAssign) else NotImplemented

    __hash__ = Runnable.__hash__


class RunnablePick(Runnable[dict[str, Any], Any]):
    """The value of one key of a dict, or a dict of several. A key that is not there gives None, or is left out.

    Raises:
        TypeError: the input is no dict.
    """

    transforms: ClassVar[bool] = True
    yields: ClassVar[bool | None] = False

    def __init__(self, keys: str | list[str], *, name: str | None = None) -> None:
        self.keys = keys
        self.name = name

    def get_name(self, suffix: str | None = None, *, name: str | None = None) -> str:
        shown = self.keys if isinstance(self.keys, str) else ",".join(self.keys)
        return super().get_name(suffix, name=name or self.name or f"RunnablePick<{shown}>")

    async def _call_kernel(self, x: Any, run: Run) -> Any:
        return self._pick(x, run)

    async def _flow_kernel(self, xs: Any, run: Run) -> AsyncIterator[Any]:
        found = False
        async with aclosing(xs):
            async for x in xs:
                y = self._pick(x, run)
                if y is not None:
                    found = True
                    yield y
        if not found:
            yield None  # as `invoke` does: a key that never came has no value, but the stream has one

    def _habit(self, kwargs: Mapping[str, Any]) -> Habit:
        keys = (self.keys,) if isinstance(self.keys, str) else tuple(self.keys)
        return Habit(True, False, "picks from each chunk as it comes", keys)

    def _pick(self, x: Any, run: Run) -> Any:
        given = _dict(x, "RunnablePick", run)
        if isinstance(self.keys, str):
            return given.get(self.keys)
        picked = {key: given[key] for key in self.keys if key in given}
        return AddableDict(picked) if picked else None

    def _gives_after(self, before: Callable[[], Schema], name: str, config: RunnableConfig | None) -> Schema:
        """The types of the keys where they are known."""
        given = fields_of(before()) or {}
        if isinstance(self.keys, str):
            if self.keys in given:
                return schema_of(given[self.keys][0], name)
        elif picked := {key: field for key, field in given.items() if key in self.keys}:
            return object_of(picked, name)
        return self.get_output_schema(config)

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        return [("keys", self.keys)]

    def __eq__(self, other: object) -> bool:
        return self.keys == other.keys if isinstance(other, RunnablePick) else NotImplemented

    __hash__ = Runnable.__hash__


def _dict(x: Any, step: str, run: Run) -> Mapping[str, Any]:
    if isinstance(x, dict):
        return x
    with run.locating():
        raise InputError(f"{step} takes a dict and was given {x!r} ({type(x).__name__})")
