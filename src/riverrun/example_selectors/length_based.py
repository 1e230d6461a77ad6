"""`LengthBasedExampleSelector`: as many examples as there is room for."""

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, Field

from riverrun.example_selectors.base import BaseExampleSelector
from riverrun.prompts.prompt import PromptTemplate


def words_in(text: str) -> int:
    """How many words a text has, counted by the blanks and line ends between them."""
    return text.count(" ") + text.count("\n") + 1


class LengthBasedExampleSelector(BaseExampleSelector, BaseModel):
    """The first examples that fit, with the prompt's variables, into `max_length`.

    It stops at the first that doesn't fit. Lengths are counted by `get_text_length`, in words if it isn't given, once for
    each example when it is added.
    """

    examples: list[dict[str, Any]]
    example_prompt: PromptTemplate
    get_text_length: Callable[[str], int] = words_in
    max_length: int = 2048
    """The length of the examples and the prompt's variables together, in what `get_text_length` counts."""
    example_text_lengths: list[int] = Field(default_factory=list)
    """The length of each example, counted if it isn't given."""

    def model_post_init(self, context: Any, /) -> None:
        if not self.example_text_lengths:
            self.example_text_lengths = [self._length_of(example) for example in self.examples]

    def _length_of(self, example: dict[str, Any]) -> int:
        return self.get_text_length(self.example_prompt.format(**example))

    def add_example(self, example: dict[str, str]) -> None:
        """Add an example at the end.

        Raises:
            MissingVariableError: it lacks a variable of the example prompt.
        """
        length = self._length_of(example)
        self.examples.append(example)
        self.example_text_lengths.append(length)

    async def aadd_example(self, example: dict[str, str]) -> None:
        """Like `add_example`."""
        self.add_example(example)

    def select_examples(self, input_variables: dict[str, str]) -> list[dict[str, Any]]:
        """The examples that fit beside these variables."""
        room = self.max_length - self.get_text_length(" ".join(map(str, input_variables.values())))
        chosen = []
        for example, length in zip(self.examples, self.example_text_lengths, strict=True):
            if room <= 0 or length > room:
                break
            room -= length
            chosen.append(example)
        return chosen

    async def aselect_examples(self, input_variables: dict[str, str]) -> list[dict[str, Any]]:
        """Like `select_examples`."""
        return self.select_examples(input_variables)
