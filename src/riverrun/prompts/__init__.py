"""Prompts: templates of texts and of messages, made into what a model reads."""

from riverrun.prompts.base import BasePromptTemplate
from riverrun.prompts.chat import (
    AIMessagePromptTemplate,
    BaseChatPromptTemplate,
    ChatPromptTemplate,
    HumanMessagePromptTemplate,
    MessagesPlaceholder,
    SystemMessagePromptTemplate,
)
from riverrun.prompts.dict import DictPromptTemplate
from riverrun.prompts.prompt import PromptTemplate
from riverrun.prompts.string import StringPromptTemplate, check_valid_template, get_template_variables

__all__ = [
    "AIMessagePromptTemplate",
    "BaseChatPromptTemplate",
    "BasePromptTemplate",
    "ChatPromptTemplate",
    "DictPromptTemplate",
    "HumanMessagePromptTemplate",
    "MessagesPlaceholder",
    "PromptTemplate",
    "StringPromptTemplate",
    "SystemMessagePromptTemplate",
    "check_valid_template",
    "get_template_variables",
]
