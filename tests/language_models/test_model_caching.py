"""What a model has answered once is not asked for again."""

import asyncio
import gc
import json
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from pydantic import ConfigDict, SecretBytes, SecretStr

from growth import assert_linear
from modes import MODES, STREAMS, Mode, invoke
from riverrun._engine.run import Run
from riverrun._pure.fold import fold
from riverrun.caches import BaseCache, InMemoryCache
from riverrun.exceptions import ConfigError
from riverrun.globals import set_llm_cache
from riverrun.language_models import (
    LLM,
    BaseChatModel,
    BaseLLM,
    FakeListChatModel,
    FakeListLLM,
    FakeStreamingListLLM,
    GenericFakeChatModel,
)
from riverrun.messages import AIMessage, AIMessageChunk, HumanMessage
from riverrun.messages.utils import message_chunk_to_message
from riverrun.outputs import (
    ChatGeneration,
    ChatGenerationChunk,
    ChatResult,
    Generation,
    GenerationChunk,
    LLMResult,
)
from riverrun.rate_limiters import BaseRateLimiter
from riverrun.testing import Collector

USAGE: Any = {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}
CALL: Any = {"name": "look", "args": '{"x": 1', "id": "1", "index": 0, "type": "tool_call_chunk"}


@pytest.fixture(autouse=True)
def no_global_cache() -> Iterator[None]:
    yield
    set_llm_cache(None)


class Asked(BaseChatModel):
    """Streams, and counts how often it is asked."""

    fails_at: int | None = None

    def _stream(self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any) -> Any:
        ASKED.append(messages[-1].text)
        chunks = [
            AIMessageChunk("a", response_metadata={"model_name": "m"}),
            AIMessageChunk("b", tool_call_chunks=[CALL]),
            AIMessageChunk("", tool_call_chunks=[{**CALL, "name": None, "id": None, "args": "}"}]),
            AIMessageChunk("", usage_metadata=USAGE, chunk_position="last"),
        ]
        for i, chunk in enumerate(chunks):
            if i == self.fails_at:
                raise LookupError("odd")
            yield ChatGenerationChunk(chunk, {"finish_reason": "stop"} if i == 3 else None)


ASKED: list[str] = []


@pytest.fixture(autouse=True)
def nothing_asked() -> None:
    ASKED.clear()


