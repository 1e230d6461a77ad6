"""What every example selector is."""

from abc import ABC, abstractmethod
from typing import Any

from riverrun.runnables.config import run_in_executor


class BaseExampleSelector(ABC):
    """What chooses examples for the variables of a prompt. A subclass defines `add_example` and `select_examples`.

    The `a...` forms run these in a thread where they are not overridden.
    """

    @abstractmethod
    def add_example(self, example: dict[str, str]) -> Any:
        """Add an example to choose from; what it returns is up to the selector."""

    async def aadd_example(self, example: dict[str, str]) -> Any:
        """Like `add_example`."""
        return await run_in_executor(None, self.add_example, example)

    @abstractmethod
    def select_examples(self, input_variables: dict[str, str]) -> list[dict[str, Any]]:
        """The examples for these variables of the prompt."""

    async def aselect_examples(self, input_variables: dict[str, str]) -> list[dict[str, Any]]:
        """Like `select_examples`."""
        chosen: list[dict[str, Any]] = await run_in_executor(None, self.select_examples, input_variables)
        return chosen
