"""The replay server, seen from a client that speaks HTTP by hand."""

import http.client
import json
import math
import socket
import threading
import time
from pathlib import Path

import pytest

from riverrun.testing.replay import Recording, ReplayServer, replay

RECORDED = Path(__file__).parent.parent / "recorded"
TEXT = RECORDED / "openai-chat-text.json"
BODY = json.loads(TEXT.read_text())["body"].encode()
EVENTS = [event + b"\n\n" for event in BODY.split(b"\n\n")[:-1]]


def ask(
    server: ReplayServer, path: str = "/v1/chat/completions", body: bytes = b"{}"
) -> http.client.HTTPConnection:
    client = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=2)
    client.request("POST", path, body, {"content-type": "application/json", "x-mine": "yes"})
    return client


def answer(server: ReplayServer) -> tuple[int, bytes]:
    client = ask(server)
    try:
        response = client.getresponse()
        return response.status, response.read()
    finally:
        client.close()


def chunks(server: ReplayServer) -> list[bytes]:
    """The chunks of a chunked body, from the bytes of the socket."""
    client = ask(server)
    response = client.getresponse()
    found = []
    while size := int(response.fp.readline(), 16):
        found.append(response.fp.read(size))
        response.fp.readline()
    response.close()
    client.close()
    return found


def test_a_recording_comes_over_http_as_it_was() -> None:
    with replay(TEXT) as server:
        client = ask(server)
        response = client.getresponse()
        assert (response.status, response.read()) == (200, BODY)
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert response.headers["openai-processing-ms"] == "290"
        assert response.headers.get_all("transfer-encoding") == ["chunked"]
        assert "alt-svc" not in response.headers
        client.close()


@pytest.mark.parametrize("size", [1, 2, 7, 977])
def test_chunks_have_the_size_that_was_asked_for(size: int) -> None:
    with replay(TEXT, chunk=size) as server:
        found = chunks(server)
    assert b"".join(found) == BODY
    assert {len(chunk) for chunk in found[:-1]} <= {size}
    assert 0 < len(found[-1]) <= size


def test_chunks_can_be_events_or_the_whole_body() -> None:
    with replay(TEXT) as server:
        assert chunks(server) == EVENTS
    with replay(TEXT, chunk=None) as server:
        assert chunks(server) == [BODY]


def test_requests_are_on_record() -> None:
    with replay(TEXT) as server:
        client = ask(server, "/v1/what?x=1", b'{"model": "m"}')
        client.getresponse().read()
        client.close()
        [request] = server.requests
    assert (request.method, request.path, request.json()) == ("POST", "/v1/what?x=1", {"model": "m"})
    assert request.headers["X-Mine"] == "yes"
    assert (request.sent, request.events) == (len(BODY), len(EVENTS))


def test_a_chunked_request_is_read() -> None:
    with replay(TEXT) as server:
        client = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=2)
        client.request(
            "POST", "/", iter([b"abc", b"de"]), encode_chunked=True, headers={"transfer-encoding": "chunked"}
        )
        client.getresponse().read()
        client.close()
        assert server.requests[0].body == b"abcde"


def test_a_connection_is_used_again_after_a_complete_answer() -> None:
    with replay(TEXT) as server:
        client = ask(server)
        client.getresponse().read()
        client.request("GET", "/second")
        client.getresponse().read()
        client.close()
        [connection] = server.connections
        assert connection.wait_closed()
    assert [request.path for request in connection.requests] == ["/v1/chat/completions", "/second"]
    assert connection.closed_by == "client"
    assert connection.sent == 2 * len(BODY)


def test_recordings_are_answered_in_turn_and_the_last_one_from_then_on() -> None:
    first, last = Recording(b"data: 1\n\n"), Recording(b"data: 2\n\n")
    with replay([first, last]) as server:
        assert [answer(server)[1] for _ in range(3)] == [first.body, last.body, last.body]


def test_a_delay_lies_between_chunks() -> None:
    with replay(TEXT, delay=0.002) as server:
        began = time.monotonic()
        assert answer(server)[1] == BODY
    assert time.monotonic() - began >= 0.002 * (len(EVENTS) - 1)


def test_latency_lies_before_the_status_line() -> None:
    with replay(TEXT, latency=math.inf) as server:
        client = ask(server)
        client.sock.settimeout(0.02)
        with pytest.raises(TimeoutError):
            client.sock.recv(1)
        client.close()
        assert server.wait_closed()
        assert server.connections[0].sent == 0


def test_a_cut_breaks_a_chunked_body_off() -> None:
    cut = len(EVENTS[0]) + 10
    with replay(TEXT, cut=cut) as server:
        client = ask(server)
        with pytest.raises(http.client.IncompleteRead) as caught:
            client.getresponse().read()
        client.close()
        assert caught.value.partial == BODY[:cut]
        assert server.wait_closed()
        assert server.connections[0].closed_by == "server"
        assert server.requests[0].sent == cut
        assert server.requests[0].events == 1


def test_a_cut_of_a_body_that_ends_with_its_connection_can_not_be_seen() -> None:
    with replay(TEXT, cut=300, framing="close") as server:
        assert answer(server) == (200, BODY[:300])
    with replay(TEXT, framing="close") as server:
        assert answer(server) == (200, BODY)


def test_a_cut_at_the_end_leaves_the_end_out() -> None:
    with replay(TEXT, cut=len(BODY)) as server:
        client = ask(server)
        with pytest.raises(http.client.IncompleteRead):
            client.getresponse().read()
        client.close()


