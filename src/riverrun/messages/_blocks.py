"""What the standard blocks look like."""

# Without `annotations` from `__future__`: a typed dict tells by those of its keys which of them may be missing.

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict

from riverrun._pure.typed_dict import pydantic_field
from riverrun.messages._shapes import InvalidToolCall, ToolCall, ToolCallChunk

__all__ = [
    "Annotation",
    "AudioContentBlock",
    "Citation",
    "ContentBlock",
    "DataContentBlock",
    "FileContentBlock",
    "ImageContentBlock",
    "Index",
    "NonStandardAnnotation",
    "NonStandardContentBlock",
    "PlainTextContentBlock",
    "ReasoningContentBlock",
    "RefusalContentBlock",
    "ServerToolCall",
    "ServerToolCallChunk",
    "ServerToolResult",
    "TextContentBlock",
    "ToolContentBlock",
    "VideoContentBlock",
]

Index: TypeAlias = int | str
"""The place of a block in the content, by which its pieces find each other."""


@pydantic_field
class Citation(TypedDict):
    """Where a text has something from."""

    type: Literal["citation"]
    id: NotRequired[str]
    url: NotRequired[str]
    title: NotRequired[str]
    start_index: NotRequired[int]
    """Where in the text that was written, not in the source, the part begins that is borne out."""
    end_index: NotRequired[int]
    cited_text: NotRequired[str]
    """The words of the source."""
    extras: NotRequired[dict[str, Any]]


@pydantic_field
class NonStandardAnnotation(TypedDict):
    """What a provider says of a text that is no citation."""

    type: Literal["non_standard_annotation"]
    id: NotRequired[str]
    value: dict[str, Any]


Annotation: TypeAlias = Citation | NonStandardAnnotation


@pydantic_field
class TextContentBlock(TypedDict):
    """Text."""

    type: Literal["text"]
    id: NotRequired[str]
    text: str
    annotations: NotRequired[list[Annotation]]
    index: NotRequired[Index]
    extras: NotRequired[dict[str, Any]]


@pydantic_field
class ReasoningContentBlock(TypedDict):
    """What a model thought before it answered."""

    type: Literal["reasoning"]
    id: NotRequired[str]
    reasoning: NotRequired[str]
    """The thoughts; they may be missing where a provider sends them encrypted."""
    index: NotRequired[Index]
    extras: NotRequired[dict[str, Any]]


@pydantic_field
class RefusalContentBlock(TypedDict):
    """What a model says instead of an answer that it declines to give."""

    type: Literal["refusal"]
    refusal: str
    id: NotRequired[str]
    index: NotRequired[Index]
    extras: NotRequired[dict[str, Any]]


class _Data(TypedDict):
    """What blocks of data have in common: they are found at a URL, inside the block, or with the provider."""

    id: NotRequired[str]
    file_id: NotRequired[str]
    """What the provider calls the file that was given to it before."""
    mime_type: NotRequired[str]
    index: NotRequired[Index]
    url: NotRequired[str]
    base64: NotRequired[str]
    extras: NotRequired[dict[str, Any]]


@pydantic_field
class ImageContentBlock(_Data):
    """An image."""

    type: Literal["image"]


@pydantic_field
class VideoContentBlock(_Data):
    """A video."""

    type: Literal["video"]


@pydantic_field
class AudioContentBlock(_Data):
    """Sound."""

    type: Literal["audio"]


@pydantic_field
class FileContentBlock(_Data):
    """A file of any kind, such as a PDF."""

    type: Literal["file"]


@pydantic_field
class PlainTextContentBlock(TypedDict):
    """A document that is plain text, as opposed to what somebody says."""

    type: Literal["text-plain"]
    id: NotRequired[str]
    file_id: NotRequired[str]
    mime_type: Literal["text/plain"]
    index: NotRequired[Index]
    url: NotRequired[str]
    base64: NotRequired[str]
    text: NotRequired[str]
    title: NotRequired[str]
    context: NotRequired[str]
    """What the document is, for the model."""
    extras: NotRequired[dict[str, Any]]


@pydantic_field
class ServerToolCall(TypedDict):
    """A call of a tool that the provider itself runs."""

    type: Literal["server_tool_call"]
    id: str
    name: str
    args: dict[str, Any]
    index: NotRequired[Index]
    extras: NotRequired[dict[str, Any]]


@pydantic_field
class ServerToolCallChunk(TypedDict):
    """A piece of a `ServerToolCall`."""

    type: Literal["server_tool_call_chunk"]
    name: NotRequired[str]
    args: NotRequired[str]
    """A piece of the JSON text of the arguments."""
    id: NotRequired[str]
    index: NotRequired[Index]
    extras: NotRequired[dict[str, Any]]


@pydantic_field
class ServerToolResult(TypedDict):
    """What came of a `ServerToolCall`."""

    type: Literal["server_tool_result"]
    id: NotRequired[str]
    tool_call_id: str
    status: Literal["success", "error"]
    output: NotRequired[Any]
    index: NotRequired[Index]
    extras: NotRequired[dict[str, Any]]


@pydantic_field
class NonStandardContentBlock(TypedDict):
    """What a provider says that has no standard form, as it said it."""

    type: Literal["non_standard"]
    id: NotRequired[str]
    value: dict[str, Any]
    index: NotRequired[Index]


DataContentBlock: TypeAlias = (
    ImageContentBlock | VideoContentBlock | AudioContentBlock | PlainTextContentBlock | FileContentBlock
)
ToolContentBlock: TypeAlias = (
    ToolCall | ToolCallChunk | ServerToolCall | ServerToolCallChunk | ServerToolResult
)
ContentBlock: TypeAlias = (
    TextContentBlock
    | InvalidToolCall
    | ReasoningContentBlock
    | RefusalContentBlock
    | NonStandardContentBlock
    | DataContentBlock
    | ToolContentBlock
)
