"""Content blocks: how they are made and checked, and how content of every origin shows as standard blocks."""

import typing
from typing import Any

import pytest
from pydantic import TypeAdapter

from growth import assert_linear
from riverrun.exceptions import MessageError
from riverrun.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    ChatMessage,
    ContentBlock,
    FunctionMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
    content,
    is_data_content_block,
)
from riverrun.messages.content import KNOWN_BLOCK_TYPES

CALL: Any = {"name": "f", "args": {"a": 1}, "id": "1"}


@pytest.mark.parametrize(
    ("made", "block"),
    [
        (content.create_text_block("a", id="i"), {"type": "text", "text": "a", "id": "i"}),
        (
            content.create_text_block("a", id="i", annotations=[], index=0, more=1),
            {"type": "text", "text": "a", "id": "i", "annotations": [], "index": 0, "extras": {"more": 1}},
        ),
        (content.create_reasoning_block(id="i"), {"type": "reasoning", "reasoning": "", "id": "i"}),
        (
            content.create_image_block(base64="A", mime_type="image/png", id="i"),
            {"type": "image", "id": "i", "base64": "A", "mime_type": "image/png"},
        ),
        (content.create_image_block(base64="A", id="i"), {"type": "image", "id": "i", "base64": "A"}),
        (
            content.create_video_block(url="u", id="i", index="a"),
            {"type": "video", "id": "i", "url": "u", "index": "a"},
        ),
        (content.create_audio_block(url="u", id="i"), {"type": "audio", "id": "i", "url": "u"}),
        (content.create_file_block(file_id="f", id="i"), {"type": "file", "id": "i", "file_id": "f"}),
        (
            content.create_plaintext_block("t", title="T", id="i"),
            {"type": "text-plain", "mime_type": "text/plain", "id": "i", "text": "t", "title": "T"},
        ),
        (
            content.create_tool_call("n", {}, id="i", index=2),
            {"type": "tool_call", "name": "n", "args": {}, "id": "i", "index": 2},
        ),
        (
            content.create_citation(url="u", start_index=0, id="i", more=1),
            {"type": "citation", "id": "i", "url": "u", "start_index": 0, "extras": {"more": 1}},
        ),
        (
            content.create_non_standard_block({"a": 1}, id="i"),
            {"type": "non_standard", "value": {"a": 1}, "id": "i"},
        ),
    ],
)
def test_a_block_has_what_was_given_and_the_rest_in_extras(made: Any, block: dict[str, Any]) -> None:
    assert made == block
    assert list(made) == list(block)


def test_a_block_gets_an_id_that_says_that_it_was_made() -> None:
    first, second = content.create_text_block("a"), content.create_text_block("a")
    assert first["id"].startswith("lc_")
    assert first["id"] != second["id"]
    assert content.ensure_id("x") == "x"


@pytest.mark.parametrize(
    "make",
    [
        content.create_image_block,
        content.create_video_block,
        content.create_audio_block,
        content.create_file_block,
    ],
)
def test_a_block_of_data_says_where_the_data_is(make: Any) -> None:
    with pytest.raises(MessageError, match="needs a url, base64 or file_id"):
        make()


@pytest.mark.parametrize("kind", ["video", "audio", "file"])
def test_data_in_a_block_says_what_it_is(kind: str) -> None:
    with pytest.raises(MessageError, match="needs its mime_type"):
        getattr(content, f"create_{kind}_block")(base64="A")


@pytest.mark.parametrize(
    ("block", "is_data"),
    [
        ({"type": "image", "url": "u"}, True),
        ({"type": "image", "base64": None}, True),
        ({"type": "text-plain", "text": "a"}, True),
        ({"type": "file", "file_id": "f"}, True),
        ({"type": "image", "source_type": "id", "id": "f"}, True),
        ({"type": "image", "source_type": "base64", "data": "A"}, True),
        ({"type": "image"}, False),
        ({"type": "image", "source_type": "id"}, False),
        ({"type": "text", "text": "a"}, False),
        ({"type": "file", "file": {}}, False),
        ({}, False),
    ],
)
def test_what_is_a_block_of_data(block: dict[str, Any], is_data: bool) -> None:
    assert is_data_content_block(block) is is_data


def test_every_type_of_block_is_known() -> None:
    types = [typing.get_type_hints(each)["type"] for each in typing.get_args(ContentBlock)]
    assert {
        typing.get_args(typing.get_args(each)[0] if "Required" in str(each) else each)[0] for each in types
    } == KNOWN_BLOCK_TYPES


def test_blocks_stand_in_pydantic_fields() -> None:
    adapter: TypeAdapter[Any] = TypeAdapter(list[ContentBlock])
    blocks = [{"type": "text", "text": "a"}, {"type": "server_tool_call", "id": "1", "name": "n", "args": {}}]
    assert adapter.validate_python(blocks) == blocks
    with pytest.raises(ValueError, match="text"):
        adapter.validate_python([{"type": "text"}])


