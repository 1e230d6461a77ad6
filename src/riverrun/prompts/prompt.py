"""`PromptTemplate`: a prompt written as one text."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from riverrun._engine.schema import Schema
from riverrun._pure.exceptions import TemplateError
from riverrun.prompts.string import (
    Compiled,
    PromptTemplateFormat,
    StringPromptTemplate,
    check_valid_template,
    compile_template,
    compiled_for,
    mustache_schema,
)
from riverrun.runnables import RunnableConfig


class PromptTemplate(StringPromptTemplate):
    """A prompt written as one text with fields, `"Tell me about {topic}"`.

    A field is a plain identifier, perhaps with a conversion and a format spec (`{price!s:>10}`): attributes, indexes and
    nested fields are refused, and so is a width above 1,000. `{{` and `}}` are literal braces. Values are never
    parsed again. With `template_format` "mustache" or "jinja2" the template is one of these. `input_variables` follow from
    the template; `validate_template` checks that those that are given are the template's, no fewer and no more.

    Raises:
        TemplateError: the template is refused, when it is made, and when it is formatted if it was changed since.
        MissingExtraError: it is a jinja2 template, and jinja2 is not installed.
    """

    template: str
    template_format: PromptTemplateFormat = "f-string"
    validate_template: bool = False

    def __init__(
        self,
        *,
        template: str | None = None,
        template_format: PromptTemplateFormat = "f-string",
        partial_variables: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        source: Any = type(self).model_fields["template"].default if template is None else template
        compiled = compile_template(source, template_format)  # a subclass may state a template of its own
        partial_variables = partial_variables or {}
        declared = kwargs.pop("input_variables", None)
        if kwargs.get("validate_template") and declared is not None:
            check_valid_template(source, template_format, [*declared, *partial_variables])
            if extra := sorted(set(declared) - set(compiled.fields)):
                raise TemplateError(
                    f"the template has the variables {sorted(compiled.fields)}; {extra} were declared and aren't in it"
                )
        super().__init__(
            template=source,
            template_format=template_format,
            partial_variables=partial_variables,
            input_variables=sorted(set(compiled.fields).difference(partial_variables)),
            **kwargs,
        )
        vars(self)["_made"] = {(source, template_format): compiled}

    def format(self, /, **kwargs: Any) -> str:
        """The text with these variables.

        Raises:
            MissingVariableError: a variable was not given.
            TemplateError: the template was changed to one that is refused.
        """
        return self._format(kwargs)

    def _format(self, values: Mapping[str, Any]) -> str:
        return self._compiled().format(self._with_partials(values) if self.partial_variables else values)

    def _compiled(self) -> Compiled:
        return compiled_for(self, self.template, self.template_format)

    def get_input_schema(self, config: RunnableConfig | None = None) -> Schema:
        """A model named `PromptInput` with a field for each variable; for mustache, with the names inside each one too."""
        if self.template_format != "mustache":
            return super().get_input_schema(config)
        return mustache_schema(self.template)

    @property
    def _prompt_type(self) -> str:
        return "prompt"

    @classmethod
    def from_template(
        cls,
        template: str,
        *,
        template_format: PromptTemplateFormat = "f-string",
        partial_variables: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> Self:
        """A prompt of `template`; variables in `partial_variables` need not be given later.

        Raises:
            TemplateError: the template is refused.
        """
        return cls(
            template=template, template_format=template_format, partial_variables=partial_variables, **kwargs
        )

    @classmethod
    def from_examples(
        cls,
        examples: list[str],
        suffix: str,
        input_variables: list[str],
        example_separator: str = "\n\n",
        prefix: str = "",
        **kwargs: Any,
    ) -> Self:
        """A prompt of `prefix`, the `examples` and `suffix`, joined by `example_separator`; all are templates."""
        template = example_separator.join([prefix, *examples, suffix])
        return cls(template=template, input_variables=input_variables, **kwargs)

    @classmethod
    def from_file(cls, template_file: str | Path, encoding: str | None = None, **kwargs: Any) -> Self:
        """A prompt of a file's text; `encoding` as `open` takes it."""
        return cls.from_template(Path(template_file).read_text(encoding=encoding), **kwargs)

    def __add__(self, other: object) -> "PromptTemplate":
        """The two texts, one after the other; a string is a template too.

        Raises:
            TemplateError: the two are written in different template formats, or both have a value for one variable.
        """
        if isinstance(other, str):
            other = PromptTemplate(template=other, template_format=self.template_format)
        if not isinstance(other, PromptTemplate):
            return NotImplemented
        if self.template_format != other.template_format:
            raise TemplateError(
                f"templates in {self.template_format!r} and in {other.template_format!r} can't be joined"
            )
        if both := sorted(self.partial_variables.keys() & other.partial_variables.keys()):
            raise TemplateError(f"the variables {both} are partial in both prompts")
        return PromptTemplate(
            template=self.template + other.template,
            template_format=self.template_format,
            partial_variables={**self.partial_variables, **other.partial_variables},
            validate_template=self.validate_template and other.validate_template,
        )
