"""Text in the colours of a terminal (ECMA-48, SGR)."""

from __future__ import annotations

from itertools import cycle
from typing import TextIO

__all__ = ["get_bolded_text", "get_color_mapping", "get_colored_text", "print_text"]

_COLORS = {"blue": "36;1", "yellow": "33;1", "pink": "38;5;200", "green": "32;1", "red": "31;1"}


def get_color_mapping(items: list[str], excluded_colors: list[str] | None = None) -> dict[str, str]:
    """A colour for each item, by its name; when there are more items than colours they come again.

    Raises:
        ValueError: every colour is excluded.
    """
    colors = [color for color in _COLORS if color not in (excluded_colors or ())]
    if not colors:
        raise ValueError(f"every colour is excluded; there are {', '.join(_COLORS)}")
    return dict(zip(items, cycle(colors)))


def get_colored_text(text: str, color: str) -> str:
    """`text` in a colour: blue, yellow, pink, green or red.

    Raises:
        KeyError: there is no such colour.
    """
    if color not in _COLORS:
        raise KeyError(f"no colour is named {color!r}; there are {', '.join(_COLORS)}")
    return f"\033[{_COLORS[color]}m\033[1;3m{text}\033[0m"


def get_bolded_text(text: str) -> str:
    """`text` in bold."""
    return f"\033[1m{text}\033[0m"


def print_text(text: str, color: str | None = None, end: str = "", file: TextIO | None = None) -> None:
    """Print `text`, in a colour if one is named; to a file it is written at once."""
    print(get_colored_text(text, color) if color else text, end=end, file=file, flush=file is not None)
