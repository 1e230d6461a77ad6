"""Compose LLM applications out of steps, and stream everything that happens in them.

The most used names are here; each is imported when it is first used, so `import riverrun` costs next to nothing.
"""

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from riverrun._version import __version__

if TYPE_CHECKING:
    from riverrun.chat_models import ChatOpenAI
    from riverrun.documents import Document
    from riverrun.language_models import BaseChatModel, GenericFakeChatModel
    from riverrun.messages import AIMessage, AIMessageChunk, HumanMessage, SystemMessage, ToolMessage
    from riverrun.output_parsers import StrOutputParser
    from riverrun.prompts import ChatPromptTemplate, MessagesPlaceholder, PromptTemplate
    from riverrun.runnables import (
        Runnable,
        RunnableBranch,
        RunnableConfig,
        RunnableGenerator,
        RunnableLambda,
        RunnableParallel,
        RunnablePassthrough,
        RunnableSequence,
        chain,
    )
    from riverrun.tools import tool

_HOMES = {
    "chat_models": ("ChatOpenAI",),
    "documents": ("Document",),
    "language_models": ("BaseChatModel", "GenericFakeChatModel"),
    "messages": ("AIMessage", "AIMessageChunk", "HumanMessage", "SystemMessage", "ToolMessage"),
    "output_parsers": ("StrOutputParser",),
    "prompts": ("ChatPromptTemplate", "MessagesPlaceholder", "PromptTemplate"),
    "runnables": (
        "Runnable",
        "RunnableBranch",
        "RunnableConfig",
        "RunnableGenerator",
        "RunnableLambda",
        "RunnableParallel",
        "RunnablePassthrough",
        "RunnableSequence",
        "chain",
    ),
    "tools": ("tool",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "AIMessage",
    "AIMessageChunk",
    "BaseChatModel",
    "ChatOpenAI",
    "ChatPromptTemplate",
    "Document",
    "GenericFakeChatModel",
    "HumanMessage",
    "MessagesPlaceholder",
    "PromptTemplate",
    "Runnable",
    "RunnableBranch",
    "RunnableConfig",
    "RunnableGenerator",
    "RunnableLambda",
    "RunnableParallel",
    "RunnablePassthrough",
    "RunnableSequence",
    "StrOutputParser",
    "SystemMessage",
    "ToolMessage",
    "__version__",
    "chain",
    "tool",
]


def __getattr__(name: str) -> Any:
    if name in _HOME_OF:
        value = getattr(import_module(f"riverrun.{_HOME_OF[name]}"), name)
        setattr(sys.modules[__name__], name, value)  # not by `globals`, which is a module of ours
        return value
    raise AttributeError(f"module 'riverrun' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
