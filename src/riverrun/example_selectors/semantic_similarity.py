"""Selectors that ask a vector store which examples are nearest to the input."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from riverrun.documents import Document
from riverrun.embeddings import Embeddings
from riverrun.example_selectors.base import BaseExampleSelector
from riverrun.vectorstores import VectorStore


def sorted_values(values: dict[str, str]) -> list[Any]:
    """The values of a dict, in the order of their keys."""
    return [values[key] for key in sorted(values)]


class _VectorStoreExampleSelector(BaseExampleSelector, BaseModel):
    """Examples in a vector store, each a document of its values with the whole example as its metadata."""

    model_config = ConfigDict(arbitrary_types_allowed=True, extra="forbid")

    vectorstore: VectorStore
    k: int = 4
    """How many examples are chosen."""
    example_keys: list[str] | None = None
    """What of an example is given to the prompt; all of it if None."""
    input_keys: list[str] | None = None
    """Which variables the search is for, and which values of an example it is among; all if None."""
    vectorstore_kwargs: dict[str, Any] | None = None
    """What else the store's search is given."""

    def _text_of(self, values: dict[str, str]) -> str:
        return text_of(values, self.input_keys)

    def _examples_of(self, documents: list[Document]) -> list[dict[str, Any]]:
        examples = [dict(document.metadata) for document in documents]
        if self.example_keys:
            return [{key: example[key] for key in self.example_keys} for example in examples]
        return examples

    def add_example(self, example: dict[str, str]) -> str:
        """Add an example to the store; its id there."""
        return self.vectorstore.add_texts([self._text_of(example)], metadatas=[example])[0]

    async def aadd_example(self, example: dict[str, str]) -> str:
        """Like `add_example`."""
        return (await self.vectorstore.aadd_texts([self._text_of(example)], metadatas=[example]))[0]


def text_of(values: dict[str, str], keys: list[str] | None) -> str:
    """What is searched for, or among: the values of these keys, or of all."""
    wanted = {key: values[key] for key in keys} if keys else values
    return " ".join(map(str, sorted_values(wanted)))


class SemanticSimilarityExampleSelector(_VectorStoreExampleSelector):
    """The examples most similar to the input."""

    def select_examples(self, input_variables: dict[str, str]) -> list[dict[str, Any]]:
        """The `k` examples that the store finds nearest to these variables."""
        options = self.vectorstore_kwargs or {}
        return self._examples_of(
            self.vectorstore.similarity_search(self._text_of(input_variables), k=self.k, **options)
        )

    async def aselect_examples(self, input_variables: dict[str, str]) -> list[dict[str, Any]]:
        """Like `select_examples`."""
        options = self.vectorstore_kwargs or {}
        return self._examples_of(
            await self.vectorstore.asimilarity_search(self._text_of(input_variables), k=self.k, **options)
        )

    @classmethod
    def from_examples(
        cls,
        examples: list[dict[str, str]],
        embeddings: Embeddings,
        vectorstore_cls: type[VectorStore],
        k: int = 4,
        input_keys: list[str] | None = None,
        *,
        example_keys: list[str] | None = None,
        vectorstore_kwargs: dict[str, Any] | None = None,
        **vectorstore_cls_kwargs: Any,
    ) -> Self:
        """A selector among `examples`, put into a new store of the class `vectorstore_cls`.

        `vectorstore_kwargs` are for the searches, further keywords for the store's `from_texts`.
        """
        texts = [text_of(example, input_keys) for example in examples]
        store = vectorstore_cls.from_texts(texts, embeddings, metadatas=examples, **vectorstore_cls_kwargs)
        return cls(
            vectorstore=store,
            k=k,
            input_keys=input_keys,
            example_keys=example_keys,
            vectorstore_kwargs=vectorstore_kwargs,
        )

    @classmethod
    async def afrom_examples(
        cls,
        examples: list[dict[str, str]],
        embeddings: Embeddings,
        vectorstore_cls: type[VectorStore],
        k: int = 4,
        input_keys: list[str] | None = None,
        *,
        example_keys: list[str] | None = None,
        vectorstore_kwargs: dict[str, Any] | None = None,
        **vectorstore_cls_kwargs: Any,
    ) -> Self:
        """Like `from_examples`."""
        texts = [text_of(example, input_keys) for example in examples]
        store = await vectorstore_cls.afrom_texts(
            texts, embeddings, metadatas=examples, **vectorstore_cls_kwargs
        )
        return cls(
            vectorstore=store,
            k=k,
            input_keys=input_keys,
            example_keys=example_keys,
            vectorstore_kwargs=vectorstore_kwargs,
        )


class MaxMarginalRelevanceExampleSelector(_VectorStoreExampleSelector):
    """Examples that are similar to the input and differ from one another."""

    fetch_k: int = 20
    """Among how many of the most similar examples the `k` are chosen."""

    def select_examples(self, input_variables: dict[str, str]) -> list[dict[str, Any]]:
        """The `k` examples that the store finds nearest to these variables and most unlike one another."""
        options = self.vectorstore_kwargs or {}
        return self._examples_of(
            self.vectorstore.max_marginal_relevance_search(
                self._text_of(input_variables), k=self.k, fetch_k=self.fetch_k, **options
            )
        )

    async def aselect_examples(self, input_variables: dict[str, str]) -> list[dict[str, Any]]:
        """Like `select_examples`."""
        options = self.vectorstore_kwargs or {}
        return self._examples_of(
            await self.vectorstore.amax_marginal_relevance_search(
                self._text_of(input_variables), k=self.k, fetch_k=self.fetch_k, **options
            )
        )

    @classmethod
    def from_examples(
        cls,
        examples: list[dict[str, str]],
        embeddings: Embeddings,
        vectorstore_cls: type[VectorStore],
        k: int = 4,
        input_keys: list[str] | None = None,
        fetch_k: int = 20,
        example_keys: list[str] | None = None,
        vectorstore_kwargs: dict[str, Any] | None = None,
        **vectorstore_cls_kwargs: Any,
    ) -> Self:
        """A selector among `examples`, put into a new store of the class `vectorstore_cls`.

        `vectorstore_kwargs` are for the searches, further keywords for the store's `from_texts`.
        """
        texts = [text_of(example, input_keys) for example in examples]
        store = vectorstore_cls.from_texts(texts, embeddings, metadatas=examples, **vectorstore_cls_kwargs)
        return cls(
            vectorstore=store,
            k=k,
            fetch_k=fetch_k,
            input_keys=input_keys,
            example_keys=example_keys,
            vectorstore_kwargs=vectorstore_kwargs,
        )

    @classmethod
    async def afrom_examples(
        cls,
        examples: list[dict[str, str]],
        embeddings: Embeddings,
        vectorstore_cls: type[VectorStore],
        *,
        k: int = 4,
        input_keys: list[str] | None = None,
        fetch_k: int = 20,
        example_keys: list[str] | None = None,
        vectorstore_kwargs: dict[str, Any] | None = None,
        **vectorstore_cls_kwargs: Any,
    ) -> Self:
        """Like `from_examples`."""
        texts = [text_of(example, input_keys) for example in examples]
        store = await vectorstore_cls.afrom_texts(
            texts, embeddings, metadatas=examples, **vectorstore_cls_kwargs
        )
        return cls(
            vectorstore=store,
            k=k,
            fetch_k=fetch_k,
            input_keys=input_keys,
            example_keys=example_keys,
            vectorstore_kwargs=vectorstore_kwargs,
        )
