"""What a model says, whole and in pieces."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, ClassVar, Literal, TypeVar

from riverrun._pure.exceptions import MessageError
from riverrun._pure.merge import add_counts, subtract_counts
from riverrun.messages._assembly import assemble, compact, fragments_of_raw, parse_final, parse_so_far
from riverrun.messages._fields import Field, Holder, last_of
from riverrun.messages._ids import LC_AUTO_PREFIX, LC_ID_PREFIX
from riverrun.messages._shapes import (
    InputTokenDetails,
    InvalidToolCall,
    OutputTokenDetails,
    ToolCall,
    ToolCallChunk,
    UsageMetadata,
    checked_invalid_tool_calls,
    checked_tool_call_chunks,
    checked_tool_calls,
    checked_usage,
    tool_call_chunk,
)
from riverrun.messages.base import BaseMessage, BaseMessageChunk
from riverrun.messages.block_translators import get_translator, translate_default, translate_standard
from riverrun.messages.content import ContentBlock, checked_blocks

__all__ = [
    "LC_AUTO_PREFIX",
    "LC_ID_PREFIX",
    "AIMessage",
    "AIMessageChunk",
    "InputTokenDetails",
    "OutputTokenDetails",
    "UsageMetadata",
    "add_ai_message_chunks",
    "add_usage",
    "subtract_usage",
]

T = TypeVar("T")


def add_usage(left: UsageMetadata | None, right: UsageMetadata | None) -> UsageMetadata:
    """The usage of two answers, or of two pieces of one."""
    return _sum_usage([usage for usage in (left, right) if usage is not None] or [_no_usage()])


def subtract_usage(left: UsageMetadata | None, right: UsageMetadata | None) -> UsageMetadata:
    """The usage of `left` without that of `right`; no count falls below zero.

    Where one of them is None the other is what there is.
    """
    if left is None or right is None:
        return left or right or _no_usage()
    return subtract_counts(left, right)  # type: ignore[return-value]  # it has the keys of both


def _no_usage() -> UsageMetadata:
    return UsageMetadata(input_tokens=0, output_tokens=0, total_tokens=0)


def _sum_usage(usages: Sequence[UsageMetadata]) -> UsageMetadata:
    return add_counts(usages)  # type: ignore[return-value]  # sums have the keys of their summands


def _position(field: str, value: Any) -> Literal["last"] | None:
    if value not in ("last", None):
        raise MessageError(f"{field} must be 'last' or None, not {value!r}")
    return value  # type: ignore[no-any-return]


class AIMessage(BaseMessage):
    """What a model says.

    Where no `tool_calls` are given they are read from `additional_kwargs["tool_calls"]`, as OpenAI and others send them;
    those whose arguments are no JSON object become `invalid_tool_calls`.

    Args:
        tool_calls: which tools the model asks to call, with which arguments.
        invalid_tool_calls: requests that can't be followed, with an error that says why.
        usage_metadata: how many tokens the answer took.

    Raises:
        MessageError: a value has the wrong type; the message names it.
    """

    __slots__ = ()
    type: ClassVar[str] = "ai"

    _fields: ClassVar[tuple[str, ...]] = (
        *BaseMessage._fields,
        "tool_calls",
        "invalid_tool_calls",
        "usage_metadata",
    )
    _schema: ClassVar[Mapping[str, Any]] = {
        **BaseMessage._schema,
        "tool_calls": {"type": "array", "items": {"type": "object"}},
        "invalid_tool_calls": {"type": "array", "items": {"type": "object"}},
        "usage_metadata": {"anyOf": [{"type": "object"}, {"type": "null"}]},
    }

    tool_calls: Field[list[ToolCall]] = Field(list, merge=last_of, check=checked_tool_calls)
    invalid_tool_calls: Field[list[InvalidToolCall]] = Field(
        list, merge=last_of, check=checked_invalid_tool_calls
    )
    usage_metadata: Field[UsageMetadata | None] = Field(lambda: None, merge=_sum_usage, check=checked_usage)

    def __init__(
        self,
        content: str | Sequence[str | Mapping[str, Any]] = "",
        content_blocks: Sequence[ContentBlock] | None = None,
        *,
        additional_kwargs: dict[str, Any] | None = None,
        response_metadata: dict[str, Any] | None = None,
        type: str | None = None,
        name: str | None = None,
        id: str | None = None,
        tool_calls: Sequence[ToolCall] | None = None,
        invalid_tool_calls: Sequence[InvalidToolCall] | None = None,
        usage_metadata: UsageMetadata | None = None,
        **kwargs: Any,
    ) -> None:
        if not tool_calls and not invalid_tool_calls:
            if content_blocks is not None:
                tool_calls = _blocks_of("tool_call", content_blocks)
                invalid_tool_calls = _blocks_of("invalid_tool_call", content_blocks)
            elif isinstance(additional_kwargs, dict) and (
                raw := fragments_of_raw(additional_kwargs.get("tool_calls"))
            ):
                tool_calls, invalid_tool_calls = parse_final(raw)
        self._init(
            content,
            content_blocks,
            id,
            type,
            {
                "additional_kwargs": additional_kwargs,
                "response_metadata": response_metadata,
                "name": name,
                "tool_calls": tool_calls,
                "invalid_tool_calls": invalid_tool_calls,
                "usage_metadata": usage_metadata,
            },
            kwargs,
        )

    @property
    def content_blocks(self) -> list[ContentBlock]:
        """What the model says in standard blocks, the same for every provider; made anew each time it is asked for.

        Content that `response_metadata["output_version"]` calls "v1" is standard already. What else there is, is read as
        the `model_provider` in the metadata says it. Nothing is lost: what has no standard form is in a non-standard block.
        """
        metadata, content = self.response_metadata, self.content
        if metadata.get("output_version") == "v1" and isinstance(content, list):
            return translate_standard(self)
        translator = get_translator(metadata.get("model_provider", ""))
        if translator is None:
            return translate_default(self)
        whole = not isinstance(self, AIMessageChunk)
        return translator["translate_content" if whole else "translate_content_chunk"](self)

    @property
    def lc_attributes(self) -> dict[str, Any]:
        """The tool calls, also those that can't be followed."""
        return {name: self._value(name) for name in ("tool_calls", "invalid_tool_calls")}

    def pretty_repr(self, html: bool = False) -> str:
        """The message under a headline, to be read by people, followed by its tool calls."""
        lines = [super().pretty_repr(html).rstrip()]  # often there is no text, only calls
        if self.tool_calls:
            lines.append("Tool Calls:")
        for call in self.tool_calls:
            lines += [f"  {call['name']} ({call['id']})", f" Call ID: {call['id']}", "  Args:"]
            lines += [f"    {key}: {value}" for key, value in call["args"].items()]
        if self.invalid_tool_calls:
            lines.append("Invalid Tool Calls:")
        for invalid in self.invalid_tool_calls:
            lines += [f"  {invalid['name']} ({invalid['id']})", f" Call ID: {invalid['id']}"]
            if invalid["error"]:
                lines.append(f"  Error: {invalid['error']}")
            lines += ["  Args:", f"    {invalid['args']}"]
        return "\n".join(lines)


