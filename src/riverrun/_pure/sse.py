"""Server-sent events out of bytes: a machine that is fed what arrives and says which events are complete.

Source: https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
"""

from codecs import BOM_UTF8
from collections.abc import Iterable, Sequence

__all__ = ["EventStream"]


class EventStream:
    """Cuts a byte stream into the `(event, data)` pairs of its events, wherever the chunks are cut.

    Lines end in LF, CR or CRLF, also mixed; a byte order mark in front, comments, `id` and `retry` are dropped. An
    event without data is none. Every byte is looked at a bounded number of times, however small the chunks are.
    """

    def __init__(self) -> None:
        self._parts: list[bytes] = []  # an unfinished line, in the pieces it came in
        self._start = True
        self._after_cr = False
        self._event = ""
        self._data: list[bytes] = []

    def feed(self, chunk: bytes) -> Sequence[tuple[str, bytes]]:
        """The events that `chunk` completes."""
        if self._after_cr and chunk:
            self._after_cr = False
            if chunk.startswith(b"\n"):  # the second half of a CRLF
                chunk = chunk[1:]
        if b"\n" not in chunk and b"\r" not in chunk:
            if chunk:
                self._parts.append(chunk)
            return ()
        if self._parts:
            chunk = b"".join((*self._parts, chunk))
            self._parts = []
        if self._start:
            self._start = False
            chunk = chunk.removeprefix(BOM_UTF8)
        lines = chunk.splitlines()
        if chunk.endswith(b"\r"):
            self._after_cr = True
        elif not chunk.endswith(b"\n"):
            self._parts = [lines.pop()]
        return self._read(lines)

    def flush(self) -> Sequence[tuple[str, bytes]]:
        """The event that stands unfinished at the end of the stream, if any.

        The specification drops it. Some servers leave out the empty line behind their last event, so it is handed
        out, and who reads it has to judge whether it is whole.
        """
        return self.feed(b"\n\n")

    def _read(self, lines: Iterable[bytes]) -> list[tuple[str, bytes]]:
        events = []
        for line in lines:
            if line.startswith(b"data:"):
                self._data.append(line[6:] if line.startswith(b"data: ") else line[5:])
            elif not line:
                if self._data:
                    events.append((self._event or "message", b"\n".join(self._data)))
                    self._data = []
                self._event = ""
            elif line.startswith(b"event:"):
                self._event = line[6:].removeprefix(b" ").decode("utf-8", "replace")
            elif line == b"data":
                self._data.append(b"")
        return events
