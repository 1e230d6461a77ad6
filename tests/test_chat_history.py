"""Stores of conversations: what a subclass must define, and what it has by itself."""

import asyncio
import threading
from typing import Any

import pytest
from pydantic import BaseModel, Field

from riverrun.chat_history import BaseChatMessageHistory, InMemoryChatMessageHistory
from riverrun.exceptions import MessageError
from riverrun.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage


class Singly(BaseChatMessageHistory):
    """Stores message by message, and remembers in which threads."""

    def __init__(self) -> None:
        self.messages = []
        self.threads: list[int] = []

    def add_message(self, message: BaseMessage) -> None:
        self.threads.append(threading.get_ident())
        self.messages.append(message)

    def clear(self) -> None:
        self.threads.append(threading.get_ident())
        self.messages = []


class Together(BaseChatMessageHistory):
    def __init__(self) -> None:
        self.turns: list[list[BaseMessage]] = []

    @property
    def messages(self) -> list[BaseMessage]:  # type: ignore[override]
        return [message for turn in self.turns for message in turn]

    def add_messages(self, messages: Any) -> None:
        self.turns.append(list(messages))

    def clear(self) -> None:
        self.turns = []


HI, YO = HumanMessage("hi"), AIMessage("yo")


@pytest.mark.parametrize("make", [Singly, Together, InMemoryChatMessageHistory])
def test_a_store_keeps_messages_in_their_order(make: Any) -> None:
    history = make()
    history.add_user_message("hi")
    history.add_ai_message("yo")
    history.add_message(SystemMessage("s"))
    history.add_messages([HI, YO])
    assert history.messages == [HI, YO, SystemMessage("s"), HI, YO]
    history.clear()
    assert history.messages == []


@pytest.mark.parametrize("make", [Singly, Together, InMemoryChatMessageHistory])
def test_the_async_methods_do_the_same(make: Any) -> None:
    async def main() -> None:
        history = make()
        await history.aadd_messages([HI, YO])
        assert await history.aget_messages() == [HI, YO]
        await history.aclear()
        assert await history.aget_messages() == []

    asyncio.run(main())


def test_g22_a_store_that_may_block_is_asked_in_a_thread() -> None:
    history = Singly()

    async def main() -> None:
        await history.aadd_messages([HI])
        await history.aclear()

    asyncio.run(main())
    assert threading.get_ident() not in history.threads
    assert len(history.threads) == 2


def test_messages_are_added_as_they_are_given_or_as_text() -> None:
    history = InMemoryChatMessageHistory()
    history.add_user_message(HumanMessage("hi", name="Ada"))
    history.add_ai_message(AIMessage("yo", id="1"))
    assert history.messages == [HumanMessage("hi", name="Ada"), AIMessage("yo", id="1")]


def test_a_store_without_a_way_to_add_says_what_it_lacks() -> None:
    class Deaf(BaseChatMessageHistory):
        def clear(self) -> None: ...

    for add in (
        lambda h: h.add_message(HI),
        lambda h: h.add_messages([HI]),
        lambda h: h.add_user_message("hi"),
    ):
        with pytest.raises(NotImplementedError, match="Deaf can't store anything: define add_messages"):
            add(Deaf())


def test_a_store_must_know_how_to_forget() -> None:
    with pytest.raises(TypeError, match="abstract"):
        type("Elephant", (BaseChatMessageHistory,), {})()


def test_a_store_in_memory_is_a_value_of_pydantic() -> None:
    history = InMemoryChatMessageHistory(messages=[HI])
    assert repr(history) == (
        "InMemoryChatMessageHistory(messages=[HumanMessage(content='hi', additional_kwargs={}, response_metadata={})])"
    )
    assert str(history) == "Human: hi"
    assert history == InMemoryChatMessageHistory(messages=[HI]) != InMemoryChatMessageHistory()
    assert InMemoryChatMessageHistory.model_validate_json(history.model_dump_json()) == history


def test_a_store_may_be_a_model_itself() -> None:
    class Stored(BaseChatMessageHistory, BaseModel):
        messages: list[BaseMessage] = Field(default_factory=list)

        def add_messages(self, messages: Any) -> None:
            self.messages.extend(messages)

        def clear(self) -> None:
            self.messages = []

    history = Stored()
    history.add_user_message("hi")
    assert history.messages == [HI]


def test_an_override_of_add_message_is_heard_by_add_messages() -> None:
    class Loud(InMemoryChatMessageHistory):
        def add_message(self, message: BaseMessage) -> None:
            super().add_message(type(message)(str(message.content).upper()))

    history = Loud()
    history.add_messages([HI, YO])
    asyncio.run(history.aadd_messages([HI]))
    assert [message.content for message in history.messages] == ["HI", "YO", "HI"]


@pytest.mark.parametrize("wrong", [("human", "x"), "x", None, {"role": "user", "content": "x"}])
def test_what_is_no_message_is_refused_and_nothing_is_added(wrong: Any) -> None:
    history = InMemoryChatMessageHistory()
    with pytest.raises(MessageError, match=r"messages\[1\]"):
        history.add_messages([HI, wrong])
    assert history.messages == []
