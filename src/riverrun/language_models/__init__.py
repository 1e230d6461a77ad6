"""Language models as steps: the bases to write one on, and models that answer from a script."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from riverrun.language_models.base import (
    BaseLanguageModel,
    LangSmithParams,
    LanguageModelInput,
    LanguageModelLike,
    LanguageModelOutput,
    get_tokenizer,
)
from riverrun.language_models.chat_models import BaseChatModel, SimpleChatModel

if TYPE_CHECKING:
    from riverrun.language_models._utils import is_openai_data_block
    from riverrun.language_models.fake import FakeListLLM, FakeStreamingListLLM
    from riverrun.language_models.fake_chat_models import (
        FakeListChatModel,
        FakeMessagesListChatModel,
        GenericFakeChatModel,
        ParrotFakeChatModel,
    )
    from riverrun.language_models.llms import LLM, BaseLLM
    from riverrun.language_models.model_profile import ModelProfile, ModelProfileRegistry

__all__ = [  # noqa: RUF022  # sorted as everywhere, capitals or not
    "BaseChatModel",
    "BaseLLM",
    "BaseLanguageModel",
    "FakeListChatModel",
    "FakeListLLM",
    "FakeMessagesListChatModel",
    "FakeStreamingListLLM",
    "GenericFakeChatModel",
    "LLM",
    "LangSmithParams",
    "LanguageModelInput",
    "LanguageModelLike",
    "LanguageModelOutput",
    "ModelProfile",
    "ModelProfileRegistry",
    "ParrotFakeChatModel",
    "SimpleChatModel",
    "get_tokenizer",
    "is_openai_data_block",
]

_HOMES = {
    "LLM": "llms",
    "BaseLLM": "llms",
    "FakeListChatModel": "fake_chat_models",
    "FakeListLLM": "fake",
    "FakeMessagesListChatModel": "fake_chat_models",
    "FakeStreamingListLLM": "fake",
    "GenericFakeChatModel": "fake_chat_models",
    "ModelProfile": "model_profile",
    "ModelProfileRegistry": "model_profile",
    "ParrotFakeChatModel": "fake_chat_models",
    "is_openai_data_block": "_utils",
}
"""What not every program needs, and where it is: imported when it is first used."""


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return value


def __dir__() -> list[str]:
    return __all__
