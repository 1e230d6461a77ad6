"""f-string templates that can do one thing only: put named values between literal parts.

`str.format` walks attributes and indexes, nests fields in format specs and pads to any width, so a template that comes from
outside can read a process's secrets or eat its memory. Here a field is a plain identifier, and what a template compiles to
has no means to do more: formatting is a join of literals and values, and a value is never parsed again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from riverrun._pure.exceptions import MissingVariableError, TemplateError
from riverrun._pure.slips import meant

MAX_WIDTH = 1_000
"""The largest width or precision that a format spec may ask for, in characters or digits."""

# The first alternative that fits wins and none looks back, so the scan is linear in the template.
_TOKEN = re.compile(r"\{\{|\}\}|\{[^{}]*\}|[{}]")
_FIELD = re.compile(r"([^!:]*)(?:!([^:]*))?(?::(.*))?", re.DOTALL)
_NUMBER = re.compile(r"\d+")
_CONVERSIONS: dict[str, Callable[[Any], str]] = {"r": repr, "s": str, "a": ascii}


class Template:
    """An f-string template, parsed once.

    `{name}`, `{name!r}`, `{name:>10}` and `{name!s:.3}` are fields, `{{` and `}}` are literal braces. Formatting costs a
    list copy and a join. Copies and pickles carry the source only and are parsed, and refused, anew.

    Raises:
        TemplateError: unbalanced braces, a field that is no plain identifier (attribute, index, positional), a nested
            field, an unknown conversion, or a width or precision above `MAX_WIDTH`. The message names the offset.
    """

    __slots__ = ("_literals", "_plain", "_shaped", "fields", "source")

    source: str
    fields: tuple[str, ...]
    """The names of the fields, each once, in the order they first occur."""

    def __init__(self, source: str) -> None:
        literals: list[str] = []  # one entry per literal and an empty one for each field, to be filled in
        plain: list[tuple[int, str]] = []
        shaped: list[tuple[int, str, Callable[[Any], str] | None, str]] = []
        names: dict[str, None] = {}
        literal: list[str] = []
        end = 0
        for token in _TOKEN.finditer(source):
            start, text = token.start(), token.group()
            literal.append(source[end:start])
            end = token.end()
            if text == "{{" or text == "}}":
                literal.append(text[0])
            elif len(text) == 1:
                raise _unbalanced(source, start)
            else:
                name, convert, spec = _field(text, start)
                names[name] = None
                if before := "".join(literal):
                    literals.append(before)
                literal.clear()
                if convert is None and not spec:
                    plain.append((len(literals), name))
                else:
                    shaped.append((len(literals), name, convert, spec))
                literals.append("")
        literal.append(source[end:])
        literals.append("".join(literal))
        self.source = source
        self._literals = literals
        self._plain = tuple(plain)
        self._shaped = tuple(shaped)
        self.fields = tuple(names)

    def format(self, values: Mapping[str, Any], /) -> str:
        """The text with each field replaced by its value, as `format(value, spec)` writes it; other values are ignored.

        Raises:
            MissingVariableError: a field has no value; the message names all that are missing and those that were given.
        """
        parts = self._literals.copy()
        try:
            for index, name in self._plain:
                value = values[name]
                parts[index] = value if type(value) is str else format(value)
            for index, name, convert, spec in self._shaped:
                parts[index] = _shape(values[name], name, convert, spec)
        except KeyError:
            if missing := [name for name in self.fields if name not in values]:
                raise missing_variables("the template", missing, self.fields, values) from None
            raise  # out of a value's own __format__
        return "".join(parts)

    def __eq__(self, other: object) -> bool:
        return self.source == other.source if isinstance(other, Template) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.source)

    def __reduce__(self) -> tuple[type[Template], tuple[str]]:
        return type(self), (self.source,)

    def __repr__(self) -> str:
        return f"Template({self.source!r})"


def missing_variables(
    owner: str,
    missing: Iterable[str],
    expected: Iterable[str],
    given: Iterable[Any],
    of_messages: Collection[str] = (),
) -> MissingVariableError:
    """The error that says which variables `owner` lacks, which it expects and which it was given.

    Args:
        of_messages: those that stand for messages, not for text.
    """
    missing, expected, given = list(missing), list(expected), list(given)
    name = missing[0]
    slip = meant(name, [each for each in given if isinstance(each, str) and each not in expected])
    if slip is not None:
        hint = f"Is {slip!r} a slip of {name!r}?"
    elif name in of_messages:
        hint = f"Give it {name}=[], or write MessagesPlaceholder({name!r}, optional=True)."
    else:
        hint = f"If {{{name}}} is meant as text and not as a variable, double its braces: {{{{{name}}}}}."
    return MissingVariableError(
        f"{owner} is missing variables {missing}: it expects {expected} and was given {given}. {hint}"
    )


def _field(text: str, offset: int) -> tuple[str, Callable[[Any], str] | None, str]:
    match = _FIELD.fullmatch(text, 1, len(text) - 1)
    assert match is not None  # every part of the pattern may be empty
    name, conversion, spec = match.groups()
    if not name.isidentifier():
        raise _refused(text, offset, _fault(name))
    if conversion is not None and conversion not in _CONVERSIONS:
        raise _refused(text, offset, "asks for a conversion that is not !r, !s or !a")
    # Every run of digits counts, also in a spec of a type's own. Length first: int() refuses thousands of digits.
    if spec and any(len(run) > 4 or int(run) > MAX_WIDTH for run in _NUMBER.findall(spec)):
        raise _refused(text, offset, f"has a width or precision above {MAX_WIDTH:,}")
    return name, _CONVERSIONS[conversion] if conversion else None, spec or ""


def _refused(text: str, offset: int, fault: str) -> TemplateError:
    shown = text if len(text) <= 40 else f"{text[:40]}..."
    return TemplateError(f"the field {shown!r} at offset {offset} {fault}")


def _fault(name: str) -> str:
    if not name or name.isdigit():
        return "is positional; fields have names (for a literal brace write '{{' or '}}')"
    if "." in name or "[" in name:
        return "reaches into its value; attributes and indexes are not allowed, pass the part that is meant"
    return "is no plain identifier (for a literal brace write '{{' or '}}')"


def _unbalanced(source: str, offset: int) -> TemplateError:
    if source[offset] == "}":
        return TemplateError(f"the '}}' at offset {offset} closes nothing; for a literal brace write '}}}}'")
    nested = source.find("{", offset + 1)
    if nested == -1:
        return TemplateError(f"the '{{' at offset {offset} is never closed; for a literal brace write '{{{{'")
    return TemplateError(
        f"the '{{' at offset {offset} opens a field and another '{{' stands in it at offset {nested}; fields don't nest "
        "(for a literal brace write '{{')"
    )


def _shape(value: Any, name: str, convert: Callable[[Any], str] | None, spec: str) -> str:
    try:
        return format(value if convert is None else convert(value), spec)
    except (TypeError, ValueError) as error:
        error.add_note(f"in the field {name!r} of the template, with the format spec {spec!r}")
        raise
