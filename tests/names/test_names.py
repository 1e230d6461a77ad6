"""Porting is a change of imports: what langchain-core exports is here, at the same path, with the same parameters.

`peer.json` is the oracle, made once by `make_table.py`. What is not here, or otherwise, stands with its reason in the
tables under "Names" of docs/differences.md: `module.Name`, `module.Name.method`, `module.Name(parameter)`, `*` for anything.
"""

import inspect
import json
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

TABLE: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "peer.json").read_text())
VERSION = TABLE.pop("langchain_core")
DIFFERENCES = Path(__file__).parents[2] / "docs" / "differences.md"
MISSING = object()
POSITIONAL_ONLY = inspect.Parameter.POSITIONAL_ONLY
PLAIN = (type(None), bool, int, float, str, tuple, list, dict)


@cache
def excused() -> list[str]:
    """The names that docs/differences.md gives a reason for."""
    text = DIFFERENCES.read_text()
    section = text.partition("\n## Names\n")[2].partition("\n## ")[0]
    names = []
    for line in section.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `") and len(cells) >= 2 and cells[1]:
            names += re.findall(r"`([^`]+)`", cells[0])
    return names


def matches(problem: str, name: str) -> bool:
    where = problem.partition(": ")[0]
    return fnmatchcase(where, name) or fnmatchcase(where, f"{name}.*") or fnmatchcase(where, f"{name}(*)")


def signature_of(value: Any) -> inspect.Signature | None:
    try:
        return inspect.signature(value)
    except (TypeError, ValueError):
        return None


def differing(where: str, said: list[str], value: Any) -> Iterator[str]:
    """In what the parameters of `value` differ from `said`, so that a call written for the peer would fail or do otherwise."""
    signature = signature_of(value)
    if signature is None:
        yield f"{where}: has no signature"
        return
    ours = signature.parameters
    takes_more = any(p.kind is p.VAR_KEYWORD for p in ours.values())
    by_position = [p.name for p in ours.values() if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    theirs, positional, place = set(), True, 0
    for parameter in said:
        if parameter == "/":
            continue
        if parameter.startswith("**"):
            if not takes_more:
                yield f"{where}({parameter}): takes no more keywords"
            continue
        if parameter.startswith("*"):
            positional = False
            if parameter != "*" and not any(p.kind is p.VAR_POSITIONAL for p in ours.values()):
                yield f"{where}({parameter}): takes no more positions"
            continue
        name, _, default = parameter.partition("=")
        theirs.add(name)
        own = ours.get(name)
        if own is None and positional and place < len(by_position):
            own = ours[by_position[place]] if ours[by_position[place]].kind is POSITIONAL_ONLY else None
            name = own.name if own else name
            theirs.add(name)
        if own is None or own.kind is own.VAR_POSITIONAL:
            yield f"{where}({name}): is not there"
            continue
        if positional:
            if place >= len(by_position) or by_position[place] != name:
                yield f"{where}({name}): stands at another position"
            place += 1
        if not default and own.default is not own.empty:
            continue  # more lenient
        if default and own.default is own.empty:
            yield f"{where}({name}): is required"
        elif default not in ("", "...") and type(own.default) in PLAIN and repr(own.default) != default:
            yield f"{where}({name}): has the default {own.default!r}, not {default}"
    for name, own in ours.items():
        if (
            name not in theirs
            and own.default is own.empty
            and own.kind not in (own.VAR_KEYWORD, own.VAR_POSITIONAL)
        ):
            yield f"{where}({name}): is required, and not the peer's"


def fields_of(cls: Any) -> set[str]:
    """What instances of a class have, as far as the class says so."""
    declared = {name for base in cls.__mro__ for name in inspect.get_annotations(base)}
    return {*declared, *getattr(cls, "_fields", ())}


def found(path: str, name: str) -> Any:
    try:
        return getattr(import_module(f"riverrun.{path}"), name, MISSING)
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("riverrun"):
            raise
        return MISSING


def problems_of(path: str, name: str) -> Iterator[str]:
    """In what a name differs from the peer's, each as `where: what`."""
    said, where = TABLE[path][name], f"{path}.{name}"
    value = found(path, name)
    if value is MISSING:
        yield f"{where}: is not there"
        return
    if (home := said.get("from")) is not None:
        at_home = found(home, name)
        if name in TABLE[home] and at_home is not MISSING and value is not at_home:
            yield f"{where}: is another than that of {home}"
        return
    if "keys" in said:
        keys = getattr(value, "__annotations__", {})
        for key in said["keys"]:
            if key not in keys:
                yield f"{where}.{key}: is not there"
    if said.get("parameters") is not None:
        # `*args` of a class is how pydantic's signature looks: it takes keywords alone.
        yield from differing(where, ["*" if p == "*args" else p for p in said["parameters"]], value)
    for method, parameters in said.get("methods", {}).items():
        inner = f"{where}.{method}"
        if not hasattr(value, method) and method not in fields_of(value):
            yield f"{inner}: is not there"
        elif parameters is not None and callable(getattr(value, method, None)):
            yield from differing(inner, parameters, getattr(value, method))


NAMES = [(path, name) for path, names in TABLE.items() for name in names]


@pytest.mark.parametrize(("path", "name"), NAMES, ids=[f"{path}.{name}" for path, name in NAMES])
def test_a_name_of_the_peer_is_here_or_excused(path: str, name: str) -> None:
    problems = [p for p in problems_of(path, name) if not any(matches(p, excuse) for excuse in excused())]
    assert not problems, "\n".join(["", *problems])


def test_every_excuse_is_needed() -> None:
    problems = [problem for path, name in NAMES for problem in problems_of(path, name)]
    stale = [excuse for excuse in excused() if not any(matches(problem, excuse) for problem in problems)]
    assert not stale
