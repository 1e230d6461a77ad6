"""Whatever hook an author defines serves every mode."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from pydantic import ConfigDict, Field, PrivateAttr, computed_field, model_validator

from modes import MODES, STREAMS, Mode, invoke, stream
from riverrun._engine.run import Run
from riverrun._pure.fold import fold
from riverrun.caches import InMemoryCache
from riverrun.exceptions import ModelError
from riverrun.language_models import LLM, BaseChatModel, BaseLLM, SimpleChatModel
from riverrun.language_models.chat_models import generate_from_stream
from riverrun.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage
from riverrun.outputs import (
    ChatGeneration,
    ChatGenerationChunk,
    ChatResult,
    Generation,
    GenerationChunk,
    LLMResult,
)
from riverrun.prompt_values import ChatPromptValue
from riverrun.runnables.config import run_in_executor
from riverrun.testing import Collector


def said(text: str, stop: Any, run_manager: Any, kwargs: Any) -> str:
    return f"{text}|{stop}|{run_manager is not None}|{kwargs}"


class TextCall(LLM):
    def _call(self, prompt: str, stop: Any = None, run_manager: Any = None, **kwargs: Any) -> str:
        return said(prompt, stop, run_manager, kwargs)


class TextAcall(LLM):
    async def _acall(self, prompt: str, stop: Any = None, run_manager: Any = None, **kwargs: Any) -> str:
        await asyncio.sleep(0)
        return said(prompt, stop, run_manager, kwargs)


class TextStream(LLM):
    def _stream(
        self, prompt: str, stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> Iterator[GenerationChunk]:
        for letter in said(prompt, stop, run_manager, kwargs):
            run_manager.on_llm_new_token(letter)
            yield GenerationChunk(letter)


class TextAstream(LLM):
    async def _astream(
        self, prompt: str, stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> AsyncIterator[GenerationChunk]:
        for letter in said(prompt, stop, run_manager, kwargs):
            await run_manager.on_llm_new_token(letter)
            yield GenerationChunk(letter)


class TextGenerate(BaseLLM):
    def _generate(
        self, prompts: list[str], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> LLMResult:
        return LLMResult([[Generation(said(prompt, stop, run_manager, kwargs))] for prompt in prompts])


class TextAgenerate(BaseLLM):
    async def _agenerate(
        self, prompts: list[str], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> LLMResult:
        await asyncio.sleep(0)
        return LLMResult([[Generation(said(prompt, stop, run_manager, kwargs))] for prompt in prompts])


TEXT_MODELS = [TextCall, TextAcall, TextStream, TextAstream, TextGenerate, TextAgenerate]


class ChatCall(SimpleChatModel):
    def _call(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> str:
        return said(str(messages[-1].text), stop, run_manager, kwargs)


class ChatGenerate(BaseChatModel):
    def _generate(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        text = said(str(messages[-1].text), stop, run_manager, kwargs)
        return ChatResult([ChatGeneration(AIMessage(text))])


class ChatAgenerate(BaseChatModel):
    async def _agenerate(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        await asyncio.sleep(0)
        text = said(str(messages[-1].text), stop, run_manager, kwargs)
        return ChatResult([ChatGeneration(AIMessage(text))])


class ChatStream(BaseChatModel):
    def _stream(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> Iterator[ChatGenerationChunk]:
        for letter in said(str(messages[-1].text), stop, run_manager, kwargs):
            chunk = ChatGenerationChunk(AIMessageChunk(letter))
            run_manager.on_llm_new_token(letter, chunk=chunk)
            yield chunk


class ChatAstream(BaseChatModel):
    async def _astream(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        for letter in said(str(messages[-1].text), stop, run_manager, kwargs):
            chunk = ChatGenerationChunk(AIMessageChunk(letter))
            await run_manager.on_llm_new_token(letter, chunk=chunk)
            yield chunk


CHAT_MODELS = [ChatCall, ChatGenerate, ChatAgenerate, ChatStream, ChatAstream]


def text_of(y: Any) -> str:
    return y if isinstance(y, str) else str(y.text)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("model", [*TEXT_MODELS, *CHAT_MODELS])
def test_g09_one_hook_serves_every_mode_with_all_its_arguments(model: Any, mode: Mode) -> None:
    assert text_of(fold(mode(model(), "x", stop=["s"], top=1))) == "x|['s']|True|{'top': 1}"


@pytest.mark.parametrize("mode", STREAMS)
@pytest.mark.parametrize("model", [TextStream, TextAstream, ChatStream, ChatAstream])
def test_streaming_hook_streams_and_its_own_report_of_a_token_is_not_a_second_one(
    model: Any, mode: Mode
) -> None:
    collector = Collector()
    chunks = mode(model(), "x", config={"callbacks": [collector]})
    collector.check()
    kinds = [note.kind for note in collector.notes]
    assert len(chunks) == len("x|None|True|{}") == kinds.count("chunk")
    assert "token" not in kinds


def test_tokens_that_a_hook_reports_and_does_not_yield_are_reported() -> None:
    class Reports(TextCall):
        def _call(self, prompt: str, stop: Any = None, run_manager: Any = None, **kwargs: Any) -> str:
            run_manager.on_llm_new_token("a")
            return "a"

    collector = Collector()
    assert Reports().invoke("x", {"callbacks": [collector]}) == "a"
    assert [note.value for note in collector.notes if note.kind == "token"] == ["a"]


@pytest.mark.parametrize("mode", MODES)
def test_hook_that_does_not_ask_for_a_manager_is_called_without(mode: Mode) -> None:
    class Old(LLM):
        def _call(self, prompt: str, stop: Any = None) -> str:  # type: ignore[override]  # as users write it
            return prompt + str(stop)

    class Loose(LLM):
        def _call(self, prompt: str, stop: Any = None, **kwargs: Any) -> str:  # type: ignore[override]
            return f"{prompt}{kwargs}"

    assert mode(Old(), "x") == ["xNone"]
    assert mode(Loose(), "x", a=1) == ["x{'a': 1}"]


@pytest.mark.parametrize("mode", MODES)
def test_hook_that_does_not_ask_for_a_manager_is_called_without_by_the_defaults_too(mode: Mode) -> None:
    class Old(LLM):
        def _call(self, prompt: str, stop: Any = None) -> str:  # type: ignore[override]  # as users write it
            return prompt + str(stop)

        def _generate(
            self, prompts: list[str], stop: Any = None, run_manager: Any = None, **kwargs: Any
        ) -> LLMResult:
            return super()._generate(prompts, stop, run_manager, **kwargs)

        async def _agenerate(
            self, prompts: list[str], stop: Any = None, run_manager: Any = None, **kwargs: Any
        ) -> LLMResult:
            return await super()._agenerate(prompts, stop, run_manager, **kwargs)

    class OldChat(SimpleChatModel):
        def _call(self, messages: list[BaseMessage], *, stop: Any = None) -> str:  # type: ignore[override]
            return str(messages[-1].text) + str(stop)

        async def _agenerate(
            self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
        ) -> ChatResult:
            return await super()._agenerate(messages, stop, run_manager, **kwargs)

    assert mode(Old(), "x") == ["xNone"]
    assert text_of(mode(OldChat(), "x")[0]) == "xNone"


def passed_on(hook: Any) -> Any:
    def call(*args: Any, **kwargs: Any) -> Any:
        return hook(*args, **kwargs)

    return call


class Static(BaseChatModel):
    @staticmethod
    def _generate(messages: Any, /, stop: Any = None, **kwargs: Any) -> ChatResult:  # type: ignore[override]
        return ChatResult([ChatGeneration(AIMessage(str(messages[-1].text) + "y"))])


class OfTheClass(BaseChatModel):
    @classmethod
    def _generate(cls, messages: Any, stop: Any = None, run_manager: Any = None) -> ChatResult:  # type: ignore[override]
        return ChatResult([ChatGeneration(AIMessage(str(messages[-1].text) + "y"))])


class Decorated(ChatStream):
    @passed_on
    def _generate(self, messages: Any, stop: Any = None, **kwargs: Any) -> ChatResult:
        return generate_from_stream(self._stream(messages, stop, **kwargs))

    @passed_on
    def _stream(self, messages: Any, stop: Any = None, **kwargs: Any) -> Any:
        for letter in str(messages[-1].text) + "y":
            yield ChatGenerationChunk(AIMessageChunk(letter))


class AList(Decorated):
    def _stream(self, messages: Any, stop: Any = None, **kwargs: Any) -> Any:
        return [ChatGenerationChunk(AIMessageChunk(letter)) for letter in str(messages[-1].text) + "y"]


class InAThread(Decorated):
    async def _agenerate(
        self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        manager = run_manager.get_sync()
        result: ChatResult = await run_in_executor(None, self._generate, messages, stop, run_manager=manager)
        return result

    def _astream(self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any) -> Any:
        return super()._astream(messages, stop, run_manager, **kwargs)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("model", [Static, OfTheClass, Decorated, AList, InAThread])
def test_hooks_may_be_written_in_any_legal_way(model: Any, mode: Mode) -> None:
    assert text_of(fold(mode(model(), "x"))) == "xy"
    assert [[each.text for each in made] for made in model().generate([[HumanMessage("x")]]).generations] == [
        ["xy"]
    ]


class Declared(SimpleChatModel):
    """All that pydantic offers to those who declare a model."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True, validate_assignment=True)

    size: int = Field(default=0, alias="model_size")
    _client: Any = PrivateAttr(default=None)
    _asked: int = 0

    @model_validator(mode="after")
    def connect(self) -> "Declared":
        self._client = {}
        return self

    @computed_field  # type: ignore[prop-decorator]
    @property
    def double(self) -> int:
        return 2 * self.size

    def _call(self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any) -> str:
        self._asked += 1
        self._client[self._asked] = True
        return f"{self.double} {self._asked} {len(self._client)}"


