"""`JsonOutputParser`: the JSON in what a model says, while it says it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Literal

from pydantic import SkipValidation, model_validator

from riverrun._engine.run import Run
from riverrun._pure.exceptions import InvalidJSONError
from riverrun._pure.later import later
from riverrun._pure.partial_json import UNREADABLE
from riverrun.output_parsers._answer import Answer, opened, streamed, whole
from riverrun.output_parsers.base import is_own
from riverrun.output_parsers.transform import BaseCumulativeTransformOutputParser
from riverrun.outputs import ChatGeneration, Generation
from riverrun.utils.json import parse_and_check_json_markdown, parse_partial_json
from riverrun.utils.pydantic import model_json_schema

if TYPE_CHECKING:
    from riverrun.output_parsers.json_path import JsonPathParser

__all__ = [
    "JsonOutputParser",
    "SimpleJsonOutputParser",
    "parse_and_check_json_markdown",
    "parse_partial_json",
]


class JsonOutputParser(BaseCumulativeTransformOutputParser[Any]):
    """A step from messages, or strings, to the JSON value that they hold, as far as it has arrived.

    The value may be of any kind. It may stand behind a sentence or in a block of code, and be followed by text. A piece of
    the answer costs what is new in it, however much has arrived, if its reader drops what it has read; so what is streamed
    shares its finished parts, and is not to be changed. An answer that is cut short gives what has arrived of it.

    Raises:
        InvalidJSONError: the answer holds no JSON, or wrong JSON; it says where, and is an OutputParserException. While
            streaming it comes at the end of the answer.
        ModelRefusalError: the model declined to answer.
        InputError: the input is neither a message nor a string.
    """

    pydantic_object: SkipValidation[type[Any]] | None = None
    """The pydantic model whose schema `get_format_instructions` shows. The answer is not validated."""

    emit: Literal["partials", "values", "items"] = "partials"
    """What to stream: the value as received; what of it is complete, without unfinished strings and numbers; or lists of the
    items that have just become complete, of an answer that is a list."""

    @model_validator(mode="after")
    def _check(self) -> JsonOutputParser:
        if self.diff and self.emit == "items":
            raise ValueError(
                "diff tells what changes in a value, emit='items' streams no value: give one of them"
            )
        return self

    def parse(self, text: str) -> Any:
        """The value of the JSON in `text`."""
        return self.parse_result([Generation(text=text)])

    def parse_result(self, result: list[Generation], *, partial: bool = False) -> Any:
        """The value of the JSON in the text of the first of `result`.

        Args:
            result: candidates of one answer.
            partial: whether the answer is still arriving: the value is as far as it is known, or None, and nothing is wrong.
        """
        first = result[0]
        if not partial:
            return self._read(first.message if isinstance(first, ChatGeneration) else first.text)
        stream = self._opened()
        stream.push(first.text)
        try:
            stream.close()
        except InvalidJSONError:
            pass  # it may be wrong from some place on: what stands before counts
        value = stream.show()
        return None if value is UNREADABLE else value

    def get_format_instructions(self) -> str:
        """What to tell a model, so that it answers with JSON alone: of the schema of `pydantic_object`, if that is given."""
        if self.pydantic_object is None:
            return "Return a JSON object."
        return _INSTRUCTIONS.replace(
            "SCHEMA", json.dumps(_schema_of(self.pydantic_object), ensure_ascii=False)
        )

    def paths(
        self, expression: str, *, with_path: bool = False, as_text: bool = False, early_stop: bool = False
    ) -> JsonPathParser:
        """A parser that streams what has just become complete under a path such as `countries[*].name`, as lists.

        Args:
            expression: names, `[index]`, `[*]` and `..` as in RFC 9535; a leading `$.` may be left out.
            with_path: pairs of a path, as a tuple of names and indexes, and a value.
            as_text: in place of lists, the characters of the strings that the path leads to, as they arrive.
            early_stop: end, and close what is upstream, as soon as nothing more can come. What follows is not read.

        Raises:
            PathError: the path can't be followed while JSON arrives. It is a ValueError.
        """
        kind: type[JsonPathParser] = later("output_parsers.json_path", "JsonPathParser")
        return kind(expression=expression, with_path=with_path, as_text=as_text, early_stop=early_stop)

    @property
    def _type(self) -> str:
        return "simple_json_output_parser"

    def _opened(self, diff: bool = False) -> Any:
        kind = "ItemStream" if self.emit == "items" else "PatchStream" if diff else "JSONStream"
        options = (
            {}
            if self.emit == "items"
            else {"strings": self.emit == "partials", "numbers": self.emit == "partials"}
        )
        return opened(kind, **options)

    def _read(self, x: Any) -> Any:
        """The value of a whole answer."""
        answer, stream = Answer(self), self._opened()
        text = answer.text_of(x)
        if self.emit != "items":
            stream.push(text)
            answer.end(stream)
            return stream.show()
        items = list(stream.show()) if stream.push(text) else []
        return [*items, *stream.show()] if answer.end(stream) else items

    def _is_plain(self) -> bool:
        return type(self) is JsonOutputParser or not is_own(self, *_OWN)

    async def _call_kernel(self, x: Any, run: Run) -> Any:
        if not self._is_plain():
            return await super()._call_kernel(x, run)
        return await whole(self._read, x, run)

    def _flow_kernel(self, xs: Any, run: Run) -> AsyncIterator[Any]:
        if not self._is_plain():
            return super()._flow_kernel(xs, run)
        nothing: Any = [] if self.emit == "items" else None
        return streamed(xs, run, Answer(self), self._opened(self.diff), nothing)


SimpleJsonOutputParser = JsonOutputParser
"""The same, under its older name."""


def _schema_of(model: Any) -> dict[str, Any]:
    """The schema of a model, without what says only that it is an object of that name."""
    schema = dict(model_json_schema(model))
    return {key: value for key, value in schema.items() if key not in ("title", "type")}


_OWN = ("parse", "aparse", "parse_result", "aparse_result", "_transform", "_atransform", "_diff")
"""What an author overrides who wants something else than the value."""

_INSTRUCTIONS = """\
Answer with one JSON value that conforms to the JSON schema below, and with nothing else:
- Write no words before or behind it: no introduction, explanation, heading or separator.
- Do not wrap it in Markdown or a code fence (no ``` and no ```json).
- It must be a single top-level value of the kind that the schema asks for, without trailing commas or comments.

For example, for the schema {"properties": {"foo": {"title": "Foo", "description": "a list of strings", "type": "array", \
"items": {"type": "string"}}}, "required": ["foo"]} the object {"foo": ["bar", "baz"]} conforms to it, \
and the object {"properties": {"foo": ["bar", "baz"]}} does not.

This is the schema. It stands in a code block for you to read; your answer must not:
```
SCHEMA
```"""
