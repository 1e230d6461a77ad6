"""HTTP clients for the SDKs of the providers: one for all sync code, one per event loop for async code.

A client of one's own costs every model 20 ms and the connections that another model has already opened, and models are
made per request and per configuration. So they share. The sync client is closed when the process ends, the client of a
loop when its loop does: it lives in an async generator, which loops close before they end.

What a client needs of its library (httpx or httpx2) it takes from the module it is given: which one an SDK wants
depends on the SDK's version.
"""

import atexit
import math
import os
import socket
import sys
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, Generator, Iterable
from functools import cache
from time import monotonic
from types import ModuleType, coroutine
from typing import Any

from riverrun._backends.aio import running_loop
from riverrun._backends.protocol import Closed
from riverrun._engine.run import current

__all__ = [
    "async_client",
    "drain",
    "drain_async",
    "is_framed",
    "is_timeout",
    "sync_client",
    "transport_errors",
    "turns",
]


DRAIN_LIMIT = 0.1
"""Seconds to wait for the end of a body whose content is complete: what comes in time keeps the connection usable."""

CANCEL_LATENCY = 0.1
"""Seconds until a blocked read sees that the task that waits for its thread was cancelled."""


@cache
def sync_client(library: ModuleType) -> Any:
    """The `Client` that all sync code of this process shares. A run that is told to stop ends its reads."""
    client = _new(library, "Client")
    for transport in (client._transport, *client._mounts.values()):
        # The public way to a network backend of one's own is a transport of one's own, which knows no proxies.
        pool: Any = getattr(transport, "_pool", None)
        if hasattr(pool, "_network_backend"):
            pool._network_backend = _Backend(pool._network_backend)
    atexit.register(client.close)
    return client


@cache
def async_client(library: ModuleType) -> Any:
    """An `AsyncClient` for any loop, also for several one after another: the client of the running loop sends."""

    async def send(request: Any, **options: Any) -> Any:
        client = await _client_of_this_loop(library)
        return await client.send(request, **options)

    client = _new(library, "AsyncClient")
    client.send = send
    return client


@cache
def _tls(library: ModuleType) -> Any:
    return library.create_ssl_context()


def _new(library: ModuleType, kind: str) -> Any:
    """A client with the limits that the SDKs give theirs; timeouts come with each request."""
    limits = library.Limits(max_connections=1000, max_keepalive_connections=100)
    return getattr(library, kind)(verify=_tls(library), limits=limits, follow_redirects=True)


# ---- one async client per loop

_clients: dict[tuple[Any, ModuleType], tuple[Any, AsyncGenerator[Any, None]]] = {}


async def _client_of_this_loop(library: ModuleType) -> Any:
    key = (running_loop(), library)
    held = _clients.get(key)
    if held is None:
        for loop, other in list(_clients):
            if loop.is_closed():  # without having closed its generators
                del _clients[loop, other]
        holder = _hold(library, key)
        held = _clients[key] = (await anext(holder), holder)
    return held[0]


async def _hold(library: ModuleType, key: tuple[Any, ModuleType]) -> AsyncGenerator[Any, None]:
    client = _new(library, "AsyncClient")
    try:
        yield client
    finally:
        _clients.pop(key, None)
        await client.aclose()


def _forget() -> None:
    """In a forked child: the connections belong to the parent."""
    _clients.clear()
    sync_client.cache_clear()
    async_client.cache_clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


# ---- sync reads that can be told to stop


class _Backend:
    """A network backend whose streams are `_Stream`s."""

    def __init__(self, backend: Any) -> None:
        self._backend = backend

    def connect_tcp(self, *args: Any, **options: Any) -> "_Stream":
        return _Stream(self._backend.connect_tcp(*args, **options))

    def connect_unix_socket(self, *args: Any, **options: Any) -> "_Stream":
        return _Stream(self._backend.connect_unix_socket(*args, **options))

    def sleep(self, seconds: float) -> None:
        self._backend.sleep(seconds)


