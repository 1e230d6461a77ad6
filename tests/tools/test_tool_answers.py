"""What comes out of a tool: results, messages, and what is said in place of errors."""

import asyncio
import datetime
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pydantic.v1
import pytest
from pydantic import BaseModel, ValidationError

from riverrun.exceptions import InputError
from riverrun.messages import ToolMessage
from riverrun.messages.tool import ToolOutputMixin
from riverrun.tools import StructuredTool, Tool, ToolException, tool


def call(args: Any, id: str | None = "7") -> dict[str, Any]:
    return {"type": "tool_call", "name": "another name", "args": args, "id": id}


@tool
def back(x: Any) -> Any:
    """Give it back."""
    return x


@pytest.mark.parametrize(
    ("result", "content"),
    [
        ("text", "text"),
        ("", ""),
        ({"a": "ü"}, '{"a": "ü"}'),
        ([1, {"a": None}], '[1, {"a": null}]'),
        (None, "null"),
        (True, "true"),
        (1.5, "1.5"),
        (("a", "b"), ["a", "b"]),
        ((1, 2), "[1, 2]"),
        ({"d": datetime.date(2020, 1, 2)}, "{'d': datetime.date(2020, 1, 2)}"),
        ({1}, "{1}"),
        (["a", {"type": "text", "text": "b"}], ["a", {"type": "text", "text": "b"}]),
        (
            [{"type": "image_url", "image_url": {"url": "u"}}],
            [{"type": "image_url", "image_url": {"url": "u"}}],
        ),
        ([{"type": "of nobody"}], '[{"type": "of nobody"}]'),
        ([], []),
    ],
)
def test_a_call_is_answered_by_a_message_and_arguments_by_the_result(result: Any, content: Any) -> None:
    assert back.invoke({"x": result}) == result
    message = back.invoke(call({"x": result}))
    assert message == ToolMessage(content, tool_call_id="7", name="back")
    assert message.status == "success"
    assert asyncio.run(back.ainvoke(call({"x": result}))) == message


def test_a_call_without_an_id_is_answered_by_the_result() -> None:
    assert back.invoke(call({"x": 1}, None)) == 1


def test_a_message_that_a_tool_makes_is_kept() -> None:
    own = ToolMessage("own", tool_call_id="other")
    assert back.invoke(call({"x": own})) is own
    assert back.invoke(call({"x": [own]})) == [own]

    class Command(ToolOutputMixin):
        """As libraries of agents have it."""

    command = Command()
    assert back.invoke(call({"x": command})) is command


def test_the_arguments_of_a_call_stay_as_they_were() -> None:
    given = call({"x": {"y": [1]}})
    back.invoke(given)
    assert given == call({"x": {"y": [1]}})


# ---- artifacts


def big() -> str:
    """Give a lot, and no pair."""
    return "x" * 1_000_000


def test_an_artifact_is_on_the_message_alone() -> None:
    @tool(response_format="content_and_artifact")
    def pair(n: int) -> Any:
        """Do."""
        return [("c", {"a": 1}), ({"c": 1}, None), "no pair", (1,), [1, 2]][n]

    assert pair.invoke({"n": 0}) == "c"
    assert pair.invoke(call({"n": 0})) == ToolMessage("c", tool_call_id="7", name="pair", artifact={"a": 1})
    assert pair.invoke(call({"n": 1})).content == '{"c": 1}'
    for n in (2, 3, 4):
        with pytest.raises(ValueError, match="'pair' has response_format='content_and_artifact'"):
            pair.invoke({"n": n})
    with pytest.raises(InputError) as caught:
        tool("big", response_format="content_and_artifact")(big).invoke({})
    assert len(str(caught.value)) < 500


def test_a_format_that_is_none_is_refused() -> None:
    with pytest.raises(ValidationError, match="response_format"):
        tool(response_format="both")(len)  # type: ignore[call-overload]


# ---- errors


class Number(BaseModel):
    a: int


def failing(a: int) -> Any:
    raise [ToolException("said", "more"), ToolException(), ValueError("wrong")][a]


def made(**settings: Any) -> Any:
    return StructuredTool.from_function(failing, name="fn", description="d", **settings)


@pytest.mark.parametrize(
    ("handler", "said", "of_none"),
    [
        (True, "said", "Tool execution error"),
        ("sorry", "sorry", "sorry"),
        (lambda error: f"sorry: {error.args[:1]}", "sorry: ('said',)", "sorry: ()"),
        (
            lambda error: [{"type": "text", "text": "t"}],
            [{"type": "text", "text": "t"}],
            [{"type": "text", "text": "t"}],
        ),
    ],
)
def test_a_tool_exception_can_be_told_to_the_model(handler: Any, said: Any, of_none: Any) -> None:
    step = made(handle_tool_error=handler)
    assert step.invoke({"a": 0}) == asyncio.run(step.ainvoke({"a": 0})) == said
    assert step.invoke({"a": 1}) == of_none
    message = step.invoke(call({"a": 0}))
    assert (message.content, message.status, message.tool_call_id) == (said, "error", "7")
    with pytest.raises(ValueError, match="wrong"):  # of another class: it passes
        step.invoke({"a": 2})


