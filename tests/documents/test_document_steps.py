"""What makes documents of documents."""

import asyncio
import threading
from collections.abc import Sequence
from typing import Any

import pytest

from riverrun.documents import BaseDocumentCompressor, BaseDocumentTransformer, Document


class Upper(BaseDocumentTransformer):
    def transform_documents(self, documents: Sequence[Document], **kwargs: Any) -> Sequence[Document]:
        thread = threading.current_thread().name
        return [Document(f"{each.page_content.upper()}{kwargs}", id=thread) for each in documents]


class Best(BaseDocumentCompressor):
    keep: int = 1

    def compress_documents(
        self, documents: Sequence[Document], query: str, callbacks: Any = None
    ) -> Sequence[Document]:
        found = [each for each in documents if query in each.page_content]
        return [*found[: self.keep], Document(threading.current_thread().name)]


def test_transformer_runs_off_the_loop_with_its_keywords() -> None:
    [done] = asyncio.run(Upper().atransform_documents([Document("a")], x=1))
    assert done.page_content == "A{'x': 1}" and done.id != threading.current_thread().name
    assert Upper().transform_documents([Document("a")])[0].page_content == "A{}"


def test_compressor_is_a_model_and_runs_off_the_loop() -> None:
    documents = [Document("ab"), Document("b"), Document("cb")]
    found = asyncio.run(Best(keep=2).acompress_documents(documents, "b"))
    assert found[:2] == documents[:2] and found[2].page_content != threading.current_thread().name
    assert Best().model_dump() == {"keep": 1}


def test_bases_of_documents_need_their_method() -> None:
    for base in (BaseDocumentTransformer, BaseDocumentCompressor):
        with pytest.raises(TypeError, match="abstract"):
            base()  # type: ignore[abstract]  # that is the test
