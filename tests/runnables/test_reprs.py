"""Reprs: as the steps would be written, never raising, never long, never with a secret."""

import functools
import operator
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from riverrun._pure.shown import LENGTH
from riverrun.prompts import PromptTemplate
from riverrun.runnables import (
    ConfigurableField,
    RouterRunnable,
    Runnable,
    RunnableBinding,
    RunnableBranch,
    RunnableGenerator,
    RunnableLambda,
    RunnableParallel,
    RunnablePassthrough,
    RunnablePick,
    RunnableSequence,
    RunnableSerializable,
)


def add_one(x: int) -> int:
    return x + 1


def shout(s: str) -> str:
    return s.upper()


async def shout_async(s: str) -> str:
    return s.upper()


def chunks(xs: Iterator[Any]) -> Iterator[Any]:
    yield from xs


async def chunks_async(xs: AsyncIterator[Any]) -> AsyncIterator[Any]:
    async for x in xs:
        yield x


class Callable:
    def __call__(self, x: Any) -> Any:
        return x


class Agent:
    def run(self, x: Any) -> Any:
        return x


class Mine(Runnable[Any, Any]):
    def invoke(self, input: Any, config: Any = None, **kwargs: Any) -> Any:
        return input


inner = RunnableLambda(add_one) | shout


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (RunnableLambda(add_one), "RunnableLambda(add_one)"),
        (RunnableLambda(lambda x: x + 1), "RunnableLambda(lambda x: x + 1)"),
        (RunnableLambda(lambda x: x + 1, name="plus"), "RunnableLambda(lambda x: x + 1, name='plus')"),
        (RunnableLambda(shout_async), "RunnableLambda(afunc=shout_async)"),
        (RunnableLambda(shout, shout_async), "RunnableLambda(shout, afunc=shout_async)"),
        (RunnableLambda(len), "RunnableLambda(len)"),
        (RunnableLambda(Agent().run), "RunnableLambda(run)"),
        (RunnableLambda(Callable()), "RunnableLambda(Callable(...))"),
        (RunnableLambda(functools.partial(add_one)), "RunnableLambda(partial(add_one))"),
        (RunnableLambda(functools.partial(add_one, 1)), "RunnableLambda(partial(add_one, ...))"),
        (RunnableLambda(operator.itemgetter("x")), "RunnableLambda(itemgetter('x'))"),
        (RunnableGenerator(chunks), "RunnableGenerator(chunks)"),
        (RunnableGenerator(chunks, chunks_async), "RunnableGenerator(chunks, atransform=chunks_async)"),
        (RunnableGenerator(chunks_async, name="mine"), "RunnableGenerator(chunks_async, name='mine')"),
        (inner, "RunnableLambda(add_one)\n| RunnableLambda(shout)"),
        (
            RunnableParallel(a=inner, b=RunnablePassthrough()),
            "{\n  a: RunnableLambda(add_one)\n     | RunnableLambda(shout),\n  b: RunnablePassthrough()\n}",
        ),
        (RunnableParallel({}), "{}"),
        (
            RunnableLambda(add_one) | {"x": inner, "y": chunks} | shout,
            "RunnableLambda(add_one)\n"
            "| {\n"
            "    x: RunnableLambda(add_one)\n"
            "       | RunnableLambda(shout),\n"
            "    y: RunnableGenerator(chunks)\n"
            "  }\n"
            "| RunnableLambda(shout)",
        ),
        (
            RunnableParallel(p=RunnableParallel(a=add_one)),
            "{\n  p: {\n       a: RunnableLambda(add_one)\n     }\n}",
        ),
        (RunnablePassthrough(shout), "RunnablePassthrough(shout)"),
        (
            RunnablePassthrough.assign(n=lambda d: len(d), m=inner),
            "RunnableAssign(mapper={n: RunnableLambda(lambda d: len(d)), "
            "m: RunnableLambda(add_one) | RunnableLambda(shout)})",
        ),
        (RunnablePick("a"), "RunnablePick(keys='a')"),
        (RunnablePick(["a", "b"]), "RunnablePick(keys=['a', 'b'])"),
        (
            RunnableBranch((lambda x: x > 0, add_one), (lambda x: x < 0, inner), shout),
            "RunnableBranch(branches=[(RunnableLambda(lambda x: x > 0), RunnableLambda(add_one)), "
            "(RunnableLambda(lambda x: x < 0), RunnableLambda(add_one) | RunnableLambda(shout))], "
            "default=RunnableLambda(shout))",
        ),
        (RouterRunnable({"a": add_one}), "RouterRunnable(runnables={'a': RunnableLambda(add_one)})"),
        (inner.map(), "RunnableEach(bound=RunnableLambda(add_one) | RunnableLambda(shout))"),
        (
            RunnableLambda(add_one).bind(stop=["x"]).with_config(tags=["t"]),
            "RunnableBinding(bound=RunnableLambda(add_one), kwargs={'stop': ['x']}, config={'tags': ['t']})",
        ),
        (
            RunnableLambda(add_one).with_types(input_type=int),
            "RunnableBinding(bound=RunnableLambda(add_one), custom_input_type=int)",
        ),
        (inner.with_retry(), "RunnableRetry(bound=RunnableLambda(add_one) | RunnableLambda(shout))"),
        (
            inner.with_retry(retry_if_exception_type=(KeyError,), stop_after_attempt=2),
            "RunnableRetry(bound=RunnableLambda(add_one) | RunnableLambda(shout), "
            "retry_exception_types=(KeyError,), max_attempt_number=2)",
        ),
        (
            RunnableLambda(add_one).with_fallbacks([RunnableLambda(shout)], exception_key="e"),
            "RunnableWithFallbacks(runnable=RunnableLambda(add_one), fallbacks=[RunnableLambda(shout)], "
            "exception_key='e')",
        ),
        (
            RunnableLambda(add_one).configurable_alternatives(ConfigurableField("w"), b=shout),
            "RunnableConfigurableAlternatives(which=ConfigurableField(id='w', name=None, description=None, "
            "annotation=None, is_shared=False), default=RunnableLambda(add_one), "
            "alternatives={'b': shout}, default_key='default')",
        ),
    ],
)
def test_a_repr_shows_a_step_as_it_would_be_written(step: Any, expected: str) -> None:
    assert repr(step) == expected
    assert str(step) == expected


