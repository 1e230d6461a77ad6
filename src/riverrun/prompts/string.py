"""Prompts that come to one text, and the template formats they may be written in."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, Literal

from riverrun._pure.exceptions import TemplateError
from riverrun._pure.template import Template
from riverrun.prompt_values import StringPromptValue
from riverrun.prompts.base import BasePromptTemplate

PromptTemplateFormat = Literal["f-string", "mustache", "jinja2"]

_COMPILERS = {"f-string": Template}
"""By template format: what makes a template of a source. A new format is one more line."""


def compile_template(source: str, template_format: str = "f-string") -> Template:
    """`source` as a template.

    Raises:
        TemplateError: the source is refused, or the format is unknown.
    """
    if (compiler := _COMPILERS.get(template_format)) is None:
        planned = " yet" if template_format in ("mustache", "jinja2") else ""
        raise TemplateError(
            f"template_format {template_format!r} is not supported{planned}; {', '.join(map(repr, _COMPILERS))} is"
        )
    if not isinstance(source, str):
        raise TemplateError(f"a template is a string, not {type(source).__name__}")
    return compiler(source)


def get_template_variables(template: str, template_format: str) -> list[str]:
    """The names of the variables in `template`, sorted.

    Raises:
        TemplateError: the template is refused.
    """
    return sorted(compile_template(template, template_format).fields)


def check_valid_template(template: str, template_format: str, input_variables: list[str]) -> None:
    """Check that `input_variables` are enough for `template`.

    Raises:
        TemplateError: the template is refused, or has a variable that is not among them.
    """
    used = get_template_variables(template, template_format)
    if not set(used) <= set(input_variables):
        raise TemplateError(
            f"the template has the variables {used}, but {sorted(input_variables)} were declared"
        )


class StringPromptTemplate(BasePromptTemplate[str]):
    """A prompt that comes to one text. A subclass defines `format`."""

    @property
    def OutputType(self) -> Any:
        """A `StringPromptValue`."""
        return StringPromptValue

    @abstractmethod
    def format(self, /, **kwargs: Any) -> str:
        """The text with these variables.

        Raises:
            MissingVariableError: a variable was not given.
        """

    def _format_prompt(self, values: Mapping[str, Any]) -> StringPromptValue:
        return StringPromptValue(text=self._format(values))

    def format_prompt(self, /, **kwargs: Any) -> StringPromptValue:
        """The text as a prompt value."""
        return StringPromptValue(text=self.format(**kwargs))

    async def aformat_prompt(self, /, **kwargs: Any) -> StringPromptValue:
        """Like `format_prompt`."""
        return StringPromptValue(text=await self.aformat(**kwargs))

    def pretty_repr(self, html: bool = False) -> str:
        """The text with each variable shown as `{name}`; `html` highlights them with terminal colours."""
        return self.format(**{name: Shown(name, html) for name in self.input_variables})

    def pretty_print(self) -> None:
        """Print `pretty_repr`."""
        print(self.pretty_repr())


class Shown(str):
    """A variable that stands for itself in a prompt shown to people, whatever its format spec."""

    __slots__ = ()

    def __new__(cls, name: str, highlight: bool = False) -> "Shown":
        return super().__new__(cls, f"\033[33;1m\033[1;3m{{{name}}}\033[0m" if highlight else f"{{{name}}}")

    def __format__(self, spec: str, /) -> str:
        return str.__str__(self)
