"""Caches."""

import asyncio

from langchain_core.caches import BaseCache, InMemoryCache
from langchain_core.globals import (
    get_debug,
    get_llm_cache,
    get_verbose,
    set_debug,
    set_llm_cache,
    set_verbose,
)
from langchain_core.language_models import FakeListChatModel, FakeListLLM
from langchain_core.messages import AIMessage
from langchain_core.outputs import Generation


def tried(label, make):
    """What `make` gives, or that it raises."""
    try:
        print(label, "->", repr(make()))
    except Exception:
        print(label, "-> raises")


class FileCache(BaseCache):
    def __init__(self):
        self.d = {}
        self.log = []

    def lookup(self, prompt, llm_string):
        self.log.append("l")
        return self.d.get((prompt, llm_string))

    def update(self, prompt, llm_string, return_val):
        self.log.append("u")
        self.d[(prompt, llm_string)] = return_val

    def clear(self, **kw):
        self.d = {}


c = FileCache()
m = FakeListChatModel(responses=["a", "b", "c"], cache=c)
print(m.invoke("x").content, m.invoke("x").content, m.invoke("y").content, c.log, len(c.d))
print(asyncio.run(m.ainvoke("x")).content, c.log)
llm = FakeListLLM(responses=["a", "b", "c"], cache=FileCache())
print(llm.invoke("x"), llm.invoke("x"), llm.invoke("y"), llm.batch(["x", "z"]))
set_llm_cache(InMemoryCache())
g = FakeListChatModel(responses=["1", "2"])
print(g.invoke("q").content, g.invoke("q").content, type(get_llm_cache()).__name__)
n = FakeListChatModel(responses=["1", "2"], cache=False)
print(n.invoke("q").content, n.invoke("q").content)
set_llm_cache(None)
print(get_llm_cache(), g.invoke("q").content)
tried("true", lambda: FakeListChatModel(responses=["1"], cache=True).invoke("x").content)
ic = InMemoryCache(maxsize=2)
ic.update("a", "l", [Generation(text="1")])
ic.update("b", "l", [Generation(text="2")])
ic.update("c", "l", [Generation(text="3")])
print(ic.lookup("a", "l"), ic.lookup("c", "l"))
ic.clear()
print(ic.lookup("c", "l"))
tried("max", lambda: InMemoryCache(maxsize=0))


async def main():
    await ic.aupdate("q", "l", [Generation(text="z")])
    print(await ic.alookup("q", "l"))
    await ic.aclear()
    print(await ic.alookup("q", "l"))


asyncio.run(main())
set_verbose(True)
print(get_verbose())
set_verbose(False)
set_debug(False)
print(get_debug())
tried("abs", lambda: BaseCache())
print(next(iter(c.d))[0])
print(
    m.generate([[AIMessage("q")]]).generations[0][0].text,
)