def test_a_model_is_declared_with_all_that_pydantic_offers() -> None:
    model = Declared(model_size=2)
    assert [text_of(fold(mode(model, "x"))) for mode in MODES] == [f"4 {n} {n}" for n in range(1, 7)]
    assert Declared(size=2) == Declared(model_size=2)
    with pytest.raises(ValueError, match="other"):
        Declared(other=1)


def test_default_async_hooks_call_the_sync_ones() -> None:
    async def main() -> None:
        assert await TextCall()._acall("x") == "x|None|False|{}"
        result = await TextGenerate()._agenerate(["x", "y"])
        assert [each[0].text[0] for each in result.generations] == ["x", "y"]
        assert (await TextAcall()._agenerate(["x"])).generations[0][0].text == "x|None|False|{}"
        answer = await ChatGenerate()._agenerate([HumanMessage("x")])
        assert answer.generations[0].text == "x|None|False|{}"

    asyncio.run(main())
    assert TextCall()._generate(["x"]).generations[0][0].text == "x|None|False|{}"


def test_default_async_stream_steps_the_sync_one_and_closes_it() -> None:
    closed = []

    class Model(BaseChatModel):
        def _stream(self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any) -> Any:
            try:
                for letter in "abc":
                    yield ChatGenerationChunk(AIMessageChunk(letter))
            finally:
                closed.append(True)

    async def main() -> None:
        chunks: Any = Model()._astream([])
        async for chunk in chunks:
            assert chunk.text == "a"
            break
        await chunks.aclose()

    asyncio.run(main())
    assert closed == [True]


