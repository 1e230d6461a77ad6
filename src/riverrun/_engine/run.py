"""One execution of one step, and who is told of it.

A run is passed explicitly inside the library. It is ambient only while user code runs: a public method that is called
there nests by itself, in any mix of colours, and nothing leaks across a `yield`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextvars import Context, ContextVar, copy_context
from threading import RLock
from typing import Any, Protocol

from riverrun._backends.aio import CANCELLATIONS, running_loop
from riverrun._backends.portal import block_loop
from riverrun._backends.protocol import Backend, Closed, Stop
from riverrun._engine.config import EMPTY, NOTHING, RunHandle, RunnableConfig, Scope, callbacks_of
from riverrun._engine.limits import Permit
from riverrun._pure.exceptions import EmptyStreamError
from riverrun._pure.fold import fold
from riverrun._pure.ids import new_id

current: ContextVar[Run | None] = ContextVar("riverrun.run", default=None)
"""The run whose user code is at work here. Set only while it is, read only where a public method begins."""

MISSING: Any = object()
"""In place of an input that is not known yet, because it still streams."""


class Chunks(list[Any]):
    """What a stream has brought so far, in place of its value."""

    __slots__ = ()

    def value(self) -> Any:
        """The fold; None when nothing came."""
        try:
            return fold(self)
        except EmptyStreamError:
            return None


Port = Callable[[str, Any, Any], None]
"""What a listener gives for a run it wants to hear of: `port(kind, value, input)`, called at

    "start"            value: the input, or MISSING while it still streams
    "chunk"            value: the chunk
    "end"              value: the output, input: the input; each a `Chunks` where it was streamed
    "error", "cancel"  value: the exception, input: what had been handed out, as `Chunks`
