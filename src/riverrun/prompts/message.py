"""Templates of single messages, and the place for messages that are given as a list."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, PositiveInt

from riverrun._pure.exceptions import MessageError, TemplateError
from riverrun._pure.template import missing_variables
from riverrun.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, convert_to_messages
from riverrun.messages.chat import ChatMessage
from riverrun.prompts.base import own_colours, said_args
from riverrun.prompts.dict import DictPromptTemplate
from riverrun.prompts.image import ImagePromptTemplate
from riverrun.prompts.prompt import PromptTemplate
from riverrun.prompts.string import PromptTemplateFormat, Shown, StringPromptTemplate

Part = StringPromptTemplate | ImagePromptTemplate | DictPromptTemplate
"""What a block of a message's content is made from."""


class BaseMessagePromptTemplate(BaseModel, ABC):
    """What stands for one message or more in a chat prompt. A subclass defines `input_variables` and `format_messages`.

    `+` makes a chat prompt of it and what follows.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    _own: ClassVar[frozenset[str]]
    _chat_prompt: ClassVar[type[Any]]  # `ChatPromptTemplate`, which is made of these and says so here

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._own = own_colours(cls)

    def __init__(self, **fields: Any) -> None:
        super().__init__(**fields)

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        return said_args(self, super().__repr_args__())

    def __add__(self, other: Any) -> Any:
        """A `ChatPromptTemplate` of this and, after it, `other`: a message, messages, a string or another prompt."""
        return self._chat_prompt([self]) + other

    @property
    @abstractmethod
    def input_variables(self) -> list[str]:
        """The variables that must be given."""

    @abstractmethod
    def format_messages(self, /, **kwargs: Any) -> list[BaseMessage]:
        """The messages with these variables; it is given those of the whole prompt.

        Raises:
            MissingVariableError: a variable was not given.
        """

    async def aformat_messages(self, /, **kwargs: Any) -> list[BaseMessage]:
        """Like `format_messages`."""
        return self.format_messages(**kwargs)

    def _format_messages(self, values: Mapping[str, Any]) -> list[BaseMessage]:
        return self.format_messages(**values)

    def _own_code(self) -> frozenset[str]:
        return self._own

    def pretty_repr(self, html: bool = False) -> str:
        """A heading, and what it says with variables as `{name}`; `html` highlights them with terminal colours."""
        title = type(self).__name__.replace("MessagePromptTemplate", " Message")
        return f"{heading(title, html)}\n\n{self._shown(html)}"

    def _shown(self, html: bool) -> str:
        return " ".join(Shown(name, html) for name in self.input_variables)

    def pretty_print(self) -> None:
        """Print `pretty_repr`."""
        print(self.pretty_repr())


class MessagesPlaceholder(BaseMessagePromptTemplate):
    """A place in a chat prompt for a variable that holds a list of messages, such as the history of a conversation.

    The list may hold what stands for a message: tuples of role and content, dicts, strings. An `optional` one may be
    left out and is empty then; `n_messages` keeps that many of the last ones.
    """

    variable_name: str
    optional: bool = False
    n_messages: PositiveInt | None = None

    def __init__(self, variable_name: str, *, optional: bool = False, **kwargs: Any) -> None:
        super().__init__(variable_name=variable_name, optional=optional, **kwargs)

    @property
    def input_variables(self) -> list[str]:
        """Its variable, unless it is optional."""
        return [] if self.optional else [self.variable_name]

    def format_messages(self, /, **kwargs: Any) -> list[BaseMessage]:
        """The messages in its variable.

        Raises:
            MissingVariableError: the variable was not given and is not optional.
            MessageError: its value is no list, or holds what can't be read as a message.
        """
        return self._format_messages(kwargs)

    def _format_messages(self, values: Mapping[str, Any]) -> list[BaseMessage]:
        name = self.variable_name
        if name not in values:
            if self.optional:
                return []
            raise missing_variables(f"MessagesPlaceholder({name!r})", [name], [name], values, [name])
        value = values[name]
        if not isinstance(value, list):
            raise MessageError(f"the variable {name!r} holds a list of messages, not {type(value).__name__}")
        try:
            messages = convert_to_messages(value)
        except MessageError as error:
            error.add_note(f"in the variable {name!r}")
            raise
        return messages if self.n_messages is None else messages[-self.n_messages :]

    def pretty_repr(self, html: bool = False) -> str:
        """A heading, and the variable as `{name}`; `html` highlights it with terminal colours."""
        return f"{heading('Messages Placeholder', html)}\n\n{Shown(self.variable_name, html)}"


class BaseStringMessagePromptTemplate(BaseMessagePromptTemplate):
    """A message whose content is one text. A subclass defines `format`, which makes the message."""

    prompt: StringPromptTemplate
    additional_kwargs: dict[str, Any] = Field(default_factory=dict)

    @classmethod
    def from_template(
        cls,
        template: str,
        template_format: PromptTemplateFormat = "f-string",
        partial_variables: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> Self:
        """A message with this text; `kwargs` are fields of the message template.

        Raises:
            TemplateError: the template is refused.
        """
        prompt = PromptTemplate(
            template=template, template_format=template_format, partial_variables=partial_variables
        )
        return cls(prompt=prompt, **kwargs)

    @classmethod
    def from_template_file(cls, template_file: str | Path, **kwargs: Any) -> Self:
        """A message with a file's text."""
        return cls(prompt=PromptTemplate.from_file(template_file), **kwargs)

    @property
    def input_variables(self) -> list[str]:
        """The variables of its text."""
        return self.prompt.input_variables

    @abstractmethod
    def format(self, /, **kwargs: Any) -> BaseMessage:
        """The message with these variables.

        Raises:
            MissingVariableError: a variable was not given.
        """

    async def aformat(self, /, **kwargs: Any) -> BaseMessage:
        """Like `format`."""
        return self.format(**kwargs)

    def format_messages(self, /, **kwargs: Any) -> list[BaseMessage]:
        """The message, in a list."""
        return [self.format(**kwargs)]

    async def aformat_messages(self, /, **kwargs: Any) -> list[BaseMessage]:
        """Like `format_messages`."""
        return [await self.aformat(**kwargs)]

    def _own_code(self) -> frozenset[str]:
        return self._own | self.prompt._own_code()

    def _shown(self, html: bool) -> str:
        return self.prompt.pretty_repr(html)


