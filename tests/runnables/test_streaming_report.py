"""What the report says is what happens."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import cycle
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riverrun.language_models import BaseChatModel, GenericFakeChatModel
from riverrun.messages import AIMessage
from riverrun.output_parsers import StrOutputParser
from riverrun.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from riverrun.prompts import ChatPromptTemplate, PromptTemplate
from riverrun.runnables import (
    AddableDict,
    ConfigurableField,
    RouterRunnable,
    Runnable,
    RunnableBranch,
    RunnableEach,
    RunnableGenerator,
    RunnableLambda,
    RunnableParallel,
    RunnablePassthrough,
    RunnablePick,
    RunnableSequence,
    RunnableSerializable,
    chain,
)

COUNT = 400
"""Chunks of the source: more than all that merges and tees may read ahead."""


class Source:
    """Many chunks, and how many of them were taken when the first output came."""

    def __init__(self, first: Any = "a", then: Any = "b") -> None:
        self.chunks = [first, *[then] * (COUNT - 1)]
        self.taken = 0

    def __iter__(self) -> Iterator[Any]:
        for chunk in self.chunks:
            self.taken += 1
            yield chunk

    def step(self) -> Any:
        def source(x: Any) -> Iterator[Any]:
            yield from self

        return RunnableLambda(source)


def outputs(step: Any, source: Source, colour: str) -> tuple[int, int]:
    """How many chunks of the source were taken when the first output came, and how many outputs there were."""
    fed = source.step() | step
    taken = count = 0
    if colour == "sync":
        for _ in fed.stream(None):
            taken = taken or source.taken
            count += 1
        return taken, count

    async def run() -> tuple[int, int]:
        taken = count = 0
        async for _ in fed.astream(None):
            taken = taken or source.taken
            count += 1
        return taken, count

    return asyncio.run(run())


# --------------------------------------------------------------------------------------------------- the catalogue


def plain(x: Any) -> str:
    return "value"


async def plain_async(x: Any) -> str:
    return "value"


def values(x: Any) -> Iterator[str]:
    yield from "abc"


async def values_async(x: Any) -> AsyncIterator[str]:
    for letter in "abc":
        yield letter


def chunks(xs: Iterator[Any]) -> Iterator[Any]:
    yield from xs


async def chunks_async(xs: AsyncIterator[Any]) -> AsyncIterator[Any]:
    async for x in xs:
        yield x


def model() -> GenericFakeChatModel:
    return GenericFakeChatModel(messages=cycle(["one two three"]))


class Whole(BaseChatModel):
    """A model that can't stream."""

    @property
    def _llm_type(self) -> str:
        return "whole"

    def _generate(
        self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=AIMessage("all"))])


