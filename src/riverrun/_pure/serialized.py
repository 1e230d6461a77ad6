"""What dumps hold of a value: the name of its class and its settings, or, of what can't be made again, how it looks.

The names are those that dumps of langchain-core have, so stored data keeps its meaning. They are only ever written: what
reads them (`riverrun.load`) looks up no class by them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from riverrun._pure.shown import LENGTH, cut, masked

__all__ = ["Secret", "Serialized", "constructor", "gathered", "not_implemented", "path_of"]

_CLASSES = {
    "langchain.output_parsers.list": "CommaSeparatedListOutputParser",
    "langchain.prompts.base": "StringPromptTemplate",
    "langchain.prompts.chat": "AIMessagePromptTemplate BaseMessagePromptTemplate BaseStringMessagePromptTemplate "
    "ChatMessagePromptTemplate ChatPromptTemplate HumanMessagePromptTemplate MessagesPlaceholder "
    "SystemMessagePromptTemplate",
    "langchain.prompts.few_shot_with_templates": "FewShotPromptWithTemplates",
    "langchain.prompts.image": "ImagePromptTemplate",
    "langchain.prompts.prompt": "PromptTemplate",
    "langchain.schema.output_parser": "StrOutputParser",
    "langchain.schema.prompt_template": "BaseChatPromptTemplate BasePromptTemplate",
    "langchain.schema.runnable": "RouterRunnable RunnableAssign RunnableBinding RunnableBranch "
    "RunnableConfigurableAlternatives RunnableConfigurableFields RunnableEach RunnableParallel RunnablePassthrough "
    "RunnablePick RunnableRetry RunnableSequence RunnableWithFallbacks",
    "langchain_core.prompts.dict": "DictPromptTemplate",
    "langchain_core.prompts.structured": "StructuredPrompt",
    "": "FewShotChatMessagePromptTemplate FewShotPromptTemplate",  # their examples may come from anywhere
}
_PATHS = {name: path for path, names in _CLASSES.items() for name in names.split()}
"""Where dumps say that a class of the library stands. One that isn't named, as a model, can't be made of data."""

_SETTINGS = {
    "RouterRunnable": "runnables!",
    "RunnableAssign": "mapper!",
    "RunnableBinding": "bound! kwargs config! config_factories custom_input_type custom_output_type",
    "RunnableBranch": "branches! default!",
    "RunnableConfigurableAlternatives": "default! which! alternatives! default_key! prefix_keys!",
    "RunnableConfigurableFields": "default! fields!",
    "RunnableEach": "bound!",
    "RunnableParallel": "steps__!",
    "RunnablePassthrough": "func afunc input_type",
    "RunnablePick": "keys!",
    "RunnableRetry": "bound! config! retry_exception_types wait_exponential_jitter! exponential_jitter_params "
    "max_attempt_number",
    "RunnableSequence": "first! middle last!",
    "RunnableWithFallbacks": "runnable! fallbacks! exceptions_to_handle exception_key",
}
"""What dumps hold of runnables that are no pydantic models: those with a mark always, the others if they are set."""


class Secret(dict[str, Any]):
    """In place of a secret: the name of the environment variable that holds it."""

    def __init__(self, name: str) -> None:
        super().__init__(lc=1, type="secret", id=[name])


class Serialized:
    """A value that dumps can hold. A class says with these methods by what name, and what of it is secret."""

    __slots__ = ()

    @classmethod
    def is_lc_serializable(cls) -> bool:
        """Whether dumps hold the settings, or only how it looks. False unless a class says otherwise."""
        return bool(path_of(cls))

    @classmethod
    def get_lc_namespace(cls) -> list[str]:
        """Where dumps say that the class stands: the parts of its module's name, unless it says otherwise."""
        return (path_of(cls) or cls.__module__).split(".")

    @classmethod
    def lc_id(cls) -> list[str]:
        """By what name dumps call the class."""
        return [*cls.get_lc_namespace(), _name_of(cls)]

    @property
    def lc_secrets(self) -> dict[str, str]:
        """The environment variable for each field that is secret: `{"api_key": "MY_API_KEY"}`."""
        return {}

    @property
    def lc_attributes(self) -> dict[str, Any]:
        """What dumps hold beside the fields."""
        return {}

    def to_json(self) -> Any:
        """What dumps hold of it, its settings as they are."""
        if not self.is_lc_serializable():
            return self.to_json_not_implemented()
        return constructor(self)

    def to_json_not_implemented(self) -> Any:
        """What dumps hold of it where it can't be made again: its name and how it looks."""
        return not_implemented(self)


