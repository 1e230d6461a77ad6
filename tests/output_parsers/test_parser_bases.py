"""Parsers that users write, in every mode."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any, Generic, TypeVar

import pytest

from growth import assert_linear
from riverrun.exceptions import InputError, OutputParserException
from riverrun.messages import AIMessage, AIMessageChunk, HumanMessage
from riverrun.output_parsers import (
    BaseCumulativeTransformOutputParser,
    BaseGenerationOutputParser,
    BaseLLMOutputParser,
    BaseOutputParser,
    BaseTransformOutputParser,
    StrOutputParser,
)
from riverrun.outputs import ChatGeneration, ChatGenerationChunk, Generation, GenerationChunk
from riverrun.prompt_values import StringPromptValue
from riverrun.runnables import Runnable

T = TypeVar("T")


def by_stream(parser: Runnable[Any, Any], *chunks: Any) -> list[Any]:
    """What comes of `chunks`, the same in both colours."""

    async def given() -> AsyncIterator[Any]:
        for chunk in chunks:
            yield chunk

    async def asynchronously() -> list[Any]:
        return [y async for y in parser.atransform(given())]

    found = list(parser.transform(iter(chunks)))
    assert asyncio.run(asynchronously()) == found
    return found


def by_value(parser: Runnable[Any, Any], x: Any) -> Any:
    """What comes of `x`, the same in every mode."""

    async def asynchronously() -> list[Any]:
        return [await parser.ainvoke(x), *[y async for y in parser.astream(x)]]

    found = parser.invoke(x)
    assert [*parser.stream(x), *asyncio.run(asynchronously())] == [found] * 3
    return found


class YesNo(BaseOutputParser[bool]):
    yes: str = "YES"

    def parse(self, text: str) -> bool:
        if text not in ("YES", "NO"):
            raise OutputParserException(f"{text!r} is neither", llm_output=text)
        return text == self.yes

    @property
    def _type(self) -> str:
        return "yes_no"


class Sees(BaseGenerationOutputParser[Any]):
    def parse_result(self, result: list[Generation], *, partial: bool = False) -> Any:
        [generation] = result
        return (type(generation), generation.text, partial)


class Shout(BaseTransformOutputParser[str]):
    def parse(self, text: str) -> str:
        return text.upper()


class Items(BaseCumulativeTransformOutputParser[list[str]]):
    def parse_result(self, result: list[Generation], *, partial: bool = False) -> Any:
        text = result[0].text
        if not text:
            return None
        if text.endswith(",") and not partial:
            raise OutputParserException("unfinished")
        return text.removesuffix(",").split(",")

    def parse(self, text: str) -> list[str]:
        items: list[str] = self.parse_result([Generation(text=text)])
        return items

    def _diff(self, prev: list[str] | None, next: list[str]) -> list[str]:
        return next[len(prev or []) :]


# ---------------------------------------------------------------------------------------------- one value at a time


def test_g09_a_parser_of_text_reads_messages_and_strings_in_every_mode() -> None:
    assert by_value(YesNo(), "YES") is True
    assert by_value(YesNo(), AIMessage("NO")) is False
    assert by_value(YesNo(yes="NO"), AIMessage([{"type": "text", "text": "NO"}])) is True
    assert (
        by_stream(YesNo(), "Y", "ES")
        == by_stream(YesNo(), AIMessageChunk("Y"), AIMessageChunk("ES"))
        == [True]
    )


def test_a_parser_of_generations_sees_the_message() -> None:
    assert by_value(Sees(), "a") == (Generation, "a", False)
    assert by_value(Sees(), HumanMessage("a")) == (ChatGeneration, "a", False)
    assert by_stream(Sees(), AIMessageChunk("a"), AIMessageChunk("b")) == [(ChatGeneration, "ab", False)]


def test_a_parser_that_is_no_step_parses_results() -> None:
    class Reads(BaseLLMOutputParser[str]):
        def parse_result(self, result: list[Generation], *, partial: bool = False) -> str:
            return threading.current_thread().name + result[0].text

    assert not isinstance(Reads(), Runnable)
    own = threading.current_thread().name
    assert Reads().parse_result([Generation(text="a")]) == own + "a"
    assert asyncio.run(Reads().aparse_result([Generation(text="a")])) != own + "a"


def test_error_of_a_parser_passes_as_it_is() -> None:
    for run in (YesNo().invoke, lambda x: asyncio.run(YesNo().ainvoke(x)), lambda x: list(YesNo().stream(x))):
        with pytest.raises(OutputParserException, match="neither") as caught:
            run("maybe")
        assert caught.value.llm_output == "maybe"
        assert any("YesNo" in note for note in caught.value.__notes__)


@pytest.mark.parametrize("parser", [YesNo(), Sees(), Shout(), Items(), StrOutputParser()], ids=repr)
@pytest.mark.parametrize("given", [3, None, {"content": "x"}, [AIMessage("x")]])
def test_bad_input_of_a_parser_is_refused_by_name(parser: Runnable[Any, Any], given: Any) -> None:
    complaint = f"{type(parser).__name__} takes a message or a string, not {type(given).__name__}"
    for run in (parser.invoke, lambda x: list(parser.transform(iter([x])))):
        with pytest.raises(InputError, match=complaint):
            run(given)


def test_async_hooks_serve_async_runs() -> None:
    class Both(YesNo):
        async def aparse(self, text: str) -> Any:
            await asyncio.sleep(0)
            return f"async {text}"

    class Result(YesNo):
        async def aparse_result(self, result: list[Generation], *, partial: bool = False) -> Any:
            return f"async {result[0].text}"

    parsers: list[Runnable[Any, Any]] = [Both(), Result()]
    for parser in parsers:
        assert parser.invoke("YES") is True
        assert asyncio.run(parser.ainvoke("YES")) == "async YES"
    both: Any = Both()
    assert asyncio.run(both.aparse_result([Generation(text="a")])) == "async a"


def test_g22_a_blocking_parser_does_not_block_the_loop() -> None:
    class Where(Shout):
        def parse(self, text: str) -> str:
            return threading.current_thread().name

    async def run() -> set[str]:
        async def given() -> AsyncIterator[str]:
            yield "a"

        streamed = {y async for y in Where().atransform(given())}
        return {await Where().ainvoke("a"), await Where().aparse("a"), *streamed}

    assert threading.current_thread().name not in asyncio.run(run())


def test_a_parser_describes_itself() -> None:
    parser = YesNo(yes="NO")
    assert repr(parser) == "YesNo(yes='NO')"
    assert parser.asdict() == parser.dict() == {"name": None, "yes": "NO", "_type": "yes_no"}
    assert Shout().asdict() == {"name": None}
    assert StrOutputParser().asdict() == {"name": None, "_type": "default"}
    assert (parser.kind, parser.transforms, Shout().transforms) == ("parser", False, True)
    assert parser.parse_with_prompt("NO", StringPromptValue(text="?")) is True
    with pytest.raises(NotImplementedError, match="Shout"):
        _ = Shout()._type
    with pytest.raises(NotImplementedError, match="Shout"):
        Shout().get_format_instructions()


class Listed(BaseOutputParser[list[T]], Generic[T]):
    def parse(self, text: str) -> Any:
        return [text]


class Numbers(Listed[int]):
    pass


def test_the_type_of_a_parsers_output_is_that_of_its_class() -> None:
    class Untyped(BaseOutputParser):  # type: ignore[type-arg]  # as authors write it
        def parse(self, text: str) -> str:
            return text

    assert YesNo().OutputType is bool and Shout().OutputType is str
    assert YesNo().get_output_schema().model_json_schema() == {"title": "YesNoOutput", "type": "boolean"}
    assert Numbers().OutputType == Listed[int]().OutputType == list[int]
    assert Untyped().OutputType is Any and Untyped().invoke("a") == "a"


def test_a_parser_without_its_method_cannot_be_made() -> None:
    bases: list[Any] = [BaseOutputParser, BaseTransformOutputParser, BaseCumulativeTransformOutputParser]
    for base in bases:
        with pytest.raises(TypeError, match="parse"):
            base()
    bases = [BaseLLMOutputParser, BaseGenerationOutputParser]
    for base in bases:
        with pytest.raises(TypeError, match="parse_result"):
            base()


# -------------------------------------------------------------------------------------------------- chunk by chunk


def test_a_transforming_parser_reads_each_chunk_as_it_comes() -> None:
    assert by_stream(Shout(), "a", "", AIMessageChunk("b"), AIMessage("c")) == ["A", "", "B", "C"]
    assert by_stream(Shout()) == []
    assert by_value(Shout(), "ab") == "AB"
    taken: list[str] = []

    def chunks() -> Iterator[str]:
        for letter in "abc":
            taken.append(letter)
            yield letter

    for n, _ in enumerate(Shout().transform(chunks()), 1):
        assert len(taken) == n


def test_parse_result_is_given_each_chunk() -> None:
    class Kinds(BaseTransformOutputParser[Any]):
        def parse_result(self, result: list[Generation], *, partial: bool = False) -> Any:
            return (type(result[0]), partial)

        def parse(self, text: str) -> Any:
            raise AssertionError("parse_result comes first")

    assert by_stream(Kinds(), "a", AIMessageChunk("b")) == [(Generation, False), (ChatGeneration, False)]


class Pairs(Shout):
    """Its own generator, on top of what it inherits."""

    def _transform(self, input: Iterator[Any]) -> Iterator[str]:
        closed.append("begun")
        try:
            for y in super()._transform(input):
                yield y * 2
        finally:
            closed.append("ended")


class APairs(Shout):
    async def _atransform(self, input: AsyncIterator[Any]) -> AsyncIterator[str]:
        async for y in super()._atransform(input):
            yield y * 2


class Mapped(Shout):
    def _transform(self, input: Iterator[Any]) -> Iterator[str]:
        return map(str.upper, input)


closed: list[str] = []


def test_g09_a_transform_of_either_colour_serves_every_mode() -> None:
    assert by_stream(Pairs(), "a", AIMessageChunk("b")) == ["AA", "BB"]
    assert by_stream(APairs(), "a", AIMessageChunk("b")) == ["AA", "BB"]
    assert by_stream(Mapped(), "a", "b") == ["A", "B"]


def test_g01_a_users_transform_is_closed_with_the_stream() -> None:
    async def given() -> AsyncIterator[str]:
        for letter in "abc":
            yield letter

    async def run() -> None:
        async with Pairs().atransform(given()) as ys:
            assert await anext(ys) == "AA"

    closed.clear()
    ys = Pairs().transform(iter("abc"))
    assert next(ys) == "AA"
    ys.close()  # type: ignore[attr-defined]  # streams can be closed
    asyncio.run(run())
    assert closed == ["begun", "ended"] * 2


def test_a_subclass_of_the_text_parser_may_read_the_stream() -> None:
    class Joined(StrOutputParser):
        def _transform(self, input: Iterator[Any]) -> Iterator[str]:
            yield "-".join(super()._transform(input))

    assert by_stream(Joined(), "a", AIMessageChunk("b")) == ["a-b"]


# ---------------------------------------------------------------------------------------------------- all that came


def test_a_cumulative_parser_tells_what_has_changed() -> None:
    assert by_stream(Items(), "", "a", "b", ",", "c", "") == [["a"], ["ab"], ["ab", "c"]]
    assert by_stream(Items(diff=True), "", "a", ",", "b,", "c") == [["a"], ["b"], ["c"]]
    assert by_stream(Items()) == []
    assert repr(Items(diff=True)) == "Items(diff=True)"


def test_a_cumulative_parser_is_given_the_sum_of_the_chunks() -> None:
    class Sums(BaseCumulativeTransformOutputParser[Any]):
        def parse_result(self, result: list[Generation], *, partial: bool = False) -> Any:
            return result, partial

        def parse(self, text: str) -> Any:
            raise AssertionError("parse_result comes first")

    assert by_stream(Sums(), "a", "b") == [
        ([GenerationChunk(text="a")], True),
        ([GenerationChunk(text="ab")], True),
    ]
    [*_, (sums, _)] = by_stream(Sums(), AIMessageChunk("a", id="1"), AIMessageChunk("b"), AIMessage("c"))
    assert sums == [ChatGenerationChunk(message=AIMessageChunk("abc", id="1"))]


def test_a_cumulative_parser_knows_the_last_word_of_a_value() -> None:
    assert by_value(Items(), "a,b") == ["a", "b"]
    assert by_stream(Items(), "a,") == [["a"]]
    for run in (Items().invoke, lambda x: list(Items().stream(x))):
        with pytest.raises(OutputParserException, match="unfinished"):
            run("a,")


def test_a_cumulative_parser_with_parse_alone_is_given_all_the_text() -> None:
    class Words(BaseCumulativeTransformOutputParser[list[str]]):
        def parse(self, text: str) -> list[str]:
            return text.split()

    assert by_stream(Words(), "a", " ", "b") == [["a"], ["a", "b"]]
    with pytest.raises(NotImplementedError, match="Words defines no _diff"):
        list(Words(diff=True).transform(iter("ab")))


def test_a_cumulative_parser_awaits_its_async_hook() -> None:
    class Awaits(Items):
        async def aparse_result(self, result: list[Generation], *, partial: bool = False) -> Any:
            await asyncio.sleep(0)
            return super().parse_result(result, partial=partial)

    assert by_stream(Awaits(diff=True), "a,", "b") == [["a"], ["b"]]


def test_bad_input_of_mixed_kinds_names_the_odd_one() -> None:
    given: list[list[Any]] = [["a", AIMessageChunk("b")], [AIMessageChunk("a"), "b"]]
    for chunks in given:
        with pytest.raises(InputError, match="in the middle of a stream of"):
            list(Items().transform(iter(chunks)))


def test_g05_a_cumulative_parser_that_looks_at_the_end_is_linear() -> None:
    class AtTheEnd(BaseCumulativeTransformOutputParser[str]):
        def parse_result(self, result: list[Generation], *, partial: bool = False) -> Any:
            return None

        def parse(self, text: str) -> str:
            return text

    def of(kind: Any) -> Any:
        return lambda size: lambda: list(AtTheEnd().transform(iter([kind("ab")] * size)))

    assert_linear(of(str), 500)
    assert_linear(of(AIMessageChunk), 500)
