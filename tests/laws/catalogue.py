"""Every kind of step in every mix of colours, small enough to be run thousands of times.

The steps work on text: they spell it, shout it, or hand it on. All code of theirs keeps a trace of itself, so that a law
can ask whether everything that was begun has ended.
"""

import asyncio
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

from riverrun.runnables import (
    RouterRunnable,
    Runnable,
    RunnableBranch,
    RunnableGenerator,
    RunnableLambda,
    RunnableParallel,
    RunnablePassthrough,
    RunnablePick,
    chain,
)

Step = Runnable[Any, Any]


class Trace:
    """How much of the user's code is at work. Entered by all of it."""

    def __init__(self) -> None:
        self.open = 0
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        with self._lock:
            self.open += 1
        return self

    def __exit__(self, *exc_info: object) -> None:
        with self._lock:
            self.open -= 1

    def check(self) -> None:
        assert not self.open, f"{self.open} piece(s) of the user's code never got to their `finally`"


class OddError(Exception):
    """What the failing steps of the catalogue raise."""


class Code:
    """User code of each colour, all of it leaving traces."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace

    # functions of a value

    def shout(self, x: str) -> str:
        with self.trace:
            return x.upper()

    async def ashout(self, x: str) -> str:
        with self.trace:
            await asyncio.sleep(0)
            return x.upper()

    def fail(self, x: Any) -> Any:
        with self.trace:
            raise OddError("odd")

    async def afail(self, x: Any) -> Any:
        with self.trace:
            await asyncio.sleep(0)
            raise OddError("odd")

    def fail_at_first(self, x: str, run_manager: Any) -> str:
        with self.trace:
            if run_manager.run.tag is None:  # the first attempt has no tag
                raise OddError("odd")
            return x.upper()

    async def afail_at_first(self, x: str, run_manager: Any) -> str:
        with self.trace:
            await asyncio.sleep(0)
            return self.fail_at_first(x, run_manager)

    # generator functions of a value

    def spell(self, x: str) -> Iterator[str]:
        with self.trace:
            yield from x

    async def aspell(self, x: str) -> AsyncGenerator[str, None]:
        with self.trace:
            for letter in x:
                await asyncio.sleep(0)
                yield letter

    def spell_and_fail(self, x: str) -> Iterator[str]:
        with self.trace:
            yield from x
            raise OddError("odd")

    async def aspell_and_fail(self, x: str) -> AsyncIterator[str]:
        with self.trace:
            for letter in x:
                await asyncio.sleep(0)
                yield letter
            raise OddError("odd")

    def nothing(self, x: str) -> Iterator[str]:
        with self.trace:
            yield from ()

    # functions of a stream

    def up(self, xs: Iterator[str]) -> Iterator[str]:
        with self.trace:
            for x in xs:
                yield x.upper()

    async def aup(self, xs: AsyncIterator[str]) -> AsyncGenerator[str, None]:
        with self.trace:
            async for x in xs:
                yield x.upper()

    def first(self, xs: Iterator[str]) -> Iterator[str]:
        with self.trace:
            for x in xs:
                yield x
                return

    async def afirst(self, xs: AsyncIterator[str]) -> AsyncIterator[str]:
        with self.trace:
            async for x in xs:
                yield x
                return

    def one_then_fail(self, xs: Iterator[str]) -> Iterator[str]:
        with self.trace:
            for x in xs:
                yield x
                raise OddError("odd")

    async def aone_then_fail(self, xs: AsyncIterator[str]) -> AsyncIterator[str]:
        with self.trace:
            async for x in xs:
                yield x
                raise OddError("odd")

    def read_then_fail(self, xs: Iterator[str]) -> Iterator[str]:
        with self.trace:
            for x in xs:
                if x != "a":
                    raise OddError("odd")
            yield ""

    async def aread_then_fail(self, xs: AsyncIterator[str]) -> AsyncIterator[str]:
        with self.trace:
            async for x in xs:
                if x != "a":
                    raise OddError("odd")
            yield ""

    def greet_then_up(self, xs: Iterator[str]) -> Iterator[str]:
        with self.trace:
            yield RunnableLambda(self.shout).invoke("hi")
            for x in xs:
                yield RunnableLambda(self.ashout).invoke(x)

    async def agreet_then_up(self, xs: AsyncIterator[str]) -> AsyncIterator[str]:
        with self.trace:
            yield await RunnableLambda(self.ashout).ainvoke("hi")
            async for x in xs:
                yield await RunnableLambda(self.shout).ainvoke(x)


@dataclass(frozen=True)
class Case:
    """One step of the catalogue, with an input whole and in pieces."""

    name: str
    make: Callable[[Code], Any]
    x: Any = "abc"
    chunks: Sequence[Any] | None = ("a", "b", "c")

    def step(self, trace: Trace | None = None) -> Step:
        made = self.make(Code(trace or Trace()))
        assert isinstance(made, Runnable)
        return made


CASES: list[Case] = []
"""Steps that come to a value."""

FAILING: list[Case] = []
"""Steps that come to an error."""

UNEQUAL: list[Case] = []
"""Steps whose value depends, by what they do, on how their input is cut, or on whether a chunk was handed out already."""


def case(
    cases: list[Case], name: str, make: Callable[[Code], Any], x: Any = "abc", chunks: Any = ...
) -> None:
    if chunks is ...:
        chunks = tuple(x) if isinstance(x, str) else None
    cases.append(Case(name, make, x, chunks))


ok = partial(case, CASES)
bad = partial(case, FAILING)
unequal = partial(case, UNEQUAL)
L = RunnableLambda
G = RunnableGenerator

# ----------------------------------------------------------------------------------------------- functions

ok("function", lambda c: L(c.shout))
ok("async function", lambda c: L(c.ashout))
ok("function of both colours", lambda c: L(c.shout, c.ashout))
ok("generator function", lambda c: L(c.spell))
ok("async generator function", lambda c: L(c.aspell))
ok("generator function of both colours", lambda c: L(c.spell, c.aspell))
ok("function, partial of an async function", lambda c: L(c.shout, partial(c.ashout)))
ok("partial", lambda c: L(partial(lambda mark, x: c.shout(x) + mark, "!")))
ok("function that asks for its config", lambda c: L(lambda x, config: c.shout(x) + str(sorted(config))))
ok("function that returns a function step", lambda c: L(lambda x: L(c.ashout)))
ok("function that returns a generator step", lambda c: L(lambda x: L(c.spell) | c.aup))
ok("function that returns a function that returns", lambda c: L(lambda x: L(lambda x: L(c.aspell))))
ok("@chain, calls within", lambda c: chain(lambda x: L(c.ashout).invoke(x) + L(c.spell).invoke(x)))


def acalls_within(c: Code) -> Step:
    @chain
    async def calls(x: str) -> str:
        with c.trace:
            streamed = [chunk async for chunk in L(c.spell).astream(x)]
            return await L(c.shout).ainvoke(x) + "".join(streamed) + L(c.ashout).invoke(x)

    return calls


def astreams_within(c: Code) -> Step:
    @chain
    async def streams(x: str) -> AsyncIterator[str]:
        with c.trace:
            async with (L(c.spell) | c.aup).astream(x) as ys:
                async for y in ys:
                    yield y

    return streams


def streams_within(c: Code) -> Step:
    @chain
    def streams(x: str) -> Iterator[str]:
        with c.trace:
            yield from (L(c.aspell) | c.up).stream(x)

    return streams


ok("async @chain, calls within in both colours", acalls_within)
ok("async @chain, streams within", astreams_within)
ok("@chain, streams within", streams_within)

bad("function fails", lambda c: L(c.fail))
bad("async function fails", lambda c: L(c.afail))
bad("generator function fails after chunks", lambda c: L(c.spell_and_fail))
bad("async generator function fails after chunks", lambda c: L(c.aspell_and_fail))
bad("step that a function returns fails", lambda c: L(lambda x: L(c.shout) | c.afail))
bad("call within fails", lambda c: chain(lambda x: (L(c.shout) | c.afail).invoke(x)))
bad("returned too deep", lambda c: L(returns_itself))
bad("nothing where a value is needed", lambda c: L(c.nothing) | c.shout)
bad("nothing at all", lambda c: L(c.nothing))


def returns_itself(x: str) -> Step:
    return L(returns_itself)


# ------------------------------------------------------------------------------------- functions of streams

ok("transformer", lambda c: G(c.up))
ok("async transformer", lambda c: G(c.aup))
ok("transformer of both colours", lambda c: G(c.up, c.aup))
unequal("transformer that ends early", lambda c: L(c.spell) | c.first)
unequal("async transformer that ends early", lambda c: L(c.aspell) | c.afirst)
ok("transformer that calls within", lambda c: G(c.greet_then_up))
ok("async transformer that calls within", lambda c: G(c.agreet_then_up))

bad("transformer fails after a chunk", lambda c: G(c.one_then_fail))
bad("async transformer fails after a chunk", lambda c: G(c.aone_then_fail))
bad("transformer fails before its first chunk", lambda c: G(c.read_then_fail), chunks=("a", "b", "c"))
bad("async transformer fails before its first chunk", lambda c: L(c.spell) | c.aread_then_fail)

# -------------------------------------------------------------------------------------------------- sequences

_SOURCES = {"spell": lambda c: c.spell, "aspell": lambda c: c.aspell}
_MIDDLES = {
    "up": lambda c: G(c.up),
    "aup": lambda c: G(c.aup),
    "shout": lambda c: L(c.shout),
    "ashout": lambda c: L(c.ashout),
    "passthrough": lambda c: RunnablePassthrough(),
    "up, aup": lambda c: G(c.up) | c.aup,
    "aup, up": lambda c: G(c.aup) | c.up,
    "aup, shout, aspell, up": lambda c: G(c.aup) | c.shout | L(c.aspell) | c.up,
}
for _source, _first in _SOURCES.items():
    for _middle, _then in _MIDDLES.items():
        ok(f"sequence: {_source}, {_middle}", lambda c, f=_first, t=_then: L(f(c)) | t(c))

bad("sequence, first step fails", lambda c: L(c.fail) | c.shout)
bad("sequence, last step fails", lambda c: L(c.spell) | c.aup | c.afail)
bad("sequence, middle step fails after a chunk", lambda c: L(c.aspell) | c.one_then_fail | c.aup)
bad(
    "sequence within a sequence fails",
    lambda c: L(c.shout) | RunnableBranch((c.shout, L(c.spell) | c.fail), c.shout),
)

# --------------------------------------------------------------------------------------------------- parallel

ok("parallel of functions", lambda c: RunnableParallel(a=c.shout, b=c.ashout, c=lambda x: x))
ok("parallel of generators", lambda c: RunnableParallel(a=L(c.spell), b=L(c.aspell)))
ok("parallel of one", lambda c: RunnableParallel(a=c.shout))
ok("parallel of none", lambda c: RunnableParallel({}))
ok("parallel of streams", lambda c: RunnableParallel(a=c.up, b=c.aup, c=RunnablePassthrough()))
ok("parallel of streams and values", lambda c: L(c.aspell) | {"a": c.up, "b": c.ashout, "c": c.aup})
ok(
    "parallel within parallel",
    lambda c: RunnableParallel(a=L(c.spell) | c.up, b={"x": c.ashout, "y": {"z": c.aup}}),
)
unequal("parallel, some end early", lambda c: L(c.spell) | {"a": c.first, "b": c.aup, "c": c.afirst}, x="aaa")
ok(
    "parallel of parallels in a row",
    lambda c: L(c.spell) | {"a": c.up, "b": c.aup} | {"c": RunnablePick("a"), "d": RunnablePick("b")},
)

bad("parallel, a branch fails", lambda c: RunnableParallel(a=c.shout, b=c.fail))
bad("parallel, an async branch fails", lambda c: RunnableParallel(a=L(c.aspell), b=c.afail))
bad("parallel, the source fails", lambda c: L(c.spell_and_fail) | {"a": c.up, "b": c.aup})
bad("parallel, a stream fails after a chunk", lambda c: L(c.aspell) | {"a": c.aone_then_fail, "b": c.up})
bad(
    "parallel within parallel fails",
    lambda c: RunnableParallel(a=c.shout, b=L(c.shout) | {"c": L(c.shout) | c.fail}),
)

# ------------------------------------------------------------------------- passthrough, assign, pick

ok("passthrough", lambda c: RunnablePassthrough())
ok("passthrough with a function", lambda c: RunnablePassthrough(c.shout))
ok("passthrough with an async function", lambda c: RunnablePassthrough(c.ashout))
ok("passthrough with functions of both colours", lambda c: RunnablePassthrough(c.shout, c.ashout))
bad("passthrough, its function fails", lambda c: RunnablePassthrough(c.fail))

_DICT = {"q": "abc", "r": "de"}
_DICTS = ({"q": "a"}, {"q": "b", "r": "d"}, {"q": "c", "r": "e"})


def addable(*chunks: dict[str, Any]) -> tuple[Any, ...]:
    from riverrun.runnables import AddableDict

    return tuple(map(AddableDict, chunks))


def dicts(name: str, make: Callable[[Code], Any], cases: list[Case] = CASES) -> None:
    case(cases, name, make, x=_DICT, chunks=addable(*_DICTS))


dicts("assign", lambda c: RunnablePassthrough.assign(y=lambda d: c.shout(d["q"])))
dicts(
    "assign, async",
    lambda c: RunnablePassthrough.assign(y=RunnablePick("q") | c.ashout, z=RunnablePick("r") | L(c.aspell)),
)
dicts(
    "assign, streaming",
    lambda c: RunnablePassthrough.assign(y=RunnablePick("q") | G(c.up), z=RunnablePick("r") | G(c.aup)),
)
dicts("assign over a key", lambda c: RunnablePassthrough.assign(q=RunnablePick("q") | L(c.spell)))
dicts(
    "assign after assign",
    lambda c: RunnablePassthrough.assign(y=RunnablePick("q") | G(c.up)).assign(
        z=RunnablePick("y") | G(c.aup)
    ),
)
dicts("assign nothing", lambda c: RunnablePassthrough.assign())
dicts("pick one", lambda c: RunnablePick("q"))
dicts("pick several", lambda c: RunnablePick(["q", "r"]))
dicts("pick one that is not there", lambda c: RunnablePick("nowhere"))
dicts("pick several that are not there", lambda c: RunnablePick(["nowhere", "neither"]))
dicts("assign, fails", lambda c: RunnablePassthrough.assign(y=RunnablePick("q") | c.afail), FAILING)
bad("assign to text", lambda c: RunnablePassthrough.assign(y=c.shout), chunks=None)
bad("pick from text", lambda c: RunnablePick("q"), chunks=None)

# --------------------------------------------------------------------------------- branch, router, each

ok("branch", lambda c: RunnableBranch((lambda x: x == "abc", c.shout), c.spell))
ok("branch, async condition", lambda c: RunnableBranch((c.ashout, L(c.aspell) | c.up), c.shout))
ok(
    "branch, default",
    lambda c: RunnableBranch((lambda x: False, c.fail), (lambda x: None, c.fail), L(c.spell)),
)
ok(
    "branch after a stream",
    lambda c: L(c.aspell) | RunnableBranch((lambda x: x == "abc", L(c.spell)), c.shout),
)
bad("branch, its condition fails", lambda c: RunnableBranch((c.afail, c.shout), c.shout))
bad("branch, its step fails", lambda c: RunnableBranch((c.shout, c.afail), c.shout))

_ROUTES: Callable[[Code], Any] = lambda c: RouterRunnable(
    {"one": L(c.shout), "two": L(c.aspell) | c.up, "bad": L(c.afail)}
)
ok("router", _ROUTES, x={"key": "one", "input": "abc"})
ok("router to a stream", _ROUTES, x={"key": "two", "input": "abc"})
ok("router in a sequence", lambda c: L(lambda x: {"key": "two", "input": x}) | _ROUTES(c) | c.aup)
bad("router, its step fails", _ROUTES, x={"key": "bad", "input": "abc"})
bad("router to nowhere", _ROUTES, x={"key": "nowhere", "input": "abc"})

ok("each", lambda c: L(c.shout).map(), x=["a", "b", "c"], chunks=(["a"], ["b", "c"]))
ok("each, async", lambda c: L(c.ashout).map(), x=["a", "b", "c"], chunks=(["a"], ["b", "c"]))
ok("each, streams", lambda c: (L(c.aspell) | c.up).map(), x=["ab", "cd"])
ok("each of none", lambda c: L(c.shout).map(), x=[])
ok("each of each", lambda c: L(c.ashout).map().map(), x=[["a", "b"], [], ["c"]])
bad(
    "each, one fails",
    lambda c: RunnableBranch((lambda x: x == "b", c.fail), c.ashout).map(),
    x=["a", "b", "c"],
)

# -------------------------------------------------------------------------------------------------- binding


def spell_with(c: Code) -> Callable[..., Iterator[str]]:
    def spell_with(x: str, mark: str = "") -> Iterator[str]:
        with c.trace:
            for letter in x:
                yield letter + mark

    return spell_with


def ashout_with(c: Code) -> Callable[..., Any]:
    async def ashout_with(x: str, mark: str = "", times: int = 1) -> str:
        with c.trace:
            return x.upper() + mark * times

    return ashout_with


ok("bind", lambda c: L(ashout_with(c)).bind(mark="!"))
ok("bind twice", lambda c: L(ashout_with(c)).bind(mark="?").bind(times=2, mark="!"))
ok("bind a generator", lambda c: L(spell_with(c)).bind(mark="-"))
ok("bind a sequence", lambda c: (L(spell_with(c)) | c.aup).bind(mark="-"))
ok("with_config", lambda c: (L(c.spell) | c.up).with_config(run_name="named", tags=["t"], metadata={"m": 1}))
ok("with_config in a sequence", lambda c: L(c.spell) | G(c.aup).with_config(run_name="named") | c.up)
ok(
    "with_config, with_config",
    lambda c: L(c.shout).with_config(tags=["a"]).with_config(tags=["b"], run_name="n"),
)
ok("with_types", lambda c: L(c.aspell).with_types(input_type=str, output_type=str))
ok(
    "with_config max_concurrency",
    lambda c: (L(c.spell) | {"a": c.up, "b": c.ashout}).with_config(max_concurrency=1),
)
ok("pipe and map of bound", lambda c: L(ashout_with(c)).bind(mark="!").map(), x=["a", "b"])
bad("bound, fails", lambda c: L(c.shout) | L(c.afail).with_config(run_name="named"))

# ------------------------------------------------------------------------------------- retry and fallbacks

_AT_ONCE: dict[str, Any] = {"wait_exponential_jitter": False}
ok("retry, not needed", lambda c: L(c.shout).with_retry())
ok("retry a stream, not needed", lambda c: (L(c.spell) | c.aup).with_retry())
ok("retry", lambda c: L(c.fail_at_first).with_retry(**_AT_ONCE))
ok("retry, async", lambda c: L(c.afail_at_first).with_retry(**_AT_ONCE))
ok("retry in a sequence", lambda c: L(c.aspell) | L(c.fail_at_first).with_retry(**_AT_ONCE) | c.up)
ok("retry a transformer, not needed", lambda c: L(c.spell) | G(c.aup).with_retry(**_AT_ONCE) | c.up)
bad("retry in vain", lambda c: L(c.fail).with_retry(**_AT_ONCE, stop_after_attempt=2))
bad("retry in vain, async", lambda c: L(c.spell) | L(c.afail).with_retry(**_AT_ONCE))
bad("retry, too late", lambda c: L(c.aspell_and_fail).with_retry(**_AT_ONCE))

ok("fallback, not needed", lambda c: L(c.aspell).with_fallbacks([L(c.fail)]))
ok("fallback", lambda c: L(c.fail).with_fallbacks([L(c.ashout)]))
ok("fallback, async", lambda c: L(c.afail).with_fallbacks([L(c.fail), L(c.spell) | c.aup]))
ok("fallback after a stream", lambda c: L(c.aspell) | G(c.read_then_fail).with_fallbacks([G(c.aup)]))
ok("fallback after a stream, async", lambda c: L(c.spell) | G(c.aread_then_fail).with_fallbacks([G(c.up)]))
dicts(
    "fallback that is told",
    lambda c: (RunnablePick("q") | c.fail).with_fallbacks(
        [L(lambda d: repr(d["error"]))], exception_key="error"
    ),
)
bad("fallback fails too", lambda c: L(c.fail).with_fallbacks([L(c.afail)]))
unequal("fallback, too late", lambda c: L(c.spell_and_fail).with_fallbacks([L(c.ashout)]))
bad(
    "fallback for other errors",
    lambda c: L(c.afail).with_fallbacks([L(c.shout)], exceptions_to_handle=(KeyError,)),
)

# ---------------------------------------------------------------------------------------- users' own classes


class Own(Runnable[Any, Any]):
    """The base of users' classes here: they have code."""

    def __init__(self, code: Code) -> None:
        self.code = code


