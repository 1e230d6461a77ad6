"""Helpers for models of both versions of pydantic."""

from typing import Any

import pydantic.v1
import pytest
from pydantic import BaseModel, RootModel, ValidationError

from riverrun.utils.pydantic import (
    create_model,
    create_model_v2,
    get_fields,
    get_pydantic_major_version,
    is_basemodel_instance,
    is_basemodel_subclass,
    is_pydantic_v1_subclass,
    is_pydantic_v2_subclass,
    model_json_schema,
    model_validate,
    pre_init,
)


class New(BaseModel):
    a: int


class Old(pydantic.v1.BaseModel):
    a: int


@pytest.mark.parametrize(
    ("model", "new", "old"), [(New, True, False), (Old, False, True), (int, False, False), (5, False, False)]
)
def test_models_of_both_versions_are_told_apart(model: Any, new: bool, old: bool) -> None:
    assert (is_pydantic_v2_subclass(model), is_pydantic_v1_subclass(model)) == (new, old)
    assert is_basemodel_subclass(model) is (new or old)
    assert is_basemodel_instance(model) is False
    if new or old:
        assert is_basemodel_instance(model(a=1))
        assert list(get_fields(model)) == list(get_fields(model(a=1))) == ["a"]
        assert model_json_schema(model)["properties"] == {"a": {"title": "A", "type": "integer"}}
        assert model_validate(model, {"a": "1"}) == model(a=1)
        with pytest.raises((ValidationError, pydantic.v1.ValidationError)):
            model_validate(model, {})
    else:
        with pytest.raises(TypeError, match="pydantic model"):
            get_fields(model)


def test_a_model_may_have_fields_of_any_name() -> None:
    model: Any = create_model("M", a=int, _b=(int, ...), schema=(str, "x"))
    assert model(a=1, _b=2).model_dump(by_alias=True) == {"a": 1, "_b": 2, "schema": "x"}
    assert model.__name__ == "M"
    assert issubclass(create_model_v2("R", root=(int, 4)), RootModel)
    assert create_model("R", __root__=list[int])([1]).root == [1]  # type: ignore[attr-defined, call-arg]
    with pytest.raises(NotImplementedError, match="wraps one type"):
        create_model_v2("R", root=int, field_definitions={"a": (int, 1)})


def test_a_method_may_see_what_an_instance_is_made_of_before_it_is_checked() -> None:
    class Settled(BaseModel):
        a: int = 3
        b: int | None = None

        @pre_init
        def settle(cls, values: dict[str, Any]) -> dict[str, Any]:
            return {**values, "b": values["a"] + 1}

    assert Settled().b == 4
    assert Settled(a=7).b == 8


def test_the_version_of_pydantic_is_known() -> None:
    assert get_pydantic_major_version() == 2