def test_what_is_said_of_an_error_may_be_awaited() -> None:
    async def handler(error: ToolException) -> str:
        await asyncio.sleep(0)
        return f"at last: {error.args[0]}"

    step = made(handle_tool_error=handler)
    assert step.invoke({"a": 0}) == asyncio.run(step.ainvoke({"a": 0})) == "at last: said"


@pytest.mark.parametrize("handler", [False, None, ""])
def test_a_tool_exception_passes_unless_it_is_handled(handler: Any) -> None:
    with pytest.raises(ToolException) as caught:
        made(handle_tool_error=handler).invoke(call({"a": 0}))
    assert caught.value.args == ("said", "more")


def test_wrong_arguments_raise_what_pydantic_raises_with_a_note_of_tool_and_field() -> None:
    for invoke in (made().invoke, lambda x: asyncio.run(made().ainvoke(x))):
        with pytest.raises(ValidationError) as caught:
            invoke({"a": "x"})
        assert caught.value.errors()[0]["loc"] == ("a",)
        notes = "\n".join(caught.value.__notes__)
        assert "tool 'fn' was given wrong arguments: a: Input should be a valid integer" in notes


@pytest.mark.parametrize(
    ("handler", "said"),
    [
        (True, "Tool input validation error"),
        ("sorry", "sorry"),
        (lambda error: f"{error.error_count()} wrong", "1 wrong"),
    ],
)
def test_wrong_arguments_can_be_told_to_the_model(handler: Any, said: str) -> None:
    step = made(handle_validation_error=handler)
    assert step.invoke({"a": "x"}) == asyncio.run(step.ainvoke({})) == said
    assert step.invoke(call({"a": "x"})).status == "error"


def test_wrong_arguments_of_a_model_of_pydantic_1_are_handled_alike() -> None:
    class Old(pydantic.v1.BaseModel):
        a: int

    step = StructuredTool.from_function(failing, description="d", args_schema=Old)
    with pytest.raises(pydantic.v1.ValidationError) as caught:
        step.invoke({"a": "x"})
    assert "tool 'failing' was given wrong arguments: a: " in caught.value.__notes__[0]
    step.handle_validation_error = True
    assert step.invoke({"a": "x"}) == "Tool input validation error"


def test_too_many_arguments_are_a_tools_error() -> None:
    assert Tool("t", str, "d", handle_tool_error="one only").invoke({"a": 1, "b": 2}) == "one only"


# ---- generators


@tool
def spell(word: str) -> Iterator[str]:
    """Spell it."""
    yield from word


@tool
async def aspell(word: str) -> AsyncIterator[str]:
    """Spell it."""
    for letter in word:
        yield letter


@pytest.mark.parametrize("step", [spell, aspell], ids=["sync", "async"])
def test_a_generator_streams_what_it_yields_and_gives_the_fold(step: Any) -> None:
    async def achunks(x: Any) -> list[Any]:
        return [chunk async for chunk in step.astream(x)]

    assert step.invoke({"word": "abc"}) == asyncio.run(step.ainvoke("abc")) == "abc"
    assert list(step.stream({"word": "abc"})) == asyncio.run(achunks("abc")) == ["a", "b", "c"]
    answer = ToolMessage("abc", tool_call_id="7", name=step.name)
    assert step.invoke(call({"word": "abc"})) == answer
    assert list(step.stream(call({"word": "abc"}))) == asyncio.run(achunks(call({"word": "abc"}))) == [answer]
    assert "yields" in str(step.streaming_report())


def test_a_generator_gives_the_last_of_what_does_not_add_up_and_none_of_nothing() -> None:
    steps = tool("steps", description="d")(steps_of)
    assert steps.invoke({"n": 2}) == {"at": 1}
    assert list(steps.stream({"n": 2})) == [{"at": 0}, {"at": 1}]
    assert steps.invoke({"n": 0}) is None
    assert list(steps.stream({"n": 0})) == [None]


def steps_of(n: int) -> Iterator[dict[str, int]]:
    for at in range(n):
        yield {"at": at}


def test_a_generator_may_yield_pieces_with_artifacts() -> None:
    @tool(response_format="content_and_artifact")
    def pairs(n: int) -> Iterator[tuple[str, int]]:
        """Do."""
        for at in range(n):
            yield str(at), at

    assert list(pairs.stream({"n": 3})) == ["0", "1", "2"]
    assert pairs.invoke({"n": 3}) == "012"
    answer = pairs.invoke(call({"n": 3}))
    assert (answer.content, answer.artifact) == ("012", 2)
    assert pairs.invoke(call({"n": 0})).content == "null"


def test_a_generator_that_fails_has_said_so_last() -> None:
    def fn(n: int) -> Iterator[str]:
        yield "so far "
        raise ToolException("and no further")

    step = StructuredTool.from_function(fn, description="d", handle_tool_error=True)
    assert list(step.stream({"n": 1})) == ["so far ", "and no further"]
    answer = step.invoke(call({"n": 1}))
    assert (answer.content, answer.status) == ("so far and no further", "error")
    with pytest.raises(ValidationError):
        list(step.stream({"n": "x"}))


def test_g01_a_generator_that_is_left_is_closed() -> None:
    closed: list[bool] = []

    @tool
    def forever(n: int) -> Iterator[int]:
        """Do."""
        try:
            while True:
                yield n
        finally:
            closed.append(True)

    for chunk in forever.stream({"n": 1}):
        assert chunk == 1
        break
    assert closed == [True]
