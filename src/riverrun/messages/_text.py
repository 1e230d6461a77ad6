"""The text of content, and how messages are laid out for people."""

from __future__ import annotations

from typing import Any

from riverrun.messages._fields import Content

__all__ = ["Text", "TextAccessor", "get_msg_title_repr", "text_of"]


class Text(str):
    """The text of a message. It may also be called, for programs written when `text` was a method."""

    __slots__ = ()

    def __new__(cls, value: str) -> Text:
        return str.__new__(cls, value)

    def __call__(self) -> str:
        return str(self)


TextAccessor = Text


def text_of(content: Content) -> Text:
    """All of the text in `content`: that of its strings and its text blocks."""
    if isinstance(content, str):
        return Text(content)
    return Text("".join(map(_text_of, content)))


def _text_of(block: str | dict[str, Any]) -> str:
    if isinstance(block, str):
        return block
    text = block.get("text") if block.get("type") == "text" else None
    return text if isinstance(text, str) else ""


def get_msg_title_repr(title: str, *, bold: bool = False) -> str:
    """`title` in the middle of a line of `=`, 80 wide; a bold one is so in a terminal only."""
    left, odd = divmod(80 - len(title) - 2, 2)
    shown = f"\033[1m {title} \033[0m" if bold else f" {title} "
    return "=" * left + shown + "=" * (left + odd)
