"""Recorded answers of real providers, sent again over real HTTP on the loopback interface.

A test that mocks a client proves that the mock works. This server proves that the client does: sockets are real,
chunk boundaries, pauses and faults are what the test asks for, and what the client did with its connection is on record.

    with replay("tests/recorded/openai-chat-text.json", chunk=7, delay=0.001) as server:
        model = ChatOpenAI(base_url=server.url, api_key="any")
        ...
        assert server.connections[0].wait_closed()
"""

import base64
import json
import math
import re
import socket
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from email.message import Message
from http.client import parse_headers, responses
from io import BufferedIOBase
from itertools import accumulate
from os import PathLike
from pathlib import Path
from threading import Condition, Event, Thread
from time import monotonic
from types import TracebackType
from typing import Any, Literal, Self, TypeAlias

__all__ = ["Connection", "Recording", "ReplayServer", "Request", "replay"]

_CLOSE_LIMIT = 5.0
"""Seconds that the server waits for one of its threads when it is closed."""

_OF_THE_CONNECTION = frozenset(
    (
        "alt-svc",
        "connection",
        "content-encoding",
        "content-length",
        "keep-alive",
        "set-cookie",
        "transfer-encoding",
    )
)
"""Recorded headers that spoke of the recorded connection and would be wrong on another."""

_EVENT_ENDS = {"sse": re.compile(rb"\r\n\r\n|\n\n|\r\r"), "ndjson": re.compile(rb"\n")}


@dataclass(frozen=True, slots=True)
class Recording:
    """One answer of a provider as it came over the wire."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str = "sse"
    """How events are framed in the body: "sse", "ndjson", "aws-eventstream", or "error" for a body without events."""

    @classmethod
    def load(cls, source: "Source") -> Self:
        """Read a recording from a JSON file or from what such a file holds.

        The keys read are `body` (a string, base64 if `body_encoding` says so) or `lines` (the JSON payloads of typed
        server-sent events), and if present `status`, `headers` (strings or lists of strings) and `kind`.

        Raises:
            OSError: the file can't be read.
            ValueError: the file is not JSON, or has neither `body` nor `lines`.
        """
        if isinstance(source, cls):
            return source
        data: Any = source
        if isinstance(source, (str, PathLike)):
            data = json.loads(Path(source).read_text("utf-8"))
        headers = {
            name.lower(): value if isinstance(value, str) else ", ".join(value)
            for name, value in data.get("headers", {}).items()
        }
        kind = data.get("kind", "sse")
        if "lines" in data:
            payloads = ((json.loads(line).get("type", "message"), line) for line in data["lines"])
            body = "".join(f"event: {event}\ndata: {line}\n\n" for event, line in payloads).encode()
        elif "body" not in data:
            raise ValueError(f"a recording needs a 'body' or 'lines'; this one has {sorted(data)}")
        elif data.get("body_encoding") == "base64":
            body = base64.b64decode(data["body"])
        else:
            body = data["body"].encode()
        if kind == "sse":
            headers.setdefault("content-type", "text/event-stream; charset=utf-8")
        return cls(body, data.get("status", 200), headers, kind)

    def events(self) -> list[bytes]:
        """The body in pieces of one event each, whatever stands before an event being part of it."""
        if self.kind == "aws-eventstream":
            ends = list(_amazon_ends(self.body))
        elif (end := _EVENT_ENDS.get(self.kind)) is not None:
            ends = [match.end() for match in end.finditer(self.body)]
        else:
            ends = []
        if self.body and (not ends or ends[-1] != len(self.body)):
            ends.append(len(self.body))
        return [self.body[start:end] for start, end in zip([0, *ends], ends, strict=False)]


Source: TypeAlias = Recording | str | PathLike[str] | Mapping[str, Any]


def _amazon_ends(body: bytes) -> Iterator[int]:
    end = 0
    while end < len(body):
        end += int.from_bytes(body[end : end + 4], "big")  # each frame begins with its own length
        yield end


@dataclass(slots=True)
class Request:
    """What a client asked, and how much of the answer has been handed to its connection so far."""

    method: str
    path: str
    headers: Message
    body: bytes
    sent: int = 0
    """Bytes of the answer's body, without the framing of chunks."""
    events: int = 0
    """Events of the answer that were sent to their last byte."""

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            ValueError: it is none.
        """
        return json.loads(self.body)


class Connection:
    """One TCP connection of a client: what was asked over it, and when and by whom it was closed."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.opened = monotonic()
        self.closed: float | None = None
        self.closed_by: Literal["client", "server"] | None = None
        self._gone = Event()

    @property
    def sent(self) -> int:
        """Bytes of all answers' bodies so far."""
        return sum(request.sent for request in self.requests)

    @property
    def events(self) -> int:
        """Events of all answers so far."""
        return sum(request.events for request in self.requests)

    def wait_closed(self, within: float = 1.0) -> bool:
        """Whether the connection is closed, by either side, at the latest `within` seconds from now.

        While the server pauses (`delay`, `stall`, `latency`, or between two requests) it sees at once that a client
        leaves; while it sends without a pause it sees it when the kernel does.
        """
        return self._gone.wait(within)

    def _close(self, by: Literal["client", "server"]) -> None:
        self.closed, self.closed_by = monotonic(), by
        self._gone.set()


