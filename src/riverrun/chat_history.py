"""Where the messages of a conversation are kept between its turns."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, Field

from riverrun._pure.exceptions import MessageError
from riverrun.messages import AIMessage, BaseMessage, HumanMessage, get_buffer_string
from riverrun.runnables.config import run_in_executor

__all__ = ["BaseChatMessageHistory", "InMemoryChatMessageHistory"]


class BaseChatMessageHistory(ABC):
    """The messages of one conversation, in their order.

    A store defines `messages` (an attribute or a property), `clear`, and `add_messages`, which is given all messages of a
    turn at once, or `add_message`. The async methods run these in a thread; a store that can wait without one overrides
    them.
    """

    messages: list[BaseMessage]
    """The messages, the oldest first. Reading it may block."""

    async def aget_messages(self) -> list[BaseMessage]:
        """`messages`, read in a thread."""
        return await run_in_executor(None, lambda: self.messages)

    def add_message(self, message: BaseMessage) -> None:
        """Add one message.

        Raises:
            NotImplementedError: the store defines neither this nor `add_messages`.
        """
        if type(self).add_messages is BaseChatMessageHistory.add_messages:
            raise NotImplementedError(
                f"{type(self).__name__} can't store anything: define add_messages, or add_message"
            )
        self.add_messages([message])

    def add_messages(self, messages: Sequence[BaseMessage]) -> None:
        """Add several messages, one after another unless the store says otherwise. Raises as `add_message`."""
        for message in messages:
            self.add_message(message)

    async def aadd_messages(self, messages: Sequence[BaseMessage]) -> None:
        """`add_messages`, in a thread."""
        await run_in_executor(None, self.add_messages, messages)

    def add_user_message(self, message: HumanMessage | str) -> None:
        """Add what a person said, as a message or as text."""
        self.add_message(HumanMessage(message) if isinstance(message, str) else message)

    def add_ai_message(self, message: AIMessage | str) -> None:
        """Add what a model said, as a message or as text."""
        self.add_message(AIMessage(message) if isinstance(message, str) else message)

    @abstractmethod
    def clear(self) -> None:
        """Forget every message."""

    async def aclear(self) -> None:
        """`clear`, in a thread."""
        await run_in_executor(None, self.clear)

    def __str__(self) -> str:
        """The messages as the lines of a dialogue."""
        return get_buffer_string(self.messages)


class InMemoryChatMessageHistory(BaseChatMessageHistory, BaseModel):
    """Messages kept in a list of this process.

    Raises:
        MessageError: something that is to be added is no message. Nothing is added then.
    """

    messages: list[BaseMessage] = Field(default_factory=list)

    async def aget_messages(self) -> list[BaseMessage]:
        """`messages`: there is nothing to wait for."""
        return self.messages

    def add_message(self, message: BaseMessage) -> None:
        """Add one message."""
        self.messages += _messages([message])

    def add_messages(self, messages: Sequence[BaseMessage]) -> None:
        """Add several messages: all of them or, if one can't be, none."""
        added = _messages(messages)
        if type(self).add_message is InMemoryChatMessageHistory.add_message:
            self.messages += added
        else:
            for message in added:
                self.add_message(message)

    async def aadd_messages(self, messages: Sequence[BaseMessage]) -> None:
        """`add_messages`, at once."""
        self.add_messages(messages)

    def clear(self) -> None:
        """Forget every message. A list that was read before keeps them."""
        self.messages = []

    async def aclear(self) -> None:
        """`clear`, at once."""
        self.clear()


def _messages(messages: Sequence[Any]) -> Sequence[BaseMessage]:
    for place, message in enumerate(messages):
        if not isinstance(message, BaseMessage):
            raise MessageError(
                f"a history holds messages, and messages[{place}] is {message!r} ({type(message).__name__})"
            )
    return messages
