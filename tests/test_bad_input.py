"""What bad input gets: a typed error that says what was wrong and where, as soon as it can be known.

Each error is one of riverrun's own and also of the class that programs catch today. Where a chain is needed to find out,
every mode of running it gives the same error, with a note that names the step.
"""

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import openai
import pytest

from riverrun import ChatOpenAI, ChatPromptTemplate, MessagesPlaceholder, PromptTemplate, StrOutputParser
from riverrun.exceptions import (
    ConfigError,
    EmptyStreamError,
    InputError,
    MessageError,
    MissingKeyError,
    MissingVariableError,
    NotAStepError,
    RiverrunError,
    UnknownParameterError,
)
from riverrun.language_models import GenericFakeChatModel
from riverrun.messages.utils import convert_to_messages
from riverrun.runnables import (
    RouterRunnable,
    Runnable,
    RunnableBinding,
    RunnableBranch,
    RunnableEach,
    RunnableGenerator,
    RunnableLambda,
    RunnableParallel,
    RunnablePassthrough,
    RunnablePick,
    RunnableRetry,
    RunnableSequence,
    RunnableWithFallbacks,
    chain,
)

step = RunnableLambda(lambda x: x)
model = GenericFakeChatModel(messages=iter(["answer"] * 100))


async def listed(ys: AsyncIterator[Any]) -> list[Any]:
    return [y async for y in ys]


Way = Callable[..., Any]
WAYS: dict[str, Way] = {
    "invoke": lambda step, x, config=None: step.invoke(x, config),
    "ainvoke": lambda step, x, config=None: asyncio.run(step.ainvoke(x, config)),
    "stream": lambda step, x, config=None: list(step.stream(x, config)),
    "astream": lambda step, x, config=None: asyncio.run(_astream(step, x, config)),
    "batch": lambda step, x, config=None: step.batch([x], config),
    "abatch": lambda step, x, config=None: asyncio.run(step.abatch([x], config)),
    "batch_as_completed": lambda step, x, config=None: list(step.batch_as_completed([x], config)),
}


async def _astream(step: Runnable[Any, Any], x: Any, config: Any) -> list[Any]:
    return await listed(step.astream(x, config))


every_way = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)


def notes(error: BaseException) -> str:
    return " | ".join(getattr(error, "__notes__", []))


# ------------------------------------------------------------------------------------ an operand that can't be a step

COMPOSITIONS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "right of a bar": (lambda thing: step | step | thing, "step 3"),
    "left of a bar": (lambda thing: thing | step, "step 1"),
    "pipe": (lambda thing: step.pipe(step, thing), "step 3"),
    "RunnableSequence": (lambda thing: RunnableSequence(step, thing), "step 2"),
    "a dict in a chain": (lambda thing: step | {"a": step, "b": thing}, "branch b"),
    "a dict before a chain": (lambda thing: {"b": thing} | step, "branch b"),
    "RunnableParallel": (lambda thing: RunnableParallel(b=thing), "branch b"),
    "assign": (lambda thing: step.assign(b=thing), "branch b"),
    "RunnablePassthrough.assign": (lambda thing: RunnablePassthrough.assign(b=thing), "branch b"),
    "a branch": (lambda thing: RunnableBranch((step, step), (step, thing), step), "branch 2"),
    "a condition": (lambda thing: RunnableBranch((thing, step), step), "condition 1"),
    "the default": (lambda thing: RunnableBranch((step, step), thing), "default"),
    "a route": (lambda thing: RouterRunnable({"left": thing}), "route left"),
    "a fallback": (lambda thing: step.with_fallbacks([step, thing]), "fallback 2"),
    "RunnableWithFallbacks": (lambda thing: RunnableWithFallbacks(step, [thing]), "fallback 1"),
    "RunnableEach": (lambda thing: RunnableEach(thing), ""),
    "RunnableRetry": (lambda thing: RunnableRetry(thing), ""),
    "RunnableBinding": (lambda thing: RunnableBinding(thing), ""),
    "RunnableLambda": (lambda thing: RunnableLambda(thing), ""),
    "RunnableGenerator": (lambda thing: RunnableGenerator(thing), ""),
    "chain": (lambda thing: chain(thing), ""),
}


