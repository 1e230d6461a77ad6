"""The composition language, in both colours."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from operator import itemgetter

from langchain_core.runnables import (
    RouterRunnable,
    RunnableBranch,
    RunnableGenerator,
    RunnableLambda,
    RunnableParallel,
    RunnablePassthrough,
    RunnablePick,
    chain,
)


def add_one(x: int) -> int:
    return x + 1


async def double(x: int) -> int:
    return x * 2


def letters(chunks: Iterator[str]) -> Iterator[str]:
    for chunk in chunks:
        yield from chunk


async def aletters(chunks: AsyncIterator[str]) -> AsyncIterator[str]:
    async for chunk in chunks:
        for letter in chunk:
            yield letter


@chain
def decide(x: int):
    return RunnableLambda(add_one) if x > 1 else "small"


steps = RunnableLambda(add_one) | {"a": RunnableLambda(add_one), "b": RunnablePassthrough()}
print(steps.invoke(1), steps.batch([1, 2]))
print(sorted(map(str, steps.stream(1))))
print(list((RunnableLambda(str) | RunnableGenerator(letters)).stream(123)))
print(RunnablePassthrough.assign(b=lambda x: x["a"] + 1).invoke({"a": 1}))
print(list(RunnablePassthrough.assign(b=lambda x: x["a"] + 1).stream({"a": 1})))
print(RunnablePick("a").invoke({"a": 1, "b": 2}), RunnablePick(["a"]).invoke({"a": 1, "b": 2}))
print((RunnablePassthrough() | itemgetter("a")).invoke({"a": 3}))
print(decide.invoke(5), decide.invoke(1))
branch = RunnableBranch((lambda x: x > 5, lambda x: "big"), lambda x: "small")
print(branch.batch([1, 9]))
print(RouterRunnable({"add": RunnableLambda(add_one)}).invoke({"key": "add", "input": 1}))
print(RunnableLambda(add_one).map().invoke([1, 2, 3]))
print(RunnableLambda(lambda x, y=0: x + y).bind(y=5).invoke(1))


def fails(x: int) -> int:
    raise ValueError("no")


print(RunnableLambda(fails).with_fallbacks([RunnableLambda(add_one)]).invoke(1))
print(RunnableLambda(fails).batch([1], return_exceptions=True))
try:
    RunnableLambda(fails).with_retry(stop_after_attempt=2, wait_exponential_jitter=False).invoke(1)
except ValueError as error:
    print(error)


async def main() -> None:
    print(await (RunnableLambda(add_one) | double).ainvoke(2))
    print(await RunnableLambda(add_one).abatch([1, 2]))
    print([c async for c in (RunnableLambda(str) | RunnableGenerator(aletters)).astream(12)])
    print([p async for p in RunnableParallel(a=add_one, b=double).astream(1)] != [])
    print(sorted([pair async for pair in RunnableLambda(add_one).abatch_as_completed([1, 2])]))


asyncio.run(main())
print(sorted(RunnableLambda(add_one).batch_as_completed([1, 2])))


print(
    steps.get_name(),
    RunnableLambda(lambda x: x).get_name(),
    RunnableParallel(a=add_one, b=add_one).get_name(),
)
print(RunnableLambda(add_one).get_input_jsonschema(), RunnableLambda(add_one).get_output_jsonschema())
print((RunnableLambda(add_one) | str).get_graph().draw_mermaid())
print([spec.id for spec in RunnableLambda(add_one).with_config(tags=["a"]).config_specs])
