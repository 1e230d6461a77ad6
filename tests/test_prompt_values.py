"""What prompts make."""

from typing import Any

import pytest
from pydantic import BaseModel

from riverrun.exceptions import MessageError
from riverrun.messages import AIMessage, HumanMessage
from riverrun.prompt_values import ChatPromptValue, PromptValue, StringPromptValue

MESSAGES = [HumanMessage("x"), AIMessage("y")]


def test_text_is_what_a_person_says() -> None:
    value = StringPromptValue(text="x")
    assert value.to_string() == "x"
    assert value.to_messages() == [HumanMessage("x")]
    assert repr(value) == "StringPromptValue(text='x')"
    assert value == StringPromptValue(text="x") != StringPromptValue(text="y")
    assert value.model_dump() == {"text": "x", "type": "StringPromptValue"}
    assert StringPromptValue.model_validate(value.model_dump()) == value


def test_messages_are_lines_of_a_dialogue() -> None:
    value = ChatPromptValue(messages=MESSAGES)
    assert value.to_string() == "Human: x\nAI: y"
    assert value.to_messages() == MESSAGES
    assert value.to_messages() is not value.messages
    assert repr(value) == f"ChatPromptValue(messages={MESSAGES!r})"
    assert value == ChatPromptValue(messages=list(MESSAGES)) != ChatPromptValue(messages=[])
    assert ChatPromptValue(messages=tuple(MESSAGES)).to_messages() == MESSAGES
    assert ChatPromptValue.model_validate(value.model_dump()) == value


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda: StringPromptValue(text=1), "text must be a string, not int"),  # type: ignore[arg-type]
        (lambda: StringPromptValue(text="x", type="Other"), "type must be 'StringPromptValue'"),
        (lambda: ChatPromptValue(messages=None), "messages must be a list of messages, not NoneType"),  # type: ignore[arg-type]
        (lambda: ChatPromptValue(messages=["x"]), "not of str"),  # type: ignore[list-item]
        (lambda: ChatPromptValue(messages=[{"type": "martian"}]), "type must be one of"),  # type: ignore[list-item]
    ],
)
def test_a_wrong_type_names_the_field(make: Any, problem: str) -> None:
    with pytest.raises(MessageError, match=problem):
        make()


def test_prompt_values_stand_in_pydantic_models() -> None:
    class Model(BaseModel):
        prompt: ChatPromptValue
        text: StringPromptValue

    model = Model(prompt=ChatPromptValue(messages=MESSAGES), text=StringPromptValue(text="x"))
    assert Model.model_validate_json(model.model_dump_json()) == model


def test_a_kind_of_ones_own_defines_both_forms() -> None:
    class Mine(PromptValue):
        def to_string(self) -> str:
            return "x"

    assert Mine().to_string() == "x"
    with pytest.raises(NotImplementedError, match="Mine defines no to_messages"):
        Mine().to_messages()
