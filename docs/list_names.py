"""Writes into porting.md, between the markers, the names of langchain-core's packages and where they are here.

python docs/list_names.py
"""

import json
import re
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "porting.md"
TABLE = ROOT / "tests" / "names" / "peer.json"
_MARKED = re.compile(r"(<!-- names -->\n).*?(<!-- end -->)", re.DOTALL)


def row(package: str, exported: Iterable[str]) -> str:
    """Of the names that the peer exports from a package, those that are here, and those that aren't."""
    try:
        module = import_module(f"riverrun.{package}")
        place = f"`riverrun.{package}`"
    except ModuleNotFoundError:
        module, place = None, package
    there = [f"`{name}`" for name in exported if hasattr(module, name)]
    missing = [f"`{name}`" for name in exported if not hasattr(module, name)]
    return f"| {place} | {', '.join(there)} | {', '.join(missing)} |"


def with_names(page: str) -> str:
    """The page with its table as it should be."""
    lines = ["| module | there | not there |", "| --- | --- | --- |"]
    names = json.loads(TABLE.read_text())
    lines += [row(path, names[path]) for path in names if path != "langchain_core" and "." not in path]
    table = "\n".join(lines)
    return _MARKED.sub(lambda match: f"{match[1]}{table}\n{match[2]}", page)


if __name__ == "__main__":
    PAGE.write_text(with_names(PAGE.read_text()))