class ChatMessagePromptTemplate(BaseStringMessagePromptTemplate):
    """A `ChatMessage`, whose role is any text, and whose content is a template."""

    role: str

    def format(self, /, **kwargs: Any) -> BaseMessage:
        """The message with these variables.

        Raises:
            MissingVariableError: a variable was not given.
        """
        return self._message(self.prompt.format(**kwargs))

    async def aformat(self, /, **kwargs: Any) -> BaseMessage:
        """Like `format`, awaiting the `aformat` of its prompt."""
        return self._message(await self.prompt.aformat(**kwargs))

    def _message(self, text: str) -> BaseMessage:
        return ChatMessage(text, role=self.role, additional_kwargs=self.additional_kwargs.copy())


_PLAIN = (HumanMessage, AIMessage, SystemMessage)
"""The classes of messages that a template may make without their constructor."""


class _ContentMessagePromptTemplate(BaseMessagePromptTemplate):
    """A message of one role; its content is one text, or a list of blocks with templates in their strings."""

    message_class: ClassVar[type[BaseMessage]]

    prompt: StringPromptTemplate | list[Part]
    additional_kwargs: dict[str, Any] = Field(default_factory=dict)

    @classmethod
    def from_template(
        cls,
        template: str | Sequence[str | Mapping[str, Any]],
        template_format: PromptTemplateFormat = "f-string",
        *,
        partial_variables: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> Self:
        """A message with this content: a text, or a list of texts and content blocks.

        In a block every string is a template, keys excepted; a text that comes to nothing is left out. `kwargs` are
        fields of the message template.

        Raises:
            TemplateError: a template is refused, a block is neither string nor dict, or the content is a list and
                `partial_variables` are given.
        """
        prompt: StringPromptTemplate | list[Part]
        if isinstance(template, str):
            prompt = PromptTemplate(
                template=template, template_format=template_format, partial_variables=partial_variables
            )
        elif not isinstance(template, list | tuple):
            kind = type(template).__name__
            raise TemplateError(f"a message's template is a string or a list of content blocks, not {kind}")
        elif partial_variables:
            raise TemplateError(
                "partial variables of a list of blocks belong to the chat prompt; give them there"
            )
        else:
            prompt = [_part(block, template_format) for block in template]
        return cls(prompt=prompt, **kwargs)

    @classmethod
    def from_template_file(cls, template_file: str | Path, input_variables: list[str], **kwargs: Any) -> Self:
        """A message with a file's text; the variables follow from the text, whatever `input_variables` says."""
        return cls(prompt=PromptTemplate.from_file(template_file), **kwargs)

    @property
    def input_variables(self) -> list[str]:
        """The variables of its content."""
        prompt = self.prompt
        if isinstance(prompt, list):
            return [name for part in prompt for name in part.input_variables]
        return prompt.input_variables

    def format(self, /, **kwargs: Any) -> BaseMessage:
        """The message with these variables.

        Raises:
            MissingVariableError: a variable was not given.
        """
        return self._format(kwargs)

    async def aformat(self, /, **kwargs: Any) -> BaseMessage:
        """Like `format`, awaiting the `aformat` of its prompts."""
        if isinstance(self.prompt, list):
            values: list[Any] = [await part.aformat(**part._known(kwargs)) for part in self.prompt]
            return self._message(_blocks(self.prompt, values))
        return self._message(await self.prompt.aformat(**kwargs))

    def format_messages(self, /, **kwargs: Any) -> list[BaseMessage]:
        """The message, in a list."""
        return [self.format(**kwargs)]

    async def aformat_messages(self, /, **kwargs: Any) -> list[BaseMessage]:
        """Like `format_messages`."""
        return [await self.aformat(**kwargs)]

    def _format_messages(self, values: Mapping[str, Any]) -> list[BaseMessage]:
        prompt = self.prompt
        if type(prompt) is PromptTemplate and not prompt.partial_variables and not self.additional_kwargs:
            cls, text = self.message_class, prompt._compiled().format(values)  # what most messages are
            return [cls._of(text) if cls in _PLAIN else cls(text)]
        return [self._format(values)]

    def _format(self, values: Mapping[str, Any]) -> BaseMessage:
        prompt = self.prompt
        if isinstance(prompt, list):
            return self._message(_blocks(prompt, [_formatted(part, values) for part in prompt]))
        return self._message(_formatted(prompt, values))

    def _message(self, content: str | list[Any]) -> BaseMessage:
        cls = self.message_class
        if self.additional_kwargs:
            return cls(content, additional_kwargs=self.additional_kwargs.copy())
        return cls._of(content) if cls in _PLAIN else cls(content)

    def _own_code(self) -> frozenset[str]:
        parts = self.prompt if isinstance(self.prompt, list) else [self.prompt]
        return self._own.union(*(part._own_code() for part in parts))

    def _shown(self, html: bool) -> str:
        parts = self.prompt if isinstance(self.prompt, list) else [self.prompt]
        return "\n\n".join(part.pretty_repr(html=html) for part in parts)


class HumanMessagePromptTemplate(_ContentMessagePromptTemplate):
    """A `HumanMessage` whose content is made of templates."""

    message_class = HumanMessage


class AIMessagePromptTemplate(_ContentMessagePromptTemplate):
    """An `AIMessage` whose content is made of templates."""

    message_class = AIMessage


class SystemMessagePromptTemplate(_ContentMessagePromptTemplate):
    """A `SystemMessage` whose content is made of templates."""

    message_class = SystemMessage


def heading(title: str, bold: bool = False) -> str:
    """`title` in the middle of a line of 80 characters."""
    left, odd = divmod(80 - len(title) - 2, 2)
    shown = f"\033[1m {title} \033[0m" if bold else f" {title} "
    return "=" * left + shown + "=" * (left + odd)


def _part(block: object, template_format: PromptTemplateFormat) -> Part:
    if isinstance(block, str):
        return PromptTemplate(template=block, template_format=template_format)
    if not isinstance(block, Mapping):
        raise TemplateError(f"a content block is a string or a dict, not {type(block).__name__}")
    keys = block.keys() - {"type"}
    if keys == {"text"} and block.get("type", "text") == "text":
        return PromptTemplate(template=block["text"], template_format=template_format)
    if keys == {"image_url"} and block.get("type", "image_url") == "image_url":
        image = {"url": block["image_url"]} if isinstance(block["image_url"], str) else block["image_url"]
        if isinstance(image, dict) and not isinstance(image.get("url", image.get("path")), str):
            raise TemplateError(f"an image has a 'url' that is a string, not {image.get('url')!r}")
        return ImagePromptTemplate(template=image, template_format=template_format)
    return DictPromptTemplate(template=dict(block), template_format=template_format)


def _formatted(part: Part, values: Mapping[str, Any]) -> Any:
    """What a part comes to; its own `format` is asked only where a user has defined one."""
    return part.format(**part._known(values)) if part._own else part._format(values)


def _blocks(parts: list[Part], values: list[Any]) -> list[Any]:
    """The content blocks of what each part came to."""
    pairs = zip(parts, values, strict=True)
    return [block for part, value in pairs if (block := part._block(value)) is not None]
