"""References in a JSON Schema, and what stands in their place."""

from collections.abc import Callable
from typing import Any

import pytest

from growth import assert_linear
from riverrun.utils.json_schema import dereference_refs

STRING = {"type": "string"}


@pytest.mark.parametrize(
    ("schema", "resolved"),
    [
        ({"$defs": {"A": STRING}, "p": {"$ref": "#/$defs/A"}}, STRING),
        ({"$defs": {"A": {"$ref": "#/$defs/B"}, "B": STRING}, "p": {"$ref": "#/$defs/A"}}, STRING),
        ({"x": [STRING], "p": {"$ref": "#/x/0"}}, STRING),
        ({"$defs": {"1": STRING}, "p": {"$ref": "#/$defs/1"}}, STRING),
        ({"$defs": {"a/b~": STRING}, "p": {"$ref": "#/$defs/a~1b~0"}}, STRING),
        ({"$defs": {"A": {"title": "A"}}, "p": {"$ref": "#/$defs/A", "title": "P"}}, {"title": "P"}),
        ({"p": {"anyOf": [{"$ref": "#/q"}, 1]}, "q": STRING}, {"anyOf": [STRING, 1]}),
        ({"p": {"$ref": "#/p"}}, {}),
        ({"type": "object", "p": {"$ref": "#"}}, {"type": "object", "p": {}}),
        ({"p": {"properties": {"$ref": STRING}}}, {"properties": {"$ref": STRING}}),
    ],
)
def test_a_reference_stands_for_what_it_points_to(schema: dict[str, Any], resolved: Any) -> None:
    assert dereference_refs(schema)["p"] == resolved


def test_a_cycle_ends_where_it_comes_back() -> None:
    schema = {
        "$defs": {"A": {"b": {"$ref": "#/$defs/B"}}, "B": {"a": {"$ref": "#/$defs/A"}}},
        "p": {"$ref": "#/$defs/A"},
        "q": {"$ref": "#/$defs/B"},
    }
    found = dereference_refs(schema)
    assert (found["p"], found["q"]) == ({"b": {"a": {}}}, {"a": {"b": {}}})
    assert found["$defs"] == schema["$defs"]


def test_keys_can_be_left_as_they_are() -> None:
    schema = {"$defs": {"A": STRING}, "p": {"$ref": "#/$defs/A"}, "q": {"$ref": "#/$defs/A"}}
    assert dereference_refs(schema, skip_keys=["p"]) == {**schema, "q": STRING}
    assert dereference_refs({"p": {"$ref": "#/d"}}, full_schema={"d": STRING}) == {"p": STRING}


@pytest.mark.parametrize(
    ("ref", "kind"),
    [
        ("#/nowhere", KeyError),
        ("#/p/$ref/x", KeyError),
        ("#/x/7", KeyError),
        ("http://x", ValueError),
        ("x", ValueError),
    ],
)
def test_a_reference_to_nothing_is_an_error(ref: str, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        dereference_refs({"p": {"$ref": ref}, "x": [1]})


def test_g05_references_that_share_parts_cost_as_much_as_there_are_parts() -> None:
    def doubling(depth: int) -> Callable[[], Any]:
        defs: dict[str, Any] = {
            f"L{i}": {"left": {"$ref": f"#/$defs/L{i + 1}"}, "right": {"$ref": f"#/$defs/L{i + 1}"}}
            for i in range(depth)
        }
        schema = {"$defs": {**defs, f"L{depth}": STRING}, "p": {"$ref": "#/$defs/L0"}}
        return lambda: dereference_refs(schema)

    assert_linear(doubling, 20)


def test_types_that_all_refer_to_each_other_are_resolved_in_bounded_time() -> None:
    names = [f"T{i}" for i in range(12)]
    schema = {
        "$defs": {name: {other: {"$ref": f"#/$defs/{other}"} for other in names} for name in names},
        "p": {"$ref": "#/$defs/T0"},
    }
    assert dereference_refs(schema)["p"]["T1"]["T0"] == {}
