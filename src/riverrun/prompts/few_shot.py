"""Prompts that show a model examples of what is wanted, all of those there are or those that a selector chooses."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, Field

from riverrun._pure.exceptions import InputError, TemplateError
from riverrun.messages import BaseMessage
from riverrun.prompts.chat import BaseChatPromptTemplate
from riverrun.prompts.message import BaseMessagePromptTemplate
from riverrun.prompts.prompt import PromptTemplate
from riverrun.prompts.string import StringPromptTemplate, compile_template, compiled_for


class FewShot(BaseModel):
    """Where the examples of a prompt come from: a list of dicts, or a selector that is asked each time."""

    examples: list[dict[str, Any]] | None = None
    """The examples, each a dict of the variables of the example prompt; others in it are ignored."""
    example_selector: Any = None
    """What chooses the examples: a `BaseExampleSelector`, or anything that has its `select_examples`."""

    def _select(self, values: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
        """The examples for these variables."""
        check_source(self.examples, self.example_selector)
        if self.examples is not None:
            return self.examples
        chosen: Iterable[dict[str, Any]] = self.example_selector.select_examples(dict(values))
        return chosen

    async def _aselect(self, values: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
        """Like `_select`, awaiting the selector's `aselect_examples`."""
        if self.examples is not None or not hasattr(self.example_selector, "aselect_examples"):
            return self._select(values)
        chosen: Iterable[dict[str, Any]] = await self.example_selector.aselect_examples(dict(values))
        return chosen

    def _selecting(self) -> frozenset[str]:
        """In which colours choosing the examples runs code that may block, or awaits."""
        return frozenset() if self.example_selector is None else frozenset(("sync", "async"))


def check_source(examples: Any, example_selector: Any) -> None:
    """Check that the examples come from one place.

    Raises:
        TemplateError: there are neither examples nor a selector, there are both, or the selector is none.
    """
    if examples is None and example_selector is None:
        raise TemplateError("a few-shot prompt has 'examples' or an 'example_selector'; neither was given")
    if examples is not None and example_selector is not None:
        raise TemplateError(
            "a few-shot prompt has either 'examples' or an 'example_selector'; both were given"
        )
    if example_selector is not None and not callable(getattr(example_selector, "select_examples", None)):
        kind = type(example_selector).__name__
        raise TemplateError(f"an 'example_selector' has a method select_examples, which {kind} has not")


def check_declared(declared: Sequence[str], used: Iterable[str], partial: Iterable[str]) -> None:
    """Check that `declared` are just the variables that a prompt has.

    Raises:
        TemplateError: they aren't.
    """
    needed = sorted(set(used) - set(partial))
    if sorted(declared) != needed:
        raise TemplateError(
            f"the templates have the variables {needed}, but {sorted(declared)} were declared"
        )