class Spy(InMemoryCache):
    """Remembers its keys, and the threads that it was called in."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: list[tuple[str, str]] = []

    def update(self, prompt: str, llm_string: str, return_val: Sequence[Generation]) -> None:
        self.keys.append((prompt, llm_string))
        super().update(prompt, llm_string, return_val)


def whole(ys: Sequence[Any]) -> Any:
    return message_chunk_to_message(fold(ys))


@pytest.mark.parametrize("second", MODES)
@pytest.mark.parametrize("first", MODES)
def test_g19_a_completed_run_fills_the_cache_and_the_next_makes_no_call(first: Mode, second: Mode) -> None:
    model = Asked(cache=InMemoryCache())
    made, again = whole(first(model, "x")), whole(second(model, "x"))
    assert ASKED == ["x"]
    assert again.usage_metadata == {**USAGE, "total_cost": 0}
    again.usage_metadata = made.usage_metadata
    assert again == made
    assert made.tool_calls == [{"name": "look", "args": {"x": 1}, "id": "1", "type": "tool_call"}]
    assert made.response_metadata == {"model_name": "m", "finish_reason": "stop"}


@pytest.mark.parametrize("second", MODES)
@pytest.mark.parametrize("first", MODES)
def test_g19_models_of_text_likewise(first: Mode, second: Mode) -> None:
    model = FakeStreamingListLLM(responses=["abc", "no"], cache=InMemoryCache())
    assert fold(first(model, "x")) == fold(second(model, "x")) == "abc"
    assert model.i == 1


@pytest.mark.parametrize("mode", MODES)
def test_g19_a_cached_run_has_the_same_events_and_a_mark(mode: Mode) -> None:
    model = Asked(cache=InMemoryCache())
    kinds = []
    for _ in range(2):
        collector = Collector()
        mode(model, "x", config={"callbacks": [collector]})
        collector.check()
        kinds.append([note.kind for note in collector.notes if note.kind != "chunk"])
    assert kinds == [["start", "end"], ["start", "cached", "end"]]


@pytest.mark.parametrize("mode", MODES)
def test_a_cache_does_not_change_what_is_reported_as_the_input(mode: Mode) -> None:
    inputs: list[Any] = []

    class Listener:
        def port(self, run: Run) -> Any:
            return lambda kind, value, input: inputs.append(input) if kind == "end" else None

    for model in (Asked(cache=InMemoryCache()), Asked(), FakeListLLM(responses=["a"], cache=InMemoryCache())):
        mode(model, "x", config={"callbacks": [Listener()]})
    assert inputs == ["x", "x", "x"]


@pytest.mark.parametrize("mode", STREAMS)
def test_g19_a_stream_that_fails_writes_nothing(mode: Mode) -> None:
    cache = Spy()
    with pytest.raises(LookupError):
        mode(Asked(cache=cache, fails_at=2), "x")
    assert cache.keys == []


def test_g19_a_stream_that_is_left_writes_nothing() -> None:
    cache = Spy()
    for models in (Asked(cache=cache), FakeStreamingListLLM(responses=["abc"], cache=cache)):
        model: Any = models
        for _ in model.stream("x"):
            break

        async def leave(model: Any = model) -> None:
            async with model.astream("x") as chunks:
                async for _ in chunks:
                    break

        asyncio.run(leave())
    gc.collect()
    assert cache.keys == []


def test_g19_a_request_that_fails_writes_nothing() -> None:
    class Bad(LLM):
        def _call(self, prompt: str, stop: Any = None, run_manager: Any = None, **kwargs: Any) -> str:
            raise LookupError

    cache = Spy()
    for mode in MODES:
        with pytest.raises(LookupError):
            mode(Bad(cache=cache), "x")
    assert cache.keys == []


class Client:
    """Something that is no plain data."""


class Configured(LLM):
    temperature: float = 0
    client: Any = None
    key: SecretStr = SecretStr("k")
    password: str = "p"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {}

    def _call(self, prompt: str, stop: Any = None, run_manager: Any = None, **kwargs: Any) -> str:
        ASKED.append(prompt)
        return f"{self.temperature}{stop}{kwargs}"


class Other(Configured):
    pass


def test_g19_two_configurations_share_no_entry() -> None:
    cache = InMemoryCache()
    models: list[Any] = [
        Configured(cache=cache),
        Configured(cache=cache, temperature=1),
        Configured(cache=cache, client=Client()),
        Configured(cache=cache, client=Client()),
        Configured(cache=cache, client=lambda: 1),
        Configured(cache=cache, client={"a": 1}),
        Configured(cache=cache, client=[("a", 1)]),
        Other(cache=cache),
        Configured(cache=cache).bind(stop=["s"]),
        Configured(cache=cache).bind(stop=["t"]),
        Configured(cache=cache).bind(top=1),
    ]
    for _ in range(2):
        for model in models:
            model.invoke("x")
    assert len(ASKED) == len(models)
    Configured(cache=cache, temperature=1).invoke("x")  # the same as the second
    assert len(ASKED) == len(models)


def test_g19_a_client_that_was_replaced_is_another_configuration() -> None:
    model = Configured(cache=InMemoryCache(), client=Client())
    for _ in range(20):
        model.invoke("x")
        model.client = Client()
        gc.collect()
    assert len(ASKED) == 20
    script = GenericFakeChatModel(messages=iter(["a"]), cache=model.cache)
    assert [script.invoke("x").text for _ in range(3)] == ["a"] * 3
    script.messages = iter(["b"])
    assert script.invoke("x").text == "b"


def test_g19_keys_carry_no_secret_and_credentials_do_not_change_them() -> None:
    cache = Spy()
    Configured(cache=cache, key=SecretStr("sk-1"), password="hunter2").invoke("x")
    Configured(cache=cache, key=SecretStr("sk-2"), password="hunter2").invoke("x")
    assert len(cache.keys) == 1
    assert not any(secret in str(cache.keys) for secret in ("sk-1", "hunter2"))


def test_a_counter_that_a_hook_keeps_is_no_configuration() -> None:
    class Counting(LLM):
        calls: int = 0

        def _call(self, prompt: str, stop: Any = None, run_manager: Any = None, **kwargs: Any) -> str:
            self.calls += 1
            return str(self.calls)

    for mode in MODES:
        model = Counting(cache=InMemoryCache())
        assert [fold(mode(model, "x")) for _ in range(3)] == ["1"] * 3
        assert fold(mode(Counting(cache=model.cache), "x")) == "1"
        assert fold(mode(Counting(cache=model.cache, calls=1), "x")) == "2"
        model.calls = 5  # by somebody else: a setting again
        assert fold(mode(model, "x")) == "6"
    set_llm_cache(InMemoryCache())
    assert [Counting().invoke("x"), Counting().invoke("x")] == ["1", "1"]


def test_ids_of_messages_do_not_change_a_key_but_their_kinds_do() -> None:
    model = Asked(cache=InMemoryCache())
    model.invoke([HumanMessage("x", id="1")])
    model.invoke([HumanMessage("x", id="2")])
    assert len(ASKED) == 1
    model.invoke([AIMessage("x")])
    model.invoke([HumanMessage("x", name="n")])
    assert len(ASKED) == 3


def test_a_cache_can_read_the_messages_of_a_key() -> None:
    cache = Spy()
    Asked(cache=cache).invoke([HumanMessage("x", id="1")])
    path = ["langchain", "schema", "messages", "HumanMessage"]
    [(prompt, _)] = cache.keys
    assert json.loads(prompt) == [
        {"lc": 1, "type": "constructor", "id": path, "kwargs": {"content": "x", "type": "human"}}
    ]


def test_what_is_done_to_an_answer_does_not_reach_the_cache() -> None:
    class Plain(BaseChatModel):
        def _generate(
            self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any
        ) -> ChatResult:
            return ChatResult([ChatGeneration(AIMessage(["a"]))])

    model = Plain(cache=InMemoryCache())
    for _ in range(3):
        answer = model.invoke("x")
        assert answer.content == ["a"]
        answer.content.append("b")  # type: ignore[union-attr]  # a list, as it was made


def test_the_cache_of_all_models_is_used_unless_a_model_says_otherwise() -> None:
    set_llm_cache(cache := Spy())
    Configured().invoke("x")
    Configured(cache=True).invoke("x")
    assert (len(ASKED), len(cache.keys)) == (1, 1)
    Configured(cache=False).invoke("x")
    Configured(cache=InMemoryCache()).invoke("x")
    assert (len(ASKED), len(cache.keys)) == (3, 1)
    set_llm_cache(None)
    for mode in MODES:
        for model in (Configured(cache=True), Asked(cache=True)):
            with pytest.raises(ConfigError, match="set_llm_cache"):
                mode(model, "x")


class OnDisk(BaseCache):
    """Blocks, as caches that are files or servers do."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.threads: set[threading.Thread] = set()

    def lookup(self, prompt: str, llm_string: str) -> list[Generation] | None:
        self.threads.add(threading.current_thread())
        file = self.path / llm_string[-9:]
        return [ChatGeneration.model_validate_json(file.read_text())] if file.exists() else None

    def update(self, prompt: str, llm_string: str, return_val: Sequence[Generation]) -> None:
        self.threads.add(threading.current_thread())
        (self.path / llm_string[-9:]).write_text(return_val[0].model_dump_json())

    def clear(self, **kwargs: Any) -> None: ...


