"""G25: what the type checkers make of a chain. Checked by mypy --strict and pyright strict; run by nobody."""

from collections.abc import AsyncIterator, Iterator
from typing import Any, assert_type

from riverrun.language_models import BaseChatModel
from riverrun.messages import AIMessage, AIMessageChunk
from riverrun.output_parsers import StrOutputParser
from riverrun.prompts import ChatPromptTemplate
from riverrun.runnables import (
    Runnable,
    RunnableBranch,
    RunnableGenerator,
    RunnableLambda,
    RunnableParallel,
    RunnablePassthrough,
    chain,
)


def shout(text: str) -> str:
    return text.upper()


async def count(text: str) -> int:
    return len(text)


def words(chunks: Iterator[str]) -> Iterator[str]:
    for chunk in chunks:
        yield from chunk.split()


async def awords(chunks: AsyncIterator[str]) -> AsyncIterator[str]:
    async for chunk in chunks:
        yield chunk


async def check(model: BaseChatModel) -> None:
    prompt = ChatPromptTemplate.from_template("tell me about {topic}")
    assert_type(prompt | model, Runnable[dict[str, Any], AIMessage])
    answer = prompt | model | StrOutputParser()
    assert_type(answer, Runnable[dict[str, Any], str])
    assert_type(answer.invoke({"topic": "x"}), str)
    assert_type(await answer.ainvoke({"topic": "x"}), str)
    assert_type(answer.batch([{"topic": "x"}]), list[str])
    assert_type(answer.stream({"topic": "x"}), Iterator[str])
    async for token in answer.astream({"topic": "x"}):
        assert_type(token, str)
    assert_type(answer | shout, Runnable[dict[str, Any], str])
    assert_type(answer | count, Runnable[dict[str, Any], int])
    assert_type(answer | words, Runnable[dict[str, Any], str])
    assert_type(answer | awords, Runnable[dict[str, Any], str])
    assert_type(answer | {"a": shout, "b": count}, Runnable[dict[str, Any], dict[str, Any]])
    assert_type(answer.with_retry(), Runnable[dict[str, Any], str])
    assert_type(answer.with_config(tags=["a"]), Runnable[dict[str, Any], str])
    assert_type(answer.map().invoke([{"topic": "x"}]), list[str])
    assert_type(RunnableLambda(shout), RunnableLambda[str, str])
    assert_type(RunnableLambda(count), RunnableLambda[str, int])
    assert_type(RunnableLambda(count) | RunnableLambda(str), Runnable[str, str])
    assert_type(RunnableGenerator(words), RunnableGenerator[str, str])
    assert_type(RunnableGenerator(awords), RunnableGenerator[str, str])
    assert_type(RunnablePassthrough[str]().invoke("x"), str)
    both: RunnableParallel[str] = RunnableParallel(a=shout, b=count)
    assert_type(both.invoke("x"), dict[str, Any])
    for chunk in model.stream("x"):
        assert_type(chunk, AIMessageChunk)

    @chain
    def greet(name: str) -> str:
        return f"hello {name}"

    assert_type(greet, Runnable[str, str])

    number: Runnable[str, int] = RunnableLambda(count)
    answer | number | shout  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue]
    prompt | shout  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue]
    RunnableBranch((shout, shout), shout)