@pytest.mark.parametrize(("compose", "place"), COMPOSITIONS.values(), ids=COMPOSITIONS)
@pytest.mark.parametrize("thing", [3, "text", None, [step], (step, step), object(), b"x"], ids=repr)
def test_an_operand_that_is_no_step_is_refused_where_it_is_composed(
    compose: Callable[[Any], Any], place: str, thing: Any
) -> None:
    with pytest.raises(NotAStepError) as caught:
        compose(thing)
    assert isinstance(caught.value, TypeError) and isinstance(caught.value, RiverrunError)
    said = str(caught.value)
    assert type(thing).__name__ in said or repr(thing) in said
    assert place in notes(caught.value)


def test_an_operand_deep_inside_is_named_by_its_way_there() -> None:
    with pytest.raises(NotAStepError, match="can't make a step of 3") as caught:
        _ = step | {"outer": {"inner": 3}}
    assert caught.value.__notes__ == ["in branch inner", "in branch outer", "in step 2"]


def test_a_class_in_the_place_of_its_instance_is_refused() -> None:
    with pytest.raises(NotAStepError, match="StrOutputParser"):
        _ = step | StrOutputParser


# ----------------------------------------------------------------------------- config keys with values of a wrong type

WRONG_CONFIGS: dict[str, Any] = {
    "tags": "text",
    "metadata": [1],
    "callbacks": 3,
    "run_name": 3,
    "max_concurrency": "3",
    "recursion_limit": 0,
    "configurable": [1],
    "run_id": "no uuid",
}


@pytest.mark.parametrize(("key", "value"), WRONG_CONFIGS.items(), ids=WRONG_CONFIGS)
@every_way
def test_a_config_key_with_a_wrong_value_is_named_where_it_is_run(way: Way, key: str, value: Any) -> None:
    with pytest.raises(
        ConfigError, match=rf"config key '{key}' takes .*, not {re.escape(repr(value))}"
    ) as caught:
        way(ChatPromptTemplate.from_template("{a}") | model, {"a": 1}, {key: value})
    assert isinstance(caught.value, TypeError) and isinstance(caught.value, ValueError)


@pytest.mark.parametrize(("key", "value"), WRONG_CONFIGS.items(), ids=WRONG_CONFIGS)
def test_a_config_key_with_a_wrong_value_is_refused_by_with_config(key: str, value: Any) -> None:
    lay: list[Callable[[], Any]] = [
        lambda: step.with_config({key: value}),  # type: ignore[misc]
        lambda: step.with_config(**{key: value}),
        lambda: step.with_config(tags=["a"]).with_config({key: value}),  # type: ignore[misc]
        lambda: model.with_config({key: value}),  # type: ignore[misc]
        lambda: (step | step).with_config({key: value}),  # type: ignore[misc]
        lambda: step.map().with_config({key: value}),  # type: ignore[misc]
        lambda: RunnableBinding(step, config={key: value}),
    ]
    for refused in lay:
        with pytest.raises(ConfigError, match=f"'{key}'"):
            refused()


def test_a_config_is_checked_before_anything_is_read_of_a_stream() -> None:
    for begin in (lambda: step.stream(1, {"tags": "text"}), lambda: step.astream(1, {"tags": "text"})):  # type: ignore[typeddict-item]
        with pytest.raises(ConfigError):
            begin()


@every_way
def test_a_config_that_is_no_dict_is_refused(way: Way) -> None:
    with pytest.raises(ConfigError):
        way(step, 1, "text")


def test_unknown_keys_of_a_config_are_not_refused() -> None:
    seen = RunnableLambda(lambda x, config: config["configurable"])
    assert seen.invoke(1, {"session_id": "s"}) == {"session_id": "s"}  # type: ignore[typeddict-unknown-key]
    assert seen.with_config(session_id="s").invoke(1) == {"session_id": "s"}


def test_a_batch_with_too_few_configs_is_refused() -> None:
    for way in (lambda: step.batch([1, 2], [{}]), lambda: asyncio.run(step.abatch([1, 2], [{}]))):
        with pytest.raises(ConfigError, match="1 configs for 2 inputs"):
            way()


