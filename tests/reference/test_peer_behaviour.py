"""What programs written against langchain-core rely on: the same small programs gave these values on its release 1.8.1.

Where riverrun does otherwise on purpose stands in docs/differences.md, and is not tested here.
"""

import asyncio
import copy
import functools
import pickle
import re
from collections.abc import AsyncIterator, Iterator
from contextvars import ContextVar
from operator import itemgetter
from typing import Any
from unittest.mock import patch

import pytest
from pydantic import ConfigDict

from riverrun.language_models import BaseChatModel, GenericFakeChatModel
from riverrun.language_models.chat_models import agenerate_from_stream, generate_from_stream
from riverrun.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage
from riverrun.output_parsers import StrOutputParser
from riverrun.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from riverrun.prompts import ChatPromptTemplate, MessagesPlaceholder, PromptTemplate
from riverrun.runnables import (
    AddableDict,
    ConfigurableField,
    RouterRunnable,
    Runnable,
    RunnableAssign,
    RunnableBinding,
    RunnableBranch,
    RunnableConfig,
    RunnableEach,
    RunnableGenerator,
    RunnableLambda,
    RunnableMap,
    RunnableParallel,
    RunnablePassthrough,
    RunnablePick,
    RunnableRetry,
    RunnableSequence,
    RunnableSerializable,
    RunnableWithFallbacks,
    chain,
)


def inc(x: int) -> int:
    return x + 1


def double(x: Any) -> Any:
    return x * 2


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


def tags_of(x: Any, config: RunnableConfig) -> list[str]:
    return config["tags"]


async def alist(ys: AsyncIterator[Any]) -> list[Any]:
    return [y async for y in ys]


def run(awaitable: Any) -> Any:
    return asyncio.run(awaitable)


def summed(chunks: list[Any]) -> Any:
    return sum(chunks[1:], chunks[0])


def scripted(*answers: Any) -> GenericFakeChatModel:
    return GenericFakeChatModel(messages=iter(answers))


# ------------------------------------------------------------------------- constructors, attributes and names


def test_a_lambda_keeps_its_function_and_goes_by_its_name() -> None:
    step = RunnableLambda(inc)
    assert (step.func, step.name, step.get_name()) == (inc, "inc", "inc")
    assert (step.get_name("Input"), step.get_name(name="zz")) == ("inc_input", "zz")
    assert step.get_name("Input", name="Foo") == "FooInput"
    assert RunnableLambda(str.upper).get_name() == "upper"
    assert RunnableLambda(functools.partial(int, base=2)).get_name() == "RunnableLambda"


def test_a_lambda_of_an_async_function_has_it_as_afunc() -> None:
    async def later(x: int) -> int:
        return x + 1

    step = RunnableLambda(later)
    assert (step.afunc, step.get_name(), run(step.ainvoke(1))) == (later, "later", 2)


def test_steps_are_equal_by_what_they_are_made_of() -> None:
    assert RunnableLambda(inc) == RunnableLambda(inc) != RunnableLambda(double)
    assert RunnableLambda(inc, name="a") == RunnableLambda(inc, name="b")
    assert (RunnableLambda(inc) | double) == (RunnableLambda(inc) | double) != (RunnableLambda(double) | inc)
    assert RunnableParallel(a=inc) == RunnableParallel(a=inc) != RunnableParallel(b=inc)
    assert RunnableLambda(inc).bind(k=2) == RunnableLambda(inc).bind(k=2) != RunnableLambda(inc).bind(k=3)
    assert RunnableBranch((inc, inc), inc) == RunnableBranch((inc, inc), inc)
    assert RunnableGenerator(upper) == RunnableGenerator(upper)
    assert RunnablePassthrough() == RunnablePassthrough()
    assert RunnableLambda(inc) != inc


def test_a_sequence_has_first_middle_last_and_steps() -> None:
    a, b, c = (RunnableLambda(inc, name=name) for name in "abc")
    for sequence in (RunnableSequence(a, b, c), RunnableSequence(first=a, middle=[b], last=c)):
        assert (sequence.first, sequence.middle, sequence.last) == (a, [b], c)
        assert [step.get_name() for step in sequence.steps] == ["a", "b", "c"]
        assert (sequence.name, sequence.get_name()) == (None, "RunnableSequence")
    with pytest.raises(ValueError, match="at least 2 steps"):
        RunnableSequence(a)


def test_the_name_of_a_sequence_stays_when_it_grows() -> None:
    a, b, c, d = (RunnableLambda(inc, name=name) for name in "abcd")
    named = RunnableSequence(a, b, name="one")
    assert (named | c).name == ({"a": c} | named).name == (c | RunnableSequence(c, d) | named).name == "one"
    assert (named | RunnableSequence(c, d, name="two")).name == named.pick("k").name == "one"
    assert (c | named).name is None and named.pipe(c).name is None
    assert a.pipe(b, c, name="p").get_name() == "p"
    assert len(a.pipe(b | c).steps) == 3  # type: ignore[attr-defined]


def test_a_parallel_has_steps__() -> None:
    step = RunnableParallel(a=inc, b={"c": inc})
    assert step.get_name() == "RunnableParallel<a,b>"
    assert step.get_name("Input") == "RunnableParallel<a,b>Input"
    assert {key: type(branch).__name__ for key, branch in step.steps__.items()} == {
        "a": "RunnableLambda",
        "b": "RunnableParallel",
    }
    assert RunnableMap is RunnableParallel
    assert RunnableParallel(steps__={"a": inc}).invoke(1) == {"a": 2}
    assert RunnableParallel({"a": inc}, name=double).invoke(1) == {"a": 2, "name": 2}
    assert RunnableParallel().invoke(1) == {}


def test_a_passthrough_has_func_afunc_and_input_type() -> None:
    step: Any = RunnablePassthrough(func=inc, input_type=int)
    assert (step.func, step.afunc, step.input_type, step.InputType) == (inc, None, int, int)
    assert RunnablePassthrough().get_name() == "RunnablePassthrough"


