"""Whether somebody types this."""

from __future__ import annotations

import sys

__all__ = ["is_interactive_env"]


def is_interactive_env() -> bool:
    """Whether the program is typed line by line, in a shell or a notebook."""
    return hasattr(sys, "ps2")
