"""Run managers: what hooks, tools and functions of the user's get as `run_manager`.

Each is a handle on the run that its holder is part of. Passing it on (`config={"callbacks": run_manager.get_child()}`) says
explicitly what the ambient context says by itself. The engine reports starts, ends, errors and tokens; a hook need not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeAlias
from uuid import UUID

from riverrun._engine.config import RunHandle
from riverrun._engine.run import Run

__all__ = [
    "AsyncCallbackManagerForChainRun",
    "AsyncCallbackManagerForLLMRun",
    "AsyncCallbackManagerForRetrieverRun",
    "AsyncCallbackManagerForToolRun",
    "AsyncParentRunManager",
    "AsyncRunManager",
    "BaseRunManager",
    "CallbackManagerForChainRun",
    "CallbackManagerForLLMRun",
    "CallbackManagerForRetrieverRun",
    "CallbackManagerForToolRun",
    "Callbacks",
    "ParentRunManager",
    "RunManager",
    "manager_of",
]

Callbacks: TypeAlias = list[Any] | RunHandle | None
"""What a config's `callbacks` may hold: listeners, or the handle of a run to nest in."""


class BaseRunManager(RunHandle):
    """A handle on a run: who it is, and where it stands."""

    __slots__ = ()

    @property
    def parent_run_id(self) -> UUID | None:
        """The id of the run around this one; None at the root."""
        above = self.run.ancestors()
        return UUID(above[-1].id) if above else None

    @property
    def tags(self) -> list[str]:
        """The tags of the run."""
        tags: list[str] = self.run.tags()
        return tags

    @property
    def metadata(self) -> dict[str, Any]:
        """The metadata of the run."""
        metadata: dict[str, Any] = self.run.metadata()
        return metadata


class RunManager(BaseRunManager):
    """The handle that sync code gets."""

    __slots__ = ()

    def on_text(self, text: str, **kwargs: Any) -> None:
        """Report a text to those who listen to the run."""
        self.run.emit("text", text)


class AsyncRunManager(BaseRunManager):
    """The handle that async code gets: its reports are awaited."""

    __slots__ = ()

    def get_sync(self) -> Self:
        """The same run, for sync code that it calls."""
        sync: Any = _KINDS.get((self.run.step.kind, False), ParentRunManager)(self.run)
        return sync  # type: ignore[no-any-return]  # of the sync class that goes with this one

    async def on_text(self, text: str, **kwargs: Any) -> None:
        """Report a text to those who listen to the run."""
        self.run.emit("text", text)


class ParentRunManager(RunManager):
    """The handle of a run that may have others inside."""

    __slots__ = ()


class AsyncParentRunManager(AsyncRunManager):
    """Likewise for async code."""

    __slots__ = ()


class CallbackManagerForLLMRun(RunManager):
    """What a sync hook of a model gets."""

    __slots__ = ()

    def on_llm_new_token(self, token: Any, *, chunk: Any = None, **kwargs: Any) -> None:
        """Report a token that the hook doesn't yield. One that it yields is reported by that, and need not be here."""
        self.run.emit("token", token, chunk)


class AsyncCallbackManagerForLLMRun(AsyncRunManager):
    """What an async hook of a model gets."""

    __slots__ = ()

    async def on_llm_new_token(self, token: Any, *, chunk: Any = None, **kwargs: Any) -> None:
        """Report a token that the hook doesn't yield. One that it yields is reported by that, and need not be here."""
        self.run.emit("token", token, chunk)


class CallbackManagerForChainRun(ParentRunManager):
    """What sync code in a chain gets."""

    __slots__ = ()


class AsyncCallbackManagerForChainRun(AsyncParentRunManager):
    """What async code in a chain gets."""

    __slots__ = ()


class CallbackManagerForToolRun(ParentRunManager):
    """What a sync tool gets."""

    __slots__ = ()


class AsyncCallbackManagerForToolRun(AsyncParentRunManager):
    """What an async tool gets."""

    __slots__ = ()


class CallbackManagerForRetrieverRun(ParentRunManager):
    """What a sync retriever gets."""

    __slots__ = ()


class AsyncCallbackManagerForRetrieverRun(AsyncParentRunManager):
    """What an async retriever gets."""

    __slots__ = ()


_KINDS: Mapping[tuple[str, bool], type[BaseRunManager]] = {
    ("chat_model", False): CallbackManagerForLLMRun,
    ("chat_model", True): AsyncCallbackManagerForLLMRun,
    ("llm", False): CallbackManagerForLLMRun,
    ("llm", True): AsyncCallbackManagerForLLMRun,
    ("tool", False): CallbackManagerForToolRun,
    ("tool", True): AsyncCallbackManagerForToolRun,
    ("retriever", False): CallbackManagerForRetrieverRun,
    ("retriever", True): AsyncCallbackManagerForRetrieverRun,
}


def manager_of(run: Run, is_async: bool = False) -> Any:
    """The handle on `run` for its step's own code, sync or async: of the class that its kind of step is written against."""
    default = AsyncCallbackManagerForChainRun if is_async else CallbackManagerForChainRun
    return _KINDS.get((run.step.kind, is_async), default)(run)
