"""Settings from arguments and the environment; versions and modules of other packages."""

import datetime
import sys
from importlib.metadata import PackageNotFoundError
from typing import Any

import pytest
from pydantic import BaseModel, Field, SecretStr

import riverrun.utils as utils
from riverrun.exceptions import MissingExtraError, MissingKeyError
from riverrun.utils.env import env_var_is_set, get_from_dict_or_env, get_from_env
from riverrun.utils.utils import (
    build_extra_kwargs,
    check_package_version,
    convert_to_secret_str,
    ensure_id,
    from_env,
    get_pydantic_field_names,
    guard_import,
    mock_now,
    raise_for_status_with_text,
    secret_from_env,
    xor_args,
)


@pytest.fixture(autouse=True)
def variables(monkeypatch: Any) -> None:
    monkeypatch.setenv("RIVER", "deep")
    monkeypatch.setenv("EMPTY", "")
    monkeypatch.delenv("NOBODY", raising=False)


@pytest.mark.parametrize(
    ("value", "is_set"),
    [
        ("", False),
        ("0", False),
        ("false", False),
        ("False", False),
        ("FALSE", True),
        ("no", True),
        ("1", True),
    ],
)
def test_a_variable_says_yes_or_no(value: str, is_set: bool, monkeypatch: Any) -> None:
    monkeypatch.setenv("FLAG", value)
    assert env_var_is_set("FLAG") is is_set
    assert not env_var_is_set("NOBODY")


def test_a_setting_is_passed_or_stands_in_the_environment() -> None:
    assert get_from_dict_or_env({"key": 1}, "key", "RIVER") == "1"
    assert get_from_dict_or_env({"key": ""}, "key", "RIVER") == "deep"
    assert get_from_dict_or_env({"b": 2}, ["a", "b"], "NOBODY") == "2"
    assert get_from_env("key", "RIVER") == "deep"
    assert get_from_env("key", "NOBODY", "") == ""
    assert get_from_env("key", "EMPTY", "else") == "else"
    for get in (
        lambda: get_from_env("key", "NOBODY"),
        lambda: get_from_dict_or_env({}, ["key", "b"], "EMPTY"),
    ):
        with pytest.raises(MissingKeyError, match=r"key is needed: .* (NOBODY|EMPTY)") as caught:
            get()
        assert isinstance(caught.value, ValueError)


def test_a_field_takes_its_default_from_the_environment() -> None:
    class Model(BaseModel):
        river: str = Field(default_factory=from_env("RIVER"))
        secret: SecretStr = Field(default_factory=secret_from_env(["NOBODY", "RIVER"]))
        name: str | None = Field(default_factory=from_env("NOBODY", default=None))

    model = Model()
    assert (model.river, model.secret.get_secret_value(), model.name) == ("deep", "deep", None)
    assert "deep" not in repr(model.secret)


def test_a_variable_that_is_not_set_has_a_default_or_is_an_error() -> None:
    assert from_env("EMPTY")() == ""
    assert from_env("NOBODY", default="d")() == "d"
    assert secret_from_env("NOBODY", default=None)() is None
    assert secret_from_env("NOBODY", default="d")().get_secret_value() == "d"
    with pytest.raises(ValueError, match="NOBODY or NEMO"):
        from_env(["NOBODY", "NEMO"])()
    with pytest.raises(ValueError, match=r"^in my words$"):
        secret_from_env("NOBODY", error_message="in my words")()


def test_secrets_are_not_shown() -> None:
    secret = convert_to_secret_str("hush")
    assert "hush" not in repr(secret)
    assert convert_to_secret_str(secret) is secret


def test_fields_go_by_their_names_and_aliases() -> None:
    class Model(BaseModel):
        a: int
        b: int = Field(1, alias="bb")

    assert get_pydantic_field_names(Model) == {"a", "b", "bb"}