class _ClientGone(Exception):
    """The client closed its end."""


class ReplayServer:
    """Answers every request, whatever its path, with a recording; used in a `with` block, see `replay`."""

    def __init__(
        self,
        recordings: Sequence[Recording],
        *,
        chunk: int | Literal["event"] | None,
        delay: float,
        latency: float,
        cut: int | None,
        stall: int | None,
        prefix: bytes,
        comments: str | None,
        status: int | None,
        failures: int | None,
        framing: Literal["chunked", "close"],
        headers: Mapping[str, str],
    ) -> None:
        self.requests: list[Request] = []
        self.connections: list[Connection] = []
        self._recordings = recordings
        self._chunk, self._delay, self._latency = chunk, delay, latency
        self._cut, self._stall = cut, stall
        self._prefix, self._comments = prefix, comments
        self._status, self._failures = status, failures
        self._framing, self._headers = framing, headers
        self._closing = False
        self._asked = Condition()
        self._clients: list[tuple[socket.socket, Thread]] = []
        self._listener: socket.socket | None = None
        self._acceptor: Thread | None = None

    @property
    def url(self) -> str:
        """Where the server listens, without a path: `http://127.0.0.1:<port>`."""
        if self._listener is None:
            raise RuntimeError("the replay server listens only inside its `with` block")
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def wait_asked(self, requests: int = 1, within: float = 1.0) -> bool:
        """Whether this many requests have come at the latest `within` seconds from now."""
        with self._asked:
            return self._asked.wait_for(lambda: len(self.requests) >= requests, within)

    def wait_closed(self, within: float = 1.0) -> bool:
        """Whether all connections are closed at the latest `within` seconds from now."""
        late = monotonic() + within
        return all(
            connection.wait_closed(max(0.0, late - monotonic())) for connection in list(self.connections)
        )

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._acceptor = Thread(target=self._accept, args=(self._listener,), name="replay", daemon=True)
        self._acceptor.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        listener, acceptor = self._listener, self._acceptor
        if listener is None or acceptor is None:
            return
        self._closing = True
        socket.create_connection(
            listener.getsockname()
        ).close()  # closing a listener wakes nobody; a visitor does
        acceptor.join(_CLOSE_LIMIT)
        listener.close()
        self._listener = self._acceptor = None
        for client, thread in self._clients:
            _shut(client)
            thread.join(_CLOSE_LIMIT)

    # ---- one thread accepts, one more per connection answers

    def _accept(self, listener: socket.socket) -> None:
        while True:
            client, _ = listener.accept()
            if self._closing:
                client.close()
                return
            connection = Connection()
            self.connections.append(connection)
            thread = Thread(
                target=self._serve, args=(client, connection), name="replay-connection", daemon=True
            )
            self._clients.append((client, thread))
            thread.start()

    def _serve(self, client: socket.socket, connection: Connection) -> None:
        by: Literal["client", "server"] = "client"
        with client, client.makefile("rb") as reader:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                while (request := _read(reader)) is not None:
                    with self._asked:
                        nth = len(self.requests)
                        self.requests.append(request)
                        self._asked.notify_all()
                    connection.requests.append(request)
                    if not self._answer(client, request, nth):
                        by = "server"
                        break
            except (_ClientGone, OSError):
                pass
            except ValueError:  # what came is not HTTP
                by = "server"
            finally:
                connection._close("server" if self._closing else by)
                _shut(client)

    def _answer(self, client: socket.socket, request: Request, nth: int) -> bool:
        """Answer the nth request, and say whether the connection can be used again."""
        recording = self._recordings[min(nth, len(self._recordings) - 1)]
        if self._failures is not None and nth < self._failures:
            recording = _failure(self._status or 500)
        elif self._failures is None and self._status is not None:
            recording = (
                _failure(self._status) if self._status >= 400 else replace(recording, status=self._status)
            )
        _pause(client, self._latency)
        if recording.kind == "error":
            client.sendall(
                _head(recording, self._headers, f"content-length: {len(recording.body)}") + recording.body
            )
            request.sent = len(recording.body)
            return True
        return self._stream(client, request, recording)

    def _stream(self, client: socket.socket, request: Request, recording: Recording) -> bool:
        chunked = self._framing == "chunked"
        framing = "transfer-encoding: chunked" if chunked else "connection: close"
        client.sendall(_head(recording, self._headers, framing))
        comment = f": {self._comments}\n\n".encode() if self._comments else b""
        events = [comment + event for event in recording.events()]
        ends = list(accumulate(map(len, events), initial=len(self._prefix)))[1:]
        body = self._prefix + b"".join(events)
        last = min([len(body), *(n for n in (self._cut, self._stall) if n is not None)])
        for start, end in _pieces(last, ends if self._chunk == "event" else self._chunk):
            if start:
                _pause(client, self._delay)
            piece = body[start:end]
            client.sendall(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
            request.sent = end
            request.events = bisect_right(ends, end)
        if self._stall is not None:
            _pause(client, math.inf)
        if self._cut is not None:
            return False
        if chunked:
            client.sendall(b"0\r\n\r\n")
        return chunked


def replay(
    recording: Source | Sequence[Source],
    *,
    chunk: int | Literal["event"] | None = "event",
    delay: float = 0.0,
    latency: float = 0.0,
    cut: int | None = None,
    stall: int | None = None,
    prefix: bytes = b"",
    comments: str | None = None,
    status: int | None = None,
    failures: int | None = None,
    framing: Literal["chunked", "close"] = "chunked",
    headers: Mapping[str, str] | None = None,
) -> ReplayServer:
    """A server on 127.0.0.1 that answers each request with a recorded stream, cut up, slowed down or broken as asked.

    It listens inside its `with` block. When the block ends no thread and no socket of it is left, also when clients
    still wait for an answer. It says no TLS, reads any path, and sends the recorded status, headers and body; what the
    recorded headers said of length, encoding and connection is replaced. Offsets count bytes of the answer's body,
    `prefix` and `comments` included.

    Args:
        recording: a file, its content, or a `Recording`; several are given in turn, and the last one from then on.
        chunk: bytes per chunk, `"event"` for one event per chunk, None for the whole body at once.
        delay: seconds between two chunks.
        latency: seconds before the status line; `math.inf` for never.
        cut: close the connection after this many bytes, without the end that `framing` would have.
        stall: send nothing more after this many bytes, until the client goes.
        prefix: bytes in front of the body, such as a byte order mark.
        comments: the text of a comment line in front of each event.
        status: answer with this status; from 400 on with a JSON error for a body.
        failures: how many requests at the start get `status` (500 if none is given); None for all of them.
        framing: `"chunked"`, or `"close"` for a body that ends where the connection ends.
        headers: further headers of every answer.

    Raises:
        ValueError: no recording, a chunk smaller than 1, or both `cut` and `stall`.
        OSError: a file can't be read.
    """
    many = [recording] if isinstance(recording, (Recording, str, PathLike, Mapping)) else recording
    if not many:
        raise ValueError("there is nothing to replay: the list of recordings is empty")
    if cut is not None and stall is not None:
        raise ValueError("an answer can be cut or stalled, not both")
    if isinstance(chunk, int) and chunk < 1:
        raise ValueError(f"a chunk has at least one byte, not {chunk}")
    return ReplayServer(
        [Recording.load(each) for each in many],
        chunk=chunk,
        delay=delay,
        latency=latency,
        cut=cut,
        stall=stall,
        prefix=prefix,
        comments=comments,
        status=status,
        failures=failures,
        framing=framing,
        headers=headers or {},
    )


def _read(reader: BufferedIOBase) -> Request | None:
    """The next request of a connection; None when the client has closed it."""
    line = reader.readline(65536)
    if not line.endswith(b"\r\n"):
        return None
    method, path, _ = line.decode("latin-1").split(" ", 2)
    headers = parse_headers(reader)
    if headers.get("transfer-encoding", "").lower() == "chunked":
        body = b"".join(_chunks(reader))
    else:
        length = int(headers.get("content-length", 0))
        body = reader.read(length)
        if len(body) < length:
            return None
    return Request(method, path, headers, body)


def _chunks(reader: BufferedIOBase) -> Iterator[bytes]:
    while size := int(reader.readline().split(b";")[0], 16):
        yield reader.read(size)
        reader.readline()
    reader.readline()


def _head(recording: Recording, extra: Mapping[str, str], framing: str) -> bytes:
    reason = responses.get(recording.status, "")
    kept = {name: value for name, value in recording.headers.items() if name not in _OF_THE_CONNECTION}
    lines = [f"{name}: {value}" for name, value in {**kept, **extra}.items()]
    return "\r\n".join((f"HTTP/1.1 {recording.status} {reason}", *lines, framing, "", "")).encode("latin-1")


def _pieces(last: int, chunk: list[int] | int | str | None) -> Iterator[tuple[int, int]]:
    """Where the chunks of the first `last` bytes begin and end: at the given ends, or every `chunk` bytes."""
    if isinstance(chunk, list):
        ends: Iterable[int] = chunk
    elif isinstance(chunk, int):
        ends = range(chunk, last, chunk)
    else:
        ends = ()
    start = 0
    for end in ends:
        if end >= last:
            break
        yield start, end
        start = end
    if start < last:
        yield start, last


def _pause(client: socket.socket, seconds: float) -> None:
    """Wait, but no longer than the client stays."""
    if not seconds:
        return
    client.settimeout(None if seconds == math.inf else seconds)
    try:
        if not client.recv(1, socket.MSG_PEEK):
            raise _ClientGone
    except TimeoutError:
        pass
    finally:
        client.settimeout(None)


def _failure(status: int) -> Recording:
    error = {"message": f"replayed failure {status}", "type": "replayed", "param": None, "code": None}
    body = json.dumps({"error": error}).encode()
    return Recording(body, status, {"content-type": "application/json"}, "error")


def _shut(client: socket.socket) -> None:
    try:
        client.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # already closed by the other side
