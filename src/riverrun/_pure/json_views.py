"""What can be streamed of JSON that arrives, other than the value itself: what changes, and what becomes complete.

Each is pushed pieces and closed like a `JSONStream`, says whether there is something new, and shows it.
"""

from __future__ import annotations

from typing import Any

from riverrun._pure.json_patch import Patches
from riverrun._pure.json_paths import Completions
from riverrun._pure.json_scan import ADD, OPEN, Op
from riverrun._pure.json_stream import Reader

__all__ = ["ItemStream", "PatchStream", "PathStream"]


class View(Reader):
    """A stream of what the scanner's operations say in some way."""

    __slots__ = ("_new",)

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._new: Any = None

    def push(self, chunk: str | bytes) -> bool:
        """Whether `chunk` brings something new. Raises as `feed`."""
        return self._take(self.feed(chunk))

    def close(self) -> bool:
        """Whether the end of the text brings something new. Raises as `finish`."""
        return self._take(self.finish())

    def show(self) -> Any:
        """What the last piece, or the end, has brought."""
        return self._new

    def _take(self, ops: list[Op]) -> bool:
        self._new = self._told(ops) if ops else None
        return bool(self._new)

    def _told(self, ops: list[Op]) -> Any:
        raise NotImplementedError


class PatchStream(View):
    """What each piece changes, as JSON Patch operations (RFC 6902). Takes the arguments of `Reader`."""

    __slots__ = ("_patches",)

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._patches = Patches()

    def _told(self, ops: list[Op]) -> list[dict[str, Any]]:
        return self._patches.of(ops)


class PathStream(View):
    """What each piece completes under a path.

    Args:
        expression: the path, as in RFC 9535.
        with_path: pairs of path and value, in place of values.
        as_text: the characters of strings, in place of lists of values.
        options: the arguments of `Reader`.

    Raises:
        PathError: the path can't be followed while JSON arrives.
    """

    __slots__ = ("_as_text", "_completions", "_with_path")

    def __init__(
        self, expression: str, *, with_path: bool = False, as_text: bool = False, **options: Any
    ) -> None:
        super().__init__(strings=as_text, **options)
        self._completions = Completions(expression)
        self._with_path, self._as_text = with_path, as_text

    @property
    def done(self) -> bool:
        """Whether nothing more can come."""
        return self._completions.done

    def _told(self, ops: list[Op]) -> Any:
        if self._as_text:
            return "".join(self._completions.texts(ops))
        found = self._completions.of(ops)
        return found if self._with_path else [value for _, value in found]


class ItemStream(View):
    """Which items each piece completes, of a document that is a list; another one is an item itself."""

    __slots__ = ("_completions",)

    def __init__(self, **options: Any) -> None:
        super().__init__(strings=False, **options)
        self._completions: Completions | None = None

    def _told(self, ops: list[Op]) -> list[Any]:
        if self._completions is None:
            kind, _, value = ops[0]
            is_list = value == "[" if kind == OPEN else kind == ADD and type(value) is list
            self._completions = Completions("$[*]" if is_list else "$")
        return [value for _, value in self._completions.of(ops)]