def test_a_class_of_the_users_shows_what_it_says() -> None:
    class Said(Mine):
        def __repr_args__(self) -> Any:
            return [("size", 1)]

    class Model(Mine, RunnableSerializable[Any, Any]):
        size: int = 1
        tags: list[str] = []  # noqa: RUF012  # pydantic copies it

    assert repr(Mine()) == "Mine()"
    assert repr(Said()) == "Said(size=1)"
    assert repr(Model()) == "Model()"
    assert repr(Model(size=2, name="x")) == "Model(name='x', size=2)"


# ------------------------------------------------------------------------------------------------ sources of lambdas


def test_each_lambda_of_a_line_shows_its_own_source() -> None:
    steps = [
        RunnableLambda(lambda x: x * 2),
        RunnableLambda(lambda x: x * 3),
        RunnableLambda(lambda x: (lambda x: x)(x)),
    ]
    assert [repr(step) for step in steps] == [
        "RunnableLambda(lambda x: x * 2)",
        "RunnableLambda(lambda x: x * 3)",
        "RunnableLambda(lambda x: (lambda x: x)(x))",
    ]
    assert repr(RunnableLambda((lambda x: lambda x: -x)(1))) == "RunnableLambda(lambda x: -x)"


def test_a_lambda_of_many_lines_is_shown_on_one() -> None:
    step = RunnableLambda(
        lambda x: (
            x
            # a comment
            + "é"
        )
    )
    assert repr(step) == "RunnableLambda(lambda x: x + 'é')"


def test_a_lambda_without_a_source_is_three_dots() -> None:
    assert repr(RunnableLambda(eval("lambda x: x"))) == "RunnableLambda(...)"


# ---------------------------------------------------------------------------------------- what must never happen


def test_a_repr_never_shows_a_secret() -> None:
    class Model(Mine, RunnableSerializable[Any, Any]):
        api_key: str
        headers: Any
        hidden: SecretStr

    steps = [
        RunnableLambda(add_one).bind(api_key="sk-1", headers={"Authorization": "Bearer sk-1"}),
        RunnableLambda(lambda x: print(x, api_key="sk-1", extra={"token": "sk-1"})),
        RunnableBinding(RunnableLambda(add_one), config={"configurable": {"openai_api_key": "sk-1"}}),
        Model(api_key="sk-1", headers={"x-api-key": "sk-1"}, hidden=SecretStr("sk-1")),
        Model(api_key="", headers=[("Authorization", "sk-1"), {"token": b"sk-1"}], hidden=SecretStr("")),
        RunnableLambda(add_one).bind(passwords=["sk-1"], credentials={"sk-1"}),
    ]
    for step in steps:
        assert "sk-1" not in repr(step)
        assert "**********" in repr(step)
    assert "max_tokens=5" in repr(RunnableLambda(lambda x: print(max_tokens=5)))
    assert repr(RunnableLambda(add_one).bind(max_tokens=5)).endswith("kwargs={'max_tokens': 5})")


class Unshowable:
    def __repr__(self) -> str:
        raise RuntimeError


def test_a_repr_never_raises() -> None:
    assert repr(RunnableLambda.__new__(RunnableLambda)) == "RunnableLambda(...)"
    assert repr(RunnableSequence.__new__(RunnableSequence)) == "RunnableSequence(...)"
    assert repr(RunnableLambda(add_one).bind(x=Unshowable())) == "RunnableBinding(...)"
    deep: Any = RunnableLambda(add_one)
    for _ in range(2_000):
        deep = RunnableParallel(a=deep)
    assert "RunnableParallel(...)" in repr(deep)
    cycle: Any = RunnableParallel(a=add_one)
    cycle.steps__["b"] = cycle
    assert "RunnableParallel(...)" in repr(cycle)


def test_a_repr_is_short_however_much_there_is() -> None:
    wide = RunnableParallel({f"key{n}": add_one for n in range(2_000)})
    long = RunnableSequence(*[add_one] * 2_000)
    doubled: Any = RunnableParallel(a=add_one, b=add_one)
    for _ in range(40):  # 2 ** 40 branches
        doubled = RunnableParallel(a=doubled, b=doubled)
    bound = RunnableLambda(add_one).bind(x="y" * 10**6, many={str(n): [n] * 99 for n in range(2_000)})
    prompt = PromptTemplate.from_template("z" * 10**6)
    for step in (wide, long, doubled, bound, prompt, wide | long | prompt):
        assert len(repr(step)) <= LENGTH
    assert repr(RunnableLambda(add_one)) == "RunnableLambda(add_one)"  # there is room again


def test_reprs_in_several_threads_leave_each_other_room() -> None:
    long = RunnableSequence(*[add_one] * 1_000)
    shown: list[str] = []
    threads = [threading.Thread(target=lambda: shown.append(repr(long))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(shown) == {repr(long)}