@pytest.mark.parametrize(
    ("blocks", "problem"),
    [
        ("x", "content_blocks must be a list of blocks, not str"),
        (["x"], r"content_blocks\[0\] must be a dict, not str"),
        ([{"text": "x"}], r"content_blocks\[0\]\['type'\] must be a string, not NoneType"),
        ([{"type": "text"}], r"content_blocks\[0\], a block of type 'text', lacks the key 'text'"),
        ([{"type": "text", "text": 1}], r"content_blocks\[0\]\['text'\] must be a string, not int"),
        ([{"type": "image", "url": 1}], r"content_blocks\[0\]\['url'\] must be a string, not int"),
        (
            [{"type": "text", "text": ""}, {"type": "tool_call", "name": "f", "args": "{}", "id": "1"}],
            r"content_blocks\[1\]\['args'\] must be a dict, not str",
        ),
        ([{"type": "non_standard"}], "lacks the key 'value'"),
        ([{"type": "server_tool_call", "name": "f", "args": {}, "id": None}], r"\['id'\] must be a string"),
    ],
)
@pytest.mark.parametrize("kind", [HumanMessage, AIMessage, AIMessageChunk, SystemMessage])
def test_a_wrong_block_names_the_field(kind: Any, blocks: Any, problem: str) -> None:
    with pytest.raises(MessageError, match=problem):
        kind(content_blocks=blocks)


def test_content_may_be_given_as_blocks() -> None:
    blocks: Any = [{"type": "text", "text": "a"}]
    for message in (
        HumanMessage(content_blocks=blocks),
        HumanMessage("x", blocks),
        ToolMessage(content_blocks=blocks, tool_call_id="1"),
        ChatMessage(content_blocks=blocks, role="r"),
        FunctionMessage(content_blocks=blocks, name="n"),
        AIMessageChunk(content_blocks=blocks),
    ):
        assert message.content == message.content_blocks == blocks
        assert message.text == "a"
    assert AIMessage(content_blocks=[{"type": "a provider's own"}]).content == [{"type": "a provider's own"}]  # type: ignore[list-item, typeddict-item]


def test_calls_among_the_blocks_are_the_messages_calls() -> None:
    message = AIMessage(
        content_blocks=[
            {"type": "text", "text": "a"},
            {"type": "tool_call", **CALL, "extras": {"more": 1}},
            {"type": "invalid_tool_call", "name": "g", "args": "{", "id": "2", "error": "cut"},
        ]
    )
    assert message.tool_calls == [{**CALL, "type": "tool_call"}]
    assert [call["id"] for call in message.invalid_tool_calls] == ["2"]
    others: Any = [{"name": "h", "args": {}, "id": "3"}]
    assert AIMessage(content_blocks=message.content_blocks, tool_calls=others).tool_calls[0]["id"] == "3"
    chunk = AIMessageChunk(
        content_blocks=[{"type": "tool_call_chunk", "name": "f", "args": '{"a":', "id": "1", "index": 0}]
    )
    assert chunk.tool_call_chunks == chunk.content
    assert chunk.tool_calls[0]["name"] == "f"


@pytest.mark.parametrize(
    ("said", "blocks"),
    [
        ("", []),
        ("a", [{"type": "text", "text": "a"}]),
        (["a", "", {"type": "text", "text": "b"}], [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]),
        ([{"type": "odd", "b": 1, "index": 2}], [{"type": "non_standard", "value": {"type": "odd", "b": 1}, "index": 2}]),
        ([{"foo": 1}], [{"type": "non_standard", "value": {"foo": 1}}]),
        ([{"type": "tool_call", **CALL}], [{"type": "tool_call", **CALL}]),
        (
            [{"type": "image_url", "image_url": {"url": "https://x", "detail": "low"}}, {"type": "image_url", "image_url": "https://y"}],
            [{"type": "image", "url": "https://x", "extras": {"detail": "low"}}, {"type": "image", "url": "https://y"}],
        ),
        (
            [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}],
            [{"type": "image", "base64": "AA==", "mime_type": "image/png"}],
        ),
        ([{"type": "image_url"}], [{"type": "non_standard", "value": {"type": "image_url"}}]),
        (
            [{"type": "input_audio", "input_audio": {"data": "A", "format": "wav"}}],
            [{"type": "audio", "base64": "A", "mime_type": "audio/wav"}],
        ),
        (
            [{"type": "file", "file": {"file_data": "data:application/pdf;base64,A", "filename": "x.pdf"}}],
            [{"type": "file", "base64": "A", "mime_type": "application/pdf", "extras": {"filename": "x.pdf"}}],
        ),
        ([{"type": "file", "file": {"file_id": "f"}}], [{"type": "file", "file_id": "f"}]),
        ([{"type": "input_file", "file_url": "u"}], [{"type": "file", "url": "u"}]),
        ([{"type": "input_image", "file_id": "f"}], [{"type": "image", "file_id": "f"}]),
        ([{"type": "input_text", "text": "a"}], [{"type": "text", "text": "a"}]),
        (
            [{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "A"}}],
            [{"type": "image", "base64": "A", "mime_type": "image/png"}],
        ),
        (
            [{"type": "document", "source": {"type": "text", "data": "A"}, "title": "T"}],
            [{"type": "text-plain", "text": "A", "mime_type": "text/plain", "extras": {"title": "T"}}],
        ),
        (
            [{"type": "document", "source": {"type": "content"}}],
            [{"type": "non_standard", "value": {"type": "document", "source": {"type": "content"}}}],
        ),
        (
            [{"type": "image", "source_type": "base64", "data": "A", "mime_type": "image/png", "id": "q"}],
            [{"type": "image", "base64": "A", "mime_type": "image/png", "id": "q"}],
        ),
        ([{"type": "audio", "source_type": "id", "id": "q"}], [{"type": "audio", "file_id": "q"}]),
        (
            [{"type": "file", "source_type": "text", "text": "a", "mime_type": "text/plain"}],
            [{"type": "text-plain", "text": "a", "mime_type": "text/plain"}],
        ),
        ([{"image": {"format": "png", "source": {"bytes": b"abc"}}}], [{"type": "image", "base64": "YWJj", "mime_type": "image/png"}]),
        (
            [{"document": {"format": "pdf", "name": "n", "source": {"bytes": b"abc"}}}],
            [{"type": "file", "base64": "YWJj", "mime_type": "application/pdf", "extras": {"name": "n"}}],
        ),
        (
            [{"video": {"format": "mp4", "source": {"s3Location": {"uri": "s3://x"}}}}],
            [{"type": "video", "url": "s3://x", "mime_type": "video/mp4"}],
        ),
        ([{"type": "media", "mime_type": "audio/wav", "data": b"abc"}], [{"type": "audio", "base64": "YWJj", "mime_type": "audio/wav"}]),
        ([{"text": "a"}], [{"type": "text", "text": "a"}]),
    ],
)  # fmt: skip
def test_content_written_for_any_provider_shows_as_standard_blocks(said: Any, blocks: list[Any]) -> None:
    message = HumanMessage(said)
    assert message.content_blocks == blocks
    assert message.content_blocks == message.content_blocks  # no ids that are made anew
    assert message.content == said


