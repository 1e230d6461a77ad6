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


def test_g22_a_loader_of_all_at_once_is_off_the_loop_too() -> None:
    class Names(BaseLoader):
        def load(self) -> list[Document]:
            return [Document(threading.current_thread().name)]

    [loaded] = asyncio.run(Names().aload())
    assert loaded.page_content != threading.current_thread().name


def test_g01_a_loader_that_blocks_is_cancelled_and_closed_by_its_own_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("riverrun._backends.aio.CLOSE_LIMIT", 0.02)
    waits, goes_on, ended = threading.Event(), threading.Event(), threading.Event()
    threads: list[threading.Thread] = []

    class Blocks(BaseLoader):
        def lazy_load(self) -> Iterator[Document]:
            threads.append(threading.current_thread())
            try:
                yield Document("a")
                waits.set()
                goes_on.wait(5)
                yield Document("b")
            finally:
                threads.append(threading.current_thread())
                ended.set()

    async def main() -> None:
        loading = asyncio.ensure_future(Blocks().aload())
        while not waits.is_set():
            await asyncio.sleep(0)
        loading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await loading

    asyncio.run(main())
    goes_on.set()
    assert ended.wait(5) and threads[0] is threads[1] is not threading.main_thread()


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