"""


class Listener(Protocol):
    """Somebody who is told of runs. Asked once per run; a run that no listener wants costs nothing to observe."""

    def port(self, run: Run) -> Port | None:
        """Where to report `run`, or None. A filter is a port not given. Must not raise; called before the start."""


class Run:
    """One execution of one step."""

    __slots__ = (
        "_begun",
        "_context",
        "_id",
        "_lock",
        "backend",
        "depth",
        "input",
        "kwargs",
        "parent",
        "permit",
        "ports",
        "scope",
        "step",
        "stop",
        "tag",
    )

    is_root = False

    parent: Run
    input: Any

    def __init__(
        self,
        step: Any,
        parent: Run,
        tag: str | None = None,
        kwargs: dict[str, Any] = NOTHING,
        scope: Scope | None = None,
        stop: Stop | None = None,
    ) -> None:
        self.step = step
        self.parent = parent
        self.tag = tag
        self.kwargs = kwargs
        self.backend: Backend = parent.backend
        self.depth: int = parent.depth
        self.stop: Stop | None = stop or parent.stop
        self._context: Context = parent._context
        if scope is None:
            scope = parent.scope if parent.is_root or parent.scope is EMPTY else parent.scope.inside()
        self.scope: Scope = scope
        self.permit: Permit | None = None
        self._id = scope.run_id
        self._begun: bool | None = True
        self.ports: tuple[Port, ...] = ()
        if scope.listeners and not step.silent:
            self.ports = tuple(
                [port for listener in scope.listeners if (port := listener.port(self)) is not None]
            )
            if self.ports:
                self._begun = False
                self._lock = RLock()  # the collector may close another stream of ours while it is held

    # ------------------------------------------------------------------ where it stands

    def caller(self) -> Run | None:
        """Whose code made this call."""
        return self.parent

    @property
    def id(self) -> str:
        """A UUID of version 7 (RFC 9562), drawn when first asked for."""
        if self._id is None:
            self._id = new_id()
        return self._id

    @property
    def name(self) -> str:
        """The run's name: what the config says, else the step's."""
        return self.scope.name or str(self.step.get_name())

    def tags(self) -> list[str]:
        """Its place in its parent, what the config says, then what the step itself is tagged with."""
        own = getattr(self.step, "tags", None) or ()
        return [
            *([self.tag] if self.tag else ()),
            *self.scope.tags,
            *(tag for tag in own if tag not in self.scope.tags),
        ]

    def metadata(self) -> dict[str, Any]:
        """What the config says, then what the step says of itself."""
        return {
            **self.scope.metadata,
            **(getattr(self.step, "metadata", None) or {}),
            **self.step._run_metadata(self),
        }

    def ancestors(self) -> list[Run]:
        """The runs of steps above this one, the root first."""
        found = []
        above: Run | None = self.parent
        while above is not None:
            if not above.is_root and not above.step.silent:
                found.append(above)
            above = above.parent
        return found[::-1]

    def layered(self) -> Scope:
        """What holds for a run inside, as a lens sees it."""
        return self.scope.inside()

    def path(self) -> str:
        """Where this run stands, for people: `step 2: RunnableParallel<a,b> > branch a: shout`."""
        places = [place(run.tag, run.name) for run in (*self.ancestors(), self) if run.tag is not None]
        return " > ".join(places) or self.name

    def locate(self, error: BaseException, tag: str | None = None, step: Any = None) -> None:
        """Note on `error` in which step it arose: this one, or `step`, its child under `tag`.

        The innermost step notes first, and nobody after it.
        """
        if isinstance(error, CANCELLATIONS) or hasattr(error, "_riverrun_path"):
            return
        is_child = tag is not None or (self.is_root and step is not None)
        path = place(tag, step.get_name()) if is_child and step is not None else self.path()
        if is_child and any(run.tag is not None for run in (*self.ancestors(), self)):
            path = f"{self.path()} > {path}"
        try:
            error._riverrun_path = path  # type: ignore[attr-defined]  # marks it as located
        except AttributeError:  # an exception class with slots
            return
        error.add_note(f"in {path}")

    def locating(self) -> Locating:
        """A `with` block whose errors arise in this step."""
        return Locating(self)

    # ------------------------------------------------------------------ what is reported of it

    def emit(self, kind: str, value: Any = None, input: Any = None) -> None:
        """The only birthplace of events. Never blocks; called from any thread."""
        for port in self.ports:
            port(kind, value, input)

    def start(self, input: Any = MISSING) -> None:
        """The run's input is here, or its first chunk. Parents start before their children; only the first call counts."""
        if self._begun:
            return
        with self._lock:
            if self._begun is not False:  # begun, or about to: a listener's own code may bring us here again
                return
            self._begun = None
            try:
                self.parent.start()
                self.emit("start", input)
            finally:
                self._begun = True

    def fail(self, error: BaseException, handed_out: Chunks) -> None:
        """The run ends with an error or a cancellation."""
        self.start()
        self.emit("cancel" if isinstance(error, CANCELLATIONS) else "error", error, handed_out)

    async def take(self, xs: Any) -> Any:
        """The whole input of a step that needs a value: folded, its stream closed, the run begun."""
        try:
            x = xs.value if type(xs) is Once else await whole(xs)
        except EmptyStreamError as error:
            self.locate(error)
            raise
        if self.ports:
            self.input = x
            self.start(x)
        return x

    # ------------------------------------------------------------------ entering user code

    def context(self) -> Context:
        """One private context for a call or generator of the user's: the caller's variables, this run as current."""
        context = self._context.copy()
        context.run(current.set, self)
        return context

    def call(self, fn: Callable[..., Any], args: tuple[Any, ...], is_async: bool = False) -> Awaitable[Any]:
        """Call a user's function. Whatever it raises passes, with a note of where."""
        if (
            self.stop is not None and self.stop.told and not self.backend.is_async
        ):  # async code is told by cancellation
            raise Closed
        if self.scope.limit is None:
            return self.backend.call(fn, args, self, is_async)
        return self._call_with_permit(fn, args, is_async)

    def steps(
        self, items: Any, is_async: bool = False, *, is_source: bool = True
    ) -> AsyncGenerator[Any, None]:
        """Step a user's iterator to its end and close it. A transformer is no source: its input's permit is enough."""
        if self.stop is not None and self.stop.told and not self.backend.is_async:
            raise Closed
        if self.scope.limit is None or not is_source:
            return self.backend.steps(items, self, is_async)
        return self._steps_with_permit(items, is_async)

    def call_now(self, fn: Callable[..., Any], x: Any) -> Any:
        """Call a user's sync function in a sync run without a limit: `call`, where there is nothing to wait for."""
        if self.stop is not None and self.stop.told:
            raise Closed
        context = self._context.copy()
        context.run(current.set, self)
        try:
            return context.run(fn, x)
        except BaseException as error:
            self.locate(error)
            raise

    async def _call_with_permit(self, fn: Callable[..., Any], args: tuple[Any, ...], is_async: bool) -> Any:
        assert self.scope.limit is not None
        self.permit = await self.scope.limit.enter(self)
        try:
            return await self.backend.call(fn, args, self, is_async)
        finally:
            self.permit.leave(self)
            self.permit = None

    async def _steps_with_permit(self, items: Any, is_async: bool) -> AsyncGenerator[Any, None]:
        assert self.scope.limit is not None
        self.permit = permit = await self.scope.limit.enter(self)
        ys: Any = self.backend.steps(items, self, is_async)
        try:
            async for y in ys:
                permit.rest()
                yield y
                await permit.resume(self)
        finally:
            try:
                await ys.aclose()
            finally:
                permit.leave(self)
                self.permit = None

    def config(self) -> RunnableConfig:
        """What user code sees as `config`. Passed on, it names this run as the parent and repeats nothing."""
        scope = self.scope
        config: RunnableConfig = {
            "tags": list(scope.tags),
            "metadata": dict(scope.metadata),
            "callbacks": RunHandle(self),
            "recursion_limit": scope.recursion_limit,
            "configurable": dict(scope.configurable),
        }
        if scope.max_concurrency is not None:
            config["max_concurrency"] = scope.max_concurrency
        return config


