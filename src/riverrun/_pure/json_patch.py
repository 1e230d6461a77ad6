"""What each piece of a JSON text changes, as JSON Patch.

Source: RFC 6902 (JSON Patch), RFC 6901 (JSON Pointer).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from riverrun._pure.json_scan import ADD, BEGIN, CLOSE, END, GROW, OPEN, Op

__all__ = ["Patches", "Text"]


class Text:
    """A text that grows. A reader that drops each version before the next but one is made pays for what is new alone."""

    __slots__ = ("_newer", "_older", "_owed")

    def __init__(self, text: str) -> None:
        self._newer, self._older, self._owed = text, "", text

    def grown(self, piece: str) -> str:
        """It, and `piece`."""
        text, self._older = self._older, self._newer
        text += self._owed  # grows where it stands, if nobody else holds it
        text += piece
        self._newer, self._owed = text, piece
        return text


class Patches:
    """Says in JSON Patch operations what the scanner's operations do.

    The first is to replace the whole document. What a container begins with in the same piece comes with it. A string that
    grows is replaced, since JSON Patch has no other way to say it.
    """

    __slots__ = ("_pointers", "_text")

    def __init__(self) -> None:
        self._pointers: list[str] = []  # of the open containers
        self._text: Text | None = None  # the unfinished string

    def of(self, ops: Iterable[Op]) -> list[dict[str, Any]]:
        """What `ops` do. Applied in order, all of them together make the document."""
        pointers = self._pointers
        patch: list[dict[str, Any]] = []
        new: list[Any] = []  # the open containers that began in this piece
        for kind, key, value in ops:
            if kind == CLOSE:
                pointers.pop()
                if new:
                    new.pop()
                continue
            if kind == END:
                self._text = None
                continue
            if kind == BEGIN and type(value) is str:
                self._text = Text(value)
            elif kind == OPEN:
                value = {} if value == "{" else []
            elif kind == GROW:
                assert self._text is not None
                value = self._text.grown(value)
            path = f"{pointers[-1]}/{escaped(key)}" if pointers else ""
            if new:
                if type(new[-1]) is list and key == len(new[-1]):
                    new[-1].append(value)
                else:
                    new[-1][key] = value
            elif patch and patch[-1]["path"] == path:
                patch[-1]["value"] = value
            else:
                adds = kind in (ADD, BEGIN, OPEN) and path
                patch.append({"op": "add" if adds else "replace", "path": path, "value": value})
            if kind == OPEN:
                pointers.append(path)
                new.append(value)
        return patch


def escaped(key: str | int) -> str:
    """`key` as a part of a JSON Pointer."""
    return str(key) if type(key) is int else str(key).replace("~", "~0").replace("/", "~1")
