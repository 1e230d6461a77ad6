"""Example selectors: by length, and by a vector store."""

import asyncio
import threading
from typing import Any

import pytest

from riverrun.embeddings import Embeddings
from riverrun.example_selectors import (
    BaseExampleSelector,
    LengthBasedExampleSelector,
    MaxMarginalRelevanceExampleSelector,
    SemanticSimilarityExampleSelector,
    sorted_values,
)
from riverrun.exceptions import MissingVariableError
from riverrun.prompts import FewShotPromptTemplate, PromptTemplate
from riverrun.vectorstores import InMemoryVectorStore

EXAMPLES = [{"in": word, "out": word.upper()} for word in ("sun", "moon", "star", "suns")]
PROMPT = PromptTemplate.from_template("{in} -> {out}")


class Letters(Embeddings):
    """Texts are near when they are made of the same letters."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        return [float(text.lower().count(letter)) for letter in "abcdefghijklmnopqrstuvwxyz"]


def by_length(**settings: Any) -> LengthBasedExampleSelector:
    return LengthBasedExampleSelector(examples=list(EXAMPLES), example_prompt=PROMPT, **settings)


def test_length_based_takes_the_first_that_fit() -> None:
    selector = by_length(max_length=7)
    assert selector.example_text_lengths == [3, 3, 3, 3]
    assert selector.select_examples({"x": "one"}) == EXAMPLES[:2]
    assert selector.select_examples({"x": "one two"}) == EXAMPLES[:1]
    assert selector.select_examples({"x": "one\ntwo", "y": "three four five"}) == []
    assert asyncio.run(selector.aselect_examples({"x": "one"})) == EXAMPLES[:2]


def test_length_based_counts_as_it_is_told() -> None:
    selector = by_length(max_length=21, get_text_length=len)
    assert selector.select_examples({"x": "1"}) == EXAMPLES[:1]
    assert by_length(max_length=5, example_text_lengths=[1, 1, 1, 1]).select_examples({"x": "a"}) == EXAMPLES


def test_length_based_grows() -> None:
    selector = by_length(max_length=100)
    selector.add_example({"in": "a", "out": "b c"})
    asyncio.run(selector.aadd_example({"in": "d", "out": "e"}))
    assert selector.example_text_lengths == [3, 3, 3, 3, 4, 3]
    assert selector.select_examples({})[-1] == {"in": "d", "out": "e"}
    with pytest.raises(MissingVariableError, match="out"):
        selector.add_example({"in": "a"})
    assert len(selector.examples) == len(selector.example_text_lengths) == 6


def test_semantic_similarity_chooses_the_nearest() -> None:
    selector = SemanticSimilarityExampleSelector.from_examples(
        EXAMPLES, Letters(), InMemoryVectorStore, k=2, input_keys=["in"]
    )
    assert selector.select_examples({"in": "sun", "more": "zzz"}) == [EXAMPLES[0], EXAMPLES[3]]
    assert asyncio.run(selector.aselect_examples({"in": "moo"}))[0] == EXAMPLES[1]
    added = selector.add_example({"in": "zebra", "out": "Z"})
    assert isinstance(added, str)
    assert selector.select_examples({"in": "zebra"})[0] == {"in": "zebra", "out": "Z"}
    asyncio.run(selector.aadd_example({"in": "quiz", "out": "Q"}))
    assert selector.select_examples({"in": "quiz"})[0]["out"] == "Q"


@pytest.mark.parametrize("kind", [SemanticSimilarityExampleSelector, MaxMarginalRelevanceExampleSelector])
def test_stores_selectors_give_what_the_prompt_needs(kind: Any) -> None:
    selector = asyncio.run(
        kind.afrom_examples(EXAMPLES, Letters(), InMemoryVectorStore, k=1, example_keys=["out"])
    )
    assert selector.k == 1 and selector.select_examples({"in": "star"}) == [{"out": "STAR"}]
    prompt = FewShotPromptTemplate(
        example_selector=selector, example_prompt=PromptTemplate.from_template("{out}"), suffix="{in}"
    )
    assert prompt.invoke("star").to_string() == "STAR\n\nstar"
    assert asyncio.run(prompt.ainvoke({"in": "star"})).to_string() == "STAR\n\nstar"


def test_marginal_relevance_chooses_unlike_examples() -> None:
    pytest.importorskip("numpy")
    examples = [{"in": "sun"}, {"in": "suns"}, {"in": "nus"}, {"in": "moon"}]
    nearest = SemanticSimilarityExampleSelector.from_examples(examples, Letters(), InMemoryVectorStore, k=2)
    unlike = MaxMarginalRelevanceExampleSelector.from_examples(
        examples, Letters(), InMemoryVectorStore, k=2, fetch_k=4, vectorstore_kwargs={"lambda_mult": 0.1}
    )
    assert {example["in"] for example in nearest.select_examples({"in": "sun"})} == {"sun", "nus"}
    assert "moon" in {example["in"] for example in unlike.select_examples({"in": "sun"})}
    assert asyncio.run(unlike.aselect_examples({"in": "sun"})) == unlike.select_examples({"in": "sun"})


def test_selectors_of_ones_own_run_in_a_thread() -> None:
    class Own(BaseExampleSelector):
        def add_example(self, example: dict[str, str]) -> Any:
            return threading.get_ident()

        def select_examples(self, input_variables: dict[str, str]) -> list[dict[str, Any]]:
            return [{"thread": threading.get_ident()}]

    async def run() -> tuple[Any, Any]:
        return await Own().aadd_example({}), await Own().aselect_examples({})

    added, chosen = asyncio.run(run())
    assert added != threading.get_ident() != chosen[0]["thread"]


def test_sorted_values_go_by_their_keys() -> None:
    assert sorted_values({"b": "1", "a": "2"}) == ["2", "1"]
