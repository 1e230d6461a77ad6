"""`ChatPromptTemplate`: a prompt written as a list of messages."""

import re
from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self, overload

from riverrun._pure.exceptions import MessageError, MissingVariableError, TemplateError
from riverrun.messages import AnyMessage, BaseMessage
from riverrun.prompt_values import ChatPromptValue
from riverrun.prompts.base import BasePromptTemplate
from riverrun.prompts.message import (
    AIMessagePromptTemplate,
    BaseMessagePromptTemplate,
    BaseStringMessagePromptTemplate,
    ChatMessagePromptTemplate,
    HumanMessagePromptTemplate,
    MessagesPlaceholder,
    SystemMessagePromptTemplate,
    heading,
)
from riverrun.prompts.string import PromptTemplateFormat, Shown

__all__ = [
    "AIMessagePromptTemplate",
    "BaseChatPromptTemplate",
    "BaseMessagePromptTemplate",
    "BaseStringMessagePromptTemplate",
    "ChatMessagePromptTemplate",
    "ChatPromptTemplate",
    "HumanMessagePromptTemplate",
    "MessageLike",
    "MessageLikeRepresentation",
    "MessagesPlaceholder",
    "SystemMessagePromptTemplate",
]


class BaseChatPromptTemplate(BasePromptTemplate[str]):
    """A prompt that comes to a list of messages. A subclass defines `format_messages`."""

    @property
    def OutputType(self) -> Any:
        """A `ChatPromptValue`."""
        return ChatPromptValue

    @abstractmethod
    def format_messages(self, /, **kwargs: Any) -> list[BaseMessage]:
        """The messages with these variables.

        Raises:
            MissingVariableError: a variable was not given.
        """

    async def aformat_messages(self, /, **kwargs: Any) -> list[BaseMessage]:
        """Like `format_messages`."""
        return self.format_messages(**kwargs)

    def _format_messages(self, values: Mapping[str, Any]) -> list[BaseMessage]:
        return self.format_messages(**values)

    def _format_prompt(self, values: Mapping[str, Any]) -> ChatPromptValue:
        return ChatPromptValue(messages=self._format_messages(values))

    def format_prompt(self, /, **kwargs: Any) -> ChatPromptValue:
        """The messages as a prompt value."""
        return ChatPromptValue(messages=self.format_messages(**kwargs))

    async def aformat_prompt(self, /, **kwargs: Any) -> ChatPromptValue:
        """Like `format_prompt`."""
        return ChatPromptValue(messages=await self.aformat_messages(**kwargs))

    def format(self, /, **kwargs: Any) -> str:
        """The messages as one text, each with its role."""
        return self.format_prompt(**kwargs).to_string()

    async def aformat(self, /, **kwargs: Any) -> str:
        """Like `format`."""
        return (await self.aformat_prompt(**kwargs)).to_string()

    def pretty_repr(self, html: bool = False) -> str:
        """What it says, for people; `html` highlights the variables with terminal colours. Here: what it is, and its variables."""
        return f"{heading(self.get_name(), html)}\n\n" + " ".join(
            Shown(name, html) for name in self.input_variables
        )

    def pretty_print(self) -> None:
        """Print `pretty_repr`."""
        print(self.pretty_repr())


MessageLike = BaseMessagePromptTemplate | BaseMessage | BaseChatPromptTemplate
MessageLikeRepresentation = (
    MessageLike | tuple[str | type[BaseMessage], str | Sequence[Any]] | str | dict[str, Any]
)
"""What can stand for messages in a chat prompt: a string is a human message, a dict has `role` and `content`."""

_Kind = type[HumanMessagePromptTemplate | AIMessagePromptTemplate | SystemMessagePromptTemplate]

_ROLES: dict[str, _Kind] = {
    "human": HumanMessagePromptTemplate,
    "user": HumanMessagePromptTemplate,
    "ai": AIMessagePromptTemplate,
    "assistant": AIMessagePromptTemplate,
    "system": SystemMessagePromptTemplate,
}


