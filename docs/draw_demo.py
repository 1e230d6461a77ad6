"""Draws docs/images/demo.svg: what scripts/demo prints, token by token, at the pace at which it was printed.

python docs/draw_demo.py     (needs `rich`, which riverrun does not)
"""

import io
import os
import re
import subprocess
import time
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from typing import NamedTuple

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).parents[1]
COLUMN = 12.2
"""The width of a character in the picture, as rich sets it."""
PAUSE = 4.0
"""Seconds that the whole answer is shown before it begins again."""


class Piece(NamedTuple):
    """What was printed at one moment, in seconds from the start."""

    moment: float
    text: str
    style: str


def printed() -> list[Piece]:
    """What the demo prints without a key; its notes, on the error stream, are dim."""
    quiet = {name: value for name, value in os.environ.items() if not name.startswith("OPENAI_")}
    pieces = [Piece(0.0, "$ scripts/demo\n", "bold")]
    with (
        subprocess.Popen([ROOT / "scripts/demo"], stdout=-1, stderr=-1, env=quiet, bufsize=0) as demo,
        DefaultSelector() as selector,
    ):
        assert demo.stdout is not None and demo.stderr is not None
        began = time.monotonic()
        selector.register(demo.stdout, EVENT_READ, "")
        selector.register(demo.stderr, EVENT_READ, "dim")
        while selector.get_map():
            for key, _ in selector.select():
                if text := os.read(key.fd, 65536).decode():
                    pieces.append(Piece(time.monotonic() - began, text, key.data))
                else:
                    selector.unregister(key.fileobj)
    assert demo.returncode == 0
    return pieces


def drawn(pieces: list[Piece]) -> str:
    """The pieces in a terminal's window, as rich draws it, in whatever monospaced font there is."""
    text = "".join(piece.text for piece in pieces)
    longest = max(map(len, text.split("\n")))  # a line that were broken would not be one line of `growths`
    console = Console(record=True, width=longest, file=io.StringIO())
    console.print(
        Text.assemble(*((piece.text, piece.style) for piece in pieces))
    )  # ends with an empty line: the last has no clip
    picture = console.export_svg(title="riverrun", unique_id="demo")
    return re.sub(r"\s*@font-face \{.*?\}", "", picture, flags=re.DOTALL)


def animated(picture: str, pieces: list[Piece]) -> str:
    """The picture with each line as long as it was at each moment. Who can't animate shows the whole."""
    total = pieces[-1].moment + PAUSE
    for number, growth in enumerate(growths(pieces)):
        if len(growth) == 1 or growth[-1][0] == 0:
            continue
        moments = ";".join(f"{moment / total:.4f}" for moment, _ in growth)
        widths = ";".join(f"{columns * COLUMN:.1f}" for _, columns in growth)
        grow = (
            f'<animate attributeName="width" calcMode="discrete" dur="{total:.2f}s" repeatCount="indefinite" '
            f'keyTimes="{moments}" values="{widths}"/>'
        )
        clip = rf'(<clipPath id="demo-line-{number}">\s*<rect [^>]*)/>'
        picture, found = re.subn(clip, rf"\1>{grow}</rect>", picture)
        assert found == 1, f"rich draws line {number} in a way that is not known here"
    return picture


def growths(pieces: list[Piece]) -> list[list[tuple[float, int]]]:
    """For each line, at which moments it had how many characters."""
    lines = [[(0.0, 0)]]
    for piece in pieces:
        first, *rest = piece.text.split("\n")
        if first:
            lines[-1].append((piece.moment, lines[-1][-1][1] + len(first)))
        lines.extend([(0.0, 0), (piece.moment, len(text))] if text else [(0.0, 0)] for text in rest)
    return lines


if __name__ == "__main__":
    shown = printed()
    (ROOT / "docs/images/demo.svg").write_text(animated(drawn(shown), shown))