class AsyncOnly(BaseChatModel):
    """A model with an async stream alone."""

    @property
    def _llm_type(self) -> str:
        return "async-only"

    async def _astream(
        self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        for chunk in model()._stream(messages):
            yield chunk


def tools_model() -> GenericFakeChatModel:
    return GenericFakeChatModel(messages=cycle(["one two"]), disable_streaming="tool_calling")


TEXT: dict[str, Callable[[], Any]] = {
    "function": lambda: RunnableLambda(plain),
    "async function": lambda: RunnableLambda(plain_async),
    "function of both colours": lambda: RunnableLambda(plain, plain_async),
    "generator lambda": lambda: RunnableLambda(values),
    "async generator lambda": lambda: RunnableLambda(values_async),
    "decorated generator": lambda: chain(values),
    "generator": lambda: RunnableGenerator(chunks),
    "async generator": lambda: RunnableGenerator(chunks_async),
    "passthrough": lambda: RunnablePassthrough(),
    "passthrough with a function": lambda: RunnablePassthrough(plain),
    "parser": lambda: StrOutputParser(),
    "prompt": lambda: PromptTemplate.from_template("{x}"),
    "chat prompt": lambda: ChatPromptTemplate.from_template("{x}"),
    "model": model,
    "model that can't stream": Whole,
    "model with an async stream": AsyncOnly,
    "model told not to": lambda: GenericFakeChatModel(messages=cycle(["a b"]), disable_streaming=True),
    "model with tools": lambda: tools_model().bind(tools=["t"]),
    "model that may have tools": tools_model,
    "sequence": lambda: RunnableSequence(RunnablePassthrough(), chunks, StrOutputParser()),
    "sequence blocked": lambda: RunnableSequence(chunks, plain, RunnablePassthrough()),
    "sequence begun again": lambda: RunnableSequence(chunks, plain, values_step(), StrOutputParser()),
    "nested sequence": lambda: RunnableSequence(
        chunks, RunnableSequence(chunks, plain, name="inside").with_config(run_name="inner")
    ),
    "parallel": lambda: RunnableParallel(a=chunks, b=RunnablePassthrough()),
    "parallel of values": lambda: RunnableParallel(a=plain, b=plain),
    "parallel of one value": lambda: RunnableParallel(a=plain),
    "parallel mixed": lambda: RunnableParallel(a=plain, b=chunks, c=RunnableLambda(values)),
    "branch": lambda: RunnableBranch((lambda x: True, RunnablePassthrough()), plain),
    "branch that streams": lambda: RunnableBranch((lambda x: True, values_step()), values_step()),
    "retry": lambda: RunnableGenerator(chunks).with_retry(),
    "retry of a function": lambda: RunnableLambda(plain).with_retry(),
    "fallbacks": lambda: RunnableGenerator(chunks).with_fallbacks([RunnableLambda(plain)]),
    "fallbacks of a function": lambda: RunnableLambda(plain).with_fallbacks([RunnableGenerator(chunks)]),
    "binding": lambda: RunnableGenerator(chunks).with_config(tags=["t"]).bind(),
    "binding of a function": lambda: RunnableLambda(plain).with_types(input_type=str),
    "configurable": lambda: model().configurable_fields(disable_streaming=ConfigurableField("off")),
    "alternatives": lambda: RunnableGenerator(chunks).configurable_alternatives(
        ConfigurableField("which"), other=RunnableLambda(plain)
    ),
    "lambda that may return a runnable": lambda: RunnableLambda(lambda x: _streamer),
    "lambda that calls a runnable": lambda: RunnableLambda(lambda x: _streamer.invoke(x)),
}
DICTS: dict[str, Callable[[], Any]] = {
    "assign": lambda: RunnablePassthrough.assign(c=plain),
    "assign that streams": lambda: RunnablePassthrough.assign(c=chunks, d=values_step()),
    "pick": lambda: RunnablePick("a"),
    "pick several": lambda: RunnablePick(["a", "b"]),
    "assign and pick": lambda: RunnablePassthrough.assign(c=plain) | RunnablePick("c"),
    "assign and pick what was there": lambda: RunnablePassthrough.assign(c=plain) | RunnablePick("b"),
    "parallel and pick": lambda: RunnableParallel(a=plain, b=chunks) | RunnablePick("a"),
    "parallel, assign and pick": lambda: (
        RunnableParallel(a=plain, b=chunks).assign(c=plain) | RunnablePick("a")
    ),
    "parallel and pick two": lambda: RunnableParallel(a=plain, b=plain) | RunnablePick(["a", "b"]),
}
ROUTES: dict[str, Callable[[], Any]] = {
    "router": lambda: RouterRunnable({"a": plain, "b": RunnablePassthrough()}),
    "router to streams": lambda: RouterRunnable({"a": values_step(), "b": chunks}),
    "fallbacks with a key": lambda: RunnablePassthrough().with_fallbacks(
        [RunnablePassthrough()], exception_key="error"
    ),
}
LISTS: dict[str, Callable[[], Any]] = {
    "each": lambda: RunnableEach(RunnableGenerator(chunks)),
    "map": lambda: RunnableLambda(plain).map(),
}


def values_step() -> Any:
    return RunnableLambda(values)


_streamer = RunnableLambda(values)

# ------------------------------------------------------------------------------------------------- users' classes


class Invoke(Runnable[Any, Any]):
    def invoke(self, input: Any, config: Any = None, **kwargs: Any) -> Any:
        return "value"


class AInvoke(Runnable[Any, Any]):
    async def ainvoke(self, input: Any, config: Any = None, **kwargs: Any) -> Any:
        return "value"


class Stream(Runnable[Any, Any]):
    def stream(self, input: Any, config: Any = None, **kwargs: Any) -> Any:
        yield from "abc"


class AStream(Invoke):
    async def astream(self, input: Any, config: Any = None, **kwargs: Any) -> Any:  # type: ignore[override]
        for letter in "abc":
            yield letter


class Transform(Runnable[Any, Any]):
    def transform(self, input: Any, config: Any = None, **kwargs: Any) -> Any:
        yield from input


class ATransform(Runnable[Any, Any]):
    async def atransform(self, input: Any, config: Any = None, **kwargs: Any) -> Any:  # type: ignore[override]
        async for x in input:
            yield x


class TransformAndStream(Transform):
    def stream(self, input: Any, config: Any = None, **kwargs: Any) -> Any:
        yield "value"


class Model(RunnableSerializable[Any, Any]):
    size: int = 1

    def invoke(self, input: Any, config: Any = None, **kwargs: Any) -> Any:
        return "value"


class Kernel(Runnable[Any, Any]):
    async def _flow_kernel(self, xs: Any, run: Any) -> AsyncIterator[Any]:
        await run.take(xs)
        yield "a"
        yield "b"


class TransformingKernel(Runnable[Any, Any]):
    transforms = True

    async def _flow_kernel(self, xs: Any, run: Any) -> AsyncIterator[Any]:
        async for x in xs:
            yield x


class LambdaThatTransforms(RunnableLambda[Any, Any]):
    def transform(self, input: Any, config: Any = None, **kwargs: Any) -> Any:
        yield from input


class LambdaThatInvokes(RunnableLambda[Any, Any]):
    def invoke(self, input: Any, config: Any = None, **kwargs: Any) -> Any:
        return super().invoke(input, config)


class SequenceThatInvokes(RunnableSequence[Any, Any]):
    def invoke(self, input: Any, config: Any = None, **kwargs: Any) -> Any:
        return super().invoke(input, config)


class SequenceThatStreams(RunnableSequence[Any, Any]):
    def stream(self, input: Any, config: Any = None, **kwargs: Any) -> Any:
        yield "value"
        yield "value"


USERS: dict[str, Callable[[], Any]] = {
    "invoke": Invoke,
    "ainvoke": AInvoke,
    "stream": Stream,
    "astream": AStream,
    "transform": Transform,
    "atransform": ATransform,
    "transform and stream": TransformAndStream,
    "model": Model,
    "kernel": Kernel,
    "transforming kernel": TransformingKernel,
    "lambda with a transform": lambda: LambdaThatTransforms(plain),
    "lambda with an invoke": lambda: LambdaThatInvokes(values),
    "sequence with an invoke": lambda: SequenceThatInvokes(chunks, chunks),
    "sequence with a stream": lambda: SequenceThatStreams(chunks, chunks),
    "transform in a binding": lambda: Transform().bind(),
}

CASES = [
    *[pytest.param(make, Source(), id=f"text: {name}") for name, make in TEXT.items()],
    *[
        pytest.param(make, Source(AddableDict(a="x", b="y"), AddableDict(a="x", b="y")), id=f"dict: {name}")
        for name, make in DICTS.items()
    ],
    *[
        pytest.param(make, Source(AddableDict(key="a"), AddableDict(input="y")), id=f"route: {name}")
        for name, make in ROUTES.items()
    ],
    *[pytest.param(make, Source(["a"], ["b"]), id=f"list: {name}") for name, make in LISTS.items()],
    *[pytest.param(make, Source(), id=f"user: {name}") for name, make in USERS.items()],
]


def row_of(step: Any, before: Any) -> Any:
    """The row of a step that stands after another one; of a sequence what its steps come to."""
    report = RunnableSequence(before, _Shut(step)).streaming_report()
    return next(row for row in report if row.path == "step 2")


class _Shut(Runnable[Any, Any]):
    """A step that doesn't lie flat in a sequence."""

    _wiring = "inside"

    def __init__(self, step: Any) -> None:
        self.step = step

    def _parts(self) -> Any:
        return {"": self.step}

    async def _flow_kernel(self, xs: Any, run: Any) -> AsyncIterator[Any]:
        raise NotImplementedError
        yield


@pytest.mark.parametrize("colour", ["sync", "async"])
@pytest.mark.parametrize(("make", "source"), CASES)
def test_g03_each_step_streams_as_the_report_says(make: Any, source: Source, colour: str) -> None:
    source = Source(source.chunks[0], source.chunks[1])
    step = make()
    row = row_of(step, source.step())
    taken, count = outputs(step, source, colour)
    assert row.input in (("chunks" if taken < COUNT else "whole"), "either")
    assert row.output in (("chunks" if count > 1 else "one value"), "either")


@pytest.mark.parametrize("colour", ["sync", "async"])
@pytest.mark.parametrize(("make", "source"), CASES)
def test_g03_each_step_streams_as_the_report_says_when_it_is_given_one_value(
    make: Any, source: Source, colour: str
) -> None:
    whole = (
        {"key": "a", "input": "x", "a": "x", "b": "y"}
        if isinstance(source.chunks[0], dict)
        else source.chunks[0]
    )
    step = make()
    row = row_of(step, RunnableLambda(lambda x: whole))

    async def count() -> int:
        return len([y async for y in step.astream(whole)])

    seen = len(list(step.stream(whole))) if colour == "sync" else asyncio.run(count())
    assert row.output in (("chunks" if seen > 1 else "one value"), "either")


OPEN = {
    "text: lambda that may return a runnable",
    "text: lambda that calls a runnable",
    "route: router to streams",
    "user: lambda with a transform",
    "user: sequence with a stream",
}


def test_the_report_leaves_open_only_what_depends_on_the_run() -> None:
    said = {case.id: row_of(case.values[0](), case.values[1].step()) for case in CASES}
    assert {id for id, row in said.items() if "either" in (row.input, row.output)} == OPEN


# ------------------------------------------------------------------------------------------------- whole chains

letters = st.sampled_from(["pass", "map", "plain", "values", "retry", "bound"])
trees = st.recursive(
    letters,
    lambda inside: st.one_of(
        st.tuples(st.just("line"), st.lists(inside, min_size=2, max_size=3)),
        st.tuples(st.just("side"), st.lists(inside, min_size=1, max_size=2)),
        st.tuples(st.just("branch"), inside.map(lambda tree: [tree, tree])),
        st.tuples(st.just("first"), st.lists(inside, min_size=2, max_size=2)),
    ),
    max_leaves=5,
)


def built(tree: Any) -> Any:
    match tree:
        case "pass":
            return RunnablePassthrough()
        case "map":
            return RunnableGenerator(chunks)
        case "plain":
            return RunnableLambda(plain)
        case "values":
            return RunnableLambda(values)
        case "retry":
            return RunnableGenerator(chunks).with_retry()
        case "bound":
            return RunnableLambda(plain).bind()
        case "line", parts:
            return RunnableSequence(*map(built, parts))
        case "side", parts:
            return RunnableParallel({f"k{n}": built(part) for n, part in enumerate(parts)})
        case "branch", (one, other):
            return RunnableBranch((lambda x: True, built(one)), built(other))
        case "first", (one, other):
            return built(one).with_fallbacks([built(other)])
    raise AssertionError(tree)


@settings(max_examples=20, deadline=None)
@given(trees, st.sampled_from(["sync", "async"]))
def test_g03_any_chain_streams_as_the_report_says(tree: Any, colour: str) -> None:
    chain, source = built(tree), Source()
    row = row_of(chain, source.step())
    taken, count = outputs(chain, source, colour)
    assert row.input == ("chunks" if taken < COUNT else "whole")
    said = {"chunks" if count > 1 else "one value"}
    if "map" in str(tree) or "retry" in str(tree):  # a generator may make many of one
        said.add("either")
    assert row.output in said


# ----------------------------------------------------------------------------------------------------- what it says


def count_words(text: str) -> int:
    return len(text.split())


def summary(step: Any, config: Any = None) -> str:
    return step.streaming_report(config).summary


def test_the_report_is_a_table_that_ends_in_a_sentence() -> None:
    answer = PromptTemplate.from_template("{x}") | model() | StrOutputParser()
    assert str(answer.streaming_report()) == (
        "step    name                  kind        input   output     why\n"
        "------  --------------------  ----------  ------  ---------  ---\n"
        "step 1  PromptTemplate        prompt      whole   one value  a prompt needs the values of all its variables\n"
        "step 2  GenericFakeChatModel  chat_model  whole   chunks     a model needs the whole prompt, and answers token by token\n"
        "step 3  StrOutputParser       parser      chunks  chunks     works on each chunk as it comes\n"
        "\n"
        "First output: as soon as step 2 (GenericFakeChatModel) brings its first token."
    )


def test_the_report_is_a_list_of_rows() -> None:
    report = (model() | StrOutputParser() | count_words).streaming_report()
    assert len(report) == 3
    assert [row.path for row in report] == ["step 1", "step 2", "step 3"]
    assert report[2].name == "count_words"
    assert (report.input, report.output) == ("whole", "one value")
    assert report.blockers == (report[2],)
    assert report.first == (report[2],)


def test_the_report_names_a_line_that_waits_though_it_is_the_whole() -> None:
    class Line(RunnableSequence[Any, Any]):
        transforms = False

    line = Line(model(), StrOutputParser())
    assert str(line.streaming_report()).endswith("as soon as Line brings its first chunk.")
    assert line.streaming_report()[0].why == "needs its whole input; its steps run one after another"


def test_the_report_names_the_step_that_blocks_and_what_to_do() -> None:
    assert summary(model() | StrOutputParser() | count_words) == (
        "Blocked by step 3 (count_words): a plain function needs its whole input; make it a generator function to stream."
    )


def test_the_report_tells_where_streaming_starts_again() -> None:
    assert summary(model() | StrOutputParser() | count_words | str | model()) == (
        "First output: as soon as step 5 (GenericFakeChatModel) brings its first token. "
        "Step 3 (count_words) waits for all of step 1 (GenericFakeChatModel): "
        "a plain function needs its whole input; make it a generator function to stream. "
        "Streaming starts again with step 5 (GenericFakeChatModel)."
    )


def test_g03_the_first_output_comes_when_the_report_says() -> None:
    log: list[str] = []

    def speaker(name: str) -> Any:
        def speak(x: Any) -> Iterator[str]:
            for letter in "abc":
                log.append(name + letter)
                yield letter

        return RunnableLambda(speak, name=name)

    whole = speaker("one") | RunnablePassthrough() | plain | speaker("two") | RunnableGenerator(chunks)
    report = whole.streaming_report()
    assert [row.path for row in report.first] == ["step 4"]
    assert [row.path for row in report.blockers] == ["step 3"]
    assert next(whole.stream("x")) == "a"
    assert log == ["onea", "oneb", "onec", "twoa"]


def test_the_report_on_a_chain_without_streams_blames_nobody() -> None:
    assert summary(RunnableLambda(plain) | count_words) == (
        "One value, when step 2 (count_words) is done: no step puts out chunks."
    )


def test_the_report_tells_of_each_branch() -> None:
    both = RunnableParallel(short=model(), long=PromptTemplate.from_template("{x}") | model() | count_words)
    report = both.streaming_report()
    assert [(row.path, row.output) for row in report] == [
        ("", "chunks"),
        ("branch short", "chunks"),
        ("branch long", "one value"),
        ("branch long > step 1", "one value"),
        ("branch long > step 2", "chunks"),
        ("branch long > step 3", "one value"),
    ]
    assert report.summary == (
        "First output: as soon as the first of branch short (GenericFakeChatModel) and branch long > step 3 (count_words) "
        "puts something out. Branch long > step 3 (count_words) waits for all of branch long > step 2 "
        "(GenericFakeChatModel): a plain function needs its whole input; make it a generator function to stream."
    )


def test_the_report_on_assign_says_that_what_is_there_comes_at_once() -> None:
    assert summary(RunnablePassthrough.assign(answer=model())) == (
        "First output: at once, with what is there already. "
        "The rest follows as branch answer (GenericFakeChatModel) brings it."
    )


def test_the_report_on_what_hands_on_says_so() -> None:
    report = RunnablePassthrough().streaming_report()
    assert report.input == "chunks"
    assert report.output == "one value"
    assert report.summary == (
        "It hands on what it is given: chunks from a step before it that streams, one value from stream()."
    )


def test_the_report_leaves_open_what_a_function_returns() -> None:
    report = RunnableLambda(lambda x: _streamer).streaming_report()
    assert (report.input, report.output) == ("whole", "either")
    assert report.summary.startswith("It depends on RunnableLambda: a plain function needs its whole input")


def test_the_report_calls_steps_by_the_names_of_their_runs() -> None:
    named = RunnableLambda(plain).with_config(run_name="named") | RunnableLambda(plain, name="mine")
    assert [row.name for row in named.streaming_report()] == ["named", "mine"]


def test_the_report_follows_a_config() -> None:
    step = RunnableGenerator(chunks).configurable_alternatives(
        ConfigurableField("which"), other=RunnableLambda(plain)
    )
    assert step.streaming_report().input == "chunks"
    assert step.streaming_report({"configurable": {"which": "other"}}).input == "whole"


def test_the_report_sees_a_mock() -> None:
    step = RunnableLambda(plain)
    with patch.object(step, "transform", chunks):
        assert step.streaming_report().input == "either"  # async runs have no mock
    assert step.streaming_report().input == "whole"


def test_the_report_runs_nothing() -> None:
    def fail(x: Any) -> Any:
        raise AssertionError

    async def fail_async(xs: AsyncIterator[Any]) -> AsyncIterator[Any]:
        raise AssertionError
        yield

    whole = RunnableParallel(a=fail, b=RunnableBranch((fail, fail), fail)) | fail_async | RunnableEach(fail)
    assert "step 3" in str(whole.streaming_report())


def test_the_report_says_why_a_model_does_not_stream() -> None:
    assert "defines no _stream" in Whole().streaming_report()[0].why
    quiet = GenericFakeChatModel(messages=cycle(["a"]), disable_streaming=True)
    assert "disable_streaming=True" in quiet.streaming_report()[0].why
