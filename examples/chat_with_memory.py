"""A conversation that remembers what was said, streamed token by token.

    python examples/chat_with_memory.py

The model answers from a script, so it needs no key and no network; put any chat model in its place.
"""

from riverrun.chat_history import BaseChatMessageHistory, InMemoryChatMessageHistory
from riverrun.language_models import GenericFakeChatModel
from riverrun.output_parsers import StrOutputParser
from riverrun.prompts import ChatPromptTemplate, MessagesPlaceholder
from riverrun.runnables import RunnableWithMessageHistory

conversations: dict[str, BaseChatMessageHistory] = {}


def conversation(session_id: str) -> BaseChatMessageHistory:
    """Where the messages of one conversation are kept: a dict here, a database in a product."""
    return conversations.setdefault(session_id, InMemoryChatMessageHistory())


prompt = ChatPromptTemplate.from_messages(
    [("system", "You are a patient gardener."), MessagesPlaceholder("history"), ("human", "{question}")]
)
model = GenericFakeChatModel(
    messages=iter(["Water them in the morning.", "Because the sun dries the leaves by noon."])
)
chat = RunnableWithMessageHistory(
    prompt | model | StrOutputParser(),
    conversation,
    input_messages_key="question",
    history_messages_key="history",
)


def ask(question: str) -> None:
    print(f"> {question}")
    for token in chat.stream({"question": question}, {"configurable": {"session_id": "garden"}}):
        print(token, end="|")
    print()


if __name__ == "__main__":
    ask("When do I water tomatoes?")
    ask("Why then?")
    print(conversations["garden"])
