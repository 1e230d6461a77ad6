"""Standard content blocks of messages from several providers."""

from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    HumanMessage,
    ToolMessage,
    convert_to_openai_messages,
    is_data_content_block,
)
from langchain_core.messages.content import (
    create_file_block,
    create_image_block,
    create_reasoning_block,
    create_text_block,
)

print(HumanMessage("hi").content_blocks)
print(HumanMessage(["a", {"type": "text", "text": "b"}]).content_blocks)
print(AIMessage("hi", tool_calls=[{"name": "f", "args": {"a": 1}, "id": "1"}]).content_blocks)
image = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
print(HumanMessage([{"type": "text", "text": "see"}, image]).content_blocks)
print(
    AIMessage(
        [{"type": "thinking", "thinking": "hm", "signature": "s"}, {"type": "text", "text": "so"}],
        response_metadata={"model_provider": "anthropic"},
    ).content_blocks
)
print(
    AIMessage(
        [
            {"type": "text", "text": "calling"},
            {"type": "tool_use", "id": "t1", "name": "f", "input": {"a": 1}},
        ],
        tool_calls=[{"name": "f", "args": {"a": 1}, "id": "t1"}],
        response_metadata={"model_provider": "anthropic"},
    ).content_blocks
)
print(AIMessage(content_blocks=[{"type": "text", "text": "a"}]).content)
print(AIMessageChunk("a").content_blocks)
print(ToolMessage("r", tool_call_id="1").content_blocks)
print(AIMessage([{"type": "strange", "a": 1}]).content_blocks)

text = create_text_block("t")
print({key: value for key, value in text.items() if key != "id"})
print(is_data_content_block(create_image_block(url="https://example.com/a.png")))
print({k: v for k, v in create_file_block(base64="aGk=", mime_type="text/plain").items() if k != "id"})
print({k: v for k, v in create_reasoning_block("r").items() if k != "id"})

talk = [
    HumanMessage([{"type": "text", "text": "see"}, image]),
    AIMessage("", tool_calls=[{"name": "f", "args": {"a": 1}, "id": "1"}]),
    ToolMessage("r", tool_call_id="1"),
    AIMessage("done"),
]
for said in convert_to_openai_messages(talk):
    print(said)
for said in convert_to_openai_messages(talk, text_format="block"):
    print(said)
