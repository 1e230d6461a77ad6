"""Run by test_no_network in a process of its own: does with URLs all that needs no request, and fails at the first socket."""

# ruff: noqa: E402  # the guard is set before anything is imported

import importlib
import pkgutil
import socket
import sys
from typing import Any


def guard(event: str, args: Any) -> None:
    if event.startswith("socket."):
        raise AssertionError(f"{event}{args}")


sys.addaudithook(guard)
if sys.argv[1:]:
    socket.getaddrinfo("localhost", 1)

import riverrun

OPTIONAL = ("fastapi", "httpx", "httpx_sse", "jinja2", "numpy", "starlette", "yaml")
for module in pkgutil.walk_packages(riverrun.__path__, "riverrun."):
    try:
        importlib.import_module(module.name)
    except ImportError as error:
        if error.name not in OPTIONAL:
            raise

from pydantic import TypeAdapter

from riverrun.chat_history import InMemoryChatMessageHistory
from riverrun.documents import Document
from riverrun.language_models import FakeListChatModel, FakeListLLM, get_tokenizer
from riverrun.load import dumpd, dumps, load
from riverrun.messages import (
    AIMessage,
    AIMessageChunk,
    AnyMessage,
    BaseMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
    convert_to_messages,
    convert_to_openai_messages,
    filter_messages,
    get_buffer_string,
    merge_message_runs,
    trim_messages,
)
from riverrun.messages.utils import count_tokens_approximately
from riverrun.prompts import ChatPromptTemplate, PromptTemplate
from riverrun.tools import tool
from riverrun.utils.function_calling import convert_to_openai_tool

URL = "http://127.0.0.1:9/a.png"
BLOCKS: list[Any] = [
    {"type": "text", "text": URL},
    {"type": "image_url", "image_url": {"url": URL}},
    {"type": "image_url", "image_url": {"url": "file:///etc/hosts"}},
    {"type": "image", "url": URL},
    {"type": "image", "source_type": "url", "url": URL},
    {"type": "audio", "url": URL},
    {"type": "file", "url": URL},
]
messages: list[BaseMessage] = [
    kind(blocks, **fields)
    for blocks in (URL, BLOCKS)
    for kind, fields in (
        (HumanMessage, {}),
        (SystemMessage, {}),
        (AIMessage, {}),
        (AIMessageChunk, {}),
        (ToolMessage, {"tool_call_id": "1"}),
    )
]
models: list[Any] = [FakeListChatModel(responses=[URL]), FakeListLLM(responses=[URL])]
for message in messages:
    printed = [message.pretty_repr(), repr(message), str(message), str(message.text), message.content_blocks]
    TypeAdapter(AnyMessage).validate_python(TypeAdapter(AnyMessage).dump_python(message))
    assert load(dumpd(message)) == message and URL in dumps(message) and URL in message.model_dump_json()
    count_tokens_approximately([message])
    for model in models:
        model.get_num_tokens_from_messages([message])
convert_to_openai_messages([HumanMessage(BLOCKS[:2])])
convert_to_messages([("human", URL), {"role": "user", "content": BLOCKS[:2]}])
trim_messages(messages, max_tokens=99, token_counter="approximate")
merge_message_runs(filter_messages(messages, include_types=["human"]))
get_buffer_string(messages)
get_tokenizer().encode(URL)
InMemoryChatMessageHistory(messages=messages).model_dump_json()
repr(Document(URL, metadata={"source": URL}))

images = ChatPromptTemplate.from_messages(
    [("system", URL), ("human", [{"type": "image_url", "image_url": {"url": "{url}"}}])]
)
images.invoke({"url": URL}).to_string()
images.pretty_repr()
PromptTemplate.from_template("{{#a}}{{b}}{{/a}}", template_format="mustache").format(a={"b": URL})


@tool
def fetch(url: str) -> str:
    """Fetch something from http://127.0.0.1:9/."""
    return url


convert_to_openai_tool(fetch)
for model in models:
    chain = images | model
    chain.invoke({"url": URL})
    assert list(chain.stream({"url": URL}))
    drawn = [repr(chain), str(chain.get_graph().draw_mermaid()), chain.get_graph().draw_ascii()]
    chain.get_input_jsonschema(), chain.get_output_jsonschema(), str(chain.streaming_report()), dumps(chain)
print("ended")
