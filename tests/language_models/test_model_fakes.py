"""Models that answer from a script."""

import asyncio
import threading
import time
from typing import Any

import pytest

from modes import MODES, STREAMS, Mode, batch
from riverrun._pure.fold import fold
from riverrun.language_models import (
    FakeListChatModel,
    FakeListLLM,
    FakeMessagesListChatModel,
    FakeStreamingListLLM,
    GenericFakeChatModel,
    ParrotFakeChatModel,
)
from riverrun.language_models.fake import FakeListLLMError
from riverrun.language_models.fake_chat_models import FakeChatModel, FakeListChatModelError
from riverrun.messages import AIMessage, HumanMessage
from riverrun.runnables import RunnableLambda
from riverrun.testing import Clock, Ledger


def text_of(ys: Any) -> str:
    y = fold(ys)
    return y if isinstance(y, str) else str(y.text)


SCRIPTED: list[Any] = [
    lambda **more: FakeListLLM(responses=["ab", "cd"], **more),
    lambda **more: FakeStreamingListLLM(responses=["ab", "cd"], **more),
    lambda **more: FakeListChatModel(responses=["ab", "cd"], **more),
    lambda **more: FakeMessagesListChatModel(responses=[AIMessage("ab"), AIMessage("cd")], **more),
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("make", SCRIPTED)
def test_answers_come_in_turn_and_begin_again(make: Any, mode: Mode) -> None:
    model = make()
    assert [text_of(mode(model, "x")) for _ in range(3)] == ["ab", "cd", "ab"]
    assert model.i == 1
    assert text_of(mode(make(i=1), "x")) == "cd"


@pytest.mark.parametrize("make", SCRIPTED)
def test_a_batch_gets_its_answers_in_order(make: Any) -> None:
    model = make(sleep=0.001)
    with Clock() as clock:
        both: list[Any] = model.batch(["x"] * 20)
        both += clock.run(model.abatch(["x"] * 20))
        assert [text_of([y]) for y in both] == ["ab", "cd"] * 20


def test_a_batch_in_turn_says_so_where_its_config_says_more() -> None:
    model = FakeListLLM(responses=["a", "b"])
    assert model.batch(["x", "y"], {"max_concurrency": 4}) == ["a", "b"]
    assert model.batch(["x", "y"], [{"tags": ["t"]}, {}]) == ["a", "b"]
    assert batch(model.bind(stop=["s"]), "x") == ["a"]


@pytest.mark.parametrize("mode", STREAMS)
def test_those_that_stream_do_so_by_letters(mode: Mode) -> None:
    assert mode(FakeStreamingListLLM(responses=["abc"]), "x") == ["a", "b", "c"]
    chunks = mode(FakeListChatModel(responses=["abc"]), "x")
    assert [(chunk.content, chunk.chunk_position) for chunk in chunks] == [
        ("a", None),
        ("b", None),
        ("c", "last"),
    ]
    assert len({chunk.id for chunk in chunks}) == 1 and chunks[0].id.startswith("lc_run--")


@pytest.mark.parametrize("mode", STREAMS)
@pytest.mark.parametrize(
    ("model", "error"),
    [
        (FakeStreamingListLLM(responses=["abc"], error_on_chunk_number=1), FakeListLLMError),
        (FakeListChatModel(responses=["abc"], error_on_chunk_number=1), FakeListChatModelError),
    ],
)
def test_g02_an_error_comes_in_place_of_the_chunk_it_was_ordered_for(
    model: Any, error: type[Exception], mode: Mode
) -> None:
    read: list[Any] = []
    with pytest.raises(error):
        if mode.__name__ == "stream":
            for chunk in model.stream("x"):
                read.append(chunk)
        else:

            async def main() -> None:
                async for chunk in model.astream("x"):
                    read.append(chunk)

            asyncio.run(main())
    assert len(read) == 1
    assert text_of([model.invoke("x")]) == "abc"


def test_g22_sleep_passes_before_answers_and_letters_and_never_blocks_a_loop() -> None:
    async def all_of(model: Any) -> None:
        await asyncio.gather(model.ainvoke("x"), model.ainvoke("x"), _drain(model))

    for make in SCRIPTED:
        with Clock() as clock:
            make(sleep=1).invoke("x")
            assert clock.time() == 1
            clock.run(all_of(make(sleep=1)))
            assert clock.time() in (2, 3)  # a stream of letters sleeps before each of them
    with Clock() as clock:
        ParrotFakeChatModel(sleep=2).invoke("x")
        assert clock.time() == 2


async def _drain(model: Any) -> None:
    async for _ in model.astream("x"):
        pass


@pytest.mark.parametrize("make", SCRIPTED)
def test_g01_a_stop_ends_the_sleep(make: Any) -> None:
    def fail(x: Any) -> Any:
        time.sleep(1)
        raise LookupError

    def both(model: Any) -> Any:
        return {"slow": model, "bad": RunnableLambda(fail)} | RunnableLambda(lambda x: x)

    with Ledger(), Clock() as clock:
        with pytest.raises(LookupError):
            both(make(sleep=100)).invoke("x")
        with pytest.raises(LookupError):
            list(both(make(sleep=100)).stream("x"))
        assert clock.time() == 2

        async def main() -> None:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(make(sleep=100).ainvoke("x"), 1)

        clock.run(main())
        assert clock.time() < 5


@pytest.mark.parametrize("mode", MODES)
def test_parrot_gives_the_last_message_back(mode: Mode) -> None:
    message = HumanMessage("hi", id="7")
    assert mode(ParrotFakeChatModel(), [AIMessage("no"), message]) == [message]
    with pytest.raises(ValueError, match="empty list"):
        mode(ParrotFakeChatModel(), [])


@pytest.mark.parametrize("mode", MODES)
def test_fake_chat_model_says_one_thing(mode: Mode) -> None:
    assert text_of(mode(FakeChatModel(), "x")) == "fake response"


def test_answers_of_a_list_of_messages_are_copies() -> None:
    said = AIMessage(["a"], tool_calls=[{"name": "t", "args": {}, "id": "1"}])
    model = FakeMessagesListChatModel(responses=[said])
    answer = model.invoke("x")
    assert (answer.content, answer.tool_calls) == (said.content, said.tool_calls)
    answer.content.append("b")  # type: ignore[union-attr]  # a list, as it was made
    assert model.invoke("x").content == said.content == ["a"]
    assert said.id is None


def test_turns_are_kept_among_threads() -> None:
    model = FakeListLLM(responses=[str(n) for n in range(100)])
    said: list[str] = []

    def ask() -> None:
        said.extend(model.invoke("x") for _ in range(25))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(int, said)) == list(range(100))


def test_a_scripted_model_may_be_told_of_tools() -> None:
    call = {"name": "look", "args": {"place": "here"}, "id": "1"}
    model = GenericFakeChatModel(messages=iter([AIMessage("", tool_calls=[call]), "done"]))
    told = model.bind_tools([len], tool_choice="any")
    assert told.invoke("?").tool_calls[0]["name"] == "look"
    assert told.kwargs == {"tools": [len], "tool_choice": "any"}  # type: ignore[attr-defined]  # of a binding