def test_a_model_without_a_hook_says_which_it_could_have() -> None:
    class Empty(LLM):
        pass

    class EmptyChat(BaseChatModel):
        pass

    class EmptySimple(SimpleChatModel):
        pass

    for model, words in ((Empty(), "hook"), (EmptyChat(), "_generate"), (EmptySimple(), "_call")):
        for mode in MODES:
            with pytest.raises(NotImplementedError, match=words):
                mode(model, "x")


@pytest.mark.parametrize("mode", MODES)
def test_a_result_without_generations_is_an_error_that_says_so(mode: Mode) -> None:
    class NoChat(BaseChatModel):
        def _generate(
            self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any
        ) -> ChatResult:
            return ChatResult([])

    class NoText(BaseLLM):
        def _generate(
            self, prompts: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any
        ) -> LLMResult:
            return LLMResult([])

    with pytest.raises(ModelError, match="NoChat brought no generation"):
        mode(NoChat(), "x")
    with pytest.raises(ModelError, match="NoText was given 1 prompts"):
        mode(NoText(), "x")


@pytest.mark.parametrize("mode", MODES)
def test_what_is_no_result_or_chunk_is_named(mode: Mode) -> None:
    class NoResult(BaseChatModel):
        def _generate(self, messages: Any, stop: Any = None, **kwargs: Any) -> Any:
            return AIMessage("a")

    class NoChunk(BaseChatModel):
        def _stream(self, messages: Any, stop: Any = None, **kwargs: Any) -> Any:
            yield AIMessageChunk("a")

    class NoTexts(BaseLLM):
        def _generate(self, prompts: Any, stop: Any = None, **kwargs: Any) -> Any:
            return ["a"]

    class NoText(LLM):
        def _call(self, prompt: str, stop: Any = None, **kwargs: Any) -> Any:
            return 3

    with pytest.raises(ModelError, match="NoResult is to bring a ChatResult, not AIMessage"):
        mode(NoResult(), "x")
    with pytest.raises(
        ModelError, match="_stream of NoChunk is to yield ChatGenerationChunks, not AIMessageChunk"
    ):
        mode(NoChunk(), "x")
    with pytest.raises(ModelError, match="NoTexts is to bring an LLMResult, not list"):
        mode(NoTexts(), "x")
    with pytest.raises(ValueError, match="text must be a string, not int") as caught:
        mode(NoText(), "x")
    assert caught.value.__notes__ == ["in NoText"]


