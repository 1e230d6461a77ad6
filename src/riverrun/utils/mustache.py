"""Mustache templates with partials and delimiters of one's own, as a function."""

from collections.abc import Mapping
from typing import Any

from riverrun._pure.exceptions import TemplateError
from riverrun._pure.mustache import Mustache

ChevronError = TemplateError
"""What a wrong mustache template raises, under the name that programs may catch it by."""


def render(
    template: str = "",
    data: Mapping[str, Any] = {},
    partials_dict: Mapping[str, str] = {},
    *,
    def_ldel: str = "{{",
    def_rdel: str = "}}",
) -> str:
    """The mustache `template` with the values in `data`; `{{>name}}` is the template of that name in `partials_dict`.

    Raises:
        TemplateError: the template, or a partial, is refused.
    """
    return Mustache(template, (def_ldel, def_rdel)).format(data, partials_dict)
