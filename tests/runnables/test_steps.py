"""What each step of the composition language promises, where it differs from the laws that all of them keep."""

import asyncio
import copy
from collections.abc import AsyncIterator, Iterator
from typing import Any
from unittest.mock import MagicMock

import pytest

from modes import MODES, Mode
from riverrun._pure.fold import fold
from riverrun.exceptions import EmptyStreamError, InputError, NotAStepError
from riverrun.runnables import (
    AddableDict,
    RouterRunnable,
    Runnable,
    RunnableBranch,
    RunnableConfig,
    RunnableGenerator,
    RunnableLambda,
    RunnableMap,
    RunnableParallel,
    RunnablePassthrough,
    RunnablePick,
    RunnableRetry,
    RunnableSequence,
    RunnableWithFallbacks,
    chain,
)
from riverrun.testing.collect import Collector


async def listed(ys: AsyncIterator[Any]) -> list[Any]:
    return [y async for y in ys]


def letters(text: str) -> Iterator[str]:
    yield from text


async def aletters(text: str) -> AsyncIterator[str]:
    for letter in text:
        yield letter


def upper(chunks: Iterator[str]) -> Iterator[str]:
    for chunk in chunks:
        yield chunk.upper()


async def aupper(chunks: AsyncIterator[str]) -> AsyncIterator[str]:
    async for chunk in chunks:
        yield chunk.upper()


# ----------------------------------------------------------------------------------------------------- functions


def test_bound_arguments_reach_the_parameter_of_that_name() -> None:
    def add(x: int, k: int = 0, config: RunnableConfig | None = None) -> int:
        assert config is not None
        return x + k

    step = RunnableLambda(add).bind(k=5)
    assert step.invoke(1) == 6
    assert (RunnableLambda(lambda x: x) | step).invoke(1) == 6
    assert list(step.stream(1)) == [6]
    assert RunnableLambda(add).invoke(1, k=2) == 3


def test_a_generator_function_gets_the_stream_after_a_bar_and_the_value_in_a_lambda() -> None:
    source = RunnableLambda(letters)
    assert list((source | upper).stream("ab")) == ["A", "B"]
    assert list((source | {"a": upper}).stream("ab")) == [{"a": "A"}, {"a": "B"}]
    assert list((source | RunnableLambda(letters)).stream("ab")) == ["a", "b"]
    got: list[Any] = []

    def note(x: Any) -> Iterator[Any]:
        got.append(x)
        yield x

    assert list((source | RunnableLambda(note)).stream("ab")) == ["ab"]
    assert list((source | chain(note)).stream("ab")) == ["ab"]
    assert got == ["ab", "ab"]


def test_a_function_that_returns_a_runnable_runs_it() -> None:
    step = RunnableLambda(lambda x: RunnableLambda(letters) | upper)
    assert step.invoke("ab") == "AB"
    assert list(step.stream("ab")) == ["A", "B"]
    assert asyncio.run(listed(step.astream("ab"))) == ["A", "B"]


def test_recursion_is_bounded_by_the_limit() -> None:
    endless: Runnable[int, Any] = RunnableLambda(lambda x: endless)
    with pytest.raises(RecursionError, match="recursion_limit 5"):
        endless.invoke(1, {"recursion_limit": 5})
    with pytest.raises(RecursionError, match="recursion_limit 25"):
        list(endless.stream(1))
    counted: Runnable[Any, Any] = RunnableLambda(
        lambda x: x if x == 0 else RunnableLambda(lambda _: x) | minus | counted
    )
    minus = RunnableLambda(lambda x: x - 1)
    assert counted.invoke(3) == 0


def test_the_recursion_limit_counts_the_runnables_that_were_returned() -> None:
    def levels(n: int) -> RunnableLambda[str, Any]:
        return RunnableLambda(lambda x: levels(n - 1) if n else x)

    assert levels(3).invoke("x", {"recursion_limit": 3}) == "x"
    assert list(levels(3).stream("x", {"recursion_limit": 3})) == ["x"]
    with pytest.raises(RecursionError):
        levels(4).invoke("x", {"recursion_limit": 3})