class OwnInvoke(Own):
    def invoke(self, input: Any, config: Any = None, **kwargs: Any) -> Any:
        return self.code.shout(input)


class OwnAinvoke(Own):
    async def ainvoke(self, input: Any, config: Any = None, **kwargs: Any) -> Any:
        return await self.code.ashout(input)


class OwnBoth(OwnInvoke, OwnAinvoke):
    pass


class OwnStream(Own):
    def stream(self, input: Any, config: Any = None, **kwargs: Any) -> Iterator[Any]:
        yield from self.code.spell(input)


class OwnAstream(Own):
    async def astream(self, input: Any, config: Any = None, **kwargs: Any) -> AsyncIterator[Any]:  # type: ignore[override]
        async with aclosing(self.code.aspell(input)) as ys:
            async for y in ys:
                yield y


class OwnTransform(Own):
    def transform(self, input: Iterator[Any], config: Any = None, **kwargs: Any) -> Iterator[Any]:
        yield from self.code.up(input)


class OwnAtransform(Own):
    async def atransform(
        self, input: AsyncIterator[Any], config: Any = None, **kwargs: Any
    ) -> AsyncIterator[Any]:  # type: ignore[override]
        async with aclosing(self.code.aup(input)) as ys:
            async for y in ys:
                yield y