@pytest.mark.parametrize("mode", MODES)
def test_g22_a_cache_that_blocks_is_called_off_the_loop(mode: Mode, tmp_path: Path) -> None:
    cache = OnDisk(tmp_path)
    model = Asked(cache=cache)
    assert whole(mode(model, "x")).text == whole(mode(model, "x")).text == "ab"
    assert ASKED == ["x"]
    assert (threading.main_thread() in cache.threads) is (not mode.__name__.startswith("a"))


def test_a_cache_of_texts_serves_chat_models() -> None:
    class Texts(InMemoryCache):
        def lookup(self, prompt: str, llm_string: str) -> Sequence[Generation]:
            return [Generation("held")]

    for mode in MODES:
        assert whole(mode(Asked(cache=Texts()), "x")).content == "held"


def test_what_a_cache_raises_fails_the_run_and_is_told_where() -> None:
    class Broken(InMemoryCache):
        def lookup(self, prompt: str, llm_string: str) -> Sequence[Generation]:
            raise OSError("disk")

    for mode in MODES:
        with pytest.raises(OSError, match="disk") as caught:
            mode(Asked(cache=Broken()), "x")
        assert caught.value.__notes__ == ["in Asked"]


@pytest.mark.parametrize("mode", MODES)
def test_an_empty_list_in_a_cache_is_no_answer(mode: Mode) -> None:
    class Hollow(InMemoryCache):
        def lookup(self, prompt: str, llm_string: str) -> Sequence[Generation]:
            return []

    assert whole(mode(Asked(cache=Hollow()), "x")).text == "ab"
    assert fold(mode(Configured(cache=Hollow()), "x"))


