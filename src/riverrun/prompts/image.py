"""Images by their URL, as a part of a message's content."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from riverrun._pure.exceptions import InputError, TemplateError
from riverrun.prompt_values import ImagePromptValue, ImageURL
from riverrun.prompts.base import BasePromptTemplate
from riverrun.prompts.dict import fields_in, filled
from riverrun.prompts.string import PromptTemplateFormat


class ImagePromptTemplate(BasePromptTemplate[ImageURL]):
    """An image by its URL: a dict of `url` and perhaps `detail`, whose strings are templates.

    What the template lacks may be given as variables `url` and `detail`. Nothing is fetched or read, neither when it is made
    nor when it is formatted.

    Raises:
        TemplateError: a template in it is refused, or it names a file by `path`.
    """

    template: dict[str, Any] = Field(default_factory=dict)
    template_format: PromptTemplateFormat = "f-string"

    def __init__(
        self,
        *,
        template: dict[str, Any] | None = None,
        template_format: PromptTemplateFormat = "f-string",
        **kwargs: Any,
    ) -> None:
        template = {} if template is None else template
        if not isinstance(template, dict):
            raise TemplateError(
                f"an image is given by its URL or a dict with a 'url', not by {type(template).__name__}"
            )
        if "path" in template:
            raise TemplateError("an image template has a 'url'; files are not read, so a 'path' is refused")
        if not isinstance(template.get("url", ""), str):
            raise TemplateError(f"an image template has a 'url' that is a string, not {template['url']!r}")
        fields = fields_in(template, template_format)
        kwargs["input_variables"] = [
            name for name in fields if name not in kwargs.get("partial_variables", {})
        ]
        super().__init__(template=template, template_format=template_format, **kwargs)

    @property
    def OutputType(self) -> Any:
        """An `ImagePromptValue`."""
        return ImagePromptValue

    @property
    def _prompt_type(self) -> str:
        return "image-prompt"

    def format(self, /, **kwargs: Any) -> ImageURL:
        """The image with these variables, as a message's `image_url`: its `url`, and its `detail` if it has one.

        Raises:
            MissingVariableError: a variable was not given.
            InputError: there is no URL, or a `path` is given. It is a ValueError.
        """
        own = {*self.input_variables, *self.partial_variables}
        if "path" in kwargs and "path" not in own:
            raise InputError("an image has a 'url'; files are not read, so a 'path' is refused")
        said: dict[str, Any] = {
            key: kwargs[key] for key in ("url", "detail") if key in kwargs and key not in own
        }
        return self._image({**filled(self, self._with_partials(kwargs)), **said})

    def _known(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Its own variables alone, since `url` and `detail` mean more to it."""
        own = (*self.input_variables, *self.partial_variables)
        return {name: values[name] for name in own if name in values}

    def _block(self, image: ImageURL) -> dict[str, Any] | None:
        return {"type": "image_url", "image_url": image}

    def _format(self, values: Mapping[str, Any]) -> ImageURL:
        return self._image(filled(self, self._with_partials(values)))

    def _image(self, formatted: Mapping[str, Any]) -> ImageURL:
        if not isinstance(formatted.get("url"), str) or not formatted["url"]:
            raise InputError(f"the image of {self.get_name()} has no 'url': {formatted!r}")
        image: ImageURL = {"url": formatted["url"]}
        if formatted.get("detail"):
            image["detail"] = formatted["detail"]
        return image

    def format_prompt(self, /, **kwargs: Any) -> ImagePromptValue:
        """The image as what a person shows."""
        return ImagePromptValue(self.format(**kwargs))

    async def aformat_prompt(self, /, **kwargs: Any) -> ImagePromptValue:
        """Like `format_prompt`."""
        return ImagePromptValue(await self.aformat(**kwargs))

    def pretty_repr(self, html: bool = False) -> str:
        """The template, as Python writes it; `html` is for the sake of the others of this name."""
        return repr(self.template)
