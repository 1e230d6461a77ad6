"""Messages in OpenAI's format and as dicts, and what they cost."""

import json

from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    ChatMessage,
    FunctionMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
    convert_to_openai_messages,
    message_to_dict,
    messages_to_dict,
)
from langchain_core.messages.utils import count_tokens_approximately, messages_from_dict


def tried(label, make):
    """What `make` gives, or that it raises."""
    try:
        print(label, "->", repr(make()))
    except Exception:
        print(label, "-> raises")


ms = [
    SystemMessage("s"),
    {
        "role": "user",
        "content": [
            {"type": "text", "text": "what"},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,'/9j'"}},
        ],
    },
    AIMessage("", tool_calls=[{"type": "tool_call", "id": "1", "name": "analyze", "args": {"baz": "buz"}}]),
    ToolMessage("foobar", tool_call_id="1", name="bar"),
    {"role": "assistant", "content": "thats nice"},
    ("ai", "x"),
    ChatMessage(role="developer", content="dev"),
]
print(convert_to_openai_messages(ms))
print(convert_to_openai_messages(ms, text_format="block"))
print(convert_to_openai_messages("hi"))
print(convert_to_openai_messages(HumanMessage("x"), include_id=True))
print(
    convert_to_openai_messages(
        [
            HumanMessage(
                [{"type": "image", "source_type": "base64", "data": "AA", "mime_type": "image/png"}]
            ),
            HumanMessage(
                [{"type": "file", "base64": "AA", "mime_type": "application/pdf", "filename": "x.pdf"}]
            ),
        ]
    )
)
print(
    count_tokens_approximately(["hello", HumanMessage("abcd" * 5)]),
    count_tokens_approximately([AIMessage("x", tool_calls=[{"name": "a", "args": {}, "id": "1"}])]),
)
conv = [
    HumanMessage("a"),
    AIMessage("b", id="q"),
    ToolMessage("c", tool_call_id="1", artifact=3),
    ChatMessage(role="z", content="d"),
    FunctionMessage(name="f", content="g"),
]
d = messages_to_dict(conv)
print(d)
print(messages_from_dict(d) == conv)

print(json.loads(json.dumps(d)) == d)
print(message_to_dict(AIMessageChunk("x")))