def test_afunc_serves_async_runs_and_func_sync_ones() -> None:
    async def later(x: int) -> str:
        return "async"

    step = RunnableLambda(lambda x: "sync", afunc=later)
    assert step.invoke(1) == "sync"
    assert asyncio.run(step.ainvoke(1)) == "async"


def test_a_generator_of_each_colour_serves_its_own() -> None:
    def sync(xs: Iterator[str]) -> Iterator[str]:
        for x in xs:
            yield f"s{x}"

    async def other(xs: AsyncIterator[str]) -> AsyncIterator[str]:
        async for x in xs:
            yield f"a{x}"

    step = RunnableGenerator(sync, other)
    assert list(step.transform(iter("xy"))) == ["sx", "sy"]
    assert asyncio.run(listed(step.atransform(aletters("xy")))) == ["ax", "ay"]


def test_the_name_is_the_functions_own() -> None:
    assert RunnableLambda(letters).get_name() == "letters"
    assert RunnableLambda(lambda x: x).get_name() == "RunnableLambda"
    assert RunnableLambda(lambda x: x, name="mine").get_name() == "mine"
    assert RunnableGenerator(upper).get_name() == "upper"
    assert RunnableLambda(letters).get_name("input") == "letters_input"
    assert RunnableParallel(a=letters, b=upper).get_name("Input") == "RunnableParallel<a,b>Input"


@pytest.mark.parametrize("thing", [1, "text", None, [letters], object()])
def test_what_cannot_be_a_step_is_refused_where_it_is_composed(thing: Any) -> None:
    step = RunnableLambda(letters)
    for use in (
        lambda: step | thing,
        lambda: thing | step,
        lambda: step.pipe(thing),
        lambda: RunnableParallel(a=thing),
        lambda: step.assign(a=thing),
        lambda: RunnableBranch((thing, step), step),
    ):
        with pytest.raises(NotAStepError) as caught:
            use()
        assert isinstance(caught.value, TypeError) and type(thing).__name__ in str(caught.value)
    with pytest.raises(NotAStepError):
        RunnableLambda(thing)
    with pytest.raises(NotAStepError, match="generator function"):
        RunnableGenerator(len)  # type: ignore[arg-type]


# ---------------------------------------------------------------------------------------------------- composites


def test_either_side_of_a_bar_may_be_a_function_a_generator_function_or_a_dict() -> None:
    step = RunnableLambda(lambda x: x)
    assert (str | step).invoke(1) == "1"
    assert (step | str).invoke(1) == "1"
    assert list((letters | step).transform(iter(["ab", "c"]))) == ["abc"]
    assert ({"a": str, "b": step} | step).invoke(1) == {"a": "1", "b": 1}
    assert (step | {"a": str, "b": {"c": step}}).invoke(1) == {"a": "1", "b": {"c": 1}}
    assert step.pipe(str, len, name="p").invoke(100) == 3


def test_a_mock_of_a_runnable_is_run_by_its_face() -> None:
    double = MagicMock(spec=Runnable)
    double.invoke.return_value = "mocked"
    double.ainvoke.return_value = "async"
    step = RunnableLambda(str) | double | str.upper
    assert step.invoke(1, {"tags": ["t"]}) == "MOCKED"
    assert double.invoke.call_args.args[0] == "1"
    assert double.invoke.call_args.args[1]["tags"] == ["t"]
    assert list(step.stream(1)) == ["MOCKED"]
    assert asyncio.run(step.ainvoke(1)) == "ASYNC"
    assert RunnableParallel(a=double).invoke(1) == {"a": "mocked"}


def test_sequences_are_laid_flat_and_keep_the_peers_attributes() -> None:
    a, b, c, d = (RunnableLambda(lambda x: x, name=name) for name in "abcd")
    sequence = (a | b) | (c | d)
    assert isinstance(sequence, RunnableSequence)
    assert [step.get_name() for step in sequence.steps] == ["a", "b", "c", "d"]
    assert (sequence.first, sequence.middle, sequence.last) == (a, [b, c], d)
    assert RunnableSequence(first=a, middle=[b, c], last=d) == sequence
    with pytest.raises(ValueError, match="at least 2"):
        RunnableSequence(a)