class OwnInvokeAndTransform(OwnInvoke, OwnTransform):
    pass


class OwnEverything(OwnBoth, OwnTransform, OwnAtransform):
    pass


class OwnInvokeAndAtransform(OwnInvoke, OwnAtransform):
    pass


class Superstitious(RunnableLambda[Any, Any]):
    """Overrides everything, and does nothing but call super()."""

    def invoke(self, input: Any, config: Any = None, **kwargs: Any) -> Any:
        return super().invoke(input, config, **kwargs)

    async def ainvoke(self, input: Any, config: Any = None, **kwargs: Any) -> Any:
        return await super().ainvoke(input, config, **kwargs)

    def stream(self, input: Any, config: Any = None, **kwargs: Any) -> Iterator[Any]:
        yield from super().stream(input, config, **kwargs)

    async def astream(self, input: Any, config: Any = None, **kwargs: Any) -> AsyncIterator[Any]:  # type: ignore[override]
        async with super().astream(input, config, **kwargs) as ys:
            async for y in ys:
                yield y


class SuperTransform(RunnableGenerator[Any, Any]):
    def transform(self, input: Iterator[Any], config: Any = None, **kwargs: Any) -> Iterator[Any]:
        yield from super().transform(input, config, **kwargs)

    async def atransform(
        self, input: AsyncIterator[Any], config: Any = None, **kwargs: Any
    ) -> AsyncIterator[Any]:  # type: ignore[override]
        async with super().atransform(input, config, **kwargs) as ys:
            async for y in ys:
                yield y


