"""What adding up costs: four times the chunks take at most 4.4 times as long."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from growth import assert_linear
from riverrun._pure.fold import fold
from riverrun.messages import AIMessageChunk
from riverrun.messages.tool import tool_call_chunk

SMALL = 1_000


def text(number: int) -> AIMessageChunk:
    return AIMessageChunk(f"token {number} ")


def arguments(number: int) -> AIMessageChunk:
    first = number == 0
    args = '{"text": "' if first else f"token {number} "
    return AIMessageChunk(
        tool_call_chunks=[
            tool_call_chunk(index=0, id="1" if first else None, name="write" if first else None, args=args)
        ]
    )


def calls(number: int) -> AIMessageChunk:
    return AIMessageChunk(
        tool_call_chunks=[tool_call_chunk(index=number, id=str(number), name="f", args="{}")]
    )


def repeated_names(number: int) -> AIMessageChunk:
    return AIMessageChunk(tool_call_chunks=[tool_call_chunk(name="f", args="{" if number == 0 else " ")])


def usage(number: int) -> AIMessageChunk:
    return AIMessageChunk(
        "x",
        usage_metadata={"input_tokens": 1, "output_tokens": 1, "total_tokens": 2},
        response_metadata={"model_provider": "openai"},
    )


def reasoning(number: int) -> AIMessageChunk:
    return AIMessageChunk(additional_kwargs={"reasoning_content": f"token {number} "})


def blocks(number: int) -> AIMessageChunk:
    return AIMessageChunk([{"type": "text", "text": f"token {number} ", "index": number // 100}])


def add_up(chunks: Iterator[AIMessageChunk]) -> AIMessageChunk:
    total = next(chunks)
    for chunk in chunks:
        total = total + chunk
    return total


def fold_up(chunks: Iterator[AIMessageChunk]) -> AIMessageChunk:
    folded: AIMessageChunk = fold(list(chunks))
    return folded


@pytest.mark.parametrize("combine", [add_up, fold_up])
@pytest.mark.parametrize("make", [text, arguments, calls, repeated_names, usage, reasoning, blocks])
def test_g05_adding_up_is_linear(make: Callable[[int], AIMessageChunk], combine: Any) -> None:
    def whole(count: int) -> Callable[[], Any]:
        chunks = [make(number) for number in range(count)]

        def work() -> None:
            total = combine(iter(chunks))
            assert total.content is not None
            assert total.tool_calls is not None

        return work

    assert_linear(whole, SMALL)


def test_g05_a_sum_never_copies_what_it_adds_to() -> None:
    total = AIMessageChunk("x" * 1_000_000) + AIMessageChunk("y")
    start = time.perf_counter()
    for _ in range(1_000):
        total + AIMessageChunk("z")
    assert time.perf_counter() - start < 0.05  # copying a megabyte a thousand times takes more


def test_g05_a_deep_sum_is_read_and_freed_without_recursion() -> None:
    left = right = AIMessageChunk("x")
    for _ in range(50_000):
        left = left + AIMessageChunk("x")
        right = AIMessageChunk("x") + right
    assert left.content == right.content == "x" * 50_001
    del left, right