def test_keyword_arguments_go_to_the_first_step_of_a_sequence() -> None:
    step = RunnableLambda(lambda x, k=0: x + k) | RunnableLambda(lambda x: x * 2)
    assert step.invoke(1, k=2) == 6


def test_parallel_streams_its_branches_as_they_come() -> None:
    step = RunnableLambda(letters) | RunnableMap(a=upper, b=RunnablePassthrough())
    chunks = list(step.stream("xy"))
    assert all(len(chunk) == 1 for chunk in chunks)
    assert sorted(str(chunk) for chunk in chunks) == sorted(
        map(str, [{"a": "X"}, {"a": "Y"}, {"b": "x"}, {"b": "y"}])
    )
    assert sum(chunks[1:], chunks[0]) == {"a": "XY", "b": "xy"}
    assert RunnableParallel(steps__={"a": str}).steps__.keys() == {"a"}
    assert RunnableParallel({"a": str}, b=str).invoke(1) == {"a": "1", "b": "1"}
    assert RunnableParallel(name=str, a=str).invoke(1) == {"name": "1", "a": "1"}
    assert RunnableParallel(a=str, name="mine").get_name() == "mine"


def test_addable_dicts_add_key_by_key() -> None:
    one = AddableDict(a="x", n=None)
    assert one + {"a": "y", "b": 1, "n": 2} == {"a": "xy", "b": 1, "n": 2}
    assert {"a": "w"} + one == {"a": "wx", "n": None}
    assert AddableDict(a={"k": 1}) + AddableDict(a={"k": 2}) == {"a": {"k": 2}}


def test_passthrough_calls_its_function_with_the_whole_input() -> None:
    seen: list[str] = []

    async def anote(x: str) -> None:
        seen.append(f"async {x}")

    step = RunnableLambda(letters) | RunnablePassthrough(seen.append, anote)
    assert list(step.stream("ab")) == ["a", "b"]
    assert step.invoke("ab") == "ab"
    assert asyncio.run(listed(step.astream("ab"))) == ["a", "b"]
    assert seen == ["ab", "ab", "async ab"]


def test_assign_hands_on_what_is_there_at_once_and_adds_the_rest() -> None:
    step = RunnablePassthrough.assign(n=lambda d: len(d["q"]), s=RunnableLambda(lambda d: d["q"]) | letters)
    assert step.invoke({"q": "ab", "n": 0}) == {"q": "ab", "n": 2, "s": "ab"}
    chunks = list(step.stream({"q": "ab", "n": 0}))
    assert chunks[0] == {"q": "ab"}
    with pytest.raises(TypeError, match="dict"):
        step.invoke("text")
    assert step.get_name() == "RunnableAssign<n,s>"


def test_assign_hands_on_what_is_given_before_what_is_made_of_it() -> None:
    source = RunnableLambda(lambda q: q) | {"q": RunnableLambda(letters), "k": RunnablePassthrough()}
    step = source.assign(doubled=lambda d: d["q"] * 2).assign(
        shout=RunnableLambda(lambda d: d["doubled"]) | letters | upper, size=lambda d: len(d["q"])
    )

    async def astreamed() -> list[Any]:
        return await listed(step.astream("ab"))

    for _ in range(20):
        for chunks in (list(step.stream("ab")), asyncio.run(astreamed())):
            keys = [key for chunk in chunks for key in chunk]
            assert [chunk for chunk in chunks if "q" in chunk] == [{"q": "a"}, {"q": "b"}]
            last = {key: len(keys) - 1 - keys[::-1].index(key) for key in keys}
            assert (
                max(last["q"], last["k"])
                < keys.index("doubled")
                < min(keys.index("shout"), keys.index("size"))
            )
            assert sum(chunks[1:], chunks[0]) == step.invoke("ab")


