"""Parsers of one's own."""

import asyncio

from langchain_core.exceptions import OutputParserException
from langchain_core.language_models import FakeListChatModel, FakeListLLM
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.output_parsers import (
    BaseCumulativeTransformOutputParser,
    BaseGenerationOutputParser,
    BaseLLMOutputParser,
    BaseOutputParser,
    BaseTransformOutputParser,
    StrOutputParser,
)
from langchain_core.outputs import ChatGeneration, Generation
from langchain_core.prompts import PromptTemplate
from langchain_core.runnables import RunnableGenerator


def tried(label, make):
    """What `make` gives, or that it raises."""
    try:
        print(label, "->", repr(make()))
    except Exception:
        print(label, "-> raises")


class BooleanOutputParser(BaseOutputParser[bool]):
    """Custom boolean parser."""

    true_val: str = "YES"
    false_val: str = "NO"

    def parse(self, text: str) -> bool:
        cleaned = text.strip().upper()
        if cleaned not in (self.true_val.upper(), self.false_val.upper()):
            raise OutputParserException(
                f"expected {self.true_val} or {self.false_val}. Received {cleaned}.", llm_output=text
            )
        return cleaned == self.true_val.upper()

    @property
    def _type(self) -> str:
        return "boolean_output_parser"


p = BooleanOutputParser()
print(
    p.invoke("YES"),
    p.invoke(AIMessage("no")),
    p.parse("no"),
    p.batch(["YES", "NO"]),
    asyncio.run(p.abatch(["YES"])),
)
print(repr(p), p.true_val)
try:
    p.invoke("MEOW")
except OutputParserException as e:
    print("Triggered", type(e).__name__, str(e).splitlines()[0], e.llm_output, e.observation, e.send_to_llm)
q = BooleanOutputParser(true_val="OKAY")
print(
    q.invoke("OKAY"),
    (FakeListChatModel(responses=["OKAY"]) | q).invoke("x"),
    list((FakeListChatModel(responses=["OKAY"]) | q).stream("x")),
)
print(q._type, q.get_name(), q.OutputType)
tried("gfi", lambda: q.get_format_instructions())
print(q.parse_with_prompt("OKAY", PromptTemplate.from_template("x").invoke({})))
print(q.input_schema.model_json_schema()["title"], q.output_schema.model_json_schema())


class StrInvertCase(BaseGenerationOutputParser[str]):
    def parse_result(self, result, *, partial=False):
        if len(result) != 1:
            raise NotImplementedError("one")
        g = result[0]
        if not isinstance(g, ChatGeneration):
            raise OutputParserException("only chat")
        return g.message.content.swapcase()


c = FakeListChatModel(responses=["Hello World"]) | StrInvertCase()
print(c.invoke("x"), asyncio.run(c.ainvoke("x")), list(c.stream("x")))
tried("nochat", lambda: (FakeListLLM(responses=["a"]) | StrInvertCase()).invoke("x"))


class Words(BaseTransformOutputParser[str]):
    def parse(self, text):
        return text.upper()


print(list((FakeListChatModel(responses=["ab c"]) | Words()).stream("x")), Words().invoke("q"))


class Cum(BaseCumulativeTransformOutputParser[dict]):
    def parse_result(self, result, *, partial=False):
        t = result[0].text
        return {"n": len(t), "done": not partial}

    def parse(self, text):
        return self.parse_result([Generation(text=text)])

    def _diff(self, prev, next):
        return {"d": next["n"] - (prev or {"n": 0})["n"]}


print(
    list((FakeListChatModel(responses=["abc"]) | Cum()).stream("x")),
    list((FakeListChatModel(responses=["abc"]) | Cum(diff=True)).stream("x")),
    Cum().invoke("abcd"),
)
s = StrOutputParser()
print(
    s.invoke(
        AIMessage(
            [
                {"type": "text", "text": "a"},
                {"type": "image_url", "image_url": "u"},
                {"type": "text", "text": "b"},
            ]
        )
    ),
    s.invoke("x"),
    repr(s),
    s.parse("q"),
    list(s.transform(iter([AIMessageChunk("a"), AIMessageChunk("b")]))),
    s.get_name(),
    s._type,
)


def parse(m: AIMessage) -> str:
    return m.content.swapcase()


print((FakeListChatModel(responses=["aB"]) | parse).invoke("x"))


def sp(chunks):
    for ch in chunks:
        yield ch.content.swapcase()


print(list((FakeListChatModel(responses=["aB"]) | RunnableGenerator(sp)).stream("x")))
tried("badin", lambda: p.invoke(3))
print(s == StrOutputParser(), p == q)


class Old(BaseLLMOutputParser[int]):
    def parse_result(self, result, *, partial=False):
        return len(result[0].text)


print(Old().parse_result([Generation(text="abc")]))
