"""The architecture, checked with `ast`: who may import whom, and where the exceptions are allowed to stand."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "riverrun"

FLOORS = [
    ["_version", "_pure"],
    [
        "_backends.protocol",
        "_backends.drive",
        "_backends.channel",
        "_backends.workers",
        "_backends.within",
        "_backends.aio",
        "_backends.portal",
        "_backends.stream",
        "_backends.sync",
    ],
    [
        "_engine.limits",
        "_engine.config",
        "_engine.run",
        "_engine.stopping",
        "_engine.lanes",
        "_engine.weave",
        "_engine.adapt",
        "_engine.enter",
        "_engine.knot",
        "_engine.schema",
        "_engine.runnable",
        "_engine.serializable",
    ],
    ["runnables"],
    [
        "exceptions",
        "messages",
        "outputs",
        "prompt_values",
        "documents",
        "load",
        "utils",
        "callbacks",
        "caches",
        "globals",
        "stores",
        "rate_limiters",
        "chat_history",
        "runnables.history",
        "prompts",
        "output_parsers",
        "embeddings",
        "language_models",
        "retrievers",
        "vectorstores",
        "tools",
        "example_selectors",
        "indexing",
        "document_loaders",
        "chat_models",
    ],
    ["testing"],
]
"""From the ground up; within the floors of the engine and of the vocabulary, from left to right."""

PLACES = {name: (floor, place) for floor, names in enumerate(FLOORS) for place, name in enumerate(names)}
MODULES = sorted(SOURCE.rglob("*.py"))
ON_DEMAND = {
    "anyio",
    "httpx",
    "httpx2",
    "jinja2",
    "numpy",
    "openai",
    "pydantic",
    "pydantic_core",
    "typing_extensions",
    "yaml",
}
"""Third-party packages that may be imported where they are needed, inside a function."""

DOORS = {("runnables", "runnables.history")}
"""A package that names, for type checkers alone, what stands above it under its own path."""


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")


def place_of(module: str) -> tuple[int, int]:
    """Floor and place of a module or of the package it is in."""
    while module not in PLACES and "." in module:
        module = module.rpartition(".")[0]
    return (
        PLACES.get(module) or next(floor for floor in PLACES.items() if floor[0].startswith(f"{module}."))[1]
    )


def imports(tree: ast.AST) -> Iterator[tuple[str, bool]]:
    """Each imported module, and whether the import stands inside a function."""

    def walk(node: ast.AST, inside: bool) -> Iterator[tuple[str, bool]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                for alias in child.names:
                    yield alias.name, inside
            elif isinstance(child, ast.ImportFrom):
                assert child.level == 0, "relative import"
                yield child.module or "", inside
            yield from walk(child, inside or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef))

    yield from walk(tree, False)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_imports_only_from_lower_floors(path: Path) -> None:
    me = name_of(path)
    if me in ("__init__", "riverrun"):
        return  # the front door: it names what is inside
    floor, place = place_of(me)
    for imported, inside in imports(ast.parse(path.read_text())):
        root, _, rest = imported.partition(".")
        if root == "riverrun":
            assert rest, f"{me} imports the front door"
            if (me, rest) in DOORS:
                continue
            other_floor, other_place = place_of(rest)
            assert other_floor <= floor, f"{me} (floor {floor}) imports {rest} (floor {other_floor})"
            if other_floor == floor and floor in (1, 2, 4) and rest != me.rpartition(".")[0]:
                assert other_place <= place, f"{me} imports {rest}, which stands right of it"
            assert not inside, f"{me} imports {rest} inside a function"
        elif root in sys.stdlib_module_names:
            assert not inside, f"{me} imports {imported} inside a function"
            if root == "asyncio":
                assert me == "_backends.aio" or floor == 5, f"{me} imports asyncio"
        else:
            assert inside or floor >= 4 or me == "_engine.serializable", f"{me} imports {imported}"
            assert not inside or root in ON_DEMAND, f"{me} imports {imported} inside a function"


@pytest.mark.parametrize(
    "path", [p for p in MODULES if p.relative_to(SOURCE).parts[0] != "testing"], ids=name_of
)
def test_the_face_is_overridden_nowhere_in_the_library(path: Path) -> None:
    face = {"invoke", "ainvoke", "stream", "astream", "transform", "atransform", "batch", "abatch"}
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ClassDef) and name_of(path) != "_engine.runnable":
            own = {
                item.name for item in node.body if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)
            }
            assert not own & face, f"{node.name} overrides {own & face}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_says_why_it_exists(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text())), f"{name_of(path)} has no docstring"


@pytest.mark.parametrize("path", [p for p in MODULES if p.name == "__init__.py"], ids=name_of)
def test_exports_are_sorted_and_exist(path: Path) -> None:
    name = name_of(path)
    module = __import__("riverrun" if name == "__init__" else f"riverrun.{name}", fromlist=["*"])
    exported = getattr(module, "__all__", None)
    if exported is not None:
        by_style = sorted(exported, key=lambda name: (not name.isupper(), name))  # constants first
        assert list(exported) in (sorted(exported), by_style)
        assert [name for name in exported if not hasattr(module, name)] == []
