"""Models of one's own, and those that answer from a script."""

import asyncio
from collections.abc import Iterator
from typing import Any

from langchain_core.caches import InMemoryCache
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import (
    LLM,
    BaseChatModel,
    FakeListChatModel,
    FakeListLLM,
    FakeMessagesListChatModel,
    FakeStreamingListLLM,
    GenericFakeChatModel,
    ParrotFakeChatModel,
    SimpleChatModel,
)
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult, GenerationChunk


class Echo(LLM):
    n: int = 3

    def _call(
        self,
        prompt: str,
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> str:
        return prompt[: self.n] + (stop[0] if stop else "")

    @property
    def _llm_type(self) -> str:
        return "echo"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"n": self.n}


class Streaming(Echo):
    def _stream(self, prompt: str, stop=None, run_manager=None, **kwargs: Any) -> Iterator[GenerationChunk]:
        for letter in prompt[: self.n]:
            yield GenerationChunk(text=letter)


class Chat(BaseChatModel):
    def _generate(
        self, messages: list[BaseMessage], stop=None, run_manager=None, **kwargs: Any
    ) -> ChatResult:
        text = "".join(str(m.content) for m in messages)
        return ChatResult(generations=[ChatGeneration(message=AIMessage(text))], llm_output={"n": 1})

    @property
    def _llm_type(self) -> str:
        return "chat"


class ChatStream(Chat):
    def _stream(self, messages, stop=None, run_manager=None, **kwargs: Any) -> Iterator[ChatGenerationChunk]:
        for letter in str(messages[-1].content):
            yield ChatGenerationChunk(message=AIMessageChunk(letter))


class Simple(SimpleChatModel):
    def _call(self, messages, stop=None, run_manager=None, **kwargs: Any) -> str:
        return "simple " + str(messages[0].content)

    @property
    def _llm_type(self) -> str:
        return "simple"


print(Echo().invoke("hello"), Echo(n=2).invoke("hello", stop=["."]), Echo().batch(["abcd", "efgh"]))
print(list(Echo().stream("hello")), list(Streaming().stream("hello")), Streaming().invoke("hello"))
print(str(Echo()))
result = Echo().generate(["one", "two"])
print([[g.text for g in gs] for gs in result.generations], result.llm_output)
print(Echo().generate_prompt([]).generations)
print(Chat().invoke("hi").content, [c.content for c in Chat().stream("hi")])
print(Chat().invoke([("system", "a"), ("human", "b")]).content)
print(
    "|".join(c.content for c in ChatStream().stream("hey") if c.content), ChatStream().invoke("hey").content
)
print([c.content for c in ChatStream(disable_streaming=True).stream("hey")])
generated = Chat().generate([[HumanMessage("x")], [HumanMessage("y")]])
print([[g.text for g in gs] for gs in generated.generations], generated.llm_output)
print(Simple().invoke("x").content)
print(Chat()._llm_type, Chat().InputType is not None, Chat().OutputType is not None)

llm = FakeListLLM(responses=["a", "b"])
print([llm.invoke("?") for _ in range(3)])
print(list(FakeStreamingListLLM(responses=["abc"]).stream("?")))
chat = FakeListChatModel(responses=["one", "two"])
print(chat.invoke("?").content, [c.content for c in chat.stream("?")], chat.invoke("?").content)
print(FakeMessagesListChatModel(responses=[AIMessage("m", id="i")]).invoke("?").content)
print(ParrotFakeChatModel().invoke("again").content, [c.content for c in ParrotFakeChatModel().stream("hi")])
generic = GenericFakeChatModel(messages=iter([AIMessage("hello world"), "second"]))
print([c.content for c in generic.stream("?")], generic.invoke("?").content)

cached = FakeListChatModel(responses=["first", "second"], cache=InMemoryCache())
print(cached.invoke("same").content, cached.invoke("same").content, cached.invoke("other").content)
cached_llm = FakeListLLM(responses=["first", "second"], cache=InMemoryCache())
print(cached_llm.invoke("same"), cached_llm.invoke("same"), cached_llm.invoke("other"))
print(chat.bind(stop=["x"]).invoke("?").content)
chunk = next(iter(ChatStream().stream("h")))
print(type(chunk).__name__, chunk.id.startswith("lc_run--"))
print(FakeListChatModel(responses=["x"]).get_name(), Echo().get_name())


async def main() -> None:
    print(await Echo().ainvoke("hello"), [c async for c in Streaming().astream("hello")])
    print(
        [c.content async for c in ChatStream().astream("hey") if c.content],
        (await Chat().ainvoke("z")).content,
    )
    print([[g.text for g in gs] for gs in (await Chat().agenerate([[HumanMessage("x")]])).generations])


asyncio.run(main())
