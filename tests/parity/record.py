"""Runs every program on langchain-core and writes down what it prints: the oracle of `test_parity.py`.

Run by an interpreter that has langchain-core (`bench/peer_env` makes one):

    .venv-peer/bin/python tests/parity/record.py [program ...]

The programs here are written for langchain-core; those in examples/ are written for riverrun, and run on it with their
imports changed back.
"""

from __future__ import annotations

import io
import re
import sys
import warnings
from contextlib import redirect_stdout
from pathlib import Path

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples"
NEEDS_MORE = re.compile(r"riverrun\.(testing|chat_models|events|serve|agents)\b")
"""What langchain-core alone has nothing for."""

ROOTS = re.compile(r"\b(langchain_core|riverrun)\b(?=[.\s])")
MASKS = [
    (re.compile(r"\b(langchain_core|riverrun)\b"), "ROOT"),
    (re.compile(r"(?<![0-9a-z])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "UUID"),
    (re.compile(r"0x[0-9a-f]{6,}"), "ADDRESS"),
    (re.compile(r"\b\d+\.\d+\.\d+\b"), "VERSION"),
    # Differences on purpose: a repr shows what is set, and blocks have the ids that somebody gave them.
    (re.compile(r", (tool_calls|invalid_tool_calls|tool_call_chunks)=\[\]"), ""),
    (re.compile(r"'id': 'lc_UUID', "), ""),
]


def programs() -> list[Path]:
    """Those written for the peer, and the examples that need nothing that it doesn't have."""
    examples = [path for path in sorted(EXAMPLES.glob("*.py")) if not NEEDS_MORE.search(path.read_text())]
    return [*sorted((HERE / "programs").glob("*.py")), *examples]


def recording_of(program: Path) -> Path:
    return HERE / "recorded" / f"{program.stem}.txt"


def printed_by(program: Path, root: str) -> str:
    """What a program prints with its imports from `root`, without what differs from run to run."""
    source = ROOTS.sub(root, program.read_text())
    out = io.StringIO()
    with redirect_stdout(out):
        exec(compile(source, str(program), "exec", dont_inherit=True), {"__name__": "__main__"})
    text = out.getvalue()
    for pattern, name in MASKS:
        text = pattern.sub(name, text)
    return text


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    for program in programs():
        if not sys.argv[1:] or program.stem in sys.argv[1:]:
            recording_of(program).write_text(printed_by(program, "langchain_core"))
            print(program.stem)
