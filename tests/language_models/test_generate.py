"""Several prompts at once, and what a model says of itself."""

import asyncio
import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import Field, ValidationError, model_validator

from riverrun.exceptions import InputError
from riverrun.language_models import (
    LLM,
    BaseChatModel,
    BaseLLM,
    FakeListChatModel,
    FakeListLLM,
    get_tokenizer,
    is_openai_data_block,
)
from riverrun.language_models.chat_models import agenerate_from_stream, generate_from_stream
from riverrun.language_models.llms import create_base_retry_decorator
from riverrun.messages import AIMessage, AIMessageChunk, HumanMessage
from riverrun.outputs import ChatGeneration, ChatGenerationChunk, ChatResult, Generation, LLMResult
from riverrun.prompt_values import StringPromptValue
from riverrun.testing import Clock, Collector

RUN_ID = UUID("12345678-1234-5678-1234-567812345678")


class Counted(BaseChatModel):
    """Answers twice, and says what it used."""

    def _generate(
        self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        text = messages[-1].text
        if text == "bad":
            raise LookupError("bad")
        generations = [ChatGeneration(AIMessage(text)), ChatGeneration(AIMessage(f"{stop}{kwargs}"))]
        return ChatResult(generations, {"n": 1})

    def _combine_llm_outputs(self, llm_outputs: list[dict[str, Any] | None], /) -> dict[str, Any]:
        return {"n": sum(output["n"] for output in llm_outputs if output)}


def generated(model: Any, *args: Any, **kwargs: Any) -> list[LLMResult]:
    """By both colours."""
    return [model.generate(*args, **kwargs), asyncio.run(model.agenerate(*args, **kwargs))]


def test_generate_brings_all_that_the_requests_brought_in_order() -> None:
    prompts = [[HumanMessage("a")], [HumanMessage("b")], [HumanMessage("c")]]
    for result in generated(Counted(), prompts, ["s"], top=1):
        assert [[each.text for each in row] for row in result.generations] == [
            [letter, "['s']{'top': 1}"] for letter in "abc"
        ]
        assert result.llm_output == {"n": 3}
        assert result.run is not None and len({info.run_id for info in result.run}) == 3
        first: Any = result.generations[0]
        assert [each.message.id for each in first] == [f"lc_run--{result.run[0].run_id}-{i}" for i in (0, 1)]


def test_generate_of_nothing_is_empty() -> None:
    for result in generated(Counted(), []):
        assert (result.generations, result.run) == ([], None)
    for result in generated(FakeListLLM(responses=["a"]), []):
        assert (result.generations, result.llm_output, result.run) == ([], None, None)


def test_generate_reports_a_run_for_each_prompt_as_its_arguments_say() -> None:
    for model, prompts in ((Counted(), [[HumanMessage("a")], [HumanMessage("b")]]), (Batched(), ["a", "b"])):
        for colour in ("generate", "agenerate"):
            collector = Collector()
            asked = getattr(model, colour)(
                prompts, callbacks=[collector], tags=["t"], metadata={"k": 1}, run_name="mine", run_id=RUN_ID
            )
            result = asyncio.run(asked) if colour == "agenerate" else asked
            collector.check()
            starts = [note for note in collector.notes if note.kind == "start"]
            assert [note.name for note in starts] == ["mine", "mine"]
            assert starts[0].run == str(RUN_ID) and starts[1].run != str(RUN_ID)
            assert {UUID(note.run) for note in starts} == {info.run_id for info in result.run}
            ends = sorted(
                str(getattr(note.value, "text", note.value)) for note in collector.notes if note.kind == "end"
            )
            assert ends == ["a", "b"]


def test_generate_raises_what_a_request_raised_and_makes_no_more() -> None:
    prompts = [[HumanMessage("a")], [HumanMessage("bad")], [HumanMessage("c")]]
    collector = Collector()
    with pytest.raises(LookupError, match="bad"):
        Counted().generate(prompts, callbacks=[collector])
    collector.check()
    assert sum(note.kind == "start" for note in collector.notes) == 2
    with pytest.raises(LookupError, match="bad"):
        asyncio.run(Counted().agenerate(prompts, callbacks=[collector]))
    collector.check()


def test_agenerate_makes_its_requests_at_once() -> None:
    class Slow(BaseChatModel):
        async def _agenerate(
            self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any
        ) -> ChatResult:
            await asyncio.sleep(1)
            return ChatResult([ChatGeneration(AIMessage("a"))])

    with Clock() as clock:
        clock.run(Slow().agenerate([[HumanMessage("x")]] * 5))
        assert clock.time() == 1


def test_generate_prompt_takes_prompt_values() -> None:
    prompts: Any = [StringPromptValue("a"), StringPromptValue("b")]
    for model in (Counted(), Batched()):
        for result in (model.generate_prompt(prompts), asyncio.run(model.agenerate_prompt(prompts))):
            assert [row[0].text for row in result.generations] == ["a", "b"]


class Batched(BaseLLM):
    """Counts its requests."""

    asked: list[list[str]] = Field(default_factory=list)

    def _generate(
        self, prompts: list[str], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> LLMResult:
        self.asked.append(prompts)
        if "bad" in prompts:
            raise LookupError("bad")
        return LLMResult(
            [[Generation(prompt, {"i": i})] for i, prompt in enumerate(prompts)], {"n": len(prompts)}
        )


def test_generate_of_a_model_of_text_is_one_request() -> None:
    for colour in ("generate", "agenerate"):
        model = Batched(asked=[])
        asked = getattr(model, colour)(["a", "b"])
        result = asyncio.run(asked) if colour == "agenerate" else asked
        assert model.asked == [["a", "b"]]
        assert result.generations == [[Generation("a", {"i": 0})], [Generation("b", {"i": 1})]]
        assert result.llm_output == {"n": 2} and len(result.run) == 2


def test_a_request_for_several_prompts_that_fails_ends_the_run_of_each() -> None:
    collector = Collector()
    with pytest.raises(LookupError, match="bad"):
        Batched(asked=[]).generate(["a", "bad"], callbacks=[collector])
    collector.check()
    assert [note.kind for note in collector.notes] == ["start", "start", "error", "error"]


def test_generate_takes_lists_with_one_value_for_each_prompt() -> None:
    collector, other = Collector(), Collector()
    FakeListLLM(responses=["1", "2"]).generate(
        ["a", "b"],
        callbacks=[[collector], [other]],
        tags=[["t"], ["u"]],
        metadata=[{}, {"k": 1}],
        run_name=["x", "y"],
        run_id=[RUN_ID, None],
    )
    assert {note.name for note in collector.notes} == {"x"} and {note.run for note in collector.notes} == {
        str(RUN_ID)
    }
    assert {note.name for note in other.notes} == {"y"}
    with pytest.raises(InputError, match="run_name has 1 values for 2 prompts"):
        FakeListLLM(responses=["1"]).generate(["a", "b"], run_name=["x"])
    with pytest.raises(ValueError, match="list of strings, not str"):
        FakeListLLM(responses=["1"]).generate("a")  # type: ignore[arg-type]  # what users do


def test_generate_from_stream_is_the_fold() -> None:
    chunks = [ChatGenerationChunk(AIMessageChunk(letter), {"k": 1}) for letter in "ab"]

    async def achunks() -> Any:
        for chunk in chunks:
            yield chunk

    for result in (generate_from_stream(iter(chunks)), asyncio.run(agenerate_from_stream(achunks()))):
        assert (result.generations[0].text, type(result.generations[0].message)) == ("ab", AIMessage)
    with pytest.raises(ValueError, match="without a chunk"):
        generate_from_stream(iter([]))


# ------------------------------------------------------------------------------------------- what it says of itself


def test_a_model_describes_itself_as_a_dict_and_in_a_file(tmp_path: Path) -> None:
    model = FakeListLLM(responses=["a", "b"])
    assert model.asdict() == model.dict() == {"responses": ["a", "b"], "_type": "fake-list"}
    assert str(model) == "\x1b[1mFakeListLLM\x1b[0m\nParams: {'responses': ['a', 'b']}"
    model.save(tmp_path / "deep" / "model.json")
    assert json.loads((tmp_path / "deep" / "model.json").read_text()) == model.asdict()
    model.save(str(tmp_path / "model.yaml"))
    assert (tmp_path / "model.yaml").read_text() == "_type: fake-list\nresponses:\n- a\n- b\n"
    with pytest.raises(ValueError, match="must be json or yaml"):
        model.save("model.txt")


def test_errors_and_texts_of_models_show_no_secret() -> None:
    class Keyed(LLM):
        api_key: str = ""
        temperature: float

        @property
        def _identifying_params(self) -> dict[str, Any]:
            return {"api_key": self.api_key, "headers": [("Authorization", self.api_key)]}

        @model_validator(mode="after")
        def check(self) -> "Keyed":
            if self.temperature > 2:
                raise ValueError("too hot")
            return self

    wrong: list[dict[str, Any]] = [{}, {"temperature": 3}, {"temperature": 1, "api_key": ["sk-1"]}]
    for settings in wrong:
        with pytest.raises(ValidationError, match=r"temperature|too hot|api_key") as caught:
            Keyed(**{"api_key": "sk-1", **settings})
        assert "sk-1" not in str(caught.value) + repr(caught.value)
    assert str(Keyed(api_key="sk-1", temperature=1)).endswith(
        "Params: {'api_key': '**********', 'headers': [('Authorization', '**********')]}"
    )


def test_repr_shows_what_is_set() -> None:
    assert (
        repr(FakeListChatModel(responses=["a"], cache=False))
        == "FakeListChatModel(cache=False, responses=['a'])"
    )
    assert "output_version='v1'" in repr(FakeListChatModel(responses=["a"], output_version="v1"))


def test_tokens_are_estimated_without_a_network_unless_somebody_counts() -> None:
    model = FakeListChatModel(responses=[])
    assert model.get_num_tokens("hello world!") == 3 == len(get_tokenizer().encode("hello world!"))
    assert model.get_token_ids("abcdabcd")[0] == model.get_token_ids("abcdabcd")[1]
    assert model.get_num_tokens("") == 0 and model.get_num_tokens("\ud800") == 1
    assert model.get_num_tokens_from_messages([HumanMessage("hello")]) == 3  # Human: hello
    exact = FakeListChatModel(responses=[], custom_get_token_ids=lambda text: list(map(ord, text)))
    assert exact.get_token_ids("ab") == [97, 98]
    assert exact.get_num_tokens_from_messages([HumanMessage("a")]) == len("Human: a")


def test_structured_output_and_tools_are_for_classes_that_have_them() -> None:
    for model in (FakeListChatModel(responses=[]), FakeListLLM(responses=[])):
        with pytest.raises(NotImplementedError, match="with_structured_output"):
            model.with_structured_output({"title": "A"})
    with pytest.raises(NotImplementedError, match="has no tools"):
        FakeListChatModel(responses=[]).bind_tools([])


@pytest.mark.parametrize("model", [FakeListChatModel(responses=["a"]), FakeListLLM(responses=["a"])])
def test_input_that_is_no_prompt_is_refused(model: Any) -> None:
    for value in (3, None):
        with pytest.raises(ValueError):
            model.invoke(value)
        with pytest.raises(InputError, match=f"takes a prompt's value, .* not {type(value).__name__}"):
            model._convert_input(value)


@pytest.mark.parametrize(
    ("block", "kind"),
    [
        ({"type": "image_url", "image_url": {"url": "u", "detail": "low"}}, "image"),
        ({"type": "image_url", "image_url": {"url": "u"}, "cache_control": {}}, None),
        ({"type": "image_url", "image_url": "u"}, None),
        ({"type": "input_audio", "input_audio": {"data": "d", "format": "wav"}}, "audio"),
        ({"type": "input_audio", "input_audio": {"data": "d"}}, None),
        ({"type": "file", "file": {"file_id": "f"}, "more": 1}, "file"),
        ({"type": "file", "file": {"file_data": 3}}, None),
        ({"type": ["file"]}, None),
        ({}, None),
    ],
)
def test_data_blocks_of_openai_are_told_from_others(block: dict[str, Any], kind: Any) -> None:
    assert is_openai_data_block(block) is (kind is not None)
    kinds: list[Any] = ["image", "audio", "file"]
    assert [each for each in kinds if is_openai_data_block(block, each)] == ([kind] if kind else [])


def test_retry_decorator_tries_functions_of_either_colour_again() -> None:
    calls = []

    @create_base_retry_decorator([LookupError], max_retries=3)
    def odd(x: int) -> int:
        calls.append(x)
        raise LookupError

    @create_base_retry_decorator([LookupError], max_retries=3)
    async def even(x: int) -> int:
        calls.append(x)
        if len(calls) < 3:
            raise LookupError
        return x

    with Clock() as clock:
        with pytest.raises(LookupError):
            odd(1)
        assert (len(calls), clock.time()) == (3, 8)
        calls.clear()
        assert clock.run(even(2)) == 2
        assert (len(calls), clock.time()) == (3, 16)


def test_models_of_text_stand_in_chains() -> None:
    class Upper(LLM):
        def _call(self, prompt: str, stop: Any = None, run_manager: Any = None, **kwargs: Any) -> str:
            return prompt.upper()

    assert (Upper() | len).invoke("abc") == 3
    assert Upper().bind(stop=["x"]).batch(["a", "b"]) == ["A", "B"]