class ChatPromptTemplate(BaseChatPromptTemplate):
    """A prompt written as a list of messages.

        ChatPromptTemplate([("system", "You are {role}."), MessagesPlaceholder("history"), ("human", "{question}")])

    A message is a tuple of role and template (human or user, ai or assistant, system, placeholder), a string (a human
    message), a dict of role and content, a message template, another chat prompt, or a message, which is taken as it
    is. What a template may say, `PromptTemplate` tells. Variables are found in the messages; those of optional
    placeholders are `optional_variables`.

    Raises:
        MessageError: something can't be read as a message: an unknown role, a wrong shape.
        TemplateError: a template is refused, or `validate_template` is set and `input_variables` are not the messages'.
    """

    messages: list[MessageLike]
    validate_template: bool = False

    def __init__(
        self,
        messages: Sequence[MessageLikeRepresentation],
        *,
        template_format: PromptTemplateFormat = "f-string",
        **kwargs: Any,
    ) -> None:
        if isinstance(messages, str | Mapping | BaseMessage) or not isinstance(messages, Iterable):
            raise MessageError(f"a chat prompt has a list of messages, not {type(messages).__name__}")
        if _is_pair(messages):  # one message without the brackets round it
            messages = [messages]  # type: ignore[list-item]  # checked just now
        declared = kwargs.pop("input_variables", None)
        super().__init__(
            messages=[_message(message, template_format) for message in messages],
            input_variables=[],
            **kwargs,
        )
        self._find_variables()
        if self.validate_template and declared is not None and sorted(declared) != self.input_variables:
            raise TemplateError(
                f"the messages have the variables {self.input_variables}, but {sorted(declared)} were declared"
            )

    def _find_variables(self, added: Sequence[MessageLike] | None = None) -> None:
        """Find out what variables the messages have; what is known of the others stands when some were `added`."""
        messages = self.messages if added is None else added
        placeholders = [message for message in messages if isinstance(message, MessagesPlaceholder)]
        if placeholders:
            optional = {message.variable_name for message in placeholders if message.optional}
            self.optional_variables = sorted(optional | set(self.optional_variables))
            self.partial_variables = {**{name: [] for name in optional}, **self.partial_variables}
            types = {message.variable_name: list[AnyMessage] for message in placeholders}
            self.input_types = {**types, **self.input_types}
        names = _names_in(messages) if added is None else _names_in(added).union(self.input_variables)
        self.input_variables = sorted(names - self.partial_variables.keys())
        templates = [message for message in messages if not isinstance(message, BaseMessage)]
        own = super()._own_code() if added is None else self._own_code()
        vars(self)["_own_parts"] = own.union(*(template._own_code() for template in templates))

    def _own_code(self) -> frozenset[str]:
        return self.__dict__.get("_own_parts", self._own)  # type: ignore[no-any-return]  # kept among the fields

    @classmethod
    def from_template(cls, template: str, **kwargs: Any) -> Self:
        """A prompt of one human message; `kwargs` as `HumanMessagePromptTemplate.from_template` takes them."""
        return cls([HumanMessagePromptTemplate.from_template(template, **kwargs)])

    @classmethod
    def from_messages(
        cls, messages: Sequence[MessageLikeRepresentation], template_format: PromptTemplateFormat = "f-string"
    ) -> Self:
        """A prompt of these messages, as the constructor reads them."""
        return cls(messages, template_format=template_format)

    def format_messages(self, /, **kwargs: Any) -> list[BaseMessage]:
        """The messages with these variables.

        Raises:
            MissingVariableError: a variable was not given; names all that are missing.
            MessageError: the value of a placeholder is no list of messages.
            TemplateError: a template was changed to one that is refused.
        """
        try:
            return self._format_messages(kwargs)
        except MissingVariableError:
            self._require(kwargs)  # which says all that are missing
            raise

    def _format_messages(self, values: Mapping[str, Any]) -> list[BaseMessage]:
        values = self._with_partials(values) if self.partial_variables else values
        result: list[BaseMessage] = []
        for message in self.messages:
            if isinstance(message, BaseMessage):
                result.append(message)
            elif message._own:
                result.extend(message.format_messages(**values))
            else:
                result.extend(message._format_messages(values))
        return result

    async def aformat_messages(self, /, **kwargs: Any) -> list[BaseMessage]:
        """Like `format_messages`."""
        try:
            return await self._aformat_messages(self._with_partials(kwargs))
        except MissingVariableError:
            self._require(kwargs)
            raise

    async def _aformat_messages(self, values: Mapping[str, Any]) -> list[BaseMessage]:
        result: list[BaseMessage] = []
        for message in self.messages:
            if isinstance(message, BaseMessage):
                result.append(message)
            else:
                result.extend(await message.aformat_messages(**values))
        return result

    def partial(self, /, **kwargs: Any) -> Self:
        """This prompt with values for some variables; a function is called each time the prompt is formatted."""
        prompt = super().partial(**kwargs)
        prompt.messages = list(self.messages)
        prompt._find_variables()
        return prompt

    def append(self, message: MessageLikeRepresentation) -> None:
        """Add a message at the end, in place; its variables are the prompt's from now on."""
        self.extend([message])

    def extend(self, messages: Sequence[MessageLikeRepresentation]) -> None:
        """Add messages at the end, in place; all or none."""
        added = [_message(message, "f-string") for message in messages]
        self.messages.extend(added)
        self._find_variables(added)

    def __add__(self, other: object) -> "ChatPromptTemplate":
        """This prompt and, after it, another, or a message or messages as the constructor reads them."""
        partials = dict(self.partial_variables)
        following: Sequence[Any]
        if isinstance(other, ChatPromptTemplate):
            partials.update(other.partial_variables)
            following = other.messages
        elif isinstance(other, MessageLike | str | dict) or _is_pair(other):
            following = [other]
        elif isinstance(other, list | tuple):
            following = other
        else:
            return NotImplemented
        return ChatPromptTemplate([*self.messages, *following], partial_variables=partials)

    def __radd__(self, other: object) -> "ChatPromptTemplate":
        if not isinstance(other, BaseMessage):
            return NotImplemented
        return ChatPromptTemplate([other, *self.messages], partial_variables=dict(self.partial_variables))

    @overload
    def __getitem__(self, index: int) -> MessageLike: ...
    @overload
    def __getitem__(self, index: slice) -> "ChatPromptTemplate": ...
    def __getitem__(self, index: int | slice) -> "MessageLike | ChatPromptTemplate":
        if isinstance(index, int):
            return self.messages[index]
        messages = self.messages[index]
        names = _names_in(messages)
        partials = {name: value for name, value in self.partial_variables.items() if name in names}
        return ChatPromptTemplate(messages, partial_variables=partials)

    def __len__(self) -> int:
        return len(self.messages)

    def _of_messages(self) -> set[str]:
        return {each.variable_name for each in self.messages if isinstance(each, MessagesPlaceholder)}

    @property
    def _prompt_type(self) -> str:
        return "chat"

    def pretty_repr(self, html: bool = False) -> str:
        """The messages under their headings, each variable shown as `{name}`; `html` highlights them."""
        return "\n\n".join(message.pretty_repr(html) for message in self.messages)


