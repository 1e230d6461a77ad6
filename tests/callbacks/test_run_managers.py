"""What hooks, tools and retrievers get as `run_manager`: a handle on the run that they are part of."""

import asyncio
from contextvars import Context
from typing import Any
from uuid import UUID

import pytest

from riverrun.callbacks import (
    AsyncCallbackManagerForToolRun,
    CallbackManagerForChainRun,
    CallbackManagerForLLMRun,
    CallbackManagerForRetrieverRun,
    CallbackManagerForToolRun,
)
from riverrun.callbacks.manager import manager_of
from riverrun.language_models import LLM
from riverrun.retrievers import BaseRetriever
from riverrun.runnables import RunnableLambda
from riverrun.testing.collect import Collector
from riverrun.tools import BaseTool, tool

seen: list[Any] = []


class Model(LLM):
    def _call(self, prompt: str, stop: Any = None, run_manager: Any = None, **kwargs: Any) -> str:
        seen.append(run_manager)
        return prompt

    @property
    def _llm_type(self) -> str:
        return "model"


class Finder(BaseRetriever):
    def _get_relevant_documents(self, query: str, *, run_manager: Any) -> Any:
        seen.append(run_manager)
        return []


class Look(BaseTool):
    name: str = "look"
    description: str = "Look."

    def _run(self, place: str, run_manager: Any = None) -> str:
        seen.append(run_manager)
        return place

    async def _arun(self, place: str, run_manager: Any = None) -> str:
        seen.append(run_manager)
        return place


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        (Model(), CallbackManagerForLLMRun),
        (Finder(), CallbackManagerForRetrieverRun),
        (Look(), CallbackManagerForToolRun),
    ],
)
def test_a_hook_gets_the_manager_of_its_kind(step: Any, kind: type) -> None:
    seen.clear()
    step.invoke("x", {"tags": ["t"], "metadata": {"m": 1}})
    [manager] = seen
    assert type(manager) is kind
    assert isinstance(manager.run_id, UUID) and manager.parent_run_id is None
    assert manager.tags == ["t"] and manager.metadata["m"] == 1


def test_the_run_round_a_hook_is_its_parent() -> None:
    seen.clear()
    outer: list[Any] = []

    def ask(x: str, run_manager: Any) -> str:
        outer.append(run_manager)
        return Model().invoke(x)

    RunnableLambda(ask).invoke("x")
    assert seen[0].parent_run_id == outer[0].run_id


def test_an_async_hook_gets_the_async_manager_and_a_sync_one_of_the_same_run() -> None:
    seen.clear()
    asyncio.run(Look().ainvoke("x"))
    [manager] = seen
    assert type(manager) is AsyncCallbackManagerForToolRun
    sync = manager.get_sync()
    assert type(sync) is CallbackManagerForToolRun and sync.run_id == manager.run_id


def test_a_manager_that_is_passed_on_says_where_to_nest() -> None:
    heard = Collector()

    @tool
    def outer(x: str, run_manager: Any = None) -> str:
        """Ask a step where there is no context."""
        config: Any = {"callbacks": run_manager.get_child()}
        return Context().run(RunnableLambda(str.upper).invoke, x, config)

    assert outer.invoke("a", {"callbacks": [heard]}) == "A"
    assert [note.name for note in heard.notes if note.kind == "start"] == ["outer", "upper"]
    assert heard.notes[1].path == ("outer", "upper")
    heard.check()


def test_a_step_without_a_kind_of_its_own_gets_that_of_chains() -> None:
    seen.clear()

    class Plain(RunnableLambda[Any, Any]):
        async def _call_kernel(self, x: Any, run: Any) -> Any:
            seen.append(manager_of(run))
            return x

    Plain(len).invoke("x")
    assert type(seen[0]) is CallbackManagerForChainRun
