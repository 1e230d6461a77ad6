"""What tools of functions share: a function for each colour, and hooks that call them for subclasses."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from pydantic import PlainSerializer

from riverrun._engine.config import RunnableConfig
from riverrun.callbacks.manager import AsyncCallbackManagerForToolRun, CallbackManagerForToolRun
from riverrun.tools._hook import passed_on

if TYPE_CHECKING:
    from riverrun.tools.base import BaseTool as Base
else:
    Base = object  # a model more would cost all programs time at import

_AS_TEXT = PlainSerializer(str, return_type=str, when_used="json-unless-none")

Function: TypeAlias = Annotated[Callable[..., Any] | None, _AS_TEXT]
"""A function as a field; in JSON, what `str` shows of it."""


class OfFunctions(Base):
    """A tool whose fields `func` and `coroutine` are what it runs; stands before `BaseTool` among the bases."""

    if TYPE_CHECKING:
        func: Function
        coroutine: Function

    def _functions(self) -> tuple[Callable[..., Any] | None, Callable[..., Any] | None]:
        cls = type(self)
        return (
            self.func if cls._run is OfFunctions._run else self._run,
            self.coroutine if cls._arun is OfFunctions._arun else self._arun,
        )

    def _run(
        self,
        *args: Any,
        config: RunnableConfig,
        run_manager: CallbackManagerForToolRun | None = None,
        **kwargs: Any,
    ) -> Any:
        """The function's result, for a subclass that calls it."""
        if self.func is None:
            raise NotImplementedError(f"tool {self.name!r} has no sync function")
        return passed_on(self.func, args, config, run_manager, kwargs)

    async def _arun(
        self,
        *args: Any,
        config: RunnableConfig,
        run_manager: AsyncCallbackManagerForToolRun | None = None,
        **kwargs: Any,
    ) -> Any:
        """Likewise, asynchronously."""
        if self.coroutine is None:
            return await super()._arun(*args, config=config, run_manager=run_manager, **kwargs)
        return await passed_on(self.coroutine, args, config, run_manager, kwargs)