def test_assign_and_pick_have_mapper_and_keys() -> None:
    step = RunnablePassthrough.assign(n=inc, m={"z": inc})
    assert (type(step), step.get_name()) == (RunnableAssign, "RunnableAssign<n,m>")
    assert list(step.mapper.steps__) == ["n", "m"]
    assert RunnablePick("a").keys == "a" and RunnablePick(["a", "b"]).get_name() == "RunnablePick<a,b>"


def test_a_branch_has_branches_and_default() -> None:
    step = RunnableBranch((inc, double), double)
    [(condition, then)] = step.branches
    assert (condition, then, step.default) == (
        RunnableLambda(inc),
        RunnableLambda(double),
        RunnableLambda(double),
    )


def test_a_router_has_runnables_and_says_when_there_is_none() -> None:
    step = RouterRunnable({"a": RunnableLambda(inc)})
    assert list(step.runnables) == ["a"]
    assert step.batch([{"key": "a", "input": 1}, {"key": "a", "input": 2}]) == [2, 3]
    for use in (
        lambda: step.invoke({"key": "z", "input": 1}),
        lambda: step.batch([{"key": "z", "input": 1}]),
        lambda: list(step.stream({"key": "z", "input": 1})),
    ):
        with pytest.raises(ValueError, match=r".+"):
            use()


def test_a_binding_has_bound_kwargs_and_config() -> None:
    step = RunnableLambda(inc).bind(k=2)
    assert isinstance(step, RunnableBinding)
    assert (step.bound, step.kwargs, step.config) == (RunnableLambda(inc), {"k": 2}, {})
    again: Any = step.bind(j=1)
    assert (again.kwargs, again.bound) == ({"k": 2, "j": 1}, RunnableLambda(inc))
    made = RunnableBinding(bound=RunnableLambda(double), kwargs={}, config={"tags": ["a"]})
    assert (made.invoke(2), made.config, made.config_factories) == (4, {"tags": ["a"]}, [])
    assert RunnableBinding(bound=RunnableLambda(inc), custom_input_type=int).InputType is int


def test_retry_and_fallbacks_have_their_settings() -> None:
    retry: Any = RunnableLambda(inc).with_retry(stop_after_attempt=5, retry_if_exception_type=(ValueError,))
    assert (type(retry), retry.max_attempt_number, retry.retry_exception_types) == (
        RunnableRetry,
        5,
        (ValueError,),
    )
    assert (retry.wait_exponential_jitter, retry.bound) == (True, RunnableLambda(inc))
    safe: Any = RunnableLambda(inc).with_fallbacks([RunnableLambda(double)])
    assert (type(safe), safe.runnable, safe.fallbacks) == (
        RunnableWithFallbacks,
        RunnableLambda(inc),
        [RunnableLambda(double)],
    )
    assert (safe.exceptions_to_handle, safe.exception_key) == ((Exception,), None)
    made = RunnableWithFallbacks(runnable=RunnableLambda(inc), fallbacks=[])
    assert list(made.runnables) == [RunnableLambda(inc)]


def test_map_makes_an_each_that_bind_and_with_config_keep() -> None:
    each = RunnableLambda(lambda x, k=1: x * k).map()
    assert (type(each), each.get_name()) == (RunnableEach, "RunnableEach<RunnableLambda>")
    assert each.bind(k=3).invoke([1, 2]) == [3, 6]
    assert each.invoke([]) == [] and list(each.stream([1])) == [[1]] and each.batch([[1], [2]]) == [[1], [2]]
    assert RunnableLambda(tags_of).map().with_config(tags=["q"]).invoke([1]) == [["q"]]


def test_chain_makes_a_lambda_of_a_function_of_any_kind() -> None:
    @chain
    def value(x: int) -> int:
        "Doc."
        return x + 1

    @chain
    async def later(x: int) -> int:
        return x + 1

    made: Any = value
    assert (made.get_name(), made.func.__doc__, value.invoke(1), value.batch([1, 2])) == (
        "value",
        "Doc.",
        2,
        [2, 3],
    )
    assert run(later.ainvoke(1)) == 2
    assert list(chain(letters).stream("ab")) == ["a", "b"] and chain(letters).invoke("ab") == "ab"
    assert run(alist(chain(aletters).astream("ab"))) == ["a", "b"]


def test_a_name_set_later_is_the_name() -> None:
    steps: list[Any] = [
        RunnableLambda(inc),
        RunnableLambda(inc) | inc,
        RunnablePassthrough(),
        RunnableParallel(a=inc),
    ]
    for step in steps:
        step.name = "later"
        assert step.get_name() == "later"


def test_steps_are_copied_and_pickled() -> None:
    step = RunnableLambda(len) | RunnablePassthrough() | RunnableParallel(a=str)
    for twin in (copy.copy(step), copy.deepcopy(step), pickle.loads(pickle.dumps(step))):
        assert twin.invoke("abc") == {"a": "3"}
    assert pickle.loads(pickle.dumps(RunnableLambda(len).bind(k=1))).kwargs == {"k": 1}


# --------------------------------------------------------------------------------------------------- operators


def test_whatever_can_be_a_step_may_stand_on_either_side() -> None:
    same = RunnableLambda(lambda x: x)
    assert (itemgetter("a") | same).invoke({"a": 1}) == (same | itemgetter("a")).invoke({"a": 1}) == 1
    assert (same | {"a": {"b": {"c": inc}}}).invoke(1) == {"a": {"b": {"c": 2}}}
    assert (same | functools.partial(pow, 2)).invoke(3) == 8
    assert (same | "-".join).invoke(["a", "b"]) == "a-b"
    assert (same | dict).invoke([("a", 1)]) == {"a": 1}
    kinds = [type((same | other).last).__name__ for other in ({"a": same}, upper, inc)]  # type: ignore[attr-defined]
    assert kinds == ["RunnableParallel", "RunnableGenerator", "RunnableLambda"]