class SuperSuper(Superstitious):
    """Once more on top."""

    def invoke(self, input: Any, config: Any = None, **kwargs: Any) -> Any:
        return super().invoke(input, config, **kwargs)

    async def ainvoke(self, input: Any, config: Any = None, **kwargs: Any) -> Any:
        return await super().ainvoke(input, config, **kwargs)


class SuperSync(RunnableLambda[Any, Any]):
    """Overrides the sync half alone."""

    def invoke(self, input: Any, config: Any = None, **kwargs: Any) -> Any:
        return super().invoke(input, config, **kwargs)

    def stream(self, input: Any, config: Any = None, **kwargs: Any) -> Iterator[Any]:
        yield from super().stream(input, config, **kwargs)


class SuperSequence(type(L(str) | str)):  # type: ignore[misc]
    """A composite, overridden."""

    def invoke(self, input: Any, config: Any = None, **kwargs: Any) -> Any:
        return super().invoke(input, config, **kwargs)

    async def ainvoke(self, input: Any, config: Any = None, **kwargs: Any) -> Any:
        return await super().ainvoke(input, config, **kwargs)


class Mixin:
    def invoke(self, input: Any, config: Any = None, **kwargs: Any) -> Any:
        return super().invoke(input, config, **kwargs)  # type: ignore[misc]

    async def ainvoke(self, input: Any, config: Any = None, **kwargs: Any) -> Any:
        return await super().ainvoke(input, config, **kwargs)  # type: ignore[misc]