def test_assign_hands_on_what_nobody_reads() -> None:
    def first(chunks: Iterator[Any]) -> Iterator[Any]:
        yield next(chunks)

    def many(x: Any) -> Iterator[Any]:
        for i in range(200):
            yield AddableDict(n=[i])

    step = RunnableLambda(many).assign(head=first)
    chunks = list(step.stream(None))
    assert sum(chunks[1:], chunks[0]) == {"n": [*range(200)], "head": {"n": [0]}}
    assert sum(list(RunnableLambda(many).assign().stream(None))[1:], AddableDict(n=[0])) == {
        "n": [*range(200)]
    }


def test_pick_takes_one_value_or_several() -> None:
    assert RunnablePick("a").invoke({"a": 1, "b": 2}) == 1
    assert RunnablePick(["a", "c"]).invoke({"a": 1, "b": 2}) == {"a": 1}
    assert RunnablePick("z").invoke({"a": 1}) is None
    assert list(RunnablePick("z").stream({"a": 1})) == [None]
    source = RunnableLambda(letters) | {"a": upper, "b": RunnablePassthrough()}
    assert list(source.pick("a").stream("xy")) == ["X", "Y"]
    with pytest.raises(TypeError, match="dict"):
        RunnablePick("a").invoke("text")  # type: ignore[arg-type]


def test_branch_takes_the_first_condition_that_holds() -> None:
    step = RunnableBranch(
        (lambda x: x > 5, lambda x: "big"), (lambda x: x > 2, lambda x: "middle"), lambda x: "small"
    )
    assert [step.invoke(x) for x in (6, 3, 1)] == ["big", "middle", "small"]
    assert len(step.branches) == 2 and step.default.invoke(0) == "small"
    with pytest.raises(NotAStepError, match="pair"):
        RunnableBranch(str, str)
    with pytest.raises(ValueError, match="at least one"):
        RunnableBranch(str)


def test_router_runs_the_step_that_is_named() -> None:
    step = RouterRunnable({"up": str.upper, "down": str.lower})
    assert step.invoke({"key": "up", "input": "aB"}) == "AB"
    with pytest.raises(KeyError, match="no step is named 'left'; there are 'up', 'down'"):
        step.invoke({"key": "left", "input": "x"})


def test_router_has_no_run_of_its_own() -> None:
    collector = Collector()
    step = RunnableLambda(lambda x: x, name="first") | RouterRunnable(
        {"up": RunnableLambda(str.upper, name="up")}
    )
    step.invoke({"key": "up", "input": "a"}, {"callbacks": [collector]})
    starts = [(note.name, note.tag) for note in collector.notes if note.kind == "start"]
    assert starts == [("RunnableSequence", None), ("first", "seq:step:1"), ("up", "seq:step:2")]
    collector.check()


def test_each_runs_on_every_element() -> None:
    step = RunnableLambda(lambda x, k=1: x * k).map()
    assert step.invoke([1, 2, 3]) == [1, 2, 3]
    assert step.bind(k=2).invoke([1, 2, 3]) == [2, 4, 6]
    assert asyncio.run(step.ainvoke([])) == []


def test_a_binding_has_the_attributes_of_what_it_binds() -> None:
    class Model(Runnable[int, int]):
        temperature = 0.5

        def invoke(self, input: int, config: RunnableConfig | None = None, **kwargs: Any) -> int:
            return input + int(kwargs.get("k", 0))

    bound: Any = Model().bind(k=1).bind(j=2).with_config(tags=["a"]).with_config(tags=["b"], run_name="named")
    assert bound.temperature == 0.5
    assert (bound.kwargs, bound.config) == ({"k": 1, "j": 2}, {"tags": ["a", "b"], "run_name": "named"})
    assert bound.invoke(1) == 2 and bound.get_name() == "named"
    with pytest.raises(AttributeError):
        _ = bound.nothing_like_it


# ------------------------------------------------------------------------------------------------------ attempts


class Flaky:
    """Fails for the first calls, then yields."""

    def __init__(self, failures: int, after: int = 0, error: type[BaseException] = ValueError) -> None:
        self.failures, self.after, self.error, self.calls = failures, after, error, 0

    def generate(self, x: str) -> Iterator[str]:
        self.calls += 1
        for i, letter in enumerate(x):
            if i == self.after and self.calls <= self.failures:
                raise self.error(f"attempt {self.calls}")
            yield letter

    def call(self, x: str) -> str:
        return "".join(self.generate(x))


