"""ChatOpenAI over real HTTP, against recorded answers."""

import asyncio
import copy
import gc
import json
import math
import pickle
import socket
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, closing
from pathlib import Path
from typing import Any, TypedDict
from unittest import mock

import openai
import pytest
from pydantic import BaseModel, Field, ValidationError

from riverrun.chat_models import ChatOpenAI, _openai_sdk
from riverrun.exceptions import (
    ConfigError,
    IncompleteStreamError,
    MissingExtraError,
    MissingKeyError,
    ProviderError,
    UnknownParameterError,
)
from riverrun.messages import AIMessage, AIMessageChunk, HumanMessage, SystemMessage
from riverrun.runnables import RunnableLambda, RunnableParallel
from riverrun.testing.replay import Recording, ReplayServer, replay

RECORDED = Path(__file__).parent.parent / "recorded"
TEXT = RECORDED / "openai-chat-text.json"
ANSWER = "The capital of the UK is London."
KEY = "sk-very-secret-0123456789"

COMPLETION = {
    "id": "chatcmpl-1",
    "model": "gpt-4o-mini-2024-07-18",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Yes."}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
}
IN_ONE_PIECE = Recording(json.dumps(COMPLETION).encode(), 200, {"content-type": "application/json"}, "error")


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "OPENAI_API_KEY",
        "OPENAI_BASE_URL",
        "OPENAI_API_BASE",
        "OPENAI_ORG_ID",
        "OPENAI_ORGANIZATION",
    ):
        monkeypatch.delenv(name, raising=False)


def model_of(server: ReplayServer, **settings: Any) -> ChatOpenAI:
    return ChatOpenAI(**{"base_url": server.url, "api_key": KEY, "max_retries": 0, **settings})


def folded(chunks: list[AIMessageChunk]) -> AIMessageChunk:
    return AIMessageChunk.__fold__(chunks)


async def collect(chunks: AsyncIterator[Any]) -> list[Any]:
    return [chunk async for chunk in chunks]


# ---- streams


@pytest.mark.parametrize("chunk", [1, 2, 7, 977, "event", None])
@pytest.mark.parametrize(
    "name", ["openai-chat-text", "openai-chat-tool-call", "openrouter-reasoning-with-comments"]
)
def test_sync_and_async_streams_are_equal_however_the_bytes_come(name: str, chunk: Any) -> None:
    with replay(RECORDED / f"{name}.json", chunk=chunk) as server:
        model = model_of(server)
        one, other = list(model.stream("Hi")), asyncio.run(collect(model.astream("Hi")))
    assert one[0].id != other[0].id
    for each in (*one, *other):
        assert each.id is not None
        assert each.id.startswith("lc_run--")
        each.id = None
    assert one == other
    assert one[0].content == one[-1].content == ""
    assert one[-1].chunk_position == "last"


def test_a_byte_order_mark_and_comments_change_nothing() -> None:
    with replay(TEXT, chunk=7, prefix=b"\xef\xbb\xbf", comments="keep-alive") as server:
        assert folded(list(model_of(server).stream("Hi"))).content == ANSWER


def test_compressed_bytes_are_read() -> None:
    import gzip

    body = json.loads(TEXT.read_text())["body"].encode()
    with replay(
        Recording(gzip.compress(body), 200, {"content-type": "text/event-stream"}, "x"), chunk=50
    ) as server:
        server._headers = {"Content-Encoding": "gzip"}
        assert folded(list(model_of(server).stream("Hi"))).content == ANSWER


def test_g13_usage_is_on_the_whole_message() -> None:
    with replay(TEXT) as server:
        usage = folded(list(model_of(server).stream("Hi"))).usage_metadata
    assert usage is not None
    assert (usage["input_tokens"], usage["output_tokens"], usage["total_tokens"]) == (78, 9, 87)


@pytest.mark.parametrize("framing", ["chunked", "close"])
def test_a_cut_stream_is_never_a_success(framing: Any) -> None:
    body = json.loads(TEXT.read_text())["body"].encode()
    for cut in range(0, len(body) - len(b"data: [DONE]\n\n"), 311):
        with replay(TEXT, cut=cut, framing=framing, chunk=None) as server:
            model = model_of(server)
            with pytest.raises(IncompleteStreamError):
                list(model.stream("Hi"))
            with pytest.raises(IncompleteStreamError):
                asyncio.run(collect(model.astream("Hi")))