class _Stream:
    """A connection on which a blocked read ends when nobody wants what it waits for.

    That is, as soon as the run that it belongs to is told to stop, or, in a worker thread of anyio, when the task that
    waits for the thread is cancelled. (So a web server leaves a sync generator whose client is gone: it drops it when
    `next` returns, and what it drops is closed when the garbage collector comes by.)
    """

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.deadline: float | None = None
        """When reads give up (`time.monotonic`), whatever timeout they are given."""

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self.deadline is not None:
            timeout = max(0.0, self.deadline - monotonic())
        run = current.get()
        if run is None or run.stop is None:
            return self._read(max_bytes, timeout)
        unhook = run.stop.hook(self._shut)
        try:
            return self._read(max_bytes, timeout)
        finally:
            unhook()
            if run.stop.told:
                raise Closed

    def _read(self, max_bytes: int, timeout: float | None) -> bytes:
        data: bytes
        if not _host_can_cancel():
            data = self._stream.read(max_bytes, timeout)
            return data
        late = math.inf if timeout is None else monotonic() + timeout
        data = b""
        waits = True
        while waits:
            try:
                data = self._stream.read(max_bytes, min(CANCEL_LATENCY, max(0.0, late - monotonic())))
                waits = False
            except Exception as error:
                if type(error).__name__ != "ReadTimeout" or monotonic() >= late:
                    raise
            _host_can_cancel()
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, timeout)

    def close(self) -> None:
        self._stream.close()

    def start_tls(self, *args: Any, **options: Any) -> "_Stream":
        return _Stream(self._stream.start_tls(*args, **options))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def _shut(self) -> None:
        try:
            # Of the plain socket also under TLS: a goodbye of TLS would wait for the read that is to end.
            socket.socket.shutdown(self._stream.get_extra_info("socket"), socket.SHUT_RDWR)
        except OSError:
            pass  # closed already


def _host_can_cancel() -> bool:
    """Whether this is a worker thread of anyio.

    Raises:
        asyncio.CancelledError: it is, and the task that waits for it has been cancelled.
    """
    from anyio import from_thread

    try:
        from_thread.check_cancelled()
    except RuntimeError:  # of another kind of thread
        return False
    return True


# ---- the end of a body


def is_framed(response: Any) -> bool:
    """Whether the transport tells where the body of `response` ends, so that a cut can't be taken for its end."""
    headers = response.headers
    return "transfer-encoding" in headers or "content-length" in headers or response.http_version == "HTTP/2"


def drain(response: Any, rest: Iterable[bytes]) -> None:
    """Read the rest of a body whose content is complete, so that its connection can be used again.

    What does not come within `DRAIN_LIMIT`, or not over a connection of `sync_client`, is left to be closed.
    """
    stream = response.extensions.get("network_stream")
    if not isinstance(stream, _Stream):
        return
    stream.deadline = monotonic() + DRAIN_LIMIT
    try:
        deque(rest, maxlen=0)
    except transport_errors():
        pass  # closed by now
    finally:
        stream.deadline = None


async def drain_async(rest: AsyncIterable[bytes]) -> None:
    """As `drain`, over any connection."""
    import anyio

    try:
        with anyio.move_on_after(DRAIN_LIMIT):
            async for _ in rest:
                pass
    except transport_errors():
        pass


def transport_errors() -> tuple[type[Exception], ...]:
    """What the HTTP libraries in use raise when a connection fails them."""
    return tuple(sys.modules[name].TransportError for name in _LIBRARIES if name in sys.modules)


def is_timeout(error: Exception) -> bool:
    """Whether one of the `transport_errors` says that nothing came in time."""
    return any(
        isinstance(error, sys.modules[name].TimeoutException) for name in _LIBRARIES if name in sys.modules
    )


_LIBRARIES = ("httpx", "httpx2")


@coroutine
def turns(n: int) -> Generator[None, None, None]:
    """Let the loop go round `n` times, as `asyncio.sleep(0)` does once."""
    for _ in range(n):
        yield
