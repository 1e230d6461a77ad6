"""JSON that is read while it arrives: the machine that parsers and tool calls are made of.

text or bytes ──▶ Finder ──▶ Scanner ──▶ operations ──▶ Snapshots      what has arrived, as plain dicts and lists
                 (where it     (what                 ├▶ Patches       what has changed, as JSON Patch
                  begins)       changes)             └▶ Completions   what has become complete, by path
"""

from __future__ import annotations

from codecs import IncrementalDecoder, getincrementaldecoder
from typing import Any

from riverrun._pure.json_find import Finder
from riverrun._pure.json_scan import END, MAX_DEPTH, Op, Scanner
from riverrun._pure.json_tree import Snapshots

__all__ = ["JSONStream", "Reader", "loads"]


class Reader:
    """Makes the operations of the JSON in a text that arrives in pieces, split anywhere.

    Args:
        find: whether the JSON stands in a text, from which it is to be picked out, or is all there is.
        strings: whether unfinished strings show.
        numbers: whether unfinished numbers show, as what they would be if they ended here.
        control_characters: whether strings may hold line breaks and their kin, which the standard forbids and models write.
        strict: whether what is wrong is raised at once, and an unfinished document is wrong; else the value stays as it was,
            and the end raises.
        max_depth: how deep containers may be nested.
    """

    __slots__ = ("_bytes", "_finder", "_finds", "_scanner", "_strict")

    def __init__(
        self,
        *,
        find: bool = False,
        strings: bool = True,
        numbers: bool = False,
        control_characters: bool = False,
        strict: bool = False,
        max_depth: int = MAX_DEPTH,
    ) -> None:
        self._scanner = Scanner(
            strings=strings,
            numbers=numbers,
            control_characters=control_characters,
            alone=not find,
            max_depth=max_depth,
        )
        self._finds, self._finder = find, Finder() if find else None
        self._strict = strict
        self._bytes: IncrementalDecoder | None = None

    @property
    def complete(self) -> bool:
        """Whether all of the JSON is here."""
        return self._scanner.complete

    def feed(self, chunk: str | bytes) -> list[Op]:
        """What `chunk` adds.

        Raises:
            InvalidJSONError: it is wrong, and `strict` says that this is to be raised at once.
        """
        text = chunk if isinstance(chunk, str) else self._decoded(chunk)
        if self._finder is not None:
            found = self._finder.feed(text)
            if self._finder.skipped:
                self._scanner.skip(self._finder.skipped)
            if found is None:
                return []
            self._finder, text = None, found
        ops = self._scanner.feed(text)
        if self._strict and self._scanner.error is not None:
            raise self._scanner.error
        return ops

    def finish(self) -> list[Op]:
        """What the end of the text adds.

        Raises:
            InvalidJSONError: the text is wrong from some place on, or holds no JSON; or `strict`, and it ends too early.
        """
        ops: list[Op] = []
        if (
            self._bytes is not None
            and (half := self._bytes.getstate()[0])
            and (self._strict or self.complete)
        ):
            raise self._scanner.undecodable("") from UnicodeDecodeError("utf-8", half, 0, len(half), "cut")
        if self._finder is not None:
            if (found := self._finder.finish()) is None:
                raise self._scanner.missing()
            self._finder = None
            ops += self._scanner.feed(found)
        ops += self._scanner.finish()
        if self._scanner.error is not None:
            raise self._scanner.error
        if (self._strict and not self.complete) or (self._finds and not self._scanner.begun):
            raise self._scanner.cut()
        return ops

    def _decoded(self, chunk: bytes) -> str:
        if self._bytes is None:
            self._bytes = getincrementaldecoder("utf-8")()
        try:
            return self._bytes.decode(chunk)
        except UnicodeDecodeError as error:
            raise self._scanner.undecodable(error.object[: error.start].decode()) from error


class JSONStream(Reader):
    """The value of the JSON in a text that arrives in pieces, after each of them.

    `feed` a piece, and if it says that something can be seen that couldn't before, look at `snapshot()`. At the end
    `finish()` gives the value, which for right JSON is what `json.loads` gives. Takes the arguments of `Reader`.
    """

    __slots__ = ("_snapshots",)

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._snapshots = Snapshots()

    def push(self, chunk: str | bytes) -> bool:
        """Whether `chunk` changes what can be seen. Raises as `feed`."""
        if (
            self._finder is None and type(chunk) is str and not self._strict
        ):  # what happens at nearly every piece
            return self._add(self._scanner.feed(chunk))
        return self._add(self.feed(chunk))

    def close(self) -> bool:
        """Whether the end of the text changes what can be seen. Raises as `finish`."""
        return self._add(self.finish())

    def show(self) -> Any:
        """`snapshot`, under the name that all that can be streamed of a document goes by."""
        return self._snapshots.take()

    def snapshot(self) -> Any:
        """The value so far: UNREADABLE before it begins.

        It never changes while anybody holds it, or a part of it. Who drops it before the next but one is taken pays for
        what is new alone; who keeps it, for a copy of the containers that are still open. What is finished is shared
        between snapshots, and is not to be changed.
        """
        return self._snapshots.take()

    def _add(self, ops: list[Op]) -> bool:
        if not ops:
            return False
        self._snapshots.add(ops)
        return ops[0][0] < END or any(op[0] < END for op in ops)


def loads(text: str | bytes, **options: Any) -> Any:
    """The value of `text`, all at once. Takes the arguments of `Reader`.

    Raises:
        InvalidJSONError: as `Reader.finish`.
    """
    stream = JSONStream(**options)
    stream.push(text)
    stream.close()
    return stream.snapshot()
