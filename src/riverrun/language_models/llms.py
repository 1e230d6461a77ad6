"""The bases of models that complete text: an author writes one hook, and the model runs in every mode."""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any, ClassVar, cast
from uuid import UUID

from riverrun._backends.aio import ASYNC
from riverrun._backends.drive import drive
from riverrun._backends.protocol import Backend
from riverrun._backends.sync import SYNC
from riverrun._engine.config import RunnableConfig
from riverrun._engine.lanes import call
from riverrun._engine.run import Chunks, Root, Run
from riverrun._pure.exceptions import InputError, MissingExtraError, ModelError
from riverrun._pure.fold import fold
from riverrun._pure.habit import Habit
from riverrun._pure.shown import masked
from riverrun.callbacks import Callbacks
from riverrun.language_models._author_helpers import (
    aget_prompts,
    aupdate_cache,
    create_base_retry_decorator,
    get_prompts,
    update_cache,
)
from riverrun.language_models._hooks import (
    FLOW_HOOKS,
    as_sync,
    is_async,
    items_of,
    own_hook,
    prepared,
    stop_of,
    with_manager,
)
from riverrun.language_models.base import BaseLanguageModel, config_of
from riverrun.outputs import Generation, GenerationChunk, LLMResult, RunInfo
from riverrun.prompt_values import PromptValue
from riverrun.runnables.config import run_in_executor, steps_in_thread

__all__ = [
    "LLM",
    "BaseLLM",
    "aget_prompts",
    "aupdate_cache",
    "create_base_retry_decorator",
    "get_prompts",
    "update_cache",
]