def test_generate_asks_for_what_no_cache_holds() -> None:
    class Batched(BaseLLM):
        def _generate(
            self, prompts: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any
        ) -> LLMResult:
            ASKED.extend(prompts)
            return LLMResult([[Generation(prompt * 2)] for prompt in prompts], {"n": len(prompts)})

    model = Batched(cache=InMemoryCache())
    model.invoke("b")
    result = model.generate(["a", "b", "c"])
    assert [row[0].text for row in result.generations] == ["aa", "bb", "cc"]
    assert (ASKED, result.llm_output) == (["b", "a", "c"], {"n": 2})
    assert model.generate(["c", "a"]).llm_output == {}
    asyncio.run(model.agenerate(["c", "d"]))
    assert ASKED == ["b", "a", "c", "d"]

    chat = FakeListChatModel(responses=["a", "b"], cache=InMemoryCache())
    texts = [row[0].text for row in chat.generate([[HumanMessage("x")], [HumanMessage("x")]]).generations]
    assert texts == ["a", "a"]


class Counter(BaseRateLimiter):
    """Lets everybody pass, and counts them."""

    def __init__(self) -> None:
        self.passed = 0

    def acquire(self, *, blocking: bool = True) -> bool:
        self.passed += 1
        return True

    async def aacquire(self, *, blocking: bool = True) -> bool:
        return self.acquire()


@pytest.mark.parametrize("mode", MODES)
def test_the_rate_limiter_is_asked_once_for_each_request_and_not_for_what_is_cached(mode: Mode) -> None:
    limiter = Counter()
    model = Asked(rate_limiter=limiter, cache=InMemoryCache())
    mode(model, "x")
    mode(model, "x")
    assert limiter.passed == 1
    mode(model, "y")
    assert limiter.passed == 2
    mode(FakeListChatModel(responses=["a"], rate_limiter=limiter), "y")
    assert limiter.passed == 3


def test_fakes_are_cached_though_they_count() -> None:
    makers: list[Callable[[], Any]] = [
        lambda: FakeListLLM(responses=["a", "b"], cache=InMemoryCache()),
        lambda: FakeListChatModel(responses=["a", "b"], cache=InMemoryCache()),
    ]
    for make in makers:
        for mode in MODES:
            model = make()
            assert [getattr(fold(mode(model, "x")), "text", "a") for _ in range(2)] == ["a", "a"]


