"""Fallbacks and retries."""

import asyncio

from langchain_core.language_models import FakeListChatModel
from langchain_core.runnables import RunnableLambda


def tried(label, make):
    """What `make` gives, or that it raises."""
    try:
        print(label, "->", repr(make()))
    except Exception:
        print(label, "-> raises")


calls = []


def flaky(x):
    calls.append(x)
    if len(calls) < 3:
        raise ValueError("no")
    return x * 2


r = RunnableLambda(flaky).with_retry(stop_after_attempt=3, wait_exponential_jitter=False)
print(r.invoke(2), calls)
calls.clear()
tried(
    "exh",
    lambda: (
        RunnableLambda(flaky)
        .with_retry(
            stop_after_attempt=2, wait_exponential_jitter=False, retry_if_exception_type=(ValueError,)
        )
        .invoke(1)
    ),
)
print(calls)
calls.clear()
tried(
    "type",
    lambda: (
        RunnableLambda(flaky).with_retry(retry_if_exception_type=(KeyError,), stop_after_attempt=3).invoke(1)
    ),
)
print(calls)


def bad(x):
    raise ValueError("bad")


f = RunnableLambda(bad).with_fallbacks([RunnableLambda(lambda x: f"fb {x}")])
print(f.invoke(1), list(f.stream(1)), f.batch([1, 2]))
print(type(f).__name__)
tried("allbad", lambda: RunnableLambda(bad).with_fallbacks([RunnableLambda(bad)]).invoke(1))
tried(
    "notype",
    lambda: (
        RunnableLambda(bad)
        .with_fallbacks([RunnableLambda(lambda x: x)], exceptions_to_handle=(KeyError,))
        .invoke(1)
    ),
)
k = RunnableLambda(lambda d: bad(d)).with_fallbacks(
    [RunnableLambda(lambda d: (d["x"], repr(d["err"])))], exception_key="err"
)
print(k.invoke({"x": 1}))


def gen(x):
    yield "a"
    raise ValueError("mid")


out = []
try:
    for c in RunnableLambda(gen).with_fallbacks([RunnableLambda(lambda x: "fb")]).stream(1):
        out.append(c)
except Exception as e:
    print(out, type(e).__name__)
print(
    RunnableLambda(bad).with_fallbacks([RunnableLambda(lambda x: "fb")]).batch([1, 2]),
    RunnableLambda(lambda x: 1 / x).batch([1, 0], return_exceptions=True),
)


async def main():
    print(await f.ainvoke(1), [c async for c in f.astream(1)], await f.abatch([1]))
    calls.clear()
    print(await r.ainvoke(3))
    print(await RunnableLambda(lambda x: 1 / x).abatch([1, 0], return_exceptions=True))


asyncio.run(main())


class Boom(FakeListChatModel):
    def _call(self, *a, **k):
        raise RuntimeError("boom")


m = Boom(responses=["x"]).with_fallbacks([FakeListChatModel(responses=["ok"])])
print(m.invoke("q").content)
print((m | (lambda m: m.content)).invoke("x"))
tried("stream boom", lambda: [c.content for c in m.stream("q")])

print(m.fallbacks[0].responses, m.runnable.responses, m.responses)