def test_methods_and_callable_objects_are_steps() -> None:
    class Tool:
        def go(self, x: int) -> int:
            return x + 1

        def gen(self, xs: Iterator[str]) -> Iterator[str]:
            for x in xs:
                yield x * 2

        async def __call__(self, x: int) -> int:
            return x + 1

    same = RunnableLambda(lambda x: x)
    assert (same | Tool().go).invoke(1) == 2
    assert list((RunnableLambda(letters) | Tool().gen).stream("ab")) == ["aa", "bb"]
    assert run((same | Tool()).ainvoke(1)) == 2


def test_what_a_mapping_step_gets_is_shared_by_its_branches() -> None:
    given = {"q": 1}
    RunnableParallel(a=lambda d: d.update(z=1), b=dict).invoke(given)
    assert given == {"q": 1, "z": 1}


# -------------------------------------------------------------------------------------- configs that functions see


def seen(x: Any, config: RunnableConfig) -> dict[str, Any]:
    return {key: value for key, value in config.items() if key != "callbacks"}


def test_a_function_sees_the_config_completed() -> None:
    assert RunnableLambda(seen).invoke(1) == {
        "tags": [],
        "metadata": {},
        "recursion_limit": 25,
        "configurable": {},
    }
    given: Any = {
        "tags": ["a"],
        "metadata": {"k": 1},
        "run_name": "r",
        "max_concurrency": 3,
        "configurable": {"z": 1},
        "recursion_limit": 10,
    }
    assert RunnableLambda(seen).invoke(1, given) == {
        key: value for key, value in given.items() if key != "run_name"
    }


def test_unknown_keys_of_a_config_are_configurable() -> None:
    given: Any = {"thread": "t"}
    assert RunnableLambda(seen).invoke(1, given)["configurable"] == {"thread": "t"}


def test_a_run_manager_is_given_to_who_asks() -> None:
    def ask(x: int, run_manager: Any, config: RunnableConfig) -> Any:
        return type(run_manager.run_id).__name__, run_manager.get_child() is not None, "callbacks" in config

    assert RunnableLambda(ask).invoke(1) == ("UUID", True, True)


def test_a_config_reaches_what_a_function_calls_without_being_passed() -> None:
    inner = RunnableLambda(seen)
    given: Any = {"tags": ["a"], "metadata": {"q": 1}, "configurable": {"t": 1}, "max_concurrency": 2}
    got = RunnableLambda(lambda x: inner.invoke(x)).invoke(1, given)
    assert (got["metadata"], got["configurable"], got["max_concurrency"]) == ({"q": 1}, {"t": 1}, 2)
    assert "a" in got["tags"]


def test_passing_the_config_on_repeats_nothing() -> None:
    inner = RunnableLambda(seen)

    def outer(x: int, config: RunnableConfig) -> Any:
        return inner.invoke(x, config)

    got = RunnableLambda(outer).invoke(1, {"tags": ["a"], "metadata": {"q": 1}})
    assert (got["tags"], got["metadata"]) == (["a"], {"q": 1})


def test_what_the_caller_says_wins_over_with_config() -> None:
    bound = RunnableLambda(seen).with_config(
        metadata={"a": 1, "b": 1}, configurable={"c": 1, "d": 1}, recursion_limit=7
    )
    got = bound.invoke(1, {"metadata": {"a": 2}, "configurable": {"c": 2}})
    assert (got["metadata"], got["configurable"]) == ({"a": 2, "b": 1}, {"c": 2, "d": 1})
    assert got["recursion_limit"] == 7
    assert bound.invoke(1, {"recursion_limit": 9})["recursion_limit"] == 9


def test_tags_of_with_config_and_the_caller_are_sorted() -> None:
    bound = RunnableLambda(tags_of).with_config(tags=["z", "a"])
    assert bound.invoke(1) == ["a", "z"]
    assert bound.invoke(1, {"tags": ["m", "a"]}) == ["a", "m", "z"]
    assert RunnableLambda(tags_of).invoke(1, {"tags": ["z", "b"]}) == ["z", "b"]


def test_every_input_of_a_batch_may_have_its_config() -> None:
    step = RunnableLambda(tags_of)
    assert step.batch([1, 2], {"tags": ["a"]}) == [["a"], ["a"]]
    assert step.batch([1, 2], [{"tags": ["a"]}, {"tags": ["b"]}]) == [["a"], ["b"]]
    assert run(step.with_config(tags=["w"]).abatch([1], config=[{"tags": ["a"]}])) == [["a", "w"]]
    with pytest.raises(ValueError, match="1 configs for 2"):
        step.batch([1, 2], [{"tags": ["a"]}])


def test_keyword_arguments_are_named_as_they_are() -> None:
    step: Any = RunnableLambda(tags_of)
    assert step.invoke(input=1, config={"tags": ["a"]}) == ["a"]
    assert list(step.stream(input=1, config={"tags": ["a"]})) == [["a"]]
    assert step.batch(inputs=[1], config={"tags": ["b"]}) == [["b"]]


# ------------------------------------------------------------------------------------------- arguments by keyword


def test_arguments_go_to_the_function_from_bind_and_from_the_call() -> None:
    step = RunnableLambda(lambda x, k=1, j=0: (x, k, j)).bind(k=2, j=1)
    assert step.invoke(1) == (1, 2, 1)
    assert step.invoke(1, k=9) == (1, 9, 1)
    assert list(step.stream(0, j=7)) == [(0, 2, 7)]
    assert step.batch([1, 2], k=4) == [(1, 4, 1), (2, 4, 1)]
    assert run(step.ainvoke(1, k=5)) == (1, 5, 1)
    with pytest.raises(TypeError):
        RunnableLambda(inc).bind(k=2).invoke(1)


