"""What people do wrong with tools, and what they are told."""

from typing import Annotated

import pytest
from pydantic import ValidationError

from riverrun.exceptions import InputError
from riverrun.tools import InjectedToolArg, tool


@tool
def order(item: str, times: int = 1) -> str:
    """Order something."""
    return f"{times} {item}"


@tool
def buy(item: str, user: Annotated[str, InjectedToolArg]) -> str:
    """Buy something."""
    return f"{user} {item}"


def test_arguments_as_json_text_are_not_taken_for_the_first() -> None:
    with pytest.raises(InputError, match=r"json\.loads"):
        order.invoke({"type": "tool_call", "name": "order", "args": '{"item": "tea"}', "id": "1"})
    assert order.invoke("tea") == "1 tea"


def test_a_call_without_its_type_is_recognised() -> None:
    with pytest.raises(ValidationError) as caught:
        order.invoke({"name": "order", "args": {"item": "tea"}, "id": "1"})
    assert any("'type': 'tool_call'" in note for note in caught.value.__notes__)


def test_an_injected_argument_that_is_missing_is_told_to_the_program_and_never_to_the_model() -> None:
    told = buy.model_copy(update={"handle_validation_error": True})
    call = {"type": "tool_call", "name": "buy", "args": {"item": "tea"}, "id": "1"}
    with pytest.raises(ValidationError) as caught:
        told.invoke(call)
    assert any("set call['args']['user'] before you invoke it" in note for note in caught.value.__notes__)
    call["args"] = {"user": "ann"}
    assert told.invoke(call).status == "error"
