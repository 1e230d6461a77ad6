"""Docstrings in Google's style, as far as tools are described by them."""

from __future__ import annotations

import inspect
import re

ARGUMENTS = ("Args:", "Arguments:")
NOT_FOR_MODELS = (*ARGUMENTS, "Returns:", "Example:")
"""The sections that a description leaves out."""

_ENTRY = re.compile(r"\*{0,2}(\w+)\s*(?:\(.*?\))?\s*:\s*(.*)")


class Docstring:
    """A docstring, taken apart: what it says of the whole, and of each argument."""

    __slots__ = ("arguments", "description", "has_arguments")

    def __init__(self, text: str | None) -> None:
        """Source: https://google.github.io/styleguide/pyguide.html#383-functions-and-methods"""
        lines = inspect.cleandoc(text or "").splitlines()
        start = next((i for i, line in enumerate(lines) if line.rstrip() in ARGUMENTS), len(lines))
        self.has_arguments = start < len(lines)
        paragraphs = re.split(r"\n\s*\n", "\n".join(lines[:start]).strip())
        told = [part for part in paragraphs if not part.startswith(NOT_FOR_MODELS)]
        self.description = " ".join(told)
        section = []
        for line in lines[start + 1 :]:
            if line and not line[0].isspace():  # the next section
                break
            section.append(line)
        self.arguments = dict(_entries(section))


def _entries(lines: list[str]) -> list[tuple[str, str]]:
    margin = min((_indent(line) for line in lines if line.strip()), default=0)
    found: list[tuple[str, str]] = []
    for line in lines:
        if _indent(line) == margin and (match := _ENTRY.match(line.strip())):
            found.append((match[1], match[2].strip()))
        elif found and line.strip():
            name, said = found[-1]
            found[-1] = (name, f"{said} {line.strip()}".strip())
    return found


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