def test_arguments_go_to_the_first_step_to_branches_and_to_fallbacks() -> None:
    def take(x: Any, k: int = 0) -> Any:
        return x, k

    step = RunnableLambda(take)
    assert (step | (lambda pair: pair[1])).invoke(1, k=5) == 5
    assert RunnableBranch((lambda x: True, take), take).invoke(1, k=5) == (1, 5)
    assert step.with_fallbacks([step]).invoke(1, k=5) == step.with_retry().invoke(1, k=5) == (1, 5)
    assert step.map().invoke([1], k=5) == [(1, 5)]


def test_arguments_reach_the_functions_of_a_generator_and_a_passthrough() -> None:
    def repeat(chunks: Iterator[str], k: int = 1) -> Iterator[str]:
        for chunk in chunks:
            yield chunk * k

    got: list[Any] = []

    def note(x: Any, k: int = 0, config: Any = None) -> None:
        got.append((x, k, config["tags"]))

    assert RunnableGenerator(repeat).bind(k=2).invoke("ab") == "abab"
    assert RunnablePassthrough(note).bind(k=4).invoke(1, {"tags": ["t"]}) == 1
    assert got == [(1, 4, ["t"])]


# ------------------------------------------------------------------------------------------------ values and chunks


@pytest.mark.parametrize(
    ("chunks", "value"),
    [
        ([0, 1, 2, 3], 6),
        ([[0], [1]], [0, 1]),
        ([(1,), (2,)], (1, 2)),
        ([{"a": 0}, {"a": 1}], {"a": 1}),
        ([AddableDict(a="x"), AddableDict(a="y", b=1)], {"a": "xy", "b": 1}),
        (["a", 1], 1),
        ([None, None], None),
    ],
)
def test_the_chunks_of_a_generator_come_to_its_value(chunks: list[Any], value: Any) -> None:
    assert RunnableLambda(lambda x: (yield from chunks)).invoke(1) == value


def test_addable_dicts_add_from_either_side() -> None:
    one = AddableDict(a="x")
    assert type(one + {"a": "y"}) is AddableDict and one + {"a": "y"} == {"a": "xy"}
    assert {"a": "w"} + one == {"a": "wx"}
    assert one + AddableDict(a=None) == AddableDict(a=None) + one == {"a": "x"}


def test_a_lambda_transforms_the_sum_and_a_passthrough_each_chunk() -> None:
    assert list(RunnableLambda(lambda x: x + "!").transform(iter("ab"))) == ["ab!"]
    assert list(RunnablePassthrough().transform(iter("ab"))) == ["a", "b"]
    assert list((RunnableGenerator(upper) | RunnablePassthrough()).transform(iter("ab"))) == ["A", "B"]
    assert run(alist(RunnableGenerator(aupper).atransform(aletters("ab")))) == ["A", "B"]


def test_pick_and_assign_transform_as_chunks_come() -> None:
    chunks = [{"q": "a"}, {"z": 1}, {"q": "b"}]
    assert list(RunnablePick("q").transform(iter(chunks))) == ["a", "b"]
    assert list(RunnablePick(["q"]).transform(iter(chunks))) == [{"q": "a"}, {"q": "b"}]
    assign = RunnablePassthrough.assign(n=lambda d: len(d["q"]))
    given = [AddableDict(q="a"), AddableDict(q="b")]
    assert list(assign.transform(iter(given))) == [{"q": "a"}, {"q": "b"}, {"n": 2}]


def test_assign_replaces_keys_and_leaves_the_given_dict_alone() -> None:
    given = {"q": 0}
    step = RunnablePassthrough.assign(q=lambda d: d["q"] + 1)
    assert step.invoke(given) == {"q": 1} and list(step.stream(given)) == [{"q": 1}] and given == {"q": 0}
    with pytest.raises(ValueError, match="dict"):
        step.invoke(5)  # type: ignore[arg-type]


def test_pick_gives_a_dict_for_a_list_and_none_for_nothing() -> None:
    assert RunnablePick(["a", "z"]).invoke({"a": 1, "b": 2}) == {"a": 1}
    assert RunnablePick(["z"]).invoke({"a": 1}) is None and RunnablePick("z").invoke({"a": 1}) is None
    both = RunnableParallel(a=inc, b=inc)
    assert both.pick("a").invoke(1) == 2 and both.pick(["a"]).invoke(1) == {"a": 2}


def test_a_parallel_streams_addable_dicts_and_gives_a_plain_one() -> None:
    step = RunnableParallel(a=RunnableLambda(letters), b={"c": RunnableLambda(letters)})
    chunks = list(step.stream("xy"))
    assert {type(chunk) for chunk in chunks} == {AddableDict}
    assert [chunk for chunk in chunks if "b" in chunk] == [{"b": {"c": "x"}}, {"b": {"c": "y"}}]
    assert type(step.invoke("xy")) is dict
    flat = RunnableParallel(a=RunnableLambda(letters), b=lambda x: x)
    assert summed(list(flat.stream("xy"))) == {"a": "xy", "b": "xy"}


def test_what_streams_ends_where_a_plain_function_stands() -> None:
    step = RunnableLambda(letters) | (lambda text: text.upper()) | RunnableLambda(letters)
    assert list(step.stream("ab")) == ["A", "B"]
    assert list((RunnableLambda(letters) | str.upper).stream("ab")) == ["AB"]


def test_branches_routers_and_bindings_stream_as_what_they_choose() -> None:
    step = RunnableBranch((lambda x: x == "x", lambda x: x), RunnableLambda(letters))
    assert list(step.stream("ab")) == ["a", "b"]
    assert list(RouterRunnable({"k": RunnableLambda(letters)}).stream({"key": "k", "input": "ab"})) == [
        "a",
        "b",
    ]
    assert list(RunnableLambda(letters).bind().with_config(tags=["t"]).stream("ab")) == ["a", "b"]


