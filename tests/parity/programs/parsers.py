"""Output parsers of one's own on the library's bases."""

import asyncio
from collections.abc import Iterator

from langchain_core.exceptions import OutputParserException
from langchain_core.language_models import FakeListChatModel, FakeListLLM
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.output_parsers import (
    BaseCumulativeTransformOutputParser,
    BaseGenerationOutputParser,
    BaseOutputParser,
    BaseTransformOutputParser,
    StrOutputParser,
)
from langchain_core.outputs import ChatGeneration, Generation


class Yes(BaseOutputParser[bool]):
    """Whether the answer is yes."""

    def parse(self, text: str) -> bool:
        if text.strip().lower() not in ("yes", "no"):
            raise OutputParserException(f"not yes or no: {text}", llm_output=text)
        return text.strip().lower() == "yes"

    def get_format_instructions(self) -> str:
        return "Answer yes or no."

    @property
    def _type(self) -> str:
        return "yes"


class Upper(BaseTransformOutputParser[str]):
    def parse(self, text: str) -> str:
        return text.upper()


class Words(BaseCumulativeTransformOutputParser[list[str]]):
    def parse(self, text: str) -> list[str]:
        return text.split()

    def parse_result(self, result, *, partial=False):
        return self.parse(result[0].text)


class Shout(BaseGenerationOutputParser[str]):
    def parse_result(self, result, *, partial=False):
        return result[0].message.content + "!"


print(Yes().invoke("yes"), Yes().invoke(AIMessage("No")), Yes().parse("YES"))
print(Yes().OutputType, Yes().get_format_instructions())
try:
    Yes().invoke("maybe")
except OutputParserException as error:
    print(str(error).splitlines()[0], error.llm_output)
print((FakeListLLM(responses=["yes"]) | Yes()).invoke("?"))
print(list(Upper().transform(iter(["a", "b", AIMessageChunk("c")]))))
print(list(Words().transform(iter(["a b", " c", "d"]))))
print(Words().invoke("a b"), list(Words().stream("a b")))
print(Shout().invoke(AIMessage("hi")))
print((FakeListChatModel(responses=["hello"]) | Upper()).invoke("?"))
print(list((FakeListChatModel(responses=["hey"]) | Upper()).stream("?")))
print(StrOutputParser().parse_result([Generation(text="g")]))
print(StrOutputParser().parse_result([ChatGeneration(message=AIMessage("m"))]))


class Letters(BaseTransformOutputParser[str]):
    def parse(self, text: str) -> str:
        return text

    def _transform(self, input) -> Iterator[str]:
        for chunk in input:
            text = chunk if isinstance(chunk, str) else chunk.content
            yield from text


print(list(Letters().transform(iter(["ab", "cd"]))))


async def main() -> None:
    print(await Yes().ainvoke("no"), await Yes().aparse("yes"))
    print([c async for c in (FakeListChatModel(responses=["hey"]) | Upper()).astream("?")])


asyncio.run(main())
