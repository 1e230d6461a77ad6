"""Steps of one's own, with fields, validators and private attributes."""

import asyncio
from typing import Any, ClassVar

from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda, RunnableSerializable
from pydantic import ConfigDict, Field, PrivateAttr, field_validator


def tried(label, make):
    """What `make` gives, or that it raises."""
    try:
        print(label, "->", repr(make()))
    except Exception:
        print(label, "-> raises")


class Plus(RunnableSerializable[int, int]):
    n: int = Field(default=1, ge=0)
    names: list[str] = Field(default_factory=list)
    opt: str | None = None
    K: ClassVar[int] = 7
    _count: int = PrivateAttr(default=0)
    model_config = ConfigDict(extra="forbid")

    @field_validator("names")
    @classmethod
    def up(cls, v):
        return [x.upper() for x in v]

    def invoke(self, input: int, config: RunnableConfig | None = None, **kwargs: Any) -> int:
        self._count += 1
        return input + self.n + self.K


p = Plus(n=2, names=["a"])
print(
    p.invoke(1),
    p.batch([1, 2]),
    list(p.stream(3)),
    asyncio.run(p.ainvoke(4)),
    p._count,
    p.names,
    p.get_name(),
)
print((p | (lambda x: x * 2)).invoke(1))
print(repr(p))
tried("neg", lambda: Plus(n=-1))
tried("extra", lambda: Plus(zz=1))
print(p == Plus(n=2, names=["a"]), p.model_dump(), p.model_copy(update={"n": 5}).invoke(0))
print(p.InputType, p.OutputType)
print(
    p.configurable_fields(
        n=__import__("langchain_core.runnables", fromlist=["ConfigurableField"]).ConfigurableField(id="n")
    )
    .with_config(configurable={"n": 100})
    .invoke(0)
)


class Streamer(Runnable[str, str]):
    def invoke(self, input, config=None, **kw):
        return "".join(self.stream(input, config))

    def stream(self, input, config=None, **kw):
        for c in input:
            yield c.upper()


s = Streamer()
print(
    s.invoke("ab"), list(s.stream("ab")), list((s | RunnableLambda(lambda x: x)).stream("ab")), s.get_name()
)


class T(Runnable):
    def invoke(self, input, config=None):
        return self._call_with_config(lambda x: x * 2, input, config)

    async def ainvoke(self, input, config=None):
        return await self._acall_with_config(self._a, input, config)

    async def _a(self, x):
        return x * 3


print(T().invoke(2), asyncio.run(T().ainvoke(2)), (T() | T()).invoke(1), asyncio.run((T() | T()).ainvoke(1)))


class Tr(Runnable):
    def invoke(self, input, config=None):
        return input

    def transform(self, input, config=None, **kw):
        yield from self._transform_stream_with_config(input, self._t, config, **kw)

    def _t(self, it):
        for x in it:
            yield x + x


print(
    list((RunnableLambda(lambda x: x) | Tr()).stream("a")),
    list(Tr().transform(iter("ab"))),
)
tried("abstract", lambda: Runnable())