def test_g02_what_came_before_a_cut_was_handed_out() -> None:
    body = json.loads(TEXT.read_text())["body"].encode()
    with replay(TEXT, cut=body.index(b" London")) as server:
        got = []
        with pytest.raises(IncompleteStreamError):
            for chunk in model_of(server).stream("Hi"):
                got.append(chunk)
        assert folded(got).content == "The capital of the UK is"


def test_an_error_in_the_stream_is_raised_and_its_connection_closed() -> None:
    with replay(RECORDED / "groq-error-in-band.json", stall=10**6) as server:
        model = model_of(server)
        with pytest.raises(ProviderError, match="Tool call validation failed"):
            list(model.stream("Hi"))
        with pytest.raises(ProviderError, match="Tool call validation failed"):
            asyncio.run(collect(model.astream("Hi")))
        assert server.wait_closed()
        assert [connection.closed_by for connection in server.connections] == ["client", "client"]


def test_connections_are_used_again() -> None:
    with replay([TEXT, TEXT, IN_ONE_PIECE]) as server:
        for _ in range(2):
            list(model_of(server).stream("Hi"))  # models share them
        assert model_of(server).invoke("Hi").content == "Yes."
        assert len(server.connections) == 1

    async def thrice(server: ReplayServer) -> None:
        for _ in range(2):
            await collect(model_of(server).astream("Hi"))
        assert (await model_of(server).ainvoke("Hi")).content == "Yes."

    with replay([TEXT, TEXT, IN_ONE_PIECE]) as server:
        asyncio.run(thrice(server))
        assert len(server.connections) == 1


# ---- stopping


def test_g01_closing_a_stream_closes_its_connection() -> None:
    with replay(TEXT, delay=5.0) as server:
        chunks = model_of(server).stream("Hi")
        next(chunks)
        chunks.close()  # type: ignore[attr-defined]  # the iterator is a generator
        [connection] = server.connections
        assert connection.wait_closed()
        assert (connection.closed_by, connection.events) == ("client", 1)


def test_g01_break_closes_the_connection() -> None:
    with replay(TEXT, delay=5.0) as server:
        for _ in model_of(server).stream("Hi"):
            break
        assert server.wait_closed()


def test_g01_break_in_async_for_closes_the_connection() -> None:
    async def main(server: ReplayServer) -> None:
        async for _ in model_of(server).astream("Hi"):
            break
        assert await asyncio.to_thread(server.wait_closed)

    with replay(TEXT, delay=5.0) as server:
        asyncio.run(main(server))
        assert server.connections[0].events == 1


def test_g01_aclose_leaves_no_task_and_no_connection() -> None:
    async def main(server: ReplayServer) -> None:
        async with aclosing(model_of(server).astream("Hi")) as chunks:
            await anext(chunks)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        assert await asyncio.to_thread(server.wait_closed)

    with replay(TEXT, delay=5.0) as server:
        asyncio.run(main(server))


@pytest.mark.parametrize("where", [{"latency": math.inf}, {"stall": 0}, {"stall": 600}], ids=str)
@pytest.mark.parametrize("method", ["ainvoke", "astream"])
def test_g01_cancelling_a_task_closes_the_connection(where: Any, method: str) -> None:
    async def main(server: ReplayServer) -> None:
        model = model_of(server)
        work = model.ainvoke("Hi") if method == "ainvoke" else collect(model.astream("Hi"))
        task = asyncio.ensure_future(work)
        await asyncio.to_thread(server.wait_asked)
        await asyncio.sleep(0.005)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert asyncio.all_tasks() == {asyncio.current_task()}
        assert await asyncio.to_thread(server.wait_closed)

    with replay(TEXT, **where) as server:
        asyncio.run(main(server))
        assert server.connections[0].closed_by == "client"


@pytest.mark.parametrize("where", [{"latency": math.inf}, {"stall": 600}], ids=str)
@pytest.mark.parametrize("method", ["invoke", "stream"])
def test_g01_a_failed_branch_stops_a_blocked_sibling(where: Any, method: str) -> None:
    with replay(TEXT, **where) as server:

        def fail(x: Any) -> None:
            while not server.requests:
                time.sleep(0.001)
            raise ZeroDivisionError

        both = RunnableParallel(model=model_of(server), failing=RunnableLambda(fail))
        began = time.monotonic()
        with pytest.raises(ZeroDivisionError):
            both.invoke("Hi") if method == "invoke" else list(both.stream("Hi"))
        assert time.monotonic() - began < 0.9
        assert server.wait_closed()
        assert len(server.requests) == 1  # the SDK did not try again


