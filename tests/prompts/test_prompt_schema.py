"""What a prompt says about its input and output."""

from typing import Any

import pytest

from riverrun.messages.utils import AnyMessage
from riverrun.prompt_values import ChatPromptValue, StringPromptValue
from riverrun.prompts import ChatPromptTemplate, MessagesPlaceholder, PromptTemplate


def test_input_schema_has_a_field_for_each_variable() -> None:
    prompt = ChatPromptTemplate([("system", "{role}"), "{question}"]).partial(role="Ann")
    schema = prompt.get_input_schema()
    assert schema.__name__ == "PromptInput"
    assert schema.model_json_schema() == {
        "properties": {"question": {"title": "Question", "type": "string"}},
        "required": ["question"],
        "title": "PromptInput",
        "type": "object",
    }


def test_input_schema_follows_the_input_types() -> None:
    prompt = PromptTemplate(template="{a}{b}", input_types={"a": int})
    properties = prompt.get_input_schema().model_json_schema()["properties"]
    assert (properties["a"]["type"], properties["b"]["type"]) == ("integer", "string")


def test_input_schema_takes_messages_for_placeholders() -> None:
    prompt = ChatPromptTemplate([MessagesPlaceholder("h", optional=True), MessagesPlaceholder("m"), "{x}"])
    assert prompt.input_types == {"h": list[AnyMessage], "m": list[AnyMessage]}
    schema = prompt.get_input_schema().model_json_schema()
    assert schema["required"] == ["m", "x"]
    assert schema["properties"]["h"]["type"] == schema["properties"]["m"]["type"] == "array"


@pytest.mark.parametrize("name", ["schema", "json", "copy", "model_fields", "model_x", "_x", "class", "é"])
def test_input_schema_takes_any_variable_name(name: str) -> None:
    schema: Any = PromptTemplate.from_template("{" + name + "}").get_input_schema()
    assert list(schema.model_json_schema()["properties"]) == schema.model_json_schema()["required"] == [name]
    assert schema.model_validate({name: "v"}).model_dump(by_alias=True) == {name: "v"}


def test_types_are_those_of_prompts() -> None:
    assert ChatPromptTemplate(["x"]).InputType == dict[str, Any]
    assert ChatPromptTemplate(["x"]).OutputType is ChatPromptValue
    assert PromptTemplate.from_template("x").OutputType is StringPromptValue
    assert ChatPromptTemplate(["x"], name="n").get_name() == "n"
    assert ChatPromptTemplate(["x"]).get_name() == "ChatPromptTemplate"
    assert ChatPromptTemplate(["x"]).kind == PromptTemplate.from_template("x").kind == "prompt"