def test_a_message_without_a_provider_shows_its_reasoning_and_its_calls() -> None:
    message = AIMessage("x", additional_kwargs={"reasoning_content": "r"}, tool_calls=[CALL])
    assert message.content_blocks == [
        {"type": "reasoning", "reasoning": "r"},
        {"type": "text", "text": "x"},
        {"type": "tool_call", "id": "1", "name": "f", "args": {"a": 1}},
    ]
    there = AIMessage([{"type": "tool_call", **CALL}], tool_calls=[CALL])
    assert there.content_blocks == [{"type": "tool_call", **CALL}]


def test_content_that_says_that_it_is_standard_is_taken_at_its_word() -> None:
    metadata = {"output_version": "v1", "model_provider": "anthropic"}
    thinking = {"type": "thinking", "thinking": "x"}
    assert AIMessage([thinking], response_metadata=metadata).content_blocks == [thinking]
    pieces: list[Any] = [
        {"type": "tool_call_chunk", "name": "f", "args": '{"a"', "id": "1", "index": 0},
        {"type": "server_tool_call_chunk", "name": "s", "args": '{"b":', "id": "2", "index": 1},
    ]
    rest: list[Any] = [
        {"type": "tool_call_chunk", "args": ":1}", "index": 0},
        {"type": "server_tool_call_chunk", "args": "2}", "index": 1},
    ]
    first = AIMessageChunk(
        pieces,
        response_metadata=metadata,
        tool_call_chunks=[{"name": "f", "args": '{"a"', "id": "1", "index": 0}],
    )
    assert first.content_blocks == pieces
    last: Any = [{"name": None, "args": ":1}", "id": None, "index": 0}]
    total = first + AIMessageChunk(rest, tool_call_chunks=last, chunk_position="last")
    assert total.content_blocks == [
        {"type": "tool_call", "name": "f", "args": {"a": 1}, "id": "1", "index": 0},
        {"type": "server_tool_call", "name": "s", "args": {"b": 2}, "id": "2", "index": 1},
    ]


@pytest.mark.parametrize(
    "provider", [None, "openai", "anthropic", "google_genai", "bedrock_converse", "groq"]
)
def test_g05_showing_blocks_is_linear_in_them(provider: str | None) -> None:
    def make(size: int) -> Any:
        calls: Any = [{"name": "f", "args": {}, "id": str(number)} for number in range(size)]
        said: list[Any] = [{"type": "tool_use", "id": call["id"], "name": "f", "input": {}} for call in calls]
        said += [{"type": "function_call", "call_id": call["id"], "name": "f"} for call in calls]
        message = AIMessage(said, tool_calls=calls, response_metadata={"model_provider": provider})
        return lambda: message.content_blocks

    assert_linear(make, 200)


def test_messages_of_every_kind_have_blocks() -> None:
    def kinds(cls: type[BaseMessage]) -> set[type[BaseMessage]]:
        return {cls, *(kind for sub in cls.__subclasses__() for kind in kinds(sub))}

    assert all(isinstance(kind.content_blocks, property) for kind in kinds(BaseMessage))
