"""Chunks of every kind add up to the same, whatever the bracketing, and whoever reads what on the way."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from growth import assert_linear
from riverrun._pure.fold import fold
from riverrun.messages import (
    AIMessageChunk,
    BaseMessageChunk,
    ChatMessageChunk,
    FunctionMessageChunk,
    HumanMessageChunk,
    SystemMessageChunk,
    ToolMessageChunk,
    merge_content,
)
from riverrun.messages.tool import tool_call_chunk

REQUIRED: dict[Any, dict[str, Any]] = {
    AIMessageChunk: {},
    HumanMessageChunk: {},
    SystemMessageChunk: {},
    ChatMessageChunk: {"role": "critic"},
    FunctionMessageChunk: {"name": "f"},
    ToolMessageChunk: {"tool_call_id": "1"},
}
every_chunk = pytest.mark.parametrize("kind", REQUIRED)

TEXT = st.sampled_from(["", "a", "b "])
INDEX = st.sampled_from([None, 0, 1, "lc_txt_0"])
BLOCKS = st.one_of(
    TEXT,
    st.builds(lambda text, index: {"type": "text", "text": text, "index": index}, TEXT, INDEX),
    st.builds(lambda text, index: {"type": "thinking", "thinking": text, "index": index}, TEXT, INDEX),
    st.builds(lambda text, index: {"type": "input_json_delta", "partial_json": text, "index": index}, TEXT, INDEX),
    st.builds(
        lambda text, index, id: {"type": "text", "index": index, "id": id, "citations": [{"title": text}]},
        TEXT,
        INDEX,
        st.sampled_from([None, "1", "2"]),
    ),
    st.builds(
        lambda index, id: {"type": "tool_use", "index": index, "id": id, "input": {}},
        INDEX,
        st.sampled_from([None, "1", "2"]),
    ),
    st.builds(lambda text, index: {"index": index, "annotations": [text]}, TEXT, INDEX),
)  # fmt: skip
CONTENT = TEXT | st.lists(BLOCKS, max_size=3)
KWARGS = st.fixed_dictionaries(
    {},
    optional={
        "id": st.sampled_from([None, "msg_1", "msg_2", "run-1", "lc_run--1", "lc_1"]),
        "response_metadata": st.sampled_from([{}, {"model_name": "m"}, {"usage": {"a": 1}, "finish": "stop"}]),
        "additional_kwargs": st.sampled_from([{}, {"reasoning_content": "a"}, {"call": {"arguments": "{", "n": 1}}, {"call": "x"}, {"call": []}, {"call": [1]}]),
    },
)  # fmt: skip
EXTRA = st.fixed_dictionaries({}, optional={"note": st.sampled_from(["x", "y"]), "list": st.just([1])})
OWN: dict[Any, st.SearchStrategy[dict[str, Any]]] = {
    AIMessageChunk: st.fixed_dictionaries(
        {},
        optional={
            "usage_metadata": st.just({"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}),
            "tool_call_chunks": st.lists(
                st.builds(
                    tool_call_chunk,
                    index=st.integers(0, 1),
                    id=st.sampled_from([None, "1"]),
                    args=st.sampled_from(["{", '"a":', "1}", ""]),
                ),
                max_size=2,
            ),
        },
    ),
    ToolMessageChunk: st.fixed_dictionaries(
        {},
        optional={"status": st.sampled_from(["success", "error"]), "artifact": st.sampled_from([[1], "x", {"a": "b"}])},
    ),
}  # fmt: skip


def chunks_of(kind: Any) -> st.SearchStrategy[list[Any]]:
    own = OWN.get(kind, EXTRA)
    each = st.builds(
        lambda content, kwargs, own: kind(content, **REQUIRED[kind], **kwargs, **own), CONTENT, KWARGS, own
    )
    return st.lists(each, min_size=2, max_size=6)


def bracketed(draw: st.DrawFn, chunks: list[Any]) -> Any:
    """The sum of the chunks in some order of brackets; some of the sums on the way are read, and some are folds."""
    if len(chunks) == 1:
        return chunks[0]
    how = draw(st.integers(0, 3))
    if how == 3:
        return fold(chunks)
    cut = draw(st.integers(1, len(chunks) - 1))
    total = bracketed(draw, chunks[:cut]) + bracketed(draw, chunks[cut:])
    if how == 2:
        assert total.content is not None
    return total


@every_chunk
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_g06_any_bracketing_of_any_chunks_gives_the_same(kind: Any, data: st.DataObject) -> None:
    chunks = data.draw(chunks_of(kind))
    total = bracketed(data.draw, chunks)
    assert total == fold(chunks)
    assert type(total) is kind


@settings(max_examples=100, deadline=None)
@given(st.lists(CONTENT, min_size=2, max_size=6), st.data())
def test_g06_any_bracketing_of_content_gives_the_same(contents: list[Any], data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, len(contents) - 1))
    left, right = merge_content(*contents[:cut]), merge_content(*contents[cut:])
    assert merge_content(left, right) == merge_content(*contents)


@every_chunk
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_adding_leaves_the_summands_as_they_are(kind: Any, data: st.DataObject) -> None:
    chunks: list[BaseMessageChunk] = data.draw(chunks_of(kind))
    before = [chunk.model_copy(deep=True) for chunk in chunks]
    total = fold(chunks)
    total.additional_kwargs["x"] = 1
    total.response_metadata["x"] = 1
    for block in total.content if isinstance(total.content, list) else []:
        if isinstance(block, dict):
            block["x"] = 1
    assert chunks == before


@every_chunk
@pytest.mark.parametrize("how", ["add", "fold"])
def test_g05_adding_up_blocks_is_linear_for_every_chunk(kind: Any, how: str) -> None:
    def make(size: int) -> Any:
        chunks = [
            kind([{"type": "text", "text": "word ", "index": number // 50}], **REQUIRED[kind])
            for number in range(size)
        ]

        def work() -> None:
            if how == "fold":
                total = fold(chunks)
            else:
                total = chunks[0]
                for chunk in chunks[1:]:
                    total = total + chunk
            assert len(total.text) == 5 * size
            assert total.content_blocks

        return work

    assert_linear(make, 200)
