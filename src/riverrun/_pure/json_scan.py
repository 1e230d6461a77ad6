"""What a piece of JSON text adds to the value: the scanner under everything that reads JSON while it arrives.

Text goes in, split anywhere; out come operations, which say what has changed and nothing of what is the same. Snapshots,
patches and completions are views of them, so each costs what the piece costs and not what has arrived before.
"""

from __future__ import annotations

import re
from json import JSONDecodeError, JSONDecoder
from typing import Any, Final, TypeAlias

from riverrun._pure.exceptions import InvalidJSONError
from riverrun._pure.json_escapes import before_unfinished_escape, has_end, may_be_escapes

__all__ = ["ADD", "BEGIN", "CLOSE", "END", "GROW", "MAX_DEPTH", "OPEN", "SHOW", "Op", "Scanner"]

Op: TypeAlias = list[Any]
"""`[kind, key, value]`: what happens under `key`, a name or an index, of the innermost open container.

The root stands under 0 of a list of its own. An operation is a list since what closes a container first fills it in.
"""

ADD: Final = 0  # a finished value, all of it
BEGIN: Final = 1  # the first of an unfinished string or number
GROW: Final = 2  # what an unfinished string grows by
SHOW: Final = 3  # what an unfinished number is now
OPEN: Final = 4  # an empty dict or list, told apart by `{` and `[`
END: Final = 5  # the finished string or number, which looks as it was shown last
CLOSE: Final = 6  # the innermost container is finished; whoever builds it first puts it here
# All below END can be seen.

MAX_DEPTH: Final = 1_000
"""How deep containers may be nested, unless the caller says otherwise."""

_VALUE, _ITEM, _KEY, _NAME, _COLON, _MORE, _STRING, _NUMBER, _DONE = range(9)
# Wanted: a value; a value or `]`; a name; a name or `}`; `:`; `,` or the end; inside a string; inside a number; nothing.
_WANTED = {
    _VALUE: "a value",
    _ITEM: "a value or ']'",
    _KEY: "a name in double quotes",
    _NAME: "a name in double quotes or '}'",
    _COLON: "':'",
}

# No possessive quantifiers: before Python 3.11.3 they lose their place inside a group (python/cpython#101955).
_space = re.compile(r"[ \t\n\r]+").match
_number_letters = re.compile(r"[-+.0-9eE]+").match
_number = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?").match
_number_so_far = re.compile(
    r"-?(?:(?:0|[1-9][0-9]*)(?:\.(?:[0-9]+(?:[eE](?:[-+]?[0-9]*)?)?)?|[eE](?:[-+]?[0-9]*)?)?)?"
).fullmatch
_control = re.compile(r"[\x00-\x1f]").search
_WORDS = {
    "true": True,
    "false": False,
    "null": None,
    "NaN": float("nan"),
    "Infinity": float("inf"),
    "-Infinity": float("-inf"),
}
_SHOWN_DIGITS = 100  # a longer number is shown when it has ended, since each look at it costs its length
_WORTH_A_TRY = 24  # characters from which on the C scanner is asked for a whole container


