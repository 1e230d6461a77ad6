"""A retriever as a tool."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from riverrun.documents import Document
from riverrun.prompts.base import BasePromptTemplate, aformat_document, format_document
from riverrun.retrievers import BaseRetriever
from riverrun.tools.structured import StructuredTool

__all__ = ["RetrieverInput", "create_retriever_tool"]


class RetrieverInput(BaseModel):
    """Input to the retriever."""

    query: str = Field(description="query to look up in retriever")


def create_retriever_tool(
    retriever: BaseRetriever,
    name: str,
    description: str,
    *,
    document_prompt: BasePromptTemplate[str] | None = None,
    document_separator: str = "\n\n",
    response_format: Literal["content", "content_and_artifact"] = "content",
) -> StructuredTool:
    """A tool that answers a query with the text of the documents that `retriever` finds.

    Args:
        retriever: what finds documents.
        name: what models call the tool by.
        description: what models are told of it.
        document_prompt: how a document is shown; by default its content.
        document_separator: what stands between two documents.
        response_format: with `content_and_artifact` the documents themselves are the artifact.

    Raises:
        ValueError: `document_prompt` asks for metadata that a document doesn't have; when the tool is run.
    """

    def result(texts: list[str], documents: list[Document]) -> Any:
        content = document_separator.join(texts)
        return (content, documents) if response_format == "content_and_artifact" else content

    def search(query: str) -> Any:
        documents = retriever.invoke(query)
        if document_prompt is None:
            return result([document.page_content for document in documents], documents)
        return result([format_document(document, document_prompt) for document in documents], documents)

    async def asearch(query: str) -> Any:
        documents = await retriever.ainvoke(query)
        if document_prompt is None:
            return result([document.page_content for document in documents], documents)
        return result(
            [await aformat_document(document, document_prompt) for document in documents], documents
        )

    return StructuredTool(
        name=name,
        description=description,
        func=search,
        coroutine=asearch,
        args_schema=RetrieverInput,
        response_format=response_format,
    )