def test_g01_a_sync_model_stops_under_asyncio() -> None:
    class SyncOnly(ChatOpenAI):
        def _stream(self, *args: Any, **kwargs: Any) -> Iterator[Any]:
            return super()._stream(*args, **kwargs)

        _astream = ChatOpenAI.__mro__[1]._astream  # type: ignore[attr-defined]  # as if it had none

    async def main(server: ReplayServer) -> None:
        model = SyncOnly(base_url=server.url, api_key=KEY)
        async with aclosing(model.astream("Hi")) as chunks:
            await anext(chunks)
        assert await asyncio.to_thread(server.wait_closed)

    with replay(TEXT, stall=900) as server:
        asyncio.run(main(server))


def test_an_error_of_the_reader_closes_the_connection() -> None:
    with replay(TEXT, delay=5.0) as server:
        with pytest.raises(ZeroDivisionError), closing(model_of(server).stream("Hi")) as chunks:  # type: ignore[type-var]
            for _ in chunks:
                raise ZeroDivisionError
        assert server.wait_closed()


def test_one_model_serves_loop_after_loop() -> None:
    with replay(TEXT) as server:
        model = model_of(server)
        for loops in (1, 2):
            assert folded(asyncio.run(collect(model.astream("Hi")))).content == ANSWER
            assert server.wait_closed()
            assert len(server.connections) == loops
    gc.collect()  # warns of what was left open


# ---- answers in one piece


def test_invoke_does_not_stream() -> None:
    with replay(IN_ONE_PIECE) as server:
        model = model_of(server)
        one, other = model.invoke("Hi"), asyncio.run(model.ainvoke("Hi"))
        assert all("stream" not in request.json() for request in server.requests)
    for answer in (one, other):
        assert type(answer) is AIMessage
        assert answer.content == "Yes."
        assert answer.usage_metadata is not None
        assert answer.usage_metadata["total_tokens"] == 5
        assert answer.response_metadata["finish_reason"] == "stop"
        assert answer.response_metadata["model_name"] == "gpt-4o-mini-2024-07-18"
        assert answer.response_metadata["token_usage"] == COMPLETION["usage"]


def test_invoke_streams_when_told_to() -> None:
    with replay(TEXT) as server:
        model = model_of(server, streaming=True)
        for answer in (model.invoke("Hi"), asyncio.run(model.ainvoke("Hi"))):
            assert type(answer) is AIMessage
            assert answer.content == ANSWER
        assert server.requests[0].json()["stream"] is True


def test_g09_the_whole_of_a_stream_is_the_answer_of_invoke() -> None:
    with replay(TEXT) as server:
        model = model_of(server)
        streamed, invoked = (
            folded(list(model.stream("Hi"))),
            model.invoke("Hi"),
        )  # a server that always streams
    for field in ("content", "tool_calls", "usage_metadata", "response_metadata", "additional_kwargs"):
        assert getattr(streamed, field) == getattr(invoked, field)


def test_generate_gives_all_answers() -> None:
    choice = COMPLETION["choices"][0]  # type: ignore[index]
    two = {**COMPLETION, "choices": [choice, {**choice, "index": 1, "message": {"content": "No."}}]}
    recording = Recording(json.dumps(two).encode(), 200, {"content-type": "application/json"}, "error")
    with replay(recording) as server:
        result = model_of(server, n=2)._generate([HumanMessage("Hi")])
        assert server.requests[0].json()["n"] == 2
    assert [generation.message.content for generation in result.generations] == ["Yes.", "No."]
    assert result.generations[0].generation_info == {"finish_reason": "stop"}
    assert result.llm_output is not None
    assert result.llm_output["token_usage"] == COMPLETION["usage"]


# ---- requests


def asked(**settings: Any) -> dict[str, Any]:
    """The body of the request that a model with these settings makes."""
    with replay(IN_ONE_PIECE) as server:
        model_of(server, **settings).invoke("Hi")
        body: dict[str, Any] = server.requests[0].json()
    return body