def test_a_retry_before_the_first_chunk_is_invisible() -> None:
    flaky = Flaky(2)
    step = RunnableLambda(flaky.generate).with_retry(wait_exponential_jitter=False)
    assert list(step.stream("ab")) == ["a", "b"] and flaky.calls == 3
    flaky.calls = 0
    assert step.invoke("ab") == "ab" and flaky.calls == 3
    flaky.calls = 0
    assert asyncio.run(step.ainvoke("ab")) == "ab" and flaky.calls == 3


def test_a_retry_after_the_first_chunk_raises() -> None:
    flaky = Flaky(1, after=1)
    ys = RunnableLambda(flaky.generate).with_retry(wait_exponential_jitter=False).stream("ab")
    assert next(ys) == "a"
    with pytest.raises(ValueError, match="attempt 1"):
        next(ys)
    assert flaky.calls == 1


def test_a_retry_gives_up_with_the_last_error() -> None:
    flaky = Flaky(9)
    step = RunnableLambda(flaky.call).with_retry(wait_exponential_jitter=False, stop_after_attempt=2)
    with pytest.raises(ValueError, match="attempt 2"):
        step.invoke("ab")
    with pytest.raises(ValueError, match="attempt 4"):
        list(step.stream("ab"))


@pytest.mark.parametrize("error", [KeyboardInterrupt, GeneratorExit, asyncio.CancelledError])
def test_cancellation_is_never_retried(error: type[BaseException]) -> None:
    flaky = Flaky(1, error=error)
    step = RunnableLambda(flaky.call).with_retry(
        retry_if_exception_type=(BaseException,), wait_exponential_jitter=False
    )
    with pytest.raises(error):
        step.invoke("ab")
    assert flaky.calls == 1
    fallback = RunnableLambda(flaky.call).with_fallbacks(
        [RunnableLambda(str)], exceptions_to_handle=(BaseException,)
    )
    flaky.calls = 0
    with pytest.raises(error):
        fallback.invoke("ab")


def test_other_errors_are_not_retried() -> None:
    flaky = Flaky(1, error=KeyError)
    with pytest.raises(KeyError):
        RunnableLambda(flaky.call).with_retry(retry_if_exception_type=(ValueError,)).invoke("ab")
    assert flaky.calls == 1


def test_a_retried_step_reads_a_streamed_input_again() -> None:
    attempts = []

    def picky(chunks: Iterator[str]) -> Iterator[str]:
        seen = [next(chunks), next(chunks)]
        attempts.append(seen)
        if len(attempts) == 1:
            raise ValueError
        yield from seen
        yield from chunks

    step = RunnableLambda(letters) | RunnableRetry(RunnableGenerator(picky), wait_exponential_jitter=False)
    assert list(step.stream("abc")) == ["a", "b", "c"]
    assert attempts == [["a", "b"], ["a", "b"]]


def test_an_empty_stream_is_a_success() -> None:
    calls: list[int] = []

    def nothing(x: str) -> Iterator[str]:
        calls.append(1)
        yield from ()

    step = RunnableLambda(nothing)
    assert list(step.with_retry().stream("x")) == []
    assert list(step.with_fallbacks([RunnableLambda(letters)]).stream("x")) == []
    assert len(calls) == 2


@pytest.mark.parametrize("mode", MODES)
def test_a_retry_may_go_on_for_ever(mode: Mode) -> None:
    left = [None] * 1200

    def flaky(x: str) -> str:
        if left:
            left.pop()
            raise LookupError
        return x

    no_wait = {"initial": 0.5, "max": 0.0, "jitter": 0.0}
    step = RunnableLambda(flaky).with_retry(stop_after_attempt=10**12, exponential_jitter_params=no_wait)
    assert mode(step, "x") == ["x"]


