"""Histories of one's own, in files and in memory, and chains that remember."""

import asyncio
import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from langchain_core.chat_history import BaseChatMessageHistory, InMemoryChatMessageHistory
from langchain_core.language_models.chat_models import SimpleChatModel
from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    HumanMessage,
    message_to_dict,
    messages_from_dict,
)
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate, MessagesPlaceholder
from langchain_core.runnables import ConfigurableFieldSpec, RunnableLambda, RunnablePassthrough
from langchain_core.runnables.history import RunnableWithMessageHistory
from pydantic import BaseModel, Field


def tried(label, make):
    """What `make` gives, or that it raises."""
    try:
        print(label, "->", repr(make()))
    except Exception:
        print(label, "-> raises")


class FileHistory(BaseChatMessageHistory):
    def __init__(self, d, sid):
        self.path = os.path.join(d, sid)

    @property
    def messages(self) -> list[BaseMessage]:
        try:
            return messages_from_dict(json.loads(Path(self.path).read_text()))
        except FileNotFoundError:
            return []

    def add_messages(self, messages: Sequence[BaseMessage]) -> None:
        allm = list(self.messages)
        allm.extend(messages)
        Path(self.path).write_text(json.dumps([message_to_dict(m) for m in allm]))

    def clear(self):
        Path(self.path).write_text("[]")


d = tempfile.mkdtemp()
h = FileHistory(d, "s")
h.add_user_message("hi")
h.add_ai_message("yo")
h.add_message(HumanMessage("x"))
print(h.messages, h)
h.clear()
print(h.messages)
asyncio.run(h.aadd_messages([AIMessage("q")]))
print(asyncio.run(h.aget_messages()))
asyncio.run(h.aclear())


class MemH(BaseChatMessageHistory, BaseModel):
    messages: list[BaseMessage] = Field(default_factory=list)

    def add_messages(self, messages):
        self.messages.extend(messages)

    def clear(self):
        self.messages = []


class Old(BaseChatMessageHistory):
    def __init__(self):
        self.messages = []

    def add_message(self, m):
        self.messages.append(m)

    def clear(self):
        self.messages = []


o = Old()
o.add_messages([HumanMessage("a"), AIMessage("b")])
print(o.messages)


class Echo(SimpleChatModel):
    def _call(self, messages, stop=None, run_manager=None, **kw):
        return f"{len(messages)}:{messages[-1].content}"

    @property
    def _llm_type(self):
        return "e"


store = {}


def get(sid):
    return store.setdefault(sid, MemH())


prompt = ChatPromptTemplate.from_messages(
    [("system", "You know {ability}"), MessagesPlaceholder("history"), ("human", "{question}")]
)
w = RunnableWithMessageHistory(
    prompt | Echo(), get, input_messages_key="question", history_messages_key="history"
)
cfg = {"configurable": {"session_id": "foo"}}
print(
    w.invoke({"ability": "math", "question": "cos"}, cfg).content,
    w.invoke({"ability": "math", "question": "inv"}, cfg).content,
)
print(store)
tried("nosess", lambda: w.invoke({"ability": "a", "question": "b"}))
u = {}


def get2(user_id: str, conversation_id: str):
    return u.setdefault((user_id, conversation_id), MemH())


w2 = RunnableWithMessageHistory(
    prompt | Echo(),
    get_session_history=get2,
    input_messages_key="question",
    history_messages_key="history",
    history_factory_config=[
        ConfigurableFieldSpec(
            id="user_id", annotation=str, name="User ID", description="d", default="", is_shared=True
        ),
        ConfigurableFieldSpec(
            id="conversation_id", annotation=str, name="C", description="d", default="", is_shared=True
        ),
    ],
)
w2.invoke({"ability": "m", "question": "q"}, {"configurable": {"user_id": "1", "conversation_id": "2"}})
print(list(u), [s.id for s in w2.config_specs], u[("1", "2")].messages)
s3 = {}
w3 = RunnableWithMessageHistory(Echo(), lambda s: s3.setdefault(s, InMemoryChatMessageHistory()))
print(w3.invoke("plain", cfg).content, w3.invoke([HumanMessage("m1")], cfg).content, s3["foo"].messages)
s4 = {}
w4 = RunnableWithMessageHistory(
    RunnableLambda(lambda x: {"out": AIMessage("o " + x["in"][-1].content)}),
    lambda s: s4.setdefault(s, InMemoryChatMessageHistory()),
    output_messages_key="out",
    input_messages_key="in",
)
print(w4.invoke({"in": [HumanMessage("z")]}, cfg), s4["foo"].messages)
s5 = {}
w5 = RunnableWithMessageHistory(
    RunnablePassthrough.assign(n=lambda d: len(d["messages"])) | RunnableLambda(lambda d: f"str {d['n']}"),
    lambda s: s5.setdefault(s, InMemoryChatMessageHistory()),
    input_messages_key="messages",
)
print(
    w5.invoke({"messages": [HumanMessage("q")]}, cfg), w5.invoke({"messages": "q2"}, cfg), s5["foo"].messages
)


async def main():
    print((await w.ainvoke({"ability": "a", "question": "async"}, cfg)).content)
    print(
        "".join([c.content async for c in w.astream({"ability": "a", "question": "st"}, cfg)]),
        len(store["foo"].messages),
    )


asyncio.run(main())
print(
    "".join(c.content for c in w.stream({"ability": "a", "question": "st2"}, cfg)), len(store["foo"].messages)
)
print(w.batch([{"ability": "a", "question": "1"}], [{"configurable": {"session_id": "b1"}}])[0].content)
print(
    w.get_input_schema().model_json_schema().get("title"),
    (w | StrOutputParser()).invoke({"ability": "a", "question": "k"}, cfg),
)
print(InMemoryChatMessageHistory(messages=[HumanMessage("a")]), str(s3["foo"])[:40])
print(
    (w.with_config(configurable={"session_id": "pre"})).invoke({"ability": "a", "question": "k"}).content,
    list(store),
)
tried("abs", lambda: BaseChatMessageHistory())