def path_of(cls: type) -> str | None:
    """Where dumps say that a class of the library stands, or one that is made of it; empty or None for those they don't name."""
    for base in cls.__mro__:
        if base.__name__ in _PATHS and base.__module__.startswith("riverrun."):
            return _PATHS[base.__name__]
    return None


def constructor(value: Any) -> dict[str, Any]:
    """The name of its class and its settings, its secrets replaced by their names."""
    cls = type(value)
    id = cls.lc_id() if hasattr(cls, "lc_id") else [*str(path_of(cls)).split("."), _name_of(cls)]
    kwargs = dict(_settings(value))
    kwargs.update(gathered(value, "lc_attributes"))
    for name, variable in gathered(value, "lc_secrets").items():
        if kwargs.get(name) is not None:
            kwargs[name] = Secret(variable)
    kwargs = masked(kwargs, mask=lambda name: Secret(name.upper()))  # what nobody declared
    return {"lc": 1, "type": "constructor", "id": id, "kwargs": kwargs, **_run_name(value)}


def not_implemented(value: Any) -> dict[str, Any]:
    """How a value looks that can't be made of data: the name of its class, or its own, and its repr."""
    try:
        look = cut(repr(value), LENGTH)
    except (
        Exception
    ) as error:  # a user's repr may do anything, and a dump is what one looks at when things went wrong
        look = f"<{type(value).__name__}, whose repr raises {type(error).__name__}>"
    named = value if isinstance(getattr(value, "__name__", None), str) else type(value)
    module = getattr(named, "__module__", None) or type(value).__module__
    id = [*str(module).split("."), _name_of(named)]
    return {"lc": 1, "type": "not_implemented", "id": id, "repr": look, **_run_name(value)}


def gathered(value: Any, name: str) -> dict[str, Any]:
    """What the property `name` says in each class that `value` is made of; the nearest wins."""
    said: dict[str, Any] = {}
    for cls in reversed(type(value).__mro__):
        if isinstance(own := cls.__dict__.get(name), property) and own.fget is not None:
            said.update(own.fget(value))
    return said


def _settings(value: Any) -> Iterator[tuple[str, Any]]:
    """The fields that are set, required or of weight: what is empty by default says nothing."""
    cls = type(value)
    fields = getattr(cls, "model_fields", None)
    if fields is None:
        names = next((_SETTINGS[base.__name__] for base in cls.__mro__ if base.__name__ in _SETTINGS), "")
        for name in ("name", *names.split()):
            plain = name.removesuffix("!")
            each = getattr(value, plain, {}) if name != "name" else vars(value).get("name")
            if each or name.endswith("!"):
                yield plain, each
        return
    for name, field in fields.items():
        each = getattr(value, name, None)
        if not field.exclude and (field.is_required() or each or _differs(each, field)):
            yield name, each
    yield from (getattr(value, "__pydantic_extra__", None) or {}).items()


def _differs(empty: Any, field: Any) -> bool:
    """Whether a value that is empty isn't the default."""
    if field.default_factory in (list, dict):
        return type(empty) is not field.default_factory
    return field.default_factory is not None or bool(empty != field.default)


def _name_of(named: Any) -> str:
    generic = getattr(named, "__pydantic_generic_metadata__", None)
    name: str = ((generic and generic.get("origin")) or named).__name__
    return name


def _run_name(value: Any) -> dict[str, str]:
    """The name that its runs go by, of a step that is declared by its settings."""
    cls = type(value)
    if hasattr(cls, "get_name") and (hasattr(cls, "model_fields") or path_of(cls)):
        return {"name": value.get_name()}
    return {}