def test_retries_that_wait_in_another_way_are_other_steps() -> None:
    bound = RunnableLambda(str)
    assert bound.with_retry() == bound.with_retry()
    assert bound.with_retry() != bound.with_retry(exponential_jitter_params={"max": 1})


def test_what_is_no_exception_is_refused_when_a_step_is_made_to_handle_it() -> None:
    wrong: Any = ("ValueError",)
    with pytest.raises(InputError, match="'ValueError' is none"):
        RunnableLambda(str).with_retry(retry_if_exception_type=wrong)
    with pytest.raises(InputError, match="'ValueError' is none"):
        RunnableLambda(str).with_fallbacks([], exceptions_to_handle=wrong)


def test_fallbacks_take_over_before_the_first_chunk() -> None:
    flaky = Flaky(9)
    step = RunnableLambda(flaky.generate).with_fallbacks([RunnableLambda(letters)])
    assert list(step.stream("ab")) == ["a", "b"]
    assert step.invoke("ab") == "ab"
    assert isinstance(step, RunnableWithFallbacks) and len(step.runnables) == 2


def test_what_is_bound_to_a_step_with_fallbacks_is_bound_to_each() -> None:
    class Model(Runnable[str, Any]):
        def __init__(self, name: str) -> None:
            self.temperature = 0.5
            self.name = name

        def invoke(self, input: str, config: RunnableConfig | None = None, **kwargs: Any) -> Any:
            if self.name == "down":
                raise ConnectionError
            return self.name, kwargs

        def bind_tools(self, tools: list[str]) -> Runnable[str, Any]:
            return self.bind(tools=tools)

        def count(self, text: str) -> int:
            return len(text)

    safe: Any = Model("down").with_fallbacks([Model("up")], exceptions_to_handle=(ConnectionError,))
    assert safe.bind_tools(["t"]).invoke("x") == ("up", {"tools": ["t"]})
    assert safe.bind_tools(["t"]).exceptions_to_handle == (ConnectionError,)
    assert (safe.temperature, safe.count("four")) == (0.5, 4)
    with pytest.raises(AttributeError):
        _ = safe.nothing_like_it
    assert copy.deepcopy(safe).invoke("x") == ("up", {})


def test_fallbacks_raise_the_first_error_when_all_fail() -> None:
    def fail(text: str) -> Any:
        raise ValueError(text)

    step = RunnableLambda(lambda x: fail("first")).with_fallbacks([RunnableLambda(lambda x: fail("second"))])
    with pytest.raises(ValueError, match="first"):
        step.invoke(1)
    with pytest.raises(ValueError, match="first"):
        list(step.stream(1))


def test_a_fallback_is_told_of_the_error_under_the_exception_key() -> None:
    def fail(x: Any) -> Any:
        raise ValueError("no")

    step = RunnableLambda(fail).with_fallbacks(
        [RunnableLambda(lambda x: repr(x["error"]))], exception_key="error"
    )
    assert step.invoke({"q": 1}) == "ValueError('no')"
    assert list(step.stream({"q": 1})) == ["ValueError('no')"]
    with pytest.raises(TypeError, match="dict"):
        step.invoke("text")


# ------------------------------------------------------------------------------------------------------- batches


