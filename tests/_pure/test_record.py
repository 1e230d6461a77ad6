"""Values that are their fields."""

from typing import ClassVar

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from riverrun._pure.exceptions import MessageError
from riverrun._pure.record import Record


class Point(Record):
    __slots__ = ("label", "tags", "x")
    _fields: ClassVar[tuple[str, ...]] = ("x", "label", "tags")
    _required: ClassVar[tuple[str, ...]] = ("x",)
    _schema: ClassVar[dict[str, dict[str, str]]] = {"x": {"type": "integer"}}

    def __init__(self, x: int, label: str | None = None, tags: list[object] | None = None) -> None:
        self.x = x
        self.label = label
        self.tags = tags


class Model(BaseModel):
    point: Point
    more: list[Point] = []


def test_shows_the_fields_that_are_set() -> None:
    assert repr(Point(1, tags=[2])) == "Point(x=1, tags=[2])"
    assert str(Point(1, "a")) == "x=1 label='a'"


def test_is_equal_by_its_fields_and_not_hashable() -> None:
    assert Point(1, "a") == Point(1, "a")
    assert Point(1, "a") != Point(1, "b")
    assert Point(1) != 1
    with pytest.raises(TypeError):
        hash(Point(1))


def test_dumps_what_was_asked_for() -> None:
    point = Point(1, tags=[Point(2)])
    assert point.model_dump() == {"x": 1, "label": None, "tags": [{"x": 2, "label": None, "tags": None}]}
    assert Point(0).model_dump(exclude_none=True) == {"x": 0}
    assert Point(0).model_dump(exclude_defaults=True) == {"x": 0}
    assert point.model_dump(include={"x", "label"}, exclude={"label"}) == {"x": 1}
    assert Point(1).model_dump(include=None, exclude=None) == {"x": 1, "label": None, "tags": None}
    assert Point(1).model_dump_json(exclude_none=True) == '{"x":1}'
    assert Point(1, tags=[{1}]).model_dump(mode="json")["tags"] == [[1]]


def test_copies_are_deep_on_demand() -> None:
    point = Point(1, tags=[[2], (3, [4])])
    assert point.model_copy(update={"x": 5}) == Point(5, tags=point.tags)
    assert point.model_copy().tags is point.tags
    deep = point.model_copy(deep=True)
    assert deep == point
    assert deep.tags is not None and point.tags is not None
    assert deep.tags[0] is not point.tags[0]
    assert deep.tags[1] is not point.tags[1]


def test_validates_dicts_and_json_and_says_what_is_wrong() -> None:
    point = Point(1)
    assert Point.model_validate(point) is point
    assert Point.model_validate({"x": 1}) == point
    assert Point.model_validate_json('{"x": 1}') == point
    for value, problem in [({"y": 1}, "no field 'y'"), ({}, "lacks the field 'x'"), (3, "not of int")]:
        with pytest.raises(MessageError, match=problem):
            Point.model_validate(value)
    with pytest.raises(MessageError, match="no JSON"):
        Point.model_validate_json("{")


def test_stands_in_pydantic_models() -> None:
    model = Model(point=Point(1), more=[{"x": 2}])  # type: ignore[list-item]  # pydantic reads it
    assert model.more == [Point(2)]
    assert model.model_dump() == {
        "point": {"x": 1, "label": None, "tags": None},
        "more": [{"x": 2, "label": None, "tags": None}],
    }
    assert Model.model_validate_json(model.model_dump_json()) == model
    with pytest.raises(ValidationError, match="Point is made of a dict"):
        Model(point=3)  # type: ignore[arg-type]  # that is the point


def test_has_a_json_schema() -> None:
    schema = TypeAdapter(Point).json_schema()
    assert schema["properties"]["x"] == {"type": "integer", "title": "X"}
    assert schema["required"] == ["x"]
    assert TypeAdapter(Point).json_schema(mode="serialization") == schema


def test_schemas_that_hold_it_refer_to_one_definition() -> None:
    class Line(BaseModel):
        start: Point
        end: Point | None = None

    schema = Line.model_json_schema()
    assert schema["properties"]["start"] == {"$ref": "#/$defs/Point"}
    assert schema["$defs"] == {"Point": Point.model_json_schema()}