class MixedIn(Mixin, RunnableLambda[Any, Any]):
    pass


class WithConfigHelpers(Own):
    """As users write it who know `_call_with_config`."""

    def invoke(self, input: Any, config: Any = None, **kwargs: Any) -> Any:
        return self._call_with_config(self.code.shout, input, config, **kwargs)

    async def ainvoke(self, input: Any, config: Any = None, **kwargs: Any) -> Any:
        return await self._acall_with_config(self.code.ashout, input, config, **kwargs)

    def transform(self, input: Iterator[Any], config: Any = None, **kwargs: Any) -> Iterator[Any]:
        yield from self._transform_stream_with_config(input, self.code.up, config, **kwargs)

    async def atransform(
        self, input: AsyncIterator[Any], config: Any = None, **kwargs: Any
    ) -> AsyncIterator[Any]:  # type: ignore[override]
        async with self._atransform_stream_with_config(input, self.code.aup, config, **kwargs) as ys:
            async for y in ys:
                yield y


class CallKernel(Own):
    """As authors write it who know the engine."""

    async def _call_kernel(self, x: Any, run: Any) -> Any:
        return await run.call(self.code.ashout, (x,), True)


class FlowKernel(Own):
    transforms = True

    async def _flow_kernel(self, xs: Any, run: Any) -> AsyncIterator[Any]:
        with self.code.trace:
            async for x in xs:
                yield x.upper()