BaseMessagePromptTemplate._chat_prompt = BaseMessage._chat_prompt = ChatPromptTemplate


def _names_in(messages: Iterable[MessageLike]) -> set[str]:
    names: set[str] = set()
    for message in messages:
        if isinstance(message, MessagesPlaceholder):
            names.add(message.variable_name)
        elif not isinstance(message, BaseMessage):
            names.update(message.input_variables)
    return names


def _message(said: Any, template_format: PromptTemplateFormat) -> MessageLike:
    """The message, or template of messages, that `said` stands for."""
    if isinstance(said, BaseMessage | BaseMessagePromptTemplate | BaseChatPromptTemplate):
        return said
    if isinstance(said, str):
        return HumanMessagePromptTemplate.from_template(said, template_format)
    if isinstance(said, dict):
        if said.keys() != {"role", "content"}:
            raise MessageError(
                f"a message given as a dict has the keys 'role' and 'content', not {list(said)}"
            )
        said = (said["role"], said["content"])
    if not isinstance(said, tuple):
        raise MessageError(
            f"{type(said).__name__} is no message; a message is a tuple (role, template), a string, a dict of role and "
            "content, a message, a message template or a chat prompt"
        )
    if len(said) != 2:
        raise MessageError(f"a message given as a tuple is (role, template), not {len(said)} values")
    role, template = said
    if role == "placeholder":
        return _placeholder(template)
    if (kind := _kind_of(role)) is None:
        known = ", ".join([*_ROLES, "placeholder"])
        raise MessageError(f"{role!r} is no role of a message template; the roles are {known}")
    return kind.from_template(template, template_format)


def _placeholder(said: Any) -> MessagesPlaceholder:
    if isinstance(said, list | tuple) and len(said) == 2:
        name, optional = said
    else:
        name, optional = said, True
    if not isinstance(name, str) or not isinstance(optional, bool):
        raise MessageError(f"a placeholder is '{{name}}' or ['{{name}}', is_optional], not {said!r}")
    if (match := re.fullmatch(r"\{([^{}]+)\}", name)) is None:
        raise MessageError(f"a placeholder names its variable in braces, '{{history}}', not {name!r}")
    return MessagesPlaceholder(match[1], optional=optional)


def _kind_of(role: Any) -> _Kind | None:
    if isinstance(role, type) and issubclass(role, BaseMessage):
        role = role.type
    return _ROLES.get(role) if isinstance(role, str) else None


def _is_pair(said: Any) -> bool:
    """Whether it is one message, (role, template), and no sequence of two."""
    if not isinstance(said, tuple) or len(said) != 2:
        return False
    return said[0] == "placeholder" or _kind_of(said[0]) is not None