class BaseLLM(BaseLanguageModel[str]):
    """A model that completes a text.

    A subclass defines at least one of `_generate`, `_agenerate`, which take several prompts at once, `_stream` and
    `_astream`. Whatever it defines serves every mode, as with chat models.
    """

    kind: ClassVar[str] = "llm"

    _ls_type: ClassVar[str] = "llm"
    _ls_affix: ClassVar[str] = "LLM"

    # ---------------------------------------------------------------------------------------- hooks for authors

    def _generate(
        self, prompts: list[str], stop: list[str] | None = None, run_manager: Any = None, **kwargs: Any
    ) -> LLMResult:
        """The completions of several prompts. May block."""
        raise NotImplementedError(f"{type(self).__name__} defines no _generate")

    async def _agenerate(
        self, prompts: list[str], stop: list[str] | None = None, run_manager: Any = None, **kwargs: Any
    ) -> LLMResult:
        """The completions of several prompts, asynchronously; by default `_generate` in a thread."""
        result: LLMResult = await run_in_executor(
            None, as_sync(self._generate, stop, run_manager, kwargs), prompts
        )
        return result

    def _stream(
        self, prompt: str, stop: list[str] | None = None, run_manager: Any = None, **kwargs: Any
    ) -> Iterator[GenerationChunk]:
        """The completion in chunks. May block between them; closed when nobody reads on."""
        raise NotImplementedError(f"{type(self).__name__} defines no _stream")

    async def _astream(
        self, prompt: str, stop: list[str] | None = None, run_manager: Any = None, **kwargs: Any
    ) -> AsyncIterator[GenerationChunk]:
        """The completion in chunks, asynchronously. An async generator; by default `_stream` in threads."""
        stream = as_sync(self._stream, stop, run_manager, kwargs)
        async with aclosing(steps_in_thread(stream, prompt)) as chunks:
            async for chunk in chunks:
                yield chunk

    def _hook(self, names: tuple[str, ...]) -> str | None:
        return own_hook(self, BaseLLM, names)

    def _value_hooks(self, in_async: bool) -> tuple[str, ...]:
        return _VALUE_HOOKS[in_async]

    # ------------------------------------------------------------------------------------------------- running it

    async def _call_kernel(self, x: Any, run: Run) -> str:
        return (await self._result(self._text_of(x, run), run))[0].text

    async def _result(self, prompt: str, run: Run) -> list[Generation]:
        """What one request brings, or what a cache holds in its place. There is at least one generation."""
        place = self._place_of(prompt, run)
        held = await place.look() if place is not None else None
        if held is None:
            held = await self._ask(prompt, run)
            if place is not None:
                await place.fill(held)
        return held

    async def _ask(self, prompt: str, run: Run) -> list[Generation]:
        """The whole completion, from whichever hook there is."""
        hook = self._hook(self._value_hooks(run.backend.is_async))
        if hook is None:
            raise NotImplementedError(f"{type(self).__name__} defines no hook: a model of text needs one")
        if hook in _STREAM_HOOKS:
            async with aclosing(self._chunks(hook, prompt, run)) as chunks:
                return [_whole([chunk async for chunk in chunks])]
        stop, kwargs = stop_of(run)
        method = prepared(self, hook, run, stop, kwargs)
        if hook in _BATCH_HOOKS:
            result: LLMResult = await run.call(method, ([prompt],), is_async(hook))
            return _split(result, 1, run)[0]
        with run.locating():
            return [Generation(await run.call(method, (prompt,), is_async(hook)))]

    def _flow_kernel(self, xs: Any, run: Run) -> AsyncIterator[Any]:
        hook = self._hook(FLOW_HOOKS[run.backend.is_async])
        if hook is None:
            return super()._flow_kernel(xs, run)
        return self._remembered(hook, xs, run) if self._may_cache() else self._texts(hook, xs, run)

    async def _texts(self, hook: str, xs: Any, run: Run) -> AsyncGenerator[str, None]:
        prompt = self._text_of(await run.take(xs), run)
        async with aclosing(self._chunks(hook, prompt, run)) as chunks:
            async for chunk in chunks:
                yield chunk.text

    async def _remembered(self, hook: str, xs: Any, run: Run) -> AsyncGenerator[str, None]:
        """The chunks of a hook, which fill the cache when all have been read; or what it holds, as one chunk."""
        prompt = self._text_of(await run.take(xs), run)
        place = self._place_of(prompt, run)
        if place is not None and (held := await place.look()) is not None:
            yield held[0].text
            return
        seen: list[GenerationChunk] = []
        async with aclosing(self._chunks(hook, prompt, run)) as chunks:
            async for chunk in chunks:
                seen.append(chunk)
                yield chunk.text
        if seen and place is not None:
            await place.fill([_whole(seen)])

    def _chunks(self, hook: str, prompt: str, run: Run) -> AsyncGenerator[Any, None]:
        stop, kwargs = stop_of(run)
        with run.locating():
            items = items_of(self, hook, prompt, run, stop, kwargs)
        return run.steps(items, is_async(hook))

    def _text_of(self, x: Any, run: Run) -> str:
        with run.locating():
            return self._convert_input(x).to_string()

    def _habit(self, kwargs: Mapping[str, Any]) -> Habit:
        needs = "a model needs the whole prompt"
        if self._hook(FLOW_HOOKS[False]) is None:
            return Habit(False, False, f"{needs}; this one defines no _stream, so it answers in one piece")
        return Habit(False, True, f"{needs}, and answers token by token")

    def __str__(self) -> str:
        return f"\033[1m{type(self).__name__}\033[0m\nParams: {masked(dict(self._identifying_params))}"

    # ----------------------------------------------------------------------------------------------- many prompts

    def generate(
        self,
        prompts: list[str],
        stop: list[str] | None = None,
        callbacks: Callbacks | list[Callbacks] = None,
        *,
        tags: list[str] | list[list[str]] | None = None,
        metadata: dict[str, Any] | list[dict[str, Any]] | None = None,
        run_name: str | list[str] | None = None,
        run_id: UUID | list[UUID | None] | None = None,
        **kwargs: Any,
    ) -> LLMResult:
        """The completions of several prompts, in their order: one call of `_generate` where the class defines it.

        Callbacks, tags, metadata, names and ids of runs are for all prompts, or lists with one for each.

        Raises:
            InputError: `prompts` is no list, or one of those lists has not as many.
        """
        configs = config_of(callbacks, tags, metadata, run_name, run_id, len(_checked(prompts)))
        return cast(LLMResult, drive(self._generated(SYNC, prompts, stop, configs, kwargs)))

    async def agenerate(
        self,
        prompts: list[str],
        stop: list[str] | None = None,
        callbacks: Callbacks | list[Callbacks] = None,
        *,
        tags: list[str] | list[list[str]] | None = None,
        metadata: dict[str, Any] | list[dict[str, Any]] | None = None,
        run_name: str | list[str] | None = None,
        run_id: UUID | list[UUID | None] | None = None,
        **kwargs: Any,
    ) -> LLMResult:
        """`generate`, asynchronously."""
        configs = config_of(callbacks, tags, metadata, run_name, run_id, len(_checked(prompts)))
        return await self._generated(ASYNC, prompts, stop, configs, kwargs)

    def generate_prompt(
        self,
        prompts: list[PromptValue],
        stop: list[str] | None = None,
        callbacks: Callbacks | list[Callbacks] = None,
        **kwargs: Any,
    ) -> LLMResult:
        return self.generate([prompt.to_string() for prompt in prompts], stop, callbacks, **kwargs)

    async def agenerate_prompt(
        self,
        prompts: list[PromptValue],
        stop: list[str] | None = None,
        callbacks: Callbacks | list[Callbacks] = None,
        **kwargs: Any,
    ) -> LLMResult:
        return await self.agenerate([prompt.to_string() for prompt in prompts], stop, callbacks, **kwargs)

    async def _generated(
        self,
        backend: Backend,
        prompts: Sequence[str],
        stop: list[str] | None,
        configs: Sequence[RunnableConfig],
        kwargs: dict[str, Any],
    ) -> LLMResult:
        given = kwargs if stop is None else {**kwargs, "stop": stop}
        hook = self._hook(self._value_hooks(backend.is_async))
        if prompts and hook in _BATCH_HOOKS:
            runs = [Run(self, Root(backend, said), None, given) for said in configs]
            return await self._in_one_request(str(hook), runs, prompts)
        made: list[list[Generation]] = []
        infos: list[RunInfo] = []

        async def kernel(x: Any, run: Run) -> str:
            made.append(await self._result(self._text_of(x, run), run))
            infos.append(RunInfo(run.id))
            return made[-1][0].text

        for prompt, said in zip(prompts, configs, strict=True):  # a script of answers is to be read in order
            await call(self, prompt, Root(backend, said), None, given, kernel=kernel)
        return LLMResult(made, None, infos or None)

    async def _in_one_request(self, hook: str, runs: Sequence[Run], prompts: Sequence[str]) -> LLMResult:
        """One run for each prompt, and one request for all that no cache holds."""
        stop, kwargs = stop_of(runs[0])
        found: dict[int, list[Generation]] = {}
        output: dict[str, Any] | None = {}
        try:
            for run, prompt in zip(runs, prompts, strict=True):
                run.start(prompt)
            places = [self._place_of(prompt, run) for run, prompt in zip(runs, prompts, strict=True)]
            for i, place in enumerate(places):
                if place is not None and (held := await place.look()) is not None:
                    found[i] = held
            if missing := [i for i in range(len(prompts)) if i not in found]:
                first = runs[missing[0]]
                method = prepared(self, hook, first, stop, kwargs)
                result: LLMResult = await first.call(method, ([prompts[i] for i in missing],), is_async(hook))
                output = result.llm_output
                for i, generations in zip(missing, _split(result, len(missing), first), strict=True):
                    found[i] = generations
                    if (place := places[i]) is not None:
                        await place.fill(generations)
        except BaseException as error:
            for run in runs:
                run.fail(error, Chunks())
            raise
        for i, run in enumerate(runs):
            run.emit("end", found[i][0].text, prompts[i])
        return LLMResult([found[i] for i in range(len(runs))], output, [RunInfo(run.id) for run in runs])

    def save(self, file_path: Path | str) -> None:
        """Write `asdict()` to a file: JSON, or YAML if its name ends in .yaml or .yml.

        Raises:
            ValueError: the name ends in neither.
            MissingExtraError: YAML is asked for and `pyyaml` is not installed.
        """
        path = Path(file_path)
        if path.suffix == ".json":
            text = json.dumps(self.asdict(), indent=4)
        elif path.suffix in (".yaml", ".yml"):
            try:
                import yaml
            except ImportError:
                raise MissingExtraError("YAML needs pyyaml: pip install 'riverrun[yaml]'") from None
            text = yaml.safe_dump(self.asdict(), default_flow_style=False)
        else:
            raise ValueError(f"{file_path} must be json or yaml: its name is to end in .json, .yaml or .yml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


class LLM(BaseLLM):
    """A model that completes one text at a time: a subclass defines `_call` or `_acall`, or a hook that streams."""

    def _call(
        self, prompt: str, stop: list[str] | None = None, run_manager: Any = None, **kwargs: Any
    ) -> str:
        """The completion. May block."""
        raise NotImplementedError(f"{type(self).__name__} defines no _call")

    async def _acall(
        self, prompt: str, stop: list[str] | None = None, run_manager: Any = None, **kwargs: Any
    ) -> str:
        """The completion, asynchronously; by default `_call` in a thread."""
        text: str = await run_in_executor(None, as_sync(self._call, stop, run_manager, kwargs), prompt)
        return text

    def _generate(
        self, prompts: list[str], stop: list[str] | None = None, run_manager: Any = None, **kwargs: Any
    ) -> LLMResult:
        given = with_manager(self._call, run_manager, kwargs)
        return LLMResult([[Generation(self._call(prompt, stop=stop, **given))] for prompt in prompts])

    async def _agenerate(
        self, prompts: list[str], stop: list[str] | None = None, run_manager: Any = None, **kwargs: Any
    ) -> LLMResult:
        given = with_manager(self._acall, run_manager, kwargs)
        return LLMResult([[Generation(await self._acall(prompt, stop=stop, **given))] for prompt in prompts])

    def _hook(self, names: tuple[str, ...]) -> str | None:
        return own_hook(self, LLM, names)

    def _value_hooks(self, in_async: bool) -> tuple[str, ...]:
        return _TEXT_HOOKS[in_async]


_BATCH_HOOKS = ("_generate", "_agenerate")
_STREAM_HOOKS = ("_stream", "_astream")
_VALUE_HOOKS = {
    False: ("_generate", "_stream", "_agenerate", "_astream"),
    True: ("_agenerate", "_generate", "_astream", "_stream"),
}
_TEXT_HOOKS = {
    False: ("_generate", "_call", "_stream", "_agenerate", "_acall", "_astream"),
    True: ("_agenerate", "_acall", "_generate", "_call", "_astream", "_stream"),
}


def _whole(chunks: list[GenerationChunk]) -> Generation:
    whole: GenerationChunk = fold(chunks)
    return Generation(whole.text, whole.generation_info)


def _checked(prompts: Any) -> list[str]:
    if not isinstance(prompts, list):
        raise InputError(f"prompts must be a list of strings, not {type(prompts).__name__}")
    return prompts


def _split(result: LLMResult, wanted: int, run: Run) -> list[list[Generation]]:
    """The generations for each prompt."""
    if not isinstance(result, LLMResult):
        raise ModelError(f"{run.name} is to bring an LLMResult, not {type(result).__name__}")
    if len(result.generations) != wanted or not all(result.generations):
        counts = [len(each) for each in result.generations]
        raise ModelError(
            f"{run.name} was given {wanted} prompts and brought these numbers of generations: {counts}"
        )
    return result.generations
