"""Language models as steps: the bases to write one on, and models that answer from a script."""

from riverrun.language_models.base import BaseLanguageModel, LanguageModelInput
from riverrun.language_models.chat_models import BaseChatModel
from riverrun.language_models.fake_chat_models import GenericFakeChatModel

__all__ = ["BaseChatModel", "BaseLanguageModel", "GenericFakeChatModel", "LanguageModelInput"]