class Locating:
    """See `Run.locating`. Entered once per run, so that nothing is done per chunk."""

    __slots__ = ("_run",)

    def __init__(self, run: Run) -> None:
        self._run = run

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> None:
        if error is not None:
            self._run.locate(error)


class Root(Run):
    """Where a public method begins: no step of its own, only what the runs below inherit."""

    __slots__ = ("_said", "blocks_loop")

    is_root = True
    tag = None

    def __init__(
        self,
        backend: Backend,
        config: Any = None,
        listeners: tuple[Any, ...] = (),
        gates: tuple[Any, ...] = (),
    ) -> None:
        above = current.get()
        self._context = copy_context()
        if config and isinstance(handle := callbacks_of(config), RunHandle):
            above = handle.run  # passed on by hand, perhaps to a thread that has no context
        self.backend = backend
        self.permit = None
        self.parent = above  # type: ignore[assignment]  # None only here, where every walk upwards ends
        if above is None:
            scope, self.depth, self.stop = EMPTY, 0, None
        else:
            scope, self.depth, self.stop = above.scope.inside(), above.depth, above.stop
        self.blocks_loop = not backend.is_async and running_loop() is not None
        if self.blocks_loop:
            block_loop(self._context)
        self.scope = scope.over(config or NOTHING, listeners, gates) if config or listeners else scope
        self._said = (config or NOTHING, listeners, gates)

    def layered(self) -> Scope:
        if self.parent is None:
            return self.scope
        return self.parent.scope.inside().around(EMPTY.over(*self._said))

    def start(self, input: Any = MISSING) -> None:
        if self.parent is not None:
            self.parent.start()


class Resumed(Run):
    """A run that goes on with its step's inherited kernel, because an override called `super()`: the same run, in the
    colour of the override."""

    __slots__ = ("_origin",)

    def __init__(self, origin: Run, backend: Backend, kwargs: dict[str, Any]) -> None:
        self._origin = origin
        self.step, self.parent, self.tag, self.scope = origin.step, origin.parent, origin.tag, origin.scope
        self.stop, self.depth, self.permit = origin.stop, origin.depth, origin.permit
        self.kwargs = {**origin.kwargs, **kwargs} if kwargs else origin.kwargs
        self.backend = backend
        self._context = copy_context()
        self.ports = ()
        if not backend.is_async:
            block_loop(self._context)

    @property
    def id(self) -> str:
        return self._origin.id

    def caller(self) -> Run | None:
        return self._origin

    def start(self, input: Any = MISSING) -> None:
        self._origin.start(input)

    async def take(self, xs: Any) -> Any:
        x = self._origin.input = await super().take(xs)
        self.start(x)
        return x


def place(tag: str | None, name: str) -> str:
    """A step's place in its composite, for people."""
    kind, _, where = (tag or "").rpartition(":")
    said = {"seq:step": f"step {where}", "map:key": f"branch {where}"}.get(kind, tag)
    return f"{said}: {name}" if tag else name


# ------------------------------------------------------------------------------------------- streams of input


class Once:
    """A stream of one chunk that is known already: `take` reads it, `tee` copies it, nobody pumps it."""

    __slots__ = ("_left", "value")

    def __init__(self, value: Any) -> None:
        self.value = value
        self._left = True

    def __aiter__(self) -> Once:
        return self

    async def __anext__(self) -> Any:
        if not self._left:
            raise StopAsyncIteration
        self._left = False
        return self.value

    async def aclose(self) -> None:
        self._left = False


async def whole(xs: Any) -> Any:
    """The fold of a stream, which is closed."""
    try:
        return fold([x async for x in xs])
    finally:
        await xs.aclose()
