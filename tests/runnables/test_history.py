"""A conversation round a chain, in every mode: what goes in, what comes out, what is stored and when."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing
from typing import Any

import pytest

from riverrun.chat_history import BaseChatMessageHistory, InMemoryChatMessageHistory
from riverrun.exceptions import ConfigError, EmptyStreamError, InputError
from riverrun.language_models import GenericFakeChatModel
from riverrun.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage, SystemMessage
from riverrun.output_parsers import StrOutputParser
from riverrun.prompts import ChatPromptTemplate, MessagesPlaceholder
from riverrun.runnables import ConfigurableFieldSpec, Runnable, RunnableLambda
from riverrun.runnables.history import RunnableWithMessageHistory
from riverrun.testing import Collector

CONFIG: Any = {"configurable": {"session_id": "one"}}
HI, YO = HumanMessage("hi"), AIMessage("yo")


class Sessions(dict[str, InMemoryChatMessageHistory]):
    """Stores of conversations, made when they are first asked for."""

    def __call__(self, session_id: str) -> InMemoryChatMessageHistory:
        return self.setdefault(session_id, InMemoryChatMessageHistory())

    def said(self, session: str = "one") -> list[tuple[str, Any]]:
        return [(message.type, message.content) for message in self(session).messages]


def model(*answers: str) -> GenericFakeChatModel:
    return GenericFakeChatModel(messages=iter(answers or ["first answer", "second answer", "third answer"]))


def prompt() -> ChatPromptTemplate:
    return ChatPromptTemplate([("system", "s"), MessagesPlaceholder("h"), ("human", "{q}")])


def with_history(step: Any, sessions: Any, **keys: Any) -> RunnableWithMessageHistory[Any, Any]:
    return RunnableWithMessageHistory(step, sessions, **keys)


async def _first_of(stream: Any) -> Any:
    async with aclosing(stream) as ys:
        return await anext(ys)


async def _all_of(stream: Any) -> list[Any]:
    return [y async for y in stream]


async def _once(x: Any) -> AsyncIterator[Any]:
    yield x


MODES: dict[str, Callable[[Runnable[Any, Any], Any], Any]] = {
    "invoke": lambda step, x: step.invoke(x, CONFIG),
    "ainvoke": lambda step, x: asyncio.run(step.ainvoke(x, CONFIG)),
    "stream": lambda step, x: list(step.stream(x, CONFIG)),
    "astream": lambda step, x: asyncio.run(_all_of(step.astream(x, CONFIG))),
    "transform": lambda step, x: list(step.transform(iter([x]), CONFIG)),
    "atransform": lambda step, x: asyncio.run(_all_of(step.atransform(_once(x), CONFIG))),
    "batch": lambda step, x: step.batch([x], CONFIG),
    "abatch": lambda step, x: asyncio.run(step.abatch([x], CONFIG)),
}
every_mode = pytest.mark.parametrize("run", MODES.values(), ids=MODES.keys())


# ------------------------------------------------------------------------------------------------ what is stored


@every_mode
def test_g09_a_turn_is_stored_once_and_alike_in_every_mode(run: Any) -> None:
    sessions = Sessions()
    step = with_history(prompt() | model(), sessions, input_messages_key="q", history_messages_key="h")
    run(step, {"q": "hi"})
    run(step, {"q": "more"})
    assert sessions.said() == [
        ("human", "hi"),
        ("ai", "first answer"),
        ("human", "more"),
        ("ai", "second answer"),
    ]
    assert all(type(message) is not AIMessageChunk for message in sessions("one").messages)


@every_mode
def test_the_model_sees_what_was_said_before(run: Any) -> None:
    seen: list[Any] = []
    sessions = Sessions()
    step = with_history(RunnableLambda(lambda messages: seen.append(messages) or "yo"), sessions)
    run(step, "hi")
    run(step, "more")
    assert seen == [[HI], [HI, YO, HumanMessage("more")]]


@pytest.mark.parametrize(
    ("x", "said"),
    [
        ("hi", [HI]),
        (HI, [HI]),
        ([HI, YO], [HI, YO]),
        ((HI, YO), [HI, YO]),
        ([[HI, YO]], [HI, YO]),
        ([("human", "hi"), ("system", "s")], [HI, SystemMessage("s")]),
        ({"input": "hi", "other": 1}, [HI]),
        ({"any": [HI]}, [HI]),
        ([], []),
    ],
)
def test_an_input_may_say_it_in_many_ways(x: Any, said: list[BaseMessage]) -> None:
    sessions, seen = Sessions(), []
    with_history(lambda messages: seen.append(messages) or "yo", sessions).invoke(x, CONFIG)
    assert seen == [said]
    assert sessions("one").messages == [*said, YO]


@pytest.mark.parametrize(
    ("y", "answer"),
    [
        ("yo", [YO]),
        (YO, [YO]),
        (AIMessageChunk("yo"), [YO]),
        ([YO, YO], [YO, YO]),
        ((YO,), [YO]),
        (["yo"], [YO]),
        ([[YO]], [YO]),
        ({"output": "yo", "other": 1}, [YO]),
        ({"any": [YO]}, [YO]),
        (HI, [HI]),
    ],
)
def test_an_output_may_be_many_things_and_is_handed_on_as_it_is(y: Any, answer: list[BaseMessage]) -> None:
    sessions = Sessions()
    assert with_history(lambda _: y, sessions).invoke("hi", CONFIG) == y
    assert sessions("one").messages == [HI, *answer]


def test_a_dict_keeps_its_other_keys() -> None:
    seen: list[Any] = []
    step = with_history(
        lambda x: seen.append(x) or {"a": "yo", "b": "?"},
        Sessions(),
        input_messages_key="q",
        output_messages_key="a",
    )
    step.invoke({"q": "hi", "z": 1}, CONFIG)
    step.invoke({"q": "hi", "z": 2}, CONFIG)
    assert seen == [{"q": [HI], "z": 1}, {"q": [HI, YO, HI], "z": 2}]


def test_the_history_has_its_key_beside_the_input() -> None:
    seen: list[Any] = []
    step = with_history(
        lambda x: seen.append(x) or "yo", Sessions(), input_messages_key="q", history_messages_key="h"
    )
    step.invoke({"q": "hi", "z": 1}, CONFIG)
    step.invoke({"q": "hi", "z": 1}, CONFIG)
    assert seen == [{"q": "hi", "z": 1, "h": []}, {"q": "hi", "z": 1, "h": [HI, YO]}]


def test_a_chain_of_text_is_stored_as_messages() -> None:
    sessions = Sessions()
    step = with_history(model() | StrOutputParser(), sessions)
    assert list(step.stream("hi", CONFIG)) == ["first", " ", "answer"]
    assert sessions.said() == [("human", "hi"), ("ai", "first answer")]


def test_each_input_of_a_batch_has_its_own_conversation() -> None:
    sessions = Sessions()
    configs: Any = [{"configurable": {"session_id": name}} for name in ("a", "b")]
    step = with_history(lambda messages: messages[-1].content.upper(), sessions)
    assert step.batch(["x", "y"], configs) == ["X", "Y"]
    assert asyncio.run(step.abatch(["z", "w"], configs)) == ["Z", "W"]
    assert sessions.said("a") == [("human", "x"), ("ai", "X"), ("human", "z"), ("ai", "Z")]
    assert sessions.said("b") == [("human", "y"), ("ai", "Y"), ("human", "w"), ("ai", "W")]


def test_the_stored_list_is_not_the_one_that_a_step_is_given() -> None:
    sessions = Sessions()
    step = with_history(lambda messages: messages.clear() or "yo", sessions)
    step.invoke("hi", CONFIG)
    step.invoke("hi", CONFIG)
    assert len(sessions("one").messages) == 4


def test_keyword_arguments_of_a_run_reach_the_runnable() -> None:
    step = with_history(RunnableLambda(lambda messages, stop=None: str(stop)), Sessions())
    assert step.invoke("hi", CONFIG, stop="!") == "!"
    assert step.bind(stop="?").invoke("hi", CONFIG) == "?"


def test_the_store_stands_in_the_config_of_what_runs_inside() -> None:
    sessions, seen = Sessions(), []
    with_history(
        RunnableLambda(lambda _, config: seen.append(config["configurable"]) or "yo"), sessions
    ).invoke("hi", CONFIG)
    assert seen == [{"session_id": "one", "message_history": sessions("one")}]


# --------------------------------------------------------------------------------------------------- streaming


def test_g03_tokens_pass_on_one_by_one_and_the_turn_is_stored_after_the_last() -> None:
    sessions = Sessions()
    step = with_history(prompt() | model(), sessions, input_messages_key="q", history_messages_key="h")
    counts = [(chunk.content, len(sessions("one").messages)) for chunk in step.stream({"q": "hi"}, CONFIG)]
    assert counts == [("first", 0), (" ", 0), ("answer", 0)]
    assert len(sessions("one").messages) == 2


def test_the_runs_inside_go_by_the_names_that_listeners_know() -> None:
    notes = Collector()
    config: Any = {**CONFIG, "callbacks": [notes]}
    step = with_history(prompt() | model(), Sessions(), input_messages_key="q", history_messages_key="h")
    list(step.stream({"q": "hi"}, config))
    starts = {(note.name, note.tag) for note in notes.notes if note.kind == "start"}
    assert starts == {
        ("RunnableWithMessageHistory", None),
        ("insert_history", "seq:step:1"),
        ("RunnableParallel<h>", None),
        ("load_history", "map:key:h"),
        ("check_sync_or_async", "seq:step:2"),
        ("RunnableSequence", None),
        ("ChatPromptTemplate", "seq:step:1"),
        ("GenericFakeChatModel", "seq:step:2"),
    }
    notes.check()


def test_without_a_key_the_history_is_loaded_in_one_run() -> None:
    notes = Collector()
    with_history(model(), Sessions()).invoke("hi", {**CONFIG, "callbacks": [notes]})
    starts = [note.name for note in notes.notes if note.kind == "start"]
    assert starts == [
        "RunnableWithMessageHistory",
        "load_history",
        "check_sync_or_async",
        "GenericFakeChatModel",
    ]


# ----------------------------------------------------------------------------------------- turns that are cut short


def spell(messages: Any) -> Iterator[AIMessageChunk]:
    for token in ("one", " two", " three"):
        yield AIMessageChunk(token, id="x")


def nothing(messages: Any) -> Iterator[str]:
    yield from ()


def break_sync(step: Any) -> None:
    ys = step.stream("hi", CONFIG)
    next(ys)
    ys.close()


def break_async(step: Any) -> None:
    asyncio.run(_first_of(step.astream("hi", CONFIG)))


def cancel(step: Any) -> None:
    async def main() -> None:
        came = asyncio.Event()

        async def read() -> None:
            async for _ in step.astream("hi", CONFIG):
                came.set()
                await asyncio.Event().wait()

        task = asyncio.ensure_future(read())
        await came.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await asyncio.sleep(0)

    asyncio.run(main())


@pytest.mark.parametrize("stop", [break_sync, break_async, cancel])
def test_g12_what_the_reader_saw_of_an_answer_is_stored_once_and_marked(stop: Any) -> None:
    sessions = Sessions()
    stop(with_history(RunnableLambda(spell), sessions))
    marked = AIMessage("one", id="x", response_metadata={"incomplete": True})
    assert sessions("one").messages == [HI, marked]


@pytest.mark.parametrize("colour", ["stream", "astream"])
def test_g12_an_error_after_the_first_token_keeps_what_was_seen(colour: str) -> None:
    def fail(messages: Any) -> Iterator[AIMessageChunk]:
        yield AIMessageChunk("half")
        raise OSError("line cut")

    sessions = Sessions()
    with pytest.raises(OSError, match="line cut"):
        MODES[colour](with_history(RunnableLambda(fail), sessions), "hi")
    assert sessions("one").messages == [HI, AIMessage("half", response_metadata={"incomplete": True})]


@every_mode
def test_g12_a_run_that_fails_before_anything_was_seen_leaves_no_trace(run: Any) -> None:
    def fail(messages: Any) -> Any:
        raise OSError("no line")

    sessions = Sessions()
    with pytest.raises(OSError, match="no line"):
        run(with_history(RunnableLambda(fail), sessions), "hi")
    assert sessions("one").messages == []


def test_g12_a_stream_that_nobody_began_to_read_leaves_no_trace() -> None:
    sessions = Sessions()
    step = with_history(RunnableLambda(spell), sessions)
    step.stream("hi", CONFIG).close()

    async def main() -> None:
        await step.astream("hi", CONFIG).aclose()

    asyncio.run(main())
    assert sessions("one").messages == []


def test_g12_an_empty_beginning_is_no_answer() -> None:
    def blank(messages: Any) -> Iterator[AIMessageChunk]:
        yield AIMessageChunk("")
        yield AIMessageChunk("text")

    sessions = Sessions()
    break_sync(with_history(RunnableLambda(blank), sessions))
    assert sessions("one").messages == []


def test_g12_an_answer_whose_key_has_not_come_yet_is_none() -> None:
    def answer(messages: Any) -> Iterator[dict[str, str]]:
        yield {"thoughts": "hm"}
        yield {"output": "yo"}

    sessions = Sessions()
    break_sync(with_history(RunnableLambda(answer), sessions, output_messages_key="output"))
    assert sessions("one").messages == []


def test_g12_calls_of_an_answer_that_was_cut_short_are_never_sent_back_as_complete() -> None:
    def ask(messages: Any) -> Iterator[AIMessageChunk]:
        piece = {"name": "look", "args": '{"at": 1}', "id": "1", "index": 0, "type": "tool_call_chunk"}
        yield AIMessageChunk("", tool_call_chunks=[piece])
        yield AIMessageChunk("", tool_call_chunks=[{**piece, "args": '{"at', "id": "2", "index": 1}])
        yield AIMessageChunk("never")

    sessions = Sessions()
    step = with_history(RunnableLambda(ask), sessions)
    ys = step.stream("hi", CONFIG)
    next(ys), next(ys)
    ys.close()
    _, answer = sessions("one").messages
    assert isinstance(answer, AIMessage)
    assert answer.tool_calls == []
    assert sorted((call["id"], call["args"]) for call in answer.invalid_tool_calls) == [
        ("1", '{"at": 1}'),
        ("2", '{"at'),
    ]
    assert answer.response_metadata == {"incomplete": True}


def test_g12_a_store_that_fails_while_a_stream_is_closed_is_heard(caplog: Any) -> None:
    class Full(InMemoryChatMessageHistory):
        def add_messages(self, messages: Any) -> None:
            raise OSError("disk full")

    step = with_history(RunnableLambda(spell), lambda session_id: Full())
    break_sync(step)
    assert "could not store a turn" in caplog.text
    assert "disk full" in caplog.text

    def fail(messages: Any) -> Iterator[str]:
        yield "half"
        raise ValueError("line cut")

    with pytest.raises(ValueError, match="line cut") as caught:
        list(with_history(RunnableLambda(fail), lambda session_id: Full()).stream("hi", CONFIG))
    assert any("disk full" in note for note in caught.value.__notes__)


@every_mode
def test_a_turn_that_can_not_be_stored_is_an_error(run: Any) -> None:
    class Full(InMemoryChatMessageHistory):
        def add_messages(self, messages: Any) -> None:
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        run(with_history(RunnableLambda(lambda _: "yo"), lambda session_id: Full()), "hi")


def test_g12_a_retry_round_it_doubles_nothing() -> None:
    left = [OSError("busy")]

    def answer(messages: Any) -> Iterator[str]:
        if left:
            raise left.pop()
        yield "yo"

    sessions = Sessions()
    step = with_history(RunnableLambda(answer), sessions).with_retry(wait_exponential_jitter=False)
    assert list(step.stream("hi", CONFIG)) == ["yo"]
    assert sessions("one").messages == [HI, YO]


# ---------------------------------------------------------------------------------------------- stores of all colours


class Recording(BaseChatMessageHistory):
    """A store that blocks, and remembers in which threads it did."""

    def __init__(self) -> None:
        self.kept: list[BaseMessage] = []
        self.threads: set[int] = set()

    @property
    def messages(self) -> list[BaseMessage]:  # type: ignore[override]
        self._block()
        return self.kept

    def add_messages(self, messages: Any) -> None:
        self._block()
        self.kept.extend(messages)

    def clear(self) -> None:
        self.kept = []

    def _block(self) -> None:
        self.threads.add(threading.get_ident())
        time.sleep(0.03)


class AsyncOnly:
    """A store that knows only async code; it is no subclass of ours."""

    def __init__(self) -> None:
        self.kept: list[BaseMessage] = []

    async def aget_messages(self) -> list[BaseMessage]:
        await asyncio.sleep(0)
        return self.kept

    async def aadd_messages(self, messages: Any) -> None:
        await asyncio.sleep(0)
        self.kept.extend(messages)


@pytest.mark.parametrize("mode", ["ainvoke", "astream"])
def test_g22_a_blocking_store_never_stalls_the_loop(mode: str) -> None:
    history = Recording()

    def get(session_id: str) -> Recording:
        history._block()
        return history

    step = with_history(RunnableLambda(lambda _: "yo"), get)
    gaps: list[float] = []

    async def beat() -> None:
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.001)
            gaps.append(time.monotonic() - before)

    async def main() -> None:
        heart = asyncio.ensure_future(beat())
        if mode == "ainvoke":
            await step.ainvoke("hi", CONFIG)
        else:
            await _all_of(step.astream("hi", CONFIG))
        heart.cancel()

    asyncio.run(main())
    assert threading.get_ident() not in history.threads
    assert len(gaps) > 10
    assert history.kept == [HI, YO]


@every_mode
def test_a_store_of_async_code_serves_sync_code_too(run: Any) -> None:
    history: Any = AsyncOnly()
    run(with_history(lambda _: "yo", lambda session_id: history), "hi")
    assert history.kept == [HI, YO]


@every_mode
def test_the_function_that_gives_the_store_may_be_async(run: Any) -> None:
    sessions = Sessions()

    async def get(session_id: str) -> InMemoryChatMessageHistory:
        await asyncio.sleep(0)
        return sessions(session_id)

    run(with_history(RunnableLambda(lambda _: "yo"), get), "hi")
    run(with_history(RunnableLambda(lambda _: "yo"), lambda session_id: get(session_id)), "hi")
    assert sessions("one").messages == [HI, YO, HI, YO]


def test_a_store_in_memory_costs_no_thread() -> None:
    sessions = Sessions()
    threads: set[str] = set()

    class Watched(InMemoryChatMessageHistory):
        async def aget_messages(self) -> list[BaseMessage]:
            threads.add(threading.current_thread().name)
            return await super().aget_messages()

    sessions["one"] = Watched()
    MODES["ainvoke"](with_history(RunnableLambda(spell), sessions), "hi")
    assert threads == {"MainThread"}


# ------------------------------------------------------------------------------------------- which conversation it is

SPECS = [
    ConfigurableFieldSpec(id="user_id", annotation=str, name="User", default="", is_shared=True),
    ConfigurableFieldSpec(
        id="conversation_id", annotation=str, name="Conversation", default="", is_shared=True
    ),
]


def test_several_keys_are_given_by_name() -> None:
    sessions = Sessions()

    def get(conversation_id: str, user_id: str, limit: int = 10) -> InMemoryChatMessageHistory:
        return sessions(f"{user_id}/{conversation_id}")

    step = with_history(lambda _: "yo", get, history_factory_config=SPECS)
    step.invoke("hi", {"configurable": {"user_id": "u", "conversation_id": "c"}})
    assert list(sessions) == ["u/c"]
    assert [spec.id for spec in step.config_specs] == ["conversation_id", "user_id"]
    with pytest.raises(ValueError, match=r"lacks \['conversation_id'\].*'conversation_id': '\[your"):
        step.invoke("hi", {"configurable": {"user_id": "u"}})


def test_one_key_is_given_by_position_whatever_its_name() -> None:
    sessions = Sessions()
    step = with_history(lambda _: "yo", lambda whom: sessions(whom), history_factory_config=SPECS[:1])
    step.invoke("hi", {"configurable": {"user_id": "u"}})
    assert list(sessions) == ["u"]


@pytest.mark.parametrize("specs", [None, []])
def test_a_function_without_parameters_is_given_none(specs: Any) -> None:
    sessions = Sessions()
    step = with_history(lambda _: "yo", lambda: sessions("one"), history_factory_config=specs)
    step.invoke("hi", CONFIG)
    assert sessions("one").messages == [HI, YO]


def test_keys_that_the_function_does_not_take_are_an_error_at_once() -> None:
    def get(user_id: str, conversation: str) -> Any: ...

    with pytest.raises(ConfigError, match=r"\['conversation', 'user_id'\].*\['conversation_id', 'user_id'\]"):
        with_history(lambda _: "yo", get, history_factory_config=SPECS)


def test_a_function_may_take_any_keyword() -> None:
    sessions = Sessions()
    step = with_history(
        lambda _: "yo", lambda **ids: sessions("/".join(sorted(ids.values()))), history_factory_config=SPECS
    )
    step.invoke("hi", {"configurable": {"user_id": "u", "conversation_id": "c"}})
    assert list(sessions) == ["c/u"]


@every_mode
@pytest.mark.parametrize("config", [None, {}, {"configurable": {"other": 1}}])
def test_a_run_without_a_session_says_how_to_pass_one(run: Any, config: Any, monkeypatch: Any) -> None:
    monkeypatch.setitem(globals(), "CONFIG", config)
    with pytest.raises(ValueError, match=r"\['session_id'\].*\{'configurable': \{'session_id': "):
        run(with_history(lambda _: "yo", Sessions()), "hi")


def test_a_session_may_be_laid_on_or_come_from_the_run_around_it() -> None:
    sessions = Sessions()
    step = with_history(lambda _: "yo", sessions)
    step.with_config(CONFIG).invoke("hi")
    RunnableLambda(lambda x: step.invoke(x)).invoke("hi", CONFIG)
    assert sessions("one").messages == [HI, YO, HI, YO]


# ------------------------------------------------------------------------------------------------------- bad input


@every_mode
@pytest.mark.parametrize("x", [5, None, b"hi", {"a": 1}])
def test_an_input_that_says_nothing_is_refused_before_anything_runs(run: Any, x: Any) -> None:
    sessions, seen = Sessions(), []
    with pytest.raises(InputError, match="text, a message or a list of messages"):
        run(with_history(lambda messages: seen.append(messages) or "yo", sessions), x)
    assert (seen, dict(sessions)) == ([], {})


def test_an_input_without_its_key_names_those_it_has() -> None:
    step = with_history(lambda _: "yo", Sessions(), input_messages_key="q")
    with pytest.raises(KeyError, match=r"no key 'q', it has \['z'\].*input_messages_key") as caught:
        step.invoke({"z": 1}, CONFIG)
    assert isinstance(caught.value, ValueError)


def test_an_input_that_is_no_dict_where_one_is_needed_is_refused() -> None:
    step = with_history(lambda _: "yo", Sessions(), input_messages_key="q", history_messages_key="h")
    with pytest.raises(ValueError, match="takes a dict"):
        step.invoke("hi", CONFIG)


@pytest.mark.parametrize("y", [5, None, b"yo", {"a": 5}])
def test_an_answer_that_is_no_message_is_an_error_and_no_half_turn(y: Any) -> None:
    sessions = Sessions()
    with pytest.raises(ValueError, match="text, a message, a list of messages"):
        with_history(lambda _: y, sessions).invoke("hi", CONFIG)
    assert sessions("one").messages == []


@every_mode
def test_an_empty_stream_is_no_answer(run: Any) -> None:
    sessions = Sessions()
    with pytest.raises(EmptyStreamError):
        run(with_history(RunnableLambda(nothing), sessions), "hi")
    assert sessions("one").messages == []


def test_an_answer_without_its_key_names_those_it_has() -> None:
    step = with_history(lambda _: {"a": "yo", "b": "?"}, Sessions())
    with pytest.raises(KeyError, match=r"no key 'output', it has \['a', 'b'\].*output_messages_key"):
        step.invoke("hi", CONFIG)


def test_what_is_no_store_is_named() -> None:
    with pytest.raises(InputError, match="not dict"):
        with_history(lambda _: "yo", lambda session_id: {}).invoke("hi", CONFIG)


# ------------------------------------------------------------------------------------------------------ describing


def test_it_describes_itself() -> None:
    plain = with_history(model(), Sessions())
    keyed = with_history(prompt() | model(), Sessions(), input_messages_key="q", history_messages_key="h")
    assert plain.get_name() == "RunnableWithMessageHistory"
    assert (plain.InputType, plain.OutputType) == (Any, list[BaseMessage])
    assert (keyed.InputType, keyed.OutputType) == (dict[str, Any], dict[str, Any])
    assert [spec.id for spec in plain.config_specs] == ["session_id"]
    assert plain.get_input_jsonschema()["type"] == "array"
    schema = keyed.get_input_jsonschema()
    assert (schema["title"], list(schema["properties"])) == ("RunnableWithChatHistoryInput", ["q"])
    assert schema["properties"]["q"]["anyOf"][0]["type"] == "string"
    assert keyed.get_output_jsonschema()["title"] == "RunnableWithChatHistoryOutput"
    assert "load_history" in [node.name for node in keyed.get_graph().nodes.values()]
    assert repr(plain).startswith("RunnableWithMessageHistory(runnable=GenericFakeChatModel(")


def test_g03_its_report_says_when_the_first_token_comes() -> None:
    step = with_history(prompt() | model(), Sessions(), input_messages_key="q", history_messages_key="h")
    report = step.streaming_report()
    assert [(row.name, row.input) for row in report][:2] == [
        ("load_history", "whole"),
        ("RunnableSequence", "whole"),
    ]
    assert report.summary == (
        "First output: as soon as step 2 > step 2 (GenericFakeChatModel) brings its first token."
    )
    assert str(step.streaming_report())


def test_specs_of_what_is_inside_are_its_own_too() -> None:
    inside = ConfigurableFieldSpec(id="tone", annotation=str)
    tuned = type("Tuned", (RunnableLambda,), {"config_specs": [inside]})(lambda _: "yo")
    assert [spec.id for spec in with_history(tuned, Sessions()).config_specs] == ["session_id", "tone"]


def test_equal_parts_make_equal_steps() -> None:
    step, sessions = RunnableLambda(len), Sessions()
    assert with_history(step, sessions) == with_history(step, sessions)
    assert with_history(step, sessions) != with_history(step, sessions, input_messages_key="q")
    assert len({with_history(step, sessions)}) == 1


def test_a_session_id_of_none_is_none() -> None:
    step = RunnableWithMessageHistory(
        RunnableLambda(lambda _: "yo"), lambda session_id: InMemoryChatMessageHistory()
    )
    with pytest.raises(ConfigError, match="session_id"):
        step.invoke("hi", {"configurable": {"session_id": None}})


def test_a_store_is_no_function_that_gives_one() -> None:
    with pytest.raises(ConfigError, match="get_session_history is a function"):
        RunnableWithMessageHistory(RunnableLambda(len), {})  # type: ignore[arg-type]  # what is tested


def test_a_key_that_was_named_is_not_asked_for_again() -> None:
    step = RunnableWithMessageHistory(
        RunnableLambda(len), lambda session_id: InMemoryChatMessageHistory(), input_messages_key="q"
    )
    with pytest.raises(InputError, match=r"no key 'q'.*input_messages_key is 'q'"):
        step.invoke({"question": "hi"}, CONFIG)