def _blocks_of(kind: str, blocks: Any) -> list[Any]:
    """Those of `blocks` that are of a kind, without what blocks have and calls have not."""
    found = [block for block in checked_blocks(blocks) if block["type"] == kind]
    return [{key: value for key, value in block.items() if key != "extras"} for block in found]


def _compact_all(values: Sequence[list[ToolCallChunk]]) -> list[ToolCallChunk]:
    return compact(chain.from_iterable(values))


def _chunks_of(calls: Iterable[ToolCall], invalid: Iterable[InvalidToolCall]) -> list[ToolCallChunk]:
    return [
        *(tool_call_chunk(name=call["name"], args=json.dumps(call["args"]), id=call["id"]) for call in calls),
        *(
            tool_call_chunk(name=call.get("name"), args=call.get("args"), id=call.get("id"))
            for call in invalid
        ),
    ]


class _Parsed(Field[list[T]]):
    """A list that is read from the message's `tool_call_chunks` when it is first asked for; in a sum, from those of the sum."""

    __slots__ = ()

    def __init__(self, check: Callable[[str, Any], list[T]]) -> None:
        super().__init__(list, merge=lambda values: None, check=check)

    def peek(self, message: Holder) -> list[T]:
        more = message._given()
        if more and self.name not in more and (chunks := more.get("tool_call_chunks")):
            parse = parse_final if more.get("chunk_position") == "last" else parse_so_far
            calls, invalid = parse(assemble(chunks))
            more.setdefault("tool_calls", calls)
            more.setdefault("invalid_tool_calls", invalid)
        return super().peek(message)


