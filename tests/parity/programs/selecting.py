"""Filtering, trimming, merging and converting messages, alone and in chains."""

from langchain_core.language_models import FakeListChatModel
from langchain_core.messages import (
    AIMessage,
    HumanMessage,
    SystemMessage,
    convert_to_messages,
    filter_messages,
    get_buffer_string,
    merge_message_runs,
    trim_messages,
)


def tried(label, make):
    """What `make` gives, or that it raises."""
    try:
        print(label, "->", repr(make()))
    except Exception:
        print(label, "-> raises")


msgs = [
    SystemMessage("you're a good assistant", id="0"),
    HumanMessage("hi", id="1", name="ex_user"),
    AIMessage("yo", id="2", name="ex_ai"),
    HumanMessage("real", id="3", name="bob"),
    AIMessage("real2", id="4", name="alice"),
    HumanMessage("q1", id="5"),
    HumanMessage("q2", id="6"),
]
print(filter_messages(msgs, include_types="human"))
print(
    filter_messages(msgs, include_types=[HumanMessage, AIMessage], exclude_ids=["3"], exclude_names=["ex_ai"])
)
print(filter_messages(msgs, include_names=("bob",), include_types=["system"]))
print(merge_message_runs(msgs))
print(
    merge_message_runs(
        [
            SystemMessage("a"),
            SystemMessage("b"),
            HumanMessage([{"type": "text", "text": "x"}]),
            HumanMessage("y"),
        ],
        chunk_separator=" | ",
    )
)
llm = FakeListChatModel(responses=["done"])
chain = filter_messages(exclude_names=["ex_user", "ex_ai"]) | merge_message_runs() | llm
print(chain.invoke(msgs).content)
print(get_buffer_string(msgs))
print(get_buffer_string(msgs, human_prefix="H", ai_prefix="A"))


def count(ms):
    return sum(len(m.content) for m in ms)


for kw in [
    {"strategy": "last"},
    {"strategy": "last", "include_system": True},
    {"strategy": "first"},
    {"strategy": "last", "start_on": "human"},
    {"strategy": "last", "include_system": True, "start_on": "human", "end_on": ("human", "tool")},
    {"strategy": "first", "allow_partial": True},
    {"strategy": "last", "allow_partial": True, "include_system": True},
]:
    for n in (5, 12, 30, 45):
        tried(
            f"{kw} {n}",
            lambda kw=kw, n=n: [
                m.content for m in trim_messages(msgs, max_tokens=n, token_counter=count, **kw)
            ],
        )
tr = trim_messages(max_tokens=3, strategy="last", token_counter=len, include_system=True, start_on="human")
print((tr | llm).invoke(msgs).content, tr.invoke(msgs))
print(tr.get_name(), type(tr).__name__)
print(trim_messages(msgs, max_tokens=50, token_counter="approximate"))
print(
    convert_to_messages(
        [
            ("system", "a"),
            ("human", "b"),
            ("ai", "c"),
            {"role": "user", "content": "d"},
            {
                "role": "assistant",
                "content": "",
                "tool_calls": [{"name": "f", "args": {"a": 1}, "id": "1", "type": "tool_call"}],
            },
            {"role": "tool", "tool_call_id": "1", "content": "r"},
            "plain",
            ["human", "x"],
        ]
    )
)
tried("bad", lambda: convert_to_messages([("foo", "x")]))
