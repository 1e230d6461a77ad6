"""Where the JSON begins in what a model says: after a sentence, in a block of code, or at once."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["Finder"]

_HELD = 400
"""At most so many characters are held back for a decision; what is still open then is prose."""

_mark = re.compile(r"[\[{]|```").search
_fence = re.compile("```").search
_half_fence = re.compile("`{1,2}$").search
_tag = re.compile(r"[ \t]*([\w+#./-]*)\s*").match
_in_object = re.compile(r"""\{\s*["}]""").match
_in_list = re.compile(
    r"""\[\s*(?:[\[{"]|(?:-?[0-9][-+.0-9eE]*|true|false|null)\s*(?P<next>[,\]])|(?P<empty>\]))"""
).match
_may_be_object = re.compile(r"\{\s*").fullmatch
_may_be_list = re.compile(r"\[\s*(?:(?:-?[0-9]?[-+.0-9eE]*|[truefalsn]{1,5})\s*)?").fullmatch
_SCALAR = r"-?[0-9][-+.0-9eE]*|true|false|null|NaN|-?Infinity"
_scalar = re.compile(rf"(?:{_SCALAR})(?=\s*(?:\n|```|$))").match
_may_be_scalar = re.compile(r"\s*[-+.\w]+[ \t\r]*").fullmatch
_JSON_TAGS = ("", "json", "jsonc", "json5", "jsonl", "ndjson")

_START, _PROSE, _OPENING, _BLOCK, _OTHER = range(5)
# At the beginning; in prose; behind a fence; in a block that says it is JSON, or nothing; in a block of something else.


class Finder:
    """Looks for the beginning of the JSON, in pieces of text.

    At the beginning of the text, and of a block of code that doesn't say it is something else, a `{`, `[` or `"` is one.
    Elsewhere `{` and `[` are, with what JSON may have behind them. A number or a word alone on the first line, `[1]`
    and `[]` in a sentence are what the text says only if nothing else follows: they are found at the end.
    """

    __slots__ = ("_fallback", "_held", "_offset", "_place", "_tag", "skipped")

    skipped: str
    """What stands before the JSON, in the last piece and in what was held back, for those who count lines."""

    def __init__(self) -> None:
        self._place = _START
        self._held = ""
        self._tag = ""
        self._fallback: str | None = None
        self.skipped = ""

    def feed(self, text: str) -> str | None:
        """The beginning of the JSON, and what of `text` stands behind it; None as long as there is none."""
        if self._held:
            text = self._held + text
        at = self._find(text)
        if at < 0:
            held = -at - 1
            if len(text) - held > _HELD:
                held = self._give_up(text, held)
            self.skipped, self._held = text[:held], text[held:]
            return None
        self.skipped, self._held = text[:at], ""
        return text[at:]

    def finish(self) -> str | None:
        """The JSON that only the end of the text makes one; None if there is none."""
        held = self._held.strip()
        self.skipped = ""
        if self._place == _START and _scalar(held):
            return held
        if self._place in (_OPENING, _BLOCK) and _scalar(held) and self._fallback is None:
            return held
        if held[:1] in ("{", "[") and (_may_be_object(held) or _may_be_list(held)):
            return held
        return self._fallback

    def _give_up(self, text: str, held: int) -> int:
        """Take for prose what was held back for too long, and go on behind it."""
        self._place = _PROSE if self._place in (_START, _OPENING) else self._place
        return len(text) - len(_tail(text))

    def _find(self, text: str) -> int:
        """Where the JSON begins; or -1 - n, if all but the first n characters are to be held back."""
        pos, end = 0, len(text)
        while True:
            place = self._place
            if place in (_START, _OPENING):
                first = pos
                if place == _OPENING:
                    tag = _tag(text, pos)
                    assert tag is not None  # it may be empty
                    first, name = tag.end(), tag[1].lower()
                    if first < end and _scalar(text, tag.start(1)) and name not in _JSON_TAGS:
                        first, name = tag.start(1), ""
                else:
                    first, name = _skip_space(text, pos), ""
                if first == end:
                    return -1 - pos
                is_json = name in _JSON_TAGS
                if text[first] in '{["' and is_json:
                    return first
                if is_json and text[first] not in '{["`':
                    if _may_be_scalar(text, first):
                        return -1 - pos
                    if scalar := _scalar(text, first):
                        if place == _OPENING and text.startswith("```", _skip_space(text, scalar.end())):
                            return first
                        self._fallback = self._fallback or scalar[0]
                if place == _OPENING and text[first] == "`" and end - first < 3:
                    return -1 - pos
                if place == _OPENING:
                    if not is_json and text[first] in "{[":
                        found = self._candidate(text, first)
                        if found is None:
                            return -1 - pos
                        if found:
                            return first
                    self._place = _BLOCK if is_json else _OTHER
                else:
                    self._place = _PROSE
                pos = first
                continue
            match = (_fence if place == _OTHER else _mark)(text, pos)
            if match is None:
                return -1 - max(pos, end - len(_tail(text)))
            at = match.start()
            if match[0] == "```":
                self._place = _OPENING if place == _PROSE else _PROSE
                pos = match.end()
                continue
            found = self._candidate(text, at)
            if found is None:
                return -1 - at
            if found:
                return at
            pos = at + 1

    def _candidate(self, text: str, at: int) -> bool | None:
        """Whether the bracket at `at` begins JSON; None if more has to arrive for an answer."""
        window = text[at : at + _HELD]
        if window[0] == "{":
            if _in_object(window):
                return True
            return None if _may_be_object(window) and len(window) < _HELD else False
        if match := _in_list(window):
            if match["next"] == "]" or match["empty"]:
                self._fallback = self._fallback or match[0]
                return False
            return True
        return None if _may_be_list(window) and len(window) < _HELD else False


_NO_TAIL: Final = ""


def _tail(text: str) -> str:
    match = _half_fence(text)
    return match[0] if match else _NO_TAIL


def _skip_space(text: str, pos: int) -> int:
    return len(text) - len(text[pos:].lstrip())