def test_a_request_says_what_was_set_and_nothing_else() -> None:
    assert asked() == {"model": "gpt-3.5-turbo", "messages": [{"role": "user", "content": "Hi"}]}
    assert asked(
        model="gpt-4o",
        temperature=0,
        top_p=0.1,
        max_tokens=10,
        n=2,
        stop=["x"],
        seed=3,
        presence_penalty=0.1,
        frequency_penalty=0.2,
        logit_bias={1: 2},
        logprobs=True,
        top_logprobs=2,
        user="u",
        reasoning_effort="low",
        service_tier="auto",
        extra_body={"top_k": 4},
        model_kwargs={"metadata": {"a": "b"}},
    ) == {
        "model": "gpt-4o",
        "messages": [{"role": "user", "content": "Hi"}],
        "temperature": 0,
        "top_p": 0.1,
        "max_completion_tokens": 10,
        "n": 2,
        "stop": ["x"],
        "seed": 3,
        "presence_penalty": 0.1,
        "frequency_penalty": 0.2,
        "logit_bias": {"1": 2},
        "logprobs": True,
        "top_logprobs": 2,
        "user": "u",
        "reasoning_effort": "low",
        "service_tier": "auto",
        "top_k": 4,
        "metadata": {"a": "b"},
    }


def test_the_recorded_request_is_made_again() -> None:
    recorded = json.loads(json.loads((RECORDED / "openai-chat-tool-call.json").read_text())["request_body"])
    with replay(RECORDED / "openai-chat-tool-call.json") as server:
        model = model_of(server, model="gpt-4o-mini", stream_usage=True)
        list(
            model.bind_tools(recorded["tools"], tool_choice="auto").stream(recorded["messages"][0]["content"])
        )
        assert server.requests[0].json() == recorded


def test_what_a_call_is_given_goes_before_what_the_model_was() -> None:
    with replay(TEXT) as server:
        model = model_of(server, model="m", temperature=1, stop=["a"])
        list(model.bind(temperature=0, max_tokens=5, model_name="other", top_k=3).stream("Hi", stop=["b"]))
        assert server.requests[0].json() == {
            "model": "other",
            "messages": [{"role": "user", "content": "Hi"}],
            "temperature": 0,
            "max_completion_tokens": 5,
            "stop": ["b"],
            "top_k": 3,
            "stream": True,
        }


def test_usage_is_asked_of_openai_and_where_told_to() -> None:
    def options(**given: Any) -> Any:
        with replay(TEXT) as server:
            model = model_of(server, **given.pop("settings", {}))
            list(model.stream("Hi", **given))
            return server.requests[0].json().get("stream_options")

    assert options() is None
    assert options(settings={"stream_usage": True}) == {"include_usage": True}
    assert options(stream_usage=True) == {"include_usage": True}
    assert options(settings={"stream_usage": True}, stream_usage=False) is None
    request = ChatOpenAI(api_key=KEY)._request([HumanMessage("Hi")], None, {}, stream=True)
    assert request["stream_options"] == {"include_usage": True}


def test_headers_and_query_are_sent() -> None:
    with replay(IN_ONE_PIECE) as server:
        settings = {
            "default_headers": {"x-mine": "yes"},
            "default_query": {"v": "1"},
            "organization": "org-1",
        }
        model_of(server, **settings).invoke([SystemMessage("s"), HumanMessage("Hi")])
        [request] = server.requests
    assert request.path == "/chat/completions?v=1"
    assert request.headers["x-mine"] == "yes"
    assert request.headers["openai-organization"] == "org-1"
    assert request.headers["authorization"] == f"Bearer {KEY}"


def test_failed_requests_are_made_again() -> None:
    with replay(TEXT, status=503, failures=2, headers={"retry-after-ms": "1"}) as server:
        assert folded(list(model_of(server, max_retries=2).stream("Hi"))).content == ANSWER
        assert len(server.requests) == 3


# ---- parameters


def test_parameters_have_both_of_the_names_that_users_know() -> None:
    one = ChatOpenAI(
        model="m", api_key=KEY, base_url="http://a", organization="o", timeout=3, max_tokens=4, stop=["x"]
    )
    other = ChatOpenAI(
        model_name="m",
        openai_api_key=KEY,
        openai_api_base="http://a",
        openai_organization="o",
        request_timeout=3,
        max_completion_tokens=4,
        stop_sequences=["x"],
    )
    assert one == other
    assert (one.model, one.model_name) == ("m", "m")
    assert one.openai_api_key is not None
    assert one.openai_api_key.get_secret_value() == KEY


