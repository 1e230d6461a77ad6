"""Few-shot prompts and example selectors."""

import asyncio

from langchain_core.embeddings import DeterministicFakeEmbedding
from langchain_core.example_selectors import (
    BaseExampleSelector,
    LengthBasedExampleSelector,
    MaxMarginalRelevanceExampleSelector,
    SemanticSimilarityExampleSelector,
)
from langchain_core.prompts import (
    ChatPromptTemplate,
    FewShotChatMessagePromptTemplate,
    FewShotPromptTemplate,
    FewShotPromptWithTemplates,
    PromptTemplate,
)
from langchain_core.vectorstores import InMemoryVectorStore


def tried(label, make):
    """What `make` gives, or that it raises."""
    try:
        print(label, "->", repr(make()))
    except Exception:
        print(label, "-> raises")


ex = [{"q": "2+2", "a": "4"}, {"q": "2+3", "a": "5"}, {"q": "capital of the whole world today", "a": "none"}]
ep = PromptTemplate.from_template("Q: {q}\nA: {a}")
f = FewShotPromptTemplate(
    examples=ex, example_prompt=ep, suffix="Q: {input}", input_variables=["input"], prefix="Do:"
)
print(f.format(input="z"))
print(f.invoke({"input": "y"}))
print(f.input_variables)
print(f.pretty_repr() == f.pretty_repr())
s = LengthBasedExampleSelector(examples=list(ex), example_prompt=ep, max_length=12)
print(s.select_examples({"input": "short"}), s.select_examples({"input": "a b c d e f g h"}))
s.add_example({"q": "n", "a": "m"})
print(len(s.examples))
f2 = FewShotPromptTemplate(
    example_selector=s, example_prompt=ep, suffix="Q: {input}", example_separator="\n--\n"
)
print(f2.format(input="hi"))
fc = FewShotChatMessagePromptTemplate(
    examples=ex[:2], example_prompt=ChatPromptTemplate([("human", "{q}"), ("ai", "{a}")])
)
print(fc.format())
print(fc.format_messages())
fin = ChatPromptTemplate([("system", "wiz"), fc, ("human", "{input}")])
print(fin.invoke({"input": "x"}))
print(fin.input_variables)


class Mine(BaseExampleSelector):
    def __init__(self, examples):
        self.examples = examples

    def add_example(self, example):
        self.examples.append(example)

    def select_examples(self, iv):
        n = len(iv["input"])
        return sorted(self.examples, key=lambda e: abs(len(e["q"]) - n))[:1]


f3 = FewShotPromptTemplate(
    example_selector=Mine(list(ex)), example_prompt=ep, suffix="> {input}", input_variables=["input"]
)
print(f3.format(input="abc"))
emb = DeterministicFakeEmbedding(size=8)
ss = SemanticSimilarityExampleSelector.from_examples(ex, emb, InMemoryVectorStore, k=1, input_keys=["q"])
print(ss.select_examples({"q": "2+2"}))
mm = MaxMarginalRelevanceExampleSelector.from_examples(ex, emb, InMemoryVectorStore, k=2, fetch_k=3)
print(len(mm.select_examples({"q": "x"})))
fcs = FewShotChatMessagePromptTemplate(
    input_variables=["q"],
    example_selector=ss,
    example_prompt=ChatPromptTemplate([("human", "{q}"), ("ai", "{a}")]),
)
print(fcs.format_messages(q="2+2"))
print(ChatPromptTemplate([("system", "s"), fcs, ("human", "{q}")]).invoke({"q": "2+2"}))
fw = FewShotPromptWithTemplates(
    examples=ex[:1],
    example_prompt=ep,
    prefix=PromptTemplate.from_template("P {c}"),
    suffix=PromptTemplate.from_template("S {d}"),
    input_variables=["c", "d"],
)
print(fw.format(c=1, d=2))
tried("none", lambda: FewShotPromptTemplate(example_prompt=ep, suffix="x"))
tried("both", lambda: FewShotPromptTemplate(examples=ex, example_selector=s, example_prompt=ep, suffix="x"))


async def main():
    print(await f2.aformat(input="hi"))
    print(await fc.aformat_messages())
    print((await f3.ainvoke({"input": "q"})).to_string())
    print(await s.aselect_examples({"input": "x"}))


asyncio.run(main())
