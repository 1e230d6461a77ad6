"""What steps that run another step, as it is or again, say of their input and output: what that one says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from riverrun._engine.config import RunnableConfig
from riverrun._engine.runnable import Input, Output, Runnable
from riverrun._engine.schema import Schema


class Wrapper(Runnable[Input, Output]):
    """A step that takes what another one takes, and puts out what that one puts out."""

    _wiring: ClassVar[str] = "inside"

    @property
    def _wrapped(self) -> Runnable[Any, Any]:
        raise NotImplementedError

    @property
    def InputType(self) -> Any:
        return self._wrapped.InputType

    @property
    def OutputType(self) -> Any:
        return self._wrapped.OutputType

    def _described(self, config: RunnableConfig | None) -> tuple[Runnable[Any, Any], RunnableConfig | None]:
        """The step whose schemas are those of a run with `config`, and the config that it is run with."""
        return self._wrapped, config

    def get_input_schema(self, config: RunnableConfig | None = None) -> Schema:
        step, config = self._described(config)
        return step.get_input_schema(config)

    def get_output_schema(self, config: RunnableConfig | None = None) -> Schema:
        step, config = self._described(config)
        return step.get_output_schema(config)

    def _parts(self) -> Mapping[str, Runnable[Any, Any]]:
        return {"": self._wrapped}

    def _takes_before(self, after: Callable[[], Schema], name: str, config: RunnableConfig | None) -> Schema:
        step, config = self._described(config)
        return step._takes_before(after, name, config)

    def _gives_after(self, before: Callable[[], Schema], name: str, config: RunnableConfig | None) -> Schema:
        step, config = self._described(config)
        return step._gives_after(before, name, config)