def test_no_model_name_is_needed() -> None:
    assert ChatOpenAI(api_key=KEY).model_name == "gpt-3.5-turbo"


@pytest.mark.parametrize(
    ("slip", "meant"),
    [("temprature", "temperature"), ("modle", "model"), ("max_token", "max_tokens"), ("api_keys", "api_key")],
)
def test_a_near_miss_is_refused(slip: str, meant: str) -> None:
    with pytest.raises(UnknownParameterError, match=f"no parameter '{slip}'; did you mean '{meant}'"):
        ChatOpenAI(**{"api_key": KEY, slip: 1})


def test_a_near_miss_in_a_call_is_refused_before_a_request_is_made() -> None:
    model = ChatOpenAI(api_key=KEY, base_url="http://127.0.0.1:9")
    for call in (lambda: model.invoke("x", temprature=1), lambda: model.bind(stpo=["a"]).invoke("x")):
        with pytest.raises(UnknownParameterError, match=r"did you mean '(temperature|stop)'"):
            call()


def test_an_unknown_parameter_is_passed_on_with_a_warning() -> None:
    with pytest.warns(UserWarning, match="'top_k'.*model_kwargs") as caught:
        model = ChatOpenAI(api_key=KEY, top_k=4, model_kwargs={"a": 1})
    assert model.model_kwargs == {"a": 1, "top_k": 4}
    assert caught[0].filename == __file__


def test_a_value_of_the_wrong_type_is_refused() -> None:
    with pytest.raises(ValidationError, match="temperature"):
        ChatOpenAI(api_key=KEY, temperature="hot")


def test_the_environment_stands_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", "http://b")
    monkeypatch.setenv("OPENAI_ORG_ID", "o")
    model = ChatOpenAI(api_key=None)
    assert model._secret() == KEY
    assert (model.openai_api_base, model.openai_organization) == ("http://b", "o")
    monkeypatch.setenv("OPENAI_API_BASE", "http://a")
    assert ChatOpenAI().openai_api_base == "http://a"
    assert ChatOpenAI(base_url="http://c").openai_api_base == "http://c"


def test_a_missing_key_is_named_at_construction() -> None:
    with pytest.raises(MissingKeyError, match="OPENAI_API_KEY") as caught:
        ChatOpenAI()
    assert isinstance(caught.value, ValueError)
    with pytest.raises(MissingKeyError):
        ChatOpenAI(api_key="")


def test_a_missing_package_names_its_extra() -> None:
    _openai_sdk.sdk.cache_clear()
    with mock.patch.dict(sys.modules, {"openai": None}):
        model = ChatOpenAI(api_key=KEY)  # nothing is needed yet
        with pytest.raises(MissingExtraError, match=r"riverrun\[openai\]"):
            model.invoke("Hi")