def test_a_stall_lasts_until_the_client_goes() -> None:
    with replay(TEXT, stall=400) as server:
        client = ask(server)
        response = client.getresponse()
        assert response.read1(400) + response.read1(400) == BODY[:400]
        connection = server.connections[0]
        assert not connection.wait_closed(0.01)
        response.close()
        client.close()
        assert connection.wait_closed()
        assert (connection.closed_by, connection.sent, connection.events) == ("client", 400, 1)


def test_a_leaving_client_is_seen_between_two_chunks() -> None:
    with replay(TEXT, delay=5.0) as server:
        client = ask(server)
        response = client.getresponse()
        response.read1(1)
        left = time.monotonic()
        response.close()
        client.close()
        connection = server.connections[0]
        assert connection.wait_closed()
        assert connection.closed is not None
        assert connection.closed - left < 0.5
        assert connection.events == 1


def test_prefix_and_comments_are_part_of_the_body() -> None:
    with replay(TEXT, prefix=b"\xef\xbb\xbf", comments="keep-alive") as server:
        found = chunks(server)
        assert found[0] == b"\xef\xbb\xbf: keep-alive\n\n" + EVENTS[0]
        assert found[1:] == [b": keep-alive\n\n" + event for event in EVENTS[1:]]
        assert server.requests[0].events == len(EVENTS)


def test_a_status_is_answered_with_a_json_error() -> None:
    with replay(TEXT, status=429, headers={"retry-after": "7"}) as server:
        client = ask(server)
        response = client.getresponse()
        assert (response.status, response.headers["retry-after"]) == (429, "7")
        assert json.loads(response.read())["error"]["message"] == "replayed failure 429"
        client.close()


def test_only_the_first_requests_fail() -> None:
    with replay(TEXT, status=503, failures=2) as server:
        assert [answer(server)[0] for _ in range(3)] == [503, 503, 200]
    with replay(TEXT, failures=1) as server:
        assert [answer(server)[0] for _ in range(2)] == [500, 200]


def test_a_recorded_error_keeps_its_status_and_body() -> None:
    with replay(RECORDED / "openai-http-400.json") as server:
        status, body = answer(server)
    assert status == 400
    assert json.loads(body)["error"]["param"] == "temperature"


def test_an_unusual_status_is_sent() -> None:
    with replay(TEXT, status=529) as server:
        assert answer(server)[0] == 529


def test_typed_events_are_framed_from_their_payloads() -> None:
    recording = Recording.load(RECORDED / "cohere-text.json")
    first = recording.events()[0]
    assert first.startswith(b'event: message-start\ndata: {"id":"321d178c')
    assert first.endswith(b"}\n\n")


def test_binary_frames_are_events() -> None:
    source = json.loads((RECORDED / "bedrock-converse-text.json").read_text())
    recording = Recording.load(source)
    assert len(recording.body) == source["bytes"]
    assert len(recording.events()) == source["events"]
    assert b"".join(recording.events()) == recording.body


def test_other_line_ends_end_events_too() -> None:
    assert Recording(b"data: 1\r\n\r\ndata: 2\r\r").events() == [b"data: 1\r\n\r\n", b"data: 2\r\r"]
    assert Recording(b'{"a": 1}\n{"b": 2}', kind="ndjson").events() == [b'{"a": 1}\n', b'{"b": 2}']


def test_mistakes_are_named() -> None:
    with pytest.raises(ValueError, match="nothing to replay"):
        replay([])
    with pytest.raises(ValueError, match="cut or stalled"):
        replay(TEXT, cut=1, stall=1)
    with pytest.raises(ValueError, match="at least one byte"):
        replay(TEXT, chunk=0)
    with pytest.raises(ValueError, match="'body' or 'lines'"):
        replay({"status": 200})
    with pytest.raises(RuntimeError, match="inside its `with`"):
        _ = replay(TEXT).url


def test_a_request_can_be_waited_for() -> None:
    with replay(TEXT) as server:
        assert not server.wait_asked(within=0)
        threading.Timer(0.01, answer, [server]).start()
        assert server.wait_asked()
        assert not server.wait_asked(2, within=0)
        assert server.wait_closed()


def test_what_is_no_http_ends_the_connection() -> None:
    with replay(TEXT) as server:
        host, port = server.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=2) as client:
            client.sendall(b"nonsense\r\n\r\n")
            assert client.recv(100) == b""
        assert server.wait_closed()
        assert server.requests == []


def test_nothing_is_left_after_the_block() -> None:
    before = set(threading.enumerate())
    with replay(TEXT, stall=10) as server:
        clients = [ask(server) for _ in range(5)]
        for client in clients:
            client.getresponse().read1(10)
        url = server.url
    assert not set(threading.enumerate()) - before  # one of an earlier test may have ended
    assert all(connection.closed_by == "server" for connection in server.connections)
    for client in clients:
        client.close()
    host, port = url.removeprefix("http://").split(":")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)), timeout=1)


def test_many_clients_are_answered_at_once() -> None:
    with replay(TEXT, latency=0.05) as server:
        began = time.monotonic()
        clients = [ask(server) for _ in range(10)]
        assert all(client.getresponse().read() == BODY for client in clients)
        for client in clients:
            client.close()
    assert time.monotonic() - began < 0.4
    assert len(server.connections) == len(server.requests) == 10