def test_g19_infos_of_chunks_of_text_are_kept() -> None:
    class Told(LLM):
        def _stream(self, prompt: str, stop: Any = None, run_manager: Any = None, **kwargs: Any) -> Any:
            yield GenerationChunk("a")
            yield GenerationChunk("b", {"finish_reason": "stop"})

    cache = InMemoryCache()
    model = Told(cache=cache)
    assert list(model.stream("x")) == ["a", "b"]
    assert model.generate(["x"]).generations == [[Generation("ab", {"finish_reason": "stop"})]]
    assert invoke(model, "x") == ["ab"]


def test_g05_a_stream_that_fills_a_cache_costs_linear_time() -> None:
    def work(length: int) -> Callable[[], Any]:
        def read() -> None:
            model = FakeListChatModel(responses=["a" * length], cache=InMemoryCache())
            assert sum(1 for _ in model.stream("x")) == length

        return read

    assert_linear(work, 1000)


def test_g18_nothing_is_kept_of_models_that_are_gone() -> None:
    models = [FakeListLLM(responses=["a"], cache=InMemoryCache()) for _ in range(3)]
    clients = [Configured(cache=InMemoryCache(), client=Client()) for _ in range(3)]
    for client in clients:
        client.client.owner = client  # it knows its model, as clients do
    for model in (*models, *clients):
        model.invoke("x")
    left = [weakref.ref(model) for model in (*models, *clients)]
    del model, client, models, clients
    gc.collect()
    assert [each() for each in left] == [None] * 6


def test_settings_beyond_the_fields_are_settings_too() -> None:
    class Open(Configured):
        model_config = ConfigDict(extra="allow")

    cache = InMemoryCache()
    for top in (1, 2, 1):
        Open(cache=cache, top=top).invoke("x")
    assert len(ASKED) == 2


class Effort(Enum):
    LOW = 1
    HIGH = 2


def inside_itself() -> list[Any]:
    endless: list[Any] = []
    endless.append(endless)
    return endless


@pytest.mark.parametrize(
    "settings",
    [
        (inside_itself(), [[]]),
        (10**5000, 10**5001),
        ("\ud800", "\ud801"),
        (float("nan"), float("inf")),
        ({1: "a"}, {"1": "a"}),
        ({(1, "a"): {2}}, {(1, "a"): {3}}),
        ("builtins.int", int),
        (b"a", "a"),
        (object(), object()),
        (iter([1]), iter([1])),
    ],
)
def test_any_setting_makes_a_key_that_stays(settings: tuple[Any, Any]) -> None:
    one, other = (Configured(client=setting, cache=InMemoryCache()) for setting in settings)
    assert one._get_llm_string() == one._get_llm_string() != other._get_llm_string()
    assert one._get_llm_string(top=settings[0]) != one._get_llm_string(
        top=settings[1]
    )  # and so does any argument


@pytest.mark.parametrize(
    "make",
    [
        lambda: Effort.HIGH,
        lambda: Path("a"),
        lambda: Decimal("1.0"),
        lambda: datetime(2025, 1, 1),
        lambda: SecretBytes(b"a"),
        lambda: range(3),
    ],
)
def test_equal_settings_share_their_entries(make: Callable[[], Any]) -> None:
    cache = InMemoryCache()
    for _ in range(2):
        Configured(client=make(), cache=cache).invoke("x")
    assert len(ASKED) == 1


def test_models_that_compare_in_a_way_of_their_own_are_cached_each_by_itself() -> None:
    class Alike(LLM):
        calls: int = 0

        def __eq__(self, other: object) -> bool:  # and so has no hash
            return True

        def _call(self, prompt: str, stop: Any = None, run_manager: Any = None, **kwargs: Any) -> str:
            self.calls += 1
            return str(self.calls)

    cache = InMemoryCache()
    assert [Alike(cache=cache, calls=calls).invoke("x") for calls in (0, 5, 0)] == ["1", "6", "1"]
    assert Alike().invoke("x") == "1"
    one, other = Configured(cache=cache), Configured(cache=cache)
    one.invoke("x")
    assert one == other