class Scanner:
    """Reads one JSON document, in pieces.

    Args:
        strings: whether unfinished strings are told, as `BEGIN` and `GROW`.
        numbers: whether unfinished numbers are told, as `BEGIN` and `SHOW`.
        control_characters: whether strings may hold line breaks and their kin, which the standard forbids.
        alone: whether anything but white space behind the document is an error.
        max_depth: how deep containers may be nested.
    """

    __slots__ = (
        "_alone",
        "_decoder",
        "_is_key",
        "_keys",
        "_kinds",
        "_line",
        "_line_start",
        "_max_depth",
        "_numbers",
        "_offset",
        "_pieces",
        "_rest",
        "_shown",
        "_state",
        "_strings",
        "error",
    )

    error: InvalidJSONError | None
    """What is wrong with the text, as soon as it is known. Nothing is read beyond it."""

    def __init__(
        self,
        *,
        strings: bool = True,
        numbers: bool = False,
        control_characters: bool = False,
        alone: bool = True,
        max_depth: int = MAX_DEPTH,
    ) -> None:
        self._strings, self._numbers, self._alone, self._max_depth = strings, numbers, alone, max_depth
        self._decoder: Any = _LENIENT if control_characters else _EXACT
        self._state = _VALUE
        self._keys: list[Any] = [0]
        self._kinds: list[str] = []
        self._rest = ""  # what can't be told yet: an unfinished escape or word, at most 12 characters
        self._pieces: list[str] = []  # of an unfinished string or number
        self._is_key = False
        self._shown: str | bool = False  # whether the unfinished string was told; the number as it was told
        self._offset, self._line, self._line_start = 0, 1, 0
        self.error = None

    @property
    def complete(self) -> bool:
        """Whether the document has ended."""
        return self._state == _DONE

    @property
    def begun(self) -> bool:
        """Whether there is something of the document, if only the beginning of a string or number."""
        return self._state != _VALUE or bool(self._kinds)

    def skip(self, text: str) -> None:
        """Count `text`, which stands before the document, in offsets and lines."""
        self._advance(text, len(text))

    def feed(self, text: str) -> list[Op]:
        """What `text` adds."""
        if self.error is not None:
            return []
        if self._rest:
            text = self._rest + text
        ops: list[Op] = []
        try:
            pos = self._scan(text, ops)
        except _Wrong as wrong:
            self.error = self._error(str(wrong), text, wrong.pos)
            return ops
        self._rest = text[pos:]
        if "\n" in text:
            self._advance(text, pos)
        else:
            self._offset += pos
        return ops

    def finish(self) -> list[Op]:
        """What the end of the text adds: a number that is the whole document ends with it. A cut document stays cut."""
        ops: list[Op] = []
        if self._state == _NUMBER and not self._kinds and self.error is None:
            digits = "".join(self._pieces)
            if digits[-1:] in _UNFINISHED:
                return ops
            try:
                self._end_number(digits, -len(digits), ops)
            except _Wrong as wrong:
                self.error = self._error(str(wrong), "", 0)
        return ops

    def cut(self) -> InvalidJSONError:
        """The error for a text that ends before the document does."""
        return self._error("the JSON ends before it is complete", self._rest, len(self._rest))

    def missing(self) -> InvalidJSONError:
        """The error for a text in which no JSON begins."""
        return self._error("there is no JSON in the text", "", 0)

    def undecodable(self, text: str) -> InvalidJSONError:
        """The error for bytes that are no UTF-8, which follow `text`."""
        text = self._rest + text
        return self._error("the bytes are no UTF-8", text, len(text))

    # ------------------------------------------------------------------------------------------------- the loop

    def _scan(self, text: str, ops: list[Op]) -> int:
        pos, end = 0, len(text)
        patience = 2 * end  # how many characters may be read in vain by the C scanner
        while pos < end:
            state = self._state
            if state == _STRING:
                pos = self._go_on_string(text, pos, ops)
                if self._state == _STRING:
                    return pos
                continue
            if state == _NUMBER:
                pos = self._go_on_number(text, pos, ops)
                continue
            mark = text[pos]
            if mark in " \n\r\t":
                pos = _space(text, pos).end()  # type: ignore[union-attr]  # it begins with a space
            elif state == _MORE:
                if mark == ",":
                    if self._kinds[-1] == "{":
                        self._state = _KEY
                    else:
                        self._keys[-1] += 1
                        self._state = _VALUE
                elif mark == _CLOSER[self._kinds[-1]]:
                    self._close(ops)
                else:
                    raise _Wrong(f"expected ',' or '{_CLOSER[self._kinds[-1]]}'", pos)
                pos += 1
            elif state <= _ITEM:
                if mark == '"':
                    self._begin_string(is_key=False)
                    pos += 1
                    if pos == end:  # even an empty beginning shows
                        self._go_on_string(text, pos, ops)
                elif mark in "{[":
                    if len(self._kinds) >= self._max_depth:
                        raise self._too_deep(pos)
                    if patience > 0 and end - pos >= _WORTH_A_TRY:
                        after = self._whole(text, pos, ops)
                        if after:
                            pos = after
                            continue
                        patience -= end - pos
                    self._open(mark, ops)
                    pos += 1
                elif mark == "]" and state == _ITEM:
                    self._close(ops)
                    pos += 1
                elif mark in "-0123456789" and not text.startswith("-I", pos):
                    if mark == "-" and pos + 1 == end:
                        return pos
                    self._state, self._shown = _NUMBER, False
                else:
                    after = self._word(text, pos, ops)
                    if not after:
                        return pos
                    pos = after
            elif state == _COLON:
                if mark != ":":
                    raise _Wrong("expected ':'", pos)
                self._state = _VALUE
                pos += 1
            elif state == _DONE:
                if not self._alone:
                    return end
                raise _Wrong("there is something behind the JSON", pos)
            elif mark == '"':
                self._begin_string(is_key=True)
                pos += 1
            elif mark == "}" and state == _NAME:
                self._close(ops)
                pos += 1
            else:
                raise _Wrong(f"expected {_WANTED[state]}", pos)
        return pos

    def _tell(self, kind: int, value: Any, ops: list[Op]) -> None:
        """A scalar or a whole container has ended."""
        ops.append([kind, self._keys[-1], value])
        self._state = _MORE if self._kinds else _DONE

    # ----------------------------------------------------------------------------------------------- containers

    def _open(self, mark: str, ops: list[Op]) -> None:
        ops.append([OPEN, self._keys[-1], mark])
        self._kinds.append(mark)
        is_dict = mark == "{"
        self._keys.append(None if is_dict else 0)
        self._state = _NAME if is_dict else _ITEM

    def _close(self, ops: list[Op]) -> None:
        self._kinds.pop()
        self._keys.pop()
        self._tell(CLOSE, None, ops)

    def _whole(self, text: str, pos: int, ops: list[Op]) -> int:
        """Where the container that begins here ends, if all of it is here and right; else 0, and the loop finds out why."""
        try:
            value, after = self._decoder.scan_once(text, pos)
        except (StopIteration, ValueError, RecursionError):
            return 0
        room = self._max_depth - len(self._kinds)
        if (after - pos) // 2 > room and _is_deeper(value, room):
            return 0
        self._tell(ADD, value, ops)
        return int(after)

    def _too_deep(self, pos: int) -> _Wrong:
        return _Wrong(f"nested deeper than {self._max_depth} levels", pos)

    # -------------------------------------------------------------------------------------------------- strings

    def _begin_string(self, is_key: bool) -> None:
        self._state, self._is_key, self._shown = _STRING, is_key, False

    def _go_on_string(self, text: str, pos: int, ops: list[Op]) -> int:
        if has_end(text, pos):
            try:
                piece, after = self._decoder.parse_string(text, pos, self._decoder.strict)
            except JSONDecodeError:  # what is wrong is found below
                pass
            else:
                self._end_string(piece, ops)
                return int(after)
        piece, after = self._string_so_far(text, pos)
        if piece:
            self._pieces.append(piece)
        if self._strings and not self._is_key:
            if not self._shown:
                self._shown = True
                ops.append([BEGIN, self._keys[-1], piece])
            elif piece:
                ops.append([GROW, self._keys[-1], piece])
        return after

    def _string_so_far(self, text: str, pos: int) -> tuple[str, int]:
        """What the rest of `text`, in which the string doesn't end, says for certain, and up to where."""
        if text.find("\\", pos) < 0:
            if self._decoder.strict and (control := _control(text, pos)):
                raise _Wrong("an unescaped control character in a string", control.start())
            return text[pos:], len(text)
        cut = before_unfinished_escape(text, pos)
        try:
            piece: str = self._decoder.parse_string(text[pos:cut] + '"', 0, self._decoder.strict)[0]
        except JSONDecodeError as error:
            at = pos + error.pos
            if error.msg.startswith("Invalid control"):
                raise _Wrong("an unescaped control character in a string", at) from None
            raise _Wrong("there is no such escape", text.rfind("\\", pos, at + 1)) from None
        if cut < len(text) and not may_be_escapes(text[cut:]):
            raise _Wrong("there is no such escape", cut)
        return piece, cut

    def _end_string(self, piece: str, ops: list[Op]) -> None:
        value = piece
        if self._pieces:
            self._pieces.append(piece)
            value = "".join(self._pieces)
            self._pieces = []
        if self._is_key:
            self._keys[-1] = value
            self._state = _COLON
        elif self._shown:
            if piece:
                ops.append([GROW, self._keys[-1], piece])
            self._tell(END, value, ops)
        else:
            self._tell(ADD, value, ops)

    # ------------------------------------------------------------------------------------------ numbers and words

    def _go_on_number(self, text: str, pos: int, ops: list[Op]) -> int:
        match = _number_letters(text, pos)
        after = match.end() if match else pos
        digits = text[pos:after]
        if after < len(text):
            if self._pieces:
                self._pieces.append(digits)
                digits = "".join(self._pieces)
            self._end_number(digits, after - len(digits), ops)
            return after
        self._pieces.append(digits)
        if len(self._pieces) > _SHOWN_DIGITS:
            return after
        digits = "".join(self._pieces)
        if len(digits) <= _SHOWN_DIGITS:
            self._pieces = [digits]
            if not _number_so_far(digits):
                raise _Wrong(f"{digits!r} is no number", after - len(digits))
            if self._numbers:
                self._show(digits, ops)
        return after

    def _show(self, digits: str, ops: list[Op]) -> None:
        if (match := _number(digits)) and match.group() != self._shown:
            ops.append([SHOW if self._shown else BEGIN, self._keys[-1], _number_of(match.group())])
            self._shown = match.group()

    def _end_number(self, digits: str, start: int, ops: list[Op]) -> None:
        match = _number(digits)
        if match is None or match.end() < len(digits):
            raise _Wrong(f"{_short(digits)!r} is no number", start)
        try:
            value = _number_of(digits)
        except ValueError:  # Python refuses to convert thousands of digits, which takes quadratic time
            raise _Wrong(f"a number of {len(digits)} digits is too long", start) from None
        self._pieces = []
        if self._shown and self._shown != digits:
            ops.append([SHOW, self._keys[-1], value])
        self._tell(END if self._shown else ADD, value, ops)

    def _word(self, text: str, pos: int, ops: list[Op]) -> int:
        """Where the word that begins here ends; 0 if more of it has to arrive."""
        for word, value in _WORDS.items():
            if text.startswith(word, pos):
                self._tell(ADD, value, ops)
                return pos + len(word)
            if len(text) - pos < len(word) and word.startswith(text[pos:]):
                return 0
        raise _Wrong(f"expected {_WANTED[self._state]}", pos)

    # -------------------------------------------------------------------------------------------- where we are

    def _advance(self, text: str, pos: int) -> None:
        newline = text.rfind("\n", 0, pos)
        if newline >= 0:
            self._line += text.count("\n", 0, pos)
            self._line_start = self._offset + newline + 1
        self._offset += pos

    def _error(self, problem: str, text: str, pos: int) -> InvalidJSONError:
        if pos > 0:
            self._advance(text, pos)
            pos = 0
        offset = max(self._offset + pos, 0)
        return InvalidJSONError(problem, offset, self._line, max(offset - self._line_start, 0) + 1)


_CLOSER = {"{": "}", "[": "]"}
_UNFINISHED = (".", "e", "E", "+", "-")  # what no number ends with
_EXACT, _LENIENT = JSONDecoder(), JSONDecoder(strict=False)


class _Wrong(Exception):
    """The text is no JSON, from `pos` on."""

    def __init__(self, problem: str, pos: int) -> None:
        super().__init__(problem)
        self.pos = pos


def _number_of(digits: str) -> int | float:
    return int(digits) if digits.lstrip("-").isdigit() else float(digits)


def _short(digits: str) -> str:
    return digits if len(digits) <= 40 else f"{digits[:40]}..."


def _is_deeper(value: Any, depth: int) -> bool:
    """Whether containers nest deeper in `value` than `depth`; level by level, so that no depth is too deep to be found."""
    level: list[Any] = [value]
    while level and depth >= 0:
        depth -= 1
        level = [
            child
            for parent in level
            for child in (parent.values() if type(parent) is dict else parent)
            if type(child) is dict or type(child) is list
        ]
    return depth < 0
