"""Results of tools."""

from typing import Any
from uuid import UUID

import pytest

from riverrun.exceptions import MessageError
from riverrun.messages import ToolMessage
from riverrun.messages.tool import invalid_tool_call, tool_call, tool_call_chunk


@pytest.mark.parametrize(
    ("content", "kept"),
    [
        ("x", "x"),
        (["x", {"type": "text", "text": "y"}], ["x", {"type": "text", "text": "y"}]),
        (1, "1"),
        (None, "None"),
        ({"a": 2}, "{'a': 2}"),
        ((1, 2), ["1", "2"]),
        ([1, {"a": 2}], ["1", {"a": 2}]),
    ],
)
def test_any_result_becomes_content(content: Any, kept: Any) -> None:
    assert ToolMessage(content, tool_call_id="1").content == kept


def test_the_id_of_the_call_is_text() -> None:
    assert ToolMessage("x", tool_call_id=1).tool_call_id == "1"  # type: ignore[arg-type]  # that is the point
    id: Any = UUID(int=1)
    assert ToolMessage("x", tool_call_id=id).tool_call_id == str(id)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"tool_call_id": None}, "tool_call_id must be a string, not NoneType"),
        ({"tool_call_id": []}, "tool_call_id must be a string, not list"),
        ({"status": "bad"}, "status must be 'success' or 'error', not 'bad'"),
        ({"status": []}, "status must be"),
    ],
)
def test_a_wrong_value_names_the_field(fields: dict[str, Any], problem: str) -> None:
    with pytest.raises(MessageError, match=problem):
        ToolMessage("x", **{"tool_call_id": "1", **fields})
    with pytest.raises(MessageError, match=problem):
        setattr(ToolMessage("x", tool_call_id="1"), *next(iter(fields.items())))


def test_a_missing_call_id_is_an_error() -> None:
    with pytest.raises(TypeError, match="tool_call_id"):
        ToolMessage("x")  # type: ignore[call-arg]  # that is the point
    with pytest.raises(MessageError, match="lacks the field 'tool_call_id'"):
        ToolMessage.model_validate({"content": "x"})


def test_dumps_show_status_and_artifact() -> None:
    message = ToolMessage("x", tool_call_id="1", artifact={"a": {1}})
    assert message.model_dump() == {
        "content": "x",
        "additional_kwargs": {},
        "response_metadata": {},
        "type": "tool",
        "name": None,
        "id": None,
        "tool_call_id": "1",
        "artifact": {"a": {1}},
        "status": "success",
    }
    assert message.model_dump(exclude_unset=True) == {
        "content": "x",
        "tool_call_id": "1",
        "artifact": {"a": {1}},
    }
    assert '"artifact":{"a":[1]}' in message.model_dump_json()


def test_factories_make_labelled_dicts() -> None:
    assert tool_call(name="f", args={}, id=None) == {"name": "f", "args": {}, "id": None, "type": "tool_call"}
    assert tool_call_chunk(name="f") == {
        "name": "f",
        "args": None,
        "id": None,
        "index": None,
        "type": "tool_call_chunk",
    }
    assert invalid_tool_call() == {
        "name": None,
        "args": None,
        "id": None,
        "error": None,
        "type": "invalid_tool_call",
    }