# ------------------------------------------------------------------------------------------ a missing prompt variable

QUESTION = ChatPromptTemplate([("system", "Speak {language}."), ("human", "{question}")])


@every_way
def test_a_missing_variable_is_named_with_those_that_were_given(way: Way) -> None:
    with pytest.raises(MissingVariableError) as caught:
        way(RunnablePassthrough() | QUESTION | model, {"question": "?", "lang": "German"})
    assert isinstance(caught.value, KeyError)
    said = str(caught.value)
    assert "missing variables ['language']" in said
    assert "expects ['language', 'question']" in said and "given ['question', 'lang']" in said
    assert "step 2" in notes(caught.value) and "ChatPromptTemplate" in notes(caught.value)


@every_way
def test_a_value_for_several_variables_is_refused(way: Way) -> None:
    with pytest.raises(InputError, match=r"\['language', 'question'\].* not str") as caught:
        way(QUESTION | model, "text")
    assert isinstance(caught.value, TypeError) and isinstance(caught.value, ValueError)


def test_a_missing_variable_is_named_by_every_kind_of_prompt() -> None:
    for prompt, missing in (
        (PromptTemplate.from_template("{topic} {other}"), "other"),
        (ChatPromptTemplate([MessagesPlaceholder("other"), ("human", "{topic}")]), "other"),
        (QUESTION.partial(language="German"), "question"),
    ):
        with pytest.raises(MissingVariableError, match=missing):
            prompt.invoke({"topic": 1})


# ---------------------------------------------------------------------------------------------------- an empty stream


def nothing(chunks: Iterator[Any]) -> Iterator[Any]:
    yield from ()


async def anothing(chunks: AsyncIterator[Any]) -> AsyncIterator[Any]:
    for none in ():
        yield none


@every_way
@pytest.mark.parametrize("empty", [nothing, anothing])
def test_an_empty_stream_where_a_value_is_needed_is_named(way: Way, empty: Any) -> None:
    with pytest.raises(EmptyStreamError, match="without a chunk") as caught:
        way(step | empty | StrOutputParser() | (lambda text: text), "x")
    assert isinstance(caught.value, ValueError)
    assert notes(caught.value).startswith("in step ")


@every_way
def test_an_empty_stream_into_a_prompt_or_a_model_is_named(way: Way) -> None:
    for needs_all in ChatPromptTemplate.from_template("{a}"), model:
        with pytest.raises(EmptyStreamError, match="without a chunk"):
            way(step | nothing | needs_all, "x")


def test_an_empty_stream_of_input_is_named() -> None:
    for needs_all in step, model, ChatPromptTemplate.from_template("{a}"), RunnableBranch((step, step), step):
        with pytest.raises(EmptyStreamError, match="without a chunk"):
            list(needs_all.transform(iter([])))  # type: ignore[attr-defined]


# ------------------------------------------------------------------------------------------------ a wrong message role


def test_a_wrong_role_is_refused_when_the_prompt_is_made() -> None:
    for make in (
        lambda: ChatPromptTemplate([("nobody", "x")]),
        lambda: ChatPromptTemplate.from_messages([("system", "x"), ("nobody", "x")]),
        lambda: ChatPromptTemplate([{"role": "nobody", "content": "x"}]),
        lambda: ChatPromptTemplate.from_template("{a}") + [("nobody", "x")],
        lambda: ChatPromptTemplate.from_template("{a}").append(("nobody", "x")),
    ):
        with pytest.raises(MessageError, match=r"'nobody'.*human, user, ai, assistant, system") as caught:
            make()
        assert isinstance(caught.value, ValueError)


@every_way
def test_a_wrong_role_is_named_when_messages_are_given(way: Way) -> None:
    with pytest.raises(MessageError, match=r"no role 'nobody'.*'human'.*'tool'") as caught:
        way(step | model, [("human", "x"), ("nobody", "x")])
    assert "step 2" in notes(caught.value)
    with pytest.raises(MessageError, match="no role 'nobody'") as caught:
        way(ChatPromptTemplate([MessagesPlaceholder("past")]) | model, {"past": [("nobody", "x")]})
    assert "step 1" in notes(caught.value)


