"""What each step gives when it is streamed."""

from langchain_core.language_models import FakeListChatModel, FakeStreamingListLLM, GenericFakeChatModel
from langchain_core.messages import AIMessage
from langchain_core.output_parsers import StrOutputParser
from langchain_core.runnables import (
    RunnableBranch,
    RunnableLambda,
    RunnableParallel,
    RunnablePassthrough,
    RunnablePick,
)
from langchain_core.runnables.utils import AddableDict, add


def tried(label, make):
    """What `make` gives, or that it raises."""
    try:
        print(label, "->", repr(make()))
    except Exception:
        print(label, "-> raises")


m = GenericFakeChatModel(
    messages=iter(
        [
            AIMessage(
                "hello big world",
                response_metadata={"a": 1},
                additional_kwargs={"function_call": {"name": "f", "arguments": '{"a": 1, "b": 2}'}},
            )
        ]
        * 9
    )
)
print([(c.content, c.additional_kwargs) for c in m.stream("x")][:9])
par = RunnableParallel(
    a=FakeListChatModel(responses=["abc"]) | StrOutputParser(),
    b=FakeListChatModel(responses=["de"]) | StrOutputParser(),
)
out = list(par.stream("x"))
agg = None
for c in out:
    agg = c if agg is None else agg + c
print(sorted(agg.items()), type(agg).__name__, len(out))
print(
    list((FakeListChatModel(responses=["abc"]) | StrOutputParser()).stream("x")),
    list(FakeStreamingListLLM(responses=["xyz"]).stream("q")),
)
a = RunnablePassthrough.assign(k=lambda d: "v")
print(
    list(a.stream({"x": 1})),
    list((a | RunnablePick("k")).stream({"x": 1})),
    list((a.pick(["k", "x"])).stream({"x": 1})),
)
print(
    AddableDict({"a": 1}) + AddableDict({"b": 2}),
    AddableDict({"a": "x"}) + {"a": "y"},
    add(["a", "b"]),
    add([AddableDict(a=1), AddableDict(b=1)]),
)
print(next(iter(RunnableLambda(lambda x: iter([x, x])).stream(1))).__class__.__name__)


def g(x):
    yield x
    yield x + 1


print(list(RunnableLambda(g).stream(1)), RunnableLambda(g).invoke(1))
print(list((RunnableLambda(g) | RunnableLambda(lambda x: x)).stream(1)))
print(list(RunnableLambda(lambda x: FakeListChatModel(responses=["qr"]) | StrOutputParser()).stream("x")))
print(
    list(
        RunnableBranch(
            (lambda x: True, FakeListChatModel(responses=["mn"]) | StrOutputParser()), lambda x: x
        ).stream("x")
    ),
    list(
        (FakeListChatModel(responses=["mn"]) | StrOutputParser())
        .with_fallbacks([RunnableLambda(str)])
        .stream("x")
    ),
    list((FakeListChatModel(responses=["mn"]) | StrOutputParser()).with_retry().stream("x")),
    list(RunnableLambda(lambda x: x).map().stream([1, 2])),
)
print(
    list((FakeListChatModel(responses=["mn"]) | StrOutputParser()).transform(iter(["a"]))),
    list(RunnablePassthrough().transform(iter("abc"))),
)
c = m.stream("q")
print(next(c).content)
c.close()
print(type(next(m.stream("x"))).__name__, m.invoke("z").response_metadata)
