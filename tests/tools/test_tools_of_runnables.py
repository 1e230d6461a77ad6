"""Steps and retrievers as tools, and tools as text."""

import asyncio
from typing import Any, NotRequired

import pytest
from pydantic import BaseModel
from typing_extensions import TypedDict

from riverrun.documents import Document
from riverrun.messages import ToolMessage
from riverrun.prompts import ChatPromptTemplate, PromptTemplate
from riverrun.retrievers import BaseRetriever
from riverrun.runnables import RunnableLambda
from riverrun.testing import Collector
from riverrun.tools import (
    StructuredTool,
    Tool,
    convert_runnable_to_tool,
    create_retriever_tool,
    render_text_description,
    render_text_description_and_args,
    tool,
)


class Keys(TypedDict):
    p: int
    q: NotRequired[str]


class Model(BaseModel):
    a: int


def of_keys(x: Keys) -> str:
    return repr(x)


def of_text(x: str) -> str:
    return f"{x}!"


def of_number(x: int) -> str:
    return repr(x)


def of_dict(x: dict[str, Any]) -> str:
    return repr(x)


def test_a_step_over_a_dict_of_known_keys_is_a_tool() -> None:
    made = RunnableLambda(of_keys).as_tool()
    assert isinstance(made, StructuredTool)
    assert (made.name, list(made.args)) == ("of_keys", ["p", "q"])
    assert made.invoke({"p": "1"}) == asyncio.run(made.ainvoke({"p": 1})) == "{'p': 1}"
    assert made.invoke({"p": 1, "q": "x"}) == "{'p': 1, 'q': 'x'}"


def test_a_step_over_a_string_is_a_simple_tool() -> None:
    made = RunnableLambda(of_text).as_tool(name="shout", description="Shouts.")
    assert isinstance(made, Tool)
    assert (made.name, made.description) == ("shout", "Shouts.")
    assert made.invoke("q") == made.invoke({"__arg1": "q"}) == asyncio.run(made.ainvoke("q")) == "q!"


def test_a_prompt_is_a_tool_of_its_variables() -> None:
    chain = ChatPromptTemplate.from_template("hi {who}") | (lambda prompt: prompt.to_string())
    made = chain.as_tool()
    assert made.args == {"who": {"title": "Who", "type": "string"}}
    assert made.description.startswith("Takes {'properties': {'who':")
    assert made.invoke({"who": "Ann"}) == "Human: hi Ann"


def test_types_may_be_stated_for_a_step_that_says_none() -> None:
    step = RunnableLambda(of_dict)
    assert step.as_tool(arg_types={"a": int}).invoke({"a": "1", "b": 2}) == "{'a': 1}"
    made = convert_runnable_to_tool(step, Model, name="n", description="d")
    assert (made.name, made.description, made.args_schema) == ("n", "d", Model)
    assert made.invoke({"a": "1"}) == "{'a': 1}"


@pytest.mark.parametrize("fn", [of_dict, of_number])
def test_a_step_whose_keys_are_not_known_is_no_tool(fn: Any) -> None:
    with pytest.raises(TypeError, match="a string or a dict whose keys are known"):
        RunnableLambda(fn).as_tool()


def test_a_step_that_reads_nothing_is_a_tool_without_arguments() -> None:
    made = RunnableLambda(lambda _: "now").as_tool(name="now", description="The time.")
    assert made.args == {}
    assert made.invoke({}) == "now"


def test_the_step_runs_inside_the_run_of_its_tool() -> None:
    for x, made in (({"p": 1}, RunnableLambda(of_keys).as_tool()), ("q", RunnableLambda(of_text).as_tool())):
        collector = Collector()
        made.invoke(x, {"callbacks": [collector]})
        asyncio.run(made.ainvoke(x, {"callbacks": [collector]}))
        collector.check()
        assert [note.path for note in collector.notes if note.kind == "start"] == [
            (made.name,),
            (made.name, made.name),
        ] * 2


# ---- retrievers


class Found(BaseRetriever):
    def _get_relevant_documents(self, query: str, *, run_manager: Any) -> list[Document]:
        return [Document(query, metadata={"page": 1}), Document("b", metadata={"page": 2})]


def test_a_retriever_is_a_tool_of_a_query() -> None:
    made = create_retriever_tool(Found(), "search", "Searches.")
    assert list(made.args) == ["query"]
    assert made.invoke("a") == asyncio.run(made.ainvoke({"query": "a"})) == "a\n\nb"


def test_documents_are_shown_as_their_prompt_says_and_are_the_artifact() -> None:
    made = create_retriever_tool(
        Found(),
        "search",
        "Searches.",
        document_prompt=PromptTemplate.from_template("{page}: {page_content}"),
        document_separator=" | ",
        response_format="content_and_artifact",
    )
    call = {"type": "tool_call", "name": "search", "id": "7", "args": {"query": "a"}}
    documents = Found().invoke("a")
    answer = ToolMessage("1: a | 2: b", tool_call_id="7", name="search", artifact=documents)
    assert made.invoke(call) == asyncio.run(made.ainvoke(call)) == answer


def test_a_prompt_that_asks_for_more_than_a_document_has_says_so() -> None:
    made = create_retriever_tool(Found(), "n", "d", document_prompt=PromptTemplate.from_template("{nowhere}"))
    with pytest.raises(ValueError, match="nowhere"):
        made.invoke("a")


# ---- as text


def test_tools_as_text_have_signature_and_description() -> None:
    @tool
    def add(a: int, b: int = 2) -> int:
        """Add."""
        return a + b

    @tool
    async def aadd(a: int) -> int:
        """Add too."""
        return a

    assert render_text_description([add, aadd]) == "add(a: int, b: int = 2) -> int - Add.\naadd - Add too."
    assert (
        render_text_description_and_args([aadd])
        == "aadd - Add too., args: {'a': {'title': 'A', 'type': 'integer'}}"
    )