def test_a_batch_gives_exceptions_in_their_places() -> None:
    step = RunnableLambda(lambda x: 1 // x)
    got = step.batch([1, 0, 2], return_exceptions=True)
    assert got[0] == 1 and isinstance(got[1], ZeroDivisionError) and got[2] == 0
    agot = asyncio.run(step.abatch([1, 0, 2], return_exceptions=True))
    assert agot[0] == 1 and isinstance(agot[1], ZeroDivisionError) and agot[2] == 0
    with pytest.raises(ZeroDivisionError):
        step.batch([1, 0, 2])


def test_batches_hand_out_results_as_they_come() -> None:
    step = RunnableLambda(lambda x: 1 // x)
    got = dict(step.batch_as_completed([1, 0, 2], return_exceptions=True))
    assert got.keys() == {0, 1, 2} and isinstance(got[1], ZeroDivisionError)

    async def main() -> dict[int, Any]:
        return {i: y async for i, y in step.abatch_as_completed([1, 2])}

    assert asyncio.run(main()) == {0: 1, 1: 0}
    assert list(step.batch_as_completed([])) == []
    with pytest.raises(ZeroDivisionError):
        list(step.batch_as_completed([0]))


def test_g24_a_limit_laid_on_a_step_holds_for_its_batches() -> None:
    at_work, most = 0, 0

    async def work(x: int) -> int:
        nonlocal at_work, most
        at_work += 1
        most = max(most, at_work)
        await asyncio.sleep(0)
        at_work -= 1
        return x

    limited: Any = RunnableLambda(work).with_config(max_concurrency=2)
    for run in (
        lambda: limited.abatch(range(6)),
        lambda: limited.bind().abatch(range(6)),
        lambda: limited.map().ainvoke(range(6)),
    ):
        most = 0
        assert asyncio.run(run()) == [*range(6)]
        assert most == 2
    most = 0
    assert asyncio.run(RunnableLambda(lambda x: limited.batch(x)).ainvoke(range(6))) == [*range(6)]
    assert most <= 2  # in threads, one may have done all before another wakes up


def test_an_empty_stream_where_a_value_is_needed_says_so() -> None:
    def nothing(x: str) -> Iterator[str]:
        yield from ()

    step = RunnableLambda(nothing) | str
    with pytest.raises(EmptyStreamError, match="without a chunk"):
        step.invoke("x")
    with pytest.raises(ValueError, match="without a chunk"):
        list(step.stream("x"))


def test_an_error_names_the_step_it_arose_in() -> None:
    def parse_answer(x: Any) -> Any:
        raise ValueError("no answer")

    step = RunnableLambda(lambda x: x) | RunnableParallel(a=RunnableLambda(str) | parse_answer)
    for use in (
        lambda: step.invoke(1),
        lambda: asyncio.run(step.ainvoke(1)),
        lambda: list(step.stream(1)),
        lambda: asyncio.run(listed(step.astream(1))),
        lambda: step.batch([1]),
    ):
        with pytest.raises(ValueError, match="no answer") as caught:
            use()
        assert caught.value.__notes__ == [
            "in step 2: RunnableParallel<a> > branch a: RunnableSequence > step 2: parse_answer"
        ]


def test_a_class_in_place_of_a_step_is_refused_with_what_was_meant() -> None:
    with pytest.raises(NotAStepError, match=r"did you mean RunnablePassthrough\(\)"):
        RunnableLambda(str) | RunnablePassthrough  # type: ignore[operator]


def test_a_runnable_that_can_do_nothing_says_so() -> None:
    class Nothing(Runnable[Any, Any]):
        pass

    with pytest.raises(TypeError, match="abstract class Nothing"):
        Nothing()


def test_one_exception_class_and_one_fallback_are_taken_for_what_they_are() -> None:
    flaky = Flaky(1)
    step = RunnableLambda(flaky.call).with_retry(
        retry_if_exception_type=ValueError, wait_exponential_jitter=False
    )  # type: ignore[arg-type]
    assert step.invoke("ab") == "ab"
    with pytest.raises(NotAStepError, match="list of steps"):
        step.with_fallbacks(RunnableLambda(str))  # type: ignore[arg-type]


@pytest.mark.parametrize("is_async", [False, True])
def test_a_coroutine_that_a_plain_function_returns_is_awaited(is_async: bool) -> None:
    async def look(x: str) -> str:
        await asyncio.sleep(0)
        return x + "!"

    step = RunnableLambda(lambda x: look(x)) | {"a": lambda x: look(x), "b": len}
    if is_async:
        assert asyncio.run(step.ainvoke("hi")) == {"a": "hi!!", "b": 3}
        assert asyncio.run(_gathered(step.astream("hi")))[-1] is not None
    else:
        assert step.invoke("hi") == {"a": "hi!!", "b": 3}
        assert fold(list(step.stream("hi"))) == {"a": "hi!!", "b": 3}


async def _gathered(items: Any) -> list[Any]:
    return [item async for item in items]
