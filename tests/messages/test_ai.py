"""Messages of a model, whole."""

from typing import Any

import pytest

from riverrun.exceptions import MessageError
from riverrun.messages import AIMessage
from riverrun.messages.ai import add_usage
from riverrun.messages.tool import invalid_tool_call, tool_call

USAGE: Any = {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}


def raw(arguments: Any, id: str = "1") -> dict[str, Any]:
    return {"id": id, "type": "function", "function": {"name": "f", "arguments": arguments}}


def test_tool_calls_are_kept_as_given() -> None:
    message = AIMessage("x", tool_calls=[{"name": "f", "args": {"a": 1}, "id": None}])
    assert message.tool_calls == [{"name": "f", "args": {"a": 1}, "id": None, "type": "tool_call"}]
    assert list(message.tool_calls[0]) == ["name", "args", "id", "type"]
    assert AIMessage("x").tool_calls == []
    assert AIMessage("x").invalid_tool_calls == []
    assert AIMessage("x").usage_metadata is None


def test_tool_calls_are_read_from_the_raw_ones_if_none_are_given() -> None:
    message = AIMessage(
        "", additional_kwargs={"tool_calls": [raw('{"a": 1}'), raw('{"a": 1', "2"), raw("", "3")]}
    )
    assert message.tool_calls == [
        tool_call(name="f", args={"a": 1}, id="1"),
        tool_call(name="f", args={}, id="3"),
    ]
    assert [call["id"] for call in message.invalid_tool_calls] == ["2"]
    assert "not valid JSON" in (message.invalid_tool_calls[0]["error"] or "")
    given = [tool_call(name="g", args={}, id="2")]
    assert AIMessage("", additional_kwargs={"tool_calls": [raw("{}")]}, tool_calls=given).tool_calls == given
    assert AIMessage("", additional_kwargs={"tool_calls": "odd"}).tool_calls == []


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"tool_calls": 1}, "tool_calls must be a list, not int"),
        ({"tool_calls": ["f"]}, r"tool_calls\[0\] must be a dict, not str"),
        ({"tool_calls": [{"name": "f", "args": {}}]}, r"tool_calls\[0\] lacks the key 'id'"),
        ({"tool_calls": [{"name": None, "args": {}, "id": None}]}, r"tool_calls\[0\]\['name'\] must be str"),
        (
            {"tool_calls": [{"name": "f", "args": "{}", "id": "1"}]},
            r"tool_calls\[0\]\['args'\] must be dict, not str",
        ),
        (
            {"tool_calls": [{"name": "f", "args": {}, "id": 5}]},
            r"tool_calls\[0\]\['id'\] must be str or None, not int",
        ),
        (
            {"invalid_tool_calls": [{"args": {}}]},
            r"invalid_tool_calls\[0\]\['args'\] must be str or None, not dict",
        ),
        ({"usage_metadata": [1]}, "usage_metadata must be a dict"),
        (
            {"usage_metadata": {"input_tokens": 1}},
            r"usage_metadata\['output_tokens'\] must be a whole number",
        ),
    ],
)
def test_a_wrong_type_names_the_place(fields: dict[str, Any], problem: str) -> None:
    with pytest.raises(MessageError, match=problem):
        AIMessage("x", **fields)
    message = AIMessage("x")
    with pytest.raises(MessageError, match=problem):
        setattr(message, *next(iter(fields.items())))


def test_invalid_calls_are_filled_up() -> None:
    message = AIMessage("x", invalid_tool_calls=[{"name": "f", "args": "{"}])  # type: ignore[typeddict-item]
    assert message.invalid_tool_calls == [invalid_tool_call(name="f", args="{")]


def test_repr_and_dump_show_calls_and_usage() -> None:
    message = AIMessage("x", tool_calls=[tool_call(name="f", args={}, id="1")], usage_metadata=USAGE)
    assert repr(message) == (
        "AIMessage(content='x', additional_kwargs={}, response_metadata={}, tool_calls=[{'name': 'f', 'args': {}, "
        "'id': '1', 'type': 'tool_call'}], usage_metadata={'input_tokens': 1, 'output_tokens': 2, 'total_tokens': 3})"
    )
    dump = message.model_dump()
    assert list(dump)[6:] == ["tool_calls", "invalid_tool_calls", "usage_metadata"]
    assert AIMessage(**dump) == message
    assert AIMessage("x").model_dump_json() == (
        '{"content":"x","additional_kwargs":{},"response_metadata":{},"type":"ai","name":null,"id":null,'
        '"tool_calls":[],"invalid_tool_calls":[],"usage_metadata":null}'
    )


def test_pretty_repr_lists_the_calls() -> None:
    message = AIMessage(
        "x",
        tool_calls=[tool_call(name="f", args={"a": {"b": 1}, "c": "d"}, id="1")],
        invalid_tool_calls=[invalid_tool_call(name="g", args="{", id="2", error="cut")],
    )
    assert message.pretty_repr().split("\n")[2:] == [
        "x",
        "Tool Calls:",
        "  f (1)",
        " Call ID: 1",
        "  Args:",
        "    a: {'b': 1}",
        "    c: d",
        "Invalid Tool Calls:",
        "  g (2)",
        " Call ID: 2",
        "  Error: cut",
        "  Args:",
        "    {",
    ]


def test_usage_adds_up() -> None:
    more: Any = {**USAGE, "input_token_details": {"cache_read": 4}}
    assert add_usage(USAGE, more) == {
        "input_tokens": 2,
        "output_tokens": 4,
        "total_tokens": 6,
        "input_token_details": {"cache_read": 4},
    }
    assert add_usage(None, USAGE) == USAGE
    assert add_usage(None, None) == {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0}