class AIMessageChunk(AIMessage, BaseMessageChunk):
    """A piece of an `AIMessage`.

    `tool_call_chunks` hold what has arrived of tool calls; `tool_calls` is what they come to so far, and once the chunk has
    the `chunk_position` "last", only the calls whose arguments are whole.

    Pass everything but the content by keyword. (The signature doesn't demand it, because that would double its cost; for the
    same reason it takes no other keywords than these. `model_validate` does.)

    Args:
        tool_call_chunks: pieces of tool calls. If none are given they are made of `tool_calls`, `invalid_tool_calls` or
            `additional_kwargs["tool_calls"]`.
        chunk_position: "last" if no chunk of the message follows.

    Raises:
        MessageError: a value has the wrong type; the message names it.
    """

    __slots__ = ()
    type: ClassVar[str] = "AIMessageChunk"
    whole = AIMessage

    _fields: ClassVar[tuple[str, ...]] = (*AIMessage._fields, "tool_call_chunks", "chunk_position")
    _schema: ClassVar[Mapping[str, Any]] = {
        **AIMessage._schema,
        "tool_call_chunks": {"type": "array", "items": {"type": "object"}},
        "chunk_position": {"enum": ["last", None]},
    }

    tool_calls: Field[list[ToolCall]] = _Parsed(check=checked_tool_calls)
    invalid_tool_calls: Field[list[InvalidToolCall]] = _Parsed(check=checked_invalid_tool_calls)
    tool_call_chunks: Field[list[ToolCallChunk]] = Field(
        list, merge=_compact_all, check=checked_tool_call_chunks
    )
    chunk_position: Field[Literal["last"] | None] = Field(lambda: None, merge=last_of, check=_position)

    def __init__(
        self,
        content: str | Sequence[str | Mapping[str, Any]] = "",
        content_blocks: Sequence[ContentBlock] | None = None,
        additional_kwargs: dict[str, Any] | None = None,
        response_metadata: dict[str, Any] | None = None,
        type: str | None = None,
        name: str | None = None,
        id: str | None = None,
        tool_calls: Sequence[ToolCall] | None = None,
        invalid_tool_calls: Sequence[InvalidToolCall] | None = None,
        usage_metadata: UsageMetadata | None = None,
        tool_call_chunks: Sequence[ToolCallChunk] | None = None,
        chunk_position: Literal["last"] | None = None,
    ) -> None:
        # Answers are made of thousands of chunks, nearly all of them text alone: nothing is done here that those don't need.
        self._summands = None
        if (
            content.__class__ is str
            and (id is None or id.__class__ is str)
            and content_blocks is None
            and additional_kwargs is None
            and response_metadata is None
            and type is None
            and name is None
            and tool_calls is None
            and invalid_tool_calls is None
            and usage_metadata is None
            and tool_call_chunks is None
            and chunk_position is None
        ):
            self._content = content  # pyright: ignore[reportAttributeAccessIssue]  # a string, found without isinstance
            self.id = id
            self._more = None
            return
        if content_blocks is not None and not (tool_call_chunks or tool_calls or invalid_tool_calls):
            tool_call_chunks = _blocks_of("tool_call_chunk", content_blocks)
            tool_calls = _blocks_of("tool_call", content_blocks)
            invalid_tool_calls = _blocks_of("invalid_tool_call", content_blocks)
        if not tool_call_chunks and (tool_calls or invalid_tool_calls):
            tool_calls = checked_tool_calls("tool_calls", tool_calls or ())
            invalid_tool_calls = checked_invalid_tool_calls("invalid_tool_calls", invalid_tool_calls or ())
            tool_call_chunks = _chunks_of(tool_calls, invalid_tool_calls)
        else:
            tool_calls = invalid_tool_calls = None  # they are what the pieces come to
            if not tool_call_chunks and isinstance(additional_kwargs, dict):
                tool_call_chunks = fragments_of_raw(additional_kwargs.get("tool_calls"))
        self._init(
            content,
            content_blocks,
            id,
            type,
            {
                "additional_kwargs": additional_kwargs,
                "response_metadata": response_metadata,
                "name": name,
                "tool_calls": tool_calls,
                "invalid_tool_calls": invalid_tool_calls,
                "usage_metadata": usage_metadata,
                "tool_call_chunks": tool_call_chunks,
                "chunk_position": chunk_position,
            },
            {},
        )

    def _dump(self) -> dict[str, Any]:
        if self._given():
            AIMessageChunk.tool_calls.peek(self)  # reads the calls, those that can't be followed too
        return super()._dump()

    def _changed(self, name: str) -> None:
        more = self._more
        if more is None:
            return
        if name in ("tool_call_chunks", "chunk_position"):
            more.pop("tool_calls", None)
            more.pop("invalid_tool_calls", None)
        elif name in ("tool_calls", "invalid_tool_calls"):
            more["tool_call_chunks"] = _chunks_of(self.tool_calls, self.invalid_tool_calls)


def add_ai_message_chunks(left: AIMessageChunk, *others: AIMessageChunk) -> AIMessageChunk:
    """The sum of the chunks, in time linear in their sizes."""
    return left.__fold__([left, *others])
