"""Overrides in users' classes: they count wherever the step runs, and `super()` goes on in the same run."""

import asyncio
from abc import abstractmethod
from collections.abc import AsyncIterator, Iterator
from typing import Any
from unittest import mock

import pytest

from riverrun._engine.serializable import RunnableSerializable
from riverrun.runnables import Runnable, RunnableConfig, RunnableLambda, RunnablePassthrough
from riverrun.testing.collect import Collector


async def listed(ys: AsyncIterator[Any]) -> list[Any]:
    return [y async for y in ys]


def started(collector: Collector) -> list[str]:
    """The names of the runs that it heard of."""
    return [note.name for note in collector.notes if note.kind == "start"]


def modes(step: Runnable[Any, Any], x: Any) -> dict[str, Any]:
    """What `step` makes of `x` in each mode."""
    return {
        "invoke": step.invoke(x),
        "ainvoke": asyncio.run(step.ainvoke(x)),
        "stream": list(step.stream(x)),
        "astream": asyncio.run(listed(step.astream(x))),
        "batch": step.batch([x]),
    }


identity = RunnableLambda(lambda x: x)


class Invokes(Runnable[int, int]):
    def invoke(self, input: int, config: RunnableConfig | None = None, **kwargs: Any) -> int:
        return input + 1


class AInvokes(Runnable[int, int]):
    async def ainvoke(self, input: int, config: RunnableConfig | None = None, **kwargs: Any) -> int:
        await asyncio.sleep(0)
        return input + 1


class Streams(Runnable[str, str]):
    def stream(self, input: str, config: RunnableConfig | None = None, **kwargs: Any) -> Iterator[str]:
        yield from input.upper()


class AStreams(Runnable[str, str]):
    async def astream(self, input: str, config: Any = None, **kwargs: Any) -> AsyncIterator[str]:  # type: ignore[override]
        for letter in input.upper():
            yield letter


class Transforms(Runnable[str, str]):
    def transform(
        self, input: Iterator[str], config: RunnableConfig | None = None, **kwargs: Any
    ) -> Iterator[str]:
        for chunk in input:
            yield chunk.upper()


class ATransforms(Runnable[str, str]):
    async def atransform(
        self, input: AsyncIterator[str], config: Any = None, **kwargs: Any
    ) -> AsyncIterator[str]:  # type: ignore[override]
        async for chunk in input:
            yield chunk.upper()


@pytest.mark.parametrize("step", [Invokes(), AInvokes()])
def test_an_override_of_a_value_method_serves_every_mode(step: Runnable[int, int]) -> None:
    assert modes(identity | step, 1) == {
        "invoke": 2,
        "ainvoke": 2,
        "stream": [2],
        "astream": [2],
        "batch": [2],
    }


@pytest.mark.parametrize("step", [Streams(), AStreams(), Transforms(), ATransforms()])
def test_an_override_of_a_stream_method_serves_every_mode(step: Runnable[str, str]) -> None:
    got = modes(RunnableLambda(letters) | step, "abc")
    assert got == {
        "invoke": "ABC",
        "ainvoke": "ABC",
        "stream": ["A", "B", "C"],
        "astream": ["A", "B", "C"],
        "batch": ["ABC"],
    }


def letters(text: str) -> Iterator[str]:
    yield from text


class Counted(RunnableSerializable[int, int]):
    """A step with a kernel, as an author of steps would write it."""

    by: int = 1

    async def _call_kernel(self, x: int, run: Any) -> int:
        return x + self.by


class Louder(Counted):
    def invoke(self, input: int, config: RunnableConfig | None = None, **kwargs: Any) -> int:
        return super().invoke(input, config, **kwargs) * 10

    async def ainvoke(self, input: int, config: RunnableConfig | None = None, **kwargs: Any) -> int:
        return await super().ainvoke(input, config, **kwargs) * 10


class Loudest(Louder):
    def invoke(self, input: int, config: RunnableConfig | None = None, **kwargs: Any) -> int:
        return super().invoke(input, config, **kwargs) + 5


def test_super_runs_the_inherited_kernel_once_as_one_run() -> None:
    for step, want in ((Louder(by=2), 30), (Loudest(by=2), 35)):
        collector = Collector()
        assert (identity | step).invoke(1, {"callbacks": [collector]}) == want
        assert started(collector).count(type(step).__name__) == 1
        collector.check()


