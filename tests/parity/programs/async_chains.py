"""Chains under a loop."""

import asyncio
from collections.abc import AsyncIterator

from langchain_core.language_models import FakeListChatModel
from langchain_core.output_parsers import StrOutputParser
from langchain_core.runnables import RunnableBranch, RunnableLambda, RunnablePassthrough, chain


def tried(label, make):
    """What `make` gives, or that it raises."""
    try:
        print(label, "->", repr(make()))
    except Exception:
        print(label, "-> raises")


async def main():
    async def add1(x):
        return x + 1

    def dbl(x):
        return x * 2

    c = RunnableLambda(add1) | dbl | {"a": add1, "b": RunnablePassthrough()}
    print(await c.ainvoke(1), await c.abatch([1, 2]))
    print(await RunnableLambda(dbl, afunc=add1).ainvoke(5), RunnableLambda(dbl, afunc=add1).invoke(5))
    p = RunnablePassthrough.assign(s=lambda d: d["n"] + 1, t=lambda d: d["n"])
    print(await p.ainvoke({"n": 1}))
    b = RunnableBranch((lambda x: x > 1, add1), dbl)
    print(await b.ainvoke(3), await b.ainvoke(1))

    async def gen(it: AsyncIterator[str]) -> AsyncIterator[str]:
        async for x in it:
            yield x.upper()

    m = FakeListChatModel(responses=["hey you"])
    ch = m | StrOutputParser() | gen | RunnablePassthrough()
    print([x async for x in ch.astream("q")])
    sem = []

    async def job(x):
        sem.append(x)
        await asyncio.sleep(0)
        return x

    print(
        await RunnableLambda(job).abatch(list(range(5)), {"max_concurrency": 2}),
        await RunnableLambda(job).abatch([1, 2], [{"tags": ["a"]}, {}]),
    )
    res = [r async for r in RunnableLambda(job).abatch_as_completed([3, 4])]
    print(sorted(res))

    async def bad(x):
        raise ValueError("x")

    print(
        await RunnableLambda(bad).with_fallbacks([RunnableLambda(add1)]).ainvoke(1),
        await RunnableLambda(bad)
        .with_retry(stop_after_attempt=2, wait_exponential_jitter=False)
        .abatch([1], return_exceptions=True),
    )
    try:
        await asyncio.wait_for(RunnableLambda(lambda x: x).ainvoke(1), 5)
        print("ok")
    except TimeoutError:
        print("timeout")
    print(await asyncio.gather(*[c.ainvoke(i) for i in range(3)]))

    @chain
    async def agent(q, config):
        x = await m.ainvoke(q, config)
        return x.content

    print(await agent.ainvoke("q", {"tags": ["a"]}), agent.get_name())
    print(await RunnableLambda(add1).map().ainvoke([1, 2]))


asyncio.run(main())
