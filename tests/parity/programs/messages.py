"""Messages: made, printed, added up, converted."""

from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    ChatMessage,
    FunctionMessage,
    HumanMessage,
    RemoveMessage,
    SystemMessage,
    ToolMessage,
    convert_to_messages,
    filter_messages,
    get_buffer_string,
    merge_message_runs,
    message_chunk_to_message,
    message_to_dict,
    messages_from_dict,
    messages_to_dict,
    trim_messages,
)

call = {"name": "search", "args": {"q": "weather"}, "id": "call_1", "type": "tool_call"}
talk = [
    SystemMessage("Be brief."),
    HumanMessage(content="What is the weather?", name="ann", id="h1"),
    AIMessage(content="", tool_calls=[call], id="a1"),
    ToolMessage("sunny", tool_call_id="call_1", name="search"),
    AIMessage("It is sunny.", id="a2"),
    ChatMessage("Really?", role="critic"),
    FunctionMessage("{}", name="look"),
]

for message in talk:
    message.pretty_print()
print(get_buffer_string(talk))
print(get_buffer_string(talk, human_prefix="Q", ai_prefix="A"))
print([type(m).__name__ for m in messages_from_dict(messages_to_dict(talk))])
print(message_to_dict(talk[1])["type"], message_to_dict(talk[1])["data"]["content"])
print(messages_from_dict(messages_to_dict(talk)) == talk)
print(RemoveMessage(id="h1").id, RemoveMessage(id="h1").type)

for said in (
    "hello",
    [("system", "s"), ("human", "h"), ("ai", "a"), ("user", "u"), ("assistant", "x")],
    [{"role": "user", "content": "h"}, {"role": "tool", "content": "t", "tool_call_id": "1"}],
    [{"type": "human", "content": [{"type": "text", "text": "h"}]}],
    [["human", "list"]],
    [
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": "1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}
            ],
        }
    ],
):
    for message in convert_to_messages(said if isinstance(said, list) else [said]):
        print(message.type, repr(message.content), getattr(message, "tool_calls", None))

chunks = [
    AIMessageChunk("Hel", id="1"),
    AIMessageChunk("lo", id="1", response_metadata={"finish_reason": "stop"}),
    AIMessageChunk("", usage_metadata={"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}),
]
total = chunks[0] + chunks[1] + chunks[2]
print(total.content, total.id, total.response_metadata, total.usage_metadata)
print(message_chunk_to_message(total).content, type(message_chunk_to_message(total)).__name__)

pieces = [
    {"name": "f", "args": '{"a"', "id": "1", "index": 0},
    {"name": None, "args": ": 1}", "id": None, "index": 0},
]
call = AIMessageChunk("", tool_call_chunks=pieces[:1]) + AIMessageChunk("", tool_call_chunks=pieces[1:])
print(call.tool_calls, call.tool_call_chunks)

print(merge_message_runs([HumanMessage("a"), HumanMessage("b"), AIMessage("c")]))
print([m.content for m in filter_messages(talk, include_types=["human", AIMessage])])
print([m.id for m in filter_messages(talk, exclude_ids=["h1"], include_types=[HumanMessage, "ai"])])
print(
    [
        m.content
        for m in trim_messages(talk[:5], max_tokens=3, token_counter=len, strategy="last", start_on="human")
    ]
)
print(
    [
        m.content
        for m in trim_messages(
            talk[:5],
            max_tokens=3,
            token_counter=len,
            strategy="last",
            include_system=True,
            allow_partial=False,
        )
    ]
)
print([m.content for m in trim_messages(talk[:5], max_tokens=2, token_counter=len, strategy="first")])
print(trim_messages(max_tokens=2, token_counter=len).invoke(talk[:3]))

print(AIMessage("x").model_dump())
print(HumanMessage("x", name="n").model_dump_json())
print(ToolMessage("x", tool_call_id="1", status="error").model_dump())
print(HumanMessage("a") == HumanMessage("a"), HumanMessage("a") == AIMessage("a"))
print(repr(HumanMessage("a", id="1", additional_kwargs={"b": 2})))
print(repr(SystemMessage([{"type": "text", "text": "a"}])))
print(HumanMessage([{"type": "text", "text": "a"}, "b"]).text)