def test_what_is_no_field_becomes_an_extra_argument() -> None:
    values = {"a": 1, "b": 2}
    with pytest.warns(UserWarning, match="'b' is no field"):
        assert build_extra_kwargs({"c": 3}, values, {"a"}) == {"c": 3, "b": 2}
    assert values == {"a": 1}
    with pytest.raises(ValueError, match="'b' is given twice"):
        build_extra_kwargs({"b": 3}, {"b": 2}, {"a"})
    with pytest.raises(ValueError, match=r"\['a'\] are fields"):
        build_extra_kwargs({"a": 3}, {}, {"a"})


def test_exactly_one_of_a_group_is_wanted() -> None:
    class Thing:
        @xor_args(("a", "b"), ("c",))
        def method(self, a: Any = None, b: Any = None, c: Any = None) -> Any:
            """Its own words."""
            return a, b, c

    assert Thing().method(a=1, c=2) == (1, None, 2)
    assert Thing.method.__doc__ == "Its own words."
    for wrong in ({"a": 1, "b": 1, "c": 1}, {"a": 1}, {}, {"a": None, "c": 1}):
        with pytest.raises(ValueError, match="exactly one of"):
            Thing().method(**wrong)


def test_a_module_that_is_missing_says_what_to_install() -> None:
    assert guard_import("json") is sys.modules["json"]
    assert guard_import(".decoder", package="json") is sys.modules["json.decoder"]
    with pytest.raises(MissingExtraError, match="pip install no-such"):
        guard_import("no_such.module")
    with pytest.raises(ImportError, match="pip install other"):
        guard_import("no_such", pip_name="other")


@pytest.mark.parametrize(
    ("installed", "bounds", "fits"),
    [
        ("1.10.0", {"gt_version": "1.9"}, True),
        ("1.10", {"gte_version": "1.10.0", "lte_version": "1.10.0.0"}, True),
        ("1.10", {"lt_version": "1.10"}, False),
        ("2.0rc1", {"lt_version": "2.0"}, True),
        ("2.0rc1", {"gt_version": "2.0b9"}, True),
        ("2.0.dev3", {"lt_version": "2.0a1"}, True),
        ("2.0.post1", {"gt_version": "2.0"}, True),
        ("2.0+local", {"lte_version": "2.0"}, True),
        ("2.0", {"gt_version": "2.0"}, False),
    ],
)
def test_versions_compare(installed: str, bounds: dict[str, str], fits: bool, monkeypatch: Any) -> None:
    monkeypatch.setattr(sys.modules["riverrun.utils.utils"], "version", lambda package: installed)
    if fits:
        check_package_version("thing", **bounds)
    else:
        with pytest.raises(ValueError, match="thing is installed in version"):
            check_package_version("thing", **bounds)


def test_a_package_that_is_not_installed_is_an_import_error() -> None:
    with pytest.raises(PackageNotFoundError):
        check_package_version("no-such-package", gte_version="1")
    with pytest.raises(ValueError, match="no version"):
        check_package_version("pydantic", gte_version="new")


def test_a_failed_response_says_what_the_server_said() -> None:
    class Response:
        text = "no such page"

        def raise_for_status(self) -> None:
            raise OSError("404")

    with pytest.raises(ValueError, match=r"^no such page$") as caught:
        raise_for_status_with_text(Response())
    assert isinstance(caught.value.__cause__, OSError)


def test_a_moment_may_be_made_to_last() -> None:
    moment = datetime.datetime(2000, 1, 2, 3, 4, 5, 6)
    real = datetime.datetime
    with pytest.raises(OSError), mock_now(moment):
        assert datetime.datetime.now() == moment
        assert isinstance(datetime.datetime.now(), real)
        raise OSError
    assert datetime.datetime is real


def test_an_id_is_made_where_there_is_none() -> None:
    assert ensure_id("x") == "x"
    assert ensure_id(None).startswith("lc_")
    assert ensure_id(None) != ensure_id(None)


def test_every_name_of_the_package_is_there() -> None:
    assert all(getattr(utils, name) is not None for name in utils.__all__)
    assert dir(utils) == utils.__all__
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = utils.nothing
