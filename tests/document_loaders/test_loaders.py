"""Where documents come from."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from riverrun.document_loaders import BaseBlobParser, BaseLoader, Blob, BlobLoader
from riverrun.documents import Document
from riverrun.exceptions import MissingExtraError

closed: list[str] = []


class Lazy(BaseLoader):
    def lazy_load(self) -> Iterator[Document]:
        try:
            for text in ("a", "b"):
                yield Document(text, metadata={"thread": threading.current_thread().name})
        finally:
            closed.append("loader")


class Eager(BaseLoader):
    def load(self) -> list[Document]:
        return [Document("a"), Document("b")]


def texts(documents: Any) -> list[str]:
    return [document.page_content for document in documents]


async def lazily(loader: BaseLoader) -> list[Document]:
    return [document async for document in loader.alazy_load()]


@pytest.mark.parametrize("loader", [Lazy(), Eager()])
def test_a_loader_loads_in_every_way(loader: BaseLoader) -> None:
    ways = [loader.load(), loader.lazy_load(), asyncio.run(loader.aload()), asyncio.run(lazily(loader))]
    assert [texts(way) for way in ways] == [["a", "b"]] * 4


def test_g22_documents_are_loaded_off_the_loop() -> None:
    loaded = asyncio.run(Lazy().aload())
    assert threading.current_thread().name not in {document.metadata["thread"] for document in loaded}


def test_g01_a_loader_is_closed_with_its_reader() -> None:
    async def first() -> None:
        documents: Any = Lazy().alazy_load()
        assert (await anext(documents)).page_content == "a"
        await documents.aclose()

    closed.clear()
    asyncio.run(first())
    assert closed == ["loader"]


def test_loaded_documents_are_split_by_what_is_given() -> None:
    class Doubles:
        def split_documents(self, documents: list[Document]) -> list[Document]:
            return documents * 2

    assert texts(Eager().load_and_split(Doubles())) == ["a", "b"] * 2
    with pytest.raises(MissingExtraError, match="text_splitter"):
        Eager().load_and_split()


def test_a_loader_without_a_method_is_named() -> None:
    class Nothing(BaseLoader):
        pass

    for load in (Nothing().lazy_load, Nothing().load, lambda: asyncio.run(Nothing().aload())):
        with pytest.raises(NotImplementedError, match="Nothing"):
            load()


def test_a_parser_reads_blobs() -> None:
    class Lines(BaseBlobParser):
        def lazy_parse(self, blob: Blob) -> Iterator[Document]:
            yield from map(Document, blob.as_string().splitlines())

    class One(BlobLoader):
        def yield_blobs(self) -> Iterator[Blob]:
            yield Blob.from_data("a\nb")

    assert [texts(Lines().parse(blob)) for blob in One().yield_blobs()] == [["a", "b"]]
    for base in (BaseBlobParser, BlobLoader):
        with pytest.raises(TypeError, match="abstract"):
            base()  # type: ignore[abstract]  # that is the test