def test_a_function_that_returns_a_runnable_runs_it_with_the_config() -> None:
    step = RunnableLambda(lambda x: RunnableLambda(tags_of) if x > 1 else x)
    assert step.invoke(1) == 1
    assert step.invoke(2, {"tags": ["t"]}) == ["t"]
    assert step.batch([1, 2], {"tags": ["t"]}) == [1, ["t"]]

    async def route(x: str) -> Any:
        return RunnableLambda(aletters)

    assert run(alist(RunnableLambda(route).astream("ab"))) == ["a", "b"]


def test_the_recursion_of_returned_runnables_is_limited() -> None:
    def levels(n: int) -> RunnableLambda[str, Any]:
        return RunnableLambda(lambda x: levels(n - 1) if n else x)

    assert levels(3).invoke("x", {"recursion_limit": 3}) == "x"
    with pytest.raises(RecursionError):
        levels(4).invoke("x", {"recursion_limit": 3})


def test_batches_give_exceptions_in_place_and_pairs_as_they_come() -> None:
    step = RunnableLambda(inc) | RunnableLambda(lambda x: 1 // x)
    got = step.batch([0, -1], return_exceptions=True)
    assert got[0] == 1 and isinstance(got[1], ZeroDivisionError)
    assert sorted(step.batch_as_completed([0, 1])) == [(0, 1), (1, 0)]
    assert sorted(run(alist(step.abatch_as_completed([0, 1])))) == [(0, 1), (1, 0)]
    assert step.batch([]) == run(step.abatch([])) == list(step.batch_as_completed([])) == []


def test_retries_and_fallbacks_see_the_errors_they_name() -> None:
    calls: list[int] = []

    def flaky(x: int) -> int:
        calls.append(x)
        if calls.count(x) < 2:
            raise ValueError("no")
        return x

    step = RunnableLambda(flaky).with_retry(wait_exponential_jitter=False)
    assert step.batch([1, 2]) == [1, 2] and sorted(calls) == [1, 1, 2, 2]

    def bad(x: Any) -> Any:
        raise KeyError("k")

    with pytest.raises(KeyError):
        RunnableLambda(bad).with_fallbacks([RunnableLambda(str)], exceptions_to_handle=(ValueError,)).invoke(
            1
        )
    told = RunnableLambda(bad).with_fallbacks([RunnableLambda(lambda x: repr(x["e"]))], exception_key="e")
    assert told.invoke({"a": 1}) == "KeyError('k')"
    with pytest.raises(ValueError, match="exception_key"):
        told.invoke("text")


def test_context_variables_are_seen_and_not_changed() -> None:
    variable: ContextVar[int] = ContextVar("variable", default=0)

    def change(x: int) -> int:
        before = variable.get()
        variable.set(x)
        return before

    variable.set(5)
    assert RunnableParallel(a=change, b=change).invoke(1) == {"a": 5, "b": 5}
    assert RunnableLambda(change).batch([1, 2]) == [5, 5]
    assert list(RunnableLambda(change).stream(7)) == [5] and variable.get() == 5


# ----------------------------------------------------------------------------------------------- classes of users


class Twice(Runnable[str, str]):
    def invoke(self, input: str, config: Any = None, **kwargs: Any) -> str:
        return input * 2


def test_a_class_that_overrides_invoke_runs_in_every_mode() -> None:
    step = Twice()
    assert step.invoke("a") == run(step.ainvoke("a")) == "aa"
    assert list(step.stream("a")) == run(alist(step.astream("a"))) == step.batch(["a"]) == ["aa"]
    assert list(step.transform(iter("ab"))) == ["abab"]
    assert (step | step).invoke("a") == "aaaa" and (step | {"x": step}).invoke("a") == {"x": "aaaa"}
    assert (step.InputType, step.OutputType, step.get_name("Input")) == (str, str, "TwiceInput")


def test_invoke_without_keyword_arguments_in_its_signature_will_do() -> None:
    class Bare(Runnable[str, str]):
        def invoke(self, input: str, config: Any = None) -> str:  # type: ignore[override]
            return input + "!"

    step = Bare()
    assert (step | step.with_config(tags=["t"])).invoke("a") == "a!!"
    assert list(step.stream("a")) == run(step.abatch(["a"])) == ["a!"]


def test_an_override_gets_config_and_arguments() -> None:
    class Shows(Runnable[str, Any]):
        def invoke(self, input: str, config: Any = None, **kwargs: Any) -> Any:
            return config["tags"], kwargs

    step = Shows()
    assert (RunnablePassthrough() | step).invoke("a", {"tags": ["t"]}) == (["t"], {})
    assert step.bind(k=1).with_config(tags=["w"]).batch(["a"]) == [(["w"], {"k": 1})]


def test_overrides_of_stream_and_transform_serve_streams() -> None:
    class Streams(Runnable[str, str]):
        def invoke(self, input: str, config: Any = None, **kwargs: Any) -> str:
            return "".join(self.stream(input, config))

        def stream(self, input: str, config: Any = None, **kwargs: Any) -> Iterator[str]:
            yield from self.transform(iter([input]), config)

        def transform(self, input: Iterator[str], config: Any = None, **kwargs: Any) -> Iterator[str]:
            for chunk in input:
                yield chunk.upper()

    step = Streams()
    assert step.invoke("ab") == "AB" and list(step.stream("ab")) == ["AB"]
    assert list((RunnableLambda(letters) | step).stream("ab")) == ["A", "B"]


def test_super_goes_on_with_what_is_inherited() -> None:
    class Shouts(RunnableLambda[Any, Any]):
        def invoke(self, input: Any, config: Any = None, **kwargs: Any) -> Any:
            return f"<{super().invoke(input, config, **kwargs)}>"

    class Upper(GenericFakeChatModel):
        def stream(self, input: Any, config: Any = None, **kwargs: Any) -> Iterator[Any]:
            for chunk in super().stream(input, config, **kwargs):
                chunk.content = str(chunk.content).upper()
                yield chunk

    step = Shouts(lambda x: x)
    assert (step | step).invoke("a") == "<<a>>" and step.batch(["a"]) == ["<a>"]
    model = Upper(messages=iter(["hi you", "hi you"]))
    assert list((model | StrOutputParser()).stream("x")) == ["HI", " ", "YOU"]
    assert model.invoke("x").content == "hi you"


def test_the_helpers_for_authors_give_config_and_run_manager() -> None:
    class Helped(Runnable[Any, Any]):
        def _do(self, x: Any, run_manager: Any, config: Any, k: int = 0) -> Any:
            return x, run_manager is not None, config["tags"], k

        async def _ado(self, x: Any, config: Any) -> Any:
            return x, config["tags"]

        def _each(self, chunks: Iterator[Any], config: Any) -> Iterator[Any]:
            for chunk in chunks:
                yield chunk, config["tags"]

        def invoke(self, input: Any, config: Any = None, **kwargs: Any) -> Any:
            return self._call_with_config(self._do, input, config, run_type="tool", **kwargs)

        async def ainvoke(self, input: Any, config: Any = None, **kwargs: Any) -> Any:
            return await self._acall_with_config(self._ado, input, config, **kwargs)

        def transform(self, input: Iterator[Any], config: Any = None, **kwargs: Any) -> Iterator[Any]:
            yield from self._transform_stream_with_config(input, self._each, config, **kwargs)

    step = Helped()
    assert step.bind(k=5).invoke(2, {"tags": ["a"]}) == (2, True, ["a"], 5)
    assert run(step.with_config(tags=["b"]).ainvoke(2)) == (2, ["b"])
    assert list((RunnableLambda(letters) | step).stream("ab")) == [("a", []), ("b", [])]


def test_serializable_classes_declare_fields() -> None:
    class Repeats(RunnableSerializable[str, str]):
        model_config = ConfigDict(arbitrary_types_allowed=True)
        n: int = 1
        inner: Runnable | None = None  # type: ignore[type-arg]  # as users write it

        def invoke(self, input: str, config: Any = None, **kwargs: Any) -> str:
            return input * self.n

    step = Repeats(n="3")  # type: ignore[arg-type]
    assert (step.invoke("a"), step.n, step == Repeats(n=3)) == ("aaa", 3, True)
    assert (step | str.upper).invoke("a") == "AAA" and Repeats(name="zz").get_name() == "zz"
    assert Repeats(inner=Twice()).inner is not None
    for wrong in ({"n": "x"}, {"inner": 3}):
        with pytest.raises(ValueError, match="validation error"):
            Repeats(**wrong)  # type: ignore[arg-type]


def test_patches_count_while_they_are_in_place() -> None:
    step = RunnableLambda(lambda x: "real")
    with patch.object(RunnableLambda, "invoke", return_value="mock"):
        assert (step | RunnablePassthrough()).invoke(1) == "mock"
    assert step.invoke(1) == "real"
    result = ChatResult(generations=[ChatGeneration(message=AIMessage("mocked"))])
    with patch.object(GenericFakeChatModel, "_generate", return_value=result):
        assert (scripted("a") | StrOutputParser()).invoke("x") == "mocked"


# ------------------------------------------------------------------------------------------------------ chat models


class Says(BaseChatModel):
    """Answers with what its hook was given."""

    def _generate(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        said = f"{[(m.type, m.content) for m in messages]} {stop} {sorted(kwargs)}"
        return ChatResult(generations=[ChatGeneration(message=AIMessage(said))])

    @property
    def _llm_type(self) -> str:
        return "says"


def test_a_model_is_given_messages_whatever_it_was_asked() -> None:
    model = Says()
    human = "[('human', 'x')] None []"
    prompts = ChatPromptTemplate.from_template("{a}"), PromptTemplate.from_template("{a}")
    for asked in (
        "x",
        [HumanMessage("x")],
        [("human", "x")],
        [{"role": "user", "content": "x"}],
        ["x"],
        *(prompt.invoke({"a": "x"}) for prompt in prompts),
    ):
        assert model.invoke(asked).content == human
    for wrong in 5, {"a": 1}, None, [("nobody", "x")]:
        with pytest.raises(ValueError, match=r".+"):
            model.invoke(wrong)  # type: ignore[arg-type]


def test_stop_and_arguments_reach_the_hook() -> None:
    model = Says()
    assert str(model.invoke("x", stop=["a"], k=1).content).endswith("['a'] ['k']")
    assert str(model.bind(stop=["z"], tools=[1]).invoke("x").content).endswith("['z'] ['tools']")
    assert [str(chunk.content)[-12:] for chunk in model.stream("x", stop=["q"], k=4)] == [
        ") ['q'] ['k']"[-12:]
    ]
    assert str(model.batch(["x"], stop=["b"])[0].content).endswith("['b'] []")


def test_a_model_without_stream_streams_its_answer_whole() -> None:
    [only] = Says().stream("x")
    assert type(only) is AIMessage
    assert re.fullmatch(r"lc_run--[0-9a-f-]{36}-0", run(Says().ainvoke("x")).id)


class Streams(BaseChatModel):
    """Streams three chunks; answers otherwise, unless its `_generate` asks the stream."""

    asks_stream: bool = False

    def _stream(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> Iterator[ChatGenerationChunk]:
        yield ChatGenerationChunk(message=AIMessageChunk("a"), generation_info={"x": 1})
        yield ChatGenerationChunk(message=AIMessageChunk(""))
        yield ChatGenerationChunk(
            message=AIMessageChunk("b", response_metadata={"y": 1}, chunk_position="last"),
            generation_info={"finish_reason": "stop", "y": 2},
        )

    def _generate(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        if self.asks_stream:
            return generate_from_stream(self._stream(messages))
        return ChatResult(
            generations=[
                ChatGeneration(
                    message=AIMessage("whole", response_metadata={"a": 1}),
                    generation_info={"finish_reason": "stop", "a": 2},
                )
            ],
            llm_output={"model_name": "m", "a": 3},
        )

    @property
    def _llm_type(self) -> str:
        return "streams"


def test_every_chunk_of_the_hook_is_one_chunk_with_the_id_of_the_run() -> None:
    for chunks in list(Streams().stream("x")), run(alist(Streams().astream("x"))):
        assert [chunk.content for chunk in chunks] == ["a", "", "b"]
        assert len({chunk.id for chunk in chunks}) == 1 and re.fullmatch(
            r"lc_run--[0-9a-f-]{36}", chunks[0].id
        )
        assert summed(chunks).response_metadata == {"x": 1, "finish_reason": "stop", "y": 1}


def test_what_the_provider_said_is_in_the_metadata_and_the_message_wins() -> None:
    message = Streams().invoke("x")
    assert message.content == "whole"
    assert message.response_metadata == {"model_name": "m", "finish_reason": "stop", "a": 1}


def test_generate_may_ask_the_stream() -> None:
    message = Streams(asks_stream=True).invoke("x")
    assert (type(message), message.content) == (AIMessage, "ab")
    assert message.response_metadata == {"x": 1, "finish_reason": "stop", "y": 1}

    async def chunks() -> AsyncIterator[ChatGenerationChunk]:
        for chunk in Streams()._stream([]):
            yield chunk

    result = run(agenerate_from_stream(chunks()))
    assert result.generations[0].message.content == "ab"
    assert result.generations[0].generation_info == {"x": 1, "finish_reason": "stop", "y": 2}
    with pytest.raises(ValueError, match=r".+"):
        generate_from_stream(iter([]))


def test_an_id_that_the_model_gives_is_kept() -> None:
    model = scripted(AIMessage("hi you", id="mine"), AIMessage("hi", id="mine"))
    assert {chunk.id for chunk in model.stream("x")} == {"mine"}
    assert model.invoke("x").id == "mine"


@pytest.mark.parametrize(
    ("disabled", "plain", "with_tools"),
    [(True, "whole", "whole"), (False, "a", "a"), ("tool_calling", "a", "whole")],
)
def test_streaming_can_be_disabled(disabled: Any, plain: str, with_tools: str) -> None:
    model = Streams(disable_streaming=disabled)
    assert next(iter(model.stream("x"))).content == plain
    assert next(iter(model.bind(tools=[1]).stream("x"))).content == with_tools


def test_the_metadata_of_a_model_is_told_from_its_class_and_fields() -> None:
    class ChatFoo(Says):
        model: str = "foo-1"
        temperature: float = 0.25
        max_tokens: int = 7

    told = {
        "ls_provider": "foo",
        "ls_model_type": "chat",
        "ls_model_name": "foo-1",
        "ls_temperature": 0.25,
        "ls_max_tokens": 7,
    }
    assert ChatFoo()._get_ls_params() == told
    assert ChatFoo()._get_ls_params(stop=["a"], temperature=1) == {
        **told,
        "ls_temperature": 1,
        "ls_stop": ["a"],
    }


def test_the_fake_model_streams_words_and_additional_arguments() -> None:
    chunks = list(scripted("hello goodbye").stream("x"))
    assert [(chunk.content, chunk.chunk_position) for chunk in chunks] == [
        ("hello", None),
        (" ", None),
        ("goodbye", "last"),
    ]
    call = {"name": "move", "arguments": '{"a": 1, "b": 2}'}
    chunks = list(scripted(AIMessage("", additional_kwargs={"function_call": call})).stream("x"))
    assert [part for chunk in chunks for part in chunk.additional_kwargs.values()] == [
        {"name": "move"},
        {"arguments": '{"a": 1'},
        {"arguments": ","},
        {"arguments": ' "b": 2}'},
    ]
    assert summed(chunks).additional_kwargs == {"function_call": call}


def test_chunks_of_messages_add_up() -> None:
    a, b = AIMessageChunk("a", id="1"), AIMessageChunk("b", id="1")
    assert sum([a, b], AIMessageChunk("")) == a + b == AIMessageChunk("ab", id="1")
    assert a + [b, b] == AIMessageChunk("abb", id="1")
    for other in "text", AIMessage("x"):
        with pytest.raises(TypeError):
            a + other  # type: ignore[operator]


def test_fields_and_alternatives_of_a_model_are_configured() -> None:
    def answers(text: str) -> GenericFakeChatModel:
        return scripted(*[text] * 9)

    model: Any = answers("one").configurable_alternatives(
        ConfigurableField(id="llm"), default_key="one", two=answers("two"), three=lambda: answers("three")
    )
    step = ChatPromptTemplate.from_template("{a}") | model | StrOutputParser()
    assert step.invoke({"a": 1}) == "one"
    assert step.with_config(configurable={"llm": "two"}).invoke({"a": 1}) == "two"
    assert list(step.stream({"a": 1}, {"configurable": {"llm": "three"}})) == ["three"]
    assert (model.default_key, sorted(model.alternatives), model.which.id) == ("one", ["three", "two"], "llm")
    assert [spec.id for spec in step.config_specs] == ["llm"]
    with pytest.raises(ValueError, match="four"):
        step.invoke({"a": 1}, {"configurable": {"llm": "four"}})

    prompt: Any = PromptTemplate.from_template("joke {t}").configurable_fields(
        template=ConfigurableField(id="tpl", name="T")
    )
    assert prompt.with_config(configurable={"tpl": "poem {t}"}).invoke({"t": 1}).text == "poem 1"
    assert [(spec.id, spec.name, spec.default) for spec in prompt.config_specs] == [("tpl", "T", "joke {t}")]
    assert prompt.template == "joke {t}"


def test_tools_bound_to_a_model_reach_its_fallbacks() -> None:
    class Tooled(Says):
        def bind_tools(self, tools: Any, *, tool_choice: Any = None, **kwargs: Any) -> Runnable[Any, Any]:
            return self.bind(tools=tools)

    class Down(Tooled):
        def _generate(self, *args: Any, **kwargs: Any) -> ChatResult:
            raise ConnectionError

    safe: Any = Down().with_fallbacks([Tooled()])
    assert str(safe.bind_tools(["t"]).invoke("x").content).endswith("['tools']")
    bound: Any = Tooled().with_config(tags=["a"])
    assert bound.bind_tools(["t"]).kwargs == {"tools": ["t"]}


# ------------------------------------------------------------------------------------------------- chains of everyday


def test_a_prompt_takes_a_single_variable_as_it_is() -> None:
    prompt = ChatPromptTemplate.from_template("{a}")
    assert prompt.invoke("x") == prompt.invoke({"a": "x"})  # type: ignore[arg-type]
    optional = ChatPromptTemplate([("placeholder", "{h}"), ("human", "{q}")])
    said = optional.invoke({"q": "a", "h": [("ai", "b"), HumanMessage("c")]}).to_messages()
    assert [message.content for message in said] == ["b", "c", "a"]
    assert ChatPromptTemplate([MessagesPlaceholder("h")]).input_variables == ["h"]


def test_a_missing_variable_is_a_key_error_in_every_mode() -> None:
    prompt = ChatPromptTemplate([("system", "{a}"), ("human", "{b}")])
    for use in (
        lambda: prompt.invoke({"a": 1}),
        lambda: run(prompt.ainvoke({"a": 1})),
        lambda: list(prompt.stream({"a": 1})),
        lambda: prompt.batch([{"a": 1}]),
        lambda: prompt.format_messages(a=1),
    ):
        with pytest.raises(KeyError, match="b"):
            use()


def test_the_parser_of_text_takes_messages_text_and_blocks() -> None:
    parser = StrOutputParser()
    assert [parser.invoke(x) for x in (AIMessage("a"), "b", AIMessage([{"type": "text", "text": "c"}]))] == [
        "a",
        "b",
        "c",
    ]
    chunks = [AIMessageChunk(""), AIMessageChunk("a"), AIMessageChunk("")]
    assert list(parser.transform(iter(chunks))) == ["", "a", ""]
    for wrong in 5, {"a": 1}:
        with pytest.raises(ValueError, match=r".+"):
            parser.invoke(wrong)  # type: ignore[arg-type]


def test_retrieval_that_returns_its_sources_streams_them_first() -> None:
    retriever = RunnableLambda(lambda question: ["doc"])
    answer = (
        ChatPromptTemplate.from_template("{context} {question}")
        | scripted(*["the answer"] * 9)
        | StrOutputParser()
    )
    for step, asked in (
        (RunnablePassthrough.assign(context=itemgetter("question") | retriever), {"question": "q"}),
        (RunnableParallel(context=retriever, question=RunnablePassthrough()), "q"),
    ):
        both: Any = step.assign(answer=answer)
        assert both.invoke(asked) == {"question": "q", "context": ["doc"], "answer": "the answer"}
        chunks = list(both.pick(["answer", "context"]).stream(asked))
        assert chunks == [{"context": ["doc"]}, {"answer": "the"}, {"answer": " "}, {"answer": "answer"}]
        assert list(both.pick("answer").stream(asked)) == ["the", " ", "answer"]


def test_a_function_routes_to_one_of_several_chains() -> None:
    maths, general = RunnableLambda(lambda x: "maths"), RunnableLambda(lambda x: "general")
    step = {"topic": itemgetter("q"), "q": itemgetter("q")} | RunnableLambda(
        lambda x: maths if "sum" in x["topic"] else general
    )
    assert (step.invoke({"q": "sum?"}), step.invoke({"q": "hi"})) == ("maths", "general")
    assert list(step.stream({"q": "sum"})) == ["maths"]


def test_map_between_split_and_join() -> None:
    step = RunnableLambda(str.split) | RunnableLambda(str.upper).map() | "-".join
    assert step.invoke("a b c") == run(step.ainvoke("a b c")) == "A-B-C"
    assert list(step.stream("a b")) == ["A-B"]


# ---------------------------------------------------------------------------------------------------------- schemas


def test_schemas_go_by_names_and_annotations() -> None:
    def size(x: int) -> str:
        return ""

    step = RunnableLambda(size)
    assert step.input_schema.model_json_schema() == {"title": "size_input", "type": "integer"}
    assert step.output_schema.model_json_schema() == {"title": "size_output", "type": "string"}
    assert RunnableLambda(lambda x: x).input_schema.model_json_schema() == {"title": "RunnableLambdaInput"}
    both = RunnableParallel(a=itemgetter("q"), b=itemgetter("r")).input_schema.model_json_schema()
    assert both == {
        "properties": {"q": {"title": "Q"}, "r": {"title": "R"}},
        "required": ["q", "r"],
        "title": "RunnableParallel<a,b>Input",
        "type": "object",
    }
    typed = RunnableLambda(lambda x: x).with_types(input_type=int, output_type=str)
    assert (typed.InputType, typed.OutputType) == (int, str)
    each = step.map()
    assert (each.InputType, each.OutputType) == (list[int], list[str])


def test_the_schema_of_a_chain_names_the_variables_of_its_prompt() -> None:
    step = {"context": itemgetter("q") | RunnableLambda(str), "q": itemgetter("q")} | ChatPromptTemplate(
        [("system", "{context}"), MessagesPlaceholder("h", optional=True), ("human", "{q}")]
    )
    assert step.input_schema.model_json_schema()["required"] == ["q"]
    prompt = step.steps[1]  # type: ignore[attr-defined]
    assert prompt.input_schema.model_json_schema()["required"] == ["context", "q"]
    assert (prompt.input_variables, prompt.optional_variables) == (["context", "q"], ["h"])
