"""Where the JSON begins in what a model says: after a sentence, in a block of code, or at once."""

from __future__ import annotations

import re

__all__ = ["Finder"]

_HELD = 400
"""At most so many characters are held back for a decision; what is still open then is prose."""

_mark = re.compile(r"[\[{]|```").search
_fence = re.compile("```").search
_half_fence = re.compile(r"`{1,2}\Z").search
_tag = re.compile(r"[ \t]*([\w+#./-]*)\s*").match
_in_object = re.compile(r"""\{\s*["}]""").match
_in_list = re.compile(
    r"""\[\s*(?:[\[{"]|(?:-?[0-9][-+.0-9eE]*|true|false|null)\s*(?P<next>[,\]])|(?P<empty>\]))"""
).match
_may_be_object = re.compile(r"\{\s*").fullmatch
_may_be_list = re.compile(r"\[\s*(?:(?:-?[0-9]?[-+.0-9eE]*|[truefalsn]{1,5})\s*)?").fullmatch
_scalar = re.compile(
    r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|true|false|null|NaN|-?Infinity"
).fullmatch
_word = re.compile(r"([-+.\w]*)[ \t\r]*").match
_space = re.compile(r"\s*").match
_JSON_TAGS = ("", "json", "jsonc", "json5", "jsonl", "ndjson")

_START, _PROSE, _OPENING, _BLOCK, _OTHER = range(5)
# At the beginning; in prose; behind a fence; in a block that says it is JSON, or nothing; in a block of something else.


class Finder:
    """Looks for the beginning of the JSON, in pieces of text.

    At the beginning of the text, and of a block of code that doesn't say it is something else, a `{`, `[` or `"` is one.
    Elsewhere `{` and `[` are, with what JSON may have behind them. A number or a word alone on the first line, `[1]`
    and `[]` in a sentence are what the text says only if nothing else follows: they are found at the end.
    """

    __slots__ = ("_fallback", "_held", "_place", "skipped")

    skipped: str
    """What stands before the JSON, in the last piece and in what was held back, for those who count lines."""

    def __init__(self) -> None:
        self._place = _START
        self._held = ""
        self._fallback: str | None = None
        self.skipped = ""

    def feed(self, text: str) -> str | None:
        """The beginning of the JSON, and what of `text` stands behind it; None as long as there is none."""
        if self._held:
            text = self._held + text
        at = self._find(text)
        if at < 0:
            self.skipped, self._held = text[: -at - 1], text[-at - 1 :]
            return None
        self.skipped, self._held = text[:at], ""
        return text[at:]

    def finish(self) -> str | None:
        """The JSON that only the end of the text makes one; None if there is none."""
        self.skipped, held = "", self._held.strip()
        if self._place == _START and _scalar(held):
            return held
        if self._place == _OPENING:
            name, start = _tag_of(self._held)
            alone = self._held[start:].strip(" \t\r\n`")
            if name in _JSON_TAGS and _scalar(alone):
                return alone
        elif _may_be_object(held) or _may_be_list(held):
            return held
        return self._fallback

    def _find(self, text: str) -> int:
        """Where the JSON begins; or -1 - n, if all but the first n characters are to be held back."""
        pos = 0
        while True:
            place = self._place
            if place in (_START, _OPENING):
                if place == _START:
                    pos = _end_of_space(text, pos)
                window = text[pos : pos + _HELD]
                name, start = _tag_of(window) if place == _OPENING else ("", 0)
                begins = self._begins(window, start, name)
                if begins:
                    return pos + start
                if begins is None and len(window) < _HELD:
                    return -1 - pos
                self._place = _PROSE if place == _START else _BLOCK if name in _JSON_TAGS else _OTHER
                pos += start
                continue
            match = (_fence if place == _OTHER else _mark)(text, pos)
            if match is None:
                half = _half_fence(text, pos)
                return -1 - (half.start() if half else len(text))
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

    def _begins(self, window: str, start: int, name: str) -> bool | None:
        """Whether the text, or a block tagged `name`, begins with JSON at `start`; None if more has to arrive for an answer."""
        if start == len(window):
            return None
        if name not in _JSON_TAGS:
            return self._candidate(window, start) if window[start] in "{[" else False
        if window[start] in '{["':
            return True
        word = _word(window, start)
        assert word is not None  # it may be empty
        behind = window[word.end() :]
        if len(behind) < 3 and "```".startswith(behind):
            return None
        if not _scalar(word[1]) or not behind.startswith(("\n", "```")):
            return False
        if self._place == _OPENING:
            behind = behind.lstrip()
            if behind.startswith("```"):
                return True
            if "```".startswith(behind):
                return None
        self._fallback = self._fallback or word[1]
        return False

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


def _tag_of(window: str) -> tuple[str, int]:
    """What a block of code says it is, in small letters, and where it begins. `true` is no language, but what stands in it."""
    match = _tag(window)
    assert match is not None  # it may be empty
    name = match[1].lower()
    return ("", match.start(1)) if _scalar(match[1]) else (name, match.end())


def _end_of_space(text: str, pos: int) -> int:
    match = _space(text, pos)
    assert match is not None  # it may be empty
    return match.end()