for _class in (
    OwnInvoke,
    OwnAinvoke,
    OwnBoth,
    OwnStream,
    OwnAstream,
    OwnTransform,
    OwnAtransform,
    OwnInvokeAndTransform,
    OwnEverything,
    OwnInvokeAndAtransform,
    WithConfigHelpers,
    CallKernel,
    FlowKernel,
):
    ok(_class.__name__, _class)
    ok(f"{_class.__name__} in a sequence", lambda c, cls=_class: L(c.aspell) | cls(c) | c.up)
for _class in (Superstitious, SuperSuper, SuperSync, MixedIn):
    for _name in ("shout", "ashout", "spell", "aspell"):
        ok(f"{_class.__name__} of {_name}", lambda c, cls=_class, name=_name: cls(getattr(c, name)))
for _name in ("up", "aup"):
    ok(
        f"SuperTransform of {_name}",
        lambda c, name=_name: L(c.aspell) | SuperTransform(getattr(c, name)) | c.up,
    )
ok("SuperSequence", lambda c: SuperSequence(c.ashout, L(c.spell), c.aup))


def serializable() -> type[Any]:
    from riverrun.runnables import RunnableSerializable

    class Marked(RunnableSerializable[Any, Any]):
        code: Any
        mark: str = "!"

        def invoke(self, input: Any, config: Any = None, **kwargs: Any) -> Any:
            return self.code.shout(input) + self.mark

        async def ainvoke(self, input: Any, config: Any = None, **kwargs: Any) -> Any:
            return await self.code.ashout(input) + self.mark

    return Marked


ok("RunnableSerializable", lambda c: serializable()(code=c))
ok(
    "RunnableSerializable in a sequence",
    lambda c: L(c.aspell) | serializable()(code=c, mark="?") | L(c.spell),
)
bad("OwnInvoke fails", lambda c: L(c.spell) | OwnInvoke(c), x=[1])


def tool_of(code: Code, name: str, **settings: Any) -> Step:
    from riverrun.tools import StructuredTool, Tool

    fn = getattr(code, name)
    by_colour = {"coroutine": fn} if name.startswith("a") else {"func": fn}
    if settings.pop("structured", False):
        return StructuredTool.from_function(
            **by_colour, name=name, description="of the catalogue", **settings
        )
    return Tool(**{"func": None, **by_colour}, name=name, description="of the catalogue", **settings)


for _name in ("shout", "ashout", "spell", "aspell", "nothing"):
    ok(f"Tool of {_name}", lambda c, name=_name: tool_of(c, name))
for _name in ("ashout", "spell"):
    ok(
        f"StructuredTool of {_name} in a sequence",
        lambda c, name=_name: tool_of(c, name, structured=True) | c.up,
    )
for _name in ("fail", "afail", "spell_and_fail", "aspell_and_fail"):
    bad(f"Tool of {_name}", lambda c, name=_name: tool_of(c, name))


def text_model(code: Code, name: str, hook: str, **settings: Any) -> Step:
    """An `LLM` whose hook is one of the catalogue's functions."""
    from riverrun.language_models import LLM
    from riverrun.outputs import GenerationChunk

    fn = getattr(code, name)

    def streamed(self: Any, prompt: str, stop: Any = None, **kwargs: Any) -> Any:
        for text in fn(prompt):
            yield GenerationChunk(text)

    async def astreamed(self: Any, prompt: str, stop: Any = None, **kwargs: Any) -> Any:
        async with aclosing(fn(prompt)) as texts:
            async for text in texts:
                yield GenerationChunk(text)

    hooks = {"_stream": streamed, "_astream": astreamed}
    called = hooks.get(hook, lambda self, prompt, stop=None, **kwargs: fn(prompt))
    return type("Model", (LLM,), {"__module__": __name__, hook: called})(**settings)  # type: ignore[no-any-return]


def cache_with(held: str | None = None) -> Any:
    """A cache that holds this for every prompt, whatever is put into it: a step is to do the same each time."""
    from riverrun.caches import InMemoryCache
    from riverrun.outputs import Generation

    class Cache(InMemoryCache):
        def lookup(self, prompt: str, llm_string: str) -> Any:
            return held and [Generation(held)]

    return Cache()


