"""Prompts show, and make, what langchain-core 1.8.1 does; what it showed is in `peer_prompts.json`."""

import ast
import json
from functools import cache
from typing import Any

import pytest

from prompts.peer_expressions import REPRS, TABLE, VALUES, names_of, schema_of

SHOWN = json.loads(TABLE.read_text())


@cache
def names() -> dict[str, Any]:
    return names_of("riverrun")


def same(ours: str, theirs: str) -> bool:
    try:  # the order of keys says nothing
        return bool(ast.literal_eval(ours) == ast.literal_eval(theirs))
    except (ValueError, SyntaxError):
        return ours == theirs


@pytest.mark.parametrize("expression", [*REPRS, *VALUES])
def test_prompts_show_what_the_peer_shows(expression: str) -> None:
    value = eval(expression, names())
    assert same(repr(value), SHOWN[expression]["repr"]), repr(value)
    if expression in REPRS and SHOWN[expression]["input_schema"] is not None:
        assert schema_of(value) == SHOWN[expression]["input_schema"]
