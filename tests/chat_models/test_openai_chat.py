"""The chat.completions wire format, on what real providers sent."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from riverrun.chat_models._openai_chat import ChatStream, answers_of, payload_of, usage_of
from riverrun.exceptions import IncompleteStreamError, MessageError, ProviderError
from riverrun.messages import (
    AIMessage,
    AIMessageChunk,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)

RECORDED = Path(__file__).parent.parent / "recorded"
COMPLETE = (
    "groq-text",
    "mistral-thinking",
    "openai-chat-parallel-tool-calls",
    "openai-chat-structured-json",
    "openai-chat-text",
    "openai-chat-tool-call",
    "openai-compatible-text",
    "openrouter-reasoning-with-comments",
)


def body_of(name: str) -> bytes:
    return json.loads((RECORDED / f"{name}.json").read_text())["body"].encode()


def pieces_of(body: bytes, size: int | str | None) -> list[bytes]:
    if size == "event":
        return [event + b"\n\n" for event in body.split(b"\n\n")]
    size = size or len(body)
    return [body[start : start + size] for start in range(0, len(body), size)]


def chunks_of(pieces: Iterable[Any], **how: Any) -> list[AIMessageChunk]:
    machine = ChatStream(**how)
    chunks = [chunk for piece in pieces for chunk in machine.feed(piece)]
    return [*chunks, *machine.flush()]


def whole_of(chunks: list[AIMessageChunk]) -> AIMessageChunk:
    return AIMessageChunk.__fold__(chunks)


def event(delta: dict[str, Any] | None = None, finish: str | None = None, **more: Any) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta or {}, "finish_reason": finish}
    return {"id": "1", "object": "chat.completion.chunk", "model": "m", "choices": [choice], **more}


def wire(*events: dict[str, Any] | str) -> bytes:
    return b"".join(
        b"data: " + (each if isinstance(each, str) else json.dumps(each)).encode() + b"\n\n"
        for each in events
    )


# ---- chunks


def test_the_chunks_are_those_that_users_know() -> None:
    first, *middle, last = chunks_of([body_of("openai-chat-text")])
    assert [chunk.content for chunk in middle] == [
        "The",
        " capital",
        " of",
        " the",
        " UK",
        " is",
        " London",
        ".",
    ]
    for chunk in (first, *middle):
        assert chunk.response_metadata == {"model_provider": "openai"}
        assert (chunk.usage_metadata, chunk.chunk_position) == (None, None)
    assert first.content == last.content == ""
    assert last.chunk_position == "last"
    usage = last.response_metadata.pop("token_usage")
    assert (usage["prompt_tokens"], usage["completion_tokens"]) == (78, 9)
    assert last.response_metadata == {
        "finish_reason": "stop",
        "model_name": "gpt-4o-mini-2024-07-18",
        "system_fingerprint": "fp_d0469e1700",
        "service_tier": "default",
        "id": "chatcmpl-Dx0Xq5Xx9rHB2ehcHZCRDsnuymUXc",
        "model_provider": "openai",
    }
    assert last.usage_metadata == {
        "input_tokens": 78,
        "output_tokens": 9,
        "total_tokens": 87,
        "input_token_details": {"audio": 0, "cache_read": 0},
        "output_token_details": {"audio": 0, "reasoning": 0},
    }


def test_the_chunks_of_a_tool_call_are_those_that_users_know() -> None:
    first, second, *_, last = chunks_of([body_of("openai-chat-tool-call")])
    assert first.tool_call_chunks == [
        {
            "name": "get_capital",
            "args": "",
            "id": "call_ZR5UUuTt3pf61kjwAJIYdVMj",
            "index": 0,
            "type": "tool_call_chunk",
        }
    ]
    assert second.tool_call_chunks == [
        {"name": None, "args": '{"', "id": None, "index": 0, "type": "tool_call_chunk"}
    ]
    assert last.response_metadata["finish_reason"] == "tool_calls"


@pytest.mark.parametrize("name", COMPLETE)
def test_any_chunking_gives_the_same_chunks(name: str) -> None:
    body = body_of(name)
    expected = chunks_of([body])
    for size in (1, 2, 7, 977, "event"):
        assert chunks_of(pieces_of(body, size)) == expected


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("openai-chat-text", "The capital of the UK is London."),
        ("groq-text", "The tool returned the expected result for the valid call."),
        ("openai-compatible-text", "4"),
        ("openrouter-reasoning-with-comments", "2 + 2 = 4"),
    ],
)
def test_text_arrives_whole(name: str, text: str) -> None:
    assert whole_of(chunks_of([body_of(name)])).content == text


def test_g06_calls_are_those_that_were_sent() -> None:
    whole = whole_of(chunks_of([body_of("openai-chat-parallel-tool-calls")]))
    assert [(call["name"], call["args"], call["id"]) for call in whole.tool_calls] == [
        ("get_country", {}, "call_3rqTYrA6H21AYUaRGP4F66oq"),
        ("get_product_name", {}, "call_Xw9XMKBJU48kAAd78WgIswDx"),
    ]
    [final] = whole_of(chunks_of([body_of("openai-chat-structured-json")])).tool_calls
    assert final["name"] == "final_result"
    assert len(final["args"]["answers"]) == 3


def test_reasoning_is_kept_apart_from_the_text() -> None:
    groq = whole_of(chunks_of([body_of("groq-text")]))
    assert groq.additional_kwargs["reasoning_content"].startswith("The user wants")
    router = whole_of(chunks_of([body_of("openrouter-reasoning-with-comments")]))
    assert router.additional_kwargs["reasoning_content"].startswith("This")
    mistral = whole_of(chunks_of([body_of("mistral-thinking")]))
    assert str(mistral.text).startswith("To cross the street safely")


def test_a_refusal_is_kept() -> None:
    stream = wire(event({"refusal": "I can"}), event({"refusal": "'t."}), event(finish="stop"), "[DONE]")
    assert whole_of(chunks_of([stream])).additional_kwargs == {"refusal": "I can't."}


def test_log_probabilities_come_with_their_chunk() -> None:
    probable = event({"content": "a"})
    probable["choices"][0]["logprobs"] = {"content": [{"token": "a", "logprob": -0.1}], "refusal": None}
    first, _ = chunks_of([wire(probable, event(finish="stop"), "[DONE]")])
    assert first.response_metadata["logprobs"]["content"] == [{"token": "a", "logprob": -0.1}]


def test_what_comes_with_the_finish_reason_is_not_lost() -> None:
    chunks = chunks_of([wire(event({"content": "a"}), event({"content": "b"}, "stop"), "[DONE]")])
    assert [chunk.content for chunk in chunks] == ["a", "b", ""]


def test_only_the_first_of_several_answers_is_streamed() -> None:
    other = event({"content": "x"}, "stop")
    other["choices"][0]["index"] = 1
    chunks = chunks_of([wire(event({"content": "a"}), other, event(finish="length"), "[DONE]")])
    assert [chunk.content for chunk in chunks] == ["a", ""]
    assert chunks[-1].response_metadata["finish_reason"] == "length"


def test_g13_repeated_usage_counts_once() -> None:
    def used(tokens: int) -> dict[str, Any]:
        return {"usage": {"prompt_tokens": 5, "completion_tokens": tokens, "total_tokens": 5 + tokens}}

    stream = wire(
        event({"content": "a"}, **used(1)),
        event({"content": "b"}, **used(2)),
        event(finish="stop", **used(3)),
    )
    assert whole_of(chunks_of([stream, b"data: [DONE]\n\n"])).usage_metadata == {
        "input_tokens": 5,
        "output_tokens": 3,
        "total_tokens": 8,
        "input_token_details": {},
        "output_token_details": {},
    }


def test_unknown_events_are_passed_over() -> None:
    ping = {"type": "ping"}
    filtered = {"choices": [], "prompt_filter_results": [{"prompt_index": 0}]}
    stream = wire(
        ping, filtered, event({"content": "a"}), event(finish="stop"), "[DONE]", {"after": "the end"}
    )
    assert [chunk.content for chunk in chunks_of([stream])] == ["a", ""]


def test_half_a_surrogate_pair_is_no_error() -> None:
    stream = b'data: {"choices":[{"index":0,"delta":{"content":"\\ud83d"},"finish_reason":null}]}\n\n'
    [chunk, _] = chunks_of([stream, b"data: [DONE]\n\n"])
    assert chunk.content == "\ud83d"


def test_events_decoded_by_others_are_taken_too() -> None:
    class Event:
        def __init__(self, plain: dict[str, Any]) -> None:
            self.plain = plain

        def model_dump(self) -> dict[str, Any]:
            return self.plain

    chunks = chunks_of([event({"content": "a"}), Event(event({"content": "b"})), Event(event(finish="stop"))])
    assert [chunk.content for chunk in chunks] == ["a", "b", ""]


# ---- ends


@pytest.mark.parametrize("name", ["openai-chat-text", "openai-chat-tool-call", "openai-compatible-text"])
def test_a_stream_cut_at_any_byte_is_whole_or_incomplete(name: str) -> None:
    body = body_of(name)
    expected = whole_of(chunks_of([body]))
    whole = 0
    for cut in range(len(body)):
        try:
            got = whole_of(chunks_of([body[:cut]], framed=False))
        except IncompleteStreamError:
            continue
        assert got == expected
        whole += 1
    assert 0 < whole <= len("[DONE]\n\n")


def test_a_finish_reason_ends_a_stream_whose_transport_tells_its_end() -> None:
    stream = wire(event({"content": "a"}), event(finish="stop"))
    assert len(chunks_of([stream], framed=True)) == 2
    with pytest.raises(IncompleteStreamError):
        chunks_of([stream], framed=False)
    with pytest.raises(IncompleteStreamError):
        chunks_of([stream + b'data: {"choices": [], "usa'], framed=True)


def test_an_empty_stream_is_incomplete() -> None:
    with pytest.raises(IncompleteStreamError):
        chunks_of([])


def test_g02_an_error_in_the_stream_comes_after_what_came_before_it() -> None:
    body = body_of("groq-error-in-band")
    for size in (1, 7, 977, "event", None):
        machine, chunks = ChatStream(), []
        with pytest.raises(ProviderError, match=r"Tool call validation failed.*\(tool_use_failed\)"):
            for piece in pieces_of(body, size):
                for chunk in machine.feed(piece):
                    chunks.append(chunk)
        assert len(chunks) == 94


@pytest.mark.parametrize(
    ("stream", "words"),
    [
        (wire({"error": {"message": "overloaded", "code": 502}}), r"overloaded \(502\)"),
        (wire({"error": "just words"}), "just words"),
        (b'event: error\ndata: {"message": "of another shape"}\n\n', "of another shape"),
        (wire({**event({"content": ""}, "error"), "error": {"message": "upstream"}}), "upstream"),
        (b"data: {broken\n\n", "no JSON object"),
        (b"data: [1]\n\n", "no JSON object"),
        (b"data: " + b"[" * 100_000 + b"\n\n", "no JSON object"),
    ],
)
def test_faults_of_the_provider_are_typed(stream: bytes, words: str) -> None:
    with pytest.raises(ProviderError, match=words):
        chunks_of([stream])


# ---- answers in one piece


def test_an_answer_in_one_piece_says_what_a_stream_of_it_says() -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}
    bad = {"id": "c2", "type": "function", "function": {"name": "g", "arguments": "{bad"}}
    usage = {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}
    message = {"role": "assistant", "content": None, "refusal": None, "tool_calls": [call, bad]}
    completion = {"id": "1", "model": "m", "usage": usage}
    [answer] = answers_of(
        {**completion, "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}]}
    )
    deltas = [{"index": place, **each} for place, each in enumerate((call, bad))]
    streamed = whole_of(chunks_of([wire(event({"tool_calls": deltas}, "tool_calls", usage=usage), "[DONE]")]))
    assert isinstance(answer, AIMessage)
    assert not isinstance(answer, AIMessageChunk)
    assert answer.content == streamed.content == ""
    assert answer.tool_calls == streamed.tool_calls
    assert answer.tool_calls[0]["args"] == {"a": 1}
    assert answer.invalid_tool_calls == streamed.invalid_tool_calls
    assert answer.invalid_tool_calls[0]["args"] == "{bad"
    assert answer.usage_metadata == streamed.usage_metadata
    assert answer.response_metadata == streamed.response_metadata
    assert answer.additional_kwargs == streamed.additional_kwargs == {}


def test_several_answers_carry_their_usage_once() -> None:
    usage = {"prompt_tokens": 3, "completion_tokens": 4}
    choices = [{"index": n, "message": {"content": str(n)}, "finish_reason": "stop"} for n in range(2)]
    first, second = answers_of({"choices": choices, "usage": usage})
    assert (first.content, second.content) == ("0", "1")
    assert isinstance(first, AIMessage)
    assert isinstance(second, AIMessage)
    assert first.usage_metadata is not None
    assert first.usage_metadata["total_tokens"] == 7
    assert second.usage_metadata is None


def test_an_answer_without_a_choice_is_an_error() -> None:
    with pytest.raises(ProviderError, match="without a choice"):
        answers_of({"choices": []})
    with pytest.raises(ProviderError, match="no credit"):
        answers_of({"error": {"message": "no credit"}})


def test_usage_keeps_what_was_reported() -> None:
    assert usage_of(
        {
            "prompt_tokens": 10,
            "completion_tokens": 5,
            "prompt_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 2},
            "completion_tokens_details": {"reasoning_tokens": 3, "audio_tokens": None},
        }
    ) == {
        "input_tokens": 10,
        "output_tokens": 5,
        "total_tokens": 15,
        "input_token_details": {"cache_read": 4, "cache_creation": 2},
        "output_token_details": {"reasoning": 3},
    }


# ---- messages out


def test_messages_are_sent_in_their_roles() -> None:
    call = {"name": "f", "args": {"a": "ü"}, "id": "c1", "type": "tool_call"}
    bad = {"name": "g", "args": "{bad", "id": "c2", "error": None, "type": "invalid_tool_call"}
    assert payload_of(
        [
            SystemMessage("s"),
            SystemMessage("d", additional_kwargs={"__openai_role__": "developer"}),
            HumanMessage("h", name="al"),
            AIMessage("", tool_calls=[call], invalid_tool_calls=[bad]),
            ToolMessage("result", tool_call_id="c1"),
            AIMessageChunk(content="a"),
        ]
    ) == [
        {"role": "system", "content": "s"},
        {"role": "developer", "content": "d"},
        {"role": "user", "content": "h", "name": "al"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a": "ü"}'}},
                {"id": "c2", "type": "function", "function": {"name": "g", "arguments": "{bad"}},
            ],
        },
        {"role": "tool", "content": "result", "tool_call_id": "c1"},
        {"role": "assistant", "content": "a"},
    ]


def test_blocks_are_sent_but_those_that_only_answers_have() -> None:
    image = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
    [message] = payload_of([AIMessage(["words", image, {"type": "thinking", "thinking": "hm"}])])
    assert message["content"] == [{"type": "text", "text": "words"}, image]


def test_a_message_without_a_role_is_refused() -> None:
    class Odd(HumanMessage):
        type = "odd"

    with pytest.raises(MessageError, match="'odd'"):
        payload_of([Odd("x")])
