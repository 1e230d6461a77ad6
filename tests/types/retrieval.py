"""G25: what the type checkers make of retrievers and parsers in a chain. Checked as `chains.py` is; run by nobody."""

from typing import Any, assert_type

from riverrun.documents import Document
from riverrun.language_models import BaseChatModel
from riverrun.output_parsers import BaseCumulativeTransformOutputParser, BaseOutputParser, StrOutputParser
from riverrun.prompts import ChatPromptTemplate
from riverrun.retrievers import BaseRetriever
from riverrun.runnables import Runnable
from riverrun.vectorstores import VectorStoreRetriever


class YesNo(BaseOutputParser[bool]):
    def parse(self, text: str) -> bool:
        return text == "yes"


class Lines(BaseCumulativeTransformOutputParser[list[str]]):
    def parse(self, text: str) -> list[str]:
        return text.splitlines()


class Finds(BaseRetriever):
    def _get_relevant_documents(self, query: str, *, run_manager: Any) -> list[Document]:
        return [Document(query)]


def count(documents: list[Document]) -> int:
    return len(documents)


def parsers(model: BaseChatModel) -> None:
    prompt = ChatPromptTemplate.from_template("{x}")
    assert_type(prompt | model | YesNo(), Runnable[dict[str, Any], bool])
    assert_type(prompt | model | Lines(), Runnable[dict[str, Any], list[str]])
    assert_type(YesNo().invoke("yes"), bool)


def retrievers(store: VectorStoreRetriever) -> None:
    assert_type(Finds().invoke("q"), list[Document])
    assert_type(Finds() | count, Runnable[str, int])
    assert_type(store | count, Runnable[str, int])
    Finds() | StrOutputParser()  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnusedExpression]  # documents are no messages