def test_super_in_a_direct_call_is_one_run_too() -> None:
    collector = Collector()
    assert Louder(by=2).invoke(1, {"callbacks": [collector]}) == 30
    assert started(collector) == ["Louder"]


def test_super_in_an_async_override_goes_on_in_its_colour() -> None:
    assert asyncio.run((identity | Louder(by=2)).ainvoke(1)) == 30
    assert asyncio.run(Louder(by=2).ainvoke(1)) == 30


class ShoutingPassthrough(RunnablePassthrough[str]):
    def transform(
        self, input: Iterator[str], config: RunnableConfig | None = None, **kwargs: Any
    ) -> Iterator[str]:
        for chunk in super().transform(input, config, **kwargs):
            yield chunk.upper()

    async def atransform(
        self, input: AsyncIterator[str], config: Any = None, **kwargs: Any
    ) -> AsyncIterator[str]:  # type: ignore[override]
        async for chunk in super().atransform(input, config, **kwargs):
            yield chunk.upper()


def test_super_in_a_transform_streams_chunk_by_chunk() -> None:
    chain = RunnableLambda(letters) | ShoutingPassthrough()
    assert list(chain.stream("abc")) == ["A", "B", "C"]
    assert asyncio.run(listed(chain.astream("abc"))) == ["A", "B", "C"]
    assert list(ShoutingPassthrough().transform(iter("ab"))) == ["A", "B"]


class InvokeOnly(RunnablePassthrough[str]):
    def invoke(self, input: str, config: RunnableConfig | None = None, **kwargs: Any) -> str:
        return super().invoke(input, config, **kwargs) + "!"


def test_overriding_invoke_leaves_an_inherited_stream_kernel_in_place() -> None:
    chain = RunnableLambda(letters) | InvokeOnly()
    assert list(chain.stream("ab")) == ["a", "b"]
    assert chain.invoke("ab") == "ab!"


class Bottomless(Runnable[int, int]):
    def invoke(self, input: int, config: RunnableConfig | None = None, **kwargs: Any) -> int:
        return super().invoke(input, config, **kwargs)


def test_super_with_nothing_beneath_says_so() -> None:
    with pytest.raises(NotImplementedError, match="Bottomless"):
        Bottomless().invoke(1)
    with pytest.raises(NotImplementedError, match="Bottomless"):
        (identity | Bottomless()).invoke(1)


class Mixin:
    def invoke(self, input: int, config: Any = None, **kwargs: Any) -> int:
        return super().invoke(input, config, **kwargs) + 100  # type: ignore[misc, no-any-return]


class Mixed(Mixin, Counted):
    pass


def test_an_override_in_a_mixin_counts() -> None:
    assert (identity | Mixed(by=1)).invoke(1) == 102
    assert Mixed(by=1).invoke(1) == 102


def test_a_mock_on_a_class_counts_wherever_the_step_runs_and_leaves_no_trace() -> None:
    step = Counted(by=1)
    original = Counted.invoke
    with mock.patch.object(Counted, "invoke", autospec=True, side_effect=original) as spy:
        assert (identity | step).invoke(1) == 2
        assert (identity | {"a": step}).invoke(1) == {"a": 2}
        assert step.invoke(1) == 2
        assert [call.args[1] for call in spy.call_args_list] == [1, 1, 1]
    assert (identity | step).invoke(1) == 2
    assert "_call_kernel" not in vars(Counted) or Counted._call_kernel is vars(Counted)["_call_kernel"]
    with mock.patch.object(Counted, "invoke", return_value=7):
        assert (identity | step | str).invoke(1) == "7"
    assert (identity | step | str).invoke(1) == "2"


@pytest.mark.parametrize("step", [Counted(by=1), RunnableLambda(lambda x: x + 1)])
def test_a_mock_on_an_instance_counts_and_leaves_no_trace(step: Any) -> None:
    before = dict(vars(step))
    with mock.patch.object(step, "invoke", return_value=7) as fake:
        assert (identity | step).invoke(1) == 7
        assert fake.call_args.args[0] == 1
    assert (identity | step).invoke(1) == 2
    assert vars(step) == before
    with mock.patch.object(step, "ainvoke", mock.AsyncMock(return_value=8)):
        assert asyncio.run((identity | step).ainvoke(1)) == 8


