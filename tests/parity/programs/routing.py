"""Branches, routers, and functions that give steps."""

import asyncio

from langchain_core.runnables import (
    RouterRunnable,
    RunnableBranch,
    RunnableLambda,
    RunnablePassthrough,
    chain,
)


def tried(label, make):
    """What `make` gives, or that it raises."""
    try:
        print(label, "->", repr(make()))
    except Exception:
        print(label, "-> raises")


b = RunnableBranch(
    (lambda x: isinstance(x, str), lambda x: x.upper()),
    (lambda x: isinstance(x, int), lambda x: x + 1),
    lambda x: "other",
)
print(b.invoke("a"), b.invoke(1), b.invoke(None), b.batch(["x", 2]), list(b.stream("q")))
tried("bad1", lambda: RunnableBranch((lambda x: x, lambda x: x)))
tried("bad2", lambda: RunnableBranch(lambda x: x, lambda x: x))
r = RouterRunnable({"add": RunnableLambda(lambda x: x + 1), "sq": RunnableLambda(lambda x: x * x)})
print(r.invoke({"key": "sq", "input": 3}), r.batch([{"key": "add", "input": 1}, {"key": "sq", "input": 2}]))
tried("nokey", lambda: r.invoke({"key": "zz", "input": 1}))


def route(info):
    return (
        RunnableLambda(lambda x: "anth " + x["q"])
        if "a" in info["t"]
        else RunnableLambda(lambda x: "gen " + x["q"])
    )


print(
    RunnableLambda(route).invoke({"t": "a", "q": "x"}),
    (RunnablePassthrough() | RunnableLambda(route)).invoke({"t": "b", "q": "x"}),
)


@chain
def custom(text):
    return RunnableLambda(lambda x: x[::-1]).invoke(text) + "!"


print(custom.invoke("abc"), custom.get_name(), type(custom).__name__)


@chain
async def acustom(x):
    return await custom.ainvoke(x)


print(asyncio.run(acustom.ainvoke("abc")))


@chain
def gen(x):
    yield from x


print(list(gen.stream("abc")), gen.invoke("abc"))
rec = RunnableLambda(lambda x: RunnableLambda(lambda y: y + 10) if x < 5 else x)
print(rec.invoke(1), rec.invoke(7))


@chain
def loop(x):
    return loop


tried("recursion", lambda: loop.invoke(1, {"recursion_limit": 4}))
print(asyncio.run(b.ainvoke("z")), b.get_name(), r.get_name(), b.branches[0][0].get_name(), len(b.branches))
print(b.input_schema.model_json_schema())
