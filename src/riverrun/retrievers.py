"""The base of retrievers: an author writes how documents are found, and the retriever runs in every mode."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any, ClassVar, NamedTuple, TypeAlias, TypedDict, TypeVar

from riverrun._engine.run import Run
from riverrun._pure.exceptions import InputError
from riverrun._pure.shown import cut
from riverrun._pure.signature import Signature
from riverrun.callbacks.manager import (
    AsyncCallbackManagerForRetrieverRun,
    CallbackManagerForRetrieverRun,
    manager_of,
)
from riverrun.documents import Document
from riverrun.runnables import Runnable, RunnableSerializable
from riverrun.runnables.config import run_in_executor

__all__ = [
    "BaseRetriever",
    "LangSmithRetrieverParams",
    "RetrieverInput",
    "RetrieverLike",
    "RetrieverOutput",
    "RetrieverOutputLike",
]

RetrieverInput: TypeAlias = str
"""A query."""
RetrieverOutput: TypeAlias = list[Document]
"""What answers it."""
RetrieverLike: TypeAlias = Runnable[str, list[Document]]
"""A step from a query to documents."""
RetrieverOutputLike: TypeAlias = Runnable[Any, list[Document]]
"""A step from anything to documents."""


Hook = TypeVar("Hook", bound=Callable[..., Any])


def _needed(hook: Hook) -> Hook:
    """Abstract when the program runs only: that another hook will do, type checkers can't be told."""
    return abstractmethod(hook)


class LangSmithRetrieverParams(TypedDict, total=False):
    """The metadata by which traces describe a retriever's runs."""

    ls_retriever_name: str
    ls_vector_store_provider: str | None
    ls_embedding_provider: str | None
    ls_embedding_model: str | None


class BaseRetriever(RunnableSerializable[str, list[Document]]):
    """A step from a query to the documents that answer it.

    A subclass defines `_get_relevant_documents`, `_aget_relevant_documents`, or both. Either serves every mode: the sync
    one serves async runs from a thread, the async one serves sync runs from a loop's thread. It may ask for `run_manager`,
    and for keywords of its own, which `invoke(query, **keywords)` gives it; one that asks for none is given none.
    """

    kind: ClassVar[str] = "retriever"

    tags: list[str] | None = None
    """Tags of this retriever's own runs."""

    metadata: dict[str, Any] | None = None
    """Metadata of this retriever's own runs."""

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if cls._aget_relevant_documents is not BaseRetriever._aget_relevant_documents:
            cls.__abstractmethods__ -= {"_get_relevant_documents"}

    # ---------------------------------------------------------------------------------------- hooks for authors

    @_needed
    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        """The documents that answer `query`, the best first. May block."""
        raise NotImplementedError

    async def _aget_relevant_documents(
        self, query: str, *, run_manager: AsyncCallbackManagerForRetrieverRun
    ) -> list[Document]:
        """The documents that answer `query`, asynchronously."""
        hook = _asked_by(type(self)._get_relevant_documents)
        given: dict[str, Any] = {"run_manager": run_manager.get_sync()} if hook.takes_run_manager else {}
        return await run_in_executor(None, partial(self._get_relevant_documents, query, **given))

    def _get_ls_params(self, **kwargs: Any) -> LangSmithRetrieverParams:
        """The metadata by which traces describe this retriever's runs. `kwargs` are the call's keywords."""
        name = self.get_name()
        bare = name.removeprefix("Retriever")
        return LangSmithRetrieverParams(
            ls_retriever_name=(name.removesuffix("Retriever") if bare == name else bare).lower()
        )

    # ------------------------------------------------------------------------------------------------- running it

    async def _call_kernel(self, x: str, run: Run) -> list[Document]:
        cls = type(self)
        has_sync = cls._get_relevant_documents is not BaseRetriever._get_relevant_documents
        has_async = cls._aget_relevant_documents is not BaseRetriever._aget_relevant_documents
        is_async = has_async if run.backend.is_async else not has_sync
        name = "_aget_relevant_documents" if is_async else "_get_relevant_documents"
        hook = _asked_by(getattr(cls, name))
        given = dict(run.kwargs) if hook.takes_keywords else {}
        if hook.takes_run_manager:
            given["run_manager"] = manager_of(run, is_async)
        found: list[Document] = await run.call(partial(getattr(self, name), **given), (x,), is_async)
        if not isinstance(found, list) or not all(isinstance(each, Document) for each in found):
            raise InputError(
                f"{cls.__name__}.{name} is to give a list of Documents, not {cut(repr(found), 200)}"
            )
        return found

    def _run_metadata(self, run: Run) -> dict[str, Any]:
        return dict(self._get_ls_params(**run.kwargs))


class _Asked(NamedTuple):
    takes_run_manager: bool
    takes_keywords: bool


@lru_cache
def _asked_by(hook: Callable[..., Any]) -> _Asked:
    """What a hook asks for besides the query."""
    facts = Signature(hook)
    more = set(list(facts.parameters)[2:]) - {"run_manager"}  # than itself and the query
    return _Asked(facts.takes_run_manager, bool(more))