def test_the_package_is_imported_with_the_first_request() -> None:
    code = (
        "import sys; from riverrun.chat_models import ChatOpenAI; ChatOpenAI(api_key='k');"
        "print(sorted({'openai', 'httpx', 'httpx2', 'anyio'} & sys.modules.keys()))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_g22_the_first_request_does_not_hold_up_the_loop() -> None:
    code = """
import asyncio, sys, time
from riverrun.chat_models import ChatOpenAI
from riverrun.testing.replay import replay

async def main(url):
    gaps = []
    async def heart():
        while True:
            began = time.monotonic()
            await asyncio.sleep(0.01)
            gaps.append(time.monotonic() - began)
    beating = asyncio.ensure_future(heart())
    await ChatOpenAI(base_url=url, api_key="k").ainvoke("Hi")
    beating.cancel()
    return max(gaps)

with replay(sys.argv[1]) as server:
    print(asyncio.run(main(server.url)))
"""
    run = subprocess.run([sys.executable, "-c", code, TEXT], capture_output=True, text=True, check=True)
    assert float(run.stdout) < 0.15  # half a second without


def test_a_module_without_the_name_says_so() -> None:
    import riverrun.chat_models

    with pytest.raises(AttributeError, match="no attribute 'ChatNobody'"):
        _ = riverrun.chat_models.ChatNobody
    assert "ChatOpenAI" in dir(riverrun.chat_models)


# ---- errors


def text_of(error: BaseException) -> str:
    """Everything that a log would show of an error."""
    import traceback

    return "".join(traceback.format_exception(error)) + repr(error)


def test_an_unreachable_server_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    model = ChatOpenAI(base_url=f"http://user:password@127.0.0.1:{port}/v1", api_key=KEY, max_retries=0)
    for work in (
        lambda: model.invoke("Hi"),
        lambda: list(model.stream("Hi")),
        lambda: asyncio.run(model.ainvoke("Hi")),
    ):
        with pytest.raises(openai.APIConnectionError) as caught:
            work()
        said = text_of(caught.value)
        assert f"http://127.0.0.1:{port}/v1/ could not be reached" in said
        assert "OPENAI_BASE_URL" in said
        assert KEY not in said
        assert "password" not in said


def test_a_refused_key_is_explained_and_not_repeated() -> None:
    body = json.dumps({"error": {"message": f"Incorrect API key provided: {KEY}", "code": "invalid_api_key"}})
    refusal = Recording(body.encode(), 401, {"content-type": "application/json"}, "error")
    with replay(refusal) as server, pytest.raises(openai.AuthenticationError) as caught:
        model_of(server).invoke("Hi")
    said = text_of(caught.value) + str(caught.value.body) + caught.value.message
    assert "check api_key= (OPENAI_API_KEY)" in said
    assert "Incorrect API key provided: **********" in said
    assert KEY not in said


def test_a_key_that_can_not_be_sent_is_not_repeated() -> None:
    with replay(TEXT) as server:
        for key in (f"{KEY}\n", f"“{KEY}”"):
            with pytest.raises((openai.APIConnectionError, UnicodeEncodeError)) as caught:
                model_of(server, api_key=key).invoke("Hi")
            assert KEY not in text_of(caught.value)


def test_a_page_in_place_of_an_answer_is_no_answer() -> None:
    page = Recording(b"<html>Welcome</html>", 200, {"content-type": "text/html"}, "error")
    with replay(page) as server:
        for work in (lambda: model_of(server).invoke("Hi"), lambda: list(model_of(server).stream("Hi"))):
            with pytest.raises(IncompleteStreamError, match="is base_url right"):
                work()


def test_a_key_echoed_in_a_stream_is_not_repeated() -> None:
    body = f'data: {{"error": {{"message": "bad key {KEY}"}}}}\n\n'
    with (
        replay(Recording(body.encode())) as server,
        pytest.raises(ProviderError, match=r"bad key \*+") as caught,
    ):
        list(model_of(server).stream("Hi"))
    assert KEY not in text_of(caught.value)


def test_a_missing_model_is_named() -> None:
    with replay(TEXT, status=404) as server, pytest.raises(openai.NotFoundError) as caught:
        model_of(server, model="gpt-none").invoke("Hi")
    assert "asked for the model 'gpt-none'" in text_of(caught.value)


@pytest.mark.parametrize("where", [{"latency": math.inf}, {"stall": 600}], ids=str)
def test_a_timeout_is_an_error_of_the_sdk(where: Any) -> None:
    with replay(TEXT, **where) as server:
        model = model_of(server, timeout=0.02)
        for work in (lambda: list(model.stream("Hi")), lambda: asyncio.run(collect(model.astream("Hi")))):
            with pytest.raises(openai.APITimeoutError) as caught:
                work()
            assert "timeout= sets the limit" in text_of(caught.value)
        assert server.wait_closed()


def test_an_error_status_passes_as_the_sdk_raises_it() -> None:
    said = "decimal below minimum value"
    with (
        replay(RECORDED / "openai-http-400.json") as server,
        pytest.raises(openai.BadRequestError, match=said),
    ):
        list(model_of(server).stream("Hi"))


def test_the_key_is_never_printed() -> None:
    model = ChatOpenAI(api_key=KEY, default_headers={"authorization": f"Bearer {KEY}"})
    _ = model.client
    for text in (repr(model), str(model), str(model.model_dump()["openai_api_key"]), model.model_dump_json()):
        assert KEY not in text.replace(f"Bearer {KEY}", "") or "default_headers" in text
    assert KEY not in repr(model)


# ---- clients


def test_patches_of_create_are_used() -> None:
    def create(self: Any, **request: Any) -> Any:
        assert request["model"] == "m"
        if request.get("stream"):
            return iter([event("a"), event("b"), event("", "stop")])
        return openai.types.chat.ChatCompletion.model_validate(
            {**COMPLETION, "object": "chat.completion", "created": 1}
        )

    def event(content: str, finish: str | None = None) -> Any:
        choice = {"index": 0, "delta": {"content": content}, "finish_reason": finish}
        plain = {
            "id": "1",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": "m",
            "choices": [choice],
        }
        return openai.types.chat.ChatCompletionChunk.model_validate(plain)

    with mock.patch("openai.resources.chat.completions.Completions.create", create):
        model = ChatOpenAI(model="m", api_key=KEY)
        assert model.invoke("Hi").content == "Yes."
        assert [chunk.content for chunk in model.stream("Hi")] == ["a", "b", ""]


def test_a_wrapped_stream_is_read_through_its_wrapper() -> None:
    seen: list[str] = []

    class Wrapped:
        """What instrumentation makes of a stream."""

        def __init__(self, stream: Any) -> None:
            self.stream = stream

        def __iter__(self) -> Iterator[Any]:
            for each in self.stream:
                seen.append(type(each).__name__)
                yield each

        def __aiter__(self) -> AsyncIterator[Any]:
            async def each_of() -> AsyncIterator[Any]:
                async for each in self.stream:
                    seen.append(type(each).__name__)
                    yield each

            return each_of()

        def close(self) -> Any:
            return self.stream.close()

    original = openai.resources.chat.completions.Completions.create
    original_async = openai.resources.chat.completions.AsyncCompletions.create

    async def acreate(self: Any, **request: Any) -> Any:
        return Wrapped(await original_async(self, **request))

    with (
        mock.patch.object(
            openai.resources.chat.completions.Completions,
            "create",
            lambda self, **request: Wrapped(original(self, **request)),
        ),
        mock.patch.object(openai.resources.chat.completions.AsyncCompletions, "create", acreate),
        replay(TEXT) as server,
    ):
        model = model_of(server)
        assert folded(list(model.stream("Hi"))).content == ANSWER
        assert folded(asyncio.run(collect(model.astream("Hi")))).content == ANSWER
    assert set(seen) == {"ChatCompletionChunk"}
    assert len(seen) == 22


def test_a_client_can_be_put_in_place_of_the_official_one() -> None:
    model = ChatOpenAI(api_key=KEY)
    fake = mock.Mock()
    fake.create.return_value = COMPLETION
    with mock.patch.object(model, "client", fake):
        assert model.invoke("Hi").content == "Yes."
    assert model.client is model.root_client.chat.completions
    model.async_client = mock.Mock(create=mock.AsyncMock(return_value=COMPLETION))
    assert asyncio.run(model.ainvoke("Hi")).content == "Yes."
    del model.async_client
    assert model.async_client is model.root_async_client.chat.completions


def test_own_http_clients_are_used_and_left_open() -> None:
    with replay(TEXT) as server, openai.DefaultHttpxClient(headers={"x-own": "1"}) as client:
        assert folded(list(model_of(server, http_client=client).stream("Hi"))).content == ANSWER
        assert server.requests[0].headers["x-own"] == "1"
        assert not client.is_closed


def test_a_changed_setting_makes_another_client() -> None:
    model = ChatOpenAI(api_key=KEY)
    first = model.root_client
    assert model.root_client is first
    model.openai_api_base = "http://elsewhere/v1"
    assert str(model.root_client.base_url) == "http://elsewhere/v1/"


def test_copies_and_pickles_work_without_the_clients() -> None:
    with replay(IN_ONE_PIECE) as server:
        model = model_of(server)
        model.invoke("Hi")
        for twin in (
            copy.copy(model),
            copy.deepcopy(model),
            pickle.loads(pickle.dumps(model)),
            model.model_copy(),
        ):
            assert twin == model
            assert twin.invoke("Hi").content == "Yes."


def test_threads_share_a_model() -> None:
    with replay(TEXT) as server:
        model, answers = model_of(server), []
        work = lambda: answers.append(folded(list(model.stream("Hi"))).content)
        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert answers == [ANSWER] * 8


# ---- tools


class Weather(BaseModel):
    """Tell the weather."""

    city: str = Field(description="Where")
    days: int = 1


class Typed(TypedDict):
    """Tell the time."""

    zone: str


def add(a: int, b: int = 2) -> int:
    """Add two numbers."""
    return a + b


def test_tools_are_described_to_the_model() -> None:
    given = [
        {"type": "function", "function": {"name": "as_is"}},
        {"name": "bare", "parameters": {"type": "object"}},
    ]
    bound: Any = ChatOpenAI(api_key=KEY).bind_tools([*given, Weather, Typed, add])
    weather = {"city": {"description": "Where", "type": "string"}, "days": {"default": 1, "type": "integer"}}
    number = {"type": "integer"}
    assert bound.kwargs["tools"] == [
        given[0],
        {"type": "function", "function": given[1]},
        function("Weather", "Tell the weather.", weather, ["city"]),
        function("Typed", "Tell the time.", {"zone": {"type": "string"}}, ["zone"]),
        function("add", "Add two numbers.", {"a": number, "b": {"default": 2, **number}}, ["a"]),
    ]


def function(name: str, description: str, properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    parameters = {"properties": properties, "required": required, "type": "object"}
    return {
        "type": "function",
        "function": {"name": name, "description": description, "parameters": parameters},
    }


@pytest.mark.parametrize(
    ("choice", "sent"),
    [
        ("any", "required"),
        (True, "required"),
        ("auto", "auto"),
        ("add", {"type": "function", "function": {"name": "add"}}),
        (
            {"type": "function", "function": {"name": "add"}},
            {"type": "function", "function": {"name": "add"}},
        ),
    ],
)
def test_a_choice_of_tools_is_put_as_the_api_wants_it(choice: Any, sent: Any) -> None:
    bound: Any = ChatOpenAI(api_key=KEY).bind_tools(
        [add], tool_choice=choice, strict=True, parallel_tool_calls=False
    )
    assert bound.kwargs["tool_choice"] == sent
    assert bound.kwargs["parallel_tool_calls"] is False
    assert bound.kwargs["tools"][0]["function"]["strict"] is True
    assert bound.kwargs["tools"][0]["function"]["parameters"]["additionalProperties"] is False


def test_what_is_no_tool_is_refused() -> None:
    for wrong in (3, {"description": "nameless"}):
        with pytest.raises(ConfigError):
            ChatOpenAI(api_key=KEY).bind_tools([wrong])  # type: ignore[list-item]


# ---- metadata


def test_traces_know_the_model() -> None:
    model = ChatOpenAI(api_key=KEY, temperature=0.5, max_tokens=10, stop="x")
    assert model._get_ls_params() == {
        "ls_provider": "openai",
        "ls_model_name": "gpt-3.5-turbo",
        "ls_model_type": "chat",
        "ls_temperature": 0.5,
        "ls_max_tokens": 10,
        "ls_stop": ["x"],
    }
    assert model._get_ls_params(stop=["y"], temperature=0)["ls_stop"] == ["y"]
    assert model._get_ls_params(temperature=0)["ls_temperature"] == 0
    assert ChatOpenAI(api_key=KEY)._get_ls_params() == {
        "ls_provider": "openai",
        "ls_model_name": "gpt-3.5-turbo",
        "ls_model_type": "chat",
    }
    assert model._llm_type == "openai-chat"


def test_no_warning_comes_with_ordinary_use() -> None:
    with warnings.catch_warnings(), replay(RECORDED / "mistral-thinking.json") as server:
        warnings.simplefilter("error")
        assert str(folded(list(model_of(server).stream("Hi"))).text).startswith("To cross the street")


def test_tools_are_a_list_and_a_choice_is_one_of_them() -> None:
    model = ChatOpenAI(api_key=KEY)

    def look(place: str) -> str:
        """Look somewhere."""
        return place

    with pytest.raises(ConfigError, match="a list of tools"):
        model.bind_tools(look)  # type: ignore[arg-type]  # what is tested
    with pytest.raises(ConfigError, match="'lok' is no tool of \\['look'\\]"):
        model.bind_tools([look], tool_choice="lok")
    assert model.bind_tools([look], tool_choice="look").kwargs["tool_choice"]["function"] == {"name": "look"}  # type: ignore[attr-defined]  # of a binding
