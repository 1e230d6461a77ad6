"""JSON that models write: unfinished, or wrapped in Markdown."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from json import JSONDecodeError
from typing import Any

from riverrun._pure.exceptions import OutputParserException
from riverrun._pure.partial_json import UNREADABLE, parse_partial

__all__ = ["parse_and_check_json_markdown", "parse_json_markdown", "parse_partial_json"]


def parse_partial_json(s: str, *, strict: bool = False) -> Any:
    """The JSON value that `s` is, or the beginning of: as far as it is certain, without unfinished numbers and literals.

    Unless `strict`, strings may have line breaks in them. What follows the value is passed over.

    Raises:
        JSONDecodeError: `s` is neither, with the offset from which it isn't, or nested too deeply. It is a ValueError.
    """
    try:
        return json.loads(s, strict=strict)
    except JSONDecodeError as error:
        if not _may_go_on(s, error):
            raise
        problem = error
    except RecursionError:
        problem = JSONDecodeError("nested too deeply", s, 0)
    except ValueError as error:  # a number of thousands of digits
        raise JSONDecodeError(str(error), s, 0) from None
    value = parse_partial(s)
    if value is UNREADABLE:
        raise problem
    return value


def _may_go_on(s: str, error: JSONDecodeError) -> bool:
    """Whether `s` was right as far as it goes, or has a whole value that something follows."""
    rest = s[error.pos :].rstrip()
    if not rest or error.msg.startswith(("Extra data", "Unterminated string")):
        return True
    if error.msg.startswith("Expecting value"):
        return any(word.startswith(rest) for word in _WORDS)
    if error.msg.startswith("Invalid \\"):
        return re.fullmatch(_ESCAPE, s[s.rfind("\\", 0, error.pos + 1) :]) is not None
    return re.fullmatch(_NUMBER, rest) is not None and s[error.pos - 1].isdigit()


_WORDS = ("true", "false", "null", "-")
_ESCAPE = r"\\(u[0-9a-fA-F]{0,4})?"
_NUMBER = r"\.|[eE][+-]?"
"""What may follow the digits of a number that goes on."""


def parse_json_markdown(json_string: str, *, parser: Callable[[str], Any] = parse_partial_json) -> Any:
    """What `parser` makes of the JSON in a text: of all of it, or if that is none, of what stands in its block of code.

    That is the first block that says it is JSON, else the first. It may lack its end.

    Raises:
        JSONDecodeError: `parser` can make nothing of either. It is a ValueError.
    """
    try:
        return parser(json_string)
    except JSONDecodeError:
        return parser(_block_of(json_string))


def _block_of(text: str) -> str:
    start, opening = text.lower().find("```json"), len("```json")
    if start < 0:
        start, opening = text.find("```"), len("```")
    return (text if start < 0 else text[start + opening :]).strip(" \n\r\t`")


def parse_and_check_json_markdown(text: str, expected_keys: list[str]) -> dict[str, Any]:
    """The JSON object in a text, read as `parse_json_markdown` does, which must have these keys.

    Raises:
        OutputParserException: there is no JSON, or no object, or it lacks a key. It is a ValueError.
    """
    try:
        value = parse_json_markdown(text)
    except JSONDecodeError as error:
        raise OutputParserException(f"the answer is no JSON: {error}", llm_output=text) from error
    if not isinstance(value, dict):
        raise OutputParserException(
            f"the answer is to be a JSON object, not a {type(value).__name__}", llm_output=text
        )
    for key in expected_keys:
        if key not in value:
            raise OutputParserException(
                f"the answer lacks the key {key!r}; it has {list(value)}", llm_output=text
            )
    return value
