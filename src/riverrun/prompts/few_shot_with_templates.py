"""`FewShotPromptWithTemplates`: examples between a prefix and a suffix that are prompts themselves."""

from collections.abc import Mapping
from typing import Any

from riverrun.prompts.few_shot import FewShot, check_declared, check_source, known
from riverrun.prompts.prompt import PromptTemplate
from riverrun.prompts.string import PromptTemplateFormat, StringPromptTemplate


class FewShotPromptWithTemplates(FewShot, StringPromptTemplate):
    """A text of a prefix, examples and a suffix, joined by `example_separator`; prefix and suffix are prompts.

    `input_variables` follow from the two; `validate_template` checks those that are given.

    Raises:
        TemplateError: there are neither examples nor a selector, or both, or the declared variables are wrong.
    """

    example_prompt: PromptTemplate
    suffix: StringPromptTemplate
    example_separator: str = "\n\n"
    prefix: StringPromptTemplate | None = None
    template_format: PromptTemplateFormat = "f-string"
    """Kept for those who look for it here: each prompt has a format of its own."""
    validate_template: bool = False

    def __init__(self, **kwargs: Any) -> None:
        check_source(kwargs.get("examples"), kwargs.get("example_selector"))
        declared = kwargs.pop("input_variables", [])
        super().__init__(**{**kwargs, "input_variables": []})
        used = {name for part in self._around() for name in part.input_variables}
        if self.validate_template:
            check_declared(declared, used, self.partial_variables)
        self.input_variables = sorted(used - self.partial_variables.keys())

    def _around(self) -> list[StringPromptTemplate]:
        return [part for part in (self.prefix, self.suffix) if part is not None]

    def format(self, /, **kwargs: Any) -> str:
        """The text with these variables, which the selector is given too.

        Raises:
            MissingVariableError: a variable was not given, or is missing in an example.
        """
        values = self._with_partials(kwargs)
        prompt, names = self.example_prompt, self.example_prompt.input_variables
        examples = [prompt.format(**known(each, names)) for each in self._select(values)]
        return self._join(examples, {id(part): part.format(**values) for part in self._around()})

    async def aformat(self, /, **kwargs: Any) -> str:
        """Like `format`, awaiting the selector and the prompts."""
        values = self._with_partials(kwargs)
        prompt, names = self.example_prompt, self.example_prompt.input_variables
        examples = [await prompt.aformat(**known(each, names)) for each in await self._aselect(values)]
        return self._join(examples, {id(part): await part.aformat(**values) for part in self._around()})

    def _join(self, examples: list[str], formatted: Mapping[int, str]) -> str:
        prefix, suffix = formatted.get(id(self.prefix), ""), formatted[id(self.suffix)]
        return self.example_separator.join(filter(None, [prefix, *examples, suffix]))

    def _own_code(self) -> frozenset[str]:
        own = super()._own_code() | self._selecting()
        return own.union(*(part._own_code() for part in (self.example_prompt, *self._around())))

    @property
    def _prompt_type(self) -> str:
        return "few_shot_with_templates"
