"""The text of what a model says, whole or chunk by chunk."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from riverrun.exceptions import InputError
from riverrun.messages import AIMessage, AIMessageChunk, HumanMessage, ToolMessage
from riverrun.output_parsers import StrOutputParser

BLOCKS: list[str | dict[str, Any]] = [
    {"type": "text", "text": "a"},
    "b",
    {"type": "image_url", "image_url": "u"},
    {"type": "reasoning", "reasoning": "no"},
    {"type": "text", "text": "c"},
]


class Loud(str):
    pass


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("x", "x"),
        ("", ""),
        (Loud("x"), "x"),
        (AIMessage("x"), "x"),
        (AIMessageChunk("x"), "x"),
        (HumanMessage("x"), "x"),
        (ToolMessage("x", tool_call_id="1"), "x"),
        (AIMessage(BLOCKS), "abc"),
        (AIMessageChunk(BLOCKS), "abc"),
        (AIMessage([]), ""),
        (AIMessageChunk("x") + AIMessageChunk("y"), "xy"),
    ],
)
def test_parser_takes_the_text_of_messages_and_strings(given: Any, text: str) -> None:
    async def chunks() -> list[str]:
        return [chunk async for chunk in StrOutputParser().astream(given)]

    parser = StrOutputParser()
    found = [
        parser.invoke(given),
        asyncio.run(parser.ainvoke(given)),
        *parser.stream(given),
        *asyncio.run(chunks()),
    ]
    assert found == [text] * 4
    assert {type(each) for each in found} == {str}


@pytest.mark.parametrize("given", [3, None, b"x", {"content": "x"}, [AIMessage("x")]])
def test_parser_refuses_other_types_by_name(given: Any) -> None:
    complaint = f"StrOutputParser takes a message or a string, not {type(given).__name__}"
    for run in (StrOutputParser().invoke, lambda x: list(StrOutputParser().stream(x))):
        with pytest.raises(InputError, match=complaint) as caught:
            run(given)
        assert isinstance(caught.value, TypeError)


def test_parser_gives_one_text_for_each_chunk_as_it_comes() -> None:
    taken: list[str] = []

    def chunks() -> Iterator[Any]:
        for chunk in (AIMessageChunk("a"), AIMessageChunk(""), "b", AIMessageChunk(BLOCKS), AIMessage("c")):
            taken.append("chunk")
            yield chunk

    found = []
    for text in StrOutputParser().transform(chunks()):
        found.append(text)
        assert len(taken) == len(found)
    assert found == ["a", "", "b", "abc", "c"]


def test_parser_of_an_empty_stream_gives_an_empty_stream() -> None:
    assert list(StrOutputParser().transform(iter([]))) == []


def test_parser_closes_its_input_when_it_is_closed() -> None:
    closed: list[str] = []

    async def chunks() -> AsyncIterator[AIMessageChunk]:
        try:
            while True:
                yield AIMessageChunk("x")
        finally:
            closed.append("input")

    async def run() -> None:
        ys = StrOutputParser().atransform(chunks())
        assert await anext(ys) == "x"
        await ys.aclose()
        assert closed == ["input"]

    asyncio.run(run())


def test_overridden_parse_is_given_each_text() -> None:
    class Upper(StrOutputParser):
        def parse(self, text: str) -> str:
            return text.upper()

    class Awaits(Upper):
        async def aparse(self, text: str) -> str:
            await asyncio.sleep(0)
            return f"<{text}>"

    assert Upper().invoke(AIMessage("ab")) == asyncio.run(Upper().ainvoke("ab")) == "AB"
    assert list(Upper().transform(iter(["a", AIMessageChunk("b")]))) == ["A", "B"]
    assert Awaits().invoke("ab") == "AB" and asyncio.run(Awaits().ainvoke("ab")) == "<ab>"


def test_parser_describes_itself() -> None:
    parser = StrOutputParser()
    assert repr(parser) == "StrOutputParser()" and parser == StrOutputParser() != StrOutputParser(name="n")
    assert (parser.kind, parser.transforms, parser.OutputType) == ("parser", True, str)
    assert parser.parse("x") == asyncio.run(parser.aparse("x")) == "x"
