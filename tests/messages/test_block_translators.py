"""What providers say, whole and in pieces, comes to the same standard blocks."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riverrun.exceptions import MessageError
from riverrun.messages import (
    AIMessage,
    AIMessageChunk,
    convert_to_openai_data_block,
    convert_to_openai_image_block,
    merge_content,
)
from riverrun.messages.block_translators import get_translator, register_translator
from riverrun.messages.block_translators.google_genai import translate_grounding_metadata_to_citations
from riverrun.messages.tool import tool_call_chunk

RECORDED = Path(__file__).parent.parent / "recorded"
PROVIDERS = ["anthropic", "bedrock", "bedrock_converse", "google_genai", "google_vertexai", "groq", "openai"]
CALL: Any = {"name": "f", "args": {"a": 1}, "id": "1", "type": "tool_call"}


def shown(provider: str, content: Any, metadata: Any = None, **fields: Any) -> list[Any]:
    metadata = {"model_provider": provider, **(metadata or {})}
    return AIMessage(content, response_metadata=metadata, **fields).content_blocks


def piece(provider: str, content: Any, **fields: Any) -> AIMessageChunk:
    return AIMessageChunk(content, response_metadata={"model_provider": provider}, **fields)


WHOLE: dict[str, tuple[str, Any, list[dict[str, Any]]]] = {
    "chat completions": ("openai", "hi", [{"type": "text", "text": "hi"}]),
    "text with where it is from": (
        "openai",
        [
            {
                "type": "text",
                "text": "hi",
                "id": "m",
                "index": 0,
                "annotations": [
                    {"type": "url_citation", "url": "u", "title": "t", "start_index": 0, "end_index": 2},
                    {"type": "file_citation", "file_id": "f", "filename": "n"},
                    {"type": "file_path", "file_id": "f"},
                ],
            }
        ],
        [
            {
                "type": "text",
                "text": "hi",
                "id": "m",
                "index": "lc_txt_0",
                "annotations": [
                    {"type": "citation", "url": "u", "title": "t", "start_index": 0, "end_index": 2},
                    {"type": "citation", "title": "n", "extras": {"file_id": "f"}},
                    {"type": "non_standard_annotation", "value": {"type": "file_path", "file_id": "f"}},
                ],
            }
        ],
    ),
    "each part of a summary is a block": (
        "openai",
        [
            {
                "type": "reasoning",
                "id": "r",
                "index": 0,
                "summary": [{"type": "summary_text", "text": "a"}, {"type": "summary_text", "text": "b"}],
                "encrypted_content": "E",
            }
        ],
        [
            {
                "type": "reasoning",
                "id": "r",
                "index": "lc_rs_305f30",
                "reasoning": "a",
                "encrypted_content": "E",
            },
            {"type": "reasoning", "id": "r", "index": "lc_rs_305f31", "reasoning": "b"},
        ],
    ),
    "thoughts of an open model": (
        "openai",
        [{"type": "reasoning", "id": "r", "content": [{"type": "reasoning_text", "text": "deep"}]}],
        [{"type": "reasoning", "reasoning": "deep", "id": "r"}],
    ),
    "an image that was made": (
        "openai",
        [{"type": "image_generation_call", "id": "i", "result": "A", "output_format": "png", "size": "1"}],
        [
            {
                "type": "image",
                "base64": "A",
                "mime_type": "image/png",
                "id": "i",
                "extras": {"output_format": "png", "size": "1"},
            }
        ],
    ),
    "a search that still runs": (
        "openai",
        [{"type": "web_search_call", "id": "w", "status": "in_progress", "index": 1}],
        [
            {"type": "server_tool_call", "name": "web_search", "args": {}, "id": "w", "index": "lc_wsc_1"},
            {
                "type": "server_tool_result",
                "tool_call_id": "w",
                "extras": {"status": "in_progress"},
                "index": "lc_wsr_2",
            },
        ],
    ),
    "a remote tool that failed": (
        "openai",
        [{"type": "mcp_call", "id": "m", "name": "n", "arguments": '{"a":', "error": "bad"}],
        [
            {
                "type": "server_tool_call",
                "name": "remote_mcp",
                "args": {},
                "id": "m",
                "extras": {"tool_name": "n", "arguments": '{"a":'},
            },
            {
                "type": "server_tool_result",
                "tool_call_id": "m",
                "extras": {"error": "bad"},
                "status": "error",
            },
        ],
    ),
    "a refusal": (
        "openai",
        [{"type": "refusal", "refusal": "no", "id": "m"}],
        [{"type": "refusal", "refusal": "no", "id": "m"}],
    ),
    "code that was run": (
        "openai",
        [{"type": "code_interpreter_call", "id": "c", "code": "1", "container_id": "x", "outputs": ["1"]}],
        [
            {
                "type": "server_tool_call",
                "name": "code_interpreter",
                "args": {"code": "1"},
                "id": "c",
                "extras": {"container_id": "x"},
            },
            {"type": "server_tool_result", "tool_call_id": "c", "output": ["1"], "status": "success"},
        ],
    ),
    "text in strings": ("openai", ["a", {"type": "text", "text": "b"}], [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]),
    "what has no standard form": (
        "openai",
        [{"type": "computer_call", "id": "c"}],
        [{"type": "non_standard", "value": {"type": "computer_call", "id": "c"}}],
    ),
    "thinking": (
        "anthropic",
        [{"type": "thinking", "thinking": "t", "signature": "s", "index": 0}],
        [{"type": "reasoning", "reasoning": "t", "index": 0, "extras": {"signature": "s"}}],
    ),
    "thinking that can't be read": (
        "anthropic",
        [{"type": "redacted_thinking", "data": "d"}],
        [{"type": "non_standard", "value": {"type": "redacted_thinking", "data": "d"}}],
    ),
    "citations": (
        "anthropic",
        [
            {
                "type": "text",
                "text": "a",
                "citations": [
                    {"type": "char_location", "cited_text": "c", "document_title": "t", "document_index": 0},
                    {"type": "odd"},
                ],
            }
        ],
        [
            {
                "type": "text",
                "text": "a",
                "annotations": [
                    {"type": "citation", "cited_text": "c", "title": "t", "extras": {"document_index": 0}},
                    {"type": "non_standard_annotation", "value": {"type": "odd"}},
                ],
            }
        ],
    ),
    "a server's tool and its result": (
        "anthropic",
        [
            {"type": "server_tool_use", "id": "s", "name": "code_execution", "input": {"code": "1"}},
            {"type": "code_execution_tool_result", "tool_use_id": "s", "content": {"error_code": "e"}},
        ],
        [
            {"type": "server_tool_call", "name": "code_interpreter", "args": {"code": "1"}, "id": "s"},
            {
                "type": "server_tool_result",
                "tool_call_id": "s",
                "status": "error",
                "output": {"error_code": "e"},
                "extras": {"block_type": "code_execution_tool_result"},
            },
        ],
    ),
    "thoughts of Gemini": (
        "google_genai",
        [{"type": "thinking", "thinking": "t", "signature": "s"}, "a"],
        [{"type": "reasoning", "reasoning": "t", "extras": {"signature": "s"}}, {"type": "text", "text": "a"}],
    ),
    "code that Gemini ran": (
        "google_genai",
        [
            {"type": "executable_code", "executable_code": "1", "language": "python", "id": "e"},
            {"type": "code_execution_result", "code_execution_result": "1", "outcome": 2, "tool_call_id": "e"},
        ],
        [
            {
                "type": "server_tool_call",
                "name": "code_interpreter",
                "args": {"code": "1", "language": "python"},
                "id": "e",
            },
            {
                "type": "server_tool_result",
                "tool_call_id": "e",
                "status": "error",
                "output": "1",
                "extras": {"outcome": 2, "block_type": "code_execution_result"},
            },
        ],
    ),
    "media": (
        "google_genai",
        [{"type": "media", "mime_type": "video/mp4", "file_uri": "gs://x"}],
        [{"type": "video", "url": "gs://x", "mime_type": "video/mp4"}],
    ),
    "reasoning of Converse": (
        "bedrock_converse",
        [{"type": "reasoning_content", "reasoning_content": {"text": "r", "signature": "s"}, "index": 0}],
        [{"type": "reasoning", "reasoning": "r", "extras": {"signature": "s"}, "index": 0}],
    ),
    "citations of Converse": (
        "bedrock_converse",
        [{"type": "text", "text": "a", "citations": [{"title": "t", "source_content": [{"text": "c"}, {"text": "d"}]}]}],
        [{"type": "text", "text": "a", "annotations": [{"type": "citation", "title": "t", "cited_text": "cd"}]}],
    ),
    "as it comes from Bedrock": (
        "bedrock_converse",
        [{"text": "a"}, {"image": {"format": "png", "source": {"bytes": b"abc"}}}],
        [{"type": "text", "text": "a"}, {"type": "image", "base64": "YWJj", "mime_type": "image/png"}],
    ),
    "Claude on Bedrock": (
        "bedrock",
        [{"type": "thinking", "thinking": "t"}, {"type": "text", "text": "a"}],
        [{"type": "reasoning", "reasoning": "t"}, {"type": "text", "text": "a"}],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WHOLE)
def test_what_a_provider_says_in_standard_blocks(name: str) -> None:
    provider, said, blocks = WHOLE[name]
    assert shown(provider, said) == blocks


@pytest.mark.parametrize("provider", PROVIDERS)
def test_no_tool_call_is_lost(provider: str) -> None:
    for content in (
        "",
        "x",
        [{"type": "text", "text": "x"}],
        [{"type": "tool_use", "id": "1", "name": "f", "input": {}}],
    ):
        blocks = [
            block for block in shown(provider, content, tool_calls=[CALL]) if block["type"] == "tool_call"
        ]
        assert [{key: block[key] for key in CALL} for block in blocks] == [CALL]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_reasoning_beside_the_text_is_shown(provider: str) -> None:
    blocks = shown(provider, "x", additional_kwargs={"reasoning_content": "r"})
    assert blocks == [{"type": "reasoning", "reasoning": "r"}, {"type": "text", "text": "x"}]


def test_what_stands_beside_the_text_of_a_completion_is_shown() -> None:
    beside = {
        "refusal": "no",
        "audio": {"id": "a", "data": "A", "transcript": "hi"},
        "annotations": [{"type": "url_citation", "url_citation": {"url": "u"}}],
    }
    assert shown("openai", "x", additional_kwargs=beside) == [
        {"type": "text", "text": "x", "annotations": [{"type": "citation", "url": "u"}]},
        {"type": "refusal", "refusal": "no"},
        {"type": "audio", "base64": "A", "id": "a", "extras": {"transcript": "hi"}},
    ]


def test_tools_that_groq_ran_come_before_the_text() -> None:
    tools = [
        {"index": 0, "type": "search", "arguments": '{"q": 1}', "output": "o", "search_results": []},
        {"type": "function", "name": "browser.open", "arguments": "bad"},
    ]
    assert shown("groq", "x", additional_kwargs={"executed_tools": tools}) == [
        {"type": "server_tool_call", "name": "web_search", "id": "0", "args": {"q": 1}},
        {
            "type": "server_tool_result",
            "tool_call_id": "0",
            "output": "o",
            "status": "success",
            "extras": {"search_results": []},
        },
        {
            "type": "server_tool_call",
            "name": "browser.open",
            "id": "1",
            "args": {},
            "extras": {"arguments": "bad"},
        },
        {"type": "text", "text": "x"},
    ]


def test_the_arguments_of_a_call_are_those_that_the_message_has_read() -> None:
    item = {"type": "function_call", "name": "f", "arguments": '{"a"', "call_id": "1", "id": "fc", "index": 1}
    extras = {"extras": {"item_id": "fc"}, "index": "lc_tc_1"}
    assert shown("openai", [item], tool_calls=[CALL]) == [{**CALL, **extras}]
    invalid: Any = {"name": "f", "args": '{"a"', "id": "1", "error": "cut", "type": "invalid_tool_call"}
    assert shown("openai", [item], invalid_tool_calls=[invalid]) == [{**invalid, **extras}]
    assert shown("openai", [item]) == [{"type": "non_standard", "value": {k: v for k, v in item.items() if k != "index"}, "index": 1}]  # fmt: skip
    use = {"type": "tool_use", "id": "1", "name": "f", "input": {}, "index": 2, "caller": "x"}
    assert shown("anthropic", [use], tool_calls=[CALL]) == [{**CALL, "index": 2, "extras": {"caller": "x"}}]


def test_pieces_of_calls_stay_pieces_until_the_last() -> None:
    begun = tool_call_chunk(name="f", args="", id="1", index=1)
    first = piece(
        "anthropic",
        [{"type": "tool_use", "id": "1", "name": "f", "input": {}, "index": 1}],
        tool_call_chunks=[begun],
    )
    assert first.content_blocks == [begun]
    more = tool_call_chunk(args='{"a": 1}', index=1)
    second = piece(
        "anthropic",
        [{"type": "input_json_delta", "partial_json": '{"a": 1}', "index": 1}],
        tool_call_chunks=[more],
    )
    assert second.content_blocks == [more]
    total = first + second
    assert total.content_blocks == [{**begun, "args": '{"a": 1}'}]
    assert (total + AIMessageChunk(chunk_position="last")).content_blocks == [{**CALL, "index": 1}]
    server = piece(
        "anthropic", [{"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}, "index": 0}]
    )
    rest = piece("anthropic", [{"type": "input_json_delta", "partial_json": '{"q": 2}', "index": 0}])
    assert [*server.content_blocks, *rest.content_blocks] == [
        {"type": "server_tool_call_chunk", "name": "web_search", "args": "", "id": "s", "index": 0},
        {"type": "server_tool_call_chunk", "args": '{"q": 2}', "index": 0},
    ]
    assert (server + rest).content_blocks[0] == {
        "type": "server_tool_call",
        "name": "web_search",
        "args": {"q": 2},
        "id": "s",
        "index": 0,
    }
    chat = piece("openai", "", tool_call_chunks=[begun])
    assert chat.content_blocks == [begun]  # fmt: skip


def test_gemini_says_where_each_part_is_from() -> None:
    grounding: dict[str, Any] = {
        "groundingChunks": [{"web": {"uri": "u", "title": "t"}}, {"maps": {"uri": "m", "placeId": "p"}}],
        "groundingSupports": [
            {"segment": {"endIndex": 5, "text": "hello"}, "groundingChunkIndices": [0, 1, 7], "confidenceScores": [0.5]}
        ],
        "webSearchQueries": ["q"],
    }  # fmt: skip
    web, maps = translate_grounding_metadata_to_citations(grounding)
    assert (web["url"], web["title"], web["start_index"], web["end_index"]) == ("u", "t", 0, 5)
    said = {"web_search_queries": ["q"], "grounding_chunk_index": 0, "confidence_scores": [0.5]}
    assert web["extras"] == {"google_ai_metadata": said}
    assert maps["extras"]["google_ai_metadata"]["place_id"] == "p"
    blocks = shown("google_genai", "hello world", {"grounding_metadata": grounding})
    assert blocks == [{"type": "text", "text": "hello world", "annotations": [web, maps]}]


def test_a_provider_may_bring_its_own_translator() -> None:
    register_translator("mine", lambda message: [{"type": "text", "text": "whole"}], lambda message: [])
    assert shown("mine", "x") == [{"type": "text", "text": "whole"}]
    assert piece("mine", "x").content_blocks == []
    assert get_translator("nobody's") is None


KEYS = st.sampled_from(
    ["text", "thinking", "reasoning", "summary", "input", "partial_json", "name", "id", "call_id", "index", "arguments", "content", "citations", "annotations", "source", "file", "image_url", "source_type", "data", "result", "action", "queries", "tool_use_id", "reasoning_content", "toolUse", "image", "executable_code", "outcome", "args", "status", "error", "output", "extras", "input_audio"]
)  # fmt: skip
TYPES = st.sampled_from(
    ["text", "thinking", "reasoning", "tool_use", "input_json_delta", "server_tool_use", "mcp_tool_use", "web_search_tool_result", "function_call", "web_search_call", "mcp_call", "file_search_call", "code_interpreter_call", "image_generation_call", "refusal", "image_url", "image", "file", "document", "media", "input_audio", "executable_code", "code_execution_result", "reasoning_content", "odd"]
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.integers(0, 2) | st.sampled_from(["", "a", "{", '{"a": 1}', "[1]", "data:x/y;base64,A"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=2),
    max_leaves=4,
)
BLOCKS = st.builds(
    lambda kind, rest: {**rest, "type": kind}, TYPES, st.dictionaries(KEYS, VALUES, max_size=4)
) | st.dictionaries(KEYS, VALUES, max_size=3)


@settings(max_examples=150, deadline=None)
@given(st.lists(BLOCKS, max_size=3), st.sampled_from([None, *PROVIDERS]))
def test_whatever_a_provider_sends_is_shown_and_left_as_it_is(
    content: list[Any], provider: str | None
) -> None:
    before = json.dumps(content)
    metadata = {"model_provider": provider}
    for message in (
        AIMessage(content, response_metadata=metadata),
        AIMessageChunk(content, response_metadata=metadata),
    ):
        blocks = message.content_blocks
        assert len(blocks) >= len(content)
        assert all(isinstance(block["type"], str) for block in blocks)
    assert json.dumps(content) == before


def recorded(name: str) -> Iterator[dict[str, Any]]:
    for line in json.loads((RECORDED / f"{name}.json").read_text())["body"].splitlines():
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))


def claude(name: str) -> list[AIMessageChunk]:
    """The chunks that the events of a recorded answer come to, each with the blocks as Anthropic sends them."""
    chunks, tools = [], set()
    for event in recorded(name):
        index = event.get("index")
        if event["type"] == "content_block_start":
            block = {**event["content_block"], "index": index}
            calls = []
            if block["type"] == "tool_use":
                tools.add(index)
                calls = [tool_call_chunk(name=block["name"], args="", id=block["id"], index=index)]
            chunks.append(piece("anthropic", [block], tool_call_chunks=calls))
        elif event["type"] == "content_block_delta":
            delta = dict(event["delta"])
            kind = delta.pop("type")
            types = {"text_delta": "text", "thinking_delta": "thinking", "signature_delta": "thinking"}
            calls = [tool_call_chunk(args=delta["partial_json"], index=index)] if index in tools else []
            block = {"type": types.get(kind, kind), **delta, "index": index}
            chunks.append(piece("anthropic", [block], tool_call_chunks=calls))
    return chunks


@pytest.mark.parametrize("name", ["anthropic-thinking", "anthropic-tool-use"])
def test_recorded_pieces_come_to_what_the_whole_says(name: str) -> None:
    chunks = claude(name)
    total = AIMessageChunk.__fold__(chunks)
    words = ("text", "reasoning")
    pieces = merge_content([], *(chunk.content_blocks for chunk in chunks))  # type: ignore[arg-type]  # dicts
    assert isinstance(pieces, list)
    whole = (total + AIMessageChunk(chunk_position="last")).content_blocks
    assert [block for block in pieces if block["type"] in words] == [  # type: ignore[index]
        block for block in whole if block["type"] in words
    ]
    assert "".join(block["text"] for block in whole if block["type"] == "text") == total.text
    assert not any(block["type"] == "non_standard" for block in whole)


def test_a_recorded_answer_with_thoughts() -> None:
    whole = (AIMessageChunk.__fold__(claude("anthropic-thinking"))).content_blocks
    assert [block["type"] for block in whole] == ["reasoning", "text"]
    assert len(whole[0]["extras"]["signature"]) > 100  # type: ignore[typeddict-item]


def test_a_recorded_answer_with_calls_of_both_kinds() -> None:
    total = AIMessageChunk.__fold__(claude("anthropic-tool-use"))
    whole = (total + AIMessageChunk(chunk_position="last")).content_blocks
    kinds = [block["type"] for block in whole]
    assert "tool_call" in kinds and "server_tool_call" in kinds and "server_tool_result" in kinds
    calls = [block for block in whole if block["type"] == "tool_call"]
    assert [(call["name"], call["args"], call["id"]) for call in calls] == [
        (call["name"], call["args"], call["id"]) for call in total.tool_calls
    ]
    server = next(block for block in whole if block["type"] == "server_tool_call")
    assert server["args"]  # made of the pieces


def test_a_recorded_response_with_a_search() -> None:
    done = next(
        event for event in recorded("openai-responses-web-search") if event["type"] == "response.completed"
    )
    content: list[Any] = []
    for item in done["response"]["output"]:
        if item["type"] == "message":
            content += [{**part, "type": "text"} for part in item["content"]]
        else:
            content.append(item)
    blocks = shown("openai", content)
    kinds = [block["type"] for block in blocks]
    assert {"reasoning", "server_tool_call", "server_tool_result", "text"} == set(kinds)
    search = next(block for block in blocks if block["type"] == "server_tool_call")
    assert search["name"] == "web_search" and search["args"]
    assert blocks[-1]["text"]


@pytest.mark.parametrize(
    ("block", "api", "wire"),
    [
        ({"type": "image", "url": "u"}, "chat/completions", {"type": "image_url", "image_url": {"url": "u"}}),
        ({"type": "image", "url": "u"}, "responses", {"type": "input_image", "image_url": "u"}),
        (
            {"type": "image", "base64": "A", "mime_type": "image/png"},
            "chat/completions",
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,A"}},
        ),
        (
            {"type": "file", "base64": "A", "mime_type": "application/pdf", "extras": {"filename": "f"}},
            "chat/completions",
            {"type": "file", "file": {"file_data": "data:application/pdf;base64,A", "filename": "f"}},
        ),
        (
            {"type": "file", "source_type": "base64", "data": "A", "mime_type": "application/pdf"},
            "responses",
            {"type": "input_file", "file_data": "data:application/pdf;base64,A", "filename": "LC_AUTOGENERATED"},
        ),
        ({"type": "file", "source_type": "id", "id": "f"}, "chat/completions", {"type": "file", "file": {"file_id": "f"}}),
        ({"type": "file", "url": "u"}, "responses", {"type": "input_file", "file_url": "u"}),
        (
            {"type": "audio", "base64": "A", "mime_type": "audio/wav"},
            "chat/completions",
            {"type": "input_audio", "input_audio": {"data": "A", "format": "wav"}},
        ),
    ],
)  # fmt: skip
def test_a_block_as_openai_takes_it(block: Any, api: Any, wire: dict[str, Any]) -> None:
    assert convert_to_openai_data_block(block, api) == wire


@pytest.mark.parametrize(
    ("block", "problem"),
    [
        ({"type": "image"}, "needs a 'url' or 'base64'"),
        ({"type": "image", "base64": "A"}, "needs its 'mime_type'"),
        ({"type": "file", "url": "u"}, "take no URLs of files"),
        ({"type": "file"}, "needs 'base64' or a 'file_id'"),
        ({"type": "audio", "url": "u"}, "lacks the key 'base64'"),
        ({"type": "video", "url": "u"}, "not a block of type 'video'"),
    ],
)
def test_a_block_that_openai_does_not_take_is_refused(block: Any, problem: str) -> None:
    with pytest.raises(MessageError, match=problem):
        convert_to_openai_data_block(block)


def test_an_image_needs_a_place() -> None:
    with pytest.raises(MessageError, match="file_id"):
        convert_to_openai_image_block({"type": "image", "file_id": "f"})
