"""Prompts that come to one text, and the template formats they may be written in."""

import warnings
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

from riverrun._engine.schema import Schema, object_of
from riverrun._pure.exceptions import TemplateError
from riverrun._pure.mustache import Mustache
from riverrun._pure.template import Template
from riverrun.prompt_values import StringPromptValue
from riverrun.prompts._jinja2 import JinjaTemplate
from riverrun.prompts.base import BasePromptTemplate

PromptTemplateFormat = Literal["f-string", "mustache", "jinja2"]


class Compiled(Protocol):
    """A template in any of the formats, parsed once."""

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of its variables, each once."""
        ...

    def format(self, values: Mapping[str, Any], /) -> str:
        """The text with these values; others are ignored."""
        ...


_COMPILERS = {"f-string": Template, "mustache": Mustache, "jinja2": JinjaTemplate}
"""By template format: what makes a template of a source. A new format is one more line."""


def compile_template(source: str, template_format: str = "f-string") -> Compiled:
    """`source` as a template.

    Raises:
        TemplateError: the source is refused, or the format is unknown.
        MissingExtraError: the format is jinja2, and jinja2 is not installed.
    """
    compiler = _COMPILERS.get(template_format) if isinstance(template_format, str) else None
    if compiler is None:
        known = ", ".join(map(repr, _COMPILERS))
        raise TemplateError(f"template_format {template_format!r} is not supported; {known} are")
    if not isinstance(source, str):
        raise TemplateError(f"a template is a string, not {type(source).__name__}")
    template: Compiled = compiler(source)
    return template


_MAX_MADE = 100
"""How many compiled templates an owner and its copies, which share them, keep; one that is set anew each time would grow."""


def compiled_for(owner: Any, source: str, template_format: str) -> Compiled:
    """`source` compiled, once for `owner`, a model.

    It is found by what the owner says now, so a template that was set later, copied, unpickled or never validated is
    refused like the others.

    Raises:
        TemplateError: the source is refused.
    """
    made: dict[tuple[str, str], Compiled] | None = owner.__dict__.get("_made")
    if made is None:
        made = owner.__dict__["_made"] = {}
    if (template := made.get((source, template_format))) is None:
        template = compile_template(source, template_format)
        if len(made) >= _MAX_MADE:
            made.clear()
        made[source, template_format] = template
    return template


def jinja2_formatter(template: str, /, **kwargs: Any) -> str:
    """The jinja2 `template` with these values, in the sandbox that `template_format="jinja2"` means.

    Raises:
        MissingExtraError: jinja2 is not installed.
        TemplateError: the template is refused.
    """
    return JinjaTemplate(template).format(kwargs)


def mustache_formatter(template: str, /, **kwargs: Any) -> str:
    """The mustache `template` with these values.

    Raises:
        TemplateError: the template is refused.
    """
    return Mustache(template).format(kwargs)


def validate_f_string_template(template: str) -> list[str]:
    """The names of the variables in the f-string `template`, sorted.

    Raises:
        TemplateError: the template is refused.
    """
    return sorted(Template(template).fields)


def validate_jinja2(template: str, input_variables: list[str]) -> None:
    """Warn if the variables of the jinja2 `template` are not exactly `input_variables`.

    Raises:
        MissingExtraError: jinja2 is not installed.
        TemplateError: the template is refused.
    """
    used, declared = set(JinjaTemplate(template).fields), set(input_variables)
    for fault, names in (("lacks", used - declared), ("doesn't use", declared - used)):
        if names:
            warnings.warn(f"the jinja2 template {fault} variables: {sorted(names)}", stacklevel=2)


def mustache_template_vars(template: str) -> set[str]:
    """The names of the variables of the mustache `template`: those outside of its sections, up to their first dot.

    Raises:
        TemplateError: the template is refused.
    """
    return set(Mustache(template).fields)


def mustache_schema(template: str) -> Schema:
    """A model of what the mustache `template` looks up: what stands in sections and behind dots, as models of its own.

    Raises:
        TemplateError: the template is refused.
    """
    return _schema_of(Mustache(template).tree(), "PromptInput")


def _schema_of(tree: Mapping[str, Any], name: str) -> Schema:
    fields: dict[str, Any] = {}
    for key, inner in tree.items():
        kind: Any = str if inner is None else _schema_of(inner, key) if inner else dict[str, Any]
        fields[key] = (kind, None)
    return object_of(fields, name)


def get_template_variables(template: str, template_format: str) -> list[str]:
    """The names of the variables in `template`, sorted.

    Raises:
        TemplateError: the template is refused, or its format is unknown.
    """
    return sorted(compile_template(template, template_format).fields)


def check_valid_template(template: str, template_format: str, input_variables: list[str]) -> None:
    """Check that `input_variables` are enough for `template`.

    Raises:
        TemplateError: the template is refused, or has a variable that is not among them; or it is a mustache template,
            which may look for its variables in any of its values.
    """
    if template_format == "mustache":
        raise TemplateError(
            "a mustache template can't be checked: where its names are found depends on the values"
        )
    used = get_template_variables(template, template_format)
    if not set(used) <= set(input_variables):
        raise TemplateError(
            f"the template has the variables {used}, but {sorted(input_variables)} were declared"
        )


def is_subsequence(child: Sequence[Any], parent: Sequence[Any]) -> bool:
    """Whether `parent` begins with `child`. Nothing is the beginning of nothing: of two that are empty it says no."""
    return len(child) > 0 and len(parent) > 0 and list(parent[: len(child)]) == list(child)


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

    def _block(self, text: str) -> dict[str, Any] | None:
        """The content block for a text it came to; none for no text."""
        return {"type": "text", "text": text} if text else None

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
