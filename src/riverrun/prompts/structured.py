"""`StructuredPrompt`: a chat prompt that says in which form the model is to answer."""

from collections.abc import Sequence
from typing import Any, Self

from pydantic import Field

from riverrun._pure.exceptions import NotAStepError, TemplateError
from riverrun.prompts.chat import ChatPromptTemplate, MessageLikeRepresentation
from riverrun.prompts.string import PromptTemplateFormat
from riverrun.runnables import Runnable, RunnableSequence


class StructuredPrompt(ChatPromptTemplate):
    """A chat prompt and the schema of the answer: piped into a model, it asks for the model's `with_structured_output(schema)`.

    Keywords that are no fields of a prompt are kept for that call, with `structured_output_kwargs`.

    Raises:
        TemplateError: there is no schema, or as `ChatPromptTemplate`.
    """

    schema_: dict[str, Any] | type
    """The form of the answer: a JSON Schema, a pydantic model or a TypedDict."""
    structured_output_kwargs: dict[str, Any] = Field(default_factory=dict)
    """What else `with_structured_output` is given."""

    def __init__(
        self,
        messages: Sequence[MessageLikeRepresentation],
        schema_: dict[str, Any] | type | None = None,
        *,
        structured_output_kwargs: dict[str, Any] | None = None,
        template_format: PromptTemplateFormat = "f-string",
        **kwargs: Any,
    ) -> None:
        schema = schema_ or kwargs.pop("schema", None)
        if not schema:
            raise TemplateError(f"a structured prompt needs the schema of the answer, not {schema!r}")
        known = type(self).model_fields
        others = {name: kwargs.pop(name) for name in list(kwargs) if name not in known}
        super().__init__(
            messages,
            schema_=schema,
            structured_output_kwargs={**(structured_output_kwargs or {}), **others},
            template_format=template_format,
            **kwargs,
        )

    @classmethod
    def from_messages_and_schema(
        cls, messages: Sequence[MessageLikeRepresentation], schema: dict[str, Any] | type, **kwargs: Any
    ) -> Self:
        """A prompt of these messages; `kwargs` as the constructor takes them."""
        return cls(messages, schema, **kwargs)

    def __or__(self, other: Any) -> Runnable[dict[str, Any], Any]:
        """This prompt and the model `other`, which is to answer in the form of the schema.

        Raises:
            NotAStepError: `other` has no `with_structured_output`, so it is no model.
        """
        return self.pipe(other)

    def pipe(self, *others: Any, name: str | None = None) -> Runnable[dict[str, Any], Any]:
        """Like `|`, with further steps after the model.

        Raises:
            NotAStepError: the first of `others` is no model, or there are none.
        """
        model: Any = others[0] if others else None
        if not callable(getattr(model, "with_structured_output", None)):
            raise NotAStepError(
                "a structured prompt is piped into a model, one that has with_structured_output, "
                f"not into {type(model).__name__ if others else 'nothing'}"
            )
        bound = model.with_structured_output(self.schema_, **self.structured_output_kwargs)
        sequence: Runnable[dict[str, Any], Any] = RunnableSequence(self, bound, *others[1:], name=name)
        return sequence
