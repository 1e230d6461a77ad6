"""Merging of values that arrive in pieces."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riverrun._pure.merge import add_counts, leaves, merge_content, merge_facts, merge_fragments

# One kind of value for each key, as in any one provider's answers.
BLOCKS = st.fixed_dictionaries(
    {"type": st.just("text")},
    optional={
        "index": st.integers(0, 2),
        "text": st.text("ab", max_size=2),
        "id": st.sampled_from(["1", None]),
    },
)
DICTS = st.fixed_dictionaries(
    {},
    optional={
        "text": st.text("ab", max_size=2) | st.none(),
        "id": st.sampled_from(["1", "2", None]),
        "status": st.sampled_from(["begun", "done"]),
        "count": st.integers(0, 9),
        "blocks": st.lists(BLOCKS, max_size=3),
        "nested": st.fixed_dictionaries(
            {}, optional={"args": st.text("ab", max_size=2), "type": st.sampled_from("fg")}
        ),
    },
)
CONTENTS = st.text("ab", max_size=2) | st.lists(st.text("ab", max_size=2) | BLOCKS, max_size=3)


@pytest.mark.parametrize(
    ("values", "merged"),
    [
        ([{"a": "x"}, {"a": "y"}], {"a": "xy"}),
        ([{"a": "x"}, {"a": "x"}], {"a": "xx"}),
        ([{"a": "x"}, {"b": "y"}], {"a": "x", "b": "y"}),
        ([{"a": None}, {"a": "x"}, {"a": None}], {"a": "x"}),
        ([{"a": None}, {"a": None}], {"a": None}),
        ([{"a": {"b": "x"}}, {"a": {"b": "y", "c": 1}}], {"a": {"b": "xy", "c": 1}}),
        ([{"a": [1]}, {"a": [1]}], {"a": [1, 1]}),
        ([{"a": 1}, {"a": 2}], {"a": 2}),
        ([{"a": True}, {"a": False}], {"a": False}),
        ([{"id": "x"}, {"id": "x"}], {"id": "x"}),
        ([{"type": "function"}, {"type": "function"}], {"type": "function"}),
        ([{"index": 0}, {"index": 0}], {"index": 0}),
        ([{"model_name": "m"}, {"model_name": "m"}], {"model_name": "m"}),
        (
            [
                {"function_call": {"name": "f", "arguments": ""}},
                {"function_call": {"arguments": "{"}},
                {"function_call": {"arguments": "}"}},
            ],
            {"function_call": {"name": "f", "arguments": "{}"}},
        ),
        (
            [
                {"calls": [{"index": 0, "id": "1", "args": "{"}]},
                {"calls": [{"index": 1, "args": "["}, {"index": 0, "args": "}"}]},
            ],
            {"calls": [{"index": 0, "id": "1", "args": "{}"}, {"index": 1, "args": "["}]},
        ),
    ],
)
def test_fragments_join_their_text(values: list[Any], merged: Any) -> None:
    assert merge_fragments(values) == merged


@pytest.mark.parametrize(
    ("values", "merged"),
    [
        ([{"model_name": "m"}, {"model_name": "m"}], {"model_name": "m"}),
        ([{"whatever": "m"}, {"whatever": "m"}], {"whatever": "m"}),
        ([{"finish_reason": None}, {"finish_reason": "stop"}], {"finish_reason": "stop"}),
        ([{"status": "begun"}, {"status": "done"}], {"status": "done"}),
        ([{"created": 1}, {"created": 2}], {"created": 2}),
        ([{"done": False}, {"done": True}], {"done": True}),
        ([{"a": 1}, {"a": "x"}], {"a": "x"}),
        (
            [{"logprobs": {"content": [{"token": "a"}]}}, {"logprobs": {"content": [{"token": "b"}]}}],
            {"logprobs": {"content": [{"token": "a"}, {"token": "b"}]}},
        ),
        ([{"logprobs": None}, {"logprobs": {"content": []}}], {"logprobs": {"content": []}}),
    ],
)
def test_facts_are_not_joined(values: list[Any], merged: Any) -> None:
    assert merge_facts(values) == merged


def test_nothing_merges_to_none() -> None:
    assert merge_fragments([]) is None
    assert merge_facts([None, None]) is None


@pytest.mark.parametrize(
    ("contents", "merged"),
    [
        (["a", "b"], "ab"),
        (["", ""], ""),
        (["a", [{"type": "text", "text": "b"}]], ["a", {"type": "text", "text": "b"}]),
        ([[{"type": "text", "text": "a"}], "b"], [{"type": "text", "text": "a"}, "b"]),
        ([[{"type": "text", "text": "a"}], "b", "c"], [{"type": "text", "text": "a"}, "bc"]),
        ([["a"], "b"], ["ab"]),
        (["", [{"type": "text", "text": "a"}], ""], [{"type": "text", "text": "a"}]),
        ([[], "a"], ["a"]),
        ([["a"], ["b", {"type": "x"}], ["c"]], ["ab", {"type": "x"}, "c"]),
        (
            [[{"type": "text", "text": "a"}], [{"type": "text", "text": "b"}]],
            [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}],
        ),
        (
            [[{"type": "text", "text": "a", "index": 0}], [{"type": "text", "text": "b", "index": 0}]],
            [{"type": "text", "text": "ab", "index": 0}],
        ),
        (
            [[{"text": "a", "index": 0}], [{"text": "b", "index": 1}], [{"text": "c", "index": 0}]],
            [{"text": "ac", "index": 0}, {"text": "b", "index": 1}],
        ),
        (
            [[{"text": "a", "index": "lc_t"}], [{"text": "b", "index": "lc_t"}]],
            [{"text": "ab", "index": "lc_t"}],
        ),
        (
            [[{"text": "a", "index": None}], [{"text": "b", "index": None}]],
            [{"text": "a", "index": None}, {"text": "b", "index": None}],
        ),
        (
            [[{"text": "a", "index": 0, "id": "1"}], [{"text": "b", "index": 0, "id": "2"}]],
            [{"text": "a", "index": 0, "id": "1"}, {"text": "b", "index": 0, "id": "2"}],
        ),
        (
            [
                [{"type": "text", "text": "a", "index": 0, "id": None}],
                [{"type": "text", "text": "b", "index": 0, "id": "1"}],
            ],
            [{"type": "text", "text": "ab", "index": 0, "id": "1"}],
        ),
        (  # one index for all calls, and ids that come first
            [
                [{"id": "1", "index": 0}],
                [{"a": "x", "index": 0}],
                [{"id": "2", "index": 0}],
                [{"a": "y", "index": 0}],
            ],
            [{"id": "1", "index": 0, "a": "x"}, {"id": "2", "index": 0, "a": "y"}],
        ),
        (
            [
                [{"type": "thinking", "thinking": "a", "index": 0}],
                [{"type": "thinking", "thinking": "b", "index": 0}],
                [{"type": "thinking", "signature": "s", "index": 0}],
            ],
            [{"type": "thinking", "thinking": "ab", "signature": "s", "index": 0}],
        ),
        (
            [
                [{"type": "tool_use", "id": "1", "input": {}, "index": 0}],
                [{"type": "input_json_delta", "partial_json": "{", "index": 0}],
                [{"type": "input_json_delta", "partial_json": "}", "index": 0}],
            ],
            [{"type": "tool_use", "id": "1", "input": {}, "partial_json": "{}", "index": 0}],
        ),
        (
            [
                [{"text": "a", "index": 0}],
                [{"index": 0, "annotations": [{"x": 1}]}],
                [{"index": 0, "annotations": [{"x": 2}]}],
            ],
            [{"text": "a", "index": 0, "annotations": [{"x": 1}, {"x": 2}]}],
        ),
    ],
)
def test_content_merges(contents: list[Any], merged: Any) -> None:
    assert merge_content(contents) == merged


@settings(max_examples=60, deadline=None)
@given(st.lists(DICTS, max_size=6), st.integers(0, 6), st.sampled_from([merge_fragments, merge_facts]))
def test_merging_may_be_done_in_any_grouping(dicts: list[dict[str, Any]], cut: int, merge: Any) -> None:
    assert merge([merge(dicts[:cut]), merge(dicts[cut:])]) == merge(dicts)


@settings(max_examples=60, deadline=None)
@given(st.lists(CONTENTS, max_size=6), st.integers(0, 6))
def test_content_may_be_merged_in_any_grouping(contents: list[Any], cut: int) -> None:
    assert merge_content([merge_content(contents[:cut]), merge_content(contents[cut:])]) == merge_content(
        contents
    )


@settings(max_examples=30, deadline=None)
@given(st.lists(DICTS, max_size=3))
def test_the_pieces_are_never_changed(dicts: list[dict[str, Any]]) -> None:
    before = deepcopy(dicts)
    merged = merge_fragments(dicts) or {}
    for value in merged.values():
        if isinstance(value, list | dict):
            value.clear()
    assert dicts == before


def test_counts_add_up_in_nested_dicts_too() -> None:
    assert add_counts(
        [
            {"input": 1, "details": {"audio": 1}, "cost": 0.5},
            {"input": 2, "output": 3, "details": {"audio": 2, "cached": 4}, "cost": 0.25, "tier": "a"},
            {"tier": "b", "output": None, "details": {}},
        ]
    ) == {"input": 3, "output": 3, "details": {"audio": 3, "cached": 4}, "cost": 0.75, "tier": "b"}
    assert add_counts([]) == {}


def test_leaves_come_from_left_to_right_however_deep() -> None:
    assert leaves((((1, 2), 3), (4, (5, 6)))) == [1, 2, 3, 4, 5, 6]
    left: Any = 0
    right: Any = 0
    for number in range(1, 50_000):
        left = (left, number)
        right = (number, right)
    assert leaves(left) == list(range(50_000))
    assert leaves(right) == list(range(50_000))[::-1]
