"""Answers of chat models, and results that hold them."""

from collections.abc import Callable
from typing import Any

import pytest

from growth import assert_linear
from riverrun._pure.fold import fold
from riverrun.exceptions import MessageError
from riverrun.messages import AIMessage, AIMessageChunk, HumanMessage, HumanMessageChunk
from riverrun.outputs import ChatGeneration, ChatGenerationChunk, ChatResult


def chunk(text: str, info: dict[str, Any] | None = None) -> ChatGenerationChunk:
    return ChatGenerationChunk(message=AIMessageChunk(text), generation_info=info)


def test_text_is_the_messages() -> None:
    generation = ChatGeneration(message=AIMessage(["x", {"type": "text", "text": "y"}, {"type": "image"}]))
    assert generation.text == "xy"
    assert type(generation.text) is str
    assert ChatGeneration(message=AIMessage("x"), text="ignored").text == "x"


def test_shows_and_dumps_text_and_message() -> None:
    generation = ChatGeneration(message=HumanMessage("x"), generation_info={"a": 1})
    assert repr(generation) == (
        "ChatGeneration(text='x', generation_info={'a': 1}, "
        "message=HumanMessage(content='x', additional_kwargs={}, response_metadata={}))"
    )
    dump = generation.model_dump()
    assert dump["type"] == "ChatGeneration"
    assert dump["message"]["content"] == "x"
    assert ChatGeneration.model_validate(dump) == generation
    assert ChatGeneration(AIMessage("x")) != chunk("x")


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda: ChatGeneration(message="x"), "message must be a BaseMessage, not str"),  # type: ignore[arg-type]
        (lambda: ChatGeneration(message=None), "message must be a BaseMessage, not NoneType"),  # type: ignore[arg-type]
        (
            lambda: ChatGenerationChunk(message=AIMessage("x")),  # type: ignore[arg-type]
            "message must be a BaseMessageChunk, not AIMessage",
        ),
        (lambda: ChatGeneration(AIMessage("x"), generation_info=1), "generation_info must be a dict"),  # type: ignore[arg-type]
        (lambda: chunk("x", 1), "generation_info must be a dict"),  # type: ignore[arg-type]
        (
            lambda: ChatGenerationChunk(AIMessageChunk("x"), type="Other"),
            "type must be 'ChatGenerationChunk'",
        ),
        (lambda: ChatResult(generations=None), "generations must be a list, not NoneType"),  # type: ignore[arg-type]
        (lambda: ChatResult(generations=[1]), "ChatGeneration is made of a dict"),  # type: ignore[list-item]
    ],
)
def test_a_wrong_type_names_the_field(make: Any, problem: str) -> None:
    with pytest.raises(MessageError, match=problem):
        make()


def test_chunks_add_up_and_fold_to_the_same() -> None:
    chunks = [
        chunk("a", {"model": "m", "logprobs": [1]}),
        chunk("b"),
        chunk("c", {"model": "m", "logprobs": [2]}),
    ]
    total = ChatGenerationChunk(AIMessageChunk("abc"), {"model": "m", "logprobs": [1, 2]})
    assert chunks[0] + chunks[1] + chunks[2] == total
    assert chunks[0] + (chunks[1] + chunks[2]) == total
    assert chunks[0] + chunks[1:] == total
    assert fold(chunks) == total
    assert chunks[0].generation_info == {"model": "m", "logprobs": [1]}
    assert (chunk("a") + chunk("b")).generation_info is None
    assert ChatGenerationChunk(HumanMessageChunk("a")) + ChatGenerationChunk(HumanMessageChunk("b")) == (
        ChatGenerationChunk(HumanMessageChunk("ab"))
    )


@pytest.mark.parametrize("other", ["b", ChatGeneration(AIMessage("b")), None])
def test_only_chunks_add_up(other: Any) -> None:
    with pytest.raises(TypeError):
        chunk("a") + other


def test_info_that_is_set_on_a_sum_stays() -> None:
    total = chunk("a", {"a": 1}) + chunk("b", {"b": 2})
    total.generation_info = {"c": 3}
    assert (total + chunk("c", {"d": 4})).generation_info == {"c": 3, "d": 4}


def test_g05_adding_up_info_is_linear() -> None:
    def whole(count: int) -> Callable[[], None]:
        chunks = [chunk("x", {"logprobs": [{"token": "x"}]}) for _ in range(count)]

        def work() -> None:
            total = chunks[0]
            for each in chunks[1:]:
                total = total + each
            assert total.generation_info is not None and len(total.generation_info["logprobs"]) == count

        return work

    assert_linear(whole, 1_000)


def test_result_shows_all_and_keeps_the_generations() -> None:
    generation = ChatGeneration(AIMessage("x"))
    result = ChatResult(generations=[generation], llm_output={"a": 1})
    assert result.generations[0] is generation
    assert repr(result) == f"ChatResult(generations=[{generation!r}], llm_output={{'a': 1}})"
    assert repr(ChatResult(generations=[])) == "ChatResult(generations=[], llm_output=None)"
    assert result == ChatResult(generations=[ChatGeneration(AIMessage("x"))], llm_output={"a": 1})
    assert result != ChatResult(generations=[generation])
    assert ChatResult.model_validate(result.model_dump()) == result
    assert ChatResult(generations=[chunk("x")]).generations == [chunk("x")]