_HOOKS = {"shout": "_call", "ashout": "_acall", "spell": "_stream", "aspell": "_astream"}
for _name, _hook in _HOOKS.items():
    ok(f"LLM with {_hook}", lambda c, name=_name, hook=_hook: text_model(c, name, hook))
    ok(
        f"LLM with {_hook} and a cache, in a sequence",
        lambda c, name=_name, hook=_hook: L(c.aspell) | text_model(c, name, hook, cache=cache_with()) | c.up,
    )
ok(
    "LLM with what a cache holds",
    lambda c: L(c.spell) | text_model(c, "aspell_and_fail", "_astream", cache=cache_with("ab")) | c.aup,
)
for _name, _hook in (("fail", "_call"), ("afail", "_acall")):
    bad(f"LLM with {_hook} fails", lambda c, name=_name, hook=_hook: text_model(c, name, hook))
for _name, _hook in (("spell_and_fail", "_stream"), ("aspell_and_fail", "_astream")):
    bad(
        f"LLM with {_hook} and a cache fails",
        lambda c, name=_name, hook=_hook: text_model(c, name, hook, cache=cache_with()) | c.up,
    )


def retriever_of(code: Code, name: str) -> Step:
    """A retriever whose hook is one of the catalogue's functions."""
    from riverrun.documents import Document
    from riverrun.retrievers import BaseRetriever

    fn = getattr(code, name)

    def found(self: Any, query: str, *, run_manager: Any) -> Any:
        return [Document(fn(query))]

    async def afound(self: Any, query: str, *, run_manager: Any) -> Any:
        return [Document(await fn(query))]

    hooks = {True: {"_aget_relevant_documents": afound}, False: {"_get_relevant_documents": found}}
    hook = hooks[name.startswith("a")]
    return type("Finds", (BaseRetriever,), {"__module__": __name__, **hook})()  # type: ignore[no-any-return]


def parser_of(code: Code, base: str, **hooks: str) -> Step:
    """A parser whose methods are functions of the catalogue."""
    from riverrun import output_parsers

    def method(name: str) -> Any:
        fn = getattr(code, name)
        if not name.startswith("a"):
            return lambda self, *args: fn(*args)
        if name == "aup":
            return lambda self, xs: fn(xs)

        async def awaited(self: Any, *args: Any) -> Any:
            return await fn(*args)

        return awaited

    body = {hook: method(name) for hook, name in {"parse": "shout", **hooks}.items()}
    cls = getattr(output_parsers, base)
    return type("Parses", (cls,), {"__module__": __name__, **body})()  # type: ignore[no-any-return]


def cumulative_parser(code: Code) -> Step:
    """One whose outputs don't add up: each says all."""
    from riverrun.output_parsers import BaseCumulativeTransformOutputParser

    class Tells(BaseCumulativeTransformOutputParser[Any]):
        def parse(self, text: str) -> Any:
            return {"text": code.shout(text)}

    return Tells()


for _name in ("shout", "ashout"):
    ok(f"BaseRetriever of {_name}", lambda c, name=_name: retriever_of(c, name))
    ok(
        f"BaseRetriever of {_name} in a sequence",
        lambda c, name=_name: L(c.aspell) | retriever_of(c, name) | str | c.aup,
    )
_PARSERS: dict[str, dict[str, str]] = {
    "BaseOutputParser": {},
    "BaseOutputParser with aparse": {"aparse": "ashout"},
    "BaseTransformOutputParser": {},
    "BaseTransformOutputParser with aparse": {"aparse": "ashout"},
    "BaseTransformOutputParser with _transform": {"_transform": "up"},
    "BaseTransformOutputParser with _atransform": {"_atransform": "aup"},
    "StrOutputParser with parse": {},
}
for _name, _given in _PARSERS.items():
    ok(_name, lambda c, name=_name, given=_given: parser_of(c, name.split()[0], **given))
    ok(
        f"{_name} in a sequence",
        lambda c, name=_name, given=_given: L(c.aspell) | parser_of(c, name.split()[0], **given) | c.up,
    )
ok("BaseCumulativeTransformOutputParser", cumulative_parser)
ok("BaseCumulativeTransformOutputParser after a stream", lambda c: L(c.aspell) | cumulative_parser(c))
for _name in ("fail", "afail"):
    bad(f"BaseRetriever of {_name}", lambda c, name=_name: retriever_of(c, name))
bad("BaseOutputParser of fail", lambda c: parser_of(c, "BaseOutputParser", parse="fail"))
bad("BaseTransformOutputParser of fail", lambda c: parser_of(c, "BaseTransformOutputParser", parse="fail"))


# ------------------------------------------------------------------------------------------------------ prompts


