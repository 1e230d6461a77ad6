"""Copies, pickles and comparisons."""

import copy
import pickle

from langchain_core.language_models import FakeListChatModel
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate, FewShotPromptTemplate, PromptTemplate
from langchain_core.runnables import RunnableLambda, RunnableParallel, RunnablePassthrough
from langchain_core.tools import tool


def tried(label, make):
    """What `make` gives, or that it raises."""
    try:
        print(label, "->", repr(make()))
    except Exception:
        print(label, "-> raises")


def up(x):
    return x.upper()


c = (
    ChatPromptTemplate.from_template("{x}")
    | FakeListChatModel(responses=["ab"])
    | StrOutputParser()
    | RunnableLambda(up)
)
for f in (copy.copy, copy.deepcopy):
    n = f(c)
    print(n.invoke({"x": 1}), type(n).__name__)
for o in (
    StrOutputParser(),
    FakeListChatModel(responses=["a"]),
    PromptTemplate.from_template("{x}", partial_variables={}),
    FewShotPromptTemplate(
        examples=[{"a": 1}], example_prompt=PromptTemplate.from_template("{a}"), suffix="{q}"
    ),
    RunnablePassthrough(),
    RunnableParallel(a=RunnablePassthrough()),
):
    n = pickle.loads(pickle.dumps(o))
    print(type(n).__name__, copy.deepcopy(o).__class__ is o.__class__)
s = ChatPromptTemplate.from_template("{x}") | FakeListChatModel(responses=["ab"]) | StrOutputParser()
n = pickle.loads(pickle.dumps(s))
print(n.invoke({"x": 1}), len(n.steps))
print(
    StrOutputParser() == StrOutputParser(),
    FakeListChatModel(responses=["a"]) == FakeListChatModel(responses=["a"]),
    RunnablePassthrough() == RunnablePassthrough(),
    RunnableLambda(up) == RunnableLambda(up),
    RunnableLambda(up) == RunnableLambda(len),
)
print(
    s == (ChatPromptTemplate.from_template("{x}") | FakeListChatModel(responses=["ab"]) | StrOutputParser())
)
print(RunnableParallel(a=RunnableLambda(up)) == RunnableParallel(a=RunnableLambda(up)))
m = FakeListChatModel(responses=["a", "b"])
m2 = m.model_copy(update={"responses": ["z"]})
print(m2.invoke("q").content, m.invoke("q").content, m.i)
b = m.bind(stop=["x"])
print(copy.copy(b).kwargs)


@tool
def tt(x: int) -> int:
    """T."""
    return x


print(
    copy.copy(tt).invoke({"x": 1}),
    copy.deepcopy(tt).invoke({"x": 2}),
    tt == tt,
    repr(RunnableLambda(up)),
    repr(c)[:60],
)
