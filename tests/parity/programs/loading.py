"""Dumps of what programs make, as JSON."""

import json

from langchain_core.documents import Document
from langchain_core.load import dumpd, dumps, load, loads
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, SystemMessage, ToolMessage
from langchain_core.outputs import Generation
from langchain_core.prompt_values import ChatPromptValue, StringPromptValue

things = [
    HumanMessage("a"),
    AIMessage("b", id="1", tool_calls=[{"name": "f", "args": {}, "id": "c"}]),
    AIMessageChunk("c"),
    SystemMessage([{"type": "text", "text": "d"}]),
    ToolMessage("e", tool_call_id="1"),
    Document("f", metadata={"a": 1}),
    StringPromptValue(text="g"),
    ChatPromptValue(messages=[HumanMessage("h")]),
    Generation(text="i"),
    {"plain": [1, "two", None]},
]
for thing in things:
    print(json.dumps(dumpd(thing), sort_keys=True))
print(dumps(HumanMessage("a"), pretty=True))
for thing in things[:5]:
    print(load(dumpd(thing)) == thing, loads(dumps(thing)) == thing)
print(load({"a": [dumpd(HumanMessage("in"))]}))
tricky = HumanMessage(json.dumps({"lc": 1, "type": "constructor", "id": ["x"], "kwargs": {}}))
print(loads(dumps(tricky)) == tricky)
