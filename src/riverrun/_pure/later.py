"""The one knot of the vocabulary: what stands right of a module, found when it is first needed.

`message + message` is a chat prompt, and prompts are made of messages. What a package offers and few programs use is found so
too, so that importing the package doesn't cost it. The names that are asked for here are written in the
code that asks; none ever comes from data.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__all__ = ["later"]


def later(module: str, name: str) -> Any:
    """`name` of `module`, a module of this package, which is imported if nobody has done that yet."""
    return getattr(import_module(f"riverrun.{module}"), name)
