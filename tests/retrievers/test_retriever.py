"""Retrievers that users write, in every mode."""

import asyncio
import threading
import time
from typing import Any

import pytest

from riverrun.callbacks.manager import AsyncCallbackManagerForRetrieverRun, CallbackManagerForRetrieverRun
from riverrun.documents import Document
from riverrun.exceptions import InputError
from riverrun.retrievers import BaseRetriever, RetrieverLike
from riverrun.runnables import RunnableLambda, RunnablePassthrough

DOCUMENTS = [Document("foo"), Document("bar"), Document("foobar")]


class Finds(BaseRetriever):
    documents: list[Document]
    k: int = 2

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        assert type(run_manager) is CallbackManagerForRetrieverRun
        return [each for each in self.documents if query in each.page_content][: self.k]


class FindsAsync(BaseRetriever):
    async def _aget_relevant_documents(
        self, query: str, *, run_manager: AsyncCallbackManagerForRetrieverRun
    ) -> list[Document]:
        assert type(run_manager) is AsyncCallbackManagerForRetrieverRun
        await asyncio.sleep(0)
        return [each for each in DOCUMENTS if query in each.page_content]


class Plain(BaseRetriever):
    def _get_relevant_documents(self, query: str) -> list[Document]:  # type: ignore[override]  # an older hook
        return [each for each in DOCUMENTS if query in each.page_content]


class PlainAsync(BaseRetriever):
    async def _aget_relevant_documents(self, query: str) -> list[Document]:  # type: ignore[override]
        return [each for each in DOCUMENTS if query in each.page_content]


class Keywords(BaseRetriever):
    def _get_relevant_documents(self, query: str, *, run_manager: Any, top: int = 1, **more: Any) -> Any:
        return [Document(f"{query} {top} {more}")]

    def _get_ls_params(self, **kwargs: Any) -> Any:
        return {**super()._get_ls_params(**kwargs), "asked": sorted(kwargs)}


KINDS: list[RetrieverLike] = [Finds(documents=DOCUMENTS), FindsAsync(), Plain(), PlainAsync()]


def every_way(retriever: RetrieverLike, query: str, **kwargs: Any) -> list[list[Document]]:
    async def asynchronously() -> list[list[Document]]:
        return [
            await retriever.ainvoke(query, **kwargs),
            *[found async for found in retriever.astream(query, **kwargs)],
            *await retriever.abatch([query], **kwargs),
        ]

    return [
        retriever.invoke(query, **kwargs),
        *retriever.stream(query, **kwargs),
        *retriever.batch([query], **kwargs),
        *asyncio.run(asynchronously()),
    ]


@pytest.mark.parametrize("retriever", KINDS, ids=lambda step: type(step).__name__)
def test_g09_one_hook_of_a_retriever_serves_every_mode(retriever: RetrieverLike) -> None:
    assert every_way(retriever, "foo") == [[DOCUMENTS[0], DOCUMENTS[2]]] * 6


def test_each_colour_of_a_retriever_runs_in_its_own() -> None:
    class Both(Finds):
        async def _aget_relevant_documents(self, query: str, *, run_manager: Any) -> list[Document]:
            inherited = await super()._aget_relevant_documents(query, run_manager=run_manager)
            return [*inherited, Document("async")]

    both = Both(documents=DOCUMENTS)
    assert both.invoke("bar") == DOCUMENTS[1:]
    assert asyncio.run(both.ainvoke("bar")) == [*DOCUMENTS[1:], Document("async")]


def test_keywords_of_the_call_go_to_a_hook_that_asks_for_some() -> None:
    assert every_way(Keywords(), "q", top=3, x=4) == [[Document("q 3 {'x': 4}")]] * 6
    assert Plain().invoke("foo", top=3) == Plain().invoke("foo")


def test_g22_a_blocking_retriever_does_not_block_the_loop() -> None:
    class Blocks(BaseRetriever):
        def _get_relevant_documents(self, query: str, *, run_manager: Any) -> list[Document]:
            began.wait(5)
            return [Document(threading.current_thread().name)]

    began = threading.Event()

    async def run() -> list[Document]:
        found = asyncio.ensure_future(Blocks().ainvoke("q"))
        await asyncio.sleep(0)
        began.set()  # nobody could, were the loop blocked
        return await found

    start = time.monotonic()
    assert asyncio.run(run())[0].page_content != threading.current_thread().name
    assert time.monotonic() - start < 4


def test_retriever_streams_inside_a_chain() -> None:
    retriever = Finds(documents=DOCUMENTS)

    def count(x: dict[str, Any]) -> str:
        return f"{x['question']}: {len(x['found'])}"

    chain = {"found": retriever, "question": RunnablePassthrough()} | RunnableLambda(count)
    assert chain.invoke("foo") == "foo: 2"
    assert list(chain.stream("foo")) == ["foo: 2"]


def test_retriever_describes_itself() -> None:
    retriever = Finds(documents=DOCUMENTS[:1], tags=["t"])
    assert repr(retriever) == "Finds(tags=['t'], documents=[Document(metadata={}, page_content='foo')])"
    assert (retriever.kind, retriever.InputType, retriever.OutputType) == ("retriever", str, list[Document])
    assert retriever.get_input_schema().model_json_schema() == {"title": "FindsInput", "type": "string"}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("FooRetriever", "foo"),
        ("RetrieverFoo", "foo"),
        ("Retriever", ""),
        ("fooRetrieverRetriever", "fooretriever"),
        ("Foo", "foo"),
    ],
)
def test_traces_know_a_retriever_by_its_name(name: str, said: str) -> None:
    assert Plain(name=name)._get_ls_params() == {"ls_retriever_name": said}


def test_error_of_a_retriever_passes_unwrapped_with_a_note() -> None:
    class Fails(BaseRetriever):
        def _get_relevant_documents(self, query: str, *, run_manager: Any) -> list[Document]:
            raise error

    error = KeyError("x")
    for run in (Fails().invoke, lambda query: asyncio.run(Fails().ainvoke(query))):
        with pytest.raises(KeyError) as caught:
            run("q")
        assert caught.value is error
    assert any("Fails" in note for note in error.__notes__)


def test_retriever_without_a_hook_cannot_be_made() -> None:
    class Half(BaseRetriever):
        pass

    for cls in (BaseRetriever, Half):
        with pytest.raises(TypeError, match="_get_relevant_documents"):
            cls()


def test_a_hook_that_gives_no_documents_is_named() -> None:
    class Wrong(BaseRetriever):
        def _get_relevant_documents(self, query: str, *, run_manager: Any) -> Any:
            return ["a"]

    with pytest.raises(InputError, match=r"Wrong\._get_relevant_documents is to give a list of Documents"):
        Wrong().invoke("x")
