"""The HTTP clients that models share."""

import asyncio
import gc
import math
import threading
from collections.abc import Iterator
from contextvars import copy_context
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import anyio
import anyio.to_thread
import httpx
import httpx2
import pytest

from riverrun._backends.protocol import Closed, Stop
from riverrun._engine.run import current
from riverrun.chat_models import _http
from riverrun.testing.replay import ReplayServer, replay

TEXT = Path(__file__).parent.parent / "recorded" / "openai-chat-text.json"


@pytest.fixture(params=[httpx, httpx2], ids=["httpx", "httpx2"])
def library(request: pytest.FixtureRequest) -> Iterator[Any]:
    yield request.param
    _http.sync_client(request.param).close()
    _http._forget()


def within_a_run(stop: Stop, work: Any, *args: Any) -> threading.Thread:
    """Call `work` in a thread, as the user code of a run that can be told to stop."""
    context = copy_context()
    context.run(current.set, SimpleNamespace(stop=stop))
    thread = threading.Thread(target=context.run, args=(work, *args))
    thread.start()
    return thread


async def read(client: Any, server: ReplayServer) -> bytes:
    response = await client.get(server.url)
    body: bytes = response.content
    return body


def test_sync_code_shares_one_client(library: Any) -> None:
    assert _http.sync_client(library) is _http.sync_client(library)
    assert isinstance(_http.sync_client(library), library.Client)
    assert isinstance(_http.async_client(library), library.AsyncClient)


@pytest.mark.parametrize(
    "where", [{"latency": math.inf}, {"stall": 100}], ids=["before the headers", "in the body"]
)
def test_g01_a_blocked_read_ends_when_its_run_is_told_to_stop(library: Any, where: Any) -> None:
    stop, errors = Stop(), []
    client = _http.sync_client(library)

    def work() -> None:
        try:
            client.get(server.url)
        except BaseException as error:
            errors.append(type(error))

    with replay(TEXT, **where) as server:
        thread = within_a_run(stop, work)
        assert server.wait_asked()
        stop.tell()
        thread.join(1)
        assert errors == [Closed]
        assert server.wait_closed()
        assert server.connections[0].closed_by == "client"


@pytest.mark.parametrize(
    "where", [{"latency": math.inf}, {"stall": 100}], ids=["before the headers", "in the body"]
)
def test_g01_a_blocked_read_ends_when_the_task_that_waits_for_its_thread_is_cancelled(
    library: Any, where: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_http, "CANCEL_LATENCY", 0.01)

    async def main() -> None:
        client = _http.sync_client(library)
        with anyio.move_on_after(0.02) as scope:
            await anyio.to_thread.run_sync(client.get, server.url)
        assert scope.cancelled_caught

    with replay(TEXT, **where) as server:
        asyncio.run(main())
        assert server.wait_closed()
        assert server.connections[0].closed_by == "client"


def test_reads_in_worker_threads_keep_their_timeout(library: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_http, "CANCEL_LATENCY", 0.005)

    def get(delay: float) -> None:
        with replay(TEXT, delay=delay) as server:
            assert _http.sync_client(library).get(server.url, timeout=0.03).content

    asyncio.run(anyio.to_thread.run_sync(get, 0.008))
    with pytest.raises(library.ReadTimeout):
        asyncio.run(anyio.to_thread.run_sync(get, 5.0))


def test_a_told_run_does_not_read_at_all(library: Any) -> None:
    stop = Stop()
    stop.tell()
    with replay(TEXT) as server:
        context = copy_context()
        context.run(current.set, SimpleNamespace(stop=stop))
        with pytest.raises(Closed):
            context.run(_http.sync_client(library).get, server.url)


def test_a_drained_connection_is_used_again(library: Any) -> None:
    client = _http.sync_client(library)
    with replay(TEXT) as server:
        for _ in range(3):
            with client.stream("GET", server.url) as response:
                pieces = response.iter_bytes()
                while b"[DONE]" not in next(pieces):
                    pass
                _http.drain(response, pieces)
        assert len(server.connections) == 1


def test_draining_gives_up_on_a_body_without_end(library: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_http, "DRAIN_LIMIT", 0.01)
    client = _http.sync_client(library)
    with replay(TEXT, stall=10**6) as server:
        with client.stream("GET", server.url) as response:
            pieces = response.iter_bytes()
            while b"[DONE]" not in next(pieces):
                pass
            _http.drain(response, pieces)
        assert server.wait_closed()
    with replay(TEXT, stall=10**6) as server:

        async def stalled() -> None:
            async with _http.async_client(library).stream("GET", server.url) as response:
                pieces = response.aiter_bytes()
                while b"[DONE]" not in await anext(pieces):
                    pass
                await _http.drain_async(pieces)

        asyncio.run(stalled())
        assert server.wait_closed()


def test_one_async_client_serves_loop_after_loop_and_leaves_nothing_open(library: Any) -> None:
    client = _http.async_client(library)
    with replay(TEXT) as server:

        async def twice() -> None:
            assert await read(client, server) == await read(client, server)

        for loops in (1, 2, 3):
            asyncio.run(twice())
            assert len(server.connections) == loops  # one per loop, shared by its requests
            assert server.wait_closed()
            assert not _http._clients
    gc.collect()  # warns of what was left open


def test_loops_in_different_threads_have_clients_of_their_own(library: Any) -> None:
    client = _http.async_client(library)
    with replay(TEXT, delay=0.001) as server:
        threads = [threading.Thread(target=asyncio.run, args=(read(client, server),)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(server.connections) == 4
        assert server.wait_closed()


def test_a_loop_that_went_without_closing_its_generators_is_forgotten() -> None:
    async def make() -> None:
        await _http._client_of_this_loop(httpx2)

    loop = asyncio.new_event_loop()
    loop.run_until_complete(make())
    loop.close()
    assert len(_http._clients) == 1
    asyncio.run(make())
    assert not _http._clients


def test_a_forked_child_makes_a_client_of_its_own() -> None:
    parents = _http.sync_client(httpx2)
    _http._forget()  # registered to run in the child
    childs = _http.sync_client(httpx2)
    assert childs is not parents
    parents.close()
    childs.close()
    _http._forget()


def test_the_end_of_a_body_is_told_by_its_framing() -> None:
    def response(version: str = "HTTP/1.1", **headers: str) -> Any:
        return SimpleNamespace(
            http_version=version, headers={k.replace("_", "-"): v for k, v in headers.items()}
        )

    assert _http.is_framed(response(transfer_encoding="chunked"))
    assert _http.is_framed(response(content_length="3"))
    assert _http.is_framed(response("HTTP/2"))
    assert not _http.is_framed(response(connection="close"))
