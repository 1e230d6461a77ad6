"""What every language model is: a step over prompts, with the metadata by which its runs are described."""

from collections.abc import Sequence
from typing import Any, TypeAlias

from riverrun._engine.runnable import Output
from riverrun.messages.utils import MessageLikeRepresentation
from riverrun.prompt_values import PromptValue
from riverrun.runnables import RunnableSerializable

LanguageModelInput: TypeAlias = PromptValue | str | Sequence[MessageLikeRepresentation]
"""What a model takes: a prompt's value, a text, or a list of what can be read as messages."""


class BaseLanguageModel(RunnableSerializable[LanguageModelInput, Output]):
    """A model of language behind the interface of a step."""

    tags: list[str] | None = None
    """Tags of this model's own runs."""

    metadata: dict[str, Any] | None = None
    """Metadata of this model's own runs."""

    @property
    def _identifying_params(self) -> dict[str, Any]:
        """The settings that distinguish this model from others of its class."""
        return {}
