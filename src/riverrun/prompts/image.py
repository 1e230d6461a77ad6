"""Images by their URL, as a part of a message's content."""

from typing import Any

from riverrun._pure.exceptions import TemplateError
from riverrun.messages import HumanMessage
from riverrun.prompt_values import ChatPromptValue
from riverrun.prompts.base import BasePromptTemplate
from riverrun.prompts.dict import fields_in, filled
from riverrun.prompts.string import PromptTemplateFormat


class ImagePromptTemplate(BasePromptTemplate[dict[str, Any]]):
    """An image by its URL: a dict of `url` and perhaps `detail`, whose strings are templates.

    Nothing is fetched or read, neither when it is made nor when it is formatted.

    Raises:
        TemplateError: a template in it is refused, there is no `url`, or it names a file by `path`.
    """

    template: dict[str, Any]
    template_format: PromptTemplateFormat = "f-string"

    def __init__(
        self, *, template: dict[str, Any], template_format: PromptTemplateFormat = "f-string", **kwargs: Any
    ) -> None:
        if not isinstance(template, dict):
            raise TemplateError(
                f"an image is given by its URL or a dict with a 'url', not by {type(template).__name__}"
            )
        if "path" in template:
            raise TemplateError("an image template has a 'url'; files are not read, so a 'path' is refused")
        if not isinstance(template.get("url"), str):
            raise TemplateError(
                f"an image template has a 'url' that is a string, not {template.get('url')!r}"
            )
        fields = fields_in(template, template_format)
        kwargs["input_variables"] = [
            name for name in fields if name not in kwargs.get("partial_variables", {})
        ]
        super().__init__(template=template, template_format=template_format, **kwargs)

    @property
    def OutputType(self) -> Any:
        """A `ChatPromptValue`."""
        return ChatPromptValue

    def format(self, /, **kwargs: Any) -> dict[str, Any]:
        """The image with these variables, as a message's `image_url`.

        Raises:
            MissingVariableError: a variable was not given.
        """
        image: dict[str, Any] = filled(self, self._with_partials(kwargs))
        return image

    def format_prompt(self, /, **kwargs: Any) -> ChatPromptValue:
        """The image as what a person says."""
        block = {"type": "image_url", "image_url": self.format(**kwargs)}
        return ChatPromptValue(messages=[HumanMessage([block])])
