"""`StrictFormatter`: f-string templates as a `string.Formatter`, for programs that call one."""

from collections.abc import Mapping, Sequence
from string import Formatter
from typing import Any

from riverrun._pure.exceptions import InputError
from riverrun._pure.template import Template, missing_variables


class StrictFormatter(Formatter):
    """A formatter that takes keywords only, and templates as `PromptTemplate` takes them."""

    def vformat(  # pyright: ignore[reportIncompatibleMethodOverride]  # the base has an overload for literal strings
        self, format_string: str, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> str:
        """The text of `format_string` with these values.

        Raises:
            InputError: there are positional values. It is a ValueError.
            MissingVariableError: a value is missing.
            TemplateError: the template is refused.
        """
        if args:
            raise InputError(f"values are given by their names; {len(args)} were given by position")
        return Template(format_string).format(kwargs)

    def validate_input_variables(self, format_string: str, input_variables: list[str]) -> None:
        """Check that `input_variables` are enough for `format_string`.

        Raises:
            MissingVariableError: one of its variables is not among them.
            TemplateError: the template is refused.
        """
        fields = Template(format_string).fields
        if missing := [name for name in fields if name not in input_variables]:
            raise missing_variables("the template", missing, fields, input_variables)


formatter = StrictFormatter()
