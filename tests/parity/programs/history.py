"""Chat history, stores, and chains that remember."""

import asyncio

from langchain_core.chat_history import BaseChatMessageHistory, InMemoryChatMessageHistory
from langchain_core.language_models import FakeListChatModel
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate, MessagesPlaceholder
from langchain_core.runnables import ConfigurableFieldSpec, RunnableLambda, RunnableWithMessageHistory
from langchain_core.stores import InMemoryByteStore, InMemoryStore

sessions: dict[str, BaseChatMessageHistory] = {}


def session(session_id: str) -> BaseChatMessageHistory:
    return sessions.setdefault(session_id, InMemoryChatMessageHistory())


history = InMemoryChatMessageHistory()
history.add_user_message("hi")
history.add_ai_message(AIMessage("hello"))
history.add_messages([HumanMessage("more")])
print(history.messages)
print(history)
history.clear()
print(history.messages)

prompt = ChatPromptTemplate.from_messages(
    [("system", "You help."), MessagesPlaceholder("history"), ("human", "{question}")]
)
chain = RunnableWithMessageHistory(
    prompt | FakeListChatModel(responses=["one", "two", "three"]),
    session,
    input_messages_key="question",
    history_messages_key="history",
)
config = {"configurable": {"session_id": "a"}}
print(chain.invoke({"question": "first"}, config).content)
print([c.content for c in chain.stream({"question": "second"}, config)])
print([(isinstance(m, AIMessage), m.content) for m in sessions["a"].messages])
print(asyncio.run(chain.ainvoke({"question": "third"}, {"configurable": {"session_id": "b"}})).content)
print([(m.type, m.content) for m in sessions["b"].messages])
try:
    chain.invoke({"question": "no session"})
except ValueError as error:
    print("session_id" in str(error))

echo = RunnableLambda(lambda messages: f"{len(messages)} messages")
plain = RunnableWithMessageHistory(echo, session)
print(
    plain.invoke("x", {"configurable": {"session_id": "c"}}),
    plain.invoke([HumanMessage("y")], {"configurable": {"session_id": "c"}}),
)
print([(m.type, m.content) for m in sessions["c"].messages])

out = RunnableWithMessageHistory(
    RunnableLambda(
        lambda x: {
            "output": AIMessage("said " + x["input"][-1].content if isinstance(x["input"], list) else "said")
        }
    ),
    session,
    input_messages_key="input",
    output_messages_key="output",
    history_messages_key="history",
)
print(out.invoke({"input": "z"}, {"configurable": {"session_id": "d"}}))
print([(m.type, m.content) for m in sessions["d"].messages])


def pair(user_id: str, conversation_id: str) -> BaseChatMessageHistory:
    return session(f"{user_id}/{conversation_id}")


several = RunnableWithMessageHistory(
    prompt | FakeListChatModel(responses=["x"]) | StrOutputParser(),
    pair,
    input_messages_key="question",
    history_messages_key="history",
    history_factory_config=[
        ConfigurableFieldSpec(
            id="user_id", annotation=str, name="User", description="", default="", is_shared=True
        ),
        ConfigurableFieldSpec(
            id="conversation_id", annotation=str, name="Talk", description="", default="", is_shared=True
        ),
    ],
)
print(several.invoke({"question": "q"}, {"configurable": {"user_id": "u", "conversation_id": "1"}}))
print([(m.type, m.content) for m in sessions["u/1"].messages])
print([spec.id for spec in several.config_specs])

store = InMemoryStore()
store.mset([("a", 1), ("b", 2), ("ba", 3)])
print(store.mget(["a", "c"]), sorted(store.yield_keys(prefix="b")))
store.mdelete(["a"])
print(store.mget(["a"]), InMemoryByteStore().mget(["x"]))
