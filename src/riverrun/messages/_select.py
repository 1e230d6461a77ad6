"""Chooses messages of a list, and joins those of one speaker that follow each other."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeAlias, overload

from riverrun._pure.later import later
from riverrun._pure.merge import add_counts, merge_fragments
from riverrun.messages._convert import Messages, convert_to_messages, message_chunk_to_message
from riverrun.messages._fields import Content
from riverrun.messages._ids import preferred_id
from riverrun.messages.ai import AIMessage, AIMessageChunk
from riverrun.messages.base import BaseMessage
from riverrun.messages.modifier import RemoveMessage
from riverrun.messages.tool import ToolMessage

if TYPE_CHECKING:
    from riverrun.runnables import Runnable

__all__ = ["Kind", "as_step", "filter_messages", "is_of", "listed", "merge_message_runs"]

Kind: TypeAlias = str | type[BaseMessage]
"""A kind of messages: its `type` ("human"), or a class, which stands for its subclasses too."""


def as_step(function: Any, options: dict[str, Any]) -> Any:
    """`function` as a step that is given the messages when it runs.

    Runnables are imported when a step is made, since most programs that import messages make none, and asyncio, which comes
    with runnables, costs more than all of the messages.
    """

    def step(messages: Any) -> list[BaseMessage]:  # whatever stands for messages, as a schema can say it
        chosen: list[BaseMessage] = function(messages, **options)
        return chosen

    step.__name__ = function.__name__
    return later("runnables", "RunnableLambda")(step)


def listed(value: Any) -> Collection[Any]:
    """`value` as a collection, if it is one thing alone; none, if it is None."""
    if value is None:
        return ()
    return (value,) if isinstance(value, str) or not isinstance(value, Collection) else value


def is_of(message: BaseMessage, kinds: Collection[Kind]) -> bool:
    """Whether the message is of one of the kinds."""
    for kind in kinds:
        if isinstance(kind, str):
            if message.type == kind:
                return True
        elif isinstance(kind, type) and isinstance(message, kind):
            return True
    return False


@overload
def filter_messages(
    messages: None = None,
    *,
    include_names: Sequence[str] | None = None,
    exclude_names: Sequence[str] | None = None,
    include_types: Sequence[Kind] | None = None,
    exclude_types: Sequence[Kind] | None = None,
    include_ids: Sequence[str] | None = None,
    exclude_ids: Sequence[str] | None = None,
    exclude_tool_calls: Sequence[str] | bool | None = None,
) -> Runnable[Messages, list[BaseMessage]]: ...
@overload
def filter_messages(
    messages: Messages,
    *,
    include_names: Sequence[str] | None = None,
    exclude_names: Sequence[str] | None = None,
    include_types: Sequence[Kind] | None = None,
    exclude_types: Sequence[Kind] | None = None,
    include_ids: Sequence[str] | None = None,
    exclude_ids: Sequence[str] | None = None,
    exclude_tool_calls: Sequence[str] | bool | None = None,
) -> list[BaseMessage]: ...
def filter_messages(
    messages: Messages | None = None,
    *,
    include_names: Sequence[str] | None = None,
    exclude_names: Sequence[str] | None = None,
    include_types: Sequence[Kind] | None = None,
    exclude_types: Sequence[Kind] | None = None,
    include_ids: Sequence[str] | None = None,
    exclude_ids: Sequence[str] | None = None,
    exclude_tool_calls: Sequence[str] | bool | None = None,
) -> Any:
    """Those of the messages that nothing excludes and, if anything is to be included, that one of the `include_...` names.

    Without messages, a step that does this to its input.

    Args:
        exclude_tool_calls: True to leave out every message that calls tools, and every answer to a call; or the ids of calls,
            which are taken out of the messages that make them, with their answers. A message that has no call left is left out.

    Raises:
        MessageError: something in `messages` stands for no message.
    """
    if messages is None:
        return as_step(
            filter_messages,
            {
                "include_names": include_names,
                "exclude_names": exclude_names,
                "include_types": include_types,
                "exclude_types": exclude_types,
                "include_ids": include_ids,
                "exclude_ids": exclude_ids,
                "exclude_tool_calls": exclude_tool_calls,
            },
        )
    without = (listed(exclude_names), listed(exclude_types), listed(exclude_ids))
    among = (listed(include_names), listed(include_types), listed(include_ids))
    is_open = not any(among)
    calls = None if isinstance(exclude_tool_calls, bool) else frozenset(listed(exclude_tool_calls))
    chosen = []
    for message in convert_to_messages(messages):
        if _is_among(message, without):
            continue
        if exclude_tool_calls is True and (
            isinstance(message, ToolMessage) or (isinstance(message, AIMessage) and message.tool_calls)
        ):
            continue
        kept = _without_calls(message, calls) if calls else message
        if kept is not None and (is_open or _is_among(message, among)):
            chosen.append(kept)
    return chosen


def _is_among(message: BaseMessage, chosen: tuple[Any, Any, Any]) -> bool:
    names, kinds, ids = chosen
    return bool(
        (kinds and is_of(message, kinds))
        or (ids and message.id is not None and message.id in ids)
        or (names and message.name is not None and message.name in names)
    )


def _without_calls(message: BaseMessage, ids: frozenset[str]) -> BaseMessage | None:
    """The message without the calls of these ids; None if it is an answer to one of them, or has no call left."""
    if isinstance(message, ToolMessage):
        return None if message.tool_call_id in ids else message
    if not isinstance(message, AIMessage) or not (message._given() and message.tool_calls):
        return message
    kept = [call for call in message.tool_calls if call["id"] not in ids]
    if not kept:
        return None
    changed: dict[str, Any] = {}
    if isinstance(message.content, list):
        blocks = [block for block in message.content if isinstance(block, str) or not _calls_one(block, ids)]
        if len(blocks) < len(message.content):
            changed["content"] = blocks
    if len(kept) < len(message.tool_calls):
        if isinstance(message, AIMessageChunk):
            pieces = message.tool_call_chunks
            changed["tool_call_chunks"] = [piece for piece in pieces if piece["id"] not in ids]
        else:
            changed["tool_calls"] = kept
    return message.model_copy(update=changed) if changed else message


def _calls_one(block: dict[str, Any], ids: frozenset[str]) -> bool:
    return block.get("type") in ("tool_use", "tool_call") and block.get("id") in ids


@overload
def merge_message_runs(
    messages: None = None, *, chunk_separator: str = "\n"
) -> Runnable[Messages, list[BaseMessage]]: ...
@overload
def merge_message_runs(messages: Messages, *, chunk_separator: str = "\n") -> list[BaseMessage]: ...
def merge_message_runs(messages: Messages | None = None, *, chunk_separator: str = "\n") -> Any:
    """The messages, where those of one kind that follow each other are one; answers of tools stay apart.

    Texts are joined by `chunk_separator`; where one of them has blocks, all that is in them stands in one list. A message that
    is merged with none is itself in the result; the others are not changed. What is merged has the response
    metadata of its first message, the first id that a provider gave, and the name if all have the same. Without messages, a step that does this to its input.

    Raises:
        MessageError: something in `messages` stands for no message.
    """
    if messages is None:
        return as_step(merge_message_runs, {"chunk_separator": chunk_separator})
    runs = _runs(convert_to_messages(messages))
    return [run[0] if len(run) == 1 else _merged(run, chunk_separator) for run in runs]


def _runs(messages: Iterable[BaseMessage]) -> Iterable[list[BaseMessage]]:
    for speaker, run in groupby(messages, _speaker):
        if speaker is None:
            yield from ([message] for message in run)
        else:
            yield list(run)


def _speaker(message: BaseMessage) -> Any:
    """What the messages of a run have in common; None for one that is never merged."""
    if isinstance(message, ToolMessage | RemoveMessage):
        return None
    cls = getattr(message, "whole", type(message))
    return cls, tuple(message._value(name) for name in cls._required if name != "content")


def _merged(run: list[BaseMessage], separator: str) -> BaseMessage:
    first = message_chunk_to_message(run[0])
    extras = [message._value("additional_kwargs") for message in run]
    extra = merge_fragments(extras)
    for each in reversed(extras):
        if "__openai_role__" in each:  # names the speaker and is no text, which would be joined
            extra["__openai_role__"] = each["__openai_role__"]
    names = [message.name for message in run]
    changed: dict[str, Any] = {
        "content": _joined([message.content for message in run], separator),
        "additional_kwargs": extra,
        "id": preferred_id(message.id for message in run),
        "name": names[0] if names.count(names[0]) == len(names) else None,
    }
    if isinstance(first, AIMessage):
        whole = [message_chunk_to_message(message) for message in run]
        answers = [message for message in whole if isinstance(message, AIMessage)]
        changed["tool_calls"] = [call for answer in answers for call in answer.tool_calls]
        changed["invalid_tool_calls"] = [call for answer in answers for call in answer.invalid_tool_calls]
        if usages := [answer.usage_metadata for answer in answers if answer.usage_metadata is not None]:
            changed["usage_metadata"] = add_counts(usages)
    return first.model_copy(update=changed)


def _joined(contents: Sequence[Content], separator: str) -> Content:
    if all(isinstance(content, str) for content in contents):
        return separator.join(filter(None, contents))  # type: ignore[arg-type]  # all() narrows no elements
    items: list[str | dict[str, Any]] = []
    for is_text, group in groupby(contents, lambda content: isinstance(content, str)):
        if is_text:
            text = separator.join(filter(None, group))  # type: ignore[arg-type]  # these are texts
            items += [text] if text else []
        else:
            items += [item for content in group for item in content]
    return items
