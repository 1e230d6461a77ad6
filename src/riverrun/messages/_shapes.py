"""The dicts that messages hold (tool calls, usage): what they look like, how they are made, checked and seen by pydantic."""

# Without `annotations` from `__future__`: a typed dict tells by those of its keys which of them may be missing.

from collections.abc import Mapping
from typing import Any, Literal, NotRequired, TypedDict

from riverrun._pure.exceptions import MessageError
from riverrun._pure.typed_dict import pydantic_field
from riverrun.messages._fields import wrong_type

__all__ = [
    "InputTokenDetails",
    "InvalidToolCall",
    "OutputTokenDetails",
    "ToolCall",
    "ToolCallChunk",
    "UsageMetadata",
    "checked_invalid_tool_calls",
    "checked_tool_call_chunks",
    "checked_tool_calls",
    "checked_usage",
    "invalid_tool_call",
    "tool_call",
    "tool_call_chunk",
]


@pydantic_field
class ToolCall(TypedDict):
    """A model's request to call a tool."""

    name: str
    args: dict[str, Any]
    id: str | None
    """What the `ToolMessage` with the result refers to."""
    type: NotRequired[Literal["tool_call"]]
    index: NotRequired[int | str]
    extras: NotRequired[dict[str, Any]]
    """What the provider said beyond that, where the call stands among content blocks."""


@pydantic_field
class ToolCallChunk(TypedDict):
    """A piece of a `ToolCall`, as a stream brings it; each of its values may be missing."""

    name: str | None
    args: str | None
    """A piece of the JSON text of the arguments."""
    id: str | None
    index: int | None
    """The place of the call among those of the answer, if the provider tells it."""
    type: NotRequired[Literal["tool_call_chunk"]]
    extras: NotRequired[dict[str, Any]]


@pydantic_field
class InvalidToolCall(TypedDict):
    """A model's request to call a tool that can't be followed: its arguments are no JSON object."""

    name: str | None
    args: str | None
    """The text that was meant as arguments."""
    id: str | None
    error: str | None
    type: NotRequired[Literal["invalid_tool_call"]]
    index: NotRequired[int | str]
    extras: NotRequired[dict[str, Any]]


def tool_call(*, name: str, args: dict[str, Any], id: str | None) -> ToolCall:
    """A `ToolCall`."""
    return ToolCall(name=name, args=args, id=id, type="tool_call")


def tool_call_chunk(
    *, name: str | None = None, args: str | None = None, id: str | None = None, index: int | None = None
) -> ToolCallChunk:
    """A `ToolCallChunk`."""
    return ToolCallChunk(name=name, args=args, id=id, index=index, type="tool_call_chunk")


def invalid_tool_call(
    *, name: str | None = None, args: str | None = None, id: str | None = None, error: str | None = None
) -> InvalidToolCall:
    """An `InvalidToolCall`."""
    return InvalidToolCall(name=name, args=args, id=id, error=error, type="invalid_tool_call")


@pydantic_field
class InputTokenDetails(TypedDict, total=False):
    """What the input tokens were; they need not add up to all of them."""

    audio: int
    cache_creation: int
    cache_read: int


@pydantic_field
class OutputTokenDetails(TypedDict, total=False):
    """What the output tokens were; they need not add up to all of them."""

    audio: int
    reasoning: int


@pydantic_field
class UsageMetadata(TypedDict):
    """How many tokens an answer took."""

    input_tokens: int
    output_tokens: int
    total_tokens: int
    input_token_details: NotRequired[InputTokenDetails]
    output_token_details: NotRequired[OutputTokenDetails]


_NONE = type(None)
_TEXT = (str, _NONE)


def checked_tool_calls(field: str, value: Any) -> list[ToolCall]:
    """`value` as tool calls.

    Raises:
        MessageError: it is no list of them; the message names the place.
    """
    calls: list[ToolCall] = _shaped(field, value, name=(str,), args=(dict,), id=_TEXT)
    for call in calls:
        call["type"] = "tool_call"
    return calls


def checked_invalid_tool_calls(field: str, value: Any) -> list[InvalidToolCall]:
    """`value` as invalid tool calls; what they lack is None.

    Raises:
        MessageError: as `checked_tool_calls`.
    """
    filled = _filled(invalid_tool_call(), value)
    calls: list[InvalidToolCall] = _shaped(field, filled, name=_TEXT, args=_TEXT, id=_TEXT, error=_TEXT)
    return calls


def checked_tool_call_chunks(field: str, value: Any) -> list[ToolCallChunk]:
    """`value` as pieces of tool calls; what they lack is None.

    Raises:
        MessageError: as `checked_tool_calls`.
    """
    filled = _filled(tool_call_chunk(), value)
    chunks: list[ToolCallChunk] = _shaped(
        field, filled, name=_TEXT, args=_TEXT, id=_TEXT, index=(int, str, _NONE)
    )
    return chunks


def checked_usage(field: str, value: Any) -> UsageMetadata:
    """`value` as usage.

    Raises:
        MessageError: it is no dict, or one of the three counts is missing or no whole number.
    """
    if not isinstance(value, dict):
        raise wrong_type(field, "a dict", value)
    for key in ("input_tokens", "output_tokens", "total_tokens"):
        if not isinstance(value.get(key), int):
            raise wrong_type(f"{field}[{key!r}]", "a whole number", value.get(key))
    return value  # type: ignore[return-value]  # just found out


def _filled(empty: Mapping[str, Any], value: Any) -> Any:
    if not isinstance(value, list | tuple):
        return value
    return [{**empty, **each, "type": empty["type"]} if isinstance(each, dict) else each for each in value]


def _shaped(field: str, value: Any, **shape: tuple[type, ...]) -> Any:
    """Copies of the dicts in the list `value`, each of which has the keys of `shape`, with values of its types."""
    if not isinstance(value, list | tuple):
        raise wrong_type(field, "a list", value)
    for place, each in enumerate(value):
        if not isinstance(each, dict):
            raise wrong_type(f"{field}[{place}]", "a dict", each)
        for key, kinds in shape.items():
            if key not in each:
                raise MessageError(f"{field}[{place}] lacks the key {key!r}")
            if not isinstance(each[key], kinds):
                wanted = " or ".join("None" if kind is _NONE else kind.__name__ for kind in kinds)
                raise wrong_type(f"{field}[{place}][{key!r}]", wanted, each[key])
    return [{**{key: each[key] for key in shape}, **each} for each in value]
