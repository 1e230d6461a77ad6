"""Writes into guarantees.md, between the markers of each guarantee, the tests that carry its number.

python docs/list_tests.py
"""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "guarantees.md"
_MARKED = re.compile(r"(<!-- tests: G(\d+) -->\n).*?(<!-- end -->)", re.DOTALL)


def tests_of(number: int) -> dict[str, list[str]]:
    """The names of the tests that prove a guarantee, by file."""
    found = {}
    for path in sorted(ROOT.glob("tests/**/*.py")):
        if names := re.findall(
            rf"^\s*(?:async )?def (test_g{number:02}_\w+)", path.read_text(), re.MULTILINE
        ):
            found[path.relative_to(ROOT).as_posix()] = names
    return found


def with_tests(page: str) -> str:
    """The page with each of its lists as it should be."""

    def lines(match: re.Match[str]) -> str:
        listed = [
            f"- [{path}](../{path})\n" + "".join(f"  - `{name}`\n" for name in names)
            for path, names in tests_of(int(match[2])).items()
        ]
        return f"{match[1]}{''.join(listed)}{match[3]}"

    return _MARKED.sub(lines, page)


if __name__ == "__main__":
    PAGE.write_text(with_tests(PAGE.read_text()))