def test_a_mock_of_a_subclass_leaves_its_base_alone() -> None:
    class Below(Counted):
        pass

    with mock.patch.object(Counted, "invoke", return_value=7):
        assert (identity | Below()).invoke(1) == 7
    with mock.patch.object(Below, "invoke", return_value=8):
        assert (identity | Below()).invoke(1) == 8
        assert (identity | Counted()).invoke(1) == 2
    assert (identity | Below()).invoke(1) == 2


class WithHelpers(Runnable[int, int]):
    """Written with the helpers, as programs for the peer are."""

    def invoke(self, input: int, config: RunnableConfig | None = None, **kwargs: Any) -> int:
        return self._call_with_config(self._add, input, config, **kwargs)  # type: ignore[no-any-return]

    async def ainvoke(self, input: int, config: RunnableConfig | None = None, **kwargs: Any) -> int:
        return await self._acall_with_config(self._aadd, input, config, **kwargs)  # type: ignore[no-any-return]

    def transform(
        self, input: Iterator[int], config: RunnableConfig | None = None, **kwargs: Any
    ) -> Iterator[int]:
        yield from self._transform_stream_with_config(input, self._each, config, **kwargs)

    async def atransform(
        self, input: AsyncIterator[int], config: Any = None, **kwargs: Any
    ) -> AsyncIterator[int]:  # type: ignore[override]
        async for y in self._atransform_stream_with_config(input, self._aeach, config, **kwargs):
            yield y

    def _add(self, x: int, run_manager: Any, config: RunnableConfig) -> int:
        assert run_manager.run_id and config["tags"] == ["t"]
        return x + 1

    async def _aadd(self, x: int, config: RunnableConfig) -> int:
        await asyncio.sleep(0)
        return x + 1

    def _each(self, xs: Iterator[int]) -> Iterator[int]:
        for x in xs:
            yield x + 1

    async def _aeach(self, xs: AsyncIterator[int]) -> AsyncIterator[int]:
        async for x in xs:
            yield x + 1


@pytest.mark.parametrize("step", [WithHelpers(), identity | WithHelpers()], ids=["alone", "in a chain"])
def test_the_helpers_make_one_run(step: Runnable[int, int]) -> None:
    for run_it in (
        lambda config: step.invoke(1, config),
        lambda config: asyncio.run(step.ainvoke(1, config)),
        lambda config: list(step.stream(1, config))[-1],
        lambda config: asyncio.run(listed(step.astream(1, config)))[-1],
    ):
        collector = Collector()
        assert run_it({"callbacks": [collector], "tags": ["t"]}) == 2
        assert started(collector).count("WithHelpers") == 1
        collector.check()


def test_batch_with_config_makes_one_run_for_each_input() -> None:
    class Batches(Runnable[int, int]):
        def batch(
            self, inputs: Any, config: Any = None, *, return_exceptions: bool = False, **kwargs: Any
        ) -> Any:
            return self._batch_with_config(self._all, inputs, config, return_exceptions=return_exceptions)

        def invoke(self, input: int, config: RunnableConfig | None = None, **kwargs: Any) -> int:
            raise NotImplementedError

        def _all(self, inputs: list[int]) -> list[Any]:
            return [ValueError("no") if x == 0 else x * 2 for x in inputs]

    collector = Collector()
    got = Batches().batch([1, 0, 3], {"callbacks": [collector]}, return_exceptions=True)
    assert got[0] == 2 and isinstance(got[1], ValueError) and got[2] == 6
    assert sorted(note.kind for note in collector.notes if note.kind != "start") == ["end", "end", "error"]
    with pytest.raises(ValueError, match="no"):
        Batches().batch([1, 0])


def test_a_class_that_says_nothing_of_how_it_runs_makes_no_instances() -> None:
    class Says(Runnable[int, int]):
        pass

    class Declared(Says, RunnableSerializable[int, int]):
        n: int = 1

    class Demands(Runnable[int, int]):
        @abstractmethod
        def invoke(self, input: int, config: RunnableConfig | None = None, **kwargs: Any) -> int: ...

    for kind in Runnable, RunnableSerializable, Says, Declared, Demands:
        with pytest.raises(TypeError, match=r"abstract.*invoke"):
            kind()
    with mock.patch.object(Says, "invoke", return_value=3):
        assert Says().invoke(1) == Declared().invoke(1) == 3
    with pytest.raises(TypeError, match="abstract"):
        Says()
