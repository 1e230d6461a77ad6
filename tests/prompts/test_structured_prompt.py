"""A prompt with the schema of its answer, and the model that it is piped into."""

from typing import Any

import pytest
from pydantic import BaseModel

from riverrun.exceptions import NotAStepError, TemplateError
from riverrun.messages import HumanMessage
from riverrun.prompts import ChatPromptTemplate
from riverrun.prompts.structured import StructuredPrompt
from riverrun.runnables import RunnableLambda, RunnableSequence

SCHEMA = {"title": "Answer", "type": "object", "properties": {}}


class Model(RunnableLambda[Any, Any]):
    def with_structured_output(self, schema: Any, **kwargs: Any) -> Any:
        return RunnableLambda(lambda prompt: (prompt.to_messages(), schema, kwargs))


class Answer(BaseModel):
    """An answer."""


def model() -> Model:
    return Model(lambda x: x)


def test_a_structured_prompt_asks_the_model_for_its_schema() -> None:
    prompt = StructuredPrompt([("human", "{x}")], SCHEMA, structured_output_kwargs={"a": 1}, method="m")
    expected = ([HumanMessage("1")], SCHEMA, {"a": 1, "method": "m"})
    assert (prompt | model()).invoke({"x": 1}) == expected
    assert prompt.pipe(model(), lambda answer: answer[1]).invoke({"x": 1}) == SCHEMA
    chain = prompt.pipe(model(), name="n")
    assert isinstance(chain, RunnableSequence) and chain.get_name() == "n"
    assert (prompt.partial(x=2) | model()).invoke({})[0] == [HumanMessage("2")]
    assert prompt.invoke({"x": 1}).to_messages() == [HumanMessage("1")]


def test_a_structured_prompt_takes_classes_for_schemas() -> None:
    for prompt in (
        StructuredPrompt(["x"], Answer),
        StructuredPrompt(["x"], schema=Answer),
        StructuredPrompt.from_messages_and_schema(["x"], Answer),
    ):
        assert (prompt | model()).invoke({})[1] is Answer
        assert prompt.schema_ is Answer and prompt.structured_output_kwargs == {}


def test_a_structured_prompt_needs_a_schema_and_a_model() -> None:
    for schema in (None, {}):
        with pytest.raises(TemplateError, match="needs the schema"):
            StructuredPrompt(["x"], schema)
    prompt = StructuredPrompt(["x"], SCHEMA)
    for other in (lambda x: x, RunnableLambda(str), 3):
        with pytest.raises(NotAStepError, match="has with_structured_output, not into"):
            prompt | other
    with pytest.raises(NotAStepError, match="not into nothing"):
        prompt.pipe()


def test_a_sum_of_a_structured_prompt_is_a_chat_prompt() -> None:
    assert type(StructuredPrompt(["x"], SCHEMA) + "y") is ChatPromptTemplate