@every_way
def test_what_is_no_message_is_refused(way: Way) -> None:
    for wrong in 5, None, {"a": 1}, [5], [("human", "x", "y")], [{"content": "x"}]:
        with pytest.raises(MessageError) as caught:
            way(model, wrong)
        assert isinstance(caught.value, ValueError)


def test_a_wrong_role_is_named_wherever_messages_are_read() -> None:
    with pytest.raises(MessageError, match="no role 'nobody'"):
        convert_to_messages([{"role": "nobody", "content": "x"}])


# --------------------------------------------------------------------------------------------------- values of inputs


@every_way
def test_a_step_that_takes_dicts_names_itself_and_what_it_was_given(way: Way) -> None:
    for takes_dicts in RunnablePassthrough.assign(a=step), RunnablePick("a"):
        name = type(takes_dicts).__name__
        with pytest.raises(InputError, match=rf"{name} takes a dict and was given 'text' \(str\)") as caught:
            way(step | takes_dicts, "text")
        assert isinstance(caught.value, TypeError) and isinstance(caught.value, ValueError)
        assert "step 2" in notes(caught.value)
    with pytest.raises(InputError, match="StrOutputParser takes a message or a string, not int"):
        way(step | StrOutputParser(), 5)
    with pytest.raises(InputError, match="exception_key='error' the input is a dict, not str"):
        way(step.with_fallbacks([step], exception_key="error"), "text")


# ------------------------------------------------------------------------------------------- parameters of providers


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in (
        "OPENAI_API_KEY",
        "OPENAI_BASE_URL",
        "OPENAI_API_BASE",
        "OPENAI_ORG_ID",
        "OPENAI_ORGANIZATION",
    ):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        ("temprature", "temperature"),
        ("Temperature", "temperature"),
        ("model_nam", "model_name"),
        ("max_token", "max_tokens"),
        ("base_ur", "base_url"),
        ("stream_usages", "stream_usage"),
    ],
)
def test_a_near_miss_of_a_parameter_is_refused_when_the_model_is_made(
    environment: pytest.MonkeyPatch, slip: str, meant: str
) -> None:
    with pytest.raises(
        UnknownParameterError, match=f"ChatOpenAI has no parameter '{slip}'.*'{meant}'"
    ) as caught:
        ChatOpenAI(api_key="any", **{slip: 1})
    assert isinstance(caught.value, TypeError)


def test_any_other_parameter_is_passed_on_with_a_warning(environment: pytest.MonkeyPatch) -> None:
    with pytest.warns(UserWarning, match="'wholly_unknown'.*model_kwargs"):
        made = ChatOpenAI(api_key="any", wholly_unknown=1)
    assert made.model_kwargs == {"wholly_unknown": 1}


def test_no_key_is_said_when_the_model_is_made(environment: pytest.MonkeyPatch) -> None:
    with pytest.raises(
        MissingKeyError, match=r"ChatOpenAI has no API key: set .*OPENAI_API_KEY, or pass api_key="
    ) as caught:
        ChatOpenAI(model="gpt-4o-mini")
    assert isinstance(caught.value, ValueError)
    environment.setenv("OPENAI_API_KEY", "any")
    ChatOpenAI(model="gpt-4o-mini")


@every_way
def test_an_unreachable_server_is_named_with_what_to_check(environment: pytest.MonkeyPatch, way: Way) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"http://127.0.0.1:{free.getsockname()[1]}/v1/"
    unreachable = ChatOpenAI(base_url=address, api_key="sk-secret", max_retries=0)
    with pytest.raises(openai.APIConnectionError) as caught:
        way(ChatPromptTemplate.from_template("{a}") | unreachable | StrOutputParser(), {"a": 1})
    said = notes(caught.value)
    assert f"{address} could not be reached" in said and "OPENAI_BASE_URL" in said
    assert "in step 2: ChatOpenAI" in said
    assert "sk-secret" not in f"{caught.value!r} {said}"