def known(example: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """What of an example its prompt has variables for.

    Raises:
        InputError: the example is no dict.
    """
    if type(example) is not dict and not isinstance(example, Mapping):
        raise InputError(f"an example is a dict of variables, not {type(example).__name__}")
    return {name: example[name] for name in names if name in example}


class FewShotPromptTemplate(FewShot, StringPromptTemplate):
    """A text of a prefix, examples and a suffix, joined by `example_separator`.

    Prefix and suffix are templates; what their fields and the examples come to is never parsed again, so braces in an example
    are not doubled. A prefix or suffix that is empty is left out. `input_variables` follow from the two;
    `validate_template` checks those that are given.

    Raises:
        TemplateError: a template is refused, when it is made, and when it is formatted if it was changed since; or there
            are neither examples nor a selector, or both.
    """

    validate_template: bool = False
    example_prompt: PromptTemplate
    suffix: str
    example_separator: str = "\n\n"
    prefix: str = ""
    template_format: Literal["f-string", "jinja2", "mustache"] = "f-string"

    def __init__(self, **kwargs: Any) -> None:
        check_source(kwargs.get("examples"), kwargs.get("example_selector"))
        template_format = kwargs.get("template_format", "f-string")
        fields: set[str] = set()
        for name in ("prefix", "suffix"):
            if name in kwargs:
                fields.update(compile_template(kwargs[name], template_format).fields)
        partial = kwargs.get("partial_variables") or {}
        if kwargs.get("validate_template"):
            check_declared(kwargs.get("input_variables", ()), fields, partial)
        kwargs["input_variables"] = sorted(fields - set(partial))
        super().__init__(**kwargs)

    def format(self, /, **kwargs: Any) -> str:
        """The text with these variables, which the selector is given too.

        Raises:
            MissingVariableError: a variable was not given, or is missing in an example.
            TemplateError: a template was changed to one that is refused.
        """
        values = self._values(kwargs)
        prompt, names = self.example_prompt, self.example_prompt.input_variables
        return self._join([prompt.format(**known(each, names)) for each in self._select(values)], values)

    async def aformat(self, /, **kwargs: Any) -> str:
        """Like `format`, awaiting the selector and the example prompt."""
        values = self._values(kwargs)
        prompt, names = self.example_prompt, self.example_prompt.input_variables
        examples = [await prompt.aformat(**known(each, names)) for each in await self._aselect(values)]
        return self._join(examples, values)

    def _values(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        if self.template_format == "f-string":  # the others take what is missing for empty
            self._require(given)
        return self._with_partials(given)

    def _join(self, examples: list[str], values: Mapping[str, Any]) -> str:
        prefix, suffix = (
            [compiled_for(self, text, self.template_format).format(values)] if text else []
            for text in (self.prefix, self.suffix)
        )
        return self.example_separator.join([*prefix, *filter(None, examples), *suffix])

    def _own_code(self) -> frozenset[str]:
        return super()._own_code() | self.example_prompt._own_code() | self._selecting()

    def save(self, file_path: Any) -> None:
        """Write the prompt to a file, as `PromptTemplate.save` does.

        Raises:
            ValueError: as there, or the examples come from a selector.
        """
        if self.example_selector is not None:
            raise ValueError("a few-shot prompt with an example selector can't be saved")
        super().save(file_path)

    @property
    def _prompt_type(self) -> str:
        return "few_shot"


class FewShotChatMessagePromptTemplate(BaseChatPromptTemplate, FewShot):
    """Examples as messages, each formatted by a message template or chat prompt: to stand in a chat prompt.

    `input_variables` are those that the selector needs; they are passed on to it with all others.

    Raises:
        TemplateError: there are neither examples nor a selector, or both.
    """

    input_variables: list[str] = Field(default_factory=list)
    example_prompt: BaseMessagePromptTemplate | BaseChatPromptTemplate

    def __init__(self, **kwargs: Any) -> None:
        check_source(kwargs.get("examples"), kwargs.get("example_selector"))
        super().__init__(**kwargs)

    def format_messages(self, /, **kwargs: Any) -> list[BaseMessage]:
        """The messages of the examples for these variables.

        Raises:
            MissingVariableError: a variable is missing in an example.
        """
        values = self._with_partials(kwargs)
        prompt, names = self.example_prompt, self.example_prompt.input_variables
        return [
            message
            for each in self._select(values)
            for message in prompt.format_messages(**known(each, names))
        ]

    async def aformat_messages(self, /, **kwargs: Any) -> list[BaseMessage]:
        """Like `format_messages`, awaiting the selector and the example prompt."""
        values = self._with_partials(kwargs)
        prompt, names = self.example_prompt, self.example_prompt.input_variables
        return [
            message
            for each in await self._aselect(values)
            for message in await prompt.aformat_messages(**known(each, names))
        ]

    def _own_code(self) -> frozenset[str]:
        return super()._own_code() | self.example_prompt._own_code() | self._selecting()

    def pretty_repr(self, html: bool = False) -> str:
        """The examples as messages; for a selector, which needs variables, the example prompt."""
        if self.examples is None:
            return self.example_prompt.pretty_repr(html)
        return "\n\n".join(message.pretty_repr(html) for message in self.format_messages())