@pytest.mark.parametrize("mode", MODES)
def test_messages_of_a_prompt_are_a_list_of_the_hooks_own(mode: Mode) -> None:
    class Fixed(ChatPromptValue):
        def to_messages(self) -> Any:
            return tuple(self.messages)

    class Changes(ChatStream):
        def _stream(self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any) -> Any:
            yield from super()._stream(messages, stop, run_manager, **kwargs)
            messages.clear()

    value = ChatPromptValue(messages=[HumanMessage("x")])
    for cache in (None, InMemoryCache()):
        for x in (value, Fixed(messages=value.messages), value.messages):
            assert text_of(fold(mode(Changes(cache=cache), x))) == "x|None|True|{}"
    assert value.messages == [HumanMessage("x")]


class Both(ChatGenerate):
    streaming: bool = False

    def _stream(self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any) -> Any:
        for letter in "st":
            yield ChatGenerationChunk(AIMessageChunk(letter))


def test_invoke_streams_when_the_call_or_the_model_says_so() -> None:
    assert Both().invoke("x").text.startswith("x")
    assert Both().invoke("x", stream=True).text == "st"
    assert Both(streaming=True).invoke("x").text == "st"
    assert Both(streaming=True).invoke("x", stream=False).text.startswith("x")
    assert Both(disable_streaming=True).invoke("x", stream=True).text.startswith("x")


def test_stream_is_one_chunk_where_streaming_is_off() -> None:
    assert len(list(Both().stream("x"))) == 2
    assert len(list(Both(streaming=False).stream("x"))) == 1
    assert len(list(Both(disable_streaming=True).stream("x"))) == 1
    assert len(list(Both(disable_streaming="tool_calling").stream("x"))) == 2
    assert len(list(Both(disable_streaming="tool_calling").stream("x", tools=[{}]))) == 1


@pytest.mark.parametrize("mode", [invoke, stream])
def test_g02_what_a_hook_raises_arrives_with_a_note_of_where(mode: Mode) -> None:
    class Bad(TextCall):
        def _call(self, prompt: str, stop: Any = None, run_manager: Any = None, **kwargs: Any) -> str:
            raise LookupError("no")

    with pytest.raises(LookupError, match="no") as caught:
        mode(Bad(), "x")
    assert caught.value.__notes__ == ["in Bad"]


def test_metadata_describes_the_model_and_the_call() -> None:
    class ChatThing(ChatGenerate):
        model: str = "m"
        temperature: float = 0.5
        max_tokens: int = 7

    class ThingLLM(TextCall):
        model_name: str = "t"

    seen: list[dict[str, Any]] = []

    class Listener:
        def port(self, run: Run) -> None:
            seen.append(run.metadata())

    ChatThing().invoke("x", {"callbacks": [Listener()]}, stop=["s"], temperature=1)
    ThingLLM().invoke("x", {"callbacks": [Listener()]})
    assert list(seen[0].items()) == [
        ("ls_provider", "thing"),
        ("ls_model_type", "chat"),
        ("ls_stop", ["s"]),
        ("ls_model_name", "m"),
        ("ls_temperature", 1),
        ("ls_max_tokens", 7),
    ]
    assert seen[1] == {"ls_provider": "thing", "ls_model_type": "llm", "ls_model_name": "t"}