def few_shot(code: Code, **hooks: str) -> Any:
    """A few-shot prompt of text, whose examples these methods of `code` make."""
    from riverrun.prompts import FewShotPromptTemplate, PromptTemplate

    def selects(hook: str) -> Any:
        return lambda self, values: [{"x": getattr(code, hook)(values["x"])}]

    async def aselects(self: Any, values: dict[str, str]) -> Any:
        return [{"x": await getattr(code, hooks["aselect_examples"])(values["x"])}]

    methods: dict[str, Any] = {"select_examples": selects(hooks["select_examples"])}
    if "aselect_examples" in hooks:
        methods["aselect_examples"] = aselects
    return FewShotPromptTemplate(
        example_selector=type("Selects", (), methods)(),
        example_prompt=PromptTemplate.from_template("{x}"),
        suffix="{x}",
        example_separator="-",
    )


def chat_prompt(code: Code) -> Any:
    from riverrun.prompts import ChatPromptTemplate

    return ChatPromptTemplate([("system", "{y}"), ("human", "{x}")]).partial(y=lambda: code.shout("hi"))


_SELECTS = {"select_examples": "shout"}, {"select_examples": "shout", "aselect_examples": "ashout"}
ok("ChatPromptTemplate with a function for a value", chat_prompt)
ok(
    "ChatPromptTemplate in a sequence",
    lambda c: L(c.aspell) | chat_prompt(c) | (lambda v: v.to_string()) | c.up,
)
for _hooks in _SELECTS:
    ok(f"FewShotPromptTemplate with {', '.join(_hooks)}", lambda c, hooks=_hooks: few_shot(c, **hooks))
    ok(
        f"FewShotPromptTemplate with {', '.join(_hooks)} in a sequence",
        lambda c, hooks=_hooks: L(c.spell) | few_shot(c, **hooks) | (lambda v: v.to_string()) | c.aup,
    )
bad("FewShotPromptTemplate whose selector fails", lambda c: few_shot(c, select_examples="fail"))
bad(
    "FewShotPromptTemplate whose selectors fail",
    lambda c: few_shot(c, select_examples="fail", aselect_examples="afail"),
)


# ------------------------------------------------------------------------------------------------ conversations


def remembering(code: Code, hook: str, is_async: bool = False) -> Step:
    """A function round which a conversation of one turn is kept, in a store whose methods leave traces."""
    from riverrun.chat_history import BaseChatMessageHistory
    from riverrun.runnables.history import RunnableWithMessageHistory

    class Store(BaseChatMessageHistory):
        def __init__(self) -> None:
            self.messages = []

        def add_messages(self, messages: Any) -> None:
            with code.trace:
                self.messages.extend(messages)

        def clear(self) -> None: ...

    class AsyncStore(Store):
        async def aget_messages(self) -> list[Any]:
            with code.trace:
                await asyncio.sleep(0)
                return self.messages

        async def aadd_messages(self, messages: Any) -> None:
            with code.trace:
                await asyncio.sleep(0)
                self.messages.extend(messages)

    async def find() -> Any:
        return AsyncStore()

    step = L(lambda messages: messages[-1].content) | L(getattr(code, hook))
    return RunnableWithMessageHistory(step, find if is_async else Store, history_factory_config=[])


for _hook in ("shout", "ashout", "spell", "aspell"):
    ok(f"RunnableWithMessageHistory round {_hook}", lambda c, hook=_hook: remembering(c, hook))
    ok(
        f"RunnableWithMessageHistory with async hooks round {_hook} in a sequence",
        lambda c, hook=_hook: L(c.spell) | remembering(c, hook, is_async=True) | c.up,
    )
for _hook in ("fail", "afail", "spell_and_fail", "aspell_and_fail"):
    bad(f"RunnableWithMessageHistory round {_hook}", lambda c, hook=_hook: remembering(c, hook))


# --------------------------------------------------------------------------------------------------------- JSON


def quoted(letters: Iterator[str]) -> Iterator[str]:
    """A text as JSON in a list, as it arrives."""
    start = '{"said": ["'
    for letter in letters:
        yield start + letter
        start = ""
    yield '"]}'


def reading_json(code: Code, hook: str, path: str | None = None, **options: Any) -> Step:
    """A parser of the JSON that is made round what a function says, and the text out of it."""
    from riverrun.output_parsers import JsonOutputParser

    said = L(getattr(code, hook)) | G(quoted)
    if path is not None:
        return said | JsonOutputParser().paths(path, **options) | L(lambda found: "".join(found))
    return said | JsonOutputParser(**options) | L(lambda value: value["said"][0])


for _hook in ("spell", "aspell", "shout"):
    ok(f"JsonOutputParser of {_hook}", lambda c, hook=_hook: reading_json(c, hook))
    ok(f"JsonOutputParser of values of {_hook}", lambda c, hook=_hook: reading_json(c, hook, emit="values"))
    ok(f"JsonPathParser of {_hook}", lambda c, hook=_hook: reading_json(c, hook, "said[*]"))
    ok(
        f"JsonPathParser of {_hook} as text",
        lambda c, hook=_hook: reading_json(c, hook, "said[0]", as_text=True) | c.up,
    )
    ok(
        f"JsonPathParser of {_hook} that stops early",
        lambda c, hook=_hook: reading_json(c, hook, "said[0]", early_stop=True),
    )
for _hook in ("fail", "spell_and_fail", "aspell_and_fail"):
    bad(f"JsonOutputParser of {_hook}", lambda c, hook=_hook: reading_json(c, hook))


def names(cases: list[Case]) -> list[str]:
    return [case.name for case in cases]
