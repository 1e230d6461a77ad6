"""Completions of text, and results that hold them."""

import copy
import pickle
from functools import reduce
from operator import add
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel

from growth import assert_linear
from riverrun._pure.fold import fold
from riverrun.exceptions import MessageError
from riverrun.messages import AIMessage, AIMessageChunk
from riverrun.outputs import (
    ChatGeneration,
    ChatGenerationChunk,
    Generation,
    GenerationChunk,
    LLMResult,
    RunInfo,
)

RUN = "00000000-0000-0000-0000-000000000001"


def test_generation_shows_text_and_info() -> None:
    assert repr(Generation("x")) == "Generation(text='x')"
    assert (
        repr(Generation(text="x", generation_info={"a": 1}))
        == "Generation(text='x', generation_info={'a': 1})"
    )
    assert Generation("x").model_dump() == {"text": "x", "generation_info": None, "type": "Generation"}
    assert Generation("x") == Generation(text="x")
    assert Generation("x") != GenerationChunk("x")
    assert Generation.model_validate(Generation("x", {"a": 1}).model_dump()) == Generation("x", {"a": 1})


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"text": 1}, "text must be a string, not int"),
        ({"text": "x", "generation_info": [1]}, "generation_info must be a dict or None, not list"),
        ({"text": "x", "type": "Other"}, "type must be 'Generation', not 'Other'"),
    ],
)
def test_a_wrong_type_names_the_field(fields: dict[str, Any], problem: str) -> None:
    with pytest.raises(MessageError, match=problem):
        Generation(**fields)


def test_generation_chunks_add_up() -> None:
    a, b = (
        GenerationChunk("a", {"model": "m", "logprobs": [1]}),
        GenerationChunk("b", {"model": "m", "logprobs": [2]}),
    )
    both = GenerationChunk("ab", {"model": "m", "logprobs": [1, 2]})
    assert a + b == both
    assert fold([a, b]) == both
    assert GenerationChunk("a") + GenerationChunk("b") == GenerationChunk("ab")
    for other in ("b", Generation("b")):
        with pytest.raises(TypeError):
            a + other  # type: ignore[operator]  # that is the point


def test_g05_adding_up_generation_chunks_is_linear_in_any_order() -> None:
    def adding(size: int) -> Any:
        chunks = [GenerationChunk("ab", {"k": "v"})] * size
        return lambda: (reduce(add, chunks).text, reduce(lambda a, b: b + a, chunks).text)

    assert_linear(adding, 500)


def test_a_long_sum_of_generation_chunks_is_copied_and_pickled() -> None:
    whole = reduce(add, [GenerationChunk("a", {"k": 1})] * 5000)
    for twin in (
        pickle.loads(pickle.dumps(whole)),
        copy.deepcopy(whole),
        copy.copy(whole),
        whole.model_copy(),
    ):
        assert twin == whole and twin.text == "a" * 5000


def test_llm_result_shows_all_and_compares_without_runs() -> None:
    result = LLMResult(generations=[[Generation("x")]], llm_output={"a": 1}, run=[RunInfo(run_id=RUN)])
    assert repr(result) == (
        "LLMResult(generations=[[Generation(text='x')]], llm_output={'a': 1}, "
        f"run=[RunInfo(run_id=UUID('{RUN}'))], type='LLMResult')"
    )
    assert result == LLMResult(generations=[[Generation("x")]], llm_output={"a": 1})
    assert result != LLMResult(generations=[[Generation("x")]])
    assert result != 1
    assert result.run is not None and result.run[0].run_id == UUID(RUN)


def test_llm_result_reads_its_dump() -> None:
    result = LLMResult(
        generations=[
            [Generation("x"), ChatGeneration(AIMessage("y"))],
            [ChatGenerationChunk(AIMessageChunk("z")), GenerationChunk("w")],
        ],
        run=[RunInfo(RUN)],
    )
    read = LLMResult.model_validate(result.model_dump())
    assert read.generations[0] == result.generations[0]
    assert read.generations[1][0] == result.generations[1][0]
    assert read.run == result.run
    assert LLMResult(generations=[[{"message": {"type": "ai", "content": "x"}}]]) == LLMResult(  # type: ignore[list-item]
        generations=[[ChatGeneration(AIMessage("x"))]]
    )


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"generations": None}, "generations must be a list of lists, not NoneType"),
        ({"generations": [Generation("x")]}, r"generations\[0\] must be a list, not Generation"),
        ({"generations": [[3]]}, "not of int"),
        ({"generations": [], "run": [RunInfo(RUN), 3]}, "RunInfo is made of a dict"),
        ({"generations": [], "type": "Other"}, "type must be 'LLMResult'"),
    ],
)
def test_a_wrong_result_names_the_place(fields: dict[str, Any], problem: str) -> None:
    with pytest.raises(MessageError, match=problem):
        LLMResult(**fields)


def test_run_info_needs_a_uuid() -> None:
    assert RunInfo(UUID(RUN)) == RunInfo(RUN)
    for wrong in ("x", 3, None):
        with pytest.raises(MessageError, match="run_id must be a UUID"):
            RunInfo(wrong)  # type: ignore[arg-type]  # that is the point


def test_flatten_counts_no_token_twice() -> None:
    usage = {"token_usage": {"total": 3}, "model": "m"}
    result = LLMResult(generations=[[Generation("x")], [Generation("y")]], llm_output=usage)
    assert result.flatten() == [
        LLMResult(generations=[[Generation("x")]], llm_output=usage),
        LLMResult(generations=[[Generation("y")]], llm_output={"token_usage": {}, "model": "m"}),
    ]
    assert LLMResult(generations=[[], []]).flatten()[1].llm_output is None


def test_results_stand_in_pydantic_models() -> None:
    class Model(BaseModel):
        result: LLMResult
        generation: Generation

    model = Model(
        result=LLMResult(generations=[[Generation("x")]], run=[RunInfo(RUN)]), generation=Generation("y")
    )
    assert Model.model_validate_json(model.model_dump_json()) == model
    assert Model.model_json_schema()["$defs"]["Generation"]["required"] == ["text"]
