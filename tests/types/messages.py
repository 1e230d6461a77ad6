"""G25: what the type checkers make of lists of messages, and of the steps that work on them. Run by nobody."""

from typing import Any, assert_type

from riverrun.language_models import BaseChatModel
from riverrun.messages import (
    AIMessage,
    BaseMessage,
    HumanMessage,
    convert_to_messages,
    filter_messages,
    get_buffer_string,
    merge_message_runs,
    messages_from_dict,
    trim_messages,
)
from riverrun.messages.utils import count_tokens_approximately
from riverrun.output_parsers import StrOutputParser
from riverrun.prompts import ChatPromptTemplate
from riverrun.runnables import Runnable


def of_list(messages: list[BaseMessage]) -> int:
    return len(messages)


def of_one(message: BaseMessage) -> int:
    return len(message.text)


def check(model: BaseChatModel) -> None:
    given = [HumanMessage("a"), AIMessage("b")]
    assert_type(
        convert_to_messages([("user", "a"), "b", {"role": "user", "content": "c"}]), list[BaseMessage]
    )
    assert_type(trim_messages(given, max_tokens=3, token_counter=of_list), list[BaseMessage])
    assert_type(trim_messages(given, max_tokens=3, token_counter=of_one), list[BaseMessage])
    assert_type(trim_messages(given, max_tokens=3, token_counter="approximate"), list[BaseMessage])
    assert_type(filter_messages(given, include_types=["human", AIMessage]), list[BaseMessage])
    assert_type(merge_message_runs(given), list[BaseMessage])
    assert_type(messages_from_dict([{"type": "human", "data": {"content": "a"}}]), list[BaseMessage])
    assert_type(get_buffer_string(given, format="xml"), str)
    assert_type(count_tokens_approximately(given), int)

    trimmer = trim_messages(max_tokens=3, token_counter=model, start_on="human", include_system=True)
    assert_type(trimmer.invoke(given), list[BaseMessage])
    assert_type(filter_messages(exclude_tool_calls=True).invoke(given), list[BaseMessage])
    assert_type(merge_message_runs().invoke(given), list[BaseMessage])
    prompt = ChatPromptTemplate.from_template("{topic}")
    assert_type(prompt | trimmer | model | StrOutputParser(), Runnable[dict[str, Any], str])
